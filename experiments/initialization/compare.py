"""Test accuracy of deep-mlp.yaml by initializer and activation, as a table.

    python experiments/initialization/compare.py

Every cell is the mean over the seeds, with the least and the largest in brackets; runs that diverge
are counted.  An argument is the number of seeds (5).  Run directories go to runs/.
"""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import mean
from typing import Any

import dlrun
from dlrun.errors import DivergedError

SPEC = Path(__file__).with_name("deep-mlp.yaml")
ACTIVATIONS = ("tanh", "relu")
INITIALIZERS: dict[str, Any] = {
    "`zeros`": "zeros",
    "`normal: 0.01`": {"normal": 0.01},
    "`normal: 1.0`": {"normal": 1.0},
    "`xavier_normal`": "xavier_normal",
    "`he_normal`": "he_normal",
    "`lecun_normal: auto`": {"lecun_normal": "auto"},
    "`orthogonal: auto`": {"orthogonal": "auto"},
    "`lsuv`": "lsuv",
}


def accuracy(initializer: Any, activation: str, seed: int) -> float | None:
    """Of the test part; None where the training diverges."""
    overrides = {"initializer": initializer, "params.activation": activation, "seed": seed}
    try:
        return float(dlrun.train(SPEC, overrides).result["metrics"]["test.accuracy"])
    except DivergedError:
        return None


def cell(found: list[float | None]) -> str:
    """Scores of several seeds in a few words."""
    scores = [each for each in found if each is not None]
    if not scores:
        return "diverges"
    text = f"{mean(scores):.3f} ({min(scores):.3f} to {max(scores):.3f})"
    diverged = len(found) - len(scores)
    return f"{text}, {diverged} diverged" if diverged else text


def main(seeds: int) -> None:
    """Train everything and print the table."""
    print("| initializer |", " | ".join(ACTIVATIONS), "|")
    print("|---" * (len(ACTIVATIONS) + 1) + "|")
    for name, initializer in INITIALIZERS.items():
        cells = [
            cell([accuracy(initializer, activation, seed) for seed in range(seeds)])
            for activation in ACTIVATIONS
        ]
        print(f"| {name} |", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
