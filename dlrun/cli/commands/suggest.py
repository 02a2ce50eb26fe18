"""``dlrun suggest``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlrun.cli.completion import files
from dlrun.cli.consent import consent
from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.help_page import epilog
from dlrun.cli.options import AllowPlugins, SweepOverrides, named_sweep, not_standard_output

EPILOG = epilog(
    [
        "dlrun suggest sweep.yaml",
        "dlrun suggest studies/moons --json",
        "dlrun train spec.yaml $(dlrun suggest sweep.yaml)",
    ],
    {
        ExitCode.DONE: None,
        ExitCode.INPUT_ERROR: "error in the sweep, its spec or the data",
        ExitCode.EXHAUSTED: None,
    },
)


def suggest(
    study: Annotated[
        Path,
        typer.Argument(
            metavar="STUDY",
            help="A sweep, a YAML file, or a study directory or its name.",
            callback=named_sweep,
        ),
    ],
    overrides: SweepOverrides = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Study directory to use. Default: studies/NAME.",
            autocompletion=files,
            callback=not_standard_output,
        ),
    ] = None,
    numbered: Annotated[
        bool, typer.Option("--numbered", "-n", help="Print the run's name before the overrides.")
    ] = False,
    plugins: AllowPlugins = False,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,
) -> None:
    """Print the next values to try (ask).

    They are overrides for dlrun train.  With a sweep, the study is started or continued.  Train the
    run on any machine; then dlrun report-result reports its score.  Several processes may ask at
    the same time.
    """
    from dlrun.api.suggest import ask
    from dlrun.run_directory.json_text import to_json

    terminal = Terminal()
    answer = ask(study, overrides or [], out=out, allow_plugins=consent(terminal, plugins))
    suggested = answer.suggested
    if suggested is None:
        count = len(answer.pending)
        pending = f"; {count} not reported yet: {', '.join(answer.pending)}" if count else ""
        reason = f" ({answer.reason})" if answer.reason else ""
        terminal.note(f"{answer.study} has no more runs to suggest{reason}{pending}")
        raise typer.Exit(ExitCode.EXHAUSTED)
    if json:
        terminal.line(to_json(suggested.as_json()))
    else:
        terminal.line(" ".join([*([suggested.run] if numbered else []), *suggested.overrides]))
