"""Completion in real shells, on a real terminal, installed as the guide shows."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sweeps import write_sweep
from tmux import Tmux

START = {"bash": ["bash", "--noprofile", "--rcfile", ".bashrc", "-i"], "zsh": ["zsh", "-i"]}


def installed(shell: str, folder: Path) -> dict[str, str]:
    """The variables of a shell for which completion is installed; the folder is its home."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    home = {"HOME": str(folder), "PATH": path, "XDG_CONFIG_HOME": str(folder / ".config")}
    home |= {"ZDOTDIR": str(folder), "PS1": "$ ", "PROMPT": "$ "}
    install = output(shell, "dlrun --install-completion; true", folder, home)
    assert "completion installed" in install
    write_sweep(folder)
    return home


def output(shell: str, command: str, folder: Path, variables: dict[str, str]) -> str:
    return subprocess.run(
        [shell, "-c", command],
        env={**os.environ, **variables},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout


@pytest.fixture(params=START)
def shell(
    request: pytest.FixtureRequest, tmp_path: Path, spec: Callable[..., Path]
) -> Iterator[Tmux]:
    """A shell in a folder with a spec and a sweep, after ``dlrun --install-completion``."""
    spec()
    home = installed(request.param, tmp_path)
    with Tmux(tmp_path, START[request.param], 100, 40, home) as terminal:
        terminal.wait("[$#>%] ?$")
        yield terminal


def completed(shell: Tmux, typed: str, *shows: str) -> None:
    """Type a line and press Tab; the screen then shows all of these, and the line is removed."""
    shell.type(typed)
    shell.press("Tab")
    time.sleep(0.3)
    try:
        shell.wait(lambda lines: all(each in "\n".join(lines) for each in shows))
    except AssertionError:
        shell.press("Tab")  # bash lists what is possible when Tab is pressed again
        shell.wait(lambda lines: all(each in "\n".join(lines) for each in shows))
    shell.press("C-u", "C-l")
    shell.wait(lambda lines: "dlrun" not in "\n".join(lines))


@pytest.mark.slow
def test_words_that_a_shell_completes(shell: Tmux) -> None:
    completed(shell, "dlrun find", "dlrun find-lr")
    completed(shell, "dlrun train spec.yaml --det", "--detect-anomaly")
    completed(shell, "dlrun train sp", "dlrun train spec.yaml")
    completed(shell, "dlrun train spec.yaml opti", "spec.yaml optimizer")
    completed(shell, "dlrun train spec.yaml optimizer.adam.bet", "optimizer.adam.beta")
    completed(shell, "dlrun train spec.yaml optimizer=adag", "spec.yaml optimizer=adagrad")
    completed(shell, "dlrun train spec.yaml epochs=2 loss=cross", "epochs=2 loss=cross_entropy")
    completed(shell, "dlrun check spec.yaml epo", "spec.yaml epochs=")
    completed(shell, "dlrun tune sweep.yaml search.random.tri", "search.random.trials=")
    completed(shell, "dlrun help lay", "dlrun help layer")
    completed(shell, "dlrun help layer dropo", "dlrun help layer dropout")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("dlrun find", {"find-lr"}),
        ("dlrun train sp", {"spec.yaml"}),
        ("dlrun train spec.yaml opti", {"optimizer=", "optimizer."}),
        ("dlrun train spec.yaml optimizer=adag", {"optimizer=adagrad"}),
        ("dlrun tune sweep.yaml prune=h", {"prune=halving", "prune=hyperband"}),
        ("dlrun help layer de", {"dense"}),
    ],
)
def test_words_that_fish_completes(
    tmp_path: Path, spec: Callable[..., Path], line: str, words: set[str]
) -> None:
    spec()
    home = installed("fish", tmp_path)
    found = output("fish", f"complete -C '{line}'", tmp_path, home)
    assert {word.split("\t")[0] for word in found.splitlines()} == words
