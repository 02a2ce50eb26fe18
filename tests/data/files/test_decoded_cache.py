"""What was decoded once is only taken for what it is."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from photos import kept, load, photos, pixels

from dlrun import portable
from dlrun.data.files import array_file, source_file
from dlrun.data.files.image_file import ImageForm
from dlrun.data.sources.images import Images
from dlrun.errors import DataError


def test_folders_of_one_layout_are_two(
    tmp_path: Path, settled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("one", 10), ("two", 20)):
        photos(tmp_path / name, {"a/1.pgm": value, "b/1.pgm": value + 1})
        monkeypatch.chdir(tmp_path / name)
        assert pixels(Path()) == [value, value + 1]  # by relative paths that are the same


def test_old_files_are_not_read_again(
    tmp_path: Path, settled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = photos(tmp_path, {"a/1.pgm": 10, "b/1.pgm": 11})
    assert pixels(folder) == [10, 11]
    monkeypatch.setattr(ImageForm, "read", None)
    monkeypatch.setattr(source_file.SourceFile, "checksum", None)
    assert pixels(folder) == [10, 11]
    assert not load(folder).notes


def test_portable_numerics_decode_for_themselves(
    tmp_path: Path, settled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = photos(tmp_path, {"a/1.pgm": 10, "b/1.pgm": 11})
    assert pixels(folder) == [10, 11]
    for key, value in portable.environment(os.environ).items():
        monkeypatch.setenv(key, value)
    with monkeypatch.context() as broken:
        broken.setattr(ImageForm, "read", None)
        with pytest.raises(TypeError):
            pixels(folder)
    assert pixels(folder) == [10, 11]


HARMS = {
    "a flipped bit": lambda array: flip(array, -3),
    "a flipped bit of the header": lambda array: flip(array, 70),
    "a byte more": lambda array: array.write_bytes(array.read_bytes() + b"\0"),
    "a byte less": lambda array: array.write_bytes(array.read_bytes()[:-1]),
    "nothing": lambda array: array.write_bytes(b""),
    "other samples": lambda array: rewrite(array, lambda held: held[::-1]),
    "other rows": lambda array: rewrite(array, lambda held: held[:1]),
    "another shape": lambda array: rewrite(array, lambda held: held.reshape(2, 3, 2, 1)),
    "another type": lambda array: rewrite(array, lambda held: held.astype(np.int8)),
    "a link": lambda array: array.symlink_to(array.rename(array.with_name("moved"))),
    "brackets without end": lambda array: array.with_suffix(".json").write_text("[" * 100_000),
    "a strange manifest": lambda array: array.with_suffix(".json").write_text('{"999999": "x"}'),
    "no object": lambda array: array.with_suffix(".json").write_text("[]"),
    "a fault more": lambda array: fault(array, {"0": "x"}),
    "a fault of no file": lambda array: fault(array, {"999999": "x"}),
    "a fault of no number": lambda array: fault(array, {"x": "x"}),
    "others can write it": lambda array: array.chmod(0o666),
    "others can write the manifest": lambda array: array.with_suffix(".json").chmod(0o666),
}


def flip(file: Path, place: int) -> None:
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)


def rewrite(file: Path, change) -> None:
    np.save(file, change(np.load(file)))


def fault(array: Path, faults: dict[str, str]) -> None:
    file = array.with_suffix(".json")
    file.write_text(json.dumps({**json.loads(file.read_text()), "faults": faults}))


@pytest.mark.parametrize("large", [False, True], ids=["read", "mapped"])
@pytest.mark.parametrize("harm", HARMS)
def test_what_was_kept_is_what_is_read_or_is_made_again(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, harm: str, large: bool
) -> None:
    if large:
        monkeypatch.setattr(array_file, "_LARGE", 1)
    folder = photos(tmp_path, {"a/1.pgm": 10, "b/1.pgm": 11})
    assert pixels(folder) == [10, 11]
    HARMS[harm](kept(cache))
    data = load(folder)
    assert [round(255 * float(each.flat[0])) for each in data.inputs[:]] == [10, 11]
    (note,) = data.notes
    assert str(cache) in note and note.endswith("; the images were decoded again")
    assert not load(folder).notes  # it has been made good


def test_what_was_kept_for_others_is_not_taken(tmp_path: Path, cache: Path) -> None:
    one = photos(tmp_path / "one", {"a/1.pgm": 10, "b/1.pgm": 11})
    two = photos(tmp_path / "two", {"a/1.pgm": 20, "b/1.pgm": 21})
    assert pixels(one) == [10, 11]
    first = kept(cache)
    held = {each: first.with_suffix(each).read_bytes() for each in (".npy", ".json")}
    assert pixels(two) == [20, 21]
    for file in cache.iterdir():
        file.write_bytes(held[file.suffix])
    assert pixels(two) == [20, 21]
    assert pixels(one) == [10, 11]


def test_where_others_can_write_nothing_is_kept(tmp_path: Path, cache: Path) -> None:
    folder = photos(tmp_path, {"a/1.pgm": 10, "b/1.pgm": 11})
    cache.mkdir(parents=True)
    cache.chmod(0o777)
    (note,) = load(folder).notes
    assert note.startswith(f"{cache}: other users can write here")
    assert not list(cache.iterdir())


def test_files_that_change_while_they_are_read_are_not_kept(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = photos(tmp_path, {"a/1.pgm": 10, "b/1.pgm": 11})
    read = ImageForm.read

    def late(form: ImageForm, path: Path) -> np.ndarray:
        found = read(form, path)
        if path.parent.name == "b":
            photos(folder, {"a/1.pgm": 20})
        return found

    with monkeypatch.context() as patched:
        patched.setattr(ImageForm, "read", late)
        load(folder)
    assert not list(cache.glob("*.npy"))
    assert pixels(folder) == [20, 11]


def test_another_version_of_the_decoder_decodes_again(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = photos(tmp_path, {"a/1.pgm": 10, "b/1.pgm": 11})
    load(folder)
    monkeypatch.setattr("importlib.metadata.version", lambda name: f"{name} of tomorrow")
    load(folder)
    assert len(list(cache.glob("*.npy"))) == 2


def test_a_broken_file_is_named_although_a_skipped_one_was_kept(tmp_path: Path) -> None:
    folder = photos(tmp_path, {"a/1.pgm": 10, "b/1.pgm": 11})
    (folder / "photos" / "b" / "2.pgm").write_bytes(b"P5 3")
    for _ in range(2):
        data = Images(path="photos", mode="grayscale", on_error="skip").load(0, folder)
        assert len(data) == 2
        with pytest.raises(DataError, match=r"photos/b/2\.pgm"):
            load(folder)
