from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import dlrun
from dlrun.errors import InputError

Spec = Callable[..., Path]

IMAGES: dict[str, Any] = {
    "data": {"source": "digits", "preprocess": ["standardize"]},
    "model": ["flatten", {"dense": "${classes}"}],
    "augment": [{"rotate": 20}, {"erase": {"probability": 0.25}}],
}


def test_the_picture_is_that_of_the_command(
    spec: Spec, command: Callable[..., str], tmp_path: Path
) -> None:
    path = spec(**IMAGES)
    shown = dlrun.preview_augmentations(
        json.loads(path.read_text()), preview=tmp_path / "here.png", samples=3, epochs=2
    )
    command("augment", path, "--samples", "3", "--epochs", "2", "--preview", "there.png")
    assert shown.picture == tmp_path / "here.png"
    assert shown.picture.read_bytes() == (tmp_path / "there.png").read_bytes()
    assert shown.augmentations == (("rotate", 1.0), ("erase", 0.25))
    assert shown.samples.augmented.shape == (3, 2, 8, 8, 1)
    assert (shown.table, shown.waves) == (None, None)


def test_a_spec_without_augmentations(spec: Spec) -> None:
    with pytest.raises(InputError, match="spec: nothing to augment"):
        dlrun.preview_augmentations(json.loads(spec().read_text()))
