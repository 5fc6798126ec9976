"""Trains a small CNN on scikit-learn's handwritten digits (8×8, intensities 0..16) and exports it."""

import sys
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

folder = Path(__file__).resolve().parent
sys.path.append(str(folder.parent))
import common


class DigitsCnn(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.dense1 = nn.Linear(32 * 4 * 4, 64)
        self.dense2 = nn.Linear(64, 10)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.conv1(image / 16))
        x = self.pool(torch.relu(self.conv2(x)))
        x = torch.relu(self.dense1(torch.flatten(x, 1)))
        return self.dense2(x)


def shifted(images: torch.Tensor) -> torch.Tensor:
    """Each image and its four neighbours one pixel away."""
    moves = [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)]
    return torch.cat([torch.roll(images, move, (2, 3)) for move in moves])


common.seed(7)
digits = load_digits()
images = digits.images[:, None].astype(np.float32)
train_images, test_images, train_labels, test_labels = train_test_split(
    images, digits.target, test_size=360, random_state=7, stratify=digits.target
)

network = DigitsCnn()
common.train(
    network,
    shifted(torch.from_numpy(train_images)),
    torch.from_numpy(train_labels).repeat(5),
    nn.CrossEntropyLoss(),
    epochs=15,
    batch=64,
    rate=2e-3,
    decay=1e-2,
)

common.export(network, folder, torch.from_numpy(train_images[:2]), "image", "logits")
common.write_samples(folder, "image", train_images[:32])
common.write_test(folder, "image", test_images, labels=test_labels.tolist(), names=[str(d) for d in range(10)])
accuracy = (common.run(folder, test_images).argmax(1) == test_labels).mean()
print(f"parameters {sum(p.numel() for p in network.parameters())}, test accuracy {accuracy:.4f} on {len(test_labels)}")
