"""What fails after a resume: the checkpoint, or dlrun itself."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dlrun.errors import DataError
from dlrun.launch.resume import resume_run
from dlrun.launch.start import start
from dlrun.launch.training import Training
from dlrun.training.events import Event, StepEnded
from dlrun.training.session import Session
from dlrun.training.weight_update import WeightUpdate

Spec = Callable[..., Path]


def interrupted(spec: Spec, folder: Path) -> Training:
    """A training that is resumed after step 4 of its first epoch."""
    checkpoint = {"every": {"steps": 1}, "share": 1.0}
    with start(spec(checkpoint=checkpoint), runs=folder) as training:
        for event in training.events():
            if isinstance(event, StepEnded) and event.step == 4:
                break
    resumed = resume_run(training.directory.path)
    assert isinstance(resumed, Training)
    return resumed


@pytest.mark.parametrize("always", [True, False])
def test_a_bug_after_a_resume_is_not_taken_for_a_broken_checkpoint(
    spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, always: bool
) -> None:
    resumed = interrupted(spec, tmp_path)
    step = WeightUpdate.__call__

    def failing(self: WeightUpdate, *args: Any, **keys: Any) -> None:
        if always or self.updater.pace.step > 3:
            raise TypeError("here")
        step(self, *args, **keys)

    monkeypatch.setattr(WeightUpdate, "__call__", failing)
    begun = []
    run = Session.run

    def counted(session: Session, *args: Any) -> Iterator[Event]:
        for event in run(session, *args):
            begun.append(event)
            yield event

    monkeypatch.setattr(Session, "run", counted)
    with resumed, pytest.raises(TypeError if always else DataError, match="here"):
        resumed.run()
    steps = [(each.epoch, each.step) for each in begun if isinstance(each, StepEnded)]
    assert steps == ([] if always else [(1, 5)])  # no training up to there


@pytest.mark.parametrize("failure", ["signal", "memory"])
def test_what_cannot_be_found_out_is_not_blamed_on_the_checkpoint(
    spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: str
) -> None:
    resumed = interrupted(spec, tmp_path)

    def failing(update: WeightUpdate, *_: Any, **__: Any) -> None:
        if update is not resumed._session.update and failure == "memory":
            raise MemoryError
        if failure == "signal":
            resumed.stop.received = signal.SIGTERM
        if update is resumed._session.update:
            raise TypeError("here")

    monkeypatch.setattr(WeightUpdate, "__call__", failing)
    with resumed, pytest.raises(TypeError, match="here"):
        resumed.run()


def test_an_error_at_the_end_of_the_epoch_is_repeated_there(
    spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resumed = interrupted(spec, tmp_path)

    def failing(*_: Any, **__: Any) -> None:
        raise TypeError("here")

    monkeypatch.setattr(WeightUpdate, "end_epoch", failing)
    with resumed, pytest.raises(TypeError, match="here"):
        resumed.run()
