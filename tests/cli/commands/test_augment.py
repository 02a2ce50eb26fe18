from __future__ import annotations

import subprocess
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

Dlrun = Callable[..., subprocess.CompletedProcess[str]]
Spec = Callable[..., Path]

NAME = 4 + 7
"""Pixels for the name of a class that is one letter."""

IMAGES: dict[str, Any] = {
    "data": {"source": "digits", "preprocess": ["standardize"]},
    "model": ["flatten", {"dense": "${classes}"}],
    "augment": [{"rotate": 20}, {"erase": {"probability": 0.25}}],
}


def test_the_preview_shows_originals_and_others(dlrun: Dlrun, spec: Spec, tmp_path: Path) -> None:
    command = ("augment", spec(**IMAGES), "--samples", "3", "--epochs", "2", "--preview")
    for name in ("first.png", "second.png"):
        result = dlrun(*command, name)
        assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[:2] == ["1. rotate, 100% of samples", "2. erase, 25% of samples"]
    assert lines[2].endswith(" samples per second on one thread")
    assert lines[3] == "second.png: 3 samples in 2 epochs"
    first, second = (tmp_path / name for name in ("first.png", "second.png"))
    assert first.read_bytes() == second.read_bytes()
    with Image.open(first) as image:
        pixels = np.asarray(image)
    assert pixels.shape == (18 + 3 * 68 + 4, NAME + 3 * 68 + 8, 3)


def test_what_cannot_be_shown_is_said(dlrun: Dlrun, spec: Spec, tmp_path: Path) -> None:
    def line(*arguments: str | Path) -> str:
        result = dlrun("augment", *arguments)
        assert (result.returncode, result.stdout) == (
            2,
            "",
        ) or "samples per second" in result.stdout
        (said,) = result.stderr.splitlines()
        return said

    assert "nothing to augment" in line(spec())
    assert "unknown augmentation" in line(spec(**IMAGES | {"augment": ["turn"]}))
    missing = tmp_path / "no" / "folder.png"
    assert f"{missing.parent}: cannot write it: no such file or directory" in line(
        spec(**IMAGES), "--preview", missing
    )


