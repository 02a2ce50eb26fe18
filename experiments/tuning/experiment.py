"""Tuning: samplers and pruners at equal effort, and how far the winner's score can be trusted."""

from __future__ import annotations

import numpy as np

import dlrun
from dlrun.search.samplers.random import Random
from experiments.lab import Lab
from experiments.tuning import pictures, wording
from experiments.tuning.measured import (
    BUDGETS,
    GRIDS,
    LONGEST,
    MAIN,
    PRUNERS,
    TRIALS,
    Measured,
    measure,
)
from experiments.tuning.searches import Numbers, gridded, searched
from experiments.tuning.table import Table, deviation, table, train

AGAIN = {
    "name": "digits-again",
    "space.optimizer.adam.lr": [1e-3, 1e-2],
    "space.data.batch_size": [64],
    "space.params.layers": [1, 3],
    "space.params.dropout": [0.2],
    "space.params.activation": ["relu", "tanh"],
}
"""The part of the table that is trained again, to show that the file is up to date."""


def run(lab: Lab) -> dlrun.Findings:
    """Compare searches in the table, and the winner's validation score with its test score."""
    known, again = table(lab), train(lab, AGAIN)
    differences = deviation(known, again)
    seeds, choices = lab.pick(20, 2), lab.pick(200, 20)
    findings = lab.findings(
        "Tuning: samplers, pruners, and the winner's optimism",
        question=wording.QUESTION,
        method=wording.method(known, again, seeds, choices),
        limits=wording.LIMITS,
    )
    found = measure(known, seeds, choices)
    _claim_searches(findings, found)
    _claim_winners(findings, found)
    wording.tables(findings, known, found)
    _draw_projections(lab, findings, known)
    _draw_progress(lab, findings, found)
    findings.result = wording.result(known, found, differences, findings.verdicts)
    return findings


def _claim_searches(findings: dlrun.Findings, found: Measured) -> None:
    full = BUDGETS[1]
    random, bayes = found.regrets["random"], found.regrets["bayes"]

    def claim(text: str, better: Numbers, than: Numbers) -> None:
        sides = {"better": better.tolist(), "than": than.tolist()}
        findings.claim(text, **sides, unit="points of regret", lower=True)

    claim(
        f"With {MAIN} trials, random search has a smaller regret than a grid with two values of "
        "each key.",
        random[:, MAIN - 1],
        found.grids[MAIN],
    )
    claim(
        f"With {MAIN} trials, a grid with eight learning rates has a smaller regret than one with "
        "two values of each key.",
        found.many_rates,
        found.grids[MAIN],
    )
    claim(
        f"With {MAIN} trials, Bayesian optimization has a smaller regret than random search.",
        bayes[:, MAIN - 1],
        random[:, MAIN - 1],
    )
    for name in PRUNERS:
        claim(
            f"With the epochs of {full} full trainings, random search with {name} has a smaller "
            "regret than without pruning.",
            found.pruned[name, full],
            random[:, full - 1],
        )
    claim(
        f"With the epochs of {full} full trainings, random search with halving has a smaller "
        "regret than Bayesian optimization without pruning.",
        found.pruned["halving", full],
        bayes[:, full - 1],
    )


def _claim_winners(findings: dlrun.Findings, found: Measured) -> None:
    ten, hundred = TRIALS.index(10), TRIALS.index(100)
    few, many = 100, 800
    seen, fresh, gap = found.seen[few], found.fresh[few], found.optimism(few)

    def claim(
        text: str, better: Numbers, than: Numbers, *, by: float = 0.0, within: float | None = None
    ) -> None:
        sides = {"better": better.tolist(), "than": than.tolist()}
        findings.claim(text, **sides, unit="points of accuracy", by=by, within=within)

    claim(
        f"The winner of 100 trials has a better validation accuracy, on {few} images, than test "
        "accuracy, by at least 1 point.",
        seen[:, hundred],
        fresh[:, hundred],
        by=1.0,
    )
    claim(
        "Its optimism, validation minus test accuracy, is larger after 100 trials than after 10.",
        gap[:, hundred],
        gap[:, ten],
    )
    claim(
        f"After 100 trials, the optimism with {many} validation images is less than 1 point.",
        found.seen[many][:, hundred],
        found.fresh[many][:, hundred],
        within=1.0,
    )
    claim(
        f"In spite of the optimism, the winner of 100 trials chosen on {few} images has a better "
        "test accuracy than the winner of 10.",
        fresh[:, hundred],
        fresh[:, ten],
    )


def _draw_projections(lab: Lab, findings: dlrun.Findings, known: Table) -> None:
    rows = {
        "grid": gridded(known, GRIDS[MAIN], 0),
        "random": searched(Random(), known, 0, 0, MAIN),
    }
    numeric = [key for key, each in known.space.dimensions.items() if each.numeric]
    weakest = [key for key in known.main_effects() if key in numeric][-1]
    figure = pictures.projections(known, rows, weakest)
    tried = {name: len({known.settings[row][pictures.LR] for row in rows[name]}) for name in rows}
    findings.picture(
        lab.save(figure, "projections.png"),
        "What a grid and random search see of the learning rate",
        f"Two panels with {MAIN} trials each, by learning rate and {weakest}. The grid tries "
        f"{tried['grid']} learning rates, random search {tried['random']}. Above, the mean "
        "accuracy by learning rate, with the tried rates marked.",
    )


def _draw_progress(lab: Lab, findings: dlrun.Findings, found: Measured) -> None:
    lines = {name: found.regrets[name] for name in ("random", "bayes")}
    curves: dict[str, tuple[list[int], Numbers]] = {
        name: (list(range(1, LONGEST + 1)), values) for name, values in lines.items()
    }
    curves["grid"] = (list(found.grids), np.stack(list(found.grids.values()), axis=1))
    for name in PRUNERS:
        values = np.stack([found.pruned[name, budget] for budget in BUDGETS], axis=1)
        curves[f"random with {name}"] = (list(BUDGETS), values)
    optimism = {
        f"{size} validation images": (TRIALS, found.optimism(size)) for size in (50, 100, 400)
    }
    findings.picture(
        lab.save(pictures.progress(curves, optimism), "progress.png"),
        "Regret of searches, and optimism of the winner",
        "Left: regret against full trainings, for random and Bayesian search as lines and for "
        "grids, halving and hyperband as markers, with intervals. Right: validation minus test "
        "accuracy of the winner of random search against the number of trials, for 50, 100 and "
        "400 validation images.",
    )
