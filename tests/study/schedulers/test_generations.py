"""A study in generations: the same decisions however its runs end and wherever it is killed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from studies import LOSS, end, study, write
from sweeps import SPEC, journal, write_sweep

from dlrun.errors import DataError, InputError
from dlrun.search.pruners.base import ReplacingPruner
from dlrun.search.suggestion import identity
from dlrun.study import steering
from dlrun.study.gate import Gate
from dlrun.study.ledger import Ledger
from dlrun.study.schedulers import generations
from dlrun.study.schedulers.generations import Generations
from dlrun.study.store.job import Job
from dlrun.study.store.trial import Trial
from dlrun.study.sweep.compile import read_plan

EPOCHS = 9
KEYS: dict[str, Any] = {
    "spec": {**SPEC, "epochs": EPOCHS},
    "search": {"random": {"trials": 8}},
    "prune": {"population": {"every": 3}},
    "space": {"optimizer.adam.lr": {"log_uniform": [1e-3, 1e-1]}},
}


@pytest.fixture(autouse=True)
def no_directories(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generations, "make_forks", lambda *_: None)


def trained(
    folder: Path,
    *,
    failing: Sequence[int] = (),
    backwards: bool = False,
    killed_after: int | None = None,
    **more: Any,
) -> list[Trial]:
    """A study in which lower rates are better; see ``test_turns``."""
    folder.mkdir(exist_ok=True)
    with study(folder, **{**KEYS, **more}) as ledger:
        play(ledger, failing, backwards=backwards, killed_after=killed_after)
        write(ledger)
        return ledger.trials()


def play(
    ledger: Ledger,
    failing: Sequence[int] = (),
    *,
    backwards: bool = False,
    killed_after: int | None = None,
) -> None:
    prune = ledger.plan.sweep.prune
    assert isinstance(prune, ReplacingPruner)
    scheduler, done = Generations(ledger, prune), 0
    running: list[Job] = []
    goals = [goal.score for goal in ledger.plan.sweep.goals]
    while True:
        while (job := scheduler.next(running)) is not None:
            running.append(job)
        if not running:
            return
        job = running.pop(-1 if backwards else 0)
        epochs = job.epochs or EPOCHS
        value = ledger.state.suggestion(job.trial)["optimizer.adam.lr"] + 0.1 / epochs
        scores = {} if job.trial in failing else {LOSS: value + 1e-4 * job.repeat}
        if len(goals) > 1 and scores:
            scores = {**dict.fromkeys(goals, 1.0), **scores}
        end(ledger, job, scores, epochs=EPOCHS)
        done += 1
        if done == killed_after:
            return


def decisions(folder: Path) -> list[dict[str, Any]]:
    """What a study decided, without the names of directories."""
    found = []
    for each in journal(folder / "studies" / "search"):
        forks = [(fork["trial"], fork["parent"]) for fork in each.get("forks", ())]
        if each["event"] not in ("study", "ended"):
            found.append({**each, "forks": forks})
    return found


def test_the_worst_are_replaced_by_forks_of_the_best(tmp_path: Path) -> None:
    found = trained(tmp_path)
    first, second = (each for each in decisions(tmp_path) if each["event"] == "generation")
    assert (first["epochs"], second["epochs"]) == (3, 6)
    assert journal(tmp_path / "studies/search")[0]["version"] == 2
    rates = [each.suggestion["optimizer.adam.lr"] for each in found]
    order = sorted(range(8), key=rates.__getitem__)
    assert first["replaced"] == sorted(order[-2:])
    assert {parent for _, parent in first["forks"]} <= set(order[:2])
    assert [trial for trial, _ in first["forks"]] == [8, 9]
    assert [trial for trial, _ in second["forks"]] == [10, 11]
    assert len(found) == 12
    statuses = [each.status for each in found]
    assert (statuses.count("completed"), statuses.count("pruned")) == (8, 4)
    assert all(found[number].epochs == 3 for number in first["replaced"])
    assert all(read_plan_of(tmp_path).space.contains(each.suggestion) for each in found)


def read_plan_of(folder: Path) -> Any:
    return read_plan(write_sweep(folder, "plan.yaml", **KEYS))


@pytest.mark.parametrize("seed", range(20))
def test_no_fork_repeats_its_parent_or_another_fork(tmp_path: Path, seed: int) -> None:
    trials = trained(tmp_path, seed=seed)
    with study(tmp_path, **{**KEYS, "seed": seed}) as ledger:
        forks = ledger.state.forks
    settings = {each.number: identity(each.suggestion) for each in trials}
    found = [(fork.parent, fork.epochs, settings[number]) for number, fork in forks.items()]
    assert len(found) == len(set(found)) >= 2
    assert all(settings[number] != settings[fork.parent] for number, fork in forks.items())


def test_a_space_without_other_settings_repeats_them(tmp_path: Path) -> None:
    prune = {"population": {"every": 3, "step": 1e-9, "resample": 0.0}}  # below the last digit
    trials = trained(tmp_path, prune=prune)
    assert len(trials) == 12
    assert len({identity(each.suggestion) for each in trials}) == 8


def test_the_order_in_which_runs_end_does_not_matter(tmp_path: Path) -> None:
    trained(tmp_path / "a", repeats=2, failing=(3,))
    trained(tmp_path / "b", repeats=2, failing=(3,), backwards=True)
    assert decisions(tmp_path / "a") == decisions(tmp_path / "b")


def test_killed_after_any_run_it_decides_the_same(tmp_path: Path) -> None:
    keys: dict[str, Any] = {"failing": (1, 8), "search": {"random": {"trials": 4}}}
    trained(tmp_path / "whole", **keys)
    before, backwards = -1, False
    while before < (now := len(journal(tmp_path / "killed/studies/search"))):
        before, backwards = now, not backwards
        trained(tmp_path / "killed", killed_after=1, backwards=backwards, **keys)
    assert decisions(tmp_path / "killed") == decisions(tmp_path / "whole")


def test_failed_trials_are_replaced_and_a_study_of_failures_ends(tmp_path: Path) -> None:
    found = trained(tmp_path / "some", failing=range(6))
    statuses = [each.status for each in found]
    assert (statuses.count("failed"), statuses.count("completed")) == (6, 8)
    found = trained(tmp_path / "all", failing=range(100))
    assert [each.status for each in found] == ["failed"] * 8


def test_several_objectives_are_ranked_by_their_fronts(tmp_path: Path) -> None:
    goals = [{"minimize": LOSS}, {"minimize": "cost.parameters"}]
    with study(tmp_path, **KEYS, objectives=goals) as ledger:
        play(ledger)
        trials = ledger.trials()
    statuses = [each.status for each in trials]
    assert (statuses.count("completed"), statuses.count("pruned")) == (8, 4)


@pytest.mark.parametrize("search", [{"bayes": {"trials": 8}}, "grid", {"sobol": {"trials": 8}}])
def test_every_sampler_draws_all_trials_at_once(tmp_path: Path, search: Any) -> None:
    space = {"optimizer.adam.lr": [1e-3, 2e-3, 3e-3, 4e-3, 5e-3, 6e-3, 7e-3, 8e-3]}
    space = space if search == "grid" else KEYS["space"]
    found = trained(tmp_path, search=search, space=space)
    batches = [each for each in decisions(tmp_path) if each["event"] == "batch"]
    assert [len(each["suggestions"]) for each in batches] == [8]
    assert len(found) == 12


def test_the_budget_counts_epochs_once(tmp_path: Path) -> None:
    with study(tmp_path, **KEYS, budget={"epochs": 8 * EPOCHS}) as ledger:
        play(ledger)
        assert Gate(ledger).used() == 8 * EPOCHS


def test_a_fork_needs_the_epochs_after_its_parent(tmp_path: Path) -> None:
    with study(tmp_path, **KEYS, budget={"epochs": 8 * 3 + 3}) as ledger:
        play(ledger, killed_after=8)
        prune = ledger.plan.sweep.prune
        assert isinstance(prune, ReplacingPruner)
        assert Generations(ledger, prune).next([]) is not None
        assert Gate(ledger).closed(Job(8, 0, 6), [], math.inf) is None
        closed = Gate(ledger).closed(Job(8, 0, 0), [], math.inf)
        assert closed is not None
        assert closed.reason == "24 of 27 epochs used, and trial 8 needs 6 more"


def test_its_trials_cannot_be_changed_one_by_one(tmp_path: Path) -> None:
    trained(tmp_path)
    path = tmp_path / "studies" / "search"
    for change in (steering.rerun, steering.forget, steering.remember):
        with pytest.raises(InputError, match="'population' trials continue each other"):
            change(path, [0])
    with pytest.raises(InputError, match="'population' trials continue each other"):
        steering.enqueue(path, ["optimizer.adam.lr=0.02"])


@pytest.mark.parametrize("search", [{"random": {"trials": 9}}, {"sobol": {"trials": 8}}])
def test_neither_their_number_nor_the_sampler_can_change(tmp_path: Path, search: Any) -> None:
    trained(tmp_path, killed_after=3)
    with pytest.raises(
        DataError, match=r"sweep has changed since the study began: (trials|search)"
    ):
        trained(tmp_path, search=search)


def test_forks_are_not_reused_by_another_study(tmp_path: Path) -> None:
    found = trained(tmp_path)
    keys = {**KEYS, "prune": None, "from": "studies/search"}
    with study(tmp_path, "second", **keys) as ledger:
        known = ledger.state.prior_trials.known
        suggestions = [each.suggestion for each in known]
        assert suggestions
        assert all(each.suggestion not in suggestions for each in found[8:])
        assert any(each.suggestion in suggestions for each in found[:8])
