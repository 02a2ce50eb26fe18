"""The commands, and the one place that turns errors into lines and exit codes."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from typing import Annotated

import typer

from dlrun import __version__, variables
from dlrun.cli.augment import augment
from dlrun.cli.check import check
from dlrun.cli.data import data
from dlrun.cli.describe import describe
from dlrun.cli.diff import diff
from dlrun.cli.evaluate import evaluate
from dlrun.cli.find_lr import find_lr
from dlrun.cli.memory import limited
from dlrun.cli.predict import predict
from dlrun.cli.report_result import report_result
from dlrun.cli.resume import resume
from dlrun.cli.schema import schema
from dlrun.cli.study import study
from dlrun.cli.suggest import suggest
from dlrun.cli.terminal import Terminal
from dlrun.cli.train import spelled_out, train
from dlrun.cli.tune import tune
from dlrun.cli.verify import verify
from dlrun.cli.warmup import warmup
from dlrun.errors import DlrunError, of_the_machine

_UsageError: type[Exception] = typer.BadParameter.__bases__[0]
"""Every fault of the command line itself; typer may bring a click of its own, so it is asked."""

_MEMORY_ADVICE = "lower data.batch_size or the sizes of layers; dlrun check shows what they need"

_SHOWN = 200
"""Letters of what a library says of itself."""

app = typer.Typer(
    name="dlrun",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # drawing boxes around the help would double its time
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(train)
app.command()(resume)
app.command()(evaluate)
app.command()(predict)
app.command()(tune)
app.command()(study)
app.command()(suggest)
app.command("report-result", context_settings={"ignore_unknown_options": True})(report_result)
app.command()(verify)
app.command()(diff)
app.command()(check)
app.command()(data)
app.command()(augment)
app.command("find-lr")(find_lr)
app.command("help")(describe)
app.command()(schema)
app.command()(warmup)


def _print_version(asked: bool) -> None:
    if asked:
        Terminal().line(f"dlrun {__version__}")
        raise typer.Exit


@app.callback()
def dlrun(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version and exit.", callback=_print_version, is_eager=True
        ),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show where in the code an error arose.")
    ] = False,
) -> None:
    """Train deep networks from one YAML file: reproducible, on any CPU."""
    for note in variables.check():
        Terminal().error(note)


def run(arguments: Sequence[str]) -> int:
    """Run a command: an error becomes a line on standard error for each fault, and an exit code.

    Args:
        arguments: the command line behind the program's name.
    """
    terminal = Terminal()
    words = [each for each in spelled_out(arguments) if each != "--debug"]  # it may stand anywhere
    try:
        return app(words or ["--help"], prog_name="dlrun", standalone_mode=False) or 0
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except Exception as fault:
        if len(words) < len(arguments):
            for entry in traceback.format_exception(fault):
                is_code = entry.startswith("  File ")
                for line in entry.splitlines() if is_code else [entry.strip("\n")]:
                    terminal.note(line)
        lines, code = _described(fault)
        for line in lines:
            terminal.error(line)
        return code


def _described(fault: Exception) -> tuple[Sequence[str], int]:
    """An error's lines and its exit code."""
    if isinstance(fault, DlrunError):
        return fault.lines(), fault.exit_code
    said = " ".join(str(fault).split())
    if isinstance(fault, _UsageError):
        command = getattr(getattr(fault, "ctx", None), "command_path", "dlrun")
        return [f"{command}: {said.rstrip('.')} (see {command} --help)"], 2
    if isinstance(fault, MemoryError):
        return [f"out of memory: {said or 'the system gives no more'}; {_MEMORY_ADVICE}"], 2
    if isinstance(fault, ImportError) and (limit := limited()) is not None:
        return [f"a library cannot be loaded: {said[:_SHOWN]}; {limit}"], 2
    if of_the_machine(fault):
        return [f"{said}; mend that, and run the same command again"], 2
    return [f"dlrun: internal error: {type(fault).__name__}: {said}; --debug shows where"], 1
