"""Augmented images per second: whole batches, compared with Pillow image by image."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageEnhance

from benchmarks.measure import Settings
from benchmarks.report import Report, duration, ratio, spread
from dlrun.arrays import Array
from dlrun.augment.augmenter import Augmenter
from dlrun.augment.images.color_jitter import ColorJitter
from dlrun.augment.images.crop import Crop
from dlrun.augment.images.rotate import Rotate
from dlrun.nn.kernels import numba_kernels, numpy_kernels

_BATCH = 128
_ENOUGH = 3.0
"""Times as many images a second as Pillow that are asked for."""
_PADDING, _DEGREES, _JITTER = 4, 15.0, 0.2


@dataclass(frozen=True, slots=True)
class Images:
    """Images of a size.

    Attributes:
        shape: of one.
        step: seconds of a training step of a small convolutional network on a batch of them; a
            batch has to be ready sooner.
    """

    shape: tuple[int, int, int]
    step: float


_SIZES = (Images((28, 28, 1), 0.017), Images((32, 32, 3), 0.027))


def images(settings: Settings) -> Report:
    """Rotate, crop and color_jitter on one thread, as a training's batches are made.

    Pillow rotates by bilinear interpolation, crops a padded image and enhances brightness,
    contrast and, for color images, saturation.  Its inputs and outputs are 8-bit images, which is
    an advantage for it.
    """
    columns = ("images, by", "a batch", "min - max", "images a second", "of Pillow")
    report = Report("augment/images", columns)
    for size in _SIZES:
        _compare(report, size, settings)
    return report


def _compare(report: Report, size: Images, settings: Settings) -> None:
    height, width, channels = size.shape
    given = np.random.default_rng(0).integers(0, 256, (_BATCH, *size.shape), dtype=np.uint8)
    works = {
        "pillow": _pillow(given),
        "dlrun": _ours(given, numba_kernels().augment),
        "dlrun, numpy": _ours(given, numpy_kernels().augment),
    }
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        work()
    for _ in range(settings.rounds):
        for name, work in works.items():
            seconds[name].append(_time(work, settings.seconds))
    label = f"{height} x {width} x {channels}"
    for name, times in seconds.items():
        middle, against = statistics.median(times), ratio(seconds["pillow"], times)
        report.rows.append(
            (
                f"{label}, {name}",
                duration(middle),
                spread(times),
                f"{_BATCH / middle:,.0f}",
                f"{against[0]:.1f} ({against[1]:.1f} - {against[2]:.1f})",
            )
        )
        report.data.append({"images": label, "by": name, "batch": _BATCH, "seconds": times})
    faster = statistics.median(seconds["pillow"]) / statistics.median(seconds["dlrun"])
    if faster < _ENOUGH:
        report.faults.append(f"{label}: {faster:.1f} times as fast as Pillow, {_ENOUGH:g} is right")
    if statistics.median(seconds["dlrun"]) > size.step:
        report.faults.append(f"{label}: slower than a training step of {duration(size.step)}")


def _time(work: Callable[[], object], turn: float) -> float:
    """Seconds of a call, the mean over a turn."""
    start, calls = time.perf_counter(), 0
    while (passed := time.perf_counter() - start) < turn:
        work()
        calls += 1
    return passed / calls


def _ours(given: Array, kernels: object) -> Callable[[], object]:
    samples = given.astype(np.float32) / np.float32(255)
    targets, rows = np.zeros(_BATCH, np.int64), np.arange(_BATCH)
    jitter = ColorJitter(brightness=_JITTER, contrast=_JITTER, saturation=_JITTER, hue=0.0)
    augmenter = Augmenter(
        [Rotate(degrees=_DEGREES), Crop(padding=_PADDING), jitter],
        0,
        lambda at: (samples[at], targets[at]),
        _BATCH,
        kernels,  # type: ignore[arg-type]
    )
    return lambda: augmenter(1, rows)


def _pillow(given: Array) -> Callable[[], object]:
    batch = [Image.fromarray(each[..., 0] if each.shape[-1] == 1 else each) for each in given]
    random = np.random.default_rng(1)

    def change(image: Image.Image) -> Image.Image:
        turned = image.rotate(random.uniform(-_DEGREES, _DEGREES), Image.Resampling.BILINEAR)
        left, top = random.integers(-_PADDING, _PADDING + 1, 2).tolist()
        width, height = image.size
        found = turned.crop((left, top, left + width, top + height))  # zeros beyond the border
        factors = random.uniform(1 - _JITTER, 1 + _JITTER, 3).tolist()
        found = ImageEnhance.Brightness(found).enhance(factors[0])
        found = ImageEnhance.Contrast(found).enhance(factors[1])
        if image.mode == "RGB":
            found = ImageEnhance.Color(found).enhance(factors[2])
        return found

    return lambda: [change(image) for image in batch]
