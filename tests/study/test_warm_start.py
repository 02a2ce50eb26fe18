"""What a sweep takes from the studies that it names in ``from``."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from studies import end, study, write
from sweeps import SPEC, SWEEP, write_sweep

from dlrun.errors import SpecError
from dlrun.search.suggestion import identity
from dlrun.study import ask_tell, reported
from dlrun.study.batches import batch
from dlrun.study.forecast import forecast
from dlrun.study.propose import propose
from dlrun.study.results.ranking import leaderboard
from dlrun.study.results.remarks import remarks
from dlrun.study.store.job import Job
from dlrun.study.store.prior_trials import PriorTrials
from dlrun.study.sweep.compile import read_plan
from dlrun.study.warm_start import warm_start

SPACE = SWEEP["space"]
BAYES = {"bayes": {"trials": 12, "start": 6}}
LOSS = "validation.loss"


def answered(folder: Path, name: str = "before", **keys: Any) -> list[dict[str, Any]]:
    """A study whose six trials have losses 0, 1, ... but for the last, which failed; its trials."""
    sweep = write_sweep(folder, f"{name}.yaml", name=name, **keys)
    plan, directory = ask_tell.begin(sweep, [], folder / "studies" / name)
    found = []
    while (asked := ask_tell.ask(plan, directory)) is not None:
        words = [f"{goal.score}={len(found)}" for goal in plan.sweep.goals]
        outcome = reported.scored(plan, words)
        if len(found) == 5:
            outcome = reported.failed("it broke")
        ask_tell.report(plan, directory, asked.name, outcome)
        found.append({key: value for key, value in asked.settings.items() if key != "seed"})
    return found


def taken(folder: Path, *names: str, **keys: Any) -> PriorTrials:
    studies = [f"studies/{name}" for name in names or ("before",)]
    return warm_start(read_plan(write_sweep(folder, **{"from": studies, **keys})))


def spec(**keys: Any) -> dict[str, Any]:
    return {**copy.deepcopy(SPEC), **keys}


def test_trials_of_the_same_spec_count(tmp_path: Path) -> None:
    before = answered(tmp_path)
    found = taken(tmp_path, spec=spec(name="other", checkpoint={"every": {"epochs": 2}}))
    assert [each.suggestion for each in found.known] == before
    assert [each.point for each in found.known] == [[0.0], [1.0], [2.0], [3.0], [4.0], None]
    assert found.first == []
    assert found.said == ["studies/before: 6 of 6 trials are reused in this study"]


def test_the_larger_score_is_the_better_one(tmp_path: Path) -> None:
    answered(tmp_path, objective={"maximize": LOSS})
    found = taken(tmp_path)
    assert found.known[0].point == [4.0]
    again = taken(tmp_path, objective={"maximize": LOSS})
    assert again.known[0].point == [-4.0]


def test_a_key_of_the_old_space_that_the_spec_has_now(tmp_path: Path) -> None:
    answered(tmp_path, space={**SPACE, "epochs": [3, 4]})
    four = [each for each in taken(tmp_path).known if each.point is not None]
    assert 0 < len(four) < 5
    assert all(each.suggestion.keys() == SPACE.keys() for each in four)


def test_a_key_of_the_new_space_that_the_spec_had(tmp_path: Path) -> None:
    """As written or by default, and in whatever notation."""
    before = answered(tmp_path)
    space = {**SPACE, "optimizer.adam.beta1": {"uniform": [0.5, 0.95]}, "accumulate": [1, 2]}
    space["model.1"] = ["relu", "tanh"]
    found = taken(tmp_path, space=space)
    more = {"optimizer.adam.beta1": 0.9, "accumulate": 1, "model.1": "relu"}
    assert [each.suggestion for each in found.known] == [{**each, **more} for each in before]


@pytest.mark.parametrize(
    "space",
    [
        {"optimizer": ["sgd", "adam", "rmsprop"], "data.batch_size": [8, 16]},
        {"model.0.dense": [4, 6, 8, 10, 12, 14, 16]},
        {"optimizer": [{"sgd": 0.1}, "adam", {"sgd": {"lr": 0.1, "momentum": 0.9}}, {"adam": 0.1}]},
        {"model.1": ["relu", "tanh"], "initializer": ["he_normal", "zeros", "xavier_normal"]},
        {
            "optimizer": ["sgd", "adam"],
            "optimizer.adam.lr": {"log_uniform": [1e-4, 1.0], "when": {"optimizer": "adam"}},
        },
    ],
)
def test_components_may_be_written_by_their_names_or_main_fields(
    tmp_path: Path, space: dict[str, Any]
) -> None:
    before = answered(tmp_path, space=space, search={"random": {"trials": 6}})
    found = taken(tmp_path, space=space)
    assert before and [each.suggestion for each in found.known] == before


def test_only_what_lies_in_the_space_counts(tmp_path: Path) -> None:
    before = answered(tmp_path)
    rates = sorted(each["optimizer.adam.lr"] for each in before)
    space = {**SPACE, "optimizer.adam.lr": {"log_uniform": [rates[2], 0.1]}}
    assert len(taken(tmp_path, space=space).known) == 4
    limits = {"constraints": [f"optimizer.adam.lr >= {rates[4]}"]}
    assert len(taken(tmp_path, **limits).known) == 2


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({"spec": spec(epochs=5)}, "different spec"),
        (
            {"spec": spec(data={**SPEC["data"], "source": {"blobs": {"samples": 111}}})},
            "different data",
        ),
        ({"objective": {"maximize": "validation.accuracy"}}, "no value of the objective"),
    ],
    ids=["spec", "data", "objective"],
)
def test_the_best_of_another_experiment_are_tried_first(
    tmp_path: Path, keys: dict[str, Any], why: str
) -> None:
    before = answered(tmp_path)
    found = taken(tmp_path, **keys)
    assert found.known == []
    assert found.first == before[:4]
    (line,) = found.said
    assert why in line
    assert "the best 4 of its 6 trials are evaluated first" in line


def test_the_best_of_several_take_turns(tmp_path: Path) -> None:
    other = {"spec": spec(epochs=5)}
    one, two = answered(tmp_path, "one"), answered(tmp_path, "two", seed=1)
    assert taken(tmp_path, "one", "two", **other).first == [one[0], two[0], one[1], two[1]]
    same = answered(tmp_path, "same", **other)
    found = taken(tmp_path, "one", "same", **other)
    assert [each.suggestion for each in found.known] == same
    assert found.first == []  # with the same seed, those of the other are the same


def test_the_same_study_twice_counts_once(tmp_path: Path) -> None:
    answered(tmp_path)
    assert len(taken(tmp_path, "before", "before").known) == 6


@pytest.mark.slow
def test_several_objectives(tmp_path: Path) -> None:
    two = {"objectives": [{"minimize": LOSS}, {"maximize": "validation.accuracy"}]}
    answered(tmp_path, **two)
    found = taken(tmp_path, **two, objective=None)
    assert [each.point for each in found.known][:2] == [[0.0, -0.0], [1.0, -1.0]]
    plan = read_plan(write_sweep(tmp_path, **two, search=BAYES, **{"from": "studies/before"}))
    old = {identity(each.suggestion) for each in found.known}
    assert not old & {identity(each) for each in forecast(plan, 1).suggestions.values()}


@pytest.mark.slow
def test_a_search_knows_them_and_repeats_none(tmp_path: Path) -> None:
    """Four more trials of a Sobol sequence would be the start of six; with these there is none."""
    before = answered(tmp_path)
    named = {"from": "studies/before", "search": BAYES}
    cold = forecast(read_plan(write_sweep(tmp_path, search=BAYES)), 1)
    warm = forecast(read_plan(write_sweep(tmp_path, **named)), 1)
    assert warm.earlier == ["studies/before: 6 of 6 trials are reused in this study"]
    assert warm.suggestions != cold.suggestions
    assert not any(each in before for each in warm.suggestions.values())
    # The objective was told to rise with the number of the trial, and the first was the best.
    nearest = min(
        abs(each["optimizer.adam.lr"] - before[0]["optimizer.adam.lr"])
        for each in warm.suggestions.values()
    )
    assert nearest < 0.02


@pytest.mark.slow
@pytest.mark.parametrize("search", ["grid", {"random": {"trials": 9}}, {"sobol": {"trials": 9}}])
def test_every_search_begins_with_the_best(tmp_path: Path, search: Any) -> None:
    small = {"params.units": [4, 8, 16], "accumulate": [1, 2, 3]}
    before = answered(tmp_path, space=small)
    keys = {"spec": spec(epochs=5), "space": small, "search": search, "from": "studies/before"}
    found = list(forecast(read_plan(write_sweep(tmp_path, **keys)), 1).suggestions.values())
    assert found[:4] == before[:4]
    assert len({identity(each) for each in found}) == 9


@pytest.mark.parametrize("name", ["studies/gone", "", "sweep.yaml"])
def test_no_study(tmp_path: Path, name: str) -> None:
    plan = read_plan(write_sweep(tmp_path, **{"from": name}))
    with pytest.raises(SpecError, match=r"sweep.yaml:\d+:\d+: .*: not a study"):
        warm_start(plan)


def test_studies_of_no_use(tmp_path: Path) -> None:
    """Each is a fault, told where the sweep names it."""
    answered(tmp_path)
    shutil.copytree(tmp_path / "studies" / "before", tmp_path / "studies" / "broken")
    with (tmp_path / "studies" / "broken" / "journal.jsonl").open("a") as file:
        file.write('{"event": "ended", "trial": 0}\n')
    plan, directory = ask_tell.begin(
        write_sweep(tmp_path, "empty.yaml", name="empty"), [], tmp_path / "studies" / "empty"
    )
    ask_tell.ask(plan, directory)
    space = {"optimizer.adam.lr": {"uniform": [5.0, 6.0]}}
    with pytest.raises(SpecError) as caught:
        taken(tmp_path, "before", "empty", "broken", space=space)
    lines = (tmp_path / "sweep.yaml").read_text().splitlines()
    names = [
        json.loads(lines[int(fault.split(":")[1]) - 1].strip().rstrip(","))
        for fault in caught.value.faults
    ]
    assert names == ["studies/before", "studies/empty", "studies/broken"]
    texts = "\n".join(caught.value.faults)
    assert "none of its 6 trials is in this space; its keys are optimizer.adam.lr" in texts
    assert "no trial of this study has ended" in texts
    assert "journal.jsonl:21: not a record of a study" in texts


@pytest.mark.parametrize("value", [3, [3], {"a": "b"}, None, [["a"]]])
def test_no_names(tmp_path: Path, value: Any) -> None:
    with pytest.raises(SpecError, match=r"sweep.yaml:\d+:\d+: 'from'"):
        read_plan(write_sweep(tmp_path, **{"from": value}))


def halved(folder: Path, curves: list[dict[int, float]], name: str = "before") -> None:
    """A study whose trials have such losses by rung, of which 0 is the end, after 4 epochs."""
    prune = {"halving": {"min_epochs": 1, "factor": 2}}
    with study(folder, name, search="grid", space=UNITS, prune=prune) as ledger:
        batch(ledger, 0)
        for trial, curve in enumerate(curves):
            for rung, loss in curve.items():
                end(ledger, Job(trial, 0, rung), {LOSS: loss})
            if 0 not in curve:
                ledger.record({"event": "pruned", "trials": [trial], "epochs": max(curve)})


UNITS = {"params.units": [4, 8, 16, 32]}
CURVES = [{1: 0.16}, {1: 0.15, 2: 0.2, 0: 0.5}, {1: 0.14, 2: 0.3}, {1: 0.7}]


def test_a_pruned_trial_does_not_count_as_a_whole_training(tmp_path: Path) -> None:
    halved(tmp_path, CURVES)
    found = taken(tmp_path, space=UNITS, search="grid")
    (whole,) = [each for each in found.known if not each.epochs]
    assert (whole.suggestion, whole.point) == ({"params.units": 8}, [0.5])
    assert {each.suggestion["params.units"]: each.epochs for each in found.known} == {
        4: 1,
        8: 0,
        16: 2,
        32: 1,
    }
    assert min(each.point[0] for each in found.known if each.point) == 0.5
    assert found.said == [
        "studies/before: 1 of 4 trials are reused in this study",
        "studies/before: 3 pruned after 1 to 2 epochs may be suggested again, because their "
        "scores are not those of a whole training",
    ]


@pytest.mark.parametrize("search", ["grid", {"bayes": {"trials": 9, "start": 1}}], ids=str)
def test_what_was_pruned_is_trained_again(tmp_path: Path, search: Any) -> None:
    halved(tmp_path, CURVES)
    sweep = write_sweep(tmp_path, **{"from": "studies/before"}, space=UNITS, search=search)
    plan = read_plan(sweep)
    suggested = propose(plan, warm_start(plan), [], [], 9, 0)
    assert sorted(each["params.units"] for each in suggested) == [4, 16, 32]


def test_a_study_of_which_nothing_came_to_its_end(tmp_path: Path) -> None:
    halved(tmp_path, [{1: 0.3}, {1: 0.2}, {1: 0.4}, {1: 0.1}])
    found = taken(tmp_path, space=UNITS, search="grid")
    assert [each["params.units"] for each in found.first] == [32, 8, 4, 16]
    assert all(each.epochs == 1 for each in found.known)
    assert found.said == [
        "studies/before: none of its 4 trials was completed, so the best 4 are evaluated first"
    ]


def test_a_whole_training_comes_before_a_pruned_one(tmp_path: Path) -> None:
    halved(tmp_path, CURVES)
    halved(tmp_path, [{1: 0.3}, {1: 0.2}, {1: 0.2}, {1: 0.1, 2: 0.1, 0: 0.9}], "after")
    found = taken(tmp_path, "before", "after", space=UNITS, search="grid")
    by_units = {each.suggestion["params.units"]: each for each in found.known}
    assert (by_units[32].epochs, by_units[32].point) == (0, [0.9])
    assert (by_units[8].epochs, by_units[8].point) == (0, [0.5])


COSTS: dict[str, Any] = {"objectives": [{"minimize": LOSS}, {"minimize": "cost.training"}]}


def test_costs_are_known_of_studies_without_them(tmp_path: Path) -> None:
    before = answered(tmp_path, space={**SPACE, "epochs": [3, 4]})
    found = taken(tmp_path, space={**SPACE, "epochs": [3, 4]}, **COSTS).known
    assert [each.suggestion for each in found] == before
    *whole, failed = [each.point for each in found]
    assert failed is None
    plan = read_plan(write_sweep(tmp_path, **COSTS))
    sizes = len(plan.compiled.data.train)
    for values, point in zip(before, whole, strict=False):
        units = values["params.units"]
        classes = int(plan.compiled.graph.output.shape[0])
        sample = units * 2 + units * classes
        assert point is not None and point[1] == values["epochs"] * sizes * sample


def test_a_pruned_trial_has_no_cost_of_a_whole_training(tmp_path: Path) -> None:
    halved(tmp_path, CURVES)
    found = taken(tmp_path, space=UNITS, search="grid", **COSTS)
    assert [each.suggestion for each in found.known] == [{"params.units": 8}]


def test_a_grid_that_is_known_has_the_best_of_the_prior_trials(tmp_path: Path) -> None:
    grid: dict[str, Any] = {"search": "grid", "space": {"params.units": [4, 8]}}
    with study(tmp_path, "before", **grid) as ledger:
        batch(ledger, 0)
        end(ledger, Job(0, 0), {LOSS: 0.75})
        end(ledger, Job(1, 0), {LOSS: 0.5})
    keys = {**grid, "from": "studies/before"}
    with study(tmp_path, **keys) as ledger:
        assert batch(ledger, 0) is None
        write(ledger)
    first, *spec = (tmp_path / "studies/search/best.yaml").read_text().splitlines()
    assert first == "# The best trial of prior studies: validation.loss 0.5."
    assert "  units: 8" in spec
    with study(tmp_path, **{**keys, "space": {"params.units": [4, 8, 16]}}) as ledger:
        batch(ledger, 0)
        write(ledger)  # a trial of its own is in progress
        assert not ledger.directory.best_file.exists()
        end(ledger, Job(0, 0), {LOSS: 0.625})
        write(ledger)
        assert ledger.directory.best_file.read_text().startswith("# Trial 0 of study search")


def test_a_front_that_is_known_is_named(tmp_path: Path) -> None:
    two = {"objectives": [{"minimize": LOSS}, {"minimize": "train.loss"}]}
    grid: dict[str, Any] = {"search": "grid", "space": {"params.units": [4, 8, 16]}, **two}
    scores = ((0.75, 0.25), (0.5, 0.5), (0.875, 0.75))
    with study(tmp_path, "before", objective=None, **grid) as ledger:
        batch(ledger, 0)
        for number, (own, train) in enumerate(scores):
            end(ledger, Job(number, 0), {LOSS: own, "train.loss": train})
    keys = {**grid, "from": "studies/before"}
    with study(tmp_path, objective=None, **keys) as ledger:
        assert batch(ledger, 0) is None
        lines = remarks(leaderboard(ledger.plan, ledger.state))
    assert lines[-2:] == [
        "Trials of prior studies on their Pareto front: validation.loss 0.5000, train.loss 0.5000 "
        "with params.units 8; validation.loss 0.7500, train.loss 0.2500 with params.units 4.",
        "Their specs are the files prior-*.yaml in the folder front.",
    ]


def test_the_front_has_the_specs_of_prior_trials_at_the_end(tmp_path: Path) -> None:
    two = {"objectives": [{"minimize": LOSS}, {"minimize": "train.loss"}]}
    grid: dict[str, Any] = {"search": "grid", "objective": None, **two}
    front = tmp_path / "studies/search/front"

    def headings() -> dict[str, str]:
        return {file.name: file.read_text().splitlines()[0] for file in front.glob("*")}

    with study(tmp_path, "before", space={"params.units": [4, 8, 16]}, **grid) as ledger:
        batch(ledger, 0)
        for number, (own, train) in enumerate(((0.75, 0.25), (0.5, 0.5), (0.875, 0.75))):
            end(ledger, Job(number, 0), {LOSS: own, "train.loss": train})
    keys = {**grid, "from": "studies/before"}
    with study(tmp_path, space={"params.units": [4, 8]}, **keys) as ledger:
        assert batch(ledger, 0) is None
        write(ledger)
    prior = "# A trial of a prior study, on the Pareto front: "
    edge = f"{prior}validation.loss 0.75, train.loss 0.25."
    assert headings() == {
        "prior-0000.yaml": f"{prior}validation.loss 0.5, train.loss 0.5.",
        "prior-0001.yaml": edge,
    }
    assert "  units: 8" in (front / "prior-0000.yaml").read_text()
    assert "  units: 4" in (front / "prior-0001.yaml").read_text()
    with study(tmp_path, space={"params.units": [4, 8, 32]}, **keys) as ledger:
        batch(ledger, 0)
        write(ledger)  # a trial of its own is in progress
        assert headings() == {}
        lines = remarks(leaderboard(ledger.plan, ledger.state))
        assert not any("prior-*.yaml" in line for line in lines)
        # It dominates one of the two that are known.
        end(ledger, Job(0, 0), {LOSS: 0.375, "train.loss": 0.375})
        write(ledger)
    own_trial = "# Trial 0 of study search after 4 epochs: validation.loss 0.375, train.loss 0.375."
    assert headings() == {"0000.yaml": own_trial, "prior-0000.yaml": edge}
