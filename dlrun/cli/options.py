"""Arguments and options that several commands share, so that their names and help are the same."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import zip_longest
from pathlib import Path
from typing import Annotated

import typer

from dlrun.cli.completion import files, runs, spec_overrides, studies, sweep_overrides

Spec = Annotated[
    Path,
    typer.Argument(metavar="SPEC", help="The experiment, a YAML file.", autocompletion=files),
]

Sweep = Annotated[
    Path, typer.Argument(metavar="SWEEP", help="The search, a YAML file.", autocompletion=files)
]

Folders = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="FOLDER",
        help="Folders of runs and studies. Default: runs and studies.",
        autocompletion=files,
    ),
]

Overrides = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="KEY=VALUE",
        help="Values that replace those in the spec.",
        autocompletion=spec_overrides,
    ),
]

SweepOverrides = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="KEY=VALUE",
        help="Values that replace those in the sweep.",
        autocompletion=sweep_overrides,
    ),
]


def named_run(ctx: typer.Context, word: Path | None) -> Path | None:
    """The run directory that an argument names; see ``dlrun.collection.naming``."""
    if word is None or ctx.resilient_parsing:
        return word
    from dlrun.collection.naming import resolve_run

    return resolve_run(word)


def named_study(ctx: typer.Context, word: Path) -> Path:
    """The study directory that an argument names; a note says which, if only its beginning does."""
    if ctx.resilient_parsing:
        return word
    from dlrun.cli.display.terminal import Terminal
    from dlrun.collection.naming import resolve_study

    found = resolve_study(word)
    if found.name != word.name:
        Terminal().note(f"{word} is {found}")
    return found


def named_sweep(ctx: typer.Context, word: Path) -> Path:
    """The YAML file of a sweep, or the study directory that an argument names."""
    if word.exists() or word.suffix in (".yaml", ".yml") or word == STANDARD_OUTPUT:
        return word
    return named_study(ctx, word)


STANDARD_OUTPUT = Path("-")
"""What is named instead of a file to print its content."""


def not_standard_output(path: Path | None) -> Path | None:
    """Check the path of a file or folder that a command writes, and that cannot be printed."""
    if path == STANDARD_OUTPUT:
        raise typer.BadParameter("'-' is standard output, which cannot be used here; name a path")
    return path


Run = Annotated[
    Path,
    typer.Argument(
        metavar="RUN",
        help="The run directory, or latest, the beginning of an ID, NAME@best, STUDY#3.",
        autocompletion=runs,
        callback=named_run,
    ),
]

SavedRun = Annotated[
    Path,
    typer.Argument(
        metavar="RUN",
        help="The run directory or an archive, or latest, the beginning of an ID, NAME@best, "
        "STUDY#3.",
        autocompletion=runs,
        callback=named_run,
    ),
]

Study = Annotated[
    Path,
    typer.Argument(
        metavar="STUDY",
        help="The study directory, or latest, or the beginning of its name.",
        autocompletion=studies,
        callback=named_study,
    ),
]

Runs = Annotated[Path, typer.Option(help="Folder of all run directories.", autocompletion=files)]

Studies = Annotated[Path, typer.Option(help="Folder of all studies.", autocompletion=files)]

Plain = Annotated[
    bool, typer.Option("--plain", help="Print plain lines instead of a live display.")
]

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]

JsonLines = Annotated[bool, typer.Option("--json", help="Print one line of JSON per event.")]

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]

AllowPlugins = Annotated[
    bool,
    typer.Option(
        "--allow-plugins",
        help="Run the Python files that the spec names, now and until they change.",
    ),
]

AllowChanges = Annotated[
    bool,
    typer.Option(
        "--allow-changes", help="Resume even if the spec, the data or versions have changed."
    ),
]


class Resume(StrEnum):
    """Whether to resume a run: one that must exist, or one if it exists."""

    REQUIRED = "required"
    AUTO = "auto"


_OLD_NAMES = {"--changed": "--allow-changes", "--detect": "--detect-anomaly"}
"""Earlier names of options, which still work."""


def current_words(words: Sequence[str]) -> list[str]:
    """A command line with today's names of options, and a value for ``--resume`` without one.

    For ``dlrun tag``, ``+NAME`` and ``-NAME`` become ``--add`` and ``--remove``.
    """
    words = [_OLD_NAMES.get(word, word) for word in words]
    if next((word for word in words if not word.startswith("-")), "") == "tag":
        return [
            word if before == "--note" else _tag_option(word)
            for before, word in zip(["", *words], words, strict=False)
        ]
    return [
        f"{word}={Resume.REQUIRED}" if word == "--resume" and after != Resume.AUTO else word
        for word, after in zip_longest(words, words[1:])
    ]


def _tag_option(word: str) -> str:
    sign, name = word[:1], word[1:]
    if name and not name.startswith("-") and word != "-h" and sign in ("+", "-"):
        return f"--add={name}" if sign == "+" else f"--remove={name}"
    return word
