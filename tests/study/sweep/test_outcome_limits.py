"""Limits of costs and scores that the trials of a sweep must meet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from studies import LOSS, end, study, write
from sweeps import journal, write_sweep

import dlrun
from dlrun.api.study import Study
from dlrun.cli.app import run
from dlrun.collection.collect import read_entry
from dlrun.collection.study_entry import StudyEntry
from dlrun.errors import SpecError
from dlrun.study import ask_tell, reported
from dlrun.study.results.remarks import remarks
from dlrun.study.schedulers.asynchronous import Flow
from dlrun.study.schedulers.synchronous import Rounds
from dlrun.study.sweep.compile import read_plan
from dlrun.study.warm_start import warm_start

LR, UNITS, ACCURACY = "optimizer.adam.lr", "params.units", "validation.accuracy"
SMALL = {"limits": ["cost.parameters <= 50"]}  # 5 units + 4 in this network: 4 units have 29


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (
            ["cost.parametres < 3"],
            "no run reports 'cost.parametres'; did you mean 'cost.parameters'",
        ),
        (["validation.acuracy > 0.9"], "did you mean 'validation.accuracy'?"),
        (["accuracy > 0.9"], "no run reports 'accuracy'; names begin with cost., validation. or"),
        (["parameters < 1e5"], "no run reports 'parameters'; did you mean 'cost.parameters'?"),
        (
            ["test.loss < 1"],
            "the test set cannot be used to choose the best trial; use validation.",
        ),
        ([f"{UNITS} < 8"], "'params.units' is a key of the space, not a cost or score; write the"),
        (["3 < 4"], "'3 < 4' contains neither a cost nor a score"),
        (["cost.parameters"], "is neither true nor false; compare two numbers, e.g. 'cost."),
        (["cost.parameters <"], "not a comparison: 'cost.parameters <'; write e.g. 'cost."),
        ([7], "'limits' must be text, got 7"),
        ("cost.parameters < 3", "'limits' must be a list"),
    ],
)
def test_errors_have_a_place(tmp_path: Path, limits: Any, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_plan(write_sweep(tmp_path, limits=limits))
    (fault,) = caught.value.errors
    assert fault.startswith(f"{tmp_path}/sweep.yaml:")
    assert words in fault


@pytest.mark.parametrize("search", ["random", "sobol", "bayes"])
@pytest.mark.parametrize("one_by_one", [False, True])
def test_costs_decide_before_the_training(tmp_path: Path, search: str, one_by_one: bool) -> None:
    keys = {"search": {search: {"trials": 6}}, **SMALL}
    with study(tmp_path, **keys) as ledger:
        scheduler = Flow(ledger, None) if one_by_one else Rounds(ledger, None)
        trained = []
        while (job := scheduler.next(())) is not None:
            values = ledger.state.suggestion(job.trial)
            assert ledger.plan.costs(values, 0, 0)["cost.parameters"] <= 50
            end(ledger, job, {LOSS: values[LR]})
            trained.append(job.trial)
        write(ledger)
        state = ledger.state
        assert len(trained) == 6
        assert state.skipped and not state.skipped & set(trained)
    shown = Study(tmp_path / "studies/search")
    for trial in shown.trials:
        cost = read_plan(write_sweep(tmp_path)).costs(trial.suggestion, 0, 0)["cost.parameters"]
        assert (trial.status == "infeasible") == (cost > 50) == (trial.number not in trained)
        if trial.status == "infeasible":
            said = f"'cost.parameters <= 50' is not met: cost.parameters is {cost:g}"
            assert (trial.reason, trial.runs) == (said, ())
    entry = read_entry(shown.path)
    assert isinstance(entry, StudyEntry) and entry.state == "done"
    with study(tmp_path, **keys) as ledger:
        assert Rounds(ledger, None).next(()) is None


def test_a_grid_skips_what_costs_too_much(tmp_path: Path) -> None:
    space = {UNITS: [4, 8, 16], LR: [0.01, 0.1]}
    with study(tmp_path, search="grid", space=space, **SMALL) as ledger:
        assert [Rounds(ledger, None).next(())] != [None]
        assert (ledger.state.size, ledger.state.drawn) == (6, 6 - len(ledger.state.skipped))


def test_a_search_without_any_possible_trial_ends(tmp_path: Path) -> None:
    with (
        study(tmp_path, limits=["cost.parameters < 1"]) as ledger,
        pytest.raises(SpecError, match=r"none of \d+ suggestions in turn meets the limits; the"),
    ):
        Rounds(ledger, None).next(())


def scored(folder: Path, accuracies: list[float], **keys: Any) -> Study:
    """A study whose trials have losses 0, 1, ... and these accuracies."""
    trials = {"search": {"random": {"trials": len(accuracies)}}}
    limits = [f"{ACCURACY} >= 0.5 + 1e-9 * cost.parameters"]
    with study(folder, **{**trials, "limits": limits, **keys}) as ledger:
        scheduler = Rounds(ledger, None)
        while (job := scheduler.next(())) is not None:
            scores = {LOSS: float(job.trial), ACCURACY: accuracies[job.trial]}
            end(ledger, job, scores)
        write(ledger)
    return Study(folder / "studies/search")


def test_an_infeasible_trial_is_never_the_best(tmp_path: Path) -> None:
    shown = scored(tmp_path, [0.1, 0.9, 0.5, 0.8])
    assert shown.best is not None and shown.best.trial == 1
    rows = [(row.rank, row.trial.number) for row in shown.leaderboard.rows]
    assert rows == [(1, 1), (2, 3), (None, 0), (None, 2)]
    assert shown.trials[0].reason.endswith(f", {ACCURACY} is 0.1")
    assert (
        "Infeasible, so never the best: 2 trials, of which 0 were not trained."
        in shown.as_markdown()
    )
    entry = read_entry(shown.path)
    assert isinstance(entry, StudyEntry)
    assert (entry.best_trial, entry.state) == (1, "done")
    events = [each["event"] for each in journal(shown.path)]
    assert events.count("infeasible") == 2
    shown.rerun(0)
    assert shown.trials[0].status == "unfinished"


def test_a_trial_that_ended_just_before_a_kill_is_judged(tmp_path: Path) -> None:
    shown = scored(tmp_path, [0.1, 0.9])
    lines = (shown.path / "journal.jsonl").read_text().splitlines(keepends=True)
    kept = [line for line in lines if '"infeasible"' not in line]
    assert len(kept) == len(lines) - 1
    (shown.path / "journal.jsonl").write_text("".join(kept))
    again = scored(tmp_path, [0.1, 0.9])
    assert [trial.status for trial in again.trials] == ["infeasible", "completed"]


def test_if_no_trial_meets_the_limits_there_is_no_best(tmp_path: Path) -> None:
    shown = scored(tmp_path, [0.1, 0.2])
    assert shown.best is None
    assert not (shown.path / "best.yaml").exists()
    assert "No trial meets the limits: 2 infeasible." in remarks(shown.leaderboard)


def test_limits_of_a_study_do_not_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scored(tmp_path, [0.1, 0.2])
    sweep = write_sweep(tmp_path, "search.yaml", search={"random": {"trials": 2}}, **SMALL)
    assert run(["tune", str(sweep), "--studies", str(tmp_path / "studies")]) == 2
    assert "the sweep has changed since the study began: limits.0 was" in capsys.readouterr().err


def test_a_trial_that_ended_while_it_was_forgotten_is_judged_once_it_counts(tmp_path: Path) -> None:
    keys: dict[str, Any] = {"search": {"random": {"trials": 2}}, "limits": [f"{ACCURACY} > 0.9"]}
    sweep, path = write_sweep(tmp_path, **keys), tmp_path / "study"
    plan, directory = ask_tell.begin(sweep, [], path)
    for _ in range(2):
        assert ask_tell.ask(plan, directory) is not None
    shown = Study(path)
    shown.forget(0)
    for name, loss, accuracy in (("0", 0.1, 0.5), ("1", 0.3, 0.95)):
        words = [f"{LOSS}={loss}", f"{ACCURACY}={accuracy}"]
        ask_tell.report(plan, directory, name, reported.scored(plan, words))
    shown.remember(0)
    assert [trial.status for trial in Study(path).trials] == ["infeasible", "completed"]
    assert "trial 1 " in (path / "best.yaml").read_text().lower().splitlines()[0]


@pytest.mark.parametrize(
    ("limits", "points"),
    [
        ([], [[0.9], [0.1], [0.5]]),
        ([f"{ACCURACY} > 0.8"], [[0.9], [0.1], None]),
        ([f"{ACCURACY} > 0.9"], [[0.9], None, None]),
    ],
)
def test_the_limits_of_a_prior_study_do_not_count(
    tmp_path: Path, limits: list[str], points: list[Any]
) -> None:
    grid: dict[str, Any] = {"search": "grid", "space": {UNITS: [4, 8, 16]}}
    with study(tmp_path, "before", limits=[f"{ACCURACY} > 0.9"], **grid) as ledger:
        for loss, accuracy in ((0.9, 0.95), (0.1, 0.85), (0.5, 0.5)):
            job = Rounds(ledger, None).next([])
            assert job is not None
            end(ledger, job, {LOSS: loss, ACCURACY: accuracy})
        assert [trial.status for trial in ledger.trials()][1:] == ["infeasible"] * 2
    keys = {**grid, "from": "studies/before", "limits": limits}
    with study(tmp_path, "after", **keys) as ledger:
        known = {each.suggestion[UNITS]: each.point for each in ledger.state.prior_trials.known}
        assert [known[units] for units in (4, 8, 16)] == points


def test_prior_trials_must_meet_the_limits_of_the_new_study(tmp_path: Path) -> None:
    scored(tmp_path, [0.1, 0.9], limits=[])
    keys = {"from": "studies/search", "name": "next", "limits": [f"{ACCURACY} > 0.5"]}
    found = warm_start(read_plan(write_sweep(tmp_path, "next.yaml", **keys)))
    assert sorted(str(each.point) for each in found.known) == ["None", "[1.0]"]


def test_a_reported_result_needs_the_scores_of_the_limits(tmp_path: Path) -> None:
    limits = [f"{ACCURACY} > 0.5"]
    plan, directory = ask_tell.begin(write_sweep(tmp_path, limits=limits), [], tmp_path / "study")
    assert ask_tell.ask(plan, directory) is not None
    with pytest.raises(ask_tell.DataError, match=f"{ACCURACY} of run 0 is missing; report it"):
        ask_tell.report(plan, directory, "0", reported.scored(plan, ["0.5"]))
    words = [f"{LOSS}=0.5", f"{ACCURACY}=0.4"]
    ask_tell.report(plan, directory, "0", reported.scored(plan, words))
    assert Study(tmp_path / "study").trials[0].status == "infeasible"


def forecast(*words: object, capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert run([*map(str, words), "--jobs", "1"]) == 0
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("search", ["random", "sobol", "bayes"])
def test_a_dry_run_shows_the_trials_that_are_skipped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], search: str
) -> None:
    keys = {"search": {search: {"trials": 4}}, **SMALL}
    with study(tmp_path, **keys) as ledger:
        Rounds(ledger, None).next(())
        skipped, size = ledger.state.skipped, ledger.state.size
        why = ledger.state.infeasible
    assert 0 < len(skipped) == size - 4
    sweep = write_sweep(tmp_path, **keys)
    lines = forecast("tune", sweep, "--dry-run", capsys=capsys)
    assert "4 trials, 4 runs" in lines[0]
    listed = [line for line in lines if line.startswith("trial ")]
    assert len(listed) == size and "..." not in lines
    for number, line in enumerate(listed):
        said = f"trial {number} infeasible: {why[number]}  lr=" if number in skipped else ""
        assert line.startswith(said or f"trial {number}  lr=")
    assert f"infeasible, so not trained  {len(skipped)} of {size} suggestions" in lines
    (line,) = [each for each in forecast("plan", sweep, capsys=capsys) if "infeasible" in each]
    assert line.startswith(f"infeasible, so not trained  {len(skipped)} of {size} suggestions, ")
    assert line.endswith(f"such as {why[min(skipped)]}")


def test_a_forecast_counts_the_trials_that_are_trained(tmp_path: Path) -> None:
    space = {UNITS: [4, 8, 16], LR: [0.01, 0.1]}
    found = dlrun.plan(write_sweep(tmp_path, search="grid", space=space, **SMALL), jobs=1)
    assert (found.trials, found.runs) == (2, 2)
    assert len(found.suggestions) == 6 and len(found.skipped) == 4
    space = {UNITS: [4, 8, 16]}  # one is left after the limits, of six that are asked for
    found = dlrun.plan(write_sweep(tmp_path, space=space, **SMALL), jobs=1)
    assert (found.trials, len(found.skipped)) == (1, 2)


@pytest.mark.parametrize("command", [["tune", "--dry-run"], ["plan"]])
def test_a_forecast_of_a_search_without_any_possible_trial_fails_like_the_search(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    sweep = write_sweep(tmp_path, limits=["cost.parameters < 1"])
    assert run([*command, str(sweep)]) == 2
    said = "suggestions in turn meets the limits; the last: 'cost.parameters < 1' is not met"
    assert said in capsys.readouterr().err
