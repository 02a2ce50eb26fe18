"""The group of commands: it lists all, and reads the parameters of one that is called.

Reading those of all commands from their signatures would be a third of the time of ``--help``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup


class _Command(NamedTuple):
    function: Callable[..., Any]
    settings: dict[str, Any]


_COMMANDS: dict[str, _Command] = {}


class Group(TyperGroup):
    """A group whose commands have no parameters until one is called or completed."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The options before the command.

        typer's own flags, such as ``--help``, are None if they are not given.  It would import
        pydantic to validate that, also for the help of a command.
        """
        options = super().get_params(ctx)
        for option in options:
            if getattr(option, "is_flag", False) and option.default is None:
                option.default = False
        return options

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command that a command line names, with its parameters, and the words after it."""
        name, listed, rest = super().resolve_command(ctx, args)
        return name, listed if name is None else whole(name), rest


def add(
    app: typer.Typer, function: Callable[..., Any], name: str | None = None, **settings: Any
) -> None:
    """Add a command to a group.

    Args:
        app: the group, of class ``Group``.
        function: whose parameters are those of the command, and whose docstring is its help.
        name: of the command; None is that of the function.
        settings: as for ``typer.Typer.command``.
    """

    def listed() -> None:
        """Replaced, as the whole command is called instead."""

    listed.__doc__ = function.__doc__
    name = name or function.__name__
    app.command(name)(listed)
    _COMMANDS[name] = _Command(function, settings)


def whole(name: str) -> Any:
    """A command with its parameters.

    Args:
        name: of a command that has been added.
    """
    command = _COMMANDS[name]
    single = typer.Typer(add_completion=False, rich_markup_mode=None)
    single.command(name, **command.settings)(command.function)
    return typer.main.get_command(single)
