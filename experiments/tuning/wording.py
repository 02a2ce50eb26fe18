"""Tables and text of the experiment."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

import dlrun
from dlrun.findings.record import Cell, Verdict
from dlrun.intervals import estimate
from experiments.numbers import from_to
from experiments.tuning.measured import (
    BUDGETS,
    LONGEST,
    MAIN,
    PRUNERS,
    SAMPLERS,
    TRIALS,
    VALIDATION,
    Measured,
)
from experiments.tuning.searches import Numbers
from experiments.tuning.table import Table

QUESTION = (
    "Which search finds good hyperparameters with the fewest epochs: grid, random or Bayesian, "
    "with or without pruning? And how far can the validation score of the winner be trusted?"
)
LIMITS = (
    "One small data set and one family of networks: with other keys, ranges or data, the regrets "
    "change, and so may the order of the searches. All intervals are over seeds of the search on "
    "the same trainings, so they do not contain the variation of other data. A user who knows "
    "where the best values are can choose a better grid. The table has only 13 learning rates, so "
    "a search finds the best one more easily than in a range of real numbers."
)


def method(known: Table, again: Table, seeds: int, choices: int) -> str:
    """How the experiment finds out."""
    count, held_out = len(known.settings), known.right.shape[2]
    return (
        f"`digits-table.yaml` trains a small multilayer perceptron on {1797 - held_out} images of "
        f"handwritten digits with all {count:,} combinations of five keys (13 learning rates, and "
        "3 values each of batch size, layers, dropout and activation) and "
        f"{known.seeds} seeds. `table.npz.xz` stores the learning curves, and which of the "
        f"{held_out:,} held-out images are classified correctly after the last epoch. The "
        f"experiment trains {len(again.settings) * again.seeds} of them again to check the file, "
        f"or all of them if you remove it. dlrun's samplers search this table with {seeds} "
        "seeds, alternating between the trainings of each seed. The objective is the held-out "
        "accuracy; the *regret* is the difference between the best accuracy of the table and "
        "the best that was found. "
        "The evenly spaced values of a grid start at a random position. Pruned searches start as "
        "many random trials as the epochs of a number of full trainings allow. "
        "For the winner's optimism, the held-out images are divided at random into a validation "
        "set, which chooses the winner of a random search, and a test set (the rest), "
        f"{choices} times. All comparisons are paired by seed."
    )


def tables(findings: dlrun.Findings, known: Table, found: Measured) -> None:
    """Add all tables."""
    findings.table(
        "How much each key matters on its own: fraction of the variance of the accuracy",
        ["key", "fraction"],
        [[key, round(share, 3)] for key, share in known.main_effects().items()],
    )
    rows: list[Sequence[Cell]] = [
        [name, *(interval(found.regrets[name][:, each - 1]) for each in (*BUDGETS, LONGEST))]
        for name in SAMPLERS
    ]
    grids = [interval(found.grids[each]) for each in (*BUDGETS, LONGEST)]
    rows.append(["grid, one or two values of each key (64: four learning rates)", *grids])
    rows.append(["grid, eight learning rates", None, None, interval(found.many_rates), None])
    rows += [
        [f"random with {name}", *(interval(found.pruned[name, each]) for each in BUDGETS), None]
        for name in PRUNERS
    ]
    header = ["search", *(f"{each} full trainings" for each in (*BUDGETS, LONGEST))]
    findings.table("Regret in points of accuracy, mean and 95 % interval", header, rows)
    shown = (1, 10, 100, 1000)
    columns = [TRIALS.index(trials) for trials in shown]
    header = ["validation images", *(f"{trials:,} trial{'s'[: trials - 1]}" for trials in shown)]
    findings.table(
        "Optimism of the winner in points, mean and 95 % interval; last column: the 95 % quantile "
        "after 100 trials",
        [*header, "margin"],
        [
            [
                str(size),
                *(interval(found.optimism(size)[:, each]) for each in columns),
                round(found.margin(size, 100), 1),
            ]
            for size in VALIDATION
        ],
    )
    findings.table(
        "Test accuracy of the winner in %, mean and 95 % interval",
        header,
        [
            [str(size), *(interval(found.fresh[size][:, each]) for each in columns)]
            for size in VALIDATION
        ],
    )


def interval(values: Numbers) -> str:
    """A mean with its 95 % interval."""
    return from_to(estimate(values.tolist()), 2)


def result(known: Table, found: Measured, differences: float, verdicts: Sequence[Verdict]) -> str:
    """What was found.

    Args:
        known: the table.
        found: by the searches.
        differences: mean difference of trainings that were repeated.
        verdicts: of all claims; first that random search is better than a grid, that a grid with
            many learning rates is, and that Bayesian optimization is better than random search.
    """
    return "\n\n".join([_searches(known, found, verdicts), _winners(found, differences)])


def _searches(known: Table, found: Measured, verdicts: Sequence[Verdict]) -> str:
    (first, share), (second, less), *_ = known.main_effects().items()
    full = BUDGETS[1]
    random, modelled = (found.regrets[name].mean(axis=0) for name in ("random", "bayes"))
    reached = np.flatnonzero(modelled <= random[-1])
    sooner = (
        f"It needs {reached[0] + 1} trials to reach the regret of {LONGEST} random ones."
        if len(reached)
        else f"It does not reach the regret of {LONGEST} random trials."
    )
    better = verdicts[2].verdict == "holds"
    word = f"is {'' if better else 'not shown to be '}better than random search"
    grid, rates = (each.verdict == "holds" for each in verdicts[:2])
    plain = "better than the grid" if grid else "not shown to be better than the grid"
    many = "is better" if rates else "is not shown to be better"
    return (
        f"The key that matters most, `{first}`, alone explains {share:.0%} of the variance of the "
        f"accuracy; the next one, `{second}`, {less:.0%}. A grid of {MAIN} trials with two values "
        "of each key has only two learning rates, and misses the best accuracy by "
        f"{found.grids[MAIN].mean():.2f} points. Random search tries nearly all learning rates "
        f"and misses it by {random[MAIN - 1]:.2f}: it is {plain}. Bergstra & Bengio "
        '("Random search for hyper-parameter optimization", JMLR 2012) found it better where few '
        f"keys matter. A grid with eight learning rates and fewer values of other keys {many} "
        f"({found.many_rates.mean():.2f}). How much a grid loses depends on how sharp the optimum "
        f"is: here {_good_rates(known)} of 13 learning rates come within one point of the best "
        "accuracy with suitable other values. "
        f"Bayesian optimization {word}: {modelled[MAIN - 1]:.2f} points. {sooner} "
        f"With the epochs of {full} full trainings, the regret is "
        f"{found.pruned['halving', full].mean():.2f} with halving (Jamieson & Talwalkar, "
        '"Non-stochastic best arm identification and hyperparameter optimization", AISTATS '
        f"2016), {found.pruned['hyperband', full].mean():.2f} with hyperband (Li et al., "
        '"Hyperband: a novel bandit-based approach to hyperparameter optimization", JMLR 2018), '
        f"{random[full - 1]:.2f} with random search alone, and {modelled[full - 1]:.2f} with "
        "Bayesian optimization."
    )


def _good_rates(known: Table) -> int:
    """The number of learning rates that come within one point of the best accuracy."""
    mean = known.accuracy.mean(axis=0)
    rows = np.flatnonzero(mean >= mean.max() - 0.01)
    return len({known.settings[row]["optimizer.adam.lr"] for row in rows})


def _winners(found: Measured, differences: float) -> str:
    hundred, images = TRIALS.index(100), 100
    gap = {size: float(found.optimism(size)[:, hundred].mean()) for size in VALIDATION}
    level = found.fresh[images][:, hundred].mean() / 100
    bound = 100 * math.sqrt(level * (1 - level) / images) * math.sqrt(2 * math.log(100))
    small = [size for size in VALIDATION if gap[size] < 0.5]
    needed = (
        f"With {small[0]} images it is below half a point."
        if small
        else f"Even with {VALIDATION[-1]} images it is not below half a point."
    )
    return (
        "The winner's score is optimistic because the winner was selected by it (Cawley & Talbot, "
        '"On over-fitting in model selection and subsequent selection bias in performance '
        f'evaluation", JMLR 2010): with {images} validation images and 100 trials, by '
        f"{gap[images]:.2f} points. For 100 equally good networks with independent scores it "
        f"would be about {bound:.1f} (sqrt(2 ln 100) standard errors); here, all scores are from "
        f"the same images, and few networks are near the best. {needed} A claim that rests on "
        "the validation score of the winner of 100 trials needs a margin, which the optimism "
        f"exceeds in 5 % of searches: {found.margin(images, 100):.1f} points with {images} "
        f"images, {found.margin(800, 100):.1f} with 800. This contains the sampling error of "
        "the test set; but a test set that was not used for any choice has no optimism. "
        f"Repeated trainings differ from the table by {100 * differences:.2f} points on average."
    )
