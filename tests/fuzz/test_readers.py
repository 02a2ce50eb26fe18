"""Broken files of every reader, through the command line: exit code 2 and lines, or 0."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from damages import HARMS, cuts, flips, harmed
from hypothesis import HealthCheck, given, settings
from reader_cases import READERS, ReaderCase

from dlrun.cli.app import run

pytestmark = pytest.mark.slow

BROKEN = [(case, file) for case in READERS for file in case.files]
NAMES = [f"{case.name}: {file}" for case, file in BROKEN]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DLRUN_CACHE", str(tmp_path / "cache"))
    return tmp_path


def checked(folder: Path, case: ReaderCase) -> list[str]:
    """The faults that ``dlrun check`` finds; each one is a line."""
    spec = {
        "name": "broken",
        "data": {"source": case.source, "split": {"validation": 0}, "preprocess": case.preprocess},
        "model": ["flatten", {"dense": "${classes}"}],
        "loss": "cross_entropy",
    }
    path = folder / "spec.yaml"
    path.write_text(json.dumps(spec))
    err = io.StringIO()
    with redirect_stderr(err), redirect_stdout(io.StringIO()):
        code = run(["check", str(path)])
    said = err.getvalue()
    assert code in (0, 2), said
    assert bool(said) == bool(code), said
    lines = said.splitlines()
    assert all(line.startswith(f"{path}:1:") and len(line) < 1000 for line in lines), said
    return lines


@pytest.mark.parametrize("case", READERS, ids=lambda case: case.name)
def test_good_files_are_read(folder, case):
    case.write(folder)
    assert not checked(folder, case)


@pytest.mark.parametrize(("case", "file"), BROKEN, ids=NAMES)
def test_a_file_that_is_cut_off_is_named(folder, case, file):
    case.write(folder)
    content = (folder / file).read_bytes()
    refused = 0
    for cut in cuts(content):
        (folder / file).write_bytes(cut)
        lines = checked(folder, case)
        refused += bool(lines)
        assert len(lines) <= 1
        named = Path(file).name.removesuffix(".gz")
        assert not lines or named in lines[0] or "targets have the same class" in lines[0]
    assert refused > 0


@pytest.mark.parametrize(("case", "file"), BROKEN, ids=NAMES)
def test_a_flipped_bit_is_read_or_refused(folder, case, file):
    case.write(folder)
    for flipped in flips((folder / file).read_bytes()):
        (folder / file).write_bytes(flipped)
        checked(folder, case)


@settings(
    max_examples=settings.default.max_examples // 5,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@pytest.mark.parametrize(("case", "file"), BROKEN, ids=NAMES)
@given(harms=HARMS)
def test_a_damaged_file_is_read_or_refused(folder, case, file, harms):
    case.write(folder)
    content = harmed((folder / file).read_bytes(), harms)
    (folder / file).write_bytes(content)
    checked(folder, case)
