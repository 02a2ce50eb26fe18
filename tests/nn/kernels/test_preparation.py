"""Compiling in several processes: whatever happens to them, everything is compiled in the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("numba")

from dlrun.nn.kernels.compiled import preparation
from dlrun.nn.kernels.compiled.vectors import wide_registers
from dlrun.run_directory.directory import RunDirectory
from tests.support.processes import until_ended

Spec = Callable[..., Path]


class Named:
    """A need that counts how often it is fulfilled here."""

    def __init__(self, name: str, stored: bool = False) -> None:
        self.name, self.size, self.fulfilled = name, len(name), 0
        self._stored = stored

    @property
    def key(self) -> Hashable:
        return self.name

    @property
    def words(self) -> str | None:
        return self.name

    def stored(self) -> bool:
        return self._stored

    def fulfil(self) -> None:
        self.fulfilled += 1
        time.sleep(0.02)


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("DLRUN_CACHE", str(tmp_path))
    monkeypatch.setenv("DLRUN_THREADS", "2")
    monkeypatch.setattr(preparation, "processors", lambda: 2)
    return


@pytest.mark.usefixtures("threads")
def test_nothing_is_loaded_and_no_process_starts_if_all_is_stored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(preparation, "_Helper", lambda waiting: pytest.fail("a process"))
    needs = [Named(f"kernel {n}", stored=True) for n in range(20)]
    preparation.prepare(needs)
    assert {each.fulfilled for each in needs} == {0}


@pytest.mark.usefixtures("threads")
def test_one_thread_compiles_alone_and_the_largest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLRUN_THREADS", "1")
    monkeypatch.setattr(preparation, "_Helper", lambda waiting: pytest.fail("a process"))
    order: list[str] = []
    needs = [Named("m" * n) for n in (3, 9, 1, 5, 7, 2)]
    for each in needs:
        monkeypatch.setattr(each, "fulfil", lambda name=each.name: order.append(name))
    preparation.prepare(needs)
    assert [len(each) for each in order] == [9, 7, 5, 3, 2, 1]


READY = "import sys, time; print('null', flush=True)\n"
PROGRAMS = {
    "ends at once": "",
    "ends with a need": READY + "sys.stdin.readline()",
    "ends with the second": READY + "sys.stdin.readline(); print('null', flush=True)\n"
    "sys.stdin.readline()",
    "answers nonsense": READY + "sys.stdin.readline(); print('{', flush=True); time.sleep(60)",
    "hangs": READY + "time.sleep(60)",
    "is late": "import time; time.sleep(60)",
}


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_what_a_lost_process_had_is_compiled_here(
    monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    command = [sys.executable, "-P", "-c", program]
    monkeypatch.setattr("dlrun.child_command.child_command", lambda *_: command)
    monkeypatch.setattr(preparation, "_PATIENCE", 0.3)
    needs = [Named(f"kernel {n}") for n in range(40)]
    began = time.monotonic()
    preparation.prepare(needs)
    assert time.monotonic() - began < 50, "it waited for the process"
    done = 1 if program == PROGRAMS["ends with the second"] else 0
    assert sum(each.fulfilled for each in needs) == len(needs) - done
    assert {each.fulfilled for each in needs} <= {0, 1}


@pytest.mark.usefixtures("threads")
def test_a_process_that_cannot_be_started_is_done_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    needs = [Named(f"kernel {n}") for n in range(10)]
    preparation.prepare(needs)
    assert {each.fulfilled for each in needs} == {1}


ANSWERS = (
    "import sys\nprint('null', flush=True)\n"
    "for line in sys.stdin: open('{taken}', 'a').write(line); print('null', flush=True)"
)


@pytest.mark.usefixtures("threads")
def test_a_process_compiles_while_more_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    taken = tmp_path / "taken"
    command = [sys.executable, "-P", "-c", ANSWERS.format(taken=taken)]
    monkeypatch.setattr("dlrun.child_command.child_command", lambda *_: command)

    def wait_for(count: int) -> None:
        limit = time.monotonic() + 30
        while not taken.exists() or len(taken.read_text().splitlines()) < count:
            assert time.monotonic() < limit, "the process waits for nothing"
            time.sleep(0.01)

    first, later = ([Named(f"{when} {n}") for n in range(6)] for when in ("first", "later"))
    with preparation.preparing() as preparing:
        assert preparing.add([*first, Named("stored", stored=True)]) == first
        wait_for(6)
        preparing.add(later)
        wait_for(12)
    assert sorted(taken.read_text().splitlines()) == sorted(each.name for each in first + later)
    assert {each.fulfilled for each in first + later} == {0}


@pytest.mark.usefixtures("threads")
def test_an_error_while_more_is_found_ends_the_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    command = [sys.executable, "-P", "-c", ANSWERS.format(taken=tmp_path / "taken")]
    monkeypatch.setattr("dlrun.child_command.child_command", lambda *_: command)
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def start(*arguments: Any, **named: Any) -> subprocess.Popen[bytes]:
        started.append(popen(*arguments, **named))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    needs = [Named(f"kernel {n}") for n in range(10)]
    with pytest.raises(RuntimeError, match="found"), preparation.preparing() as preparing:
        preparing.add(needs)
        raise RuntimeError("found")
    (process,) = started
    assert process.poll() is not None
    assert {each.fulfilled for each in needs} == {0}


SMALL_NETWORK: dict[str, Any] = {
    "data": {"source": "digits", "split": {"validation": 0.2}, "batch_size": 64},
    "model": [
        {"conv": {"filters": 8, "kernel": 3}},
        "relu",
        {"max_pool": 2},
        "flatten",
        {"dense": "${classes}"},
    ],
    "epochs": 1,
}


def children(parent: int) -> list[int]:
    """The processes that a process has started."""
    found = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(each) for each in found]


def losses(directory: Path) -> dict[str, Any]:
    (run,) = directory.glob("runs/*/*")
    columns = RunDirectory(run).metrics()
    return {name: list(values) for name, values in columns.items() if name != "seconds"}


needs_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")

TWO_PROCESSORS = """
import sys
from dlrun.nn.kernels.compiled import preparation
from dlrun.__main__ import main
preparation.processors = lambda: 2
sys.exit(main())
"""
"""dlrun, with a helper even on a machine with one processor."""


def started(folder: Path, path: Path) -> subprocess.Popen[str]:
    folder.mkdir()
    return subprocess.Popen(
        [sys.executable, "-c", TWO_PROCESSORS, "train", str(path), "--quiet"],
        cwd=folder,
        env={
            **os.environ,
            "DLRUN_CACHE": str(folder / "cache"),
            "DLRUN_KERNELS": "numba",
            "DLRUN_THREADS": "2",
        },
        stderr=subprocess.PIPE,
        text=True,
    )


def first_child(process: subprocess.Popen[str]) -> int:
    while process.poll() is None:
        for child in children(process.pid):
            with suppress(OSError):  # a child that has ended
                if b"compiler_process" in Path(f"/proc/{child}/cmdline").read_bytes():
                    return child
        time.sleep(0.01)
    pytest.fail(f"no process was started: {process.communicate()[1]}")


@needs_proc
@pytest.mark.slow
def test_a_training_whose_compiling_process_is_killed_is_the_same(
    spec: Spec, tmp_path: Path
) -> None:
    path = spec(**SMALL_NETWORK)
    for name in ("whole", "killed"):
        process = started(tmp_path / name, path)
        if name == "killed":
            os.kill(first_child(process), signal.SIGKILL)
        assert process.communicate()[1] == ""
        assert process.returncode == 0
    assert losses(tmp_path / "killed") == losses(tmp_path / "whole")
    kept = [
        {each.name for each in (tmp_path / name / "cache" / "kernels").iterdir()}
        for name in ("whole", "killed")
    ]
    assert kept[0] == kept[1]


@needs_proc
@pytest.mark.slow
def test_a_compiling_process_ends_with_a_killed_training(spec: Spec, tmp_path: Path) -> None:
    process = started(tmp_path / "run", spec(**SMALL_NETWORK))
    child = first_child(process)
    process.kill()
    process.communicate()
    until_ended(child)


@pytest.mark.slow
def test_only_what_a_network_uses_is_compiled(spec: Spec, tmp_path: Path) -> None:
    process = started(tmp_path / "run", spec(**SMALL_NETWORK))
    assert process.communicate()[1] == ""
    cache = tmp_path / "run" / "cache"
    kept = sorted(each.name.rpartition("-")[0] for each in (cache / "kernels").iterdir())
    # Images of 8 x 8 and one channel: tiles of 8 places, and the 9 taps of the kernel's gradient.
    tiles = ["sum_of_places_float32_9_1", "sum_of_taps_float32_8_1"]
    if not wide_registers():
        places = ["sum_of_places_float32_4_1", "sum_of_places_float32_5_1"]
        tiles = [*places, "sum_of_taps_float32_4_1"]
    assert [name for name in kept if name.startswith(("conv", "direct", "tiles", "winograd"))] == [
        "direct._add_images",
        "direct._add_passes",
        *(f"tiles.{name}" for name in tiles),
    ]
    assert not [name for name in kept if name.startswith(("depthwise", "norm", "sample_norm"))]
    assert len(kept) == len(set(kept)), "one specialization of each"
