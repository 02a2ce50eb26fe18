"""Train every configuration of space.yaml: ``python -m benchmarks.search.make_table``.

Writes digits-mlp.csv: one row per configuration, in the order of the grid, with the smallest
validation loss of ten epochs, which is empty if the training diverged. It takes some minutes.
"""

from __future__ import annotations

import csv
import json
import sys
import tempfile

from benchmarks.search.functions import FOLDER, space_of
from dlrun.launch.start import start


def main() -> None:
    """Train, and write."""
    space = space_of((FOLDER / "space.yaml").read_text())
    with (
        (FOLDER / "digits-mlp.csv").open("w", newline="") as file,
        tempfile.TemporaryDirectory() as runs,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("configuration", "loss"))
        for number, suggestion in enumerate(space.grid(1)):
            with start(FOLDER / "digits-mlp.yaml", suggestion, runs=runs) as training:
                for _ in training.events():
                    pass
            ended = training.ended
            assert ended is not None
            loss = ended.metrics.get("validation.loss")
            diverged = ended.status == "diverged" or loss is None
            writer.writerow((json.dumps(suggestion), "" if diverged else f"{loss:.5f}"))
            file.flush()
            print(number, ended.status, loss, file=sys.stderr)


if __name__ == "__main__":
    main()
