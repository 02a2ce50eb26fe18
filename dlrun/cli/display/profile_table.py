"""Where the time of a training went, as plain text or JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dlrun.cli.display.terminal import Mode, Terminal
from dlrun.quantities import duration
from dlrun.run_directory.json_text import to_json

if TYPE_CHECKING:
    from dlrun.inspect.profile import Profile, Row
    from dlrun.run_directory.directory import RunDirectory

_HEAD = ("", "", "calls", "time", "share", "ms per call", "threads", "GFLOP/s")


def show_profile(mode: Mode, profile: Profile, run: RunDirectory, terminal: Terminal) -> None:
    """Print a profile in the same mode as its run."""
    if mode == "json":
        rows = {"rows": profile.table(), "steps": profile.steps, "seconds": profile.seconds}
        terminal.line(to_json({"event": "profile", **rows, "directory": run.profile}))
    elif mode != "quiet":
        for line in profile_lines(profile, run):
            terminal.line(line)


def profile_lines(profile: Profile, run: RunDirectory) -> list[str]:
    """The table, with a line before and after it."""
    return [
        f"profile  {duration(profile.seconds)}  threads {profile.threads}"
        f"  steps of layers {profile.steps:,}",
        *_aligned([_HEAD, *map(_cells, profile.rows)]),
        f"trace of the first steps  {run.profile / 'trace.json'}",
    ]


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.part,
        row.direction,
        f"{row.calls:,}",
        f"{row.seconds:.3f}s",
        f"{100 * row.share:.1f}%",
        f"{row.ms_per_call:.3f}",
        "" if row.threads is None else f"{row.threads:.2f}",
        "" if row.gflops is None else f"{row.gflops:.1f}",
    )


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """The first two columns left-aligned, numbers right-aligned."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if number < 2 else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
