"""What a study's files say, and that they say nothing that is true no longer."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from studies import LOSS, end, study, write
from sweeps import SPEC

from dlrun.selection import optimism, worse
from dlrun.study.batches import batch
from dlrun.study.ledger import Ledger
from dlrun.study.results.advice.advice import advise
from dlrun.study.results.numbers import brief
from dlrun.study.results.ranking import leaderboard
from dlrun.study.results.remarks import remarks
from dlrun.study.schedulers.synchronous import Rounds
from dlrun.study.store.job import Job

ACCURACY = "validation.accuracy"
UNITS: dict[str, Any] = {"search": "grid", "space": {"params.units": [4, 8, 16, 32]}}
RANDOM: dict[str, Any] = {"search": {"random": {"trials": 4}}}


def filled(ledger: Ledger, *runs: Sequence[float | None], score: str = LOSS) -> None:
    """Trials with such scores by seed; None is a failure."""
    if not ledger.state.batches:
        batch(ledger, 0)
    for trial, values in enumerate(runs):
        for repeat, value in enumerate(values):
            end(ledger, Job(trial, repeat), {} if value is None else {score: value})
    write(ledger)


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "studies/search/leaderboard.csv").open() as file:
        return list(csv.DictReader(file))


def said(ledger: Ledger) -> str:
    return "\n".join(remarks(leaderboard(ledger.plan, ledger.state)))


def advised(ledger: Ledger) -> str:
    board = leaderboard(ledger.plan, ledger.state)
    return "\n".join(each.line for each in advise(ledger.plan, board))


def test_what_is_best_no_longer_is_removed(tmp_path: Path) -> None:
    place = tmp_path / "studies/search"
    with study(tmp_path, **RANDOM) as ledger:
        filled(ledger, [None], [0.5], [0.7], [0.6])
        first = (place / "best.yaml").read_text().splitlines()[0]
        assert first == "# Trial 1 of study search after 4 epochs: validation.loss 0.5."
    (place / "plots").mkdir()
    for name in ("convergence.png", "my-own.png"):
        (place / "plots" / name).touch()
    with study(tmp_path, **RANDOM) as ledger:
        write(ledger)
    assert (place / "plots/convergence.png").exists()  # nothing is different
    with study(tmp_path, search={"random": {"trials": 1}}) as ledger:
        write(ledger)
    assert not (place / "best.yaml").exists()
    assert [path.name for path in (place / "plots").iterdir()] == ["my-own.png"]
    with study(tmp_path, **RANDOM) as ledger:
        write(ledger)
    assert "Trial 1 of" in (place / "best.yaml").read_text()


def test_so_is_a_front(tmp_path: Path) -> None:
    goals = {"objectives": [{"minimize": LOSS}, {"minimize": "cost.parameters"}]}
    place = tmp_path / "studies/search/front"
    with study(tmp_path, **RANDOM, **goals) as ledger:
        batch(ledger, 0)
        for trial, value in enumerate([None, 0.5, 0.7, 0.6]):
            scores = {} if value is None else {LOSS: value, "cost.parameters": 1 - value}
            end(ledger, Job(trial, 0), scores)
        write(ledger)
        assert sorted(path.name for path in place.iterdir())[0] == "0001.yaml"
    with study(tmp_path, search={"random": {"trials": 1}}, **goals) as ledger:
        write(ledger)
    assert not list(place.iterdir())


def test_no_trial_that_came_to_its_end_is_told(tmp_path: Path) -> None:
    with study(tmp_path, **UNITS, prune="halving") as ledger:
        batch(ledger, 0)
        for trial in range(4):
            end(ledger, Job(trial, 0, 3), {LOSS: 0.5} if trial else {})
        ledger.record({"event": "pruned", "trials": [1, 2, 3], "epochs": 3})
        board = leaderboard(ledger.plan, ledger.state)
        assert board.fruitless
        assert "No trial was completed: 3 pruned, 1 failed." in said(ledger)
        end(ledger, Job(1, 0), {LOSS: 0.5})
        ledger.record({"event": "promoted", "trial": 1, "epochs": 0})
        assert not leaderboard(ledger.plan, ledger.state).fruitless


def test_columns_have_names_of_their_own(tmp_path: Path) -> None:
    space = {"epochs": [1, 2], "params.units": [4, 8]}
    with study(tmp_path, search="grid", space=space) as ledger:
        filled(ledger, [0.1], [0.2], [0.3], [0.4])
        board = said(ledger)
    text = (tmp_path / "studies/search/leaderboard.csv").read_text().splitlines()[0].split(",")
    assert len(set(text)) == len(text)
    assert [each["space.epochs"] for each in rows(tmp_path)] == ["1", "1", "2", "2"]
    header = (tmp_path / "studies/search/leaderboard.md").read_text().splitlines()[0]
    assert "| epochs | space.epochs | units |" in header
    assert "epochs" not in board


def test_equal_means_share_a_rank(tmp_path: Path) -> None:
    with study(tmp_path, **UNITS, repeats=2) as ledger:
        filled(ledger, [0.6, 0.8], [0.7, 0.7], [0.5, 0.9], [0.9, 0.9])
    assert [each["rank"] for each in rows(tmp_path)] == ["1", "1", "1", "4"]


@pytest.mark.parametrize(
    "runs",
    [
        ([0.6, 0.8], [0.7, 0.7], [0.5, 0.9]),
        ([0.1, -0.1], [0.3, -0.3], [1.1, -1.1]),
        ([0.3, 0.3, -0.6], [0.1, 0.2, -0.3], [0.0, 0.0, 0.0]),
    ],
)
def test_equal_means_share_a_rank_up_to_rounding(tmp_path: Path, runs: Sequence[Any]) -> None:
    with study(tmp_path, repeats=len(runs[0]), **RANDOM) as ledger:
        filled(ledger, *runs, [2.0] * len(runs[0]))
        found = leaderboard(ledger.plan, ledger.state).rows
    assert [row.rank for row in found] == [1, 1, 1, 4]


def test_an_accuracy_has_an_interval_of_accuracies(tmp_path: Path) -> None:
    goal = {"objective": {"maximize": ACCURACY}}
    with study(tmp_path, **UNITS, **goal, repeats=3) as ledger:
        runs = [[1.0, 0.9, 1.0], [1.0, 1.0, 1.0], [0.5, 0.6, 0.7], [0.1, 0.0, 0.0]]
        filled(ledger, *runs, score=ACCURACY)
    for each in rows(tmp_path):
        assert 0 <= float(each["low"]) < float(each["high"]) <= 1
        assert float(each["low"]) <= float(each[ACCURACY]) <= float(each["high"])
    best, second, *others = rows(tmp_path)
    assert (best["trial"], second["trial"], second["tie"]) == ("1", "0", "tie")
    assert [each["tie"] for each in others] == ["", ""]


def test_an_older_study_has_intervals_as_well(tmp_path: Path) -> None:
    """Its journal does not say which range a score has; that is added once it goes on."""
    goal = {"objective": {"maximize": ACCURACY}}
    runs = [[1.0, 0.9, 1.0], [1.0, 1.0, 1.0], [0.5, 0.6, 0.7], [0.1, 0.0, 0.0]]
    with study(tmp_path, **UNITS, **goal, repeats=3) as ledger:
        filled(ledger, *runs, score=ACCURACY)
    file = tmp_path / "studies/search/journal.jsonl"
    first, *rest = file.read_text().splitlines()
    older = {key: value for key, value in json.loads(first).items() if key != "scales"}
    file.write_text("\n".join([json.dumps(older), *rest, ""]))
    with study(tmp_path, **UNITS, **goal, repeats=3) as ledger:
        write(ledger)
    assert max(float(each["high"]) for each in rows(tmp_path)) == 1.0


def test_the_end_of_a_range_is_told(tmp_path: Path) -> None:
    with study(tmp_path, **UNITS) as ledger:
        filled(ledger, [0.5], [0.4], [0.3], [0.2])
        assert ": params.units: the best trial is at the upper end (32); write [" in advised(ledger)
    with study(tmp_path, "inner", **UNITS) as ledger:
        filled(ledger, [0.5], [0.2], [0.3], [0.4])
        assert "the upper end" not in advised(ledger)


def test_infinite_values_stay_what_they_are(tmp_path: Path) -> None:
    values = [math.inf, 1.0, -math.inf, math.nan]
    spec = {**SPEC, "params": {**SPEC["params"], "spare": 1}}
    keys: dict[str, Any] = {"spec": spec, "search": "grid", "space": {"params.spare": values}}
    with study(tmp_path, **keys) as ledger:
        filled(ledger, [0.1], [0.2])
        before = ledger.state.batches
    with study(tmp_path, **keys) as ledger:  # which compares the values with those of the space
        filled(ledger, [0.1], [0.2], [0.3], [0.4])
        assert repr(ledger.state.batches) == repr(before)
    assert [each["params.spare"] for each in rows(tmp_path)] == [".inf", "1.0", "-.inf", ".nan"]
    found = json.loads((tmp_path / "studies/search/leaderboard.json").read_text())
    assert [each["suggestion"]["params.spare"] for each in found["trials"]] == [
        ".inf",
        1.0,
        "-.inf",
        ".nan",
    ]


@pytest.mark.parametrize(("pairs", "words"), [(1, "1 pair of trials"), (2, "2 pairs of trials")])
def test_pairs_are_counted(tmp_path: Path, pairs: int, words: str) -> None:
    space = {"params.units": [4, 8], "data.batch_size": [16, 32][:pairs]}
    claim = {"better": {"params.units": 8}, "than": {"params.units": 4}}
    keys: dict[str, Any] = {"search": "grid", "repeats": 3, "claims": [{"c": claim}]}
    with study(tmp_path, **keys, space=space) as ledger:
        worse, better = [0.5, 0.6, 0.8], [0.1, 0.15, 0.5]
        filled(ledger, *[worse] * pairs, *[better] * pairs)
        assert f"over 3 seeds and {words}." in said(ledger)


def test_a_claim_that_is_wrong_is_worse(tmp_path: Path) -> None:
    claim = {"better": {"params.units": 4}, "than": {"params.units": 8}}
    keys: dict[str, Any] = {"search": "grid", "repeats": 3, "claims": [{"c": claim}]}
    with study(tmp_path, **keys, space={"params.units": [4, 8]}) as ledger:
        filled(ledger, [0.5, 0.6, 0.8], [0.1, 0.15, 0.5])
        line = next(line for line in said(ledger).splitlines() if line.startswith("Claim"))
    pattern = r"Claim 'c' does not hold: worse by 0\.3833 \(95 % interval (\S+) to (\S+)\), over"
    match = re.match(pattern, line)
    assert match is not None, line
    assert 0 < float(match[1]) < 0.3833 < float(match[2])


def test_how_optimistic_the_best_is_needs_several_seeds(tmp_path: Path) -> None:
    with study(tmp_path, **UNITS) as ledger:
        filled(ledger, [0.5], [0.4], [0.3], [0.2])
        assert (
            "The best of 4 scores is optimistic (with repeats: 3 the study estimates by how much)."
        ) in said(ledger)
    with study(tmp_path, "sure", **UNITS, repeats=2) as ledger:
        filled(ledger, [0.5, 0.6], [0.9, 0.8], [0.7, 0.8], [0.7, 0.6])
        assert "optimistic by less than 2 seeds can show." in said(ledger)


@pytest.mark.parametrize(("goal", "sign"), [("minimize", 1.0), ("maximize", -1.0)])
def test_the_optimism_of_the_best_is_told(tmp_path: Path, goal: str, sign: float) -> None:
    runs = [[0.5, 0.6, 0.4], [0.6, 0.4, 0.6], [0.4, 0.7, 0.5], [0.9, 0.9, 0.9]]
    with study(tmp_path, **UNITS, objective={goal: LOSS}, repeats=3) as ledger:
        filled(ledger, *[[0.5 + sign * (each - 0.5) for each in run] for run in runs])
        line = next(line for line in said(ledger).splitlines() if "optimistic" in line)
    found = json.loads((tmp_path / "studies/search/leaderboard.json").read_text())
    assert found["winner"] == 0
    assert found["optimism"] == pytest.approx(optimism(dict(enumerate(runs))))
    assert found["optimism"] > 0
    expected = 0.5 + sign * found["optimism"]
    assert (
        f"by about {found['optimism']:.4f} (other seeds are expected to score {expected:.4f})"
    ) in line


def test_the_error_of_ties_is_shared_by_all_trials(tmp_path: Path) -> None:
    """The rule of a race, which compares each trial alone, would separate one of these."""
    runs = [[0.16, 0.27, 0.28], [0.16, 0.17, 0.21], [0.22, 0.22, 0.15], [0.10, 0.15, 0.11]]
    assert worse(dict(enumerate(runs)), 3, 0.025) == {0}
    with study(tmp_path, **UNITS, repeats=3) as ledger:
        filled(ledger, *runs)
    assert [each["tie"] for each in rows(tmp_path)] == ["", "tie", "tie", "tie"]


TWO = [{"minimize": LOSS}, {"minimize": "cost.parameters"}]


def test_a_front_says_what_is_uncertain_and_its_hypervolume(tmp_path: Path) -> None:
    runs = [(0.30, 0.34, 0.32), (0.31, 0.33, 0.35), (0.90, 0.95, 0.91), (0.70, 0.71, 0.72)]
    costs = (10.0, 5.0, 20.0, 1.0)
    space = {"params.units": [4, 8, 16, 32]}
    with study(tmp_path, search="grid", space=space, repeats=3, objectives=TWO) as ledger:
        batch(ledger, 0)
        for trial, (values, cost) in enumerate(zip(runs, costs, strict=True)):
            for repeat, value in enumerate(values):
                end(ledger, Job(trial, repeat), {LOSS: value, "cost.parameters": cost})
        write(ledger)
        board = leaderboard(ledger.plan, ledger.state)
        text = said(ledger)
    assert [(row.trial.number, row.rank, row.uncertain) for row in board.rows] == [
        (0, 1, True),  # 1 is cheaper, and perhaps not worse
        (1, 1, False),
        (3, 1, False),
        (2, 2, False),
    ]
    assert board.volume is not None
    low, high = 0.32, 0.71 + 0.1 * (0.71 - 0.32)
    assert board.volume.reference == pytest.approx((high, 10.9))
    assert board.volume.best == pytest.approx((low, 1.0))
    rest = high - 0.33
    volume = (high - low) * 0.9 + rest * 5 + (high - 0.71) * 4
    assert board.volume.volume == pytest.approx(volume)
    assert board.volume.share == pytest.approx(volume / ((high - low) * 9.9))
    assert f"Hypervolume of the front: {board.volume.share:.4f} of the box" in text
    assert "the reference point (validation.loss 0.7490, cost.parameters 10.9000)" in text
    assert "Uncertain whether they are on the front" in text
    assert [each["uncertain"] for each in rows(tmp_path)] == ["uncertain", "", "", ""]
    found = json.loads((tmp_path / "studies/search/leaderboard.json").read_text())
    assert found["hypervolume"]["share"] == board.volume.share
    assert found["hypervolume"]["reference"]["cost.parameters"] == pytest.approx(10.9)
    assert [trial for trial, _ in found["hypervolume"]["by_trial"]] == [0, 1, 2, 3]
    assert [each["uncertain"] for each in found["trials"]] == [True, False, False, False]
    table = (tmp_path / "studies/search/leaderboard.md").read_text()
    assert "| 1 uncertain | 0 |" in table


def test_trials_are_pruned_by_their_fronts(tmp_path: Path) -> None:
    """The best in loss and the cheapest go on, and not the second best in loss."""
    keys: dict[str, Any] = {"objectives": TWO, "prune": {"halving": {"factor": 2}}}
    with study(tmp_path, **RANDOM, **keys) as ledger:
        batch(ledger, 0)
        scores = [(0.1, 9.0), (0.2, 9.5), (0.9, 1.0), (0.8, 8.0)]
        for trial, (loss, cost) in enumerate(scores):
            end(ledger, Job(trial, 0, 3), {LOSS: loss, "cost.parameters": cost})
        places = ledger.values(range(4), 3)
        assert sorted(places.values()) == [0, 1, 2, 3]
        assert max(places, key=lambda number: places[number]) == 1
        assert ledger.plan.sweep.prune is not None
        jobs = Rounds(ledger, ledger.plan.sweep.prune)  # type: ignore[arg-type]
        assert jobs.next([]) is not None
        assert 1 in ledger.state.pruned
        assert len(ledger.state.pruned) == 2
        (names, count) = (set(range(4)) - set(ledger.state.pruned), 2)
        assert len(names) == count


def test_each_claim_names_its_objective(tmp_path: Path) -> None:
    sides = {"better": {"params.units": 4}, "than": {"params.units": 8}}
    goals = [{"minimize": LOSS}, {"maximize": ACCURACY}]
    claims = [{"a": {**sides, "objective": LOSS}}, {"b": {**sides, "objective": ACCURACY}}]
    keys: dict[str, Any] = {"objectives": goals, "claims": claims, "repeats": 3}
    with study(tmp_path, **keys, search="grid", space={"params.units": [4, 8]}) as ledger:
        batch(ledger, 0)
        for repeat in range(3):
            end(ledger, Job(0, repeat), {LOSS: 0.1 + repeat / 99, ACCURACY: 0.2 + repeat / 9})
            end(ledger, Job(1, repeat), {LOSS: 0.5 + repeat / 90, ACCURACY: 0.7 + repeat / 9})
        board = leaderboard(ledger.plan, ledger.state)
        text = said(ledger)
    assert [(each.objective, each.holds) for each in board.verdicts] == [
        (LOSS, True),
        (ACCURACY, False),
    ]
    assert "Claim 'a' holds: validation.loss better by 0.40" in text
    assert "Claim 'b' does not hold: validation.accuracy worse by 0.5" in text


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        (["optimizer.adam.lr", "params.units"], ["lr", "units"]),
        (["model.1", "optimizer"], ["model.1", "optimizer"]),
        (["optimizer.adam.lr", "optimizer.sgd.lr"], ["optimizer.adam.lr", "optimizer.sgd.lr"]),
    ],
)
def test_a_key_is_called_by_its_last_part_if_that_says_which(
    keys: list[str], names: list[str]
) -> None:
    assert brief(keys) == names
