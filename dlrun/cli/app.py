"""The commands, and the one place that turns errors into lines and exit codes."""

from __future__ import annotations

import sys
import traceback
from typing import Annotated

import typer

from dlrun import __version__
from dlrun.cli.check import check
from dlrun.cli.describe import describe
from dlrun.cli.schema import schema
from dlrun.cli.terminal import Terminal
from dlrun.cli.train import train
from dlrun.errors import DlrunError

_UsageError: type[Exception] = typer.BadParameter.__bases__[0]
"""Every fault of the command line itself; typer may bring a click of its own, so it is asked."""

app = typer.Typer(
    name="dlrun",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(train)
app.command()(check)
app.command("help")(describe)
app.command()(schema)


@app.callback()
def dlrun(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)
    ] = False,
    debug: Annotated[bool, typer.Option(help="Show where in the code an error arose.")] = False,
) -> None:
    """Train deep networks from one YAML file: reproducible, on any CPU."""
    if version:
        Terminal().line(f"dlrun {__version__}")
        raise typer.Exit


def main() -> None:
    """Run a command; errors become one line each, and an exit code."""
    arguments = [each for each in sys.argv[1:] if each != "--debug"]  # it may stand anywhere
    sys.exit(_run(arguments, debug=len(arguments) < len(sys.argv) - 1))


def _run(arguments: list[str], *, debug: bool) -> int:
    terminal = Terminal()
    try:
        return app(arguments or ["--help"], prog_name="dlrun", standalone_mode=False) or 0
    except _UsageError as fault:
        terminal.error(f"dlrun: {' '.join(str(fault).split())} See dlrun --help.")
        return 2
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except DlrunError as fault:
        if debug:
            traceback.print_exc()
        for line in fault.lines():
            terminal.error(line)
        return fault.exit_code
    except Exception as fault:
        if debug:
            traceback.print_exc()
        terminal.error(
            f"dlrun: internal error: {type(fault).__name__}: {fault}; --debug shows where"
        )
        return 1
