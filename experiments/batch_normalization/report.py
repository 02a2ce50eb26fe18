"""Tables and text of the experiment on batch normalization."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, geometric_mean

import dlrun
from dlrun.findings.record import Verdict
from dlrun.intervals import Scale
from experiments.batch_normalization.gap import gaps, training_loss
from experiments.batch_normalization.measured import Measured, initializer_of
from experiments.batch_normalization.trainings import TARGET, accuracies, epoch_seconds
from experiments.numbers import plus_minus
from experiments.own_rate import Side

TITLES = {
    "none": "none",
    "batch": "batch",
    "layer": "layer",
    "group": "group, 2 groups",
    "noisy": "batch, with noise",
}
_FRACTION = Scale(low=0.0, high=1.0)


def add_tables(findings: dlrun.Findings, measured: Measured) -> None:
    """Means with half of their 95 % intervals."""
    findings.table(
        "Six hidden layers: the largest learning rate that trains (median of seeds), and epochs "
        f"to a validation accuracy of {TARGET} at the fastest rate",
        ["normalization", "largest rate", "fastest rate", "epochs", "test accuracy"],
        [
            [
                TITLES[norm],
                f"{_median(measured.largest(norm)):g}",
                f"{measured.fastest[norm]:g}",
                plus_minus(measured.paces(norm), 1),
                _accuracy(measured.fast(norm)),
            ]
            for norm in measured.rates
        ],
    )
    findings.table(
        "Test accuracy by initialization, each with its own learning rate in parentheses",
        ["normalization", *map(initializer_of, measured.initial["none"]), "spread"],
        [
            [
                TITLES[norm],
                *(f"{_accuracy(side)} ({side.rate:g})" for side in found),
                plus_minus(measured.spread(norm), 3),
            ]
            for norm, found in measured.initial.items()
        ],
    )
    findings.table(
        "180 training samples: normalization and the number of samples of its statistics",
        ["normalization", "samples", "rate", "training loss", "gap in loss", "test accuracy"],
        [
            *(_few("batch", batch, measured.statistics[batch]) for batch in measured.statistics),
            *(_few(norm, None, side) for norm, side in measured.layers.items()),
        ],
    )
    findings.table(
        "Drift of the inputs of a hidden layer per step, in standard deviations",
        ["normalization", "learning rate", "drift per step", f"epochs to {TARGET}"],
        [
            [
                TITLES[name],
                f"{measured.fastest['none' if name == 'none' else 'batch']:g}",
                plus_minus(measured.drift(name), 4),
                plus_minus(measured.watched_paces(name), 1),
            ]
            for name in measured.drifts
        ],
    )


def _few(norm: str, batch: int | None, side: Side) -> list[str | int | None]:
    trained = [run for run in side.runs if not run.failed]
    return [
        TITLES[norm],
        batch,
        f"{side.rate:g}",
        plus_minus([training_loss(run) for run in trained], 3),
        plus_minus(gaps(trained), 3),
        _accuracy(side),
    ]


def _median(values: Sequence[float]) -> float:
    """The lower one of two in the middle, which is a value of the grid."""
    return sorted(values)[(len(values) - 1) // 2]


def _accuracy(side: Side) -> str:
    return plus_minus(accuracies(side), 3, _FRACTION)


def described(measured: Measured, verdicts: Sequence[Verdict]) -> str:
    """What was found, in sentences that follow the verdicts."""
    words = [each.verdict for each in verdicts]
    return " ".join([_fast(measured, words), _few_samples(measured, words), _why(measured, words)])


def _fast(measured: Measured, words: Sequence[str]) -> str:
    """Of learning rates, initial weights and speed."""
    largest = {norm: measured.largest(norm) for norm in measured.rates}
    pairs = zip(largest["batch"], largest["none"], strict=True)
    ratio = geometric_mean(one / other for one, other in pairs)
    paces = {norm: fmean(measured.paces(norm)) for norm in measured.rates}
    spread = {norm: fmean(measured.spread(norm)) for norm in measured.initial}
    slower = epoch_seconds(measured.rates["batch"]) / epoch_seconds(measured.rates["none"])
    in_time = paces["none"] / (paces["batch"] * slower)
    return (
        f"The largest rate that trains is {_median(largest['batch']):g} with batch normalization "
        f"and {_median(largest['none']):g} without (medians), {ratio:.1f} times as large on "
        f"average: {_said(words[0], 'it is at least tenfold')}. Over four initializations, each "
        f"with its own rate, test accuracies spread by {spread['batch']:.3f} with it and "
        f"{spread['none']:.3f} without ({_said(words[1], 'it is at least 0.5 less')}); "
        f"{_poor(measured, 'none', 'without it')}, {_poor(measured, 'batch', 'with it')}. The "
        f"target is reached after {paces['batch']:.1f} epochs with it and {paces['none']:.1f} "
        f"without ({_said(words[2], 'it is at least 3 epochs earlier')}). In a network as small as "
        f"this an epoch takes {slower:.1f} times as long with it, so that in time it is "
        f"{in_time:.1f} times as fast."
    )


def _few_samples(measured: Measured, words: Sequence[str]) -> str:
    """Of regularization and small batches."""
    few, layers = measured.statistics, measured.layers
    accuracy = {batch: fmean(accuracies(side)) for batch, side in few.items()}
    other = {norm: fmean(accuracies(side)) for norm, side in layers.items()}
    gap = {batch: fmean(measured.gap(batch)) for batch in (30, 180)}
    small = [batch for batch in accuracy if 2 < batch < 12]
    return (
        f"With statistics of 30 samples the gap in loss is {gap[30]:.3f}, with those of all 180 "
        f"{gap[180]:.3f}: {_said(words[3], 'their noise makes the gap smaller')}. The accuracies "
        f"are {accuracy[30]:.3f} and {accuracy[180]:.3f}: "
        f"{_said(words[4], 'the noise makes it more accurate')}. With statistics of 2 samples it "
        f"has {accuracy[2]:.3f}, layer normalization {other['layer']:.3f}, group normalization "
        f"{other['group']:.3f} and no normalization {other['none']:.3f} "
        f"({_said(words[5], 'it is at least 0.1 less accurate than layer and group norms')}): "
        "two normalized values are always about +1 and -1, whatever they were. "
        + "".join(f"With {batch} samples it already has {accuracy[batch]:.3f}. " for batch in small)
        + f"With 30 samples, {_said(words[6], 'it is more accurate than layer normalization')}."
    )


def _why(measured: Measured, words: Sequence[str]) -> str:
    """Of drift."""
    drift = {name: fmean(measured.drift(name)) for name in measured.drifts}
    watched = {name: fmean(measured.watched_paces(name)) for name in measured.drifts}
    return (
        f"Per step, the inputs of the hidden layer drift by {drift['batch']:.4f} standard "
        f"deviations with it and by {drift['none']:.4f} without "
        f"({_said(words[7], 'it is at least five times less')}). With noise they drift by "
        f"{drift['noisy']:.4f} ({_said(words[8], 'it is more than without normalization')}), and "
        f"the target is reached after {watched['noisy']:.1f} epochs, without normalization after "
        f"{watched['none']:.1f} ({_said(words[9], 'it is earlier')}). "
    ) + (
        "So less drift is not needed for the speed, which agrees with Santurkar et al., who "
        "explain it by a smoother loss."
        if words[8] == words[9] == "holds"
        else "So this does not decide whether less drift is the reason for the speed."
    )


def _poor(measured: Measured, norm: str, where: str) -> str:
    means = {
        initializer_of(side): fmean(accuracies(side))
        for side in measured.initial[norm]
        if fmean(accuracies(side)) < 0.5
    }
    if not means:
        return f"{where} all train"
    return f"{where} " + " and ".join(f"{name} has {mean:.3f}" for name, mean in means.items())


def _said(verdict: str, what: str) -> str:
    """A clause that says of a statement whether it was confirmed."""
    if verdict == "holds":
        return f"{what}, confirmed"
    if verdict == "the opposite holds":
        return f"not so that {what}, the opposite is confirmed"
    return f"it is undecided whether {what}"
