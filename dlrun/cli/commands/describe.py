"""``dlrun help``."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from dlrun.cli.completion import families, members
from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.help_page import WIDTH, epilog
from dlrun.errors import InputError

if TYPE_CHECKING:
    from dlrun.api.components import ComponentHelp

EPILOG = epilog(
    [
        "dlrun help",
        "dlrun help spec",
        "dlrun help early_stopping",
        "dlrun help layer",
        "dlrun help layer dense",
    ],
    {
        ExitCode.DONE: None,
        ExitCode.INPUT_ERROR: "the family, component or section does not exist",
    },
)


def describe(
    context: typer.Context,
    family: Annotated[
        str | None,
        typer.Argument(
            help="A family of components, such as layer; spec or sweep, for their keys; "
            "or a section, such as data or data.split.",
            autocompletion=families,
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Argument(help="A component of that family.", autocompletion=members)
    ] = None,
) -> None:
    """List or explain components and keys.

    Without arguments, lists the sections of specs and sweeps, and the families with their
    components.  For commands see dlrun COMMAND --help.
    """
    from dlrun.api.components import components

    terminal = Terminal()
    try:
        shown = components(family, name)
    except InputError:
        if name is None and family in getattr(context.find_root().command, "commands", {}):
            raise InputError(f"'{family}' is a command; see dlrun {family} --help") from None
        raise
    if family is None:
        for word, members in groupby(shown, key=lambda each: each.family):
            names = (member.name for member in members if member.name != word)
            terminal.line(f"{word}: {', '.join(names)}")
    elif len(shown) > 1 and shown[0].name != family:
        for component in shown:
            terminal.line(f"{component.name:22} {_plain(component.summary)}")
    else:
        for line in _page(shown[0]):
            terminal.line(line)
        if len(shown) > 1:
            terminal.lines("\nSections (dlrun help NAME explains one):\n")
        for section in shown[1:]:
            line = f"  {section.name:20} {_plain(section.summary)}"
            terminal.lines(textwrap.fill(line, WIDTH, subsequent_indent=" " * 23))


def _page(component: ComponentHelp) -> Iterator[str]:
    """Everything about a component or section, in lines."""
    yield component.name
    for paragraph in _plain(component.text).split("\n\n"):
        yield ""
        as_written = any(line.startswith(" ") for line in paragraph.splitlines())
        yield from paragraph.splitlines() if as_written else textwrap.wrap(paragraph, WIDTH)
    for field in component.fields:
        default = f", default {field.default}" if field.default else ", required"
        yield ""
        yield f"  {field.name}: {field.type}{default}"
        yield from textwrap.wrap(
            _plain(field.text), WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6
        )


def _plain(text: str) -> str:
    return text.replace("``", "`")
