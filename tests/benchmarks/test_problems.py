from __future__ import annotations

import numpy as np
import pytest

from benchmarks.search import tables
from benchmarks.search.functions import FUNCTIONS
from benchmarks.search.problem import space_of
from benchmarks.search.problems import LEVELS, PROBLEMS, drawn, spread


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_smallest_value_of_a_function_is_0(name: str) -> None:
    function = FUNCTIONS[name]
    space = space_of(function.space)
    best = function.regret(function.best)
    assert best == pytest.approx(0, abs=2e-5)
    assert space.contains(function.best)
    values = [function.regret(at) for at in drawn(space, 300)]
    assert min(value for value in values if value is not None) > 0
    for key, each in space.dimensions.items():  # no single key improves the best value
        if key in function.best:
            for value in each.grid(21):
                changed = {**function.best, key: value}
                if space.contains(changed) and (regret := function.regret(changed)) is not None:
                    assert regret >= best - 1e-9, (key, value)


def test_functions_have_their_published_values() -> None:
    """At points other than the best; Ackley and others in the unshifted form of the papers."""
    branin, hartmann = FUNCTIONS["branin"].regret, FUNCTIONS["hartmann6"].regret
    for x, y in ((-np.pi, 12.275), (9.42478, 2.475)):
        assert branin({"x": x, "y": y}) == pytest.approx(0, abs=1e-5)
    assert branin({"x": 0, "y": 0}) == pytest.approx(55.602113 - 0.397887, abs=1e-5)
    zeros = {f"x{i}": 0.0 for i in range(6)}
    assert hartmann(zeros) == pytest.approx(3.322368 - 0.00508911288366444, abs=1e-5)
    rosenbrock = FUNCTIONS["rosenbrock4"].regret
    assert rosenbrock({f"x{i}": 0.0 for i in range(4)}) == 3.0
    best = FUNCTIONS["rastrigin4"].best
    assert FUNCTIONS["rastrigin4"].regret({**best, "x0": best["x0"] + 1}) == pytest.approx(1.0)
    best = FUNCTIONS["ackley5"].best
    near = {key: value + 1 for key, value in best.items()}
    assert FUNCTIONS["ackley5"].regret(near) == pytest.approx(3.6253849384403627)
    best = FUNCTIONS["levy6"].best
    near = {key: value - 1 for key, value in best.items()}  # where Levy's function has x = 0
    w = 0.75
    middle = 5 * (w - 1) ** 2 * (1 + 10 * np.sin(np.pi * w + 1) ** 2)
    last = (w - 1) ** 2 * (1 + np.sin(2 * np.pi * w) ** 2)
    assert FUNCTIONS["levy6"].regret(near) == pytest.approx(np.sin(np.pi * w) ** 2 + middle + last)


@pytest.mark.parametrize("name", ["branin20", "hartmann25"])
def test_of_many_keys_few_matter(name: str) -> None:
    function = FUNCTIONS[name]
    at, other = drawn(space_of(function.space), 2)
    value = function.regret(at)
    matter = [key for key in at if function.regret({**at, key: other[key]}) != value]
    assert len(matter) == {"branin20": 2, "hartmann25": 6}[name]


@pytest.mark.parametrize("name", ["branin", "conditional", "hartmann25"])
def test_noise_has_its_level_and_is_that_of_the_seed(name: str) -> None:
    for level, factor in LEVELS.items():
        problem = PROBLEMS[name if level == "none" else f"{name}-{level}"]()
        best, random = FUNCTIONS[name].best, np.random.default_rng(3)
        outcomes = [problem.trial(best, random) for _ in range(2000)]
        errors = np.array([each.seen - each.regret for each in outcomes if each])
        assert errors.std() == pytest.approx(factor * spread(name), rel=0.06)
        again = np.random.default_rng(3)
        other = problem.trial(drawn(problem.space, 1)[0], again)
        repeated = problem.trial(best, again)
        assert repeated is not None and repeated.seen - repeated.regret == pytest.approx(errors[1])
        assert other is None or other.seen - other.regret == pytest.approx(errors[0])


def test_trials_of_the_conditional_problem_fail_next_to_its_best() -> None:
    function = FUNCTIONS["conditional"]
    values = [function.regret(at) for at in drawn(space_of(function.space), 1000)]
    assert 0.1 < values.count(None) / 1000 < 0.4
    best = dict(function.best)
    assert function.regret({**best, "optimizer.sgd.lr": 0.101}) is None
    assert function.regret({**best, "optimizer.sgd.lr": 0.099}) is not None


@pytest.mark.parametrize("name", tables.NAMES)
def test_a_table_has_all_settings_of_its_sweep(name: str) -> None:
    table = tables.read(name)
    assert table.losses.shape[1] == len(table.settings)
    clean, noisy = PROBLEMS[f"table-{name}"](), PROBLEMS[f"table-{name}-training"]()
    random = np.random.default_rng(0)
    outcomes = [clean.trial(setting, random) for setting in table.settings]
    regrets = [each.regret for each in outcomes if each]
    assert min(regrets) == 0 and all(each.seen == each.regret for each in outcomes if each)
    row = int(np.nanargmin(table.means))
    seen = {each.seen for _ in range(40) if (each := noisy.trial(table.settings[row], random))}
    assert len(seen) == len(table.losses)
    assert np.mean(list(seen)) == pytest.approx(0, abs=1e-6)
