from __future__ import annotations

import errno
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlrun.errors import DataError
from dlrun.run_directory import atomic, weights
from dlrun.run_directory.weights import Checkpoint, Checkpoints, Weights


def save(folder: Path, name: Any, arrays: dict[str, Any], metadata: dict[str, Any]) -> Path:
    """As a process does that has written nothing before."""
    return Checkpoints(folder).save(name, arrays, metadata, {})


def load(folder: Path, name: Checkpoint) -> Weights:
    return Checkpoints(folder).load(name)


def arrays(seed: int) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(seed)
    return {
        "0.kernel": draw.standard_normal((5, 3)).astype(np.float32),
        "0.turned": draw.standard_normal((4, 3)).astype(np.float32).T,
        "scalar": np.array(3, dtype=np.int64),
        "empty": np.zeros((0, 4), dtype=np.float32),
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "checkpoints"


def test_arrays_and_metadata_come_back(folder: Path) -> None:
    save(folder, "best", arrays(1), {"epoch": 7, "metric": 0.25})
    save(folder, "last", arrays(2), {"epoch": 9})
    for name, seed, metadata in (
        ("best", 1, {"epoch": 7, "metric": 0.25}),
        ("last", 2, {"epoch": 9}),
    ):
        read = load(folder, name)  # type: ignore[arg-type]
        assert read.metadata == metadata
        assert read.arrays.keys() == arrays(seed).keys()
        for key, array in arrays(seed).items():
            assert read.arrays[key].dtype == array.dtype
            assert read.arrays[key].shape == array.shape
            np.testing.assert_array_equal(read.arrays[key], array)


def test_other_programs_can_read_it(folder: Path) -> None:
    from safetensors.numpy import load_file

    path = save(folder, "best", arrays(1), {})
    np.testing.assert_array_equal(load_file(path)["0.turned"], arrays(1)["0.turned"])


def test_equal_content_gives_equal_bytes_in_every_process(folder: Path, tmp_path: Path) -> None:
    program = (
        "import sys, pathlib, numpy as np; from dlrun.run_directory.weights import Checkpoints;"
        "Checkpoints(pathlib.Path(sys.argv[1])).save('best', {k: np.ones(3) for k in 'abcde'},"
        " {k: 1 for k in 'abcdefgh'}, {})"
    )
    for name in ("one", "two"):
        subprocess.run([sys.executable, "-c", program, str(tmp_path / name)], check=True)
    one, two = (tmp_path / name / "best.safetensors" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("position", [0, 20, -1])
def test_one_changed_byte_is_noticed(folder: Path, position: int) -> None:
    path = save(folder, "best", arrays(1), {})
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="broken or was changed") as caught:
        load(folder, "best")
    assert str(caught.value).startswith(str(path))


def test_a_cut_file_is_noticed(folder: Path) -> None:
    path = save(folder, "best", arrays(1), {})
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError, match="broken or was changed"):
        load(folder, "best")


def test_missing_files_are_named(folder: Path) -> None:
    with pytest.raises(DataError, match=r"best\.safetensors: no such file"):
        load(folder, "best")
    save(folder, "best", arrays(1), {})
    (folder / "manifest.json").write_text("{}")
    with pytest.raises(DataError, match=r"manifest\.json: has no entry for best\.safetensors"):
        load(folder, "best")
    (folder / "manifest.json").unlink()
    with pytest.raises(DataError, match=r"manifest\.json: no such file"):
        load(folder, "best")


def test_a_foreign_file_is_refused(folder: Path) -> None:
    path = save(folder, "best", arrays(1), {})
    path.write_bytes(b"no tensors")
    entry = {"sha256": hashlib.sha256(b"no tensors").hexdigest(), "size": 10}
    (folder / "manifest.json").write_text(json.dumps({path.name: entry}))
    with pytest.raises(DataError, match="not a checkpoint of dlrun"):
        load(folder, "best")


