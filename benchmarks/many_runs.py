"""How long ``dlrun runs`` takes for many runs: ``python -m benchmarks.many_runs [COUNT]``.

One small training is run; its directory is copied with varied keys, scores and times.  The first
call has no index, the later ones have.  Each is a whole process, the output goes to a file.  The
minimum of three calls is printed.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dlrun.run_directory.identity import new_id

SPEC = """\
name: moons
data:
  source: {moons: {samples: 200}}
  batch_size: 32
model: [dense: 8, relu, dense: '${classes}']
loss: cross_entropy
metrics: [accuracy]
optimizer: {adam: {lr: 1e-2}}
epochs: 20
"""
FILES = ("spec.yaml", "resolved.yaml", "environment.json", "result.json", "metrics.csv")
COMMANDS: dict[str, Sequence[str]] = {
    "cold, no index": (),
    "warm": (),
    "warm, --top 10 by a score": ("--sort", "validation.loss", "--top", "10"),
    "warm, two conditions": ("--where", "optimizer.adam.lr<1e-2", "--where", "status=done"),
    "warm, --csv": ("--csv",),
}


def make(folder: Path, count: int) -> None:
    """Run a small training in a folder, and copy its directory so often."""
    (folder / "spec.yaml").write_text(SPEC)
    dlrun(folder, ["train", "spec.yaml", "--quiet"])
    (original,) = (folder / "runs" / "moons").iterdir()
    texts = {name: (original / name).read_text() for name in FILES}
    result, environment = json.loads(texts["result.json"]), json.loads(texts["environment.json"])
    draw, began = random.Random(0), datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(count):
        moment = began + timedelta(minutes=7 * number)
        path = folder / "runs" / f"group-{number % 10}" / new_id(moment)
        path.mkdir(parents=True)
        lr, batch = 10 ** draw.uniform(-4, -1), draw.choice([16, 32, 64])
        resolved = texts["resolved.yaml"].replace("lr: 0.01", f"lr: {lr!r}")
        resolved = resolved.replace("batch_size: 32", f"batch_size: {batch}")
        resolved = resolved.replace("seed: 0\n", f"seed: {number % 5}\n", 1)
        result["metrics"] = {name: draw.random() for name in result["metrics"]}
        environment["time"] = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        varied = {
            "resolved.yaml": resolved,
            "result.json": json.dumps(result, indent=2),
            "environment.json": json.dumps(environment, indent=2),
        }
        for name, text in (texts | varied).items():
            (path / name).write_text(text)


def dlrun(folder: Path, words: Sequence[str]) -> tuple[float, float]:
    """Run a command in a folder; returns wall time and processor time of its process in seconds."""
    started, before = time.perf_counter(), os.times()
    with (folder / "out.txt").open("w") as out:
        command = [sys.executable, "-m", "dlrun", *words]
        subprocess.run(command, cwd=folder, stdout=out, check=True)
    after = os.times()
    used = sum(after[2:4]) - sum(before[2:4])
    return time.perf_counter() - started, used


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, count)
        index = folder / "runs" / ".dlrun-index.jsonl"
        print(f"{count + 1:,} runs")
        for what, words in COMMANDS.items():
            times = []
            for _ in range(3):
                if what.startswith("cold"):
                    index.unlink(missing_ok=True)
                times.append(dlrun(folder, ["runs", *words]))
            wall, used = (min(each) for each in zip(*times, strict=True))
            print(f"{what:30} {wall:6.2f} s, {used:6.2f} s of a processor")
        print(f"{'size of the index':30} {index.stat().st_size / 2**20:6.1f} MiB")


if __name__ == "__main__":
    main()
