"""The environment variables, read by the functions and refused on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from dlrun import caches, variables
from dlrun.cli.app import run
from dlrun.errors import InputError
from dlrun.processors import processors

NAMES = ("DLRUN_CACHE", "DLRUN_KERNELS", "DLRUN_PICTURES", "DLRUN_THREADS")


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        *(
            ("DLRUN_THREADS", value, "not a number of threads; set it to a whole number from 1 to")
            for value in ("abc", "0", "-1", "2.5", " 2", "1e3", "+2", "٤", "1025", "9" * 5000)
        ),
        *(
            ("DLRUN_KERNELS", value, "unknown kernels; set it to numpy or numba")
            for value in ("cuda", "Numba", "numpy ", "auto")
        ),
        *(("DLRUN_PICTURES", value, "set it to no") for value in ("none", "0", "false", "No")),
        *(
            ("DLRUN_CACHE", value, "not an absolute path")
            for value in ("cache", "~/cache", "./cache")
        ),
        ("DLRUN_CACHE", "/dev/null", "not a folder; set another path"),
        ("DLRUN_CACHE", "/dev/null/cache", "Not a directory; set a folder that you can write"),
        ("DLRUN_CACHE", "/proc/self/cache", "No such file or directory; set a folder that"),
        ("DLRUN_CACHE", "/" + "a" * 300, "File name too long"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
    said: str,
) -> None:
    monkeypatch.setenv(name, value)
    assert run(["check", "gone.yaml"]) == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert err.startswith(f"{name}={value}: "[:100])
    assert said in err


def test_a_cache_that_can_only_be_read_is_of_use(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tmp_path.chmod(0o500)  # as that of an image
    monkeypatch.setenv("DLRUN_CACHE", str(tmp_path))
    assert variables.check() == []


def test_a_cache_that_is_not_there_is_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "cache"
    monkeypatch.setenv("DLRUN_CACHE", str(folder))
    assert variables.check() == []
    assert folder.stat().st_mode & 0o777 == 0o700


def test_functions_refuse_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLRUN_THREADS", "many")
    with pytest.raises(InputError, match="DLRUN_THREADS=many"):
        variables.threads()
    monkeypatch.setenv("DLRUN_CACHE", "here")
    with pytest.raises(InputError, match="DLRUN_CACHE=here"):
        caches.folder("kernels")


def test_what_is_set_is_what_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DLRUN_THREADS", "3")
    monkeypatch.setenv("DLRUN_KERNELS", "numba")
    monkeypatch.setenv("DLRUN_CACHE", str(tmp_path))
    assert variables.check() == []
    assert (variables.threads(), variables.kernels(), variables.cache()) == (3, "numba", tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_empty_is_unset(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "")
    assert variables.check() == []
    assert variables.threads() == processors()
    assert (variables.kernels(), variables.cache()) == (None, None)
    assert variables.pictures()


def test_nearly_the_name_of_a_variable_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLRUN_PROJECT", "mine")  # which scripts may well use
    assert variables.check() == []
    monkeypatch.setenv("DLRUN_THREAD", "2")
    monkeypatch.setenv("DLRUN_CACHE_DIR", "/tmp")
    assert sorted(variables.check()) == [
        "DLRUN_CACHE_DIR is ignored, it is not a variable of dlrun; did you mean DLRUN_CACHE?",
        "DLRUN_THREAD is ignored, it is not a variable of dlrun; did you mean DLRUN_THREADS?",
    ]
