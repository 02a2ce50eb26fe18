"""Optimizers: speed, final quality and sensitivity to the learning rate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import fmean
from typing import Any

import dlrun
from dlrun.arrays import Array
from experiments.lab import PLANNED, Lab
from experiments.numbers import plus_minus
from experiments.optimizers.pictures import paths_figure, rates_figure
from experiments.optimizers.speed import step_seconds
from experiments.optimizers.surface import RULES, best_path, end
from experiments.optimizers.tasks import (
    DISTANCE,
    OPTIMIZERS,
    TASKS,
    Task,
    Trainings,
    optimizer_values,
)

PATH_STEPS = 300

ONE_DIGIT = 1 / 359
"""Change of an accuracy by one sample of the test set, a fifth of the digits."""


def run(lab: Lab) -> dlrun.Findings:
    """Choose learning rates on a grid, train with fresh seeds, and test the claims."""
    findings = lab.findings(
        "Optimizers",
        question=(
            "Which optimizer trains small networks fastest and best, and how exactly must its "
            "learning rate be chosen? Do recurrent networks need RMSProp?"
        ),
        method=_method(lab.seeds),
        limits=(
            "The networks are small, the trainings take 170 to 460 steps at a constant rate, and "
            "batches have 32 samples; with a schedule, longer training or larger networks the "
            "order may differ. Only the learning rate was tuned: momentum is 0.9, AdamW's decay "
            "0.1, the rest dlrun's defaults. The choice is that of a few seeds on a grid with "
            "steps of a factor of three, and each optimizer could gain from a finer one. Splits "
            "are drawn from the same samples, so the intervals are those of other seeds, not of "
            "other data. Seconds depend on the machine, and "
            "matrices as small as these make Muon's step relatively expensive. On "
            "Rosenbrock's surface there is one start, and a path that jumps (Adam, momentum) may "
            "land well by luck."
        ),
    )
    grids = {task.sweep: _grid(lab, task) for task in TASKS}
    studies = {name: _fresh_study(lab, grid) for name, grid in grids.items()}
    fresh = {
        task.sweep: Trainings(task, lab.trained(studies[task.sweep]), len(lab.seeds))
        for task in TASKS
    }
    costs = {name: _costs(lab, study, grids[name]) for name, study in studies.items()}
    _claims(findings, grids, fresh)
    _tables(findings, grids, fresh, costs)
    shown = [grids[name] for name in ("mlp", "cnn", "lstm")]
    findings.picture(
        lab.save(rates_figure(shown), "rates.png"),
        "Final validation score by learning rate: mean over "
        f"{' / '.join(str(len(next(iter(each.runs.values())))) for each in shown)} seeds (MLP / "
        "CNN / LSTM) with 95 % t-intervals, within the score's range. Diverged trainings count as "
        "chance.",
        "Six panels of curves that rise and fall with the learning rate. Those of SGD, momentum "
        "and Nesterov peak at high rates, that of Lion at the lowest.",
    )
    rates = [10 ** (exponent / 4) for exponent in range(-16, 3)]
    paths = {name: best_path(rule, rates, PATH_STEPS) for name, rule in RULES.items()}
    findings.picture(
        lab.save(paths_figure(paths), "paths.png"),
        f"{PATH_STEPS} steps on Rosenbrock's surface from the square; the star is the minimum, "
        "a dot is drawn every 25 steps, and grey lines have equal height. There is no noise, "
        "hence no interval. AdamW's decay pulls both parameters to 0, so it has another minimum.",
        "Eight panels with a path each through a bent valley. SGD, RMSProp and AdamW stop "
        "before the minimum.",
    )
    _path_table(findings, paths)
    findings.result = _result(findings, grids, fresh, costs)
    return findings


def _method(seeds: range) -> str:
    return (
        "Four networks: an MLP and a CNN on scikit-learn's digits, an LSTM on the adding problem "
        "(10 steps; Hochreiter & Schmidhuber, Neural Computation 1997), and a simple RNN that "
        "reads digits row by row. Each optimizer trains with nine learning rates from 0.0001 to "
        "1, with seeds 0 to 2 (MLP: 0 to 9). Two rates are chosen on the validation set: the one "
        "with the lowest mean loss at the end, for quality, and the one with the fewest mean "
        f"steps to a target, for speed. {len(seeds)} fresh seeds ({seeds[0]} to {seeds[-1]}; "
        f"{PLANNED}) train both, and decide: test "
        "scores at the end, and steps to the target on the validation set "
        f"({', '.join(f'{task.title} {_measure(task)} {task.target}' for task in TASKS)}), "
        "linear between epochs; a training that misses it counts with all its steps. The two "
        "claims about rates need no choice, and use the MLP's ten seeds of the grid. Claims, "
        "targets and grids were fixed before, after trials with other seeds (from 1000). Seconds "
        "are steps times the processor time of a step with its share of the validation, measured "
        "apart. "
        f"A learning rate is usable if its validation score is at most {DISTANCE} "
        "below that of the optimizer's best rate with the same seed. Pairs have the same seed, "
        "hence the same split, initial weights and batches. On Rosenbrock's surface (1960) the "
        f"rate with the lowest end after {PATH_STEPS} steps is chosen from a grid with four rates "
        "per decade; Muon sees the two parameters as a matrix of one row, so that its steps have "
        "about the same length."
    )


def _measure(task: Task) -> str:
    return {"accuracy": "accuracy", "r2": "R²"}[task.score]


def _grid(lab: Lab, task: Task) -> Trainings:
    repeats = lab.pick(10 if task.sweep == "mlp" else 3, 2 if task.sweep == "mlp" else 1)
    overrides: dict[str, Any] = {"repeats": repeats}
    if lab.quick:  # other seeds, so that only the whole run sees those that decide
        overrides |= {
            "spec.seed": 1000,
            "spec.epochs": 2,
            "space.params.rate": [0.003, 0.03, 0.3],
        }
    return Trainings(task, lab.trained(lab.tune(f"{task.sweep}.yaml", overrides)), repeats)


def _fresh_study(lab: Lab, grid: Trainings) -> dlrun.Study:
    """Trainings of the chosen rates with seeds that had no part in the choice."""
    chosen = [choice(name) for name in grid.optimizers for choice in (grid.best, grid.fastest)]
    overrides: dict[str, Any] = {
        "name": f"{grid.task.sweep}-fresh",
        "repeats": len(lab.seeds),
        "spec.seed": lab.seeds[0],
        "space": {"optimizer": [optimizer_values(each) for each in dict.fromkeys(chosen)]},
    }
    if lab.quick:
        overrides["spec.epochs"] = 2
    return lab.tune(f"{grid.task.sweep}.yaml", overrides)


def _costs(lab: Lab, study: dlrun.Study, grid: Trainings) -> dict[str, float]:
    """Processor time of a step by optimizer."""
    best = study.best
    assert best is not None and best.spec is not None
    return {
        name: step_seconds(
            best.spec,
            optimizer_values(grid.fastest(name)),
            lab.work / "timing",
            epochs=lab.pick(12, 3),
        )
        for name in grid.optimizers
    }


Several = Mapping[str, Trainings]
Costs = Mapping[str, Mapping[str, float]]


def _claims(findings: dlrun.Findings, grids: Several, fresh: Several) -> None:
    def steps(task: str, name: str) -> list[float]:
        return fresh[task].steps(grids[task].fastest(name))

    def test(task: str, name: str) -> list[float]:
        return fresh[task].scores(grids[task].best(name), "test")

    def usable(name: str) -> list[int]:
        return grids["mlp"].usable(name)

    for text, task, better, than in (
        ("Momentum lets SGD train the MLP to the target in fewer steps.", "mlp", "momentum", "SGD"),
        (
            "Nesterov's momentum needs fewer steps on the MLP than the classical one.",
            "mlp",
            "Nesterov",
            "momentum",
        ),
        ("Muon needs fewer steps on the MLP than Adam.", "mlp", "Muon", "Adam"),
        ("RMSProp needs fewer steps on the simple RNN than SGD.", "rnn", "RMSProp", "SGD"),
    ):
        findings.claim(
            text,
            better=steps(task, better),
            than=steps(task, than),
            unit="steps to the target",
            lower=True,
        )
    findings.claim(
        "With tuned rates, Adam and SGD with momentum end within 0.02 of each other on the CNN.",
        better=test("cnn", "Adam"),
        than=test("cnn", "momentum"),
        unit="test accuracy",
        within=0.02,
        step=ONE_DIGIT,
    )
    findings.claim(
        "Decoupled weight decay makes AdamW better than Adam on the MLP.",
        better=test("mlp", "AdamW"),
        than=test("mlp", "Adam"),
        unit="test accuracy",
        step=ONE_DIGIT,
    )
    for than, words in (("SGD", "plain SGD"), ("momentum", "SGD with momentum")):
        findings.claim(
            f"RMSProp trains the LSTM on the adding problem better than {words}.",
            better=test("lstm", "RMSProp"),
            than=test("lstm", than),
            unit="test R²",
        )
    findings.claim(
        "Adam has more usable rates on the MLP than SGD with momentum.",
        better=usable("Adam"),
        than=usable("momentum"),
        unit="usable rates of the grid",
        step=1.0,
    )
    findings.claim(
        "Lion's best rate on the MLP is lower than Adam's.",
        better=[math.log10(rate) for rate in grids["mlp"].best_rates("Lion")],
        than=[math.log10(rate) for rate in grids["mlp"].best_rates("Adam")],
        unit="log10 of the best rate",
        lower=True,
        remark="Chen et al. (NeurIPS 2023) recommend a third to a tenth of Adam's.",
    )


def _tables(findings: dlrun.Findings, grids: Several, fresh: Several, costs: Costs) -> None:
    def quality(task: Trainings, name: str) -> str:
        best = grids[task.task.sweep].best(name)
        return f"{plus_minus(task.scores(best, 'test'), 3)} at {best.rate:g}"

    def speed(task: Trainings, name: str) -> str:
        fast = grids[task.task.sweep].fastest(name)
        steps, missed = task.steps(fast), task.missed(fast)
        seconds = fmean(steps) * costs[task.task.sweep][name]
        text = f"{plus_minus(steps, 0)}, {seconds:.2g} s, at {fast.rate:g}"
        return f"{text} ({missed} missed)" if missed else text

    def usable(task: Trainings, name: str) -> str:
        return f"{fmean(grids[task.task.sweep].usable(name)):.1f}"

    for title, cell in (
        ("Test score at the end, mean ± half of the 95 % interval, and the rate", quality),
        ("Steps and seconds to the target, mean ± half of the 95 % interval, and the rate", speed),
        ("Usable learning rates of nine, mean over the seeds of the grid", usable),
    ):
        rows = [
            [name, *(cell(task, name) if name in task.optimizers else None for task in each)]
            for each in (list(fresh.values()),)
            for name in OPTIMIZERS
        ]
        findings.table(title, ["optimizer", *(task.title for task in TASKS)], rows)


def _path_table(findings: dlrun.Findings, paths: Mapping[str, tuple[float, Array]]) -> None:
    findings.table(
        f"Height above the minimum of Rosenbrock's surface after {PATH_STEPS} steps; 24.2 at start",
        ["optimizer", "rate", "height"],
        [
            [name, f"{rate:.2g}", f"{end(points, PATH_STEPS):.2g}"]
            for name, (rate, points) in paths.items()
        ],
    )


def _result(findings: dlrun.Findings, grids: Several, fresh: Several, costs: Costs) -> str:
    words = [each.verdict for each in findings.verdicts]
    momentum, nesterov, muon, _rnn, equal, decay, plain, tuned, range_, lion = words
    mlp, lstm = fresh["mlp"], fresh["lstm"]

    def steps(name: str) -> float:
        return fmean(mlp.steps(grids["mlp"].fastest(name)))

    def lstm_steps(name: str) -> float:
        return fmean(lstm.steps(grids["lstm"].fastest(name)))

    def test(task: str, name: str) -> float:
        return fmean(fresh[task].scores(grids[task].best(name), "test"))

    def usable(name: str) -> float:
        return fmean(grids["mlp"].usable(name))

    def rate(name: str) -> float:
        return grids["mlp"].best(name).rate

    scores = [test("mlp", name) for name in OPTIMIZERS]
    quickest = min(OPTIMIZERS, key=steps)
    rmsprop = lstm.scores(grids["lstm"].best("RMSProp"), "test")
    missed = lstm.missed(grids["lstm"].fastest("SGD"))
    parts = [
        f"On the MLP, {quickest} is at the target first, after {steps(quickest):.0f} steps; SGD "
        f"needs {steps('SGD'):.0f}, momentum {steps('momentum'):.0f}, Nesterov "
        f"{steps('Nesterov'):.0f}, Adam {steps('Adam'):.0f} and Muon {steps('Muon'):.0f}. "
        f"On the LSTM Muon needs {lstm_steps('Muon'):.0f}, Adam {lstm_steps('Adam'):.0f} and "
        f"RMSProp {lstm_steps('RMSProp'):.0f}, which no claim stated in advance.",
        f"Against plain SGD {_said(momentum, 'momentum saves steps')}, and "
        f"{_said(nesterov, 'the form of Nesterov saves more')}.",
        f"Muon's step takes {costs['mlp']['Muon'] / costs['mlp']['Adam']:.1f} times the "
        f"processor time of Adam's, and "
        f"{_said(muon, 'it needs fewer of them')}.",
        f"At the end the optimizers' mean test accuracies on the MLP are between "
        f"{min(scores):.3f} and {max(scores):.3f}; "
        f"{_said(equal, 'Adam and momentum differ by less than 0.02')} on the CNN "
        f"({test('cnn', 'Adam'):.3f} and {test('cnn', 'momentum'):.3f}), and "
        f"{_said(decay, 'weight decay makes AdamW better than Adam')} on the MLP"
        + ("." if decay == "holds" else ", perhaps as ten epochs leave little to regularize."),
        f"On the LSTM, RMSProp explains {test('lstm', 'RMSProp'):.3f} of the variance, plain SGD "
        f"{test('lstm', 'SGD'):.3f} ({missed} of {len(lstm.steps(grids['lstm'].fastest('SGD')))} "
        f"trainings miss the target), SGD with momentum {test('lstm', 'momentum'):.3f}, Adam "
        f"{test('lstm', 'Adam'):.3f}: {_said(plain, 'RMSProp is better than plain SGD')}, and "
        f"{_said(tuned, 'it is better than momentum')}. RMSProp's rate of "
        f"{grids['lstm'].best('RMSProp').rate:g}, chosen with three seeds, gives test scores from "
        f"{min(rmsprop):.2f} to {max(rmsprop):.2f} with the fresh ones.",
        f"Of nine rates, {usable('Adam'):.1f} are usable with Adam, {usable('momentum'):.1f} with "
        f"momentum and {usable('SGD'):.1f} with SGD on the MLP: "
        f"{_said(range_, 'Adam is less sensitive than momentum')}. The best rates of the "
        f"grid are {rate('SGD'):g} (SGD), {rate('momentum'):g} (momentum), {rate('Adam'):g} (Adam) "
        f"and {rate('Lion'):g} (Lion); {_said(lion, 'that of Lion is the lower one')} compared "
        f"with Adam.",
    ]
    return " ".join(parts)


def _said(verdict: str, what: str) -> str:
    """A clause that says of a statement whether it was confirmed."""
    if verdict == "holds":
        return f"{what} (confirmed)"
    if verdict == "the opposite holds":
        return f"it is not true that {what} (the opposite is confirmed)"
    return f"it is undecided whether {what}"
