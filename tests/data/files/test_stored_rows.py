"""Arrays that stay in their file; that they are the same as in memory is tests of the sources."""

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlrun.data.files.array_file import StoredArray, find_array
from dlrun.data.files.stored_rows import StoredRows
from dlrun.errors import DataError


def stored(folder, array):
    path = folder / "a.npy"
    np.save(path, array)
    with path.open("rb") as file:
        return find_array(file, path, "a.npy", "x", end=path.stat().st_size)


def mapped(folder, array):
    return StoredRows(stored(folder, array), array.shape[1:])


@pytest.fixture(params=["kept in memory", "read from the disk"], autouse=True)
def size(request, monkeypatch):
    if request.param == "read from the disk":
        monkeypatch.setattr("dlrun.data.files.stored_rows._KEPT", 0.0)


TYPES = ["f4", ">f4", "f8", ">f8", "f2", "i1", "u1", ">i2", "i8", ">u8", "?"]


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", TYPES)
def test_every_type_and_order_keeps_its_digits(tmp_path, dtype, order):
    draw = np.random.default_rng(0).integers(0, 100, (50, 3, 2)) / 7
    array = np.asarray(draw.astype(dtype), order=order)
    wide = array.dtype.itemsize == 8
    expected = array.astype(np.float64 if wide else np.float32)
    rows = mapped(tmp_path, array)
    assert rows.shape == (50, 3, 2)
    np.testing.assert_array_equal(rows[7:31], expected[7:31])
    some = np.array([49, 3, 3, 0])
    np.testing.assert_array_equal(rows[some], expected[some])
    assert rows[some].dtype == expected.dtype
    assert rows[some].flags.c_contiguous


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.integers(0, 40), gap=st.integers(0, 63), flat=st.booleans())
def test_an_array_may_begin_at_any_byte(tmp_path_factory, start, gap, flat):
    array = np.arange(40 if flat else 120, dtype=np.float64).reshape((40,) if flat else (40, 3))
    path = tmp_path_factory.mktemp("gap") / "a.bin"
    path.write_bytes(bytes(gap) + array.tobytes())
    place = StoredArray(path, "a.bin", "x", gap, array.shape, False, array.dtype)
    rows = StoredRows(place, array.shape[1:])
    np.testing.assert_array_equal(rows[start:], array[start:])
    np.testing.assert_array_equal(rows[np.arange(start)], array[:start])
    np.testing.assert_array_equal(place.in_memory(), array)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_values_that_are_not_finite_are_refused_where_they_are_read(tmp_path, dtype):
    array = np.zeros((30, 4), dtype)
    array[17, 2] = np.nan if dtype == "f4" else 1e300
    rows = mapped(tmp_path, array)
    assert not rows[:17].any()
    message = r"a\.npy: row 17 of 'x' has values that are NaN or infinite as 32-bit"
    with pytest.raises(DataError, match=message):
        rows[10:]
    with pytest.raises(DataError, match=message):
        rows[np.array([3, 17])]


def change(path):
    with path.open("r+b") as file:
        file.seek(200)
        file.write(b"\x01")
    os.utime(path, ns=(1, 1))


def shrink(path):
    os.truncate(path, 300)


@pytest.mark.parametrize("harm", [change, shrink])
def test_a_file_that_is_changed_is_an_error_and_no_crash(tmp_path, harm):
    rows = mapped(tmp_path, np.zeros((5000, 4), np.float32))
    assert not rows[:].any()
    harm(tmp_path / "a.npy")
    for index in (slice(None), np.array([4999])):
        with pytest.raises(DataError, match=r"a\.npy: the file was changed while it was in use"):
            rows[index]


def test_a_file_that_is_replaced_is_read_to_the_end(tmp_path):
    rows = mapped(tmp_path, np.zeros((500, 4), np.float32))
    np.save(tmp_path / "b.npy", np.ones((3, 4)))
    (tmp_path / "b.npy").rename(tmp_path / "a.npy")
    assert not rows[np.array([499])].any()
