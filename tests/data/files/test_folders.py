"""What lies in folders of samples and is not read is said in a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from dlrun.data.dataset import Dataset
from dlrun.data.sources.audio import Audio
from dlrun.data.sources.base import Source
from dlrun.data.sources.images import Images
from dlrun.data.sources.text import Text
from dlrun.errors import DataError


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLRUN_CACHE", str(tmp_path / "cache"))


def image(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (3, 2), 9).save(path, "PNG")


def load(root: Path, **options: str) -> Dataset:
    return Images(path="photos", **options).load(0, root)  # type: ignore[arg-type]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("cat/a.png", "cat/b.png", "dog/x.png"):
        image(tmp_path / "photos" / name)
    return tmp_path


def test_nothing_is_said_where_all_is_read(root: Path) -> None:
    for name in (".DS_Store", "cat/.DS_Store", "cat/Thumbs.db", "dog/._x.png"):
        (root / "photos" / name).write_bytes(b"")
    assert load(root).notes == ()


@pytest.mark.parametrize("content", [True, False])
def test_a_class_without_a_sample_is_said(root: Path, content: bool) -> None:
    bird = root / "photos" / "bird"
    bird.mkdir()
    said = "photos: not read: "
    if content:
        for number in range(5):
            (bird / f"{number}.HEIC").write_bytes(b"")
        said += (
            "files with other endings (.heic 5): photos/bird/0.HEIC, photos/bird/1.HEIC, "
            "photos/bird/2.HEIC and 2 more; "
        )
    data = load(root)
    assert data.classes == ("cat", "dog")
    assert data.notes == (f"{said}folders without images: bird",)


def test_single_files_are_said_too(root: Path) -> None:
    for name in ("cat/c.heic", "cat/more/d", "dog/y.png~", "lost.png", "readme.txt", "dog/.z.png"):
        (root / "photos" / name).parent.mkdir(exist_ok=True)
        (root / "photos" / name).write_bytes(b"")
    (note,) = load(root).notes
    assert note == (
        "photos: not read: files with other endings (none 1, .heic 1, .png~ 1): photos/cat/c.heic, "
        "photos/cat/more/d, photos/dog/y.png~; files outside the folders of classes: lost.png; "
        "hidden ones: 1"
    )


def test_a_folder_of_nothing_that_is_read_says_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "photos" / "cat").mkdir(parents=True)
    (tmp_path / "photos" / "cat" / "a.heic").write_bytes(b"")
    with pytest.raises(
        DataError, match=r"no folder with images .*\(\.heic 1\): photos/cat/a\.heic"
    ):
        load(tmp_path)


Make = Callable[[str], Source]


def sources() -> Iterator[tuple[str, Make, str]]:
    yield "png", lambda path: Images(path=path), "no images in it"
    yield "wav", lambda path: Audio(path=path), "no recordings in it"
    yield "txt", lambda path: Text(path=path), r"no \.txt file in it"


@pytest.mark.parametrize(("ending", "make", "none"), [*sources()], ids=lambda each: str(each)[:3])
def test_samples_to_predict_are_all_accounted_for(
    root: Path, ending: str, make: Make, none: str
) -> None:
    like = load(root)
    folder = root / "new"
    folder.mkdir()
    (folder / "a.m4a").write_bytes(b"")
    with pytest.raises(DataError, match=rf"new: {none} \(new: not read: .*new/a\.m4a\)"):
        make("new").load_inputs("new", root, like)
    if ending == "wav":
        return
    if ending == "png":
        image(folder / "b.png")
    else:
        (folder / "b.txt").write_text("text")
    found = make("new").load_inputs("new", root, like)
    assert found.names == ["new/b." + ending]
    assert found.notes == ("new: not read: files with other endings (.m4a 1): new/a.m4a",)


def test_files_to_predict_that_are_skipped_are_noted(root: Path) -> None:
    like = load(root)
    image(root / "new" / "a.png")
    (root / "new" / "b.png").write_bytes(b"broken")
    source = Images(path="photos", on_error="skip")
    found = source.load_inputs("new", root, like)
    assert found.names == ["new/a.png"]
    (note,) = found.notes
    assert note.startswith("new: 1 of 2 images left out: new/b.png (not an image that can be read")
