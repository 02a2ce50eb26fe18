"""A typical script that trains an MLP on the digits with PyTorch.

    python torch_digits.py FOLDER

It does the same as ``digits-mlp.yaml``: load, split, standardize, train for 30 epochs with
validation after each, score the test set, save the weights and the scores.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import Tensor, nn


def main(folder: Path) -> None:
    """Train, and leave metrics.csv, result.json and weights.pt in the folder."""
    torch.manual_seed(0)
    x, y = load_digits(return_X_y=True)
    rest_x, test_x, rest_y, test_y = train_test_split(
        x, y, test_size=0.15, stratify=y, random_state=0
    )
    train_x, validation_x, train_y, validation_y = train_test_split(
        rest_x, rest_y, test_size=0.15 / 0.85, stratify=rest_y, random_state=0
    )
    mean, deviation = train_x.mean(axis=0), train_x.std(axis=0)
    deviation[deviation == 0] = 1.0

    def tensors(inputs: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
        standardized = torch.as_tensor((inputs - mean) / deviation, dtype=torch.float32)
        return standardized, torch.as_tensor(classes)

    inputs, targets = tensors(train_x, train_y)
    validation, test = tensors(validation_x, validation_y), tensors(test_x, test_y)
    model = nn.Sequential(
        nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)

    def scores(part: tuple[Tensor, Tensor]) -> tuple[float, float]:
        model.eval()
        with torch.inference_mode():
            outputs = model(part[0])
            loss = nn.functional.cross_entropy(outputs, part[1])
            accuracy = (outputs.argmax(dim=1) == part[1]).float().mean()
        return float(loss), float(accuracy)

    with (folder / "metrics.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["epoch", "train.loss", "validation.loss", "validation.accuracy"])
        for epoch in range(1, 31):
            model.train()
            total = 0.0
            for batch in torch.randperm(len(inputs)).split(64):  # type: ignore[no-untyped-call]
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(model(inputs[batch]), targets[batch])
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                total += float(loss) * len(batch)
            rows.writerow([epoch, total / len(inputs), *scores(validation)])
            file.flush()
    _, accuracy = scores(validation)
    _, test_accuracy = scores(test)
    torch.save(model.state_dict(), folder / "weights.pt")
    result = {"metrics": {"validation.accuracy": accuracy, "test.accuracy": test_accuracy}}
    (folder / "result.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
