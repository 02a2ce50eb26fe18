"""The time that length bucketing saves."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.measure import Settings
from benchmarks.report import Report, duration, ratio
from dlrun.launch.start import start
from dlrun.training.events import EpochEnded

_SPEC = """\
name: texts
data:
  source: {text: texts.csv}
  split: {validation: 0.1}
  preprocess: [tokenize: 60]
  batch_size: 64
model:
  - embedding: {units: 64, tokens: "${vocabulary}", padding: 0}
  - lstm: 64
  - dense: "${classes}"
loss: cross_entropy
metrics: [accuracy]
optimizer: {adam: {lr: 3e-3}}
epochs: 4
"""
_TEXTS, _WORDS = 6000, 500
_COUNTS = (1, 2, 4, 8)


def measure(settings: Settings) -> Report:
    """An LSTM on texts of 2 to 60 words, 16 on average, most of them short, as reviews are.

    The time of an epoch includes validation, for which all texts are padded to one length.
    """
    seconds: dict[int, list[float]] = {count: [] for count in _COUNTS}
    accuracy: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder)
        for _ in range(settings.rounds):
            for count in _COUNTS:
                changed = {"data.buckets": count}
                with start(folder / "spec.yaml", changed, runs=folder / "runs") as training:
                    rows = [each.row for each in training.events() if isinstance(each, EpochEnded)]
                times = np.diff([row["seconds"] for row in rows])
                seconds[count].append(float(np.median(times)))
                accuracy[count] = rows[-1]["validation.accuracy"]
    report = Report("train/buckets", ("buckets", "epoch", "of 1 bucket", "validation accuracy"))
    for count in _COUNTS:
        median, least, most = ratio(seconds[count], seconds[1])
        epoch = duration(statistics.median(seconds[count]))
        share = f"{median:.2f} ({least:.2f} - {most:.2f})"
        report.rows.append((str(count), epoch, share, f"{accuracy[count]:.2%}"))
        report.data.append(
            {"buckets": count, "seconds": seconds[count], "accuracy": accuracy[count]}
        )
    return report


def _write(folder: Path) -> None:
    random = np.random.default_rng(0)
    lines = ["text,label"]
    for number in range(_TEXTS):
        length = int(np.clip(random.lognormal(2.6, 0.6), 2, 60))
        words = [f"w{code}" for code in random.integers(_WORDS, size=length)]
        words[random.integers(length)] = ("bad", "good")[number % 2]
        lines.append(f"{' '.join(words)},{('no', 'yes')[number % 2]}")
    (folder / "texts.csv").write_text("\n".join(lines) + "\n")
    (folder / "spec.yaml").write_text(_SPEC)
