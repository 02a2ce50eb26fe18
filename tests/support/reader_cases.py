"""Every reader of data with small good files, to be broken by the tests of all readers.

A reader is one row: what the spec says under ``data.source``, what writes the files, and which of
them are to be broken.
"""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class ReaderCase:
    """A reader.

    Attributes:
        name: of the case.
        source: of a spec, beside the files.
        write: makes good files in a folder.
        files: those that are broken, one at a time.
        preprocess: what the data needs to be numbers.
    """

    name: str
    source: dict[str, Any]
    write: Callable[[Path], None]
    files: tuple[str, ...]
    preprocess: tuple[str, ...] = ()


X = np.arange(24, dtype=np.float32).reshape(8, 3)
IMAGES = (np.arange(8 * 16) % 251).astype(np.uint8).reshape(8, 4, 4)
Y = np.array([0, 1] * 4, np.uint8)


def _csv(pack: Callable[[bytes], bytes] = bytes, name: str = "t.csv") -> Callable[[Path], None]:
    rows = "".join(f'{n}.5,{"ab"[n % 2]},"c{n % 3}",{"yn"[n % 2]}\n' for n in range(8))

    def write(folder: Path) -> None:
        (folder / name).write_bytes(pack(f"x,k,q,y\n{rows}".encode()))

    return write


def _npz(save: Callable[..., None]) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        save(folder / "a.npz", x=X, y=Y)

    return write


def _npy(folder: Path) -> None:
    np.save(folder / "x.npy", X)
    np.save(folder / "y.npy", np.array(["a", "b"] * 4))


def _idx(pack: Callable[[bytes], bytes] = bytes, end: str = "") -> Callable[[Path], None]:
    def packed(array: np.ndarray) -> bytes:
        head = struct.pack(f">2xBB{array.ndim}I", 8, array.ndim, *array.shape)
        return pack(head + array.tobytes())

    def write(folder: Path) -> None:
        (folder / f"t-images-idx3-ubyte{end}").write_bytes(packed(IMAGES))
        (folder / f"t-labels-idx1-ubyte{end}").write_bytes(packed(Y))

    return write


def _images(suffix: str, **options: Any) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        for number, pixels in enumerate(IMAGES[:4]):
            path = folder / "photos" / "ab"[number % 2] / f"{number}{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).convert("RGB").save(path, **options)

    return write


def _table(folder: Path) -> None:
    _images(".png")(folder)
    rows = "".join(f"{'ab'[n % 2]}/{n}.png,{'ab'[n % 2]}\n" for n in range(4))
    (folder / "labels.csv").write_text(f"file,label\n{rows}")


def _sounds(suffix: str, **options: Any) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        import soundfile

        for number in range(4):
            path = folder / "sounds" / "ab"[number % 2] / f"{number}{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            wave = np.sin(np.arange(60) * (number + 1) / 5)
            soundfile.write(path, wave, 8000, **options)

    return write


def _recordings(suffix: str, **options: Any) -> ReaderCase:
    source = {"audio": {"path": "sounds", "rate": 8000, "length": 0.008}}
    kind = options.get("subtype", "")
    file = f"sounds/a/0{suffix}"
    return ReaderCase(f"audio {suffix} {kind}", source, _sounds(suffix, **options), (file,))


def _texts(folder: Path) -> None:
    for number in range(4):
        path = folder / "texts" / "ab"[number % 2] / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"caf\u00e9 number {number}, and no more\n", encoding="utf-8")


def _letters(folder: Path) -> None:
    rows = "".join(f'"text, {n}",{"ab"[n % 2]}\n' for n in range(8))
    (folder / "letters.csv").write_text(f"text,label\n{rows}")


def _parquet(folder: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    columns = {"x": X[:, 0], "k": ["a", None] * 4, "y": ["n", "y"] * 4}
    parquet.write_table(pa.table(columns), folder / "t.parquet")


def _series(folder: Path) -> None:
    (folder / "t.tsv").write_text("1\t0.5\t2\t-3\n2\t0\t1e-2\tNaN\n1\t4\t5\t6\n")


def _series_with_header(folder: Path) -> None:
    head = "@problemName t\n@timeStamps false\n@univariate false\n@classLabel true a b\n@data\n"
    (folder / "t.ts").write_text(f"{head}1,2,3:4,5,6:a\n7,8:9,10:b\n")


def _photos(suffix: str, **options: Any) -> ReaderCase:
    source = {"images": {"path": "photos"}}
    file = f"photos/a/0{suffix}"
    return ReaderCase(f"images {suffix}", source, _images(suffix, **options), (file,))


READERS = [
    ReaderCase("csv", {"csv": {"path": "t.csv", "target": "y"}}, _csv(), ("t.csv",), ("one_hot",)),
    ReaderCase(
        "csv.gz",
        {"csv": {"path": "t.csv.gz", "target": "y"}},
        _csv(gzip.compress, "t.csv.gz"),
        ("t.csv.gz",),
        ("one_hot",),
    ),
    ReaderCase("npz", {"npz": "a.npz"}, _npz(np.savez), ("a.npz",)),
    ReaderCase("packed npz", {"npz": "a.npz"}, _npz(np.savez_compressed), ("a.npz",)),
    ReaderCase("npy", {"npy": "."}, _npy, ("x.npy", "y.npy")),
    ReaderCase("idx", {"idx": "t"}, _idx(), ("t-images-idx3-ubyte", "t-labels-idx1-ubyte")),
    ReaderCase("idx.gz", {"idx": "t"}, _idx(gzip.compress, ".gz"), ("t-images-idx3-ubyte.gz",)),
    ReaderCase(
        "table of images",
        {"images": {"path": "photos", "labels": "labels.csv"}},
        _table,
        ("labels.csv", "photos/a/0.png"),
    ),
    _photos(".png"),
    _photos(".jpg"),
    _photos(".gif"),
    _photos(".bmp"),
    _photos(".tif", compression="tiff_deflate"),
    _photos(".webp", lossless=True),
    _photos(".ppm"),
    _recordings(".wav", subtype="PCM_16"),
    _recordings(".wav", subtype="PCM_24"),
    _recordings(".wav", subtype="FLOAT"),
    _recordings(".flac"),
    _recordings(".aiff"),
    _recordings(".ogg"),
    ReaderCase("ucr .tsv", {"ucr": "t.tsv"}, _series, ("t.tsv",)),
    ReaderCase("ucr .ts", {"ucr": "t.ts"}, _series_with_header, ("t.ts",)),
    ReaderCase("text", {"text": "texts"}, _texts, ("texts/a/0.txt",), ("tokenize",)),
    ReaderCase("table of text", {"text": "letters.csv"}, _letters, ("letters.csv",), ("tokenize",)),
    ReaderCase(
        "parquet",
        {"parquet": {"path": "t.parquet", "target": "y"}},
        _parquet,
        ("t.parquet",),
        ("one_hot",),
    ),
]
