"""Broken files of a run directory, through the functions for Python: an error of ours, or none."""

from __future__ import annotations

import hashlib
import json
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest
from damages import HARMS, cuts, flips, harmed
from hypothesis import HealthCheck, given, settings
from safetensors.numpy import load_file, save

import dlrun
from dlrun.errors import InputError
from dlrun.pictures.plots import draw
from dlrun.run_directory.directory import RunDirectory

pytestmark = pytest.mark.slow

INPUTS = np.zeros((2, 2), np.float32)
READ = {
    "resolved.yaml": lambda path: dlrun.Run(path).predict(INPUTS),
    "result.json": lambda path: dlrun.Run(path).predict(INPUTS),
    "metrics.csv": lambda path: dlrun.Run(path).metrics,
    "environment.json": lambda path: RunDirectory.open(path).environment(),
    "confusion.csv": lambda path: RunDirectory.open(path).confusion(),
    "curves.json": lambda path: (RunDirectory.open(path).curves(), draw(RunDirectory.open(path))),
    "checkpoints/manifest.json": lambda path: dlrun.Run(path).predict(INPUTS),
    "checkpoints/last.safetensors": lambda path: dlrun.Run(path).predict(INPUTS),
}
"""What reads each file of a run directory."""


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    spec = {
        "name": "tiny",
        "data": {"source": {"moons": {"samples": 20}}, "preprocess": ["standardize"]},
        "model": [{"dense": "${classes}"}],
        "loss": "cross_entropy",
        "epochs": 2,
    }
    (folder / "spec.yaml").write_text(json.dumps(spec))
    return dlrun.train(folder / "spec.yaml", runs=folder / "runs").path


@pytest.fixture
def run(trained, tmp_path):
    return Path(shutil.copytree(trained, tmp_path / "runs" / "tiny" / trained.name))


def read(run: Path, file: str) -> str:
    """What is wrong with the file; empty where it can be read."""
    try:
        READ[file](run)
    except InputError as fault:
        assert fault.lines()
        return str(fault)
    return ""


def sign(run: Path) -> None:
    """Make the manifest one of the checkpoint as it is."""
    content = (run / "checkpoints/last.safetensors").read_bytes()
    entry = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    (run / "checkpoints/manifest.json").write_text(json.dumps({"last.safetensors": entry}))


@pytest.mark.parametrize("file", READ)
def test_whole_files_are_read(run, file):
    assert read(run, file) == ""
    (run / file).unlink()
    assert Path(file).name in read(run, file)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("file", READ)
def test_cut_and_flipped_files_are_read_or_refused(run, file, signed):
    content = (run / file).read_bytes()
    for broken in (*cuts(content, 100), *flips(content, 100)):
        (run / file).write_bytes(broken)
        if signed:
            sign(run)
        refused = read(run, file)
        if file.endswith(".safetensors") and not signed:
            assert "the file is broken or was changed" in refused


@settings(
    max_examples=settings.default.max_examples // 2,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@pytest.mark.parametrize("file", READ)
@given(harms=HARMS)
def test_damaged_files_are_read_or_refused(run, trained, file, harms):
    (run / file).write_bytes(harmed((trained / file).read_bytes(), harms))
    if file.endswith(".safetensors"):
        sign(run)
    read(run, file)


def header(text: str | bytes) -> bytes:
    """A safetensors file of which the header is any text."""
    said = text.encode() if isinstance(text, str) else text
    return struct.pack("<Q", len(said)) + said


@pytest.mark.parametrize(
    "content",
    [
        b"",
        struct.pack("<Q", 1 << 62) + b"{}",
        header("[]"),
        header("{"),
        header("[" * 100_000),
        header('{"__metadata__": {"dlrun": "[]"}}'),
        header('{"__metadata__": {"dlrun": ' + json.dumps("[" * 100_000) + "}}"),
        header('{"__metadata__": {"dlrun": "' + "9" * 5000 + '"}}'),
        header('{"x": {"dtype": "F32", "shape": [1099511627776], "data_offsets": [0, 4]}}'),
        header('{"x": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}'),
        header('{"x": {"dtype": "BF16", "shape": [1], "data_offsets": [0, 2]}}') + b"\0\0",
        header('{"x": {"dtype": "Q8", "shape": [1], "data_offsets": [0, 2]}}') + b"\0\0",
    ],
)
def test_safetensors_that_no_run_has_written(run, content):
    (run / "checkpoints/last.safetensors").write_bytes(content)
    sign(run)
    assert "not a checkpoint of dlrun" in read(run, "checkpoints/last.safetensors")


@pytest.mark.parametrize("change", ["shape", "type", "more", "fewer"])
def test_weights_of_another_network(run, change):
    file = run / "checkpoints/last.safetensors"
    content, arrays = file.read_bytes(), load_file(file)
    length = int.from_bytes(content[:8], "little")
    metadata = json.loads(content[8 : 8 + length])["__metadata__"]
    kernel = arrays.pop("dense_1.kernel")
    match change:
        case "shape":
            arrays["dense_1.kernel"] = kernel.reshape(1, -1)
        case "type":
            arrays["dense_1.kernel"] = kernel.astype(np.float64)
        case "more":
            arrays |= {"dense_1.kernel": kernel, "dense_2.kernel": kernel}
    file.write_bytes(save(arrays, metadata))
    sign(run)
    assert "the last weights do not fit resolved.yaml" in read(run, "checkpoints/last.safetensors")
