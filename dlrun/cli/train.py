"""``dlrun train``."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dlrun.cli.consent import AllowPlugins, consent
from dlrun.cli.terminal import Terminal
from dlrun.cli.training import Changed, Json, Plain, Quiet, train_to_the_end
from dlrun.errors import InputError

if TYPE_CHECKING:
    from dlrun.api import Run, Training
    from dlrun.training.stop import Stop


class Resume(StrEnum):
    """Whether to go on with a run: with one that must be there, or with one if it is there."""

    REQUIRED = "required"
    AUTO = "auto"


def spelled_out(words: Sequence[str]) -> list[str]:
    """The words of a command line, with ``--resume`` by itself given its value."""
    return [
        f"{word}={Resume.REQUIRED}" if word == "--resume" and after != Resume.AUTO else word
        for word, after in zip_longest(words, words[1:])
    ]


def train(
    spec: Annotated[Path, typer.Argument(metavar="SPEC", help="The experiment, a YAML file.")],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="Keys of it with other values."),
    ] = None,
    runs: Annotated[Path, typer.Option(help="The folder of all run directories.")] = Path("runs"),
    resume: Annotated[
        Resume | None,
        typer.Option(
            metavar="[auto]",
            help="Go on with the newest run of this command; auto begins one where there is none.",
        ),
    ] = None,
    changed: Changed = False,
    allow_plugins: AllowPlugins = False,
    plain: Plain = False,
    quiet: Quiet = False,
    json: Json = False,
    profile: Annotated[
        bool, typer.Option("--profile", help="Measure where the time goes; no result changes.")
    ] = False,
    detect: Annotated[
        bool,
        typer.Option("--detect", help="Look at every layer's output for what is not finite."),
    ] = False,
) -> None:
    """Train what a spec describes and write a run directory.

    With data.split.folds, train every fold and show mean and 95 % interval of their scores.

    SIGTERM, SIGINT, SIGHUP, SIGUSR1 and max_time end it behind the step and store it, and --resume
    goes on.  A second signal ends it at once.  Exit codes: 0 done; 2 a fault of the spec, the data
    or the disk; 3 the training diverged; 75 stored and stopped; 128 + n a second signal n.
    """
    from dlrun import api
    from dlrun.cli.folds import train_folds
    from dlrun.cross_validation import CrossValidation, folds_of
    from dlrun.nn.probe import UNWATCHED
    from dlrun.training.divergence import Detector
    from dlrun.training.profile import Profiler

    terminal = Terminal()
    mode = terminal.mode(plain=plain, quiet=quiet, json=json)
    if profile and detect:
        raise typer.BadParameter("--profile would measure what --detect does; give one of them")
    allowed = consent(terminal, allow_plugins)
    if folds := folds_of(spec, overrides or []):
        if resume is not None:
            raise InputError(f"{spec}: folds cannot be resumed; train each with data.split.fold=1")
        validation = CrossValidation(spec, overrides or [], folds, runs, allow_plugins=allowed)
        raise typer.Exit(train_folds(validation, mode, terminal, profile=profile))
    probe = Profiler() if profile else Detector() if detect else UNWATCHED

    def begin(stop: Stop) -> Training | Run:
        words = overrides or []
        if resume is None:
            return api.start(spec, words, runs=runs, allow_plugins=allowed, probe=probe, stop=stop)
        return api.go_on(
            spec,
            words,
            runs=runs,
            anew=resume is Resume.AUTO,
            changed=changed,
            allow_plugins=allowed,
            probe=probe,
            stop=stop,
        )

    train_to_the_end(terminal, mode, begin)
