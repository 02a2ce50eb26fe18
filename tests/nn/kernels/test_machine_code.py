from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from dlrun.nn.kernels import machine_code


def test_the_folder_is_the_one_that_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DLRUN_CACHE", str(tmp_path / "asked"))
    assert machine_code.folder() == tmp_path / "asked" / "kernels"
    monkeypatch.delenv("DLRUN_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    assert machine_code.folder() == tmp_path / "caches" / "dlrun" / "kernels"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # which the standard says to ignore
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert machine_code.folder() == tmp_path / "home" / ".cache" / "dlrun" / "kernels"


def test_an_obstacle_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLRUN_CACHE", str(tmp_path / "new"))
    assert machine_code.obstacle() is None
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DLRUN_CACHE", str(tmp_path / "file"))
    assert machine_code.obstacle() == f"{tmp_path / 'file' / 'kernels'}: Not a directory"


def test_a_watcher_is_told_while_it_watches() -> None:
    told: list[str] = []
    with machine_code.watched(told.append):
        machine_code.announce("conv.unroll")
    machine_code.announce("conv.roll_up")
    assert told == ["conv.unroll"]


def test_a_watcher_is_not_called_on_two_threads_at_once() -> None:
    inside: list[int] = [0]
    most: list[int] = []

    def watch(_: str) -> None:
        inside[0] += 1
        time.sleep(0.001)
        most.append(inside[0])
        inside[0] -= 1

    with machine_code.watched(watch):
        threads = [
            threading.Thread(target=lambda: [machine_code.announce("a") for _ in range(5)])
            for _ in range(4)
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert most == [1] * 20


needs_numba = pytest.mark.skipif(not importlib.util.find_spec("numba"), reason="needs Numba")

MODULES = {
    "functions.py": """
        from numba.extending import overload

        OFFSET = 1

        def more(x):
            raise NotImplementedError

        @overload(more)
        def _more(x):
            return lambda x: x + OFFSET
    """,
    "inner.py": """
        from dlrun.nn.kernels.compiled.jit import kernel

        FACTOR = 2.0

        @kernel
        def scaled(x):
            return FACTOR * x
    """,
    "outer.py": """
        import functions
        import numpy as np
        from dlrun.nn.kernels.compiled.jit import kernel
        from inner import scaled

        TABLE = np.array([1.0, 10.0])

        @kernel
        def total(x):
            added = 0.0
            for i in range(x.size):
                added += scaled(x[i])
            return added + TABLE[1]

        @kernel
        def alone(x):
            return functions.more(x)
    """,
    "program.py": """
        import numpy as np
        from dlrun.nn.kernels import machine_code
        from outer import alone, total

        with machine_code.watched(print):
            print(total(np.ones(3, np.float32)), alone(1))
    """,
}


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    for name, text in MODULES.items():
        (tmp_path / name).write_text(textwrap.dedent(text))
    return tmp_path


@pytest.fixture(scope="module")
def compiled_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the program leaves in an empty cache, from one run for all tests of this file."""
    folder = tmp_path_factory.mktemp("compiled")
    for name, text in MODULES.items():
        (folder / name).write_text(textwrap.dedent(text))
    assert said(folder) == ["outer.total", "inner.scaled", "outer.alone", "16.0 2"]
    return folder / "cache"


@pytest.fixture
def compiled(modules: Path, compiled_cache: Path) -> Path:
    """The program's folder after a first run elsewhere: the cache does not depend on the path."""
    shutil.copytree(compiled_cache, modules / "cache")
    return modules


def said(folder: Path, **variables: str) -> list[str]:
    """What the program prints: the kernels that it compiles, and its results."""
    environment = {**os.environ, "DLRUN_CACHE": str(folder / "cache"), **variables}
    done = subprocess.run(
        [sys.executable, "program.py"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


@needs_numba
def test_what_is_kept_is_not_compiled_again(modules: Path) -> None:
    assert said(modules) == ["outer.total", "inner.scaled", "outer.alone", "16.0 2"]
    assert said(modules, PYTHONHASHSEED="1") == ["16.0 2"]
    assert not list(modules.rglob("*.nb?")), "Numba keeps nothing of its own"


@needs_numba
@pytest.mark.parametrize(
    ("file", "old", "new", "result"),
    [
        ("inner.py", "return FACTOR", "return 1 + FACTOR", "19.0 2"),  # in a file of its own
        ("inner.py", "FACTOR = 2.0", "FACTOR = 3.0", "19.0 2"),
        ("outer.py", "[1.0, 10.0]", "[1.0, 20.0]", "26.0 2"),
    ],
)
def test_what_is_compiled_in_counts_and_nothing_else_does(
    compiled: Path, file: str, old: str, new: str, result: str
) -> None:
    path = compiled / file
    path.write_text(path.read_text().replace(old, new))
    *again, numbers = said(compiled)
    assert numbers == result
    assert "outer.total" in again
    assert "outer.alone" not in again


@needs_numba
@pytest.mark.parametrize(
    "setting",
    [
        {"NUMBA_CPU_NAME": "x86-64-v3", "NUMBA_CPU_FEATURES": ""},
        {"NUMBA_OPT": "1"},
        {"NUMBA_SLP_VECTORIZE": "1"},
    ],
    ids=lambda setting: next(iter(setting)),
)
def test_code_for_other_settings_is_kept_apart(compiled: Path, setting: dict[str, str]) -> None:
    assert said(compiled) == ["16.0 2"]
    assert said(compiled, **setting) == ["outer.total", "inner.scaled", "outer.alone", "16.0 2"]
    assert said(compiled) == said(compiled, **setting) == ["16.0 2"]


def kept(folder: Path) -> list[Path]:
    """The files of machine code, in order of their names."""
    return sorted((folder / "cache" / "kernels").iterdir())


@needs_numba
@pytest.mark.parametrize(
    ("old", "new", "result"),
    [
        ("x + OFFSET", "x * 5 + OFFSET", "16.0 6"),
        ("OFFSET = 1", "OFFSET = 2", "16.0 3"),
    ],
)
def test_a_function_that_is_looked_up_in_a_module_counts(
    compiled: Path, old: str, new: str, result: str
) -> None:
    path = compiled / "functions.py"
    path.write_text(path.read_text().replace(old, new))
    assert said(compiled) == ["outer.alone", result]


@needs_numba
def test_damaged_files_are_compiled_again_and_replaced(compiled: Path) -> None:
    first, second, third = kept(compiled)
    sound = [each.read_bytes() for each in kept(compiled)]
    first.write_bytes(sound[0][:100])
    second.write_bytes(sound[0])  # sound, and another's
    third.write_bytes(b"")
    assert len(said(compiled)) == 4
    assert said(compiled) == ["16.0 2"]


DAMAGED = """
import sys
from damages import cuts, flips
from dlrun.nn.kernels.compiled import stored
from pathlib import Path

(path,) = [each for each in Path(sys.argv[1]).iterdir() if each.name.startswith("outer.alone")]
sound = path.read_bytes()
zeros = [sound[:at] + bytes(4096) + sound[at + 4096 :] for at in range(0, len(sound), 4096)]
forged = sound[:32] + b"N."
harmed = [*cuts(sound), *flips(sound), *zeros, forged, sound + b"x", bytes(len(sound))]
assert len(harmed) > 120
for content in harmed:
    path.write_bytes(content)
    try:
        stored.read(path)
    except ValueError:
        continue
    assert content == sound
path.write_bytes(sound)
assert stored.read(path) == sound[32:]
"""


@needs_numba
def test_no_damaged_file_is_unpickled(compiled: Path) -> None:
    support = Path(__file__).parents[2] / "support"
    subprocess.run(
        [sys.executable, "-c", DAMAGED, compiled / "cache" / "kernels"],
        env={**os.environ, "PYTHONPATH": os.fspath(support)},
        check=True,
    )


TRAP = b"cos\nmkdir\n(S'trapped'\ntR."
"""A pickle that makes a folder."""


def sealed(name: str, content: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\0" + content).digest() + content


@needs_numba
@pytest.mark.parametrize(
    "way", ["file", *(pytest.param(way, marks=pytest.mark.slow) for way in ("folder", "link"))]
)
def test_what_others_could_have_written_is_not_unpickled(compiled: Path, way: str) -> None:
    folder = compiled / "cache" / "kernels"
    for file in kept(compiled):
        file.write_bytes(sealed(file.name, TRAP))
        if way == "file":
            file.chmod(0o666)
        if way == "link":
            file.rename(compiled / file.name)
            file.symlink_to(compiled / file.name)
    if way == "folder":
        folder.chmod(0o777)
    assert len(said(compiled)) == 4
    assert not (compiled / "trapped").exists()
    again = said(compiled)
    assert len(again) == (4 if way == "folder" else 1)  # single files are replaced


@needs_numba
def test_a_pickle_of_ones_own_would_be_run(compiled: Path) -> None:
    """The trap of the test above is one."""
    for file in kept(compiled):
        file.write_bytes(sealed(file.name, TRAP))
    said(compiled)
    assert (compiled / "trapped").exists()


def test_a_folder_that_others_can_write_is_an_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DLRUN_CACHE", str(tmp_path))
    (tmp_path / "kernels").mkdir()
    assert machine_code.trusted_folder() == tmp_path / "kernels"
    (tmp_path / "kernels").chmod(0o777)
    assert machine_code.trusted_folder() is None
    assert f"other users can write to {tmp_path / 'kernels'}" in (machine_code.obstacle() or "")


@needs_numba
def test_a_folder_that_cannot_be_written_costs_time_only(modules: Path) -> None:
    (modules / "cache").write_text("in the way")
    assert said(modules)[-1] == "16.0 2"
    assert len(said(modules)) == 4


@needs_numba
@pytest.mark.slow
def test_many_processes_may_compile_at_the_same_time(modules: Path) -> None:
    environment = {**os.environ, "DLRUN_CACHE": str(modules / "cache")}
    processes = [
        subprocess.Popen(
            [sys.executable, "program.py"],
            cwd=modules,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    assert {process.communicate()[0].splitlines()[-1] for process in processes} == {"16.0 2"}
    assert sorted(each.name.partition("-")[0] for each in kept(modules)) == [
        "inner.scaled",
        "outer.alone",
        "outer.total",
    ]
