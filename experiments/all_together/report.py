"""The tables and the text of the experiment on the whole recipe."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean

import dlrun
from dlrun.findings.record import Verdict
from dlrun.findings.words import effect_text, sides_text
from dlrun.intervals import Estimate, Scale, estimate
from experiments.all_together.measured import Measured
from experiments.all_together.steps import BEFORE, FIRST, FULL, SPIRALS, START, UNTUNED
from experiments.numbers import from_to
from experiments.verdicts import by_verdict

_UNNORMED = "without batch normalization"


def add_tables(findings: dlrun.Findings, measured: Sequence[Measured]) -> None:
    """Add a table of the steps of each task, and one of what the full recipe lacks."""
    for on in measured:
        findings.table(
            f"{on.task.title.capitalize()}: mean with 95 % interval over seeds; the target is a "
            f"validation accuracy of {on.task.target}",
            ["step", "rate", "test accuracy", "test loss", "epochs to target", "epochs trained"],
            [_row(on, name) for name in (*on.ladder, UNTUNED)],
        )
    findings.table(
        "Accuracy that the full recipe loses without an ingredient, in points of 100: mean "
        "difference with 95 % interval over seeds",
        ["recipe", *(on.task.title for on in measured)],
        [
            [name, *(from_to(on.lost(name), 1, 100, sign="+") for on in measured)]
            for name in measured[0].without
        ],
    )


def _row(on: Measured, name: str) -> list[str]:
    step = on.steps[name]
    failed = sum(bool(run.failed) for run in step.runs)
    diverged = f", {failed} of {len(step.runs)} diverged" if failed else ""
    never = sum(each > on.epochs for each in on.reached(name))
    reached = from_to(on.reached_mean(name), 1)
    if never:
        reached = "never" if never == len(step.runs) else f"{reached}, {never} never"
    return [
        name,
        f"{step.rate:g}",
        from_to(estimate(on.accuracy(name), of=on.scale), 3) + diverged,
        from_to(estimate(on.loss(name), of=Scale(low=0.0)), 3),
        reached,
        f"{fmean(on.trained(name)):.0f}",
    ]


def described(measured: Sequence[Measured], verdicts: Sequence[Verdict]) -> str:
    """What was found, in words that follow the verdicts."""
    digits, *others = measured
    (_, gain, fast, augmented, normed, started, untuned, stopped, *carried) = verdicts
    return " ".join(
        [
            f"On digits, plain SGD from small random weights has a test accuracy of "
            f"{_accuracy(digits, FIRST)}, with He initialization {_accuracy(digits, START)}, and "
            f"the full recipe {_accuracy(digits, FULL)}; after initialization, "
            f"{_largest_step(digits)} adds most, and the rest together {effect_text(gain)}"
            + by_verdict(
                gain, "", ", less than 0.01", ", which need not be the 0.01 that was claimed"
            )
            + ".",
            f"The target is reached after {fmean(digits.reached(START)):.1f} epochs with plain SGD "
            "and He initialization and after "
            f"{fmean(digits.reached('+ batch normalization')):.1f} with Adam and batch "
            "normalization"
            + by_verdict(fast, "", ", not earlier", ", which is too close to tell")
            + f"; the full recipe needs {fmean(digits.reached(FULL)):.1f}.",
            f"By single 95 % intervals, {_ranking(digits)}.",
            "Corrected for all claims, "
            + by_verdict(
                untuned, "tuning the rate pays", "tuning the rate harms", _open("its own rate")
            )
            + f" ({sides_text(untuned)}, at rates of {digits.steps[FULL].rate:g} and "
            f"{digits.steps[UNTUNED].rate:g}); "
            + by_verdict(
                augmented,
                "augmentation is still needed",
                "augmentation harms",
                _open("augmentation"),
            )
            + f" ({sides_text(augmented)}); "
            + by_verdict(
                normed,
                "batch normalization is still needed",
                "batch normalization harms",
                _open("batch normalization"),
            )
            + f" ({sides_text(normed)}); "
            + by_verdict(
                started,
                "initialization, indispensable for plain SGD, changes less than 0.02",
                "initialization changes more than 0.02",
                "initialization, indispensable for plain SGD, need not change less than 0.02",
            )
            + f" ({sides_text(started)}).",
            by_verdict(
                stopped,
                "Early stopping changes accuracy by less than 0.02",
                "Early stopping changes accuracy by more than 0.02",
                "Early stopping may cost more than 0.02 or less",
            )
            + f" ({sides_text(stopped)}) and trains {fmean(digits.trained(FULL)):.0f} of "
            f"{digits.epochs} epochs. {early_text(digits)} Without it, the gain over plain SGD "
            f"with He initialization is {_gain(digits)} points (no claim: looked up afterwards).",
            *(_carried(on, verdict) for on, verdict in zip(others, carried, strict=True)),
        ]
    )


def _gain(on: Measured) -> str:
    """What the step without early stopping gains over initialization, with a single interval."""
    pairs = zip(on.accuracy(BEFORE), on.accuracy(START), strict=True)
    return from_to(estimate([one - other for one, other in pairs]), 1, 100, sign="+")


def early_text(on: Measured) -> str:
    """What became of the trainings that stopped early; empty if none did."""
    seeds = on.stopped_soon(FULL)
    if not seeds:
        return ""
    full, before = (fmean(on.accuracy(step)[seed] for seed in seeds) for step in (FULL, BEFORE))
    return (
        f"{len(seeds)} of {len(on.steps[FULL].runs)} trainings stopped in the first half of the "
        f"epochs, with an accuracy of {full:.3f} against {before:.3f} without early stopping."
    )


def _carried(on: Measured, verdict: Verdict) -> str:
    """How the recipe does on other data."""
    task = on.task.title
    best = max(on.ladder, key=lambda name: fmean(on.accuracy(name)))
    where = "its last step" if best == FULL else f"the step '{best}'"
    return (
        f"Unchanged on {task}, the recipe is "
        + by_verdict(verdict, "better", "worse", "not certainly better")
        + f" than plain SGD with He initialization ({sides_text(verdict)}); {where} is the best "
        f"one on average ({_accuracy(on, best)}), and {_ranking(on)}.{_reasons(on)}"
    )


def _reasons(on: Measured) -> str:
    """Why the recipe does not fit spirals, as far as it does not."""
    if on.task != SPIRALS:
        return ""
    text = ""
    mixed = on.lost("without augmentation")
    if mixed.high is not None and mixed.high < 0:
        text += (
            " A likely reason, not tested: mixup puts points between the arms of a spiral, where "
            "another class is."
        )
    seeds = on.stopped_soon(_UNNORMED)
    if seeds:
        text += (
            f" Without batch normalization, at a rate of {on.steps[_UNNORMED].rate:g}, "
            f"{len(seeds)} of {len(on.steps[_UNNORMED].runs)} trainings stop in the first half of "
            "the epochs, before the schedule has halved the rate."
        )
    return text


def _open(name: str) -> str:
    return f"{name} makes no certain difference"


def _accuracy(on: Measured, step: str) -> str:
    return f"{fmean(on.accuracy(step)):.3f}"


def _largest_step(on: Measured) -> str:
    names = on.ladder[1:]
    gains = {
        name: fmean(on.accuracy(name)) - fmean(on.accuracy(before))
        for before, name in pairwise(names)
    }
    name = max(gains, key=lambda each: gains[each])
    return f"{name.removeprefix('+ ')} ({gains[name]:+.3f})"


def _ranking(on: Measured) -> str:
    """Which ingredients the full recipe needs, and which it would do better without."""
    lost = {name.removeprefix("without "): on.lost(name) for name in on.without}
    needed = sorted(
        (name for name, each in lost.items() if each.low is not None and each.low > 0),
        key=lambda name: -lost[name].mean,
    )
    harmful = [name for name, each in lost.items() if each.high is not None and each.high < 0]
    parts = [_listed(needed, lost, "costs"), _listed(harmful, lost, "gains")]
    said = ", leaving out ".join(part for part in parts if part)
    if not said:
        return "leaving out any one ingredient makes no certain difference"
    return f"leaving out {said}, and the others make no certain difference"


def _listed(names: Sequence[str], lost: dict[str, Estimate], verb: str) -> str:
    if not names:
        return ""
    words = [f"{name} ({-100 * lost[name].mean:+.1f} points)" for name in names]
    text = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
    return f"{text} {verb} accuracy"
