from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from run_folders import write_run

from dlrun.collection.collect import read_entry
from dlrun.collection.entry import Entry
from dlrun.collection.order import ordered
from dlrun.collection.run_entry import RunEntry
from dlrun.errors import InputError


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Entry]:
    root = tmp_path_factory.mktemp("runs") / "moons"
    write_run(root / "a", (0.4,), lr=0.01, time="2026-11-01T12:00:00Z")
    write_run(root / "b", (0.2,), lr=0.1, time="2026-11-03T12:00:00Z", epochs="many")
    write_run(root / "c", (0.3,), lr=0.001, time="2026-11-02T12:00:00Z")
    write_run(root / "d", (), ending=None, optimizer="sgd", time="")
    return [read_entry(root / name) for name in "abcd"]


@pytest.mark.parametrize(
    ("key", "expected", "turned"),
    [
        ("validation.loss", "bcad", "acbd"),
        ("validation.accuracy", "bcad", "acbd"),
        ("best", "bcad", "acbd"),
        ("optimizer.adam.lr", "cabd", "bacd"),
        ("created", "bcad", "acbd"),
        ("optimizer", "abcd", "dabc"),
        ("epochs", "acdb", "bacd"),
        ("id", "abcd", "dcba"),
        ("spec.epochs", "acdb", "bacd"),
        ("optimizer.adam", "cabd", "bacd"),
    ],
)
def test_the_best_is_first_and_what_is_missing_last(
    runs: Sequence[Entry], key: str, expected: str, turned: str
) -> None:
    assert "".join(entry.id for entry in ordered(runs, key)) == expected
    assert "".join(entry.id for entry in ordered(runs, key, reverse=True)) == turned


def test_an_order_that_does_not_exist_is_an_error(runs: Sequence[Entry]) -> None:
    with pytest.raises(InputError, match=r"--sort los: no run has 'los'"):
        ordered(runs, "los")
    first = runs[0]
    assert isinstance(first, RunEntry)
    other = replace(first, monitor="validation.f1", mode="max")
    with pytest.raises(InputError, match="different monitors"):
        ordered([other, *runs], "best")


def test_sizes_are_numbers(runs: Sequence[Entry]) -> None:
    sizes = [entry.size for entry in ordered(runs, "size")]
    assert sizes == sorted(sizes)


def test_runs_without_tags_are_last(runs: Sequence[Entry]) -> None:
    tags: Sequence[tuple[str, ...]] = [(), ("paper",), (), ("baseline", "paper")]
    tagged = [
        replace(run, tags=given)
        for run, given in zip(runs, tags, strict=True)
        if isinstance(run, RunEntry)
    ]
    assert "".join(entry.id for entry in ordered(tagged, "tag")) == "dbac"
    assert "".join(entry.id for entry in ordered(tagged, "tag", reverse=True)) == "bdac"
