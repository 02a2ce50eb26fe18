"""Test digits that are rotated, shifted or noisy."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import rotate

import dlrun
from dlrun.data.sources.digits import Digits
from dlrun.data.split.section import Split
from experiments.lab import Trained

DEGREES, NOISE = 20.0, 0.25
"""Of the rotation, to either side, and the standard deviation of the noise; white is 1."""

CLEAN, ROTATED, SHIFTED, NOISY = TESTS = ("clean", "rotated", "shifted", "noisy")

Images = NDArray[np.float32]


def rotated(images: Images, random: np.random.Generator) -> Images:
    """Each image rotated to the left or to the right."""
    angles = DEGREES * random.choice((-1, 1), len(images))
    pairs = zip(images, angles, strict=True)
    return np.stack([rotate(each, angle, reshape=False, order=1) for each, angle in pairs])


def shifted(images: Images, random: np.random.Generator) -> Images:
    """Each image moved by one pixel, up, down, left or right; the pixels that enter are black."""
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    size = images.shape[1]
    starts = np.array(((0, 1), (2, 1), (1, 0), (1, 2)))[random.integers(0, 4, len(images))]
    return np.stack(
        [each[y : y + size, x : x + size] for each, (y, x) in zip(padded, starts, strict=True)]
    )


def noisy(images: Images, random: np.random.Generator) -> Images:
    """Each image with Gaussian noise, clipped to black and white."""
    noise = random.normal(0, NOISE, images.shape)
    return np.clip(images + noise, 0, 1).astype(np.float32)


def accuracies(run: Trained, seed: int) -> Mapping[str, float]:
    """Accuracy of a run on its test digits as they are, and on disturbed ones.

    Args:
        run: with ``test`` among its ``params``.
        seed: of its split.
    """
    if run.path is None or run.failed:
        return dict.fromkeys(TESTS, 0.0)
    sets, labels = _tests(run.settings["params"]["test"], seed)
    answers = dlrun.Run(run.path).predict(np.concatenate(list(sets.values()))).argmax(axis=1)
    return {
        name: float((part == labels).mean())
        for name, part in zip(sets, np.split(answers, len(sets)), strict=True)
    }


@lru_cache(maxsize=64)
def _tests(share: float, seed: int) -> tuple[Mapping[str, Images], NDArray[np.int64]]:
    """The test digits of a split, as they are and disturbed, and their labels."""
    digits = Digits().load(0, Path())
    rows = Split(validation=0.0, test=share, stratify=True).rows(digits, seed).test
    images, random = np.asarray(digits.inputs)[rows], np.random.default_rng(seed)
    sets = {CLEAN: images}
    sets |= {ROTATED: rotated(images, random), SHIFTED: shifted(images, random)}
    sets[NOISY] = noisy(images, random)
    return sets, np.asarray(digits.targets)[rows]
