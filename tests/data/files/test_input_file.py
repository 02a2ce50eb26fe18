import gzip
import io
import os
import zipfile

import numpy as np
import pytest
from PIL import Image
from refusals import refusal

from dlrun.data.files import memory
from dlrun.data.sources.audio import Audio
from dlrun.data.sources.csv import Csv
from dlrun.data.sources.idx import Idx
from dlrun.data.sources.images import Images
from dlrun.data.sources.npy import Npy
from dlrun.data.sources.npz import Npz
from dlrun.data.sources.parquet import Parquet
from dlrun.data.sources.text import Text

SOURCES = {
    "t.csv": Csv(path="t.csv", target="y"),
    "t.csv.gz": Csv(path="t.csv.gz", target="y"),
    "x.npy": Npy(path="."),
    "a.npz": Npz(path="a.npz"),
    "t-images-idx3-ubyte": Idx(path="t"),
    "t-images-idx3-ubyte.gz": Idx(path="t"),
    "photos/a/1.png": Images(path="photos"),
    "sounds/a/1.wav": Audio(path="sounds", length=1),
    "texts/a/1.txt": Text(path="texts"),
    "t.parquet": Parquet(path="t.parquet", target="y"),
}


@pytest.fixture
def small(monkeypatch):
    """A machine of 1 MB."""
    monkeypatch.setattr(memory, "memory", lambda: 1 << 20)


@pytest.mark.parametrize("file", SOURCES)
def test_pipes_are_not_waited_for(tmp_path, file):
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(tmp_path / file)
    assert "a pipe or a device instead of a file" in refusal(SOURCES[file], tmp_path)


@pytest.mark.parametrize("file", SOURCES)
def test_devices_are_not_read(tmp_path, file):
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).symlink_to("/dev/zero")
    assert "a pipe or a device instead of a file" in refusal(SOURCES[file], tmp_path)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("file", ["t.csv.gz", "t-images-idx3-ubyte.gz"])
def test_gzip_bombs_are_not_unpacked(tmp_path, file):
    (tmp_path / file).write_bytes(gzip.compress(bytes(1 << 25)))
    assert "more than half of the 0.000977 GiB here" in refusal(SOURCES[file], tmp_path)


@pytest.mark.usefixtures("small")
def test_zip_bombs_are_not_unpacked(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros(1 << 20), y=np.zeros(1))
    assert refusal(SOURCES["a.npz"], tmp_path).startswith("a.npz: 'x': its content takes")


@pytest.mark.usefixtures("small")
def test_a_table_needs_more_room_than_its_file(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"x,y\n" + b"1,2\n" * 20_000)
    assert "t.csv: its content takes" in refusal(SOURCES["t.csv"], tmp_path)


def archive(path, member, how):
    content = io.BytesIO()
    np.save(content, np.arange(4.0))
    with zipfile.ZipFile(path, "w", how) as made:
        made.writestr("x.npy", content.getvalue() if member is None else member)
        made.writestr("y.npy", content.getvalue())


def header(shape, descr="<f8"):
    """An array's header that declares anything, without any numbers."""
    content = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        content, {"descr": descr, "fortran_order": False, "shape": shape}
    )
    return content.getvalue()


@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize(
    "member", [b"", b"text", header((1 << 60,)), header((-1,)), header((1 << 62, 4), "|V0")]
)
def test_members_are_checked_before_anything_is_allocated(tmp_path, member, how):
    archive(tmp_path / "a.npz", member, how)
    assert refusal(SOURCES["a.npz"], tmp_path).startswith("a.npz: 'x' ")


@pytest.mark.parametrize("how", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_members_that_numpy_would_not_have_packed(tmp_path, how):
    archive(tmp_path / "a.npz", None, how)
    assert "write it with numpy.savez_compressed" in refusal(SOURCES["a.npz"], tmp_path)


@pytest.mark.parametrize(
    "dtype", ["V4", "c8", "M8[s]", "m8[s]", "S3", [("a", "f4"), ("b", "i4")], ("f4", (2,))]
)
def test_types_that_are_no_numbers(tmp_path, dtype):
    content = header((4,), np.lib.format.dtype_to_descr(np.dtype(dtype)))
    (tmp_path / "x.npy").write_bytes(content + bytes(4 * np.dtype(dtype).itemsize))
    np.save(tmp_path / "y.npy", np.arange(4))
    said = refusal(SOURCES["x.npy"], tmp_path)
    assert "must hold numbers" in said or "no row a sample" in said or "cannot be read" in said


@pytest.mark.parametrize("code", [0x110000, 0xFFFFFFFF, 0xD800])
@pytest.mark.parametrize("order", "<>")
def test_text_that_is_no_unicode(tmp_path, code, order):
    np.save(tmp_path / "x.npy", np.zeros((2, 1)))
    content = header((2,), f"{order}U1") + np.array([97, code], f"{order}u4").tobytes()
    (tmp_path / "y.npy").write_bytes(content)
    assert "text that is not valid Unicode" in refusal(SOURCES["x.npy"], tmp_path)


def photos(folder, names=("a/1.png", "b/2.png")):
    for name in names:
        (folder / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (4, 4)).save(folder / "photos" / name)


def test_a_class_that_is_no_text(tmp_path):
    photos(tmp_path)
    os.rename(tmp_path / "photos/a", os.fsencode(tmp_path / "photos") + b"/\xff")  # noqa: PTH104
    assert "is not named in UTF-8; rename it" in refusal(Images(path="photos"), tmp_path)
