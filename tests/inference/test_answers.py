"""Predictions as a table."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from dlrun.inference.answers import Block, Rows, Wording, as_csv, rows_of

BLOCKS = [
    Block(["a", "b"], np.array([[0.25, 0.75], [0.5, 0.5]])),
    Block(["c,d"], np.array([[1.0, 0.0]])),
]
TABLE = [["a", "yes", "0.25", "0.75"], ["b", "no", "0.5", "0.5"], ["c,d", "no", "1.0", "0.0"]]
WORDING = Wording("classification", ("no", "yes"), probabilistic=True)


def test_rows_are_a_sequence() -> None:
    rows = Rows(WORDING, BLOCKS)
    assert len(rows) == 3 and [*rows] == TABLE and rows == TABLE
    assert rows[1] == TABLE[1] and rows[-1] == TABLE[2] and rows[1:] == TABLE[1:]
    assert rows != TABLE[:2] and rows != 3
    with pytest.raises(IndexError):
        rows[3]


def test_a_table_as_text() -> None:
    header = WORDING.header((2,))
    assert header == ("sample", "prediction", "probability.no", "probability.yes")
    text = "".join(as_csv(header, rows_of(WORDING, BLOCKS)))
    assert [*csv.reader(text.splitlines())] == [[*header], *TABLE]
    assert text.splitlines()[-1] == '"c,d",no,1.0,0.0'


@pytest.mark.parametrize(
    ("wording", "shape", "header"),
    [
        (Wording("regression", None, True), (1,), "prediction"),
        (Wording("regression", None, True), (1, 2), "prediction.0.0 prediction.0.1"),
        (WORDING, (1,), "prediction probability.no probability.yes"),
        (Wording("classification", ("n", "y"), False), (1,), "prediction score.y"),
        (
            WORDING,
            (2, 1),
            "prediction.0 prediction.1 probability.0.no probability.0.yes "
            "probability.1.no probability.1.yes",
        ),
        (
            Wording("classification", ("n", "y"), False),
            (2, 1),
            "prediction.0 prediction.1 score.0.y score.1.y",
        ),
        (WORDING, (1, 2, 2), "prediction.0.0 prediction.0.1"),
        (
            Wording("multi_label", ("n", "y"), True),
            (2,),
            "prediction.n prediction.y probability.n probability.y",
        ),
    ],
)
def test_columns_are_those_of_the_rows(
    wording: Wording, shape: tuple[int, ...], header: str
) -> None:
    assert wording.header(shape) == ("sample", *header.split())
    (row,) = wording.rows(Block(["s"], np.full((1, *shape), 0.5)))
    assert len(row) == len(wording.header(shape))


def test_an_id_follows_the_name() -> None:
    wording = Wording("regression", None, True, id_column="house")
    blocks = [Block(["0", "1"], np.ones((2, 1)), ["x", "y"]), Block(["2"], np.ones((1, 1)), ["z"])]
    rows = Rows(wording, blocks)
    assert wording.header((1,)) == ("sample", "house", "prediction")
    assert rows == [["0", "x", "1.0"], ["1", "y", "1.0"], ["2", "z", "1.0"]]
    assert rows[2] == ["2", "z", "1.0"] and [*rows_of(wording, blocks)] == rows
