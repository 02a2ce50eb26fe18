from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from journal_cases import BATCH, BEGUN, JOB, NAME, ended, text

from dlrun.errors import DataError
from dlrun.study.store.lineage import Fork
from dlrun.study.store.read_journal import read_journal
from dlrun.study.store.state import State

STARTED = {"event": "started", **JOB, "directory": NAME}
FORK = {"trial": 2, "parent": 0, "directories": [NAME.replace("0001", "0002")]}
GENERATION = {
    "event": "generation",
    "epochs": 1,
    "replaced": [1],
    "suggestions": [{"a": 3}],
    "forks": [FORK],
}


def generation(**keys: Any) -> str:
    """A generation with another fork."""
    return json.dumps({**GENERATION, "forks": [{**FORK, **keys}]})


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "not JSON"),
        ("[]", "not a record of a study"),
        ("{}", "not a record of a study"),
        ('{"event": "end"}', "'end'"),
        ('{"event": "batch", "suggestions": 3}', "suggestions: input should be a valid array"),
        ('{"event": "interrupted", "trial": 0, "epochs": 0}', "repeat: field required"),
        ('{"event": "promoted", "trial": 2, "epochs": 0}', "trial 2 has not been suggested"),
        ('{"event": "pruned", "trials": [0, 7], "epochs": 1}', "trial 7 has not been suggested"),
        ('{"event": "pruned", "trials": [-1], "epochs": 1}', "greater than or equal to 0"),
        ('{"event": "turn", "trials": [0, 1], "epochs": [1]}', "as many epochs as trials"),
        ('{"event": "turn", "trials": [0, 7], "epochs": [1, 1]}', "trial 7 has not been suggested"),
        ('{"event": "pruned", "trials": ["1"], "epochs": 1}', "valid integer"),
        ('{"event": "pruned", "trials": [1], "epochs": 1e9}', "valid integer"),
        ('{"event": "pruned", "trials": [1], "epochs": 10000000000}', "less than or equal"),
        (generation(parent=2), "trial 2 has not been suggested"),
        (generation(trial=1), "one fork for each of its suggestions"),
        (json.dumps({**GENERATION, "forks": []}), "one fork for each of its suggestions"),
        (json.dumps({**GENERATION, "replaced": [2]}), "trial 2 has not been suggested"),
        (json.dumps({**GENERATION, "epochs": 0}), "greater than or equal to 1"),
        (generation(directories=["../../victim"]), "not the name of this run's directory"),
        (generation(directories=[NAME]), "not the name of this run's directory"),
        (generation(directories=[]), "a fork needs 1 directories"),
        ("[" * 100_000, "nested too deep"),
        ("9" * 5_000, "not JSON that can be read"),
        (json.dumps(BEGUN), "a second study begins here"),
        (json.dumps(ended(math.nan)), "NaN is not a finite number"),
        (json.dumps(ended(0.5)).replace("0.5", "1e999"), "1e999 is not a finite number"),
        (json.dumps(ended(1.7e308)), "too large for a score"),
        (json.dumps(ended(0.5)).replace("0.5", '"0.5"'), "valid number"),
        (json.dumps(ended(0.5)).replace('"cost"', '"new": 1, "cost"'), "outcome: new: "),
        (json.dumps({"event": "scales", "scales": {"a": {"least": 0}}}), "a: least: "),
        (json.dumps(ended(0.5)).replace(NAME, "../../../victim"), "not the name of this run's"),
        *(
            (json.dumps({**STARTED, "directory": name}), "not the name of this run's directory")
            for name in (
                "../../../victim",
                "/etc",
                ".",
                "..",
                f"{NAME}/..",
                f"{NAME}\n",
                "0000-20260131-142359-k3f9qz",
                "0001-2-20260131-142359-k3f9qz",
                "\u0660001-20260131-142359-k3f9qz",
            )
        ),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text(f"{text(BEGUN, BATCH)}{line}\n{text(ended(0.5))}")
    with pytest.raises(DataError, match=r"journal\.jsonl:3:") as caught:
        read_journal(path)
    assert words in str(caught.value)


@pytest.mark.parametrize("scores", [{}, {"validation.loss": None}, {"train.loss": 1.0}])
@pytest.mark.parametrize("objective", [{"minimize": "validation.loss"}, None])
def test_a_completed_run_has_the_scores_that_the_study_is_about(
    tmp_path: Path, scores: dict[str, Any], objective: Any
) -> None:
    path = tmp_path / "journal.jsonl"
    record = ended(0.5)
    record["outcome"]["scores"] = scores
    begun = {**BEGUN, "identity": {"objective": objective or [{"maximize": "train.loss"}]}}
    path.write_text(text(begun, BATCH, record))
    if objective is None and "train.loss" in scores:
        assert len(read_journal(path)) == 3
        return
    with pytest.raises(DataError, match=r"jsonl:3: \w+\.loss of a completed run is missing"):
        read_journal(path)


def test_a_study_of_another_version(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text(text({"event": "study", "version": 3, "what": "is new"}, BATCH))
    with pytest.raises(
        DataError, match=r"jsonl:1: the study has format version 3, .* another name"
    ):
        read_journal(path)


def test_no_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text(text(BATCH))
    with pytest.raises(DataError, match=r"jsonl:1: not a journal of a study"):
        read_journal(path)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(["trial", "trials", "repeat", "epochs", "suggestions", "outcome", "reason"])


@given(
    st.sampled_from(
        ["study", "batch", "started", "ended", "pruned", "promoted", "turn", "widened"]
    ),
    st.dictionaries(KEYS, VALUES),
)
def test_whatever_a_line_holds_it_is_a_record_or_named(
    tmp_path_factory: pytest.TempPathFactory, event: str, more: dict[str, Any]
) -> None:
    path = tmp_path_factory.mktemp("any") / "journal.jsonl"
    record = {"event": event, **more}
    path.write_text(text(BEGUN, BATCH, record))
    try:
        assert len(read_journal(path)) == 3
    except DataError as fault:
        assert ":3: " in str(fault)


def test_a_fork_is_a_trial_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    file.write_text(text({**BEGUN, "version": 2}, BATCH, GENERATION, {**STARTED, "trial": 1}))
    state = State.replay(read_journal(file))
    assert (state.size, state.drawn, state.extra) == (3, 2, {2})
    assert [number for number, _ in state.requested(2)] == [0, 1, 2]
    assert state.forks == {2: Fork(0, 1)}
    assert state.pruned == {1: 1}
    assert state.directories[2, 0] == FORK["directories"][0]
    file.write_text(text({**BEGUN, "version": 3}))
    with pytest.raises(DataError, match="format version 3, and this dlrun reads 1 and 2"):
        read_journal(file)
