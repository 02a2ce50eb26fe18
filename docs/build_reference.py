"""Write docs/reference from the component classes and the command line: ``make docs``.

One page per family, one for the sections of a spec, one for the commands.  No part of them is
written by hand, and tests/test_docs.py fails if they differ from the classes.  An argument is
another folder to write to.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import typer

from dlrun import catalog
from dlrun.api.sections import sections
from dlrun.cli.app import app
from dlrun.cli.group import whole
from dlrun.experiment.experiment import Experiment
from dlrun.spec import help as words
from dlrun.spec.component import Component
from dlrun.study.sweep.sweep import Sweep

_NOTE = "<!-- Written by docs/build_reference.py; change the classes and run `make docs`. -->"


def pages() -> dict[str, str]:
    """The text of every page, by file name."""
    catalog.load()
    families = {f"{_word(root)}.md": _family(root) for root in catalog.FAMILIES}
    return {
        "README.md": _index(),
        "experiment.md": _experiment(),
        "sweep.md": _sweep(),
        **families,
        "cli.md": _command_line(),
    }


def _word(root: type[Component]) -> str:
    assert root.family is not None
    return root.family.family


def _members(root: type[Component]) -> list[type[Component]]:
    assert root.family is not None
    return [root.family[name] for name in root.family]


def _page(*parts: str) -> str:
    return "\n\n".join([_NOTE, *(part for part in parts if part)]) + "\n"


def _index() -> str:
    rows = ["| page | what it lists |", "|---|---|"]
    rows.append("| [experiment](experiment.md) | the keys of a spec and of its sections |")
    rows.append("| [sweep](sweep.md) | the keys of a sweep and of its sections |")
    for root in catalog.FAMILIES:
        word = _word(root)
        names = ", ".join(f"[{cls.kind}]({word}.md#{cls.kind})" for cls in _members(root))
        rows.append(f"| [{word}]({word}.md) | {names} |")
    rows.append("| [cli](cli.md) | the commands and their options |")
    same = (
        "The terminal shows the same texts: `dlrun help spec` and `dlrun help sweep` the keys,\n"
        "`dlrun help data` a section, `dlrun help layer dense` a component, and\n"
        "`dlrun train --help` a command."
    )
    return _page("# Reference", same, "\n".join(rows))


def _experiment() -> str:
    parts = ["# Experiment", _prose(words.text(Experiment)), _fields(Experiment)]
    for path, section in sections("spec").items():
        parts += [f"## {path}", _prose(words.text(section)), _fields(section)]
    return _page(*parts)


def _sweep() -> str:
    parts = ["# Sweep", _prose(words.text(Sweep)), _fields(Sweep)]
    for path, section in sections("sweep").items():
        parts += [f"## {path}", _prose(words.text(section)), _fields(section)]
    return _page(*parts)


def _family(root: type[Component]) -> str:
    assert root.family is not None
    parts = [f"# {_word(root).capitalize()}"]
    summaries = ["| name | in a line |", "|---|---|"]
    summaries += [
        f"| [{cls.kind}](#{cls.kind}) | {_cell(_prose(words.summary(cls)))} |"
        for cls in _members(root)
    ]
    parts.append("\n".join(summaries))
    for cls in _members(root):
        others = ", ".join(f"`{alias}`" for alias in root.family.aliases(cls.kind))
        parts += [
            f"## {cls.kind}",
            f"Also written {others}." if others else "",
            _prose(words.text(cls)),
            _fields(cls),
        ]
    return _page(*parts)


def _fields(cls: type[Component]) -> str:
    """The table of fields; the main one, which ``name: value`` sets, comes first."""
    found = words.fields(cls)
    if not found:
        return "No fields."
    rows = ["| field | type | default | meaning |", "|---|---|---|---|"]
    for field in found:
        default = _code(field.default) if field.default else "required"
        rows.append(
            f"| `{field.name}` | {_cell(field.type)} | {default} | {_cell(_prose(field.text))} |"
        )
    return "\n".join(rows)


def _command_line() -> str:
    root: Any = typer.main.get_command(app)
    parts = ["# Command line", "```text\ndlrun [OPTIONS] COMMAND [ARGS]...\n```"]
    parts += [_prose(inspect.cleandoc(root.help)), _parameters(root.params), _epilog(root.epilog)]
    for name, command in ((each, whole(each)) for each in root.commands):
        parts += [
            f"## dlrun {name}",
            f"```text\n{_usage(name, command.params)}\n```",
            _prose(inspect.cleandoc(command.help)),
            _parameters(command.params),
            _epilog(command.epilog),
        ]
    return _page(*parts)


def _epilog(text: str) -> str:
    """The examples and exit codes at the end of a command's help."""
    return f"```text\n{text.replace(chr(8), '').replace(chr(10) * 3, chr(10) * 2).strip()}\n```"


def _usage(name: str, parameters: Sequence[Any]) -> str:
    words = ["dlrun", name]
    if not all(map(_is_argument, parameters)):
        words.append("[OPTIONS]")
    words += [_argument(each) for each in parameters if _is_argument(each)]
    return " ".join(words)


def _is_argument(parameter: Any) -> bool:
    return bool(parameter.param_type_name == "argument")


def _argument(parameter: Any) -> str:
    shown = parameter.metavar or parameter.name.upper()
    if parameter.required or shown.startswith("["):
        return str(shown)
    return f"[{shown}]"


def _parameters(parameters: Iterable[Any]) -> str:
    rows = ["| argument or option | meaning |", "|---|---|"]
    for each in parameters:
        if _is_argument(each):
            shown, default = f"`{_argument(each)}`", ""
        else:
            value = "" if each.is_flag else f" {each.name.upper()}"
            shown = ", ".join(f"`{option}{value}`" for option in each.opts)
            without = each.is_flag or each.default is None
            default = "" if without else f" Default: `{each.default}`."
        rows.append(f"| {shown} | {_cell(_prose(each.help or ''))}{default} |")
    return "\n".join(rows) if len(rows) > 2 else ""


def _prose(text: str) -> str:
    """A docstring as Markdown: everything except ``code`` is escaped."""
    parts = re.split(r"``(.+?)``", text, flags=re.DOTALL)
    plain = [re.sub(r"([*<\[\]|])", r"\\\1", part) for part in parts[::2]]
    code = [f"`{part}`" for part in parts[1::2]]
    return "".join(each for pair in zip(plain, [*code, ""], strict=True) for each in pair)


def _cell(text: str) -> str:
    """Text on one line, with escaped bars, for a cell of a table."""
    return re.sub(r"(?<!\\)\|", r"\\|", " ".join(text.split()))


def _code(text: str) -> str:
    return f"`{_cell(text)}`"


def main(folder: Path) -> None:
    """Write the pages, and remove those of families that no longer exist."""
    folder.mkdir(exist_ok=True)
    wanted = pages()
    for path in folder.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "reference")
