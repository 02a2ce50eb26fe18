"""When to stop training on few samples, and what the samples that decide it cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dlrun
from experiments.early_stopping.check import Agreement, agreement, together
from experiments.early_stopping.claims import add_claims
from experiments.early_stopping.followed import Curves, follow_all
from experiments.early_stopping.measured import Measured, averages
from experiments.early_stopping.pictures import Points, draw_curves, draw_prices
from experiments.early_stopping.report import add_tables, mean
from experiments.early_stopping.tasks import (
    FRACTIONS,
    PATIENCE,
    SIDES,
    TASKS,
    USUAL,
    Settings,
    chosen,
)
from experiments.early_stopping.words import described
from experiments.lab import PLANNED, Lab

CHOICE = 1000
"""First seed of the trainings that only choose settings."""
PATIENCES = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50)
"""Patiences of the picture."""


def run(lab: Lab) -> dlrun.Findings:
    """Train and compare everything."""
    seeds, epochs = lab.seeds, lab.pick(200, 30)
    findings = _findings(lab, epochs)
    settings = _settings(lab, epochs)
    measured = _measured(lab, settings, seeds, epochs)
    checked = _checked(lab, measured, seeds)
    add_claims(findings, measured)
    add_tables(findings, measured)
    _pictures(lab, findings, measured)
    findings.result = described(measured, checked, findings.verdicts)
    return findings


def _findings(lab: Lab, epochs: int) -> dlrun.Findings:
    """The findings without any result."""
    return lab.findings(
        "Early stopping",
        question=(
            "When is it best to stop training on few samples, how well does patience find that "
            "epoch, what do the samples for validation cost, and does early stopping add anything "
            "to dropout and weight decay?"
        ),
        method=(
            "Two hidden layers of 64 units (Adam, batches of 32) learn from 160 samples, 32 of "
            "which validate, on three tasks: scikit-learn's digits, where nearly everything can "
            "be predicted, and two noisy ones, diabetes (a regression) and overlapping moons. "
            f"Every training lasts {epochs} epochs, and its test loss is recorded after each one; "
            "patience is then simulated on the curves of validation and test loss, and "
            "real runs of dlrun with patience 5 and 20 check the simulation "
            "(`patience.yaml`). Learning rate, dropout and weight decay are chosen by the "
            "mean validation loss of three seeds that are used for nothing else (`choice.yaml`): "
            "that of the last epoch for trainings of all epochs, that of the kept one for early "
            f"stopping. {len(lab.seeds)} new seeds ({PLANNED}), which also draw the samples, then "
            f"decide, paired by seed. Early stopping means patience {PATIENCE} on the validation "
            "loss, with the weights of the best epoch. Losses are divided by the mean, over "
            "seeds, of the lowest test loss of any epoch (20 % for validation), then averaged over "
            "tasks. Patience "
            'resembles the criterion UP of Prechelt ("Early stopping - but when?", Neural '
            "Networks: Tricks of the Trade, 1998), which stops when the validation error has "
            "risen several times in a row. dlrun's smallest patience is 1, as is the 0 of other "
            "libraries: the first epoch without improvement ends the training."
        ),
        limits=(
            "Small dense networks with a constant learning rate; with a schedule that ends at the "
            "last epoch, a stopped training is not the beginning of a whole one. The lowest test "
            "loss of any epoch is known only here, and no method could reach it. The settings were "
            "chosen with 20 % for validation and used for all fractions. Three seeds and 32 "
            "samples choose settings only roughly, and a rate at an end of the grid (0.0003 to "
            "0.003) might not be the best. More samples, or a task that takes longer to learn, "
            "make validation cheaper and small patience riskier."
        ),
    )


def _settings(lab: Lab, epochs: int) -> dict[tuple[str, str], Settings]:
    """The settings of each task and side."""
    found = {}
    overrides: dict[str, Any] = {"spec.epochs": epochs, "spec.seed": CHOICE}
    overrides |= lab.pick({}, {"repeats": 1, "space.params.rate": [0.001, 0.003]})
    for task in TASKS:
        named = {"name": f"choice-{task.name}", **task.sweep}
        trained = lab.trained(lab.tune("choice.yaml", {**named, **overrides}))
        for side, settings in chosen(trained).items():
            found[task.name, side] = settings
    return found


def _measured(
    lab: Lab, settings: Mapping[tuple[str, str], Settings], seeds: Sequence[int], epochs: int
) -> Measured:
    """Follow all trainings, as one list for all processors."""
    fractions = [0.0, *(each for each in FRACTIONS if each != USUAL)]
    places = [(task, side, USUAL) for task in TASKS for side in SIDES]
    places += [(task, "early stopping", each) for task in TASKS for each in fractions]
    cases = [
        task.case(seed, epochs, settings[task.name, side], fraction)
        for task, side, fraction in places
        for seed in seeds
    ]
    curves = follow_all(lab, cases)
    found: dict[tuple[str, str, float], list[Curves]] = {
        (task.name, side, fraction): list(curves[place * len(seeds) : (place + 1) * len(seeds)])
        for place, (task, side, fraction) in enumerate(places)
    }
    sides = {(name, side): each for (name, side, part), each in found.items() if part == USUAL}
    parts = {
        (name, part): each for (name, side, part), each in found.items() if side == "early stopping"
    }
    return Measured(epochs, settings, sides, parts)


def _checked(lab: Lab, measured: Measured, seeds: Sequence[int]) -> Agreement:
    """Real runs with patience, beside the curves."""
    found = []
    for task in TASKS:
        settings = measured.settings[task.name, "early stopping"]
        overrides = {f"spec.{key}": value for key, value in settings.items()}
        overrides |= {"name": f"patience-{task.name}", **task.sweep}
        overrides |= {"repeats": len(seeds), "spec.seed": seeds[0]}
        study = lab.tune("patience.yaml", {**overrides, "spec.epochs": measured.epochs})
        found.append(agreement(lab.trained(study), measured.sides[task.name, "early stopping"]))
    return together(found)


def _pictures(lab: Lab, findings: dlrun.Findings, measured: Measured) -> None:
    findings.picture(
        lab.save(
            draw_curves({t.name: measured.sides[t.name, "early stopping"] for t in TASKS}),
            "curves.png",
        ),
        "Loss by epoch with the settings of early stopping (mean over seeds, 95 % interval). The "
        "markers are at the lowest mean validation and test loss.",
        "Three panels with training, validation and test loss over a logarithmic axis of epochs. "
        + " ".join(_rise(task.name, measured) for task in TASKS),
    )
    patiences = [each for each in PATIENCES if each <= measured.epochs]
    by_patience = {
        "best weights": {
            float(each): measured.loss_at("early stopping", each) for each in patiences
        },
        "last weights": {
            float(each): measured.loss_at("early stopping", each, "last") for each in patiences
        },
    }
    epochs = {
        task.name: {
            float(patience): measured.trained(task, "early stopping", patience)
            for patience in patiences
        }
        for task in TASKS
    }
    by_fraction = {
        "lowest of any epoch": {100 * each: measured.lowest_at(each) for each in FRACTIONS},
        "chosen by validation": {100 * each: measured.chosen_at(each) for each in FRACTIONS},
    }
    longest = float(patiences[-1])
    trained = ", ".join(f"{mean(each[longest]):.0f} ({name})" for name, each in epochs.items())
    findings.picture(
        lab.save(draw_prices(by_patience, epochs, by_fraction), "prices.png"),
        "Left and middle: test loss and trained epochs by patience. Right: test loss by the part "
        "of the 160 samples that validates (means over seeds, 95 % intervals).",
        "Three panels with logarithmic horizontal axes. "
        + " ".join(_ends(name, points) for name, points in {**by_patience, **by_fraction}.items())
        + f" With patience {longest:g}, the trained epochs are {trained}.",
    )


def _rise(name: str, measured: Measured) -> str:
    """Where the mean test loss of a task is lowest, and how it ends."""
    losses = averages([each["test.loss"] for each in measured.sides[name, "early stopping"]])
    lowest = min(losses)
    return (
        f"{name.capitalize()}: the mean test loss is lowest in epoch {losses.index(lowest) + 1}, "
        f"{lowest:.2f}, and {losses[-1]:.2f} in the last one."
    )


def _ends(name: str, points: Points) -> str:
    """The first and last mean of a line."""
    (first, start), *_, (last, end) = points.items()
    return f"{name.capitalize()}: {mean(start):.2f} at {first:g}, {mean(end):.2f} at {last:g}."
