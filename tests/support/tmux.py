"""A real terminal, tmux: it breaks long lines and keeps those that leave the screen."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

_PATIENCE = 10.0
_LOOK = os.O_RDONLY | os.O_NOCTTY


class Tmux:
    """A program on a screen, while its block lasts.

    Args:
        folder: where it runs; the server's socket is there, too.
        command: words of the program.
        columns: of the screen, and ``lines``.
        variables: of the environment.
    """

    def __init__(
        self,
        folder: Path,
        command: list[str],
        columns: int,
        lines: int,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        if shutil.which("tmux") is None:
            pytest.skip("tmux is not installed")
        self._folder, self._command = folder, command
        self._size = ["-x", str(columns), "-y", str(lines)]
        self._environment = {**os.environ, "LC_ALL": "C.UTF-8", **(variables or {})}
        for name in ("TMUX", "COLUMNS", "LINES", "NO_COLOR"):
            self._environment.pop(name, None)

    def __enter__(self) -> Self:
        self._run("new-session", "-d", *self._size, "-c", str(self._folder), *self._command)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._run("kill-server")

    def _run(self, *words: str) -> str:
        command = ["tmux", "-f", os.devnull, "-S", str(self._folder / "tmux"), *words]
        done = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, check=True, timeout=30
        )
        return done.stdout

    def type(self, text: str) -> None:
        """Press the keys of a text."""
        self._run("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        """Press keys by their names, such as Enter and Tab."""
        self._run("send-keys", *keys)

    def resize(self, columns: int, lines: int) -> None:
        """Change the size of the window; the program can see it when this returns."""
        self._run("resize-window", "-x", str(columns), "-y", str(lines))
        terminal = os.open(self._run("display-message", "-p", "#{pane_tty}").strip(), _LOOK)
        try:
            deadline = time.monotonic() + _PATIENCE
            while os.get_terminal_size(terminal) != (columns, lines):  # tmux waits a moment
                assert time.monotonic() < deadline, "the terminal kept its size"
                time.sleep(0.02)
        finally:
            os.close(terminal)

    def screen(self) -> list[str]:
        """The lines on the screen, without empty ones at the end."""
        return self._run("capture-pane", "-p").rstrip("\n").split("\n")

    def history(self) -> list[str]:
        """The same, with the lines that have left the screen."""
        return self._run("capture-pane", "-p", "-S", "-").rstrip("\n").split("\n")

    def wait(self, shows: str | Callable[[list[str]], object]) -> list[str]:
        """The screen, as soon as it shows something.

        Args:
            shows: a pattern that it contains, or a test of its lines.
        """
        deadline = time.monotonic() + _PATIENCE
        while True:
            lines = self.screen()
            text = "\n".join(lines)
            if re.search(shows, text) if isinstance(shows, str) else shows(lines):
                return lines
            assert time.monotonic() < deadline, f"not shown: {shows}\n{text}"
            time.sleep(0.05)
