"""How a run ended: a value that is written, read back and compared."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.run_directory.ending import Ending, Kind, said


@given(st.sampled_from(get_args(Kind)), st.none() | st.integers(0, 10**6) | st.floats(0, 1e9))
def test_what_is_written_is_read_back(kind: Any, number: float | None) -> None:
    ending = Ending(kind, number)
    assert Ending.read(json.loads(json.dumps(asdict(ending)))) == ending


@pytest.mark.parametrize(
    "value",
    [
        None,
        "rung",
        {},
        {"kind": "rung"},
        {"kind": "tired", "number": None},
        {"kind": "rung", "number": "9"},
        {"kind": "rung", "number": True},
        {"kind": ["rung"], "number": 9},
        {"kind": "rung", "number": 9, "more": 1},
    ],
)
def test_anything_else_is_none(value: Any) -> None:
    assert Ending.read(value) is None


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("epochs", "completed"),
        ("patience", "completed"),
        ("diverged", "diverged"),
        ("max_time", "stopped"),
        ("signal", "stopped"),
        ("rung", "stopped"),
        ("pruned", "stopped"),
        ("study_stopped", "stopped"),
    ],
)
def test_every_kind_has_a_status(kind: Any, status: str) -> None:
    assert Ending(kind).status == status


@pytest.mark.parametrize(
    ("ending", "sentence"),
    [
        (Ending("signal", 15), "stopped by SIGTERM"),
        (Ending("max_time", 14400.0), "max_time of 14400 s is over"),
        (Ending("rung", 1), "paused by the pruner after 1 epoch"),
        (Ending("rung", 9), "paused by the pruner after 9 epochs"),
        (Ending("pruned"), "stopped by the pruner"),
        (Ending("study_stopped"), "the study was stopped"),
    ],
)
def test_people_get_a_sentence(ending: Ending, sentence: str) -> None:
    assert said(ending) == sentence
