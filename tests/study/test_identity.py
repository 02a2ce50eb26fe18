"""A study that has begun can be continued with the sweep that it began with only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sweeps import SPEC, write_sweep

from dlrun.errors import DataError
from dlrun.study.differences import described
from dlrun.study.identity import check_identity
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.state import State
from dlrun.study.sweep.compile import read_plan


def check(folder: Path, *, asked: bool = False, **keys: Any) -> None:
    """Continue a study of two trials with a sweep that has other keys."""
    before = read_plan(write_sweep(folder))
    suggestions = [{"optimizer.adam.lr": 0.01, "params.units": units} for units in (4, 16)]
    state = State(identity=before.identity(), batches=[suggestions])
    plan = read_plan(write_sweep(folder, "other.yaml", **keys))
    check_identity(plan, StudyDirectory(folder / "study"), state, asked=asked)


def spec(**keys: Any) -> dict[str, Any]:
    return {**SPEC, **keys}


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (
            {"spec": spec(epochs=5)},
            "the spec has changed since the study began: epochs was 4, now 5;",
        ),
        (
            {"spec": spec(optimizer={"adam": {"lr": 0.1}})},
            "the spec has changed since the study began: optimizer.adam.lr was 0.01, now 0.1;",
        ),
        (
            {"spec": spec(max_time="1h")},
            "the spec has changed since the study began: max_time was not set, now 1h;",
        ),
        (
            {"prune": {"asha": {"min_epochs": 2}}},
            "began: prune was none, now asha: {min_epochs: 2, factor: 3};",
        ),
        ({"seed": 1}, "the sweep has changed since the study began: seed was 0, now 1;"),
        (
            {"spec": spec(epochs=5), "seed": 1},
            "has changed since the study began: spec.epochs was 4, now 5; seed was 0, now 1;",
        ),
        ({"spec": spec(seed=9, epochs=5, optimizer="sgd", loss="focal")}, "and 1 more;"),
        (
            {"space": {"optimizer.adam.lr": [0.01]}},
            "trial 0 of this study is outside the new space",
        ),
        ({"asked": True}, "this study was begun by dlrun tune; continue it with the same command"),
    ],
    ids=str,
)
def test_what_has_changed_is_named(tmp_path: Path, keys: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError) as caught:
        check(tmp_path, **keys)
    assert words in str(caught.value)


def test_loggers_may_change(tmp_path: Path) -> None:
    check(tmp_path, spec=spec(log=[{"tensorboard": {"folder": "elsewhere"}}]))


def test_other_data_is_named(tmp_path: Path) -> None:
    plan = read_plan(write_sweep(tmp_path))
    state = State(identity={**plan.identity(), "data": "0" * 64})
    with pytest.raises(DataError, match="the data has changed since the study began; restore it"):
        check_identity(plan, StudyDirectory(tmp_path / "study"), state, asked=False)


def test_a_space_may_be_widened(tmp_path: Path) -> None:
    space = {"optimizer.adam.lr": {"log_uniform": [1e-4, 1.0]}, "params.units": [2, 4, 8, 16]}
    check(tmp_path, space=space)
    check(tmp_path, search={"random": {"trials": 9}})


def test_of_a_long_value_the_difference_is_shown() -> None:
    start = "Pruner(" + ", ".join(f"key{n}={n}" for n in range(20))
    text = described(["prune"], {"prune": f"{start}, b=1)"}, {"prune": f"{start}, b=2)"})
    assert "b: 1}, now ..." in text and ", b: 2}; restore it" in text
    assert len(text) < 250
