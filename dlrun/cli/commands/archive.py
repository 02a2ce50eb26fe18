"""``dlrun archive``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlrun.cli.completion import files, runs
from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.help_page import epilog
from dlrun.cli.options import named_run, not_standard_output

EPILOG = epilog(
    [
        "dlrun archive runs/wine/20260131-142359-k3f9qz",
        "dlrun archive runs/wine/20260131-142359-k3f9qz -o wine.zip --license MIT",
        "dlrun archive --show wine.zip",
    ],
    {
        ExitCode.DONE: None,
        ExitCode.INPUT_ERROR: "the run has no weights, the file exists, or an archive is broken",
    },
)


def archive(
    run: Annotated[
        Path,
        typer.Argument(
            metavar="RUN",
            help="The run directory, or latest, the beginning of an ID, NAME@best, STUDY#3; with "
            "--show, an archive.",
            autocompletion=runs,
            callback=named_run,
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="File to write, instead of NAME-ID.zip.",
            autocompletion=files,
            callback=not_standard_output,
        ),
    ] = None,
    license: Annotated[  # noqa: A002
        str | None, typer.Option(metavar="TEXT", help="License line of the model card.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    show: Annotated[
        bool,
        typer.Option("--show", help="Print the model card of an archive and verify its checksums."),
    ] = False,
) -> None:
    """Write the trained network of a run to one file, for others.

    The archive contains weights, preprocessing, spec, environment, scores and a model card, but no
    data.  predict and evaluate take it instead of a run directory.
    """
    from dlrun.api.archive import archive, model_card

    terminal = Terminal()
    if not show:
        file = archive(run, out, license=license, force=force, tell=terminal.error)
        terminal.line(f"archive  {file}")
        return
    if out is not None or license is not None or force:
        raise typer.BadParameter("--show writes nothing; leave out --out, --license and --force")
    card, checksums = model_card(run)
    terminal.lines(card)
    terminal.lines("\n".join(f"{sha256}  {name}" for name, sha256 in checksums.items()))
    terminal.line("all checksums match")
