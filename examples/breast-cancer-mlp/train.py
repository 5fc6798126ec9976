"""Trains an MLP on scikit-learn's breast cancer diagnosis data (30 measurements, 2 classes) and exports it."""

import sys
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn

folder = Path(__file__).resolve().parent
sys.path.append(str(folder.parent))
import common

common.seed(7)
data = load_breast_cancer()
train_rows, test_rows, train_labels, test_labels = train_test_split(
    data.data, data.target, test_size=171, random_state=7, stratify=data.target
)
scaler = StandardScaler().fit(train_rows)
train_rows = scaler.transform(train_rows).astype(np.float32)
test_rows = scaler.transform(test_rows).astype(np.float32)

network = nn.Sequential(nn.Linear(30, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 2))
common.train(
    network,
    torch.from_numpy(train_rows),
    torch.from_numpy(train_labels),
    nn.CrossEntropyLoss(label_smoothing=0.05),
    epochs=60,
    batch=32,
    rate=3e-3,
    decay=5e-2,
)

common.export(network, folder, torch.from_numpy(train_rows[:2]), "features", "logits")
common.write_samples(folder, "features", common.extremes(train_rows))
common.write_test(folder, "features", test_rows, labels=test_labels.tolist(), names=data.target_names.tolist())
features = [
    {"name": str(name), "mean": float(f"{mean:.7g}"), "deviation": float(f"{deviation:.7g}")}
    for name, mean, deviation in zip(data.feature_names, scaler.mean_, scaler.scale_)
]
common.write_json(folder / "features.json", features, per_line=True)
accuracy = (common.run(folder, test_rows).argmax(1) == test_labels).mean()
print(f"parameters {sum(p.numel() for p in network.parameters())}, test accuracy {accuracy:.4f} on {len(test_labels)}")
