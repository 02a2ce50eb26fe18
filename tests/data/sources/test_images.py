import os

import numpy as np
import pytest
from PIL import Image

from dlrun.data.files import array_file
from dlrun.data.files.image_file import ImageForm
from dlrun.data.samples import Lazy
from dlrun.data.sources.images import Images
from dlrun.errors import DataError


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("DLRUN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "images"


@pytest.fixture
def photos(tmp_path):
    """Three cats and two dogs of 6 x 5 pixels, of a value each, and what is no image."""
    for name, value in (("cat/a.png", 10), ("cat/b.bmp", 20), ("cat/more/c.PNG", 30)):
        save(tmp_path / "photos" / name, value)
    for name, value in (("dog/x.png", 40), ("dog/y.tiff", 50), (".hidden/z.png", 60)):
        save(tmp_path / "photos" / name, value)
    (tmp_path / "photos" / "dog" / "notes.txt").write_text("no image")
    (tmp_path / "photos" / "empty").mkdir()
    return tmp_path / "photos"


def save(path, value, size=(6, 5), mode="RGB"):
    path.parent.mkdir(parents=True, exist_ok=True)
    colour = (value, 0, 255) if mode == "RGB" else value
    Image.new(mode, size, colour).save(path)


def load(folder, **options):
    return Images(path="photos", **options).load(0, folder.parent)


def refusal(folder, **options):
    with pytest.raises(DataError) as raised:
        load(folder, **options)
    return str(raised.value)


def test_a_folder_is_a_class(photos):
    data = load(photos)
    assert data.inputs.shape == (5, 5, 6, 3) and data.inputs.dtype == np.float32
    np.testing.assert_array_equal(data.inputs[:, 2, 3, 0] * 255, [10, 20, 30, 40, 50])
    assert data.classes == ("cat", "dog") and data.targets.tolist() == [0, 0, 0, 1, 1]
    assert data.targets.dtype == np.int64


@pytest.mark.parametrize("fit", ["stretch", "crop", "pad"])
def test_images_get_a_size(photos, fit):
    data = load(photos, size=(8, 4), fit=fit, mode="grayscale")
    assert data.inputs.shape == (5, 8, 4, 1)
    black = (data.inputs == 0).all(axis=(0, 3))
    assert black.any() == (fit == "pad")


def test_images_of_several_sizes_need_one(photos):
    save(photos / "dog" / "x.png", 1, (7, 5))
    said = refusal(photos)
    assert said == ("photos/dog/x.png: 7 x 5 pixels, others have 6 x 5; set data.source.size")
    assert load(photos, size=9).inputs.shape == (5, 9, 9, 3)


@pytest.mark.parametrize(
    ("mode", "colour", "shown"),
    [
        ("L", 51, (51, 51, 51)),
        ("LA", (255, 128), (128, 128, 128)),
        ("RGBA", (200, 100, 0, 0), (0, 0, 0)),
        ("I;16", 0x3300, (51, 51, 51)),
        ("1", 1, (255, 255, 255)),
    ],
)
def test_every_kind_of_pixel(photos, mode, colour, shown):
    Image.new(mode, (6, 5), colour).save(photos / "cat" / "a.png")
    np.testing.assert_allclose(load(photos).inputs[0, 0, 0] * 255, shown, atol=1)


def test_photos_stand_upright(photos):
    image = Image.new("RGB", (5, 6))
    image.putpixel((0, 0), (255, 255, 255))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn clockwise
    image.save(photos / "cat" / "a.png", exif=exif)
    assert load(photos).inputs[0, 0, 5].tolist() == [1.0, 1.0, 1.0]


def broken(photos, how):
    path = photos / "cat" / "a.png"
    match how:
        case "empty":
            path.write_bytes(b"")
        case "text":
            path.write_text("no image at all")
        case "truncated":
            Image.effect_noise((60, 50), 90).save(path)
            path.write_bytes(path.read_bytes()[:1000])
        case "animated":
            frames = [Image.new("L", (6, 5), value) for value in (0, 90, 200)]
            path = path.rename(path.with_suffix(".gif"))
            frames[0].save(path, save_all=True, append_images=frames[1:])
        case "huge":
            Image.new("1", (12_000, 12_000)).save(path)
        case "deep":
            path = path.rename(path.with_suffix(".tif"))
            Image.new("F", (6, 5)).save(path)
        case "secret":
            path.unlink()
            path.symlink_to(photos / "gone.png")
    return f"photos/cat/{path.name}"


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("empty", "not an image that can be read"),
        ("text", "not an image that can be read"),
        ("truncated", "truncated"),
        ("animated", "3 images in one file"),
        ("huge", "more than 89,478,485 pixels"),
        ("deep", "32 bits per pixel"),
        ("secret", "a link to a file that does not exist"),
    ],
)
def test_unusable_files_are_named(photos, how, says):
    name = broken(photos, how)
    said = refusal(photos, size=8)
    assert said.startswith(f"{name}: ") and says in said and "\n" not in said


