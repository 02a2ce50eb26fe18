from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

Dlrun = Callable[..., subprocess.CompletedProcess[str]]
Spec = Callable[..., Path]

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
    assert lines[2].endswith(" samples a second on one thread")
    assert lines[3] == "second.png: 3 samples in 2 epochs"
    first, second = (tmp_path / name for name in ("first.png", "second.png"))
    assert first.read_bytes() == second.read_bytes()
    with Image.open(first) as image:
        pixels = np.asarray(image)
    assert pixels.shape == (18 + 3 * 68 + 4, 3 * 68 + 8, 3)


def test_what_cannot_be_shown_is_said(dlrun: Dlrun, spec: Spec, tmp_path: Path) -> None:
    def line(*arguments: str | Path) -> str:
        result = dlrun("augment", *arguments)
        assert (result.returncode, result.stdout) == (2, "") or "samples a second" in result.stdout
        (said,) = result.stderr.splitlines()
        return said

    assert "nothing to augment" in line(spec())
    assert "unknown augmentation" in line(spec(**IMAGES | {"augment": ["turn"]}))
    missing = tmp_path / "no" / "folder.png"
    assert f"{missing}: cannot be written" in line(spec(**IMAGES), "--preview", missing)


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
    result = dlrun("augment", path)
    assert result.returncode == 0 and "1. same, 100% of samples" in result.stdout
    result = dlrun("augment", path, "--preview", "sheet.png")
    assert result.returncode == 2
    assert "--preview draws images, and samples are 2; leave it out" in result.stderr


def test_images_that_are_left_out_are_told(dlrun: Dlrun, spec: Spec, tmp_path: Path) -> None:
    for name in ("a/1.png", "a/2.png", "b/1.png", "b/2.png"):
        (tmp_path / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (4, 4), 50).save(tmp_path / "photos" / name)
    (tmp_path / "photos" / "a" / "3.png").write_bytes(b"no image")
    keys = {
        "data": {"source": {"images": {"path": "photos", "on_error": "skip"}}},
        "model": ["flatten", {"dense": "${classes}"}],
    }
    note = "photos: 1 of 5 images left out: photos/a/3.png (no image that can be read)"
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
    assert lines[1].endswith(" samples a second on one thread")
    assert [line[:10] for line in lines[2:]] == [
        "original  ",
        "epoch 1   ",
        "",
        "original  ",
        "epoch 1   ",
    ]
    assert sorted(lines[2][10:].split()) == sorted(lines[3][10:].split())
    written = dlrun("augment", path, "--samples", "2", "--epochs", "1", "--preview", "sheet.txt")
    assert written.stdout.splitlines()[2:] == ["sheet.txt: 2 samples in 1 epochs"]
    assert (tmp_path / "sheet.txt").read_text().splitlines() == lines[2:]
