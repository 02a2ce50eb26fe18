from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from run_folders import write_folds, write_run

from dlrun.collection.collect import read_entry
from dlrun.collection.columns import columns, rows
from dlrun.collection.differing import differing
from dlrun.collection.find import Place
from dlrun.collection.run_entry import RunEntry
from dlrun.collection.table import full_rows, short_table
from dlrun.summaries.location import entry_of


def test_the_most_informative_key_is_first(tmp_path: Path) -> None:
    for number in range(4):
        write_run(tmp_path / str(number), lr=10.0**-number, seed=number % 2, extra=3)
    entries = [read_entry(tmp_path / str(number)) for number in range(4)]
    assert differing(entries) == ["optimizer.adam.lr", "seed"]
    assert differing(entries[:1]) == []


def test_different_components_are_one_column(tmp_path: Path) -> None:
    write_run(tmp_path / "a", lr=0.1)
    write_run(tmp_path / "b", lr=0.2)
    write_run(tmp_path / "c", optimizer={"sgd": {"lr": 1.0, "momentum": 0.9}})
    write_run(tmp_path / "d", model=["relu", {"dense": {"units": 2}}])
    entries = [read_entry(tmp_path / name) for name in "abc"]
    assert differing(entries) == ["optimizer", "optimizer.adam.lr"]
    both = [read_entry(tmp_path / name) for name in "ad"]
    assert set(differing(both)) == {"optimizer.adam.lr", "model.0", "model.1"}


def test_best_values_are_not_called_like_final_ones(tmp_path: Path) -> None:
    kept = write_run(tmp_path / "moons" / "a")
    entry = read_entry(kept)
    assert isinstance(entry, RunEntry) and entry.best == entry.metrics["validation.loss"]
    assert "validation.loss" in short_table([entry]).header
    other = replace(entry, metrics={**entry.metrics, "validation.loss": entry.best + 0.1})
    header = short_table([entry, other]).header
    assert "best validation.loss" in header and "validation.loss" not in header


def test_titles_are_distinct(tmp_path: Path) -> None:
    """The progress is called epochs, too, and the place in a cross-validation fold."""
    paths = [write_run(tmp_path / "moons" / str(epochs), epochs=epochs) for epochs in (2, 3)]
    assert short_table([read_entry(path) for path in paths]).header[-2:] == (
        "validation.loss",
        "spec.epochs",
    )
    whole = write_folds(tmp_path / "folds" / "a", [(0.5,), (0.4,)], epochs=3)
    places = [Place(str(whole / f"fold-{number}"), fold=number) for number in (1, 2)]
    entries = [*map(read_entry, (*paths, whole)), *map(entry_of, places)]
    header = short_table(entries).header
    assert len({*header}) == len(header)
    assert {"epochs", "fold", "spec.epochs"} <= {*header}
    assert "data.split.fold" not in header
    alone = write_run(tmp_path / "moons" / "b", data={"split": {"folds": 2, "fold": 1}})
    header = short_table([*entries, read_entry(alone)]).header
    assert {"fold", "data.split.fold"} <= {*header}
    assert len({*header}) == len(header)


def test_a_table_has_text_for_people_and_values_for_programs(tmp_path: Path) -> None:
    write_run(tmp_path / "moons" / "a", lr=0.1)
    write_run(tmp_path / "moons" / "b", lr=0.2, ending=None)
    entries = [read_entry(tmp_path / "moons" / name) for name in "ab"]
    table = short_table(entries)
    assert table.header == ("name", "id", "status", "age", "epochs", "validation.loss", "lr")
    assert table.differing == 1
    assert table.cells[0][:3] == ("moons", "a", "done")
    assert table.cells[1][-3:] == ("2/2", "0.4", "0.2")
    row = full_rows(entries)[0]
    assert row["created"] == "2026-11-01T12:00:00Z"
    assert row["optimizer.adam.lr"] == 0.1
    assert row["validation.accuracy"] == 0.6
    assert rows(entries, columns(entries, ["id", "tags"])) == [
        {"id": "a", "tag": []},
        {"id": "b", "tag": []},
    ]
    assert short_table([]).cells == ()
