import numpy as np
import pytest

from dlrun.data.sources.npy import Npy
from dlrun.errors import DataError


@pytest.fixture
def folder(tmp_path):
    np.save(tmp_path / "x.npy", np.arange(12, dtype=np.uint8).reshape(3, 2, 2))
    np.save(tmp_path / "y.npy", ["b", "a", "b"])
    return tmp_path


def test_two_files_of_a_folder(folder):
    data = Npy(path=".").load(0, folder)
    assert (
        data.inputs.tolist() == (np.arange(12, dtype=np.float32) / 255).reshape(3, 2, 2, 1).tolist()
    )
    assert data.classes == ("a", "b")
    assert data.targets.tolist() == [1, 0, 1]
    (folder / "y.npy").rename(folder / "labels.npy")
    again = Npy(path=str(folder), targets="labels.npy").load(0, folder / "elsewhere")
    np.testing.assert_array_equal(again.inputs, data.inputs)


def test_a_further_part_is_a_folder(folder):
    train = Npy(path=".").load(0, folder)
    (folder / "more").mkdir()
    np.save(folder / "more" / "x.npy", np.full((2, 2, 2), 255, np.uint8))
    np.save(folder / "more" / "y.npy", ["b", "b"])
    data = Npy(path=".").load_file("more", folder, like=train)
    assert data.targets.tolist() == [1, 1]
    assert data.inputs.max() == 1.0
    np.save(folder / "more" / "y.npy", ["b", "c"])
    with pytest.raises(DataError, match=r"more: row 1 of 'y\.npy': 'c' is not a class"):
        Npy(path=".").load_file("more", folder, like=train)


def test_paths(folder):
    source = Npy(path=".")
    assert source.files(folder) == (folder / "x.npy", folder / "y.npy")
    assert source.anchored(folder).load(0, folder / "elsewhere").classes == ("a", "b")


def test_faults_of_files(folder):
    def refused(message):
        with pytest.raises(DataError, match=message) as raised:
            Npy(path=".").load(0, folder)
        assert "\n" not in str(raised.value)

    content = (folder / "x.npy").read_bytes()
    for broken in (content[:-1], content + b"x", content[:30], b"", b"PK\x03\x04"):
        (folder / "x.npy").write_bytes(broken)
        refused(r"^x\.npy: not an \.npy file that can be read")
    np.save(folder / "x.npy", np.array([{}, {}, {}]), allow_pickle=True)
    refused("Python objects")
    np.save(folder / "x.npy", np.zeros((2, 2)))
    refused("same number")
    (folder / "x.npy").unlink()
    refused(r"^x\.npy: No such file")
