"""Rows of compressed arrays are unpacked one after another, and broken content is an error."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import numpy as np
import pytest

from dlrun.data.files.packed_array import PackedArray, PackedRows
from dlrun.data.sources.idx import Idx
from dlrun.data.sources.npz import Npz
from dlrun.errors import DataError

VALUES = np.arange(60, dtype=np.float32).reshape(20, 3)


def packed(folder: Path) -> PackedArray:
    np.savez_compressed(folder / "a.npz", x=VALUES)
    (array,) = Npz(path="a.npz").named("a.npz", folder, ["x"], stays=True)
    assert isinstance(array, PackedArray)
    return array


def test_rows_are_read_in_any_order(tmp_path: Path) -> None:
    rows = PackedRows(packed(tmp_path), (3,))
    for start, stop in ((0, 5), (5, 20), (12, 14), (0, 20), (7, 7)):
        np.testing.assert_array_equal(rows[start:stop], VALUES[start:stop])
    order = np.array([13, 2, 2, 19, 0])
    np.testing.assert_array_equal(rows[order], VALUES[order])
    np.testing.assert_array_equal(packed(tmp_path).in_memory(), VALUES)


def test_arrays_in_fortran_order_are_read_whole(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", x=np.asfortranarray(VALUES))
    (array,) = Npz(path="a.npz").named("a.npz", tmp_path, ["x"], stays=True)
    np.testing.assert_array_equal(array, VALUES)


def test_broken_content_is_an_error_in_the_row_where_it_is_found(tmp_path: Path) -> None:
    array = packed(tmp_path)
    content = bytearray((tmp_path / "a.npz").read_bytes())
    with zipfile.ZipFile(tmp_path / "a.npz") as archive:
        (info,) = archive.infolist()
        stop = info.header_offset + info.compress_size
    content[stop - 8] ^= 0xFF
    (tmp_path / "a.npz").write_bytes(content)
    rows = PackedRows(array, (3,))
    with pytest.raises(DataError, match=r"a\.npz: 'x' cannot be read"):
        for start in range(20):
            rows[start : start + 1]
    (tmp_path / "a.npz").unlink()
    with pytest.raises(DataError, match=r"a\.npz: No such file"):
        PackedRows(array, (3,))[:2]


@pytest.mark.parametrize(
    ("count", "says"), [(19, "and has fewer"), (21, "it has more than the 60 bytes")]
)
def test_a_gzip_file_of_another_length_is_an_error(tmp_path: Path, count: int, says: str) -> None:
    head = b"\0\0\x08\x02" + b"\0\0\0\x14" + b"\0\0\0\x03"
    (tmp_path / "a.gz").write_bytes(gzip.compress(head + bytes(3 * count)))
    (array,) = Idx(path="a").named("", tmp_path, ["a"], stays=True)
    assert isinstance(array, PackedArray)
    with pytest.raises(DataError, match=rf"^a\.gz: broken gzip file: .*{says}"):
        PackedRows(array, (3,))[:20]
    with pytest.raises(DataError, match=says):
        array.in_memory()


def test_values_that_are_not_finite_are_named_by_row(tmp_path: Path) -> None:
    values = VALUES.copy()
    values[17, 1] = np.inf
    np.savez_compressed(tmp_path / "a.npz", x=values)
    (array,) = Npz(path="a.npz").named("a.npz", tmp_path, ["x"], stays=True)
    assert isinstance(array, PackedArray)
    rows = PackedRows(array, (3,))
    np.testing.assert_array_equal(rows[:17], VALUES[:17])
    with pytest.raises(DataError, match="row 17 of 'x'"):
        rows[17:]
