"""Published results and those of dlrun on the same data with the same protocol."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

import dlrun
from dlrun.findings.record import Cell
from experiments.lab import Lab, Trained
from experiments.published import adding, digits, reference
from experiments.published.figures import spread
from experiments.published.pictures import Row, side_by_side
from experiments.published.text import LIMITS, METHOD
from experiments.published.time_series import time_series

STEPS = 100
LABELS = {"constant": "plain SGD", "momentum": "momentum", "Nesterov": "Nesterov momentum"}


def run(lab: Lab) -> dlrun.Findings:
    """Train, compare, and write down what was found."""
    seeds = lab.pick(10, 2)
    findings = lab.findings(
        "Published results, reproduced",
        question=(
            "Does dlrun reach the results that papers and another library publish, when it follows "
            "their protocol on the same data?"
        ),
        method=METHOD,
        limits=LIMITS,
    )
    texts = [
        time_series(lab, findings, seeds),
        _adding(lab, findings, seeds),
        _digits(lab, findings, seeds),
    ]
    findings.result = " ".join(texts)
    return findings


def _adding(lab: Lab, findings: dlrun.Findings, seeds: int) -> str:
    """The adding problem: an LSTM."""
    folder = lab.work / "adding"
    folder.mkdir(exist_ok=True)
    training, test = lab.pick(reference.SEQUENCES, 640), lab.pick(reference.TEST_SEQUENCES, 256)
    for name, samples, seed in (("train", training, 0), ("test", test, 1)):
        pairs, totals = adding.sequences(samples, STEPS, seed)
        np.savez(folder / f"{name}.npz", x=pairs, y=totals)
    study = lab.tune(
        "adding.yaml", {"spec.params.sequences": str(folder.resolve()), "repeats": seeds}
    )
    trained = lab.trained(study)
    pairs, totals = adding.sequences(test, STEPS, 1)
    wrong = [_wrong(each, pairs, totals) for each in trained]
    errors = [each.scores["test.mae"] for each in trained]
    findings.claim(
        "An LSTM solves the adding problem with T = 100 after 74,000 training sequences: its mean "
        "absolute test error is below 0.01.",
        better=errors,
        than=[reference.AVERAGE_ERROR] * len(errors),
        unit="mean absolute error",
        lower=True,
    )
    findings.claim(
        "It has at most 3 wrong predictions in 2560 test sequences, as many as the worst published "
        "trial.",
        better=wrong,
        than=[reference.MOST_WRONG] * len(wrong),
        unit="wrong predictions",
        lower=True,
        step=1.0,
    )
    always = float(np.abs(totals - np.median(totals)).mean())
    header = ("measure", "published, mean of 10 trials", "dlrun", "best seed", "worst seed")
    rows: list[tuple[Cell, ...]] = [
        ("training sequences", "74,000 (until success)", f"{training:,}", None, None),
        (
            f"wrong predictions of {test:,}",
            f"{reference.WRONG} (at most {reference.MOST_WRONG})",
            spread(wrong),
            min(wrong),
            max(wrong),
        ),
        (
            "mean absolute error",
            "below 0.01 (of which kind, it does not say)",
            spread(errors, 5),
            round(min(errors), 5),
            round(max(errors), 5),
        ),
        ("mean absolute error of a constant", None, round(always, 5), None, None),
    ]
    findings.table("Adding problem, T = 100", header, rows)
    good = [
        count for count, error in zip(wrong, errors, strict=True) if error < reference.AVERAGE_ERROR
    ]
    stuck = sum(error > 0.9 * always for error in errors)
    return (
        f"Adding problem: {len(good)} of {len(errors)} seeds have a mean absolute error below "
        f"0.01 after {training:,} sequences{_count(good, test)}, and {stuck} have learned nothing: "
        "their error is that of a constant. The ten published trials were trained until they "
        "succeeded; here training ends after their mean number of sequences."
    )


def _count(good: Sequence[float], test: int) -> str:
    """Wrong predictions of the networks that solve the problem."""
    if not good:
        return ""
    return (
        f" and {min(good):.0f} to {max(good):.0f} wrong predictions of {test:,} (published: "
        f"{reference.WRONG} on average)"
    )


def _wrong(trained: Trained, pairs: adding.Numbers, totals: adding.Numbers) -> float:
    """How many sequences a network adds with an error above the tolerance of the paper."""
    if trained.path is None:
        raise RuntimeError(trained.failed)
    predicted = dlrun.Run(trained.path).predict(pairs)
    return float((np.abs(predicted - totals) > reference.TOLERANCE).sum())


def _digits(lab: Lab, findings: dlrun.Findings, seeds: int) -> str:
    """Digits: three strategies of an example of scikit-learn."""
    file: Path = (lab.work / "digits.npz").resolve()
    digits.write_pixels(file)
    study = lab.tune("digits.yaml", {"spec.params.pixels": str(file), "repeats": seeds})
    trained, epochs = lab.trained(study), 15
    rows, cells = [], []
    for place, strategy in enumerate(digits.STRATEGIES):
        ours = trained[place * seeds : (place + 1) * seeds]
        theirs = [digits.with_scikit_learn(strategy, seed, epochs) for seed in range(seeds)]
        documented = reference.DIGITS[strategy]
        accuracies = [100 * each.scores["validation.accuracy"] for each in ours]
        losses = [each.curves["train.loss"][-1] for each in ours]
        findings.claim(
            f"Digits with {LABELS[strategy]}: the mean accuracy on the training set differs from "
            "that of scikit-learn by less than 0.5 percentage points.",
            better=accuracies,
            than=[100 * each.accuracy for each in theirs],
            unit="training accuracy in %",
            within=0.5,
            step=100 / 1797,
        )
        label = LABELS[strategy]
        rows.append(Row(label, [each.loss for each in theirs], losses, documented.loss))
        cells.append(
            (
                label,
                f"{100 * documented.accuracy:.2f}",
                spread([100 * each.accuracy for each in theirs], 2),
                spread(accuracies, 2),
                f"{documented.loss:.4f}",
                spread([each.loss for each in theirs], 4),
                spread(losses, 4),
            )
        )
    findings.table(
        "Digits after 15 epochs: accuracy on the training set in % and training loss, mean ± "
        "standard deviation over ten seeds",
        (
            "optimizer",
            "accuracy: documented",
            "scikit-learn here",
            "dlrun",
            "loss: documented",
            "scikit-learn here",
            "dlrun",
        ),
        cells,
    )
    figure = side_by_side(
        rows,
        "Digits: training loss after 15 epochs",
        "each dot is a seed",
        "training loss (lower is better)",
        "scikit-learn",
    )
    findings.picture(
        lab.save(figure, "digits.png"),
        "Training losses of scikit-learn and of dlrun for ten seeds, with means and 95 % "
        "intervals, and the loss that the documentation of scikit-learn shows.",
        "Dots in three rows, one for each optimizer, scikit-learn above dlrun",
    )
    away = max(
        abs(sum(row.ours) / sum(row.theirs) * len(row.theirs) / len(row.ours) - 1) for row in rows
    )
    inside = sum(
        min(row.ours) <= documented.loss <= max(row.ours)
        for row, documented in zip(rows, reference.DIGITS.values(), strict=True)
    )
    return (
        f"Digits: the mean training losses of dlrun and scikit-learn differ by at most "
        f"{100 * away:.0f} %; {inside} of {len(rows)} documented losses are among those of dlrun's "
        "seeds."
    )
