"""A command is listed without its parameters, and has them when it is called or completed."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import typer

from dlrun.cli.app import app
from dlrun.cli.group import whole


def test_every_command_is_listed_with_the_help_of_the_whole_one() -> None:
    root: Any = typer.main.get_command(app)
    assert len(root.commands) > 20
    for name, listed in root.commands.items():
        assert not listed.params
        assert whole(name).params
        assert (whole(name).name, whole(name).help) == (name, listed.help)


def test_a_command_that_is_called_has_its_parameters() -> None:
    root: Any = typer.main.get_command(app)
    context = root.make_context("dlrun", ["check", "spec.yaml"], resilient_parsing=True)
    name, command, rest = root.resolve_command(context, ["check", "spec.yaml"])
    assert (name, rest) == ("check", ["spec.yaml"])
    assert {"--plan", "--json"} <= {option for each in command.params for option in each.opts}


def test_options_of_a_command_are_completed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dlrun"],
        env={
            "_DLRUN_COMPLETE": "complete_bash",
            "COMP_WORDS": "dlrun check --pl",
            "COMP_CWORD": "2",
            "PYTHONPATH": ":".join(sys.path),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["--plan"], done.stderr
