from __future__ import annotations

from pathlib import Path

import pytest
from run_folders import write_run

from dlrun.errors import InputError
from dlrun.web.query import Query
from dlrun.web.rows import Rows
from dlrun.web.watcher import Watcher


def window(watcher: Watcher, **keys: object) -> dict[str, object]:
    return Rows().window(watcher.listing(), Query(**keys))  # type: ignore[arg-type]


def ids(found: dict[str, object]) -> list[str]:
    return [row["cells"][1][:8] for row in found["rows"]]  # type: ignore[attr-defined]


def titles(found: dict[str, object]) -> list[str]:
    return [column["title"] for column in found["columns"]]  # type: ignore[attr-defined]


def test_the_newest_is_first_and_keys_that_differ_are_columns(watcher: Watcher) -> None:
    found = window(watcher)
    assert ids(found) == ["20261103", "20261102", "20261101"]
    assert titles(found) == ["name", "id", "status", "age", "epochs", "validation.loss", "lr"]
    assert found["matched"] == found["total"] == 3


def test_conditions_order_and_window(watcher: Watcher) -> None:
    found = window(watcher, where=("optimizer.adam.lr>0.05",), sort="validation.loss")
    assert ids(found) == ["20261102", "20261103"]
    assert (found["matched"], found["total"]) == (2, 3)
    assert ids(window(watcher, sort="validation.loss", reverse=True)) == [
        "20261103",
        "20261102",
        "20261101",
    ]
    assert ids(window(watcher, sort="validation.loss", offset=1, limit=1)) == ["20261102"]
    assert ids(window(watcher, offset=5)) == []
    assert ids(window(watcher, where=("status=failed",))) == []


def test_keys_that_are_used_are_columns(watcher: Watcher) -> None:
    found = window(watcher, where=("seed=0",), sort="validation.accuracy", columns=("epochs",))
    assert {"seed", "validation.accuracy", "spec.epochs"} <= set(titles(found))
    assert titles(found).count("epochs") == 1  # progress, not the key of the spec


def test_columns_that_offer_an_order_have_one_on_every_page(runs: Path) -> None:
    early = {"early_stopping": {"monitor": "validation.accuracy", "mode": "max"}}
    write_run(runs / "moons" / "20261104-120000-aaaaa4", time="2026-11-04T12:00:00Z", **early)
    watcher = Watcher([runs])
    for offset in range(4):
        found = window(watcher, limit=1, offset=offset)
        assert "monitor" in titles(found)
        for column in found["columns"]:  # type: ignore[attr-defined]
            if column["key"] is not None:
                window(watcher, sort=column["key"], limit=1)
    assert ids(window(watcher, limit=1, where=("optimizer.adam.lr=0.1",), sort="best"))


@pytest.mark.parametrize(
    "keys",
    [{"where": ("nonsense",)}, {"where": ("unknown=1",)}, {"sort": "x"}, {"columns": ("x",)}],
)
def test_what_cannot_be_used_is_an_error(watcher: Watcher, keys: dict[str, object]) -> None:
    with pytest.raises(InputError):
        window(watcher, **keys)


def test_an_order_is_remembered_until_the_listing_changes(watcher: Watcher) -> None:
    rows, query = Rows(), Query(sort="validation.loss", limit=1)
    first = rows.window(watcher.listing(), query)
    assert rows.window(watcher.listing(), query) == first
    (watcher.listing().entries[2].path / "tags.json").write_text("{}")
    watcher.listing().entries[2].path.rename(watcher.listing().entries[2].path.with_name("else"))
    assert ids(rows.window(watcher.refresh(), query)) != ids(first)
