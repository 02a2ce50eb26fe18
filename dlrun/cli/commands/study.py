"""``dlrun study``."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from typing import Annotated

import typer

from dlrun.cli.consent import consent
from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.help_page import epilog
from dlrun.cli.options import AllowPlugins, Study
from dlrun.cli.usage import one_form
from dlrun.errors import DataError, InputError
from dlrun.variables import pictures as wants_pictures

EPILOG = epilog(
    [
        "dlrun study studies/moons",
        "dlrun study studies/moons --csv > leaderboard.csv",
        "dlrun study studies/moons --enqueue optimizer.adam.lr=0.01",
        "dlrun study studies/moons --forget 3",
    ],
    {
        ExitCode.DONE: None,
        ExitCode.INPUT_ERROR: "no such study or trial, broken files, or values outside the space",
    },
)


_DONE = {
    "rerun": "{} will be trained again from the start when the study is continued; the earlier "
    "results are kept, and do not count",
    "forget": "{} not counted any more; nothing is deleted, and --remember reverses it",
    "remember": "{} counted again",
}


_STILL = {
    "budget.epochs": "raise budget.epochs if too few are left",
    "budget.time": "raise budget.time if too little is left",
    "fail_fast": "train the failed trial again, forget it, or remove fail_fast",
}
"""What a trial needs to be trained after the study has ended, by what ended it."""


def study(
    path: Study,
    values: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="Values of the trial that --enqueue adds."),
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print the leaderboard as CSV.")] = False,
    md: Annotated[bool, typer.Option("--md", help="Print the leaderboard in Markdown.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the leaderboard as JSON.")] = False,
    enqueue: Annotated[
        bool, typer.Option("--enqueue", help="Add a trial with these values; others are drawn.")
    ] = False,
    rerun: Annotated[
        list[int] | None,
        typer.Option(metavar="TRIAL", min=0, help="Train a trial again from the start."),
    ] = None,
    forget: Annotated[
        list[int] | None,
        typer.Option(metavar="TRIAL", min=0, help="Do not count a trial; nothing is deleted."),
    ] = None,
    remember: Annotated[
        list[int] | None,
        typer.Option(metavar="TRIAL", min=0, help="Count a trial that was forgotten."),
    ] = None,
    plugins: AllowPlugins = False,
) -> None:
    """Show the results of a search, or steer it.

    Prints the leaderboard and, from 10 trials with a score on, the importance of each key, and
    draws pictures into the folder plots of the study; with --csv, --md or --json only the
    leaderboard.  With repeats it also shows how many seeds the claims and the two best trials need.
    The study may still be running.

    --enqueue, --rerun, --forget and --remember change a study that does not run; its dlrun tune
    command continues it.
    """
    from dlrun.api.study import Study
    from dlrun.cli.display.board import print_board
    from dlrun.cli.display.importance import print_importance
    from dlrun.cli.display.seeds_needed import print_seeds_needed
    from dlrun.cli.display.study_lines import described

    changes = {"rerun": rerun, "forget": forget, "remember": remember}
    asked = {name: bool(trials) for name, trials in changes.items()}
    one_form(csv=csv, md=md, json=json, enqueue=enqueue, **asked)
    if values and not enqueue:
        raise InputError(f"{values[0]!r} is not expected here; --enqueue adds a trial with values")
    terminal, shown = Terminal(), Study(path)
    if enqueue or any(asked.values()):
        allowed, ended = consent(terminal, plugins), shown.leaderboard.conclusion
        if enqueue:
            trial = shown.enqueue(values or [], allow_plugins=allowed)
            what = f"trial {trial.number} added  {described(trial.suggestion)}"
            terminal.sentence(f"{what}; it is trained when the study is continued")
        for name, trials in changes.items():
            if trials:
                getattr(shown, name)(*trials, allow_plugins=allowed)
                terminal.sentence(_DONE[name].format(_named(trials)))
        if ended is not None and ended.by in _STILL and (enqueue or rerun):
            terminal.sentence(f"the study was ended by {ended.sentence}; {_STILL[ended.by]}")
        return
    for wanted, form in ((csv, shown.as_csv), (md, shown.as_markdown), (json, shown.as_json)):
        if wanted:
            terminal.data(form().rstrip("\n"))
            return
    print_board(terminal, shown.leaderboard, shown.advice())
    print_seeds_needed(terminal, shown.seeds_needed())
    scored = sum(bool(trial.expected) for trial in shown.trials)
    print_importance(terminal, shown.importance(), scored)
    if not wants_pictures():
        return
    try:
        pictures = shown.draw()
    except DataError as error:
        if not _cannot_be_written(error):
            raise
        terminal.note(f"no pictures: {error}")
        return
    for position, picture in enumerate(pictures):
        if not position:
            terminal.line("")
        terminal.line(f"picture  {picture}")


def _named(trials: Sequence[int]) -> str:
    """The trials, such as ``trials 3, 5``."""
    return f"trial{'' if len(set(trials)) == 1 else 's'} {', '.join(map(str, sorted(set(trials))))}"


def _cannot_be_written(error: DataError) -> bool:
    """Whether the folder of a study is only for reading, as of someone else or in an archive."""
    cause = error.__cause__
    return isinstance(cause, OSError) and cause.errno in (errno.EROFS, errno.EACCES, errno.EPERM)
