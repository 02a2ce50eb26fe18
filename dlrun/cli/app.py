"""The commands, and the one place that turns errors into lines and exit codes."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from dlrun import __version__, variables
from dlrun.cli.commands import (
    archive,
    augment,
    board,
    check,
    clean,
    compare,
    data,
    describe,
    diff,
    evaluate,
    find_lr,
    plan,
    predict,
    report,
    report_result,
    resume,
    runs,
    schema,
    show,
    study,
    suggest,
    tag,
    train,
    tune,
    verify,
    warmup,
    watch,
)
from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.group import Group, add
from dlrun.cli.help_page import epilog
from dlrun.cli.memory import limited
from dlrun.cli.options import current_words
from dlrun.cli.usage import missing, unusable, usage_advice
from dlrun.errors import DlrunError, NotPinnedError, of_the_machine

_UsageError: type[Exception] = typer.BadParameter.__bases__[0]
"""Every error of the command line itself; typer may bring its own copy of click."""

_MEMORY_ADVICE = "lower data.batch_size or the sizes of layers; dlrun check shows what they need"

_SHOWN = 200
"""Characters of a library's message that are shown."""

app = typer.Typer(
    name="dlrun",
    pretty_exceptions_enable=False,
    cls=Group,
    rich_markup_mode=None,  # drawing boxes around the help would double its time
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=epilog(
        [
            "dlrun train spec.yaml",
            "dlrun train --help",
            "dlrun --install-completion",
        ],
        {
            ExitCode.DONE: None,
            ExitCode.INTERNAL_ERROR: None,
            ExitCode.INPUT_ERROR: None,
            ExitCode.INTERRUPTED: None,
        },
    ),
)
add(app, train.train, epilog=train.EPILOG)
add(app, resume.resume, epilog=resume.EPILOG)
add(app, evaluate.evaluate, epilog=evaluate.EPILOG)
add(app, predict.predict, epilog=predict.EPILOG)
add(app, archive.archive, epilog=archive.EPILOG)
add(app, runs.runs, epilog=runs.EPILOG)
add(app, show.show, epilog=show.EPILOG)
add(app, compare.compare, epilog=compare.EPILOG)
add(app, tag.tag, epilog=tag.EPILOG)
add(app, watch.watch, epilog=watch.EPILOG)
add(app, clean.clean, epilog=clean.EPILOG)
add(app, tune.tune, epilog=tune.EPILOG)
add(app, plan.plan, epilog=plan.EPILOG)
add(app, study.study, epilog=study.EPILOG)
add(app, report.report, epilog=report.EPILOG)
add(app, board.board, epilog=board.EPILOG)
add(app, suggest.suggest, epilog=suggest.EPILOG)
add(
    app,
    report_result.report_result,
    "report-result",
    epilog=report_result.EPILOG,
    context_settings={"ignore_unknown_options": True},  # values may be negative
)
add(app, verify.verify, epilog=verify.EPILOG)
add(app, diff.diff, epilog=diff.EPILOG)
add(app, check.check, epilog=check.EPILOG)
add(app, data.data, epilog=data.EPILOG)
add(app, augment.augment, epilog=augment.EPILOG)
add(app, find_lr.find_lr, "find-lr", epilog=find_lr.EPILOG)
add(app, describe.describe, "help", epilog=describe.EPILOG)
add(app, schema.schema, epilog=schema.EPILOG)
add(app, warmup.warmup, epilog=warmup.EPILOG)


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
    """Train neural networks from one YAML file, reproducibly, on the CPU."""
    for note in variables.check():
        Terminal().error(note)


def run(arguments: Sequence[str], restart: Callable[[], None] | None = None) -> int:
    """Run a command: an error becomes lines on standard error, and an exit code.

    Args:
        arguments: the command line after the program's name.
        restart: starts the command again in a process with portable numerics, and does not return
            if that is possible; None if this process is not that of the command alone.
    """
    terminal = Terminal()
    words = [word for word in current_words(arguments) if word != "--debug"]  # at any position
    try:
        return app(words or ["--help"], prog_name="dlrun", standalone_mode=False) or ExitCode.DONE
    except (KeyboardInterrupt, typer.Abort):
        return ExitCode.INTERRUPTED
    except Exception as error:
        if restart is not None and isinstance(error, NotPinnedError):
            restart()
        if len(words) < len(arguments):
            for entry in traceback.format_exception(error):
                is_code = entry.startswith("  File ")
                for line in entry.splitlines() if is_code else [entry.strip("\n")]:
                    terminal.note(line)
        lines, code = _described(error)
        for line in lines:
            terminal.error(line)
        return code


def _described(error: Exception) -> tuple[Sequence[str], int]:
    """An error's lines and its exit code."""
    if isinstance(error, DlrunError):
        return error.lines(), error.exit_code
    message = " ".join(str(error).split())
    if isinstance(error, _UsageError):
        command = getattr(getattr(error, "ctx", None), "command_path", "dlrun")
        more = usage_advice(error)
        what = (
            missing(error)
            or unusable(error)
            or (
                f"{message.partition('. Did you')[0].rstrip('.')}; {more}"
                if more
                else message.rstrip(".")
            )
        )
        line = f"{command}: {what} (see {command} --help)"
    elif isinstance(error, MemoryError):
        line = f"out of memory: {message or 'the system has no more'}; {_MEMORY_ADVICE}"
    elif isinstance(error, ImportError) and (limit := limited()) is not None:
        line = f"a library cannot be loaded: {message[:_SHOWN]}; {limit}"
    elif of_the_machine(error):
        what = message.removeprefix(f"[Errno {getattr(error, 'errno', '')}] ")
        line = f"{what}; fix that, and run the same command again"
    else:
        line = f"dlrun: internal error: {type(error).__name__}: {message}; --debug shows where"
        return [line], ExitCode.INTERNAL_ERROR
    return [line], ExitCode.INPUT_ERROR
