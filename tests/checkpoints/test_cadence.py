from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dlrun.checkpoints import cadence
from dlrun.checkpoints.cadence import Cadence
from dlrun.errors import SpecError
from dlrun.experiment.checkpointing import Checkpointing, Every
from dlrun.experiment.compile import compile_spec
from dlrun.training.events import EpochEnded, Event, StepEnded

Spec = Callable[..., Path]


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(cadence.time, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def events(epochs: int, steps: int) -> list[Event]:
    found: list[Event] = []
    for epoch in range(1, epochs + 1):
        found += [StepEnded(epoch, step, 0.5) for step in range(1, steps + 1)]
        found.append(EpochEnded(epoch, {}, True, epoch, 0.5, None))
    return found


def due(cadence: Cadence, clock: Clock, seconds: float, cost: float = 0.0) -> list[int]:
    """The numbers of the events, of five epochs of four steps, behind which one is due."""
    found = []
    for number, event in enumerate(events(5, 4)):
        clock.now += seconds
        if cadence(event):
            found.append(number)
            clock.now += cost
            cadence.took(cost)
    return found


@pytest.mark.parametrize(
    ("every", "expected"),
    [
        (Every(epochs=1), [4, 9, 14, 19, 24]),
        (Every(epochs=2), [9, 19]),
        (Every(steps=1), [n for n in range(25) if n % 5 != 4]),
        (Every(steps=6), [6, 13, 21]),
        (Every(minutes=1), [5, 11, 17, 23]),
    ],
)
def test_how_often(clock: Clock, every: Every, expected: list[int]) -> None:
    assert due(Cadence(Checkpointing(every=every, share=1.0)), clock, 10) == expected


def test_no_more_than_a_share_of_the_time(clock: Clock) -> None:
    # An event takes a second, a checkpoint as well: ten seconds must lie between two.
    often = Cadence(Checkpointing(every=Every(steps=1), share=0.1))
    often.took(1.0)
    assert due(often, clock, seconds=1.0, cost=1.0) == [10, 20]


def test_the_first_one_waits_as_well(clock: Clock) -> None:
    assert due(Cadence(Checkpointing()), clock, seconds=0.01) == []
    assert due(Cadence(Checkpointing()), clock, seconds=1.0) == [4, 9, 14, 19, 24]


@pytest.mark.parametrize(
    ("section", "said"),
    [
        (
            {"every": {"epochs": 1, "steps": 5}},
            "every needs one of 'epochs', 'steps' and 'minutes'",
        ),
        ({"every": {}}, "every needs one of"),
        ({"every": {"steps": 0}}, "greater than 0"),
        ({"share": 0}, "share"),
        ({"share": 1.5}, "share"),
    ],
)
def test_faults_are_told(spec: Spec, section: dict[str, Any], said: str) -> None:
    with pytest.raises(SpecError) as caught:
        compile_spec(spec(checkpoint=section))
    (fault,) = caught.value.faults
    assert said in fault


def test_minutes_may_be_a_part_of_one(spec: Spec) -> None:
    section = {"every": {"minutes": 0.5}}
    found = compile_spec(spec(checkpoint=section)).experiment.checkpoint
    assert math.isclose(found.every.minutes or 0, 0.5)
