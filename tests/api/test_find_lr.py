from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import dlrun
from dlrun.errors import DataError, InputError

Spec = Callable[..., Path]


def test_it_is_what_the_command_prints(
    spec: Spec, command: Callable[..., str], in_json: Callable[[Any], Any], tmp_path: Path
) -> None:
    path = spec()
    rates = dlrun.find_lr(json.loads(path.read_text()), steps=30, into=tmp_path / "here")
    printed = json.loads(command("find-lr", path, "--steps", "30", "--into", "there", "--json"))
    found = in_json(rates.as_json())
    assert found.pop("files") != printed.pop("files")
    assert found == printed
    assert rates.key == "optimizer.adam.lr"
    for file in rates.files:
        assert file.read_bytes() == (tmp_path / "there" / file.name).read_bytes()


@pytest.mark.parametrize("options", [{"lowest": 1.0, "highest": 0.1}, {"steps": 19}])
def test_a_range_that_is_none(spec: Spec, options: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"--from must be|--steps must be"):
        dlrun.find_lr(spec(), **options)


def test_a_curve_replaces_only_a_curve(spec: Spec, tmp_path: Path) -> None:
    """The folder of the curves may be that of the data, and the name that of the experiment."""
    path = spec(name="houses")
    for name in ("houses.csv", "houses.png"):
        (mine := tmp_path / name).write_text("lr,loss\n1,2\n")
        with pytest.raises(DataError, match=r"houses\.(csv|png): not a curve of find-lr; use an"):
            dlrun.find_lr(path, steps=20, into=tmp_path)
        assert mine.read_text() == "lr,loss\n1,2\n"
        mine.unlink()
    first = dlrun.find_lr(path, steps=20, into=tmp_path)
    before = first.files[0].read_bytes()
    assert dlrun.find_lr(path, steps=20, into=tmp_path).files == first.files
    assert first.files[0].read_bytes() == before
