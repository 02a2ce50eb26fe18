from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.console import Console

from dlrun.cli.display import study_live
from dlrun.cli.display.study_live import StudyLive, sparkline
from dlrun.cli.display.terminal import Terminal
from dlrun.study.events import (
    BatchStarted,
    Event,
    JobEnded,
    JobEpoch,
    JobStarted,
    StudyEnded,
    StudyStarted,
    TrialEnded,
)
from dlrun.study.store.job import Job, JobOutcome
from dlrun.study.store.trial import Trial


def started(**more: object) -> StudyStarted:
    fields = {"trials": 4, "repeats": 3, "workers": 2, "threads": 1, "done": 2, "earlier": []}
    goal = {"validation.loss": "minimize"}
    return StudyStarted("s", Path("s"), goal, **{**fields, **more})  # type: ignore[arg-type]


def job(trial: int, repeat: int, score: float, epochs: int = 0) -> list[Event]:
    """The events of a run from its start to its end."""
    what, values = Job(trial, repeat, epochs), {"optimizer.adam.lr": trial + 1.0}
    outcome = JobOutcome("completed", "", {}, 9, 1.0, 1.0, "", None)
    return [
        JobStarted(what, values, 1),
        JobEpoch(what, 9, 9, score),
        JobEnded(what, outcome, score, values),
    ]


class Shown:
    """A display of this width, and its last drawing."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, width: int = 100) -> None:
        monkeypatch.setattr(study_live, "_INTERVAL", 0.0)
        self.console: Console = Terminal().console
        self.console.width, self.console.height = width, 40
        self.live = StudyLive(self.console)

    def lines(self, *events: Event) -> list[str]:
        for event in events:
            self.live(event, [])
        with self.console.capture() as capture:
            self.console.print(self.live._screen())
        return [line.rstrip() for line in capture.get().splitlines()]


def test_the_bar_counts_the_runs_of_the_whole_study(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Shown(monkeypatch)
    batch = BatchStarted({0: {}, 1: {}}, 0, 4)
    lines = shown.lines(started(), batch, *job(0, 2, 0.5), *job(1, 0, 0.4))
    assert lines[-2].startswith("runs 4/12 ") and "batch" not in lines[-2]


def test_the_size_of_a_grid_is_that_of_its_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Shown(monkeypatch)
    assert shown.lines(started(trials=None, done=0))[-2] == "runs 0"
    lines = shown.lines(BatchStarted({0: {}, 1: {}}, 0, 6), *job(0, 2, 0.5))
    assert lines[-2].startswith("runs 1/6 ")


def test_the_bar_counts_trials_if_some_are_ended_early(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Shown(monkeypatch)
    lines = shown.lines(
        started(ended=[0], prunes=True), BatchStarted({1: {}}, 3, 5), *job(1, 0, 0.5, 3)
    )
    assert lines[-2].startswith("trials 1/4 ") and lines[-2].endswith("run 1/5 of the batch")


def test_trials_that_are_not_trained_are_on_top(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Shown(monkeypatch)
    skipped = Trial(1, {}, "infeasible", (), (), "too large")
    lines = shown.lines(started(ended=[0], prunes=True), TrialEnded(skipped))
    assert lines[-2].startswith("trials 1/4 ") and "infeasible 1" in lines[-1]
    lines = shown.lines(TrialEnded(Trial(2, {}, "forgotten", (), (), "")))
    assert lines[-2].startswith("trials 2/4 ") and "forgotten 1" in lines[-1]


def test_a_row_names_trial_and_seed_below_a_heading(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Shown(monkeypatch)
    begun, epoch, _ = job(16, 2, 0.5)
    heading, _, row, *_ = shown.lines(started(), begun, epoch)
    assert heading.split() == ["running", "epoch", "validation.loss", "curve"]
    assert row.split() == ["trial", "16", "seed", "3/3", "9/9", "0.5000", "▅", "lr=17"]


def test_a_trial_is_listed_when_its_last_seed_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Shown(monkeypatch)
    first = [event for seed in range(2) for event in job(0, seed, 8.903e-04)]
    assert "best" not in "".join(shown.lines(started(), *first))
    other = [event for seed in range(3) for event in job(1, seed, 0.0010)]
    heading, _, *rows = shown.lines(*job(0, 2, 8.903e-04), *other)
    assert heading.split() == ["best", "validation.loss"]
    assert [row.split()[:3] for row in rows[:2]] == [
        ["trial", "0", "0.000890"],
        ["trial", "1", "0.001000"],
    ]


def test_a_rung_is_not_the_end_of_a_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Shown(monkeypatch)
    lines = shown.lines(started(repeats=1), *job(0, 0, 0.5, 3))
    assert not any(re.match("best", line) for line in lines)


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_every_line_fits(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    shown = Shown(monkeypatch, width)
    events = [event for seed in range(3) for event in job(0, seed, 0.5)]
    lines = shown.lines(started(), BatchStarted({1: {}}, 3, 5), *events, *job(16, 1, 0.5)[:2])
    assert len(lines) == 8
    assert all(len(line) <= width for line in lines)


def test_nothing_stays_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Shown(monkeypatch)
    lines = shown.lines(started(repeats=1), *job(0, 0, 0.5), StudyEnded("completed", (), 1.0))
    assert "".join(lines) == ""


@pytest.mark.parametrize(
    ("values", "width", "line"),
    [
        ([], 5, ""),
        ([0.0, 1.0], 5, "▁█"),
        ([3.0, 3.0], 5, "▅▅"),
        ([0, 1, 2, 3, 4, 5, 6, 7], 8, "▁▂▃▄▅▆▇█"),
        ([0, 0, 7, 7], 2, "▁█"),
    ],
)
def test_a_curve_in_letters(values: list[float], width: int, line: str) -> None:
    assert sparkline(values, width) == line


def test_a_curve_is_no_wider_than_it_may_be() -> None:
    for length in range(1, 100):
        assert len(sparkline([float(n) for n in range(length)], 20)) <= 20
