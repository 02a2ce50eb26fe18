from __future__ import annotations

import json
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import dlrun
from dlrun.errors import DataError, InputError

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


def test_what_is_read_is_not_replaced(spec: Spec, tmp_path: Path) -> None:
    path = spec(**IMAGES)
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"not a PNG file; end its name in \.png"):
        dlrun.preview_augmentations(path, preview=path)
    (link := tmp_path / "link.png").symlink_to(path)
    with pytest.raises(DataError, match="is the file that is read; write to another one"):
        dlrun.preview_augmentations(path, preview=link)
    assert path.read_bytes() == before


def test_texts_are_not_replaced_by_their_table(spec: Spec, tmp_path: Path) -> None:
    rows = "".join(f"The big film number {n},{'ab'[n % 2]}\n" for n in range(20))
    (texts := tmp_path / "t.csv").write_text(f"text,label\n{rows}")
    path = spec(
        data={"source": {"text": "t.csv"}, "preprocess": [{"tokenize": 8}]},
        model=[{"embedding": {"units": 2, "tokens": "${vocabulary}"}}, "flatten", {"dense": 2}],
        augment=[{"random_swap": 0.5}],
    )
    for file in (path, texts):
        before = file.read_bytes()
        with pytest.raises(DataError, match="is the file that is read; write to another one"):
            dlrun.preview_augmentations(path, preview=file)
        assert file.read_bytes() == before


def test_sounds_are_not_written_among_the_samples(spec: Spec, tmp_path: Path) -> None:
    for number in range(4):
        file = tmp_path / "sounds" / "ab"[number % 2] / f"{number}.wav"
        file.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(file), "wb") as sound:
            sound.setparams((1, 2, 8000, 0, "NONE", ""))
            sound.writeframes(bytes(1600))
    path = spec(
        data={"source": {"audio": {"path": "sounds", "rate": 8000}}, "split": {"validation": 0}},
        model=["flatten", {"dense": "${classes}"}],
        augment=[{"gain": 3}],
    )
    for preview in ("sounds.png", "sounds/c.png"):
        with pytest.raises(DataError, match="its WAV files would be among the samples"):
            dlrun.preview_augmentations(path, preview=tmp_path / preview)
    assert sorted(each.name for each in (tmp_path / "sounds").iterdir()) == ["a", "b"]
