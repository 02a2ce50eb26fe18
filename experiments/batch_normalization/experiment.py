"""What batch normalization is good for, where it fails, and whether drift explains it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import dlrun
from experiments.batch_normalization.drift import LAYER, Drift, watch_drift
from experiments.batch_normalization.measured import ONE_DIGIT, ONE_OF_FEW, Measured
from experiments.batch_normalization.pictures import draw_drift, draw_scores
from experiments.batch_normalization.report import add_tables, described
from experiments.batch_normalization.trainings import (
    BLOCKS,
    RATE,
    TARGET,
    accuracies,
    epochs_to_target,
    named,
    sides,
)
from experiments.lab import PLANNED, Lab
from experiments.own_rate import SEED, Side, best_rates, with_own_rates

NOISE = 0.5
"""Half of the range of the noise, in standard deviations of the normalized values."""
DIGITS: dict[str, Any] = {"block": BLOCKS["batch"], "initializer": "he_normal", "rate": 0.1}
FEW: dict[str, Any] = {"block": BLOCKS["batch"], "batch": 180, "accumulate": 1, "rate": 0.1}


def run(lab: Lab) -> dlrun.Findings:
    """Train and measure everything."""
    findings = _findings(lab)
    measured = _measured(lab, lab.pick(16, 2))
    _claims(findings, measured)
    add_tables(findings, measured)
    _pictures(lab, findings, measured)
    findings.result = described(measured, findings.verdicts)
    return findings


def _findings(lab: Lab) -> dlrun.Findings:
    """The findings without any result."""
    seeds, epochs = lab.seeds, lab.pick(16, 2)
    return lab.findings(
        "Batch normalization",
        question=(
            "Which of the benefits that Ioffe & Szegedy (Batch normalization, ICML 2015) name can "
            "be seen in a small network: higher learning rates, less dependence on initial "
            "weights, faster training, regularization? How many samples do its statistics need, "
            "and is less drift of activations (internal covariate shift) the reason?"
        ),
        method=(
            "An MLP of six hidden layers of 32 relu units, with or without batch normalization "
            f"before each relu, learns scikit-learn's digits by plain SGD ({epochs} epochs, "
            "batches of 64, He's initialization). A rate trains if the validation accuracy "
            f"reaches {TARGET} in some epoch (grid with factors of two, `rates.yaml`); speed is "
            "the first such epoch at the fastest rate. Four initializations have their own rates, "
            "out of nine, by validation accuracy (`initializers.yaml`). For regularization and "
            "small batches, two hidden layers learn from 180 samples (60 epochs, momentum 0.9). "
            "Each step has the gradient of all 180, accumulated over batches of 2 to 180, so that "
            "only the statistics depend on the batch (`statistics.yaml`). Layer normalization "
            "(Ba, Kiros & Hinton, 2016), group normalization (Wu & He, ECCV 2018) and none do not "
            "depend on it (`layers.yaml`). Each side has its own rate, out of four, by validation "
            "accuracy. The gap is test loss minus training loss of the final weights. All rates "
            f"are chosen with seeds 1000 to 1002, and compared with {len(seeds)} new ones "
            f"({seeds[0]} to {seeds[-1]}; {PLANNED}), paired; a diverged training counts "
            "as guessing. Drift is the mean change per step of "
            f"the mean of a unit that enters hidden layer {LAYER + 1}, over the validation samples "
            "with their own statistics, in standard deviations of these inputs. Noise like that "
            "of Santurkar et al. (How does batch normalization help optimization?, NeurIPS 2018) "
            "then shifts and scales the outputs of all batch normalizations anew in each step "
            f"(uniform within ±{NOISE}, chosen in trials with seeds from 1000), at the rate "
            "without noise."
        ),
        limits=(
            "One small data set and plain dense networks; with convolutions, statistics also "
            "average over positions, and small batches hurt less. With few samples nothing else "
            "regularizes, and gradients have no other noise. Without normalization, Adam, warm-up "
            "or residual connections may train faster. The noise is a counterexample to drift as "
            "the reason; what the reason is was not tested. Batch normalization fixes mean and "
            "variance before its scale and shift, so that it drifts less by construction. "
            "Intervals are over seeds and splits of the same samples, not other data."
        ),
    )


def _measured(lab: Lab, epochs: int) -> Measured:
    few: dict[str, Any] = {"spec.epochs": lab.pick(60, 2)}
    all_: dict[str, Any] = {"spec.epochs": epochs}
    choice_seeds = lab.pick(3, 1)
    less: dict[str, Any] = lab.pick({}, {"space.params.rate": [0.1, 0.4]})
    choice = [SEED + each for each in range(choice_seeds)]
    new = list(lab.seeds)
    fastest = best_rates(
        lab.trained(
            lab.tune("rates.yaml", {**all_, **less, "name": "rates-choice", "space.seed": choice})
        ),
        RATE,
        lambda run: (epochs_to_target(run, epochs),),
    )
    rates = sides(lab.trained(lab.tune("rates.yaml", {**all_, **less, "space.seed": new})))
    fast = {named(settings["params.block"]): rate for settings, rate in fastest}
    return Measured(
        rates=_by_norm(rates),
        fastest=fast,
        initial=_by_norm(_chosen(lab, "initializers.yaml", DIGITS, all_)),
        statistics={
            int(side.settings["params.batch"]): side
            for side in _chosen(lab, "statistics.yaml", FEW, few)
        },
        layers={
            named(side.settings["params.block"]): side
            for side in _chosen(lab, "layers.yaml", FEW, few)
        },
        drifts={
            name: [
                _drift(lab, seed, epochs, norm=norm, rate=fast[norm], noise=noise) for seed in new
            ]
            for name, norm, noise in (
                ("none", "none", 0.0),
                ("batch", "batch", 0.0),
                ("noisy", "batch", NOISE),
            )
        },
        epochs=epochs,
    )


def _by_norm(found: list[Side]) -> dict[str, list[Side]]:
    parts: dict[str, list[Side]] = {}
    for side in found:
        parts.setdefault(named(side.settings["params.block"]), []).append(side)
    return parts


def _chosen(lab: Lab, sweep: str, params: dict[str, Any], overrides: dict[str, Any]) -> list[Side]:
    """The sides of a sweep, each with its own rate, trained with new seeds."""
    first = {**overrides, "repeats": lab.pick(3, 1)}
    if lab.quick:
        first[f"space.{RATE}"] = [0.1]
        if sweep == "statistics.yaml":
            first |= {"space.params.batch": [2, 30, 180], "space.params.accumulate": [90, 6, 1]}
    return with_own_rates(
        lab,
        sweep,
        RATE,
        lambda run: (-run.scores["validation.accuracy"],),
        params=params,
        seeds=lab.seeds,
        choice=first,
        new={**overrides, "name": f"{sweep.removesuffix('.yaml')}-new", "constraints": []},
    )


def _drift(lab: Lab, seed: int, epochs: int, *, norm: str, rate: float, noise: float) -> Drift:
    settings: Mapping[str, Any] = {
        "seed": seed,
        "epochs": epochs,
        "params.block": BLOCKS[norm],
        "params.rate": rate,
    }
    return watch_drift(lab.folder / "digits.yaml", settings, noise)


def _claims(findings: dlrun.Findings, measured: Measured) -> None:
    statistics, layers = measured.statistics, measured.layers
    findings.claim(
        "Batch normalization raises the largest learning rate that trains at least tenfold.",
        better=[math.log10(rate) for rate in measured.largest("batch")],
        than=[math.log10(rate) for rate in measured.largest("none")],
        unit="log10 of the rate", by=1.0,
        remark="The rates of the grid are a factor of two apart.",
    )  # fmt: skip
    findings.claim(
        "Initial weights matter less with it: the spread of test accuracy over four "
        "initializations is at least 0.5 smaller.",
        better=measured.spread("batch"),
        than=measured.spread("none"),
        unit="test accuracy", lower=True, by=0.5, step=ONE_DIGIT,
    )  # fmt: skip
    findings.claim(
        f"Each at its fastest rate, a validation accuracy of {TARGET} is reached at least 3 "
        "epochs earlier with it.",
        better=measured.paces("batch"),
        than=measured.paces("none"),
        unit="epochs", lower=True, by=3, step=1,
    )  # fmt: skip
    findings.claim(
        "Noise of batch statistics regularizes: with those of 30 samples instead of all 180 the "
        "gap between test and training loss is smaller.",
        better=measured.gap(30),
        than=measured.gap(180),
        unit="loss", lower=True,
    )  # fmt: skip
    findings.claim(
        "This noise also makes the network more accurate on the test set.",
        better=accuracies(statistics[30]),
        than=accuracies(statistics[180]),
        unit="test accuracy", step=ONE_OF_FEW,
    )  # fmt: skip
    findings.claim(
        "With statistics of 2 samples, it is at least 0.1 less accurate than the worse of layer "
        "and group normalization.",
        better=[
            min(pair)
            for pair in zip(accuracies(layers["layer"]), accuracies(layers["group"]), strict=True)
        ],
        than=accuracies(statistics[2]),
        unit="test accuracy", by=0.1, step=ONE_OF_FEW,
    )  # fmt: skip
    findings.claim(
        "With statistics of 30 samples, it is more accurate than layer normalization.",
        better=accuracies(statistics[30]),
        than=accuracies(layers["layer"]),
        unit="test accuracy", step=ONE_OF_FEW,
        remark="A first run chose rates by validation loss, which gave layer normalization a rate "
        "too low for its accuracy and confirmed the claim; the choice by accuracy replaced it.",
    )  # fmt: skip
    findings.claim(
        "The inputs of a hidden layer drift at least five times less with it.",
        better=measured.log_drift("batch"),
        than=measured.log_drift("none"),
        unit="log10 of the drift per step", lower=True, by=math.log10(5),
    )  # fmt: skip
    findings.claim(
        "With noise after each normalization, they drift more than without normalization.",
        better=measured.log_drift("noisy"),
        than=measured.log_drift("none"),
        unit="log10 of the drift per step",
    )  # fmt: skip
    findings.claim(
        "In spite of this drift, the network with noise reaches the target earlier than the one "
        "without normalization.",
        better=measured.watched_paces("noisy"),
        than=measured.watched_paces("none"),
        unit="epochs", lower=True, step=1,
    )  # fmt: skip


def _pictures(lab: Lab, findings: dlrun.Findings, measured: Measured) -> None:
    findings.picture(
        lab.save(draw_scores(measured), "scores.png"),
        "Test accuracy by learning rate (left) and by the number of samples of the batch "
        "statistics (right), beside normalizations without them. Mean over seeds with 95 % "
        "interval; diverged trainings count as guessing, 0.1.",
        "Two panels. Left, two curves over a logarithmic axis of learning rates: the one without "
        "normalization falls to 0.1 at rates at which the one with it is still high. Right, the "
        "curve of batch normalization starts low at 2 samples and reaches the level of the "
        "others, horizontal lines, at more samples.",
    )
    findings.picture(
        lab.save(draw_drift(measured.drifts, TARGET), "drift.png"),
        f"Inputs of hidden layer {LAYER + 1} in the course of training, each network at its "
        "fastest rate: distance of the units' means from those at the start, in standard "
        "deviations; standard deviation of the inputs; and validation accuracy. Mean over seeds "
        "with 95 % interval. Noise moves the outputs of all batch normalizations in each step.",
        "Three panels. Without normalization the means move away and the standard deviation "
        "changes most; with batch normalization both stay nearly where they are; with noise the "
        "means jump from step to step, and yet the accuracy rises much earlier than without "
        "normalization.",
    )
