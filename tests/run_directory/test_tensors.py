from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load, save

from dlrun.run_directory import tensors
from dlrun.run_directory.read_arrays import read_arrays
from dlrun.run_directory.weights import Checkpoints

DTYPES = ("u8", "i8", "f8", "f4", "u4", "i4", "f2", "u2", "i2", "i1", "u1", "?", ">f4", ">i8")
NAMES = ("b", "a.é", 'quote"', "back\\slash", "\x01\x7f", "", "\U0001f600", "Z", "line\n", "/")


def some(seed: int) -> dict[str, np.ndarray]:
    """Arrays of every dtype and of several shapes, some of which are not contiguous."""
    draw = np.random.default_rng(seed)
    found = {}
    for number, dtype in enumerate(DTYPES):
        shape = tuple(draw.integers(0, 4, int(draw.integers(0, 4))))
        array = np.asarray(draw.uniform(0, 100, shape)).astype(dtype)
        found[f"{draw.choice(NAMES)}{number}"] = array.T
    return found


def written(arrays: dict[str, np.ndarray], text: str = "{}") -> bytes:
    return b"".join(bytes(part) for part in tensors.parts(arrays, {"dlrun": text}))


@pytest.mark.parametrize("seed", range(20))
def test_the_bytes_are_those_of_the_package(seed: int) -> None:
    arrays, text = some(seed), '{"é": "\\"\t\u2028"}'
    plain = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    assert written(arrays, text) == save(plain, metadata={"dlrun": text})


def test_what_is_read_is_what_the_package_reads(tmp_path: Path) -> None:
    path = tmp_path / "file"
    content = written(some(1))
    path.write_bytes(content)
    with path.open("rb") as file:
        read = read_arrays(file, len(content), lambda name: True)
    expected = load(content)
    assert read.error is None and read.sums.size == len(content)
    assert read.arrays.keys() == expected.keys()
    for name, array in expected.items():
        assert read.arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(read.arrays[name], array)


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]},
        {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]},
        {"dtype": "F32", "shape": [-2, -1], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [True, 2], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": "ab", "data_offsets": [0, 8]},
        {"dtype": "X", "shape": [2], "data_offsets": [0, 8]},
        {"shape": [2], "data_offsets": [0, 8]},
        [],
        None,
    ],
)
def test_a_header_that_is_not_of_its_bytes_is_refused(entry: Any) -> None:
    text = json.dumps({"a": entry}).encode()
    with pytest.raises((LookupError, TypeError, ValueError)):
        tensors.header_of(text, 8)


def test_a_dtype_without_a_name_is_refused_and_the_file_stays(tmp_path: Path) -> None:
    store = Checkpoints(tmp_path)
    path = store.save("best", {"a": np.ones(3)}, {}, {})
    before = path.read_bytes()
    with pytest.raises(TypeError, match="a: arrays of"):
        store.save("best", {"a": np.array(["text"])}, {}, {})
    assert path.read_bytes() == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["best.safetensors", "manifest.json"]


def test_neither_saving_nor_loading_makes_a_copy_of_everything(tmp_path: Path) -> None:
    arrays = {name: np.ones(1 << 20, np.float32) for name in "abcd"}
    whole = sum(array.nbytes for array in arrays.values())
    store = Checkpoints(tmp_path)
    store.save("last", {"a": np.ones(3)}, {}, {})  # imports what is needed
    tracemalloc.start()
    try:
        store.save("last", arrays, {}, {})
        store.save("last", arrays, {}, {})
        Checkpoints(tmp_path).save("last", arrays, {}, {})  # reads the files for their checksums
        assert tracemalloc.get_traced_memory()[1] < whole / 4
        tracemalloc.reset_peak()
        loaded = store.load("last", lambda name: name == "b")
        assert list(loaded.arrays) == ["b"]
        assert tracemalloc.get_traced_memory()[1] < whole / 2
        tracemalloc.reset_peak()
        del loaded
        assert len(store.load("last").arrays) == 4
        assert tracemalloc.get_traced_memory()[1] < whole * 5 / 4
    finally:
        tracemalloc.stop()
