"""Data: rows of a file, checksums, generators, images, sounds and texts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.decisions.case import Case
from dlrun.augment.augmentation import Setting
from dlrun.augment.augmenter import Augmenter
from dlrun.augment.images.rotate import rotation
from dlrun.augment.text.synonym_replacement import SynonymReplacement
from dlrun.data.preprocess.log_mel import LogMel, Spectrogram
from dlrun.nn.kernels import numba_kernels, numpy_kernels
from dlrun.run_directory.atomic import replace

_ROW = 768
"""Values of a row of 3 KB."""
_ROWS, _PICKED = 30_000, 4096
_MEGABYTE = 1_000_000


def batches() -> Iterator[Case]:
    """Batches of 128 rows of 784 values in memory, and the copy of 12.8 MB."""
    samples = np.zeros((10_000, 784), np.float32)
    rows = np.random.default_rng(0).integers(len(samples), size=128)
    batch, other = np.empty((128, 784), np.float32), np.zeros((128, 784), np.float32)
    large, larger = np.zeros(3_200_000, np.float32), np.ones(3_200_000, np.float32)
    thread = ThreadPoolExecutor(1)
    yield Case("gather 128 x 784", lambda: np.take(samples, rows, axis=0, out=batch, mode="clip"))
    yield Case("copy 128 x 784", lambda: np.copyto(batch, other))
    yield Case("hand over to a thread and wait", lambda: thread.submit(int).result(), waits=True)
    yield Case("copy 12.8 MB", lambda: np.copyto(large, larger))
    yield Case("a generator", lambda: np.random.Generator(np.random.Philox(1)))
    thread.shutdown()


def rows(folder: Path) -> Iterator[Case]:
    """Random rows of a file of 92 MB that is in the system's memory."""
    path = folder / "rows.bin"
    np.zeros((_ROWS, _ROW), np.float32).tofile(path)
    mapped = np.memmap(path, np.float32, "r", shape=(_ROWS, _ROW))
    picked = np.random.default_rng(0).integers(_ROWS, size=_PICKED)
    out = np.empty((_PICKED, _ROW), np.float32)
    with path.open("rb", buffering=0) as file:

        def read() -> None:
            for row, place in zip(out, picked.tolist(), strict=True):
                file.seek(place * _ROW * 4)
                file.readinto(row.data)

        yield Case("4,096 rows, mapped", lambda: np.take(mapped, picked, 0, out, mode="clip"))
        yield Case("4,096 rows, a call for each", read)


def files(folder: Path) -> Iterator[Case]:
    """A small file that is written, synchronized and renamed, as all files of a run are."""
    path, content = folder / "result.json", "{}" * 500
    yield Case("replace a file, synchronized", lambda: replace(path, content), waits=True)
    yield Case("write a file", lambda: path.write_text(content), waits=True)


def checksums() -> Iterator[Case]:
    """Of 100 MB."""
    content = bytes(100 * _MEGABYTE)
    yield Case("SHA-256 of 100 MB", lambda: hashlib.sha256(content).digest())
    yield Case("BLAKE2b of 100 MB", lambda: hashlib.blake2b(content).digest())


def images() -> Iterator[Case]:
    """128 images of 28 x 28, rotated with interpolation."""
    given = np.random.default_rng(0).random((128, 28, 28, 1), np.float32)
    inverse = rotation(np.linspace(-15, 15, 128), 28, 28)
    result = np.empty_like(given)
    each = [Image.fromarray((image[..., 0] * 255).astype(np.uint8)) for image in given]

    def resampled(kernels: Callable[..., None]) -> Callable[[], object]:
        return lambda: kernels(given, inverse, 0, 0.0, result)

    yield Case("rotate 128 images, compiled", resampled(numba_kernels().augment.resample))
    yield Case("rotate 128 images, numpy", resampled(numpy_kernels().augment.resample))
    yield Case(
        "rotate 128 images, Pillow",
        lambda: [image.rotate(10, Image.Resampling.BILINEAR) for image in each],
    )


def sounds() -> Iterator[Case]:
    """The spectrogram of a second of sound at 16 kHz, one of 32 that are made together."""
    waves = np.random.default_rng(0).normal(size=(32, 16_000, 1)).astype(np.float32)
    step = Spectrogram(LogMel(), 16_000.0)
    yield Case("log_mel of 32 s of sound", lambda: step.apply(waves))


def texts() -> Iterator[Case]:
    """64 texts of 20 words, a tenth of them replaced by synonyms."""
    words = "the film was good and the story of a small house by the sea is very beautiful"
    texts = np.array([f"{words} again and again"] * 64, object)
    targets = np.zeros(64, np.int64)
    augmenter = Augmenter(
        [SynonymReplacement()],
        0,
        lambda at: (texts[at], targets[at]),
        64,
        numpy_kernels().augment,  # type: ignore[arg-type]
        setting=Setting(),
    )
    yield Case("synonyms in 64 texts", lambda: augmenter(1, np.arange(64)))