@pytest.mark.parametrize("how", ["empty", "truncated", "animated", "huge"])
def test_unusable_files_may_be_left_out(photos, how):
    name = broken(photos, how)
    for _ in range(2):  # decoded, and from the cache
        data = load(photos, on_error="skip", mode="grayscale")
        assert len(data) == 4 and data.targets.tolist() == [0, 0, 1, 1]
        _, note = data.notes
        assert note.startswith(f"photos: 1 of 5 images left out: {name} (")
    assert refusal(photos, mode="grayscale").startswith(name)


def test_nothing_usable_is_an_error(photos):
    for path in photos.rglob("*.*"):
        if path.is_file():
            path.write_bytes(b"")
    assert refusal(photos, on_error="skip", size=4) == "photos: none of 5 images can be read"


def test_images_are_decoded_once(photos, cache, monkeypatch):
    first = load(photos)
    assert len(list(cache.glob("*.npy"))) == 1
    monkeypatch.setattr(ImageForm, "read", None)  # nothing can be decoded any more
    np.testing.assert_array_equal(load(photos).inputs, first.inputs)
    monkeypatch.setattr(array_file, "_LARGE", 1)
    lazy = load(photos)
    assert isinstance(lazy.inputs, Lazy)
    np.testing.assert_array_equal(lazy.inputs[:], first.inputs)


@pytest.mark.parametrize("what", ["time", "size", "option", "cache"])
def test_what_has_changed_is_decoded_anew(photos, cache, what):
    load(photos)
    options = {}
    path = photos / "cat" / "a.png"
    match what:
        case "time":
            state = path.stat()
            save(path, 11)
            os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
        case "size":
            save(path, 11)
            path.write_bytes(path.read_bytes() + b"\0")
        case "option":
            options = {"mode": "grayscale"}
        case "cache":
            (kept,) = cache.glob("*.npy")
            kept.write_bytes(kept.read_bytes()[:-5])
    data = load(photos, **options)
    if what in ("time", "size"):
        assert data.inputs[0, 0, 0, 0] * 255 == pytest.approx(11)
    assert len(list(cache.glob("*.npy"))) == (1 if what == "cache" else 2)
    assert not list(cache.glob(".*"))


def test_no_cache_is_no_obstacle(photos, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DLRUN_CACHE", str(tmp_path / "file"))
    assert len(load(photos)) == 5


def test_a_further_folder_keeps_to_the_classes(photos, tmp_path):
    source = Images(path="photos")
    data = source.load(0, tmp_path)
    save(tmp_path / "more" / "dog" / "z.png", 70)
    more = source.load_file("more", tmp_path, data)
    assert more.targets.tolist() == [1] and more.classes == data.classes
    save(tmp_path / "more" / "dogs" / "z.png", 70)
    with pytest.raises(DataError, match="no class 'dogs'; did you mean 'dog'"):
        source.load_file("more", tmp_path, data)
    save(tmp_path / "large" / "dog" / "z.png", 70, (9, 9))
    with pytest.raises(DataError, match=r"images of shape \(9, 9, 3\)"):
        source.load_file("large", tmp_path, data)


def test_a_table_names_the_files_that_need_no_labels(photos, tmp_path):
    (tmp_path / "labels.csv").write_text("file,label\ncat/a.png,x\ndog/x.png,y\n")
    source = Images(path="photos", labels="labels.csv")
    data = source.load(0, tmp_path)
    (tmp_path / "new.csv").write_text("file\ndog/x.png\ncat/a.png\n")
    (block,) = source.input_blocks("new.csv", tmp_path, data)
    for found in (source.load_inputs("new.csv", tmp_path, data), block):
        assert np.array_equal(found.inputs[:], data.inputs[:][::-1])


def table(photos, text, **options):
    (photos.parent / "labels.csv").write_text(text)
    return load(photos, labels="labels.csv", **options)


def test_a_table_gives_the_labels(photos):
    data = table(photos, "file,label\ncat/b.bmp,small\ndog/x.png,big\ncat/a.png,small\n")
    assert data.classes == ("big", "small") and data.targets.tolist() == [1, 0, 1]
    np.testing.assert_array_equal(data.inputs[:, 0, 0, 0] * 255, [20, 40, 10])


def test_a_table_of_numbers(photos):
    text = "image,age\ncat/b.bmp,1.5\ndog/x.png,7\n"
    data = table(photos, text, file="image", target="age", task="regression")
    assert data.targets.tolist() == [[1.5], [7.0]] and data.classes is None
    assert refusal(photos, task="regression").startswith("folders are classes")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("files,label\na,b\n", "labels.csv:1: the header has no column 'file'; did you mean"),
        ("file,label\ncat/q.png,a\n", "labels.csv:2: column 'file': No such file"),
        ("file,label\ncat/a.png,\n", "labels.csv:2: column 'label': the label is missing"),
    ],
)
def test_faults_of_a_table_have_their_line(photos, text, says):
    with pytest.raises(DataError) as raised:
        table(photos, text)
    assert str(raised.value).startswith(says)


def test_no_folder_no_class(photos, tmp_path):
    with pytest.raises(DataError, match="nothing: No such file"):
        Images(path="nothing").load(0, tmp_path)
    (tmp_path / "bare").mkdir()
    with pytest.raises(DataError, match="bare: no folder with images in it"):
        Images(path="bare").load(0, tmp_path)
