"""The public names of ``dlrun``: one function for each command, and what they return."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
import typer

import dlrun
from dlrun.cli.app import app
from dlrun.cli.group import whole

NAMES = [
    "Findings",
    "Run",
    "Study",
    "__version__",
    "archive",
    "board",
    "check",
    "clean",
    "compare",
    "components",
    "cross_validate",
    "data_overview",
    "diff",
    "evaluate",
    "find_lr",
    "plan",
    "predict",
    "preview_augmentations",
    "report",
    "report_result",
    "resume",
    "runs",
    "schema",
    "show",
    "suggest",
    "tag",
    "train",
    "tune",
    "verify",
    "warmup",
    "watch",
]

FUNCTIONS = {
    "augment": "preview_augmentations",
    "data": "data_overview",
    "help": "components",
    "study": "Study",
}
"""The functions of commands that are not called the same, mostly because a package is."""

SHOWN = {
    *("--plain", "--quiet", "--json", "--csv", "--md", "--explain", "--numbered", "--columns"),
    "--show",
}
"""Options of what is printed, which a function has no argument for."""

RENAMED = {
    "--id": ("id_column",),
    "--from": ("lowest", "directory"),
    "--to": ("highest",),
    "--open": ("open_browser",),
}
"""Options that are keywords of Python, or would be too short."""


def commands() -> dict[str, Any]:
    root: Any = typer.main.get_command(app)
    return {name: whole(name) for name in root.commands}


def function(command: str) -> Any:
    return getattr(dlrun, FUNCTIONS.get(command, command.replace("-", "_")))


def test_dir_lists_the_public_names_and_no_others() -> None:
    assert dir(dlrun) == sorted(dlrun.__all__) == NAMES
    for name in NAMES:
        assert getattr(dlrun, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'tran'"):
        _ = dlrun.tran


def test_a_public_function_says_what_it_takes_and_raises() -> None:
    for name in set(NAMES) - {"__version__"}:
        public = getattr(dlrun, name)
        assert public.__doc__
        if inspect.isfunction(public):
            assert "Args:" in public.__doc__
            hints = inspect.signature(public).return_annotation
            assert hints is not inspect.Signature.empty


@pytest.mark.parametrize("command", sorted(commands()))
def test_every_command_has_its_function_with_arguments_like_its_options(command: str) -> None:
    named = inspect.signature(function(command)).parameters
    if command == "study":
        assert list(named) == ["path"]
        return
    for option in commands()[command].params:
        long = [each for each in option.opts if each.startswith("--")]
        if not long or long[0] in SHOWN:
            continue
        names = RENAMED.get(long[0], (long[0].removeprefix("--").replace("-", "_"),))
        assert any(name in named for name in names), long[0]