def test_tables_have_no_picture(dlrun: Dlrun, spec: Spec, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(
        "from dlrun.augment.augmentation import Augmentation, augmentation\n\n\n"
        '@augmentation("same")\n'
        "class Same(Augmentation):\n"
        '    """Nothing."""\n\n'
        "    def apply(self, samples, draws, kernels):\n"
        "        return samples\n"
    )
    path = spec(plugins=["own.py"], augment=["same"])
    result = dlrun("augment", path, "--allow-plugins")
    assert result.returncode == 0 and "1. same, 100% of samples" in result.stdout
    result = dlrun("augment", path, "--preview", "sheet.png")
    assert result.returncode == 2
    assert "--preview draws images and audio, but samples are 2; leave it out" in result.stderr


@pytest.mark.slow
def test_sounds_are_seen_and_heard(dlrun: Dlrun, spec: Spec, tmp_path: Path) -> None:
    folder = tmp_path / "sounds"
    for number in range(6):
        tone = np.sin(np.arange(800) * (0.2 + 0.1 * number))
        path = folder / "ab"[number % 2] / f"{number}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(path), "wb") as sound:
            sound.setparams((1, 2, 8000, 0, "NONE", ""))
            sound.writeframes((9000 * tone).astype("<i2").tobytes())
    data = {"source": {"audio": {"path": "sounds", "rate": 8000}}, "split": {"validation": 0}}
    keys: dict[str, Any] = {"model": ["flatten", {"dense": "${classes}"}]}
    raw = spec(data=data, augment=[{"gain": 3}], **keys)
    command = ("--samples", "3", "--epochs", "2", "--preview", "sheet.png")
    result = dlrun("augment", raw, *command, DLRUN_CACHE=str(tmp_path / "cache"))
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines()[2:] == [
        "sheet.png: 3 samples in 2 epochs",
        "sheet: the same as WAV files",
    ]
    written = sorted(path.name for path in (tmp_path / "sheet").iterdir())
    assert written[:3] == ["1-epoch-1.wav", "1-epoch-2.wav", "1-original.wav"]
    assert len(written) == 9
    with wave.open(str(tmp_path / "sheet" / "1-original.wav")) as sound:
        assert sound.getparams()[:4] == (1, 2, 8000, 800)
        heard = np.frombuffer(sound.readframes(800), "<i2")
    assert heard.max() in (8999, 9000)
    with Image.open(tmp_path / "sheet.png") as image:
        assert image.mode == "RGB" and image.size == (NAME + 3 * 68 + 8, 18 + 3 * 324 + 4)
        raw_pixels = np.asarray(image)
    # What a network reads, masks included, where that is a spectrogram.
    data["preprocess"] = ["log_mel"]
    masks = {
        "spec_augment": {
            "time_masks": 0,
            "frequency_masks": 1,
            "frequency_width": 0.5,
            "value": -80.0,
        }
    }
    seen = spec(data=data, augment=[masks], **keys)
    assert dlrun("augment", seen, *command, DLRUN_CACHE=str(tmp_path / "cache")).returncode == 0
    with Image.open(tmp_path / "sheet.png") as image:
        pixels = np.asarray(image)
    assert pixels.shape == raw_pixels.shape
    originals = slice(NAME, NAME + 68)
    np.testing.assert_array_equal(pixels[18:, originals], raw_pixels[18:, originals])
    original, masked = (pixels[18:, NAME + left : NAME + left + 64] for left in (4, 76))
    differing = (original != masked).any(axis=(1, 2))
    assert 0 < differing.sum() <= 3 * 160 and (masked[differing] <= 4).all()


@pytest.mark.slow
def test_images_that_are_left_out_are_told(dlrun: Dlrun, spec: Spec, tmp_path: Path) -> None:
    for name in ("a/1.png", "a/2.png", "b/1.png", "b/2.png"):
        (tmp_path / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (4, 4), 50).save(tmp_path / "photos" / name)
    (tmp_path / "photos" / "a" / "3.png").write_bytes(b"no image")
    keys = {
        "data": {"source": {"images": {"path": "photos", "on_error": "skip"}}},
        "model": ["flatten", {"dense": "${classes}"}],
    }
    note = "photos: 1 of 5 images left out: photos/a/3.png (not an image that can be read)"
    folder = str(tmp_path / "cache")
    checked = dlrun("check", spec(**keys), DLRUN_CACHE=folder)
    assert note in checked.stdout.splitlines()
    trained = dlrun("train", spec(**keys), "-q", DLRUN_CACHE=folder)
    assert trained.returncode == 0 and note in trained.stderr.replace("\n", " ")


def test_texts_are_a_table(dlrun: Dlrun, spec: Spec, tmp_path: Path) -> None:
    rows = "".join(f"The big film number {n},{'ab'[n % 2]}\n" for n in range(20))
    (tmp_path / "t.csv").write_text(f"text,label\n{rows}")
    path = spec(
        data={"source": {"text": "t.csv"}, "preprocess": [{"tokenize": 8}]},
        model=[{"embedding": {"units": 2, "tokens": "${vocabulary}"}}, "flatten", {"dense": 2}],
        augment=[{"random_swap": 0.5}],
    )
    shown = dlrun("augment", path, "--samples", "2", "--epochs", "1")
    assert (shown.returncode, shown.stderr) == (0, "")
    lines = shown.stdout.splitlines()
    assert lines[0] == "1. random_swap, 100% of samples"
    assert lines[1].endswith(" samples per second on one thread")
    assert [line[:10] for line in lines[2:]] == [
        "label     ",
        "original  ",
        "epoch 1   ",
        "",
        "label     ",
        "original  ",
        "epoch 1   ",
    ]
    assert [lines[2][10:], lines[6][10:]] == ["a", "b"]
    assert sorted(lines[3][10:].split()) == sorted(lines[4][10:].split())
    written = dlrun("augment", path, "--samples", "2", "--epochs", "1", "--preview", "sheet.txt")
    assert written.stdout.splitlines()[2:] == ["sheet.txt: 2 samples in 1 epochs"]
    assert (tmp_path / "sheet.txt").read_text().splitlines() == lines[2:]
