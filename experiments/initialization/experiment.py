"""How initial weights decide whether a network learns, and how fast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dlrun
from experiments.initialization.measured import DEPTHS, RULES, STEP, TARGET, Measured, rule_of
from experiments.initialization.pictures import draw_learning, draw_start
from experiments.initialization.report import add_tables, described
from experiments.initialization.signals import Signals, signals
from experiments.initialization.units import Moment, watch_units
from experiments.lab import Lab
from experiments.own_rate import Side, with_own_rates

SPEC = "deep-mlp.yaml"
PARAMS = {"depth": 20, "width": 64, "activation": "relu", "initializer": "he_normal", "rate": 0.01}
SHOWN = ("normal 0.01", "normal 1.0", "Xavier", "He", "LSUV")
"""Rules of the picture of signals."""


def run(lab: Lab) -> dlrun.Findings:
    """Train and measure everything."""
    seeds, epochs = lab.pick(10, 2), lab.pick(20, 2)
    findings = _findings(lab, seeds, epochs)
    sides = _sides(lab, seeds, epochs)
    units = _units(lab, seeds, epochs, sides)
    measured = Measured(sides, _signals(lab, seeds), units, epochs)
    _claims(findings, measured)
    add_tables(findings, measured)
    _pictures(lab, findings, measured)
    findings.result = described(measured, findings.verdicts)
    return findings


def _findings(lab: Lab, seeds: int, epochs: int) -> dlrun.Findings:
    """The findings without any result."""
    return lab.findings(
        "Initial weights",
        question=(
            "What do equal, too small and too large initial weights do to a deep network, and do "
            "the rules of Glorot & Bengio (Xavier), He et al., Saxe et al. (orthogonal) and "
            "Mishkin & Matas (LSUV) help where theory says so?"
        ),
        method=(
            f"Networks of 64 units per hidden layer classify scikit-learn's digits ({epochs} "
            "epochs, SGD with momentum 0.9, batches of 64): 20 hidden layers with tanh and relu "
            "(`rates.yaml`), 3 with sigmoid (`sigmoid.yaml`), 2 with tanh for equal units "
            "(`symmetry.yaml`). Each rule has the learning rate, out of five, with the lowest "
            "validation loss over two seeds from 1000 that are not compared, also the poor ones. "
            "A pilot with seed 1000 also set the target of the speed, the depth for sigmoid and "
            "the margins in the claims. "
            f"Then {seeds} new seeds, which also draw the split of the data, are trained and "
            "scored on the test set; differences are paired by seed. A diverged training counts "
            f"as guessing. The speed is the first epoch with a validation loss of {TARGET}; a "
            f"training that never reaches it counts {epochs + 1}, which understates its "
            "distance. Signals before training are root mean squares over units and 16 "
            "samples: of each layer's activations, and of the gradient of the loss with respect "
            "to its pre-activations, for 5, 10, 20 and 50 layers. Equal units are followed by the "
            "effective rank (Roy & Vetterli, EUSIPCO 2007) of the second hidden layer's kernel."
        ),
        limits=(
            "One small data set, plain dense networks of equal width, and SGD. Normalization "
            "layers and residual connections make initial weights matter less, adaptive "
            "optimizers such as Adam repair part of a wrong scale, and longer training lets some "
            "poor starts catch up. Two seeds choose a rate only roughly: one near the largest at "
            "which a rule learns may be too high for other seeds. The intervals are over seeds "
            "and splits of the same samples, not over other data."
        ),
    )


def _sides(lab: Lab, seeds: int, epochs: int) -> Mapping[tuple[int, str, str], Side]:
    every: dict[str, Any] = {"spec.epochs": epochs}
    less: dict[str, Any] = lab.pick({}, {"repeats": 1, "space.params.rate": [0.01, 0.03]})
    found = {}
    for sweep in ("rates.yaml", "sigmoid.yaml", "symmetry.yaml"):
        name = sweep.removesuffix(".yaml")
        for side in with_own_rates(
            lab,
            sweep,
            "params.rate",
            lambda run: (run.scores["validation.loss"],),
            params=PARAMS,
            seeds=range(seeds),
            choice={**every, **less, "name": f"{name}-choice"},
            new={**every, "name": name},
        ):
            depth = int(side.settings.get("params.depth", PARAMS["depth"]))
            rule = rule_of(side.settings["params.initializer"])
            found[depth, str(side.settings["params.activation"]), rule] = side
    return found


def _signals(lab: Lab, seeds: int) -> Mapping[tuple[str, str, int], Sequence[Signals]]:
    wanted = [
        (name, rule, depth)
        for name in ("tanh", "relu")
        for rule in SHOWN
        for depth in lab.pick(DEPTHS, DEPTHS[::3])
    ]
    wanted += [("sigmoid", rule, max(DEPTHS)) for rule in SHOWN]
    wanted += [(name, "orthogonal", max(DEPTHS)) for name in ("tanh", "relu", "sigmoid")]
    return {
        (activation, rule, depth): [
            signals(
                lab.folder / SPEC,
                {
                    "seed": seed,
                    "params.depth": depth,
                    "params.activation": activation,
                    "params.initializer": RULES[rule],
                },
            )
            for seed in range(seeds)
        ]
        for activation, rule, depth in wanted
    }


def _units(
    lab: Lab, seeds: int, epochs: int, sides: Mapping[tuple[int, str, str], Side]
) -> dict[str, list[list[Moment]]]:
    same = {"params.depth": 2, "params.activation": "tanh"}
    cases: dict[str, dict[str, Any]] = {
        rule: {**same, "params.initializer": RULES[rule]}
        for rule in ("zeros", "constant 1/64", "Xavier")
    }
    rates = {rule: sides[2, "tanh", rule].rate for rule in cases}
    cases["one unit"] = one_unit(1 / 64)
    rates["one unit"] = rates["constant 1/64"]
    return {
        name: [
            watch_units(
                lab.folder / SPEC,
                {**case, "params.rate": rates[name], "epochs": epochs, "seed": seed},
                "dense_2",
            )
            for seed in range(seeds)
        ]
        for name, case in cases.items()
    }


def one_unit(weight: float, units: int = 64) -> dict[str, Any]:
    """A network of one unit per layer that learns as one of equal units with equal weights.

    A unit that reads n equal units with weight w reads one with weight n w.  Its gradient is that
    of all n units together, so what all of them share with the inputs has a rate n times smaller,
    and what the output reads from them has one n times larger.
    """

    def dense(count: int, value: float) -> dict[str, Any]:
        return {"dense": {"units": count, "initializer": {"constant": value}}}

    inner, outer = dense(1, units * weight), dense(10, units * weight)
    return {
        "model": ["flatten", dense(1, weight), "tanh", inner, "tanh", outer],
        "groups": [
            {"match": "dense_1", "lr_factor": 1 / units},
            {"match": "dense_2.bias", "lr_factor": 1 / units},
            {"match": "dense_3.kernel", "lr_factor": float(units)},
        ],
    }


def _claims(findings: dlrun.Findings, measured: Measured) -> None:
    accuracy, reached = measured.accuracy, measured.reached
    findings.claim(
        "With weights of zero, 20 relu layers learn nothing: He's rule is at least 0.5 better.",
        better=accuracy(20, "relu", "He"),
        than=accuracy(20, "relu", "zeros"),
        unit="test accuracy", by=0.5, step=STEP,
    )  # fmt: skip
    last = {rule: [each[-1] for each in seeds] for rule, seeds in measured.units.items()}
    findings.claim(
        "Equal units stay equal: after training, random weights have an effective rank at least "
        "30 higher than constant ones.",
        better=[each.rank for each in last["Xavier"]],
        than=[each.rank for each in last["constant 1/64"]],
        unit="effective rank of 64 units", by=30,
    )  # fmt: skip
    findings.claim(
        "64 equal units per layer learn no more than one unit per layer.",
        better=[each.loss for each in last["constant 1/64"]],
        than=[each.loss for each in last["one unit"]],
        unit="training loss", lower=True, within=0.01,
    )  # fmt: skip
    for activation, better, than, what, back in (
        ("relu", "He", "Xavier", "activations", False),
        ("tanh", "Xavier", "He", "gradients", True),
    ):
        findings.claim(
            f"Through 50 {activation} layers, {better} keeps the size of the {what} better than "
            f"{than}.",
            better=[abs(each) for each in measured.change(activation, better, gradients=back)],
            than=[abs(each) for each in measured.change(activation, than, gradients=back)],
            unit="change in powers of ten", lower=True,
        )  # fmt: skip
    for activation, better, than in (("relu", "He", "Xavier"), ("tanh", "Xavier", "He")):
        findings.claim(
            f"After training 20 {activation} layers, {better} is more accurate than {than}.",
            better=accuracy(20, activation, better),
            than=accuracy(20, activation, than),
            unit="test accuracy", step=STEP,
        )  # fmt: skip
    findings.claim(
        f"Under sigmoid (3 layers), Xavier reaches a validation loss of {TARGET} before He.",
        better=reached(3, "sigmoid", "Xavier"),
        than=reached(3, "sigmoid", "He"),
        unit="epochs", lower=True, step=1,
    )  # fmt: skip
    findings.claim(
        f"Under relu (20 layers), He reaches a validation loss of {TARGET} at least 5 epochs "
        "before Xavier.",
        better=reached(20, "relu", "He"),
        than=reached(20, "relu", "Xavier"),
        unit="epochs", lower=True, by=5, step=1,
    )  # fmt: skip
    fitting = zip(accuracy(20, "relu", "He"), accuracy(20, "tanh", "Xavier"), strict=True)
    lsuv = zip(accuracy(20, "relu", "LSUV"), accuracy(20, "tanh", "LSUV"), strict=True)
    findings.claim(
        "LSUV needs no choice: over relu and tanh it is as accurate as the rule made for each.",
        better=[(one + other) / 2 for one, other in lsuv],
        than=[(one + other) / 2 for one, other in fitting],
        unit="test accuracy", within=0.02, step=STEP,
    )  # fmt: skip


def _pictures(lab: Lab, findings: dlrun.Findings, measured: Measured) -> None:
    shown = {key: each for key, each in measured.signals.items() if key[1] in SHOWN}
    findings.picture(
        lab.save(draw_start(shown, ("tanh", "relu")), "start.png"),
        "Root mean square of activations and gradients by layer before training (geometric mean "
        "over seeds with 95 % interval). Activations of shallower networks are the beginning of "
        "those of 50 layers.",
        "Ten panels with logarithmic axes. With normal 0.01, activations vanish towards the "
        "output and gradients towards the input, the more the deeper the network; with normal "
        "1.0, gradients grow towards the input, and relu's activations towards the output. "
        "Xavier's lines sink under relu; those of He and LSUV stay level; under tanh all three "
        "are nearly level.",
    )
    curves = {
        (activation, rule): [
            [float(loss) for loss in each.curves["validation.loss"]]
            for each in side.runs
            if not each.failed
        ]
        for (depth, activation, rule), side in measured.sides.items()
        if depth == 20
    }
    findings.picture(
        lab.save(draw_learning(curves, ("tanh", "relu"), TARGET), "learning.png"),
        "Validation loss of 20 layers (mean over seeds with 95 % interval; runs that diverged are "
        f"left out). The dotted line is the target of {TARGET}.",
        "Two panels, tanh and relu. Zeros and normal 0.01 stay at the loss of guessing, 2.3, and "
        "the constant falls only to about 1.7. Under tanh, Xavier, He, orthogonal and LSUV fall "
        "together within a few epochs, and normal 1.0 stays above 2.3. Under relu, He, orthogonal "
        "and LSUV fall below 1 in about six epochs, and Xavier begins to fall much later.",
    )
