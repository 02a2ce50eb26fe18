from __future__ import annotations

import pytest

from dlrun.errors import InputError
from dlrun.web.query import LARGEST, Query, parse_keys, parse_query


def test_a_query_is_read() -> None:
    text = b"where=lr%3C1e-2&where=status%3Ddone&sort=best&reverse=1&inner=1&column=id"
    text += b"&offset=200&limit=9999"
    where = ("lr<1e-2", "status=done")
    assert parse_query(text) == Query(where, "best", True, True, ("id",), 200, LARGEST)
    assert parse_query(b"") == Query()
    assert parse_query(b"where=&sort=&limit=0") == Query(limit=1)


@pytest.mark.parametrize(
    "text",
    [
        b"offset=-1",
        b"limit=ten",
        "offset=²".encode(),
        b"offset=" + b"9" * 1000,
        b"where=" + b"a" * 2000,
        b"&".join([b"where=a%3D1"] * 60),
        b"&".join([b"a=1"] * 1000),
    ],
)
def test_what_is_too_much_or_no_number_is_an_error(text: bytes) -> None:
    with pytest.raises(InputError):
        parse_query(text)


def test_keys() -> None:
    assert parse_keys(b"keys=a,b&keys=b,,c") == ["a", "b", "c"]
    with pytest.raises(InputError, match="at most 50 runs"):
        parse_keys(b"keys=" + b",".join(b"%d" % each for each in range(51)))
