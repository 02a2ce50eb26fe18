"""``dlrun help``."""

from __future__ import annotations

from typing import Annotated

import typer

from dlrun.cli.terminal import Terminal


def describe(
    family: Annotated[
        str | None, typer.Argument(help="A kind of component: layer, optimizer, ...")
    ] = None,
    name: Annotated[str | None, typer.Argument(help="A component of that kind.")] = None,
) -> None:
    """List the components that a spec can name, or explain one: dlrun help layer dense."""
    from dlrun import catalog
    from dlrun.errors import InputError
    from dlrun.spec import help as words
    from dlrun.spec.problems import did_you_mean
    from dlrun.training.plugins import load_installed

    terminal = Terminal()
    load_installed()
    families = {root.family.family: root for root in catalog.FAMILIES}
    if family is None:
        for word, root in families.items():
            terminal.line(f"{word}: {', '.join(root.family)}")
        return
    if family not in families:
        raise InputError(f"unknown family '{family}'; {did_you_mean(family, families)}")
    registry = families[family].family
    if name is None:
        for each in registry:
            terminal.line(f"{each:22} {words.summary(registry[each])}")
        return
    if name not in registry:
        raise InputError(f"unknown {family} '{name}'; {did_you_mean(name, registry)}")
    cls = registry[name]
    terminal.lines(f"{cls.kind}\n\n{words.text(cls)}")
    for field in words.fields(cls):
        default = f", default {field.default}" if field.default else ", required"
        terminal.lines(f"\n  {field.name}: {field.type}{default}\n      {field.text}")
