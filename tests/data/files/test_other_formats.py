"""Files of other formats that are given as tables are named, with what to do."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from pathlib import Path

import numpy as np
import pytest

from dlrun.data.sources.csv import Csv
from dlrun.errors import DataError

TABLE = b"a,y\n1,0\n2,1\n"


def zipped() -> bytes:
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("t.csv", TABLE)
        return file.getvalue()


def saved() -> bytes:
    with io.BytesIO() as file:
        np.save(file, np.arange(4))
        return file.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (zipped(), "not UTF-8 text, but a ZIP archive or an Excel workbook; unpack it"),
        (b"\xd0\xcf\x11\xe0" + bytes(500), "not UTF-8 text, but an Excel workbook; save the sheet"),
        (
            gzip.compress(TABLE, mtime=0),
            "not UTF-8 text, but compressed with gzip; end its name in .gz",
        ),
        (bz2.compress(TABLE), "not UTF-8 text, but compressed with bzip2; unpack it"),
        (lzma.compress(TABLE), "not UTF-8 text, but compressed with xz; unpack it"),
        (
            b"PAR1" + bytes(50) + b"PAR1",
            "not UTF-8 text, but a Parquet file; use the source parquet",
        ),
        (saved(), "not UTF-8 text, but a NumPy array; use the source npy"),
        (
            TABLE.decode().encode("utf-16"),
            "not UTF-8 text, but UTF-16 text; save the file as UTF-8",
        ),
        (b"\n\xfe,1\n", "not UTF-8 text; save the file as UTF-8"),
        (b"@relation w\n@attribute a numeric\n", "not a delimited table, but an ARFF file; save"),
        (b"<!DOCTYPE html><html>\n</html>\n", "not a delimited table, but an HTML page; download"),
        (b' [{"a": 1, "y": 0}]', "not a delimited table, but a JSON file; save it as CSV"),
        (b'{"a": 1, "y": 0}\n', "not a delimited table, but a JSON file; save it as CSV"),
    ],
)
def test_the_format_and_what_to_do(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(DataError) as raised:
        Csv(path="t.csv", target="y").load(0, tmp_path)
    line = str(raised.value)
    assert says in line
    assert line.startswith(("t.csv:1: ", "t.csv:2: "))
    assert "\n" not in line
