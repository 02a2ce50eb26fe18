from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dlrun import __version__

Dlrun = Callable[..., subprocess.CompletedProcess[str]]


def test_version(dlrun: Dlrun) -> None:
    result = dlrun("--version")
    assert (result.returncode, result.stdout) == (0, f"dlrun {__version__}\n")


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_help_lists_the_commands(dlrun: Dlrun, arguments: list[str]) -> None:
    result = dlrun(*arguments)
    assert result.returncode == 0
    assert all(f"  {command} " in result.stdout for command in ("train", "check", "help", "schema"))


def test_the_installed_script_is_the_module() -> None:
    script = Path(sys.executable).with_name("dlrun")
    result = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert result.stdout == f"dlrun {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "word", "command"),
    [
        (["trian"], "trian", "dlrun"),
        (["--bogus"], "--bogus", "dlrun"),
        (["train"], "SPEC", "dlrun train"),
        (["train", "--fast"], "--fast", "dlrun train"),
        (["train", "a.yaml", "--runs"], "--runs", "dlrun"),
        (["help", "layer", "dense", "more"], "more", "dlrun help"),
    ],
)
def test_a_fault_of_the_command_line_is_a_line(
    dlrun: Dlrun, arguments: list[str], word: str, command: str
) -> None:
    result = dlrun(*arguments)
    (line,) = result.stderr.splitlines()
    assert (result.returncode, result.stdout) == (2, "")
    assert line.startswith(f"{command}: ")
    assert word in line
    assert line.endswith(f"(see {command} --help)")


def test_a_fault_of_the_user_is_a_line(dlrun: Dlrun) -> None:
    result = dlrun("train", "gone.yaml")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "gone.yaml: no such file\n"


@pytest.mark.parametrize("place", [0, 1, 2])
def test_debug_may_stand_anywhere_and_shows_where(dlrun: Dlrun, place: int) -> None:
    arguments = ["train", "gone.yaml"]
    result = dlrun(*arguments[:place], "--debug", *arguments[place:])
    assert result.returncode == 2
    assert result.stderr.startswith("Traceback (most recent call last)")
    assert result.stderr.endswith("\ngone.yaml: no such file\n")


FAULTY = """
import sys
from dlrun.cli import app
from dlrun.experiment import compile
def fail(path, overrides, **options):
    raise {error}
compile.compile_spec = fail
sys.exit(app.run(["check", "a.yaml"]))
"""


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (
            "ValueError('one\\ntwo')",
            1,
            "dlrun: internal error: ValueError: one two; --debug shows where",
        ),
        ("KeyboardInterrupt", 130, ""),
        (
            "MemoryError",
            2,
            "out of memory: the system has no more; lower data.batch_size or the sizes of "
            "layers; dlrun check shows what they need",
        ),
    ],
)
def test_whatever_else_fails_is_a_line_too(error: str, code: int, line: str) -> None:
    program = FAULTY.format(error=error)
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (result.returncode, result.stderr.rstrip("\n")) == (code, line)


def test_output_goes_nowhere_where_there_is_none(
    started: Callable[..., Any], spec: Callable[..., Path], tmp_path: Path
) -> None:
    program = f"exec {sys.executable} -m dlrun train spec.yaml >&- 2>&-"
    spec()
    assert subprocess.run(["sh", "-c", program], cwd=tmp_path, timeout=60).returncode == 0
    assert list(tmp_path.glob("runs/small/*/result.json"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_under_the_output_is_said(spec: Callable[..., Path], tmp_path: Path) -> None:
    spec()
    with Path("/dev/full").open("w") as full:
        shown = subprocess.run(
            [sys.executable, "-m", "dlrun", "--help"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
        assert shown.returncode == 2
        advice = "No space left on device; fix that, and run the same command again"
        assert shown.stderr.splitlines() == [advice]
        for command, code in (("check", 2), ("train", 0)):
            result = subprocess.run(
                [sys.executable, "-m", "dlrun", command, "spec.yaml"],
                cwd=tmp_path,
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                timeout=60,
            )
            assert result.returncode == code
            (line,) = result.stderr.splitlines()
            assert line.startswith("standard output cannot be written: No space left on device")
    assert list(tmp_path.glob("runs/small/*/result.json"))


def test_a_working_directory_that_is_gone_is_not_needed(
    tmp_path: Path, spec: Callable[..., Path]
) -> None:
    gone, path = tmp_path / "gone", spec(epochs=1)
    gone.mkdir()
    program = "import os, sys; os.rmdir(os.getcwd()); os.execv(sys.executable, sys.argv[1:])"
    command = [sys.executable, "-m", "dlrun", "train", path, "--runs", tmp_path / "runs", "-q"]
    result = subprocess.run(
        [sys.executable, "-c", program, *command],
        cwd=gone,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert len(list(tmp_path.glob("runs/*/*/result.json"))) == 1


def test_a_working_directory_that_is_gone_is_no_traceback(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    program = "import os, sys; os.rmdir(os.getcwd()); os.execv(sys.executable, sys.argv[1:])"
    command = [sys.executable, "-c", "from dlrun.__main__ import main; main()", "--version"]
    result = subprocess.run(
        [sys.executable, "-c", program, *command],
        cwd=gone,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("dlrun ")
