"""Files for a trained network: what to change is in the file, not in the spec."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import dlrun
from dlrun.data.file_advice import on_the_file
from dlrun.data.sources.csv import Csv
from dlrun.errors import DataError

HEADER = "a,b,sold\n"
CORRECT = "correct it, or leave the cell empty"


@pytest.fixture
def run(spec: Callable[..., Path], tmp_path: Path) -> dlrun.Run:
    rows = "".join(f"{n}.5,{n % 7},{'ny'[n % 2]}\n" for n in range(40))
    (tmp_path / "t.csv").write_text(HEADER + rows)
    data = {"source": {"csv": {"path": "t.csv", "target": "sold"}}, "split": {"validation": 0.2}}
    return dlrun.train(spec(data=data, metrics=[], epochs=1), runs=tmp_path / "runs")


@pytest.mark.parametrize(
    ("content", "predicted", "evaluated"),
    [
        (f"{HEADER}x,1,n\n", f":2: column 'a': 'x' is not a number; {CORRECT}", ""),
        (
            f"{HEADER}1e99,1,n\n",
            f":2: column 'a': '1e99' is not a finite 32-bit float; {CORRECT}",
            "",
        ),
        (
            f'{HEADER}"1,5",1,n\n"2,5",1,n\n',
            ":2: column 'a': '1,5' is not a number; write numbers as the training data",
            "",
        ),
        (
            "a;b;sold\n1;1;n\n",
            ":1: the training data's column 'a' is missing here; it has one, 'a;b;sold'; write it "
            "with the delimiter ',', as the training data",
            ":1: the header has no column 'sold'; it has one, 'a;b;sold'; write it with the "
            "delimiter ',', as the training data",
        ),
        (
            "a;b;sold\n1,5;1;n\n",
            ":2: 2 fields, the header has 1; write it with the delimiter ',', as the training data",
            "",
        ),
        (
            "a,c,sold\n1,1,n\n",
            ":1: the training data's column 'b' is missing here; known: a, c, sold",
            "",
        ),
        (
            f"{HEADER}1,1,NA\n",
            None,
            ":2: column 'sold': the target is missing ('NA' means a missing value); fill it in or "
            "remove the row",
        ),
    ],
)
def test_advice_is_on_the_file(
    run: dlrun.Run, tmp_path: Path, content: str, predicted: str | None, evaluated: str
) -> None:
    new = tmp_path / "new.csv"
    new.write_text(content)
    for read, said in ((dlrun.predict, predicted), (dlrun.evaluate, evaluated or predicted)):
        if said is not None:
            with pytest.raises(DataError) as caught:
                read(run, new)
            assert str(caught.value) == f"{new}{said}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "no column 'z'; remove it or set data.source.columns.z to ignore",
            "no column 'z'; remove it",
        ),
        (
            "5 x 5 pixels, others have 8 x 8; set data.source.size",
            "5 x 5 pixels, others have 8 x 8",
        ),
        ("regression needs a table: set data.source.labels", "regression needs a table"),
        ("fill them in or set data.source.missing: interpolate", "fill them in"),
        (
            "begin each line with a label, or set data.source.task to a",
            "begin each line with a label",
        ),
    ],
)
def test_advice_on_the_spec_is_left_out(text: str, said: str) -> None:
    assert on_the_file(text, "new.csv", Csv.model_construct()) == said


@pytest.mark.parametrize(
    ("file", "form", "said"),
    [
        ("new.csv", {}, "the delimiter ','"),
        ("new.tsv", {}, "tabs"),
        ("new.csv", {"delimiter": "\t"}, "tabs"),
        ("new.csv", {"delimiter": "|"}, "the delimiter '|'"),
    ],
)
def test_the_delimiter_is_that_of_the_training_data(
    file: str, form: dict[str, Any], said: str
) -> None:
    text = "set data.source.delimiter, probably to ';' (with quotes)"
    source = Csv.model_construct(**form)
    assert on_the_file(text, file, source) == f"write it with {said}, as the training data"
