import gzip
import struct

import numpy as np
import pytest

from dlrun.data.files import array_file
from dlrun.data.samples import Lazy
from dlrun.data.sources.idx import Idx
from dlrun.errors import DataError

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 4, 3)).astype(np.uint8)
LABELS = np.array([3, 0, 3, 9, 0], np.uint8)


def idx(array, code=8):
    return struct.pack(f">2xBB{array.ndim}I", code, array.ndim, *array.shape) + array.tobytes()


def write(folder, name="train", images=idx(IMAGES), labels=idx(LABELS), end=""):  # noqa: B008
    pack = gzip.compress if end else bytes
    (folder / f"{name}-images-idx3-ubyte{end}").write_bytes(pack(images))
    (folder / f"{name}-labels-idx1-ubyte{end}").write_bytes(pack(labels))
    return Idx(path=name)


@pytest.mark.parametrize("end", ["", ".gz"])
def test_images_and_their_classes(tmp_path, end):
    source = write(tmp_path, end=end)
    data = source.load(0, tmp_path)
    np.testing.assert_array_equal(data.inputs[..., 0], IMAGES / np.float32(255))
    assert data.classes == ("0", "3", "9") and data.targets.tolist() == [1, 0, 1, 2, 0]
    assert [file.name[-3:] for file in source.files(tmp_path)] == [(f"yte{end}")[-3:]] * 2
    write(tmp_path, "t10k", end=end)
    test = source.load_file("t10k", tmp_path, data)
    np.testing.assert_array_equal(test.targets, data.targets)


@pytest.mark.parametrize(
    ("code", "dtype"), [(9, "i1"), (11, ">i2"), (12, ">i4"), (13, ">f4"), (14, ">f8")]
)
def test_every_type_of_number(tmp_path, code, dtype):
    numbers = np.array([[1, -2], [3, 4]], dtype)
    data = write(tmp_path, images=idx(numbers, code), labels=idx(LABELS[:2])).load(0, tmp_path)
    np.testing.assert_array_equal(data.inputs, [[1, -2], [3, 4]])


def test_large_files_stay_where_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(array_file, "_LARGE", 100)
    data = write(tmp_path).load(0, tmp_path)
    assert isinstance(data.inputs, Lazy)
    np.testing.assert_array_equal(data.inputs[:][..., 0], IMAGES / np.float32(255))


@pytest.mark.parametrize(
    ("images", "says"),
    [
        (b"", "does not begin with"),
        (b"\0\0\x08", "does not begin with"),
        (b"\0\0\x07\x03" + bytes(12), "does not begin with"),
        (b"\0\0\x08\0", "does not begin with"),
        (b"\0\0\x08\x03\0\0\0\x05", "ends within its header"),
        (idx(IMAGES)[:-1], "declares (5, 4, 3) of uint8, 60 bytes, and has 59"),
        (idx(IMAGES) + b"\0", "and has 61"),
    ],
)
@pytest.mark.parametrize("end", ["", ".gz"])
def test_broken_files_are_named(tmp_path, images, says, end):
    with pytest.raises(DataError) as raised:
        write(tmp_path, images=images, end=end).load(0, tmp_path)
    assert str(raised.value).startswith("train-images-idx3-ubyte: not an IDX file")
    assert says in str(raised.value)


def test_broken_gzip_and_missing_files_are_named(tmp_path):
    with pytest.raises(DataError, match="train-images-idx3-ubyte: No such file"):
        Idx(path="train").load(0, tmp_path)
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(b"no gzip")
    with pytest.raises(DataError, match=r"ubyte\.gz: broken gzip file"):
        Idx(path="train").load(0, tmp_path)
