"""Trains an MLP that predicts the progression of diabetes (scikit-learn's data, 10 measurements) and exports it."""

import sys
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_diabetes
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
from torch import nn

folder = Path(__file__).resolve().parent
sys.path.append(str(folder.parent))
import common


class DiabetesMlp(nn.Module):
    """Predicts in the target's own units: its mean and deviation over the training split are constants of the graph."""

    def __init__(self, mean: float, deviation: float) -> None:
        super().__init__()
        self.hidden1 = nn.Linear(10, 32)
        self.hidden2 = nn.Linear(32, 16)
        self.last = nn.Linear(16, 1)
        self.mean, self.deviation = mean, deviation

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        # The features have norm 1 over the data set, so a deviation of 1/√442.
        x = torch.tanh(self.hidden1(features * 21))
        x = torch.tanh(self.hidden2(x))
        return self.last(x) * self.deviation + self.mean


common.seed(7)
data = load_diabetes()
train_rows, test_rows, train_targets, test_targets = train_test_split(
    data.data.astype(np.float32), data.target.astype(np.float32), test_size=110, random_state=7
)
mean, deviation = float(train_targets.mean()), float(train_targets.std())

network = DiabetesMlp(mean, deviation)
common.train(
    network,
    torch.from_numpy(train_rows),
    torch.from_numpy(train_targets)[:, None],
    lambda output, target: nn.functional.mse_loss(output, target) / deviation**2,
    epochs=40,
    batch=32,
    rate=2e-3,
    decay=1e-1,
)

common.export(network, folder, torch.from_numpy(train_rows[:2]), "features", "progression")
common.write_samples(folder, "features", common.extremes(train_rows))
common.write_test(folder, "features", test_rows, targets=common.numbers(test_targets))
predicted = common.run(folder, test_rows)[:, 0]
error = np.abs(predicted - test_targets).mean()
print(
    f"parameters {sum(p.numel() for p in network.parameters())}, "
    f"R² {r2_score(test_targets, predicted):.4f}, mean absolute error {error:.2f} on {len(test_targets)}"
)
