import pytest
from PIL import Image
from refusals import refusal

from dlrun.data.sources.audio import Audio
from dlrun.data.sources.images import Images
from dlrun.data.sources.text import Text


def photos(folder, names=("a/1.png", "b/2.png")):
    for name in names:
        (folder / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (4, 4)).save(folder / "photos" / name)


def test_folders_that_lie_in_themselves(tmp_path):
    photos(tmp_path)
    (tmp_path / "photos/a/again").symlink_to(tmp_path / "photos/a")
    said = refusal(Images(path="photos"), tmp_path)
    assert said == "photos/a/again: a link to a folder that contains it; remove it"


@pytest.mark.parametrize("source", [Text(path="photos"), Audio(path="photos", length=1)])
def test_folders_of_other_files_that_lie_in_themselves(tmp_path, source):
    for name in ("a/1", "b/2"):
        for suffix in (".txt", ".wav"):
            (tmp_path / "photos" / name[0]).mkdir(parents=True, exist_ok=True)
            (tmp_path / "photos" / f"{name}{suffix}").write_text("text")
    (tmp_path / "photos/a/again").symlink_to(tmp_path / "photos/a")
    said = refusal(source, tmp_path)
    assert said == "photos/a/again: a link to a folder that contains it; remove it"


def test_two_links_to_a_folder_are_no_loop(tmp_path):
    photos(tmp_path, ("a/1.png", "b/2.png", "a/more/3.png"))
    (tmp_path / "photos/b/same").symlink_to(tmp_path / "photos/a/more")
    assert len(Images(path="photos").load(0, tmp_path)) == 4


def test_links_to_nothing_may_be_left_out(tmp_path):
    photos(tmp_path)
    (tmp_path / "photos/a/0.png").symlink_to("nowhere.png")
    why = "a link to a file that does not exist"
    assert refusal(Images(path="photos", size=4), tmp_path).startswith(f"photos/a/0.png: {why}")
    data = Images(path="photos", on_error="skip").load(0, tmp_path)
    ((name, said),) = data.left_out
    assert name == "photos/a/0.png" and said.startswith(why)
    assert len(data) == 2
