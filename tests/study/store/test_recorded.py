from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sweeps import journal, write_sweep

from dlrun.errors import DataError, SpecError
from dlrun.study import ask_tell
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.recorded import recorded
from dlrun.study.sweep.compile import read_plan


@pytest.mark.parametrize(
    ("key", "value"),
    [("params.units", 7), ("params.units", "x"), ("optimizer.adam.lr", None), ("else", 1)],
)
def test_a_trial_that_the_space_does_not_have_is_named(
    tmp_path: Path, key: str, value: Any
) -> None:
    plan, directory = ask_tell.begin(write_sweep(tmp_path), [], tmp_path / "study")
    assert ask_tell.ask(plan, directory) is not None
    design, state = recorded(directory)
    assert state.size == 1
    assert design.space.keys == plan.space.keys
    (_, suggestion), *_ = state.trials()
    records = journal(directory.path)
    batch = next(each for each in records if each["event"] == "batch")
    batch["suggestions"] = [{**suggestion, key: value}]
    directory.journal_file.write_text("".join(f"{json.dumps(each)}\n" for each in records))
    with pytest.raises(DataError, match=r"journal\.jsonl: trial 0 is outside the space"):
        recorded(directory)
    later = write_sweep(tmp_path, "later.yaml", name="later", **{"from": ["study"]})
    with pytest.raises(SpecError, match=r"trial 0 is outside the space"):
        ask_tell.ask(read_plan(later), StudyDirectory(tmp_path / "later"))
