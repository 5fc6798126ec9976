"""Trains two models on scikit-learn's handwritten digits and exports them: an autoencoder's first half, which never
sees a label, and a classifier of its embeddings, which never sees an image."""

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

FEATURES = 24
SAMPLES = 64


class Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 16, 3, stride=2, padding=1)
        self.dense = nn.Linear(16 * 4 * 4, FEATURES)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.conv1(image / 16))
        x = torch.relu(self.conv2(x))
        return self.dense(torch.flatten(x, 1))


common.seed(7)
digits = load_digits()
images = digits.images[:, None].astype(np.float32)
train_images, test_images, train_labels, test_labels = train_test_split(
    images, digits.target, test_size=360, random_state=7, stratify=digits.target
)

encoder = Encoder()
decoder = nn.Sequential(nn.Linear(FEATURES, 128), nn.ReLU(), nn.Linear(128, 64), nn.Unflatten(1, (1, 8, 8)))
inputs = torch.from_numpy(train_images)
common.train(
    nn.Sequential(encoder, decoder), inputs, inputs / 16, nn.MSELoss(), epochs=60, batch=64, rate=2e-3, decay=1e-3
)
common.export(encoder, folder / "encoder", inputs[:2], "image", "embedding")

# From here on the encoder is what was exported: somebody else's model, given as a file.
embed = lambda images: common.run(folder / "encoder", images)
embeddings = embed(train_images)
classifier = nn.Sequential(nn.Linear(FEATURES, 48), nn.ReLU(), nn.Linear(48, 10))
common.train(
    classifier,
    torch.from_numpy(embeddings),
    torch.from_numpy(train_labels),
    nn.CrossEntropyLoss(label_smoothing=0.05),
    epochs=80,
    batch=64,
    rate=3e-3,
    decay=2e-2,
)
common.export(classifier, folder / "classifier", torch.from_numpy(embeddings[:2]), "embedding", "logits")

# The i-th samples of the two belong together.
common.write_samples(folder / "encoder", "image", train_images[:SAMPLES])
common.write_samples(folder / "classifier", "embedding", embeddings[:SAMPLES])
common.write_test(folder, "image", test_images, labels=test_labels.tolist(), names=[str(d) for d in range(10)])

accuracy = (common.run(folder / "classifier", embed(test_images)).argmax(1) == test_labels).mean()
rebuilt = decoder(torch.from_numpy(embed(test_images))).detach().numpy()
error = np.abs(rebuilt - test_images / 16).mean()
for name, network in (("encoder", encoder), ("classifier", classifier)):
    print(f"{name}: parameters {sum(p.numel() for p in network.parameters())}")
print(f"test accuracy {accuracy:.4f} on {len(test_labels)}, mean error of a rebuilt pixel {error:.4f}")
