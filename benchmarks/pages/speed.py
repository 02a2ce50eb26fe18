"""The tables of training steps, predictions and memory."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from typing import Any

from benchmarks.groups.steps import PREDICTED
from benchmarks.pages.marked import table
from benchmarks.pages.results import Rows, one
from benchmarks.peers import EAGER, OURS, OURS_COMPILED
from benchmarks.works import WORKS

_LABELS = {
    "mlp-small": "MLP 64-128-64-10",
    "mlp-bn": "MLP 784-512-512-10, batch norm",
    "cnn-28": "CNN 28x28, two convolutions, batch norm",
    "cnn-8": "CNN 8x8, two convolutions, batch norm",
    "resnet8": "ResNet-8 32x32x3",
    "lstm": "LSTM 128, 50 steps",
    "transformer": "transformer, 2 blocks of 128, 64 steps",
}
_COMPILED = "the same, `DLRUN_KERNELS=numba`"
_THREADS = (1, 2)

Results = Mapping[str, Rows]


def summary(results: Results, epyc: Results) -> str:
    """Training steps with two threads, and their ratios on another processor."""
    lines = []
    for work, peer, label in _rows():
        rows = results[f"train/{work}"]
        ours = one(rows, peer=peer, threads=2)
        middle, low, high = ours["ratio"]
        others = (one(rows, peer=other, threads=2) for other in ("torch compile", "jax"))
        ratios = (f"{ours['median'] / other['median']:.2f}" for other in others)
        batch = str(ours["batch"])
        of_torch = f"{middle:.2f} ({low:.2f} - {high:.2f})"
        elsewhere = _middle(one(epyc[f"train/{work}"], peer=peer, threads=2))
        lines.append([label, batch, _milliseconds(ours), of_torch, *ratios, elsewhere])
    head = ["a training step, 2 threads", "batch", "dlrun", "of PyTorch", "of torch.compile"]
    return table([*head, "of JAX", "of PyTorch, EPYC"], lines)


def training(results: Results) -> str:
    """Training steps with one and two threads, and their share of the peak."""
    lines = []
    for work, peer, label in _rows():
        cells = [label]
        for threads in _THREADS:
            ours = one(results[f"train/{work}"], peer=peer, threads=threads)
            cells += [_milliseconds(ours), _middle(ours), _share(ours)]
        lines.append(cells)
    return table(["training", *_by_threads("{}", "of PyTorch", "of peak")], lines)


def predictions(results: Results) -> str:
    """Predictions of one sample and of many."""
    lines = []
    for work in (work.name for work in WORKS):
        cells = [_LABELS[work]]
        for batch in PREDICTED:
            for threads in _THREADS:
                ours = one(results[f"predict/{work}"], peer=OURS, batch=batch, threads=threads)
                cells += [_middle(ours)] if batch == 1 else [_middle(ours), _share(ours)]
        lines.append(cells)
    single, many = (f"batch {batch}, {{}}" for batch in PREDICTED)
    columns = [*_by_threads(single), *_by_threads(many, "of peak")]
    return table(["predictions, of PyTorch", *columns], lines)


def checked(results: Results) -> str:
    """What ``dlrun check`` says of the memory of trainings, and what they used."""
    lines = [
        [each["case"], _mebibytes(each["said"]), _mebibytes(statistics.median(each["peaks"]))]
        for each in results["memory/check"]
    ]
    return table(["memory of training", "said", "measured"], lines)


def memory(results: Results) -> str:
    """The memory of training steps, compared with PyTorch's."""
    rows, lines = results["memory/peers"], []
    for work in WORKS:
        ours = one(rows, work=work.name, peer=OURS)
        torch = min((r for r in rows if r["work"] == work.name and r["peer"] in EAGER), key=_needed)
        process = (_mebibytes(statistics.median(each["peaks"])) for each in (ours, torch))
        needed = [_needed(each) / 2**20 for each in (ours, torch)]
        ratio = f"{needed[0] / needed[1]:.2f}" if needed[1] >= 1 else ""
        lines.append([_LABELS[work.name], *process, *(f"{each:.1f}" for each in needed), ratio])
    head = ["memory of steps", "process, dlrun", "PyTorch", "for the network, dlrun", "PyTorch"]
    return table([*head, "ratio"], lines)


def schedule(results: Results) -> str:
    """The speed of steps on several threads, of that on one."""
    rows, lines = results["train/schedule"], []
    for row in rows:
        by_threads = zip(row["speed"], row["without_waiting"], strict=True)
        lines.append(
            [
                _LABELS[row["work"]],
                _percent(row["serial"]),
                f"{row['sections']}",
                f"{row['waiting'] * 1e6:.0f} us",
                *(f"{real:.1f} ({ideal:.1f})" for real, ideal in by_threads),
            ]
        )
    threads = [f"{number} threads" for number in rows[0]["threads"]]
    return table(["speed of steps", "serial", "sections", "lost in each", *threads], lines)


def _rows() -> list[tuple[str, str, str]]:
    """Network, peer and label of the rows of training steps."""
    rows = [(work.name, OURS, _LABELS[work.name]) for work in WORKS]
    return [rows[0], (rows[0][0], OURS_COMPILED, _COMPILED), *rows[1:]]


def _by_threads(first: str, *others: str) -> list[str]:
    names = ("1 thread", "2 threads")
    return [cell for name in names for cell in (first.format(name), *others)]


def _milliseconds(row: Mapping[str, Any]) -> str:
    return f"{row['median'] * 1e3:.2g} ms"


def _middle(row: Mapping[str, Any]) -> str:
    return f"{row['ratio'][0]:.2f}"


def _share(row: Mapping[str, Any]) -> str:
    return _percent(row["share_of_peak"]) if "share_of_peak" in row else ""


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.0f} %"


def _mebibytes(count: float) -> str:
    return f"{count / 2**20:.0f}"


def _needed(row: Mapping[str, Any]) -> float:
    return statistics.median(a - b for a, b in zip(row["peaks"], row["before"], strict=True))
