"""What is compared: names of augmentations and sizes of training sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

NONE, ROTATE, FLIP, ZOOM, SHIFT = "none", "rotate", "flip", "zoom", "shift"
TOGETHER, WITH_FLIP = "rotate, zoom, shift", "the same and flip"
DIGITS = (NONE, ROTATE, FLIP, ZOOM, SHIFT, TOGETHER, WITH_FLIP)
NOISE, ALL = "noise", "shift, speed, noise"
SOUNDS = (NONE, SHIFT, NOISE, ALL)
SYNONYMS, PARAPHRASE, UNKNOWN = "synonyms", "paraphrase", "unknown synonyms"
LARGE, SMALL, RARE = "large", "small", "rare unknown"
"""Of sayings: initial embeddings with a standard deviation of 1 or of 0.1; the latter with words
that occur once unknown in training."""

IMAGE_SIZES = {45: 160, 180: 60, 450: 40}
SOUND_SIZES = {20: 150, 60: 50, 180: 25}
REVIEW_SIZES = {20: 200, 80: 50, 320: 13}
SAYING_SIZES = {120: 60, 480: 15}
"""Epochs by samples for training."""

Disturbed = Mapping[tuple[str, int], Mapping[str, Sequence[float]]]
"""Accuracies by side and size, by test and seed."""