def test_the_manifest_says_what_sha256sum_says(folder: Path) -> None:
    path = save(folder, "best", arrays(1), {})
    entry = json.loads((folder / "manifest.json").read_text())["best.safetensors"]
    output = subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True).stdout
    assert entry == {"sha256": output.split()[0], "size": path.stat().st_size}


@pytest.mark.parametrize("crashes", [1, 2])
def test_a_crash_between_the_two_writes_leaves_a_good_checkpoint(
    folder: Path, monkeypatch: pytest.MonkeyPatch, crashes: int
) -> None:
    class KilledError(BaseException):
        """Stands for the end of the process."""

    def crash(path: Path, content: bytes | str, *, inner: bool) -> None:
        atomic.replace(path, content, inner=inner)
        raise KilledError

    for epoch in range(2):
        save(folder, "last", arrays(epoch), {"epoch": epoch})
    with monkeypatch.context() as patch:
        patch.setattr(weights, "replace", crash)
        for epoch in range(2, 2 + crashes):
            with pytest.raises(KilledError):
                save(folder, "last", arrays(epoch), {"epoch": epoch})
    assert load(folder, "last").metadata == {"epoch": 1}
    assert load(folder, "previous").metadata == {"epoch": 0}
    save(folder, "last", arrays(5), {"epoch": 5})
    assert load(folder, "last").metadata == {"epoch": 5}
    assert load(folder, "previous").metadata == {"epoch": 1}


def test_the_one_before_stays_as_previous(folder: Path) -> None:
    checkpoints = Checkpoints(folder)
    for epoch in range(4):
        checkpoints.save("last", arrays(epoch), {"epoch": epoch}, {"seconds": epoch / 2})
        checkpoints.save("best", arrays(9), {"epoch": 9}, {})
        assert load(folder, "last").beside == {"seconds": epoch / 2}
        assert Checkpoints(folder).exists("previous") == (epoch > 0)
        if epoch:
            assert load(folder, "previous").metadata == {"epoch": epoch - 1}
            assert load(folder, "previous").beside == {"seconds": (epoch - 1) / 2}
    assert load(folder, "best").beside == {}


def test_a_crash_between_the_two_renames_leaves_the_one_before(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for epoch in range(2):
        save(folder, "last", arrays(epoch), {"epoch": epoch})
    rename = os.replace

    def crash(source: str, target: str, **folders: int) -> None:
        if target == "last.safetensors":
            raise KeyboardInterrupt
        rename(source, target, **folders)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", crash)
        with pytest.raises(KeyboardInterrupt):
            save(folder, "last", arrays(2), {"epoch": 2})
    assert not Checkpoints(folder).exists("last")
    assert load(folder, "previous").metadata == {"epoch": 1}
    save(folder, "last", arrays(3), {"epoch": 3})
    assert load(folder, "last").metadata == {"epoch": 3}
    assert load(folder, "previous").metadata == {"epoch": 1}


def test_a_disk_that_fills_up_leaves_all_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for epoch in range(2):
        save(folder, "last", arrays(epoch), {"epoch": epoch})
    before = {each.name: each.read_bytes() for each in folder.iterdir()}
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", refuse_to_write)
        with pytest.raises(DataError, match="no space left on device; free some space"):
            save(folder, "last", arrays(2), {"epoch": 2})
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == before


def test_what_is_broken_does_not_become_the_one_before(folder: Path) -> None:
    for epoch in range(3):
        save(folder, "last", arrays(epoch), {"epoch": epoch})
    last = folder / "last.safetensors"
    last.write_bytes(last.read_bytes()[:-1] + b"?")
    save(folder, "last", arrays(3), {"epoch": 3})
    assert load(folder, "last").metadata == {"epoch": 3}
    assert load(folder, "previous").metadata == {"epoch": 1}


def refuse_to_write(descriptor: int, content: bytes) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
