"""A study in turns: the same decisions however its runs end and wherever it is killed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from studies import LOSS, end, study, write
from sweeps import SPEC, journal

from dlrun.api.study import Study
from dlrun.search.pruners.base import ChoosingPruner
from dlrun.study.schedulers.turns import Turns
from dlrun.study.store.job import Job
from dlrun.study.store.trial import Trial

EPOCHS = 12
RANDOM = {"random": {"trials": 14}}
LR, UNITS = "optimizer.adam.lr", "params.units"
BAYES = {"bayes": {"trials": 14, "batch": 3, "start": 4}}


def tuned(
    folder: Path,
    search: dict[str, Any],
    *,
    failing: Sequence[int] = (),
    backwards: bool = False,
    killed_after: int | None = None,
    repeats: int = 1,
    **more: Any,
) -> list[Trial]:
    """A study in which lower rates are better; some trials fail after their first rung.

    Args:
        backwards: the last run of a turn ends first, as with many workers.
        killed_after: the number of runs after which the study is killed.
    """
    folder.mkdir(exist_ok=True)
    keys = {"search": search, "prune": {"freeze_thaw": {}}, "repeats": repeats, **more}
    with study(folder, spec={**SPEC, "epochs": EPOCHS}, **keys) as ledger:
        prune = ledger.plan.sweep.prune
        assert isinstance(prune, ChoosingPruner)
        turns, done = Turns(ledger, prune), 0
        running: list[Job] = []
        while True:
            while (job := turns.next(running)) is not None:
                running.append(job)
            if not running:
                break
            job = running.pop(-1 if backwards else 0)
            epochs = job.epochs or EPOCHS
            value = ledger.state.suggestion(job.trial)["optimizer.adam.lr"] + 0.1 / epochs
            broken = job.trial in failing and epochs > 1
            scores = {} if broken else {LOSS: value + 1e-4 * job.repeat}
            end(ledger, job, scores, epochs=EPOCHS)
            done += 1
            if done == killed_after:
                break
        write(ledger)
        return ledger.trials()


def decisions(folder: Path) -> list[dict[str, Any]]:
    """The records of a study except those of single runs."""
    records = journal(folder / "studies" / "search")
    return [each for each in records if each["event"] not in ("study", "ended")]


@pytest.mark.parametrize("search", [RANDOM, BAYES], ids=["random", "bayes"])
def test_every_trial_starts_and_the_best_one_is_completed(
    tmp_path: Path, search: dict[str, Any]
) -> None:
    found = tuned(tmp_path, search)
    assert len(found) == 14
    assert {each.status for each in found} == {"completed", "pruned"}
    best = min(found, key=lambda each: each.suggestion["optimizer.adam.lr"])
    assert best.status == "completed"
    assert sum(each.epochs for each in found) < 0.8 * EPOCHS * len(found)
    turns = [each for each in decisions(tmp_path) if each["event"] == "turn"]
    assert all(len(turn["trials"]) <= 4 for turn in turns)
    assert (tmp_path / "studies/search/best.yaml").exists()


@pytest.mark.parametrize("search", [RANDOM, BAYES], ids=["random", "bayes"])
def test_the_order_in_which_runs_end_does_not_matter(
    tmp_path: Path, search: dict[str, Any]
) -> None:
    tuned(tmp_path / "a", search, repeats=2)
    tuned(tmp_path / "b", search, repeats=2, backwards=True)
    assert decisions(tmp_path / "a") == decisions(tmp_path / "b")


@pytest.mark.slow
@pytest.mark.parametrize("failing", [(), (2, 5)])
def test_killed_after_any_run_it_decides_the_same(tmp_path: Path, failing: Sequence[int]) -> None:
    search = {"bayes": {"trials": 9, "batch": 3, "start": 4}}
    tuned(tmp_path / "whole", search, failing=failing)
    wanted = decisions(tmp_path / "whole")
    tuned(tmp_path / "killed", search, failing=failing, killed_after=1)
    before = 0
    while before < len(journal(tmp_path / "killed/studies/search")):
        before = len(journal(tmp_path / "killed/studies/search"))
        backwards = before % 2 == 0
        tuned(tmp_path / "killed", search, failing=failing, killed_after=1, backwards=backwards)
    assert decisions(tmp_path / "killed") == wanted


def test_an_interrupted_turn_resumes_in_its_order(tmp_path: Path) -> None:
    """So a budget of epochs ends the study after the same run."""
    with study(tmp_path, search=RANDOM, prune={"freeze_thaw": {}}) as ledger:
        found = [{LR: 0.01 * (1 + number), UNITS: 4} for number in range(14)]
        ledger.record({"event": "batch", "batch": 0, "suggestions": found})
        ledger.record({"event": "turn", "trials": [2, 3], "epochs": [1, 1]})
        for trial in (2, 3):
            end(ledger, Job(trial, 0, 1), {LOSS: 0.5})
        ledger.record({"event": "turn", "trials": [1, 3], "epochs": [1, 2]})
        prune = ledger.plan.sweep.prune
        assert isinstance(prune, ChoosingPruner)
        jobs = Turns(ledger, prune).jobs()
        assert [next(jobs), next(jobs)] == [Job(1, 0, 1), Job(3, 0, 2)]


def test_failed_trials_do_not_stop_the_others(tmp_path: Path) -> None:
    found = tuned(tmp_path, RANDOM, failing=range(13))
    assert found[13].status in ("completed", "pruned")
    assert {each.status for each in found[:13]} <= {"failed", "pruned"}
    all_failed = tuned(tmp_path / "all", {"random": {"trials": 2}}, failing=range(2))
    assert all(each.status == "failed" for each in all_failed)


def test_with_more_trials_nothing_is_taken_back(tmp_path: Path) -> None:
    whole: set[int] = set()
    for trials in (2, 5, 12):
        found = tuned(tmp_path, {"random": {"trials": trials}})
        assert len(found) == trials
        assert {each.status for each in found} <= {"completed", "pruned"}
        completed = {each.number for each in found if each.status == "completed"}
        assert completed >= whole and completed
        whole = completed
    again = len(journal(tmp_path / "studies" / "search"))
    tuned(tmp_path, {"random": {"trials": 12}})
    assert len(journal(tmp_path / "studies" / "search")) == again


@pytest.mark.parametrize(
    ("search", "until"),
    [(RANDOM, {"score": 0.5}), (BAYES, {"score": 0.5}), (BAYES, {"patience": 1})],
)
def test_a_rule_ends_it_between_two_turns(
    tmp_path: Path, search: dict[str, Any], until: dict[str, float]
) -> None:
    whole = tuned(tmp_path / "whole", search)
    found = tuned(tmp_path / "ended", search, until=until)
    completed = [each for each in found if each.status == "completed"]
    assert 1 <= len(completed) <= sum(each.status == "completed" for each in whole)
    assert sum(each.epochs for each in found) < sum(each.epochs for each in whole)
    again = tuned(tmp_path / "ended", search, until=until, backwards=True)
    assert [each.status for each in again] == [each.status for each in found]
    assert len(tuned(tmp_path / "ended", search)) == len(whole)  # without the rule it continues


def test_trials_that_wait_at_the_end_do_not_wear_out_the_patience(tmp_path: Path) -> None:
    until = {"patience": 8}
    for _ in range(2):
        tuned(tmp_path, RANDOM, until=until)
        with study(
            tmp_path,
            spec={**SPEC, "epochs": EPOCHS},
            search=RANDOM,
            prune={"freeze_thaw": {}},
            until=until,
        ) as ledger:
            prune = ledger.plan.sweep.prune
            assert isinstance(prune, ChoosingPruner)
            assert Turns(ledger, prune).next([]) is None
            assert ledger.conclusion is None
    more = tuned(tmp_path, {"random": {"trials": 20}}, until=until)
    assert len(more) == 20 and all(each.epochs for each in more)


def test_after_a_rule_only_trials_that_the_user_has_named_are_trained(tmp_path: Path) -> None:
    before = tuned(tmp_path, RANDOM, until={"score": 0.5})
    shown = Study(tmp_path / "studies/search")
    shown.enqueue({LR: 0.001})
    again = next(each.number for each in before if each.status == "pruned" and each.epochs > 1)
    shown.rerun(again)
    found = tuned(tmp_path, RANDOM, until={"score": 0.5})
    added = next(each for each in found if each.suggestion[LR] == 0.001)
    assert added.status == "completed"  # the lowest rate of all, which is the best
    assert found[again].epochs >= 1
    untouched = [each for each in before if each.number not in (again, added.number)]
    after = {each.number: each for each in found}
    assert [after[each.number].epochs for each in untouched] == [each.epochs for each in untouched]


def test_with_fewer_trials_the_others_wait(tmp_path: Path) -> None:
    tuned(tmp_path, RANDOM, killed_after=11)
    found = tuned(tmp_path, {"random": {"trials": 3}})
    assert len(found) == 3 and {each.status for each in found} <= {"completed", "pruned"}


@pytest.mark.slow
@pytest.mark.parametrize("search", [RANDOM, BAYES], ids=["random", "bayes"])
def test_a_steered_study_decides_the_same_wherever_it_is_killed(
    tmp_path: Path, search: dict[str, Any]
) -> None:
    for name, most in (("whole", None), ("killed", 1)):
        folder = tmp_path / name
        tuned(folder, search, killed_after=9, first=[{UNITS: 8}])
        shown = Study(folder / "studies/search")
        best = min((each for each in shown.trials if each.values), key=lambda each: each.values)
        shown.forget(best.number)
        shown.rerun(0)
        shown.enqueue({LR: 0.001})
        before = 0
        while before < len(journal(shown.path)):
            before = len(journal(shown.path))
            found = tuned(folder, search, killed_after=most, first=[{UNITS: 8}])
    assert decisions(tmp_path / "killed") == decisions(tmp_path / "whole")
    status = {each.number: each.status for each in found}
    assert len(found) == 15 and status.pop(best.number) == "forgotten"
    assert set(status.values()) == {"completed", "pruned"}
    added = next(each for each in found if each.suggestion[LR] == 0.001)
    assert added.status == "completed"  # the lowest rate of all, which is the best


def test_costs_decide_before_the_first_turn(tmp_path: Path) -> None:
    limits = ["cost.parameters <= 50"]  # two of three values have more
    found = tuned(tmp_path, RANDOM, limits=limits)
    trained = [each for each in found if not each.skipped]
    assert len(trained) == 14 < len(found)
    assert {each.suggestion[UNITS] for each in trained} == {4}
    assert {each.status for each in trained} == {"completed", "pruned"}
    again = len(journal(tmp_path / "studies/search"))
    tuned(tmp_path, RANDOM, limits=limits)
    assert len(journal(tmp_path / "studies/search")) == again


def test_an_infeasible_trial_is_not_the_one_to_beat(tmp_path: Path) -> None:
    limits = [f"{LOSS} > 0.02"]  # which the best trials do not meet
    found = tuned(tmp_path, RANDOM, limits=limits)
    status = {each.status for each in found}
    assert status >= {"completed", "infeasible"} and "unfinished" not in status
