"""The tables and the text of the experiment on initial weights."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

import dlrun
from dlrun.findings.record import Verdict
from dlrun.findings.words import sides_text
from dlrun.intervals import Scale, estimate
from experiments.initialization.measured import STEP, TARGET, Measured
from experiments.numbers import from_to
from experiments.verdicts import by_verdict

_DEEP = (
    "zeros",
    "constant 1/64",
    "normal 0.01",
    "normal 1.0",
    "Xavier",
    "He",
    "orthogonal",
    "LSUV",
)


def add_tables(findings: dlrun.Findings, measured: Measured) -> None:
    """Add the tables of scores, of signals and of equal units."""
    header = ["rule"]
    for activation in ("tanh", "relu"):
        header += [f"{activation}: test accuracy", "epochs to target", "rate"]
    rows = [
        [rule, *_cells(measured, 20, "tanh", rule), *_cells(measured, 20, "relu", rule)]
        for rule in _DEEP
    ]
    findings.table(
        "20 layers: mean with 95 % interval over seeds; the target is a validation loss of "
        f"{TARGET}",
        header, rows,
    )  # fmt: skip
    small = sorted((key for key in measured.sides if key[0] < 20), key=lambda key: -key[0])
    findings.table(
        "Fewer layers",
        ["layers", "rule", "test accuracy", "epochs to target", "rate"],
        [[f"{key[0]} {key[1]}", key[2], *_cells(measured, *key)] for key in small],
    )
    functions = ("tanh", "relu", "sigmoid")
    findings.table(
        "Change of signals through 50 layers before training, in powers of ten: activations from "
        "the first to the last layer / gradients from the last to the first (mean over seeds)",
        ["rule", *functions],
        [
            [rule, *(_changes(measured, activation, rule) for activation in functions)]
            for rule in _DEEP[2:]
        ],
    )
    epochs = sorted({epoch for epoch in (0, 1, 5, measured.epochs) if epoch <= measured.epochs})
    findings.table(
        "Units of the second hidden layer by epoch: effective rank of 64 / standard deviation "
        "between units, relative to the weights (2 tanh layers, mean over seeds)",
        ["rule", *(f"epoch {epoch}" for epoch in epochs), "training loss at the end"],
        [_units_row(measured, rule, epochs) for rule in ("zeros", "constant 1/64", "Xavier")],
    )


def _cells(measured: Measured, depth: int, activation: str, rule: str) -> list[str]:
    key = (depth, activation, rule)
    side = measured.sides[key]
    failed = sum(bool(each.failed) for each in side.runs)
    text = from_to(estimate(measured.accuracy(*key), of=Scale(0.0, 1.0, STEP)), 3)
    if failed:
        text = f"{text}, {failed} of {len(side.runs)} diverged"
    return [text, epochs_text(measured, *key), f"{side.rate:g}"]


def epochs_text(measured: Measured, depth: int, activation: str, rule: str) -> str:
    """Mean epochs to the target, with its interval, or how many never reach it."""
    found = measured.reached(depth, activation, rule)
    never = sum(each > measured.epochs for each in found)
    if never == len(found):
        return "never"
    text = from_to(estimate(found, of=Scale(1.0, measured.epochs + 1.0, 1.0)), 1)
    return f"{text}, {never} never" if never else text


def _changes(measured: Measured, activation: str, rule: str) -> str:
    both = (fmean(measured.change(activation, rule, gradients=back)) for back in (False, True))
    return " / ".join(f"{each:+.1f}" for each in both)


def _units_row(measured: Measured, rule: str, epochs: Sequence[int]) -> list[str]:
    seeds = measured.units[rule]
    cells = [
        f"{fmean(seed[epoch].rank for seed in seeds):.1f} / "
        f"{fmean(seed[epoch].spread for seed in seeds):.2f}"
        for epoch in epochs
    ]
    losses = [seed[-1].loss for seed in seeds]
    return [rule, *cells, from_to(estimate(losses, of=Scale(low=0.0)), 3)]


def described(measured: Measured, verdicts: Sequence[Verdict]) -> str:
    """What was found, in sentences that follow the verdicts."""
    _zeros, _rank, one, relu_signal, tanh_signal, relu, tanh, sigmoid, speed, lsuv = verdicts
    parts = [
        f"With zeros only the output's bias has a gradient, and 20 layers stay at "
        f"an accuracy of {_accuracy(measured, 20, 'relu', 'zeros')}. With a constant, "
        f"all units of a layer stay equal (effective rank {_rank.than:.1f} instead of "
        f"{_rank.better:.1f}), and two layers of 64 units "
        + by_verdict(
            one,
            "learn exactly as two of one unit do",
            "differ from two of one unit",
            "cannot be told from two of one unit",
        )
        + f": {_accuracy(measured, 2, 'tanh', 'constant 1/64')} accuracy, against "
        f"{_accuracy(measured, 2, 'tanh', 'Xavier')} from random weights.",
        f"Normal weights of 0.01 shrink activations by {_powers(measured, 'relu', 'normal 0.01')} "
        f"powers of ten in 50 relu layers, and weights of 1.0 enlarge them by "
        f"{_powers(measured, 'relu', 'normal 1.0')}; trained with 20 layers and their best rates, "
        f"they end with accuracies of {_accuracy(measured, 20, 'relu', 'normal 0.01')} and "
        f"{_accuracy(measured, 20, 'relu', 'normal 1.0')} "
        f"({_accuracy(measured, 20, 'tanh', 'normal 0.01')} and "
        f"{_accuracy(measured, 20, 'tanh', 'normal 1.0')} under tanh).",
        "Under relu "
        + by_verdict(
            relu_signal,
            "He keeps the size of activations, which Xavier halves in mean square in each layer",
            "He keeps the size of activations no better than Xavier",
            "He and Xavier cannot be told apart by the size of activations",
        )
        + " (He, Zhang, Ren & Sun, ICCV 2015); trained, "
        + by_verdict(relu, "He is better", "Xavier is better", "neither is better for certain")
        + f" ({sides_text(relu)}).",
        "Under tanh "
        + by_verdict(
            tanh_signal,
            "Xavier keeps gradients better than He",
            "He, not Xavier, keeps gradients better",
            "neither keeps gradients better for certain",
        )
        + f" (Xavier changes them by {_signed(measured, 'Xavier')} powers of ten in 50 layers, He "
        f"by {_signed(measured, 'He')}): Xavier's activations shrink slowly, as at the edge of "
        "chaos of Schoenholz et al. (ICLR 2017), He's are in the chaotic phase. Trained, "
        + by_verdict(tanh, "Xavier is better", "He is better", "neither is better for certain")
        + f" ({sides_text(tanh)}).",
        "Under sigmoid "
        + by_verdict(
            sigmoid,
            "Xavier is faster than He",
            "He, with its larger weights, is faster than Xavier",
            "neither is faster for certain",
        )
        + f" (Xavier needs {sigmoid.better:.1f}, He {sigmoid.than:.1f} epochs). "
        "Its slope is at most 1/4, so in 50 layers gradients "
        f"shrink by {-fmean(measured.change('sigmoid', 'Xavier', gradients=True)):.0f} powers of "
        "ten with Xavier, which was derived for functions of slope 1 (Glorot & Bengio, AISTATS "
        "2010).",
        f"A proper start saves epochs: under relu, LSUV reaches the target after "
        f"{fmean(measured.reached(20, 'relu', 'LSUV')):.1f}, orthogonal weights after "
        f"{fmean(measured.reached(20, 'relu', 'orthogonal')):.1f}, He after "
        f"{speed.better:.1f}, Xavier after {speed.than:.1f} or more epochs"
        + by_verdict(
            speed,
            "",
            ", which is not the gain that was claimed",
            ", which is too uncertain to confirm the gain that was claimed",
        )
        + f"; under tanh, Xavier needs {fmean(measured.reached(20, 'tanh', 'Xavier')):.1f} and "
        f"normal 0.01 more than {measured.epochs}.",
        "LSUV "
        + by_verdict(
            lsuv,
            "is within 0.02 of the rule made for each function",
            "differs by more than 0.02 from the rules made for each function",
            "may or may not be within 0.02 of the rules made for each function",
        )
        + f" ({sides_text(lsuv)}); under relu its accuracy is {_range(measured, 'LSUV')} over "
        f"seeds, that of orthogonal weights {_range(measured, 'orthogonal')} at a rate of "
        f"{measured.sides[20, 'relu', 'orthogonal'].rate:g} (LSUV: "
        f"{measured.sides[20, 'relu', 'LSUV'].rate:g}).",
    ]  # fmt: skip
    return " ".join(parts)


def _accuracy(measured: Measured, depth: int, activation: str, rule: str) -> str:
    return f"{fmean(measured.accuracy(depth, activation, rule)):.3f}"


def _range(measured: Measured, rule: str) -> str:
    found = measured.accuracy(20, "relu", rule)
    return f"{min(found):.2f} to {max(found):.2f}"


def _powers(measured: Measured, activation: str, rule: str) -> str:
    return f"{abs(fmean(measured.change(activation, rule, gradients=False))):.0f}"


def _signed(measured: Measured, rule: str) -> str:
    return f"{fmean(measured.change('tanh', rule, gradients=True)):+.1f}"
