"""Arrays that stay in their file; that they are the same as in memory is tests of the sources."""

import numpy as np
import pytest

from dlrun.data.files.array_file import StoredArray, find_array
from dlrun.data.files.stored_rows import StoredRows
from dlrun.errors import DataError


def stored(folder, array):
    path = folder / "a.npy"
    np.save(path, array)
    with path.open("rb") as file:
        return find_array(file, path, "a.npy", "x", end=path.stat().st_size)


@pytest.fixture(params=["kept in memory", "read from the disk"], autouse=True)
def size(request, monkeypatch):
    if request.param == "read from the disk":
        monkeypatch.setattr("dlrun.data.files.stored_rows._KEPT", 0.0)


def test_files_that_hold_less_than_they_declare(tmp_path):
    path = tmp_path / "a.npy"
    place = stored(tmp_path, np.zeros((50, 4)))
    content = path.read_bytes()
    for broken, message in (
        (content[:-1], "declares .* 1600 bytes, and the file has 1599"),
        (content.replace(b"50, 4", b"-5, 4"), "declares"),
        (content[:40], "header is broken"),
        (b"text", "magic"),
    ):
        path.write_bytes(broken)
        with path.open("rb") as file, pytest.raises(ValueError, match=message):
            find_array(file, path, "a.npy", "x", end=len(broken))
    path.write_bytes(content[:100])
    with pytest.raises(DataError, match="the file was changed"):
        StoredRows(place, (4,))
    path.unlink()
    with pytest.raises(DataError, match=r"a\.npy: No such file"):
        StoredRows(place, (4,))
    with pytest.raises(DataError, match="'x' cannot be read"):
        place.in_memory()


def test_the_size_decides_whether_an_array_stays_in_its_file(tmp_path):
    def place(*shape):
        return StoredArray(tmp_path, "a.npy", "x", 0, shape, False, np.dtype(np.uint8))

    assert not place(1000, 784).large
    assert place(1_000_000, 784).large
