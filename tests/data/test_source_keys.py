"""Keys in messages about the data can be typed as overrides."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from dlrun.data.source_keys import spelled
from dlrun.data.sources.blobs import Blobs
from dlrun.data.sources.csv import Csv
from dlrun.errors import DataError, SpecError
from dlrun.experiment.compile import Compiled, compile_spec

SPEC: dict[str, Any] = {
    "name": "table",
    "data": {"source": {"csv": {"path": "t.csv", "target": "y"}}},
    "model": [{"dense": 2}],
    "loss": "cross_entropy",
}


def compiled(folder: Path, rows: list[str], *overrides: str, **keys: Any) -> Compiled:
    (folder / "t.csv").write_text("\n".join(rows) + "\n")
    (folder / "spec.yaml").write_text(json.dumps({**SPEC, **keys}))
    return compile_spec(folder / "spec.yaml", overrides)


def rows(header: str, *cells: str) -> list[str]:
    return [header, *(f"{cell},{number / 3},{number % 2}" for number, cell in enumerate(cells))]


DAYS = [f"2026-01-{day:02}" for day in range(1, 21)]


@pytest.mark.parametrize("name", ["d", "a.b", "the day"])
def test_the_key_of_a_column_is_an_override(tmp_path: Path, name: str) -> None:
    table = rows(f"{name},n,y", *DAYS)
    with pytest.raises(SpecError) as caught:
        compiled(tmp_path, table)
    found = re.search(r"set (data\..*) to date", str(caught.value))
    assert found is not None and found[1] == f"data.source.csv.columns.{name}"
    data = compiled(tmp_path, table, f"{found[1]}=ignore").data.train
    assert [column.name for column in data.columns or ()] == ["n"]
    known = {"source": {"csv": {"path": "t.csv", "target": "y", "columns": {"n": "numeric"}}}}
    data = compiled(tmp_path, table, f"{found[1]}=date", data=known).data.train
    assert next(column.name for column in data.columns or ()) == f"{name}.days"


def test_the_key_in_a_note_is_an_override(tmp_path: Path) -> None:
    table = rows("count,n,y", *map(str, range(20)))
    (note,) = compiled(tmp_path, table).notes
    found = re.search(r"set (data\.\S*) to ignore", note)
    assert found is not None
    assert not compiled(tmp_path, table, f"{found[1]}=ignore").notes


def test_the_key_in_an_error_of_the_loss_is_an_override(tmp_path: Path) -> None:
    table = rows("m,n,y", *map(str, range(20)))
    with pytest.raises(SpecError, match=r"set data\.source\.csv\.task to regression") as caught:
        compiled(tmp_path, table, "loss=mse", "model=[{dense: 1}]")
    found = re.search(r"set (data\.\S*) to regression", str(caught.value))
    assert found is not None
    made = compiled(tmp_path, table, "loss=mse", "model=[{dense: 1}]", f"{found[1]}=regression")
    assert made.data.train.task == "regression"


def test_a_misspelt_column_is_still_an_error(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="the header has no column 'dd'; did you mean 'd'"):
        compiled(tmp_path, rows("d,n,y", *DAYS), "data.source.csv.columns.dd=ignore")


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("data.split={lists: {tset: l.txt}}", "'lists' has no key 'tset'; did you mean 'test'?"),
        ("data.split.lists.foo=l.txt", "'lists' has no key 'foo'; known: test, train, validation"),
        (
            "data.source.csv.columns={n: numbr}",
            "'columns.n' must be one of numeric, categorical, date, ignore, got 'numbr'; did you "
            "mean 'numeric'?",
        ),
    ],
)
def test_errors_within_a_mapping_name_its_key(tmp_path: Path, override: str, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        compiled(tmp_path, rows("m,n,y", *map(str, range(20))), override)
    assert caught.value.errors == (f"override {override}: {words}",)


def test_only_keys_that_the_source_has_are_spelled() -> None:
    table = Csv.model_construct()
    for text, said in [
        ("set data.source.task to x", "set data.source.csv.task to x"),
        ("list it under data.source.missing", "list it under data.source.csv.missing"),
        ("data.source.csv.columns.a", "data.source.csv.columns.a"),
        ("remove data.source.nothing", "remove data.source.nothing"),
        ("my.data.source.task", "my.data.source.task"),
    ]:
        assert spelled(text, table) == said
    two = "use mse, or set data.source.task to classification if so; or"
    assert spelled(two, Blobs.model_construct()) == "use mse; or"
    assert spelled(two, table) == two.replace("source.", "source.csv.")


def test_a_further_file_names_the_key_as_well(tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text("n,y,z\n1,0,2\n")
    split = {**SPEC["data"], "split": {"validation": "v.csv"}}
    with pytest.raises(SpecError) as caught:
        compiled(tmp_path, ["n,y", "1,0", "2,1", "3,0"], data=split)
    assert "remove it or set data.source.csv.columns.z to ignore" in str(caught.value)
    assert isinstance(caught.value.__cause__, DataError)
