from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from run_folders import write_run

from dlrun.collection.collect import read_entry
from dlrun.collection.conditions import matching
from dlrun.collection.entry import Entry
from dlrun.collection.run_entry import RunEntry
from dlrun.errors import InputError


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Entry]:
    root = tmp_path_factory.mktemp("runs") / "moons"
    sgd = {"optimizer": {"sgd": {"lr": 0.1}}, "clip": 1.0, "time": "2026-11-02T08:00:00Z"}
    write_run(root / "a", (0.5, 0.4), lr=0.001)
    write_run(root / "b", (0.3, 0.2), lr=0.1, ending="early-stopped")
    write_run(root / "c", (), ending=None, **sgd)
    entries = [read_entry(root / name) for name in "abc"]
    assert isinstance(entries[0], RunEntry)
    return [replace(entries[0], tags=("baseline", "x"), note="1st"), *entries[1:]]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        (["optimizer.adam.lr<1e-2"], "a"),
        (["optimizer.adam.lr=1e-3"], "a"),
        (["optimizer.adam.lr>=0.001"], "ab"),
        (["optimizer.adam.lr!=0.1"], "ac"),
        (["optimizer=adam"], "ab"),
        (["optimizer=sgd"], "c"),
        (["optimizer~GD"], "c"),
        (["clip=1"], "c"),
        (["clip!=1"], "ab"),
        (["early_stopping=null"], "abc"),
        (["status=done"], "a"),
        (["state!=done"], "bc"),
        (["status~stop"], "b"),
        (["tag=baseline"], "a"),
        (["tag!=baseline"], "bc"),
        (["tag~BASE"], "a"),
        (["note~st"], "a"),
        (["note!=1st"], "bc"),
        (["validation.loss<=0.4"], "ab"),
        (["validation.accuracy>0.7"], "b"),
        (["validation.loss!=0.4"], "bc"),
        (["best<0.3", "status=early-stopped"], "b"),
        (["created>2026-11-01"], "c"),
        (["created>=2026-11-01"], "abc"),
        (["created=2026-11-01"], "ab"),
        (["created!=2026-11-01"], "c"),
        (["created<=2026-11-01"], "ab"),
        (["created<2026-11-01T12:00"], ""),
        (["created<=2026-11-01 12:00"], "ab"),
        (["created~2026"], ""),
        (["age<0s"], ""),
        (["age>=0s", "id=a"], "a"),
        (["trained=2"], "ab"),
        (["name=moons"], "abc"),
        (["name='moons'"], "abc"),
        ([" id = a "], "a"),
        (["size>0"], "abc"),
        (["spec.clip=1"], "c"),
        (["spec.optimizer=adam", "spec.seed=0"], "ab"),
        (["optimizer.adam=0.001"], "a"),
        (["spec.optimizer.adam<0.01"], "a"),
        (["optimizer.sgd~0.1"], "c"),
        (["name='=x'"], ""),
        (["name!=moon"], "abc"),
        (["early_stopping=patience"], ""),
    ],
)
def test_conditions(runs: Sequence[Entry], conditions: list[str], expected: str) -> None:
    assert "".join(entry.id for entry in matching(runs, conditions)) == expected


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("nothing", "'nothing': not a condition; write KEY=VALUE"),
        ("=3", "not a condition"),
        ("optimzer.adam.lr<1", "no run has 'optimzer.adam.lr'; did you mean 'optimizer.adam.lr'?"),
        ("lr<1", "no run has 'lr'; did you mean 'optimizer.adam.lr' or 'optimizer.sgd.lr'?"),
        ("zzzz=1", "no run has 'zzzz'; known are fields such as name, id"),
        ("optimizer.adam.lr<high", "< compares numbers, and 'high' is not a number"),
        ("name<3", "no run has a number for 'name' but values such as moons"),
        ("kind=runs", "no run can have this kind; did you mean 'run'?"),
        ("status=finished", "no run can have this status; known: diverged, done"),
        ("created>yesterday", "not a date; write 2026-11-01"),
        ("age>soon", "not a duration; write 90s"),
        ("tag<3", "tags have no order"),
        ("seed==1", "'seed==1': == is not an operator; write =, or quotes around a value"),
        ("seed=<1", "=< is not an operator; write <="),
        ("seed=>1", "=> is not an operator; write >="),
        ("name=~moo", "=~ is not an operator; write ~"),
        ("seed!==1", "!== is not an operator; write !="),
        ("seed=abc", "'seed' is a number in all runs, such as 0, and 'abc' is not"),
        ("best!=high", "'best' is a number in all runs, such as 0.4, and 'high' is not"),
        ("spec.optimzer=adam", "no run has 'spec.optimzer'; did you mean 'optimizer'?"),
    ],
)
def test_what_cannot_be_compared_is_one_error(
    runs: Sequence[Entry], condition: str, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        matching(runs, [condition])
    assert message in str(caught.value)
    assert len(caught.value.lines()) == 1
