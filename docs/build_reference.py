"""Write docs/reference from the component classes and the command line: ``make docs``.

One page a family, one for the sections of a spec, one for the commands.  Nothing in them is
written by hand, and tests/test_docs.py fails where they are not what the classes say.  An argument
names another folder.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import typer

from dlrun import catalog
from dlrun.cli.app import app
from dlrun.spec import help as words
from dlrun.spec.component import Component
from dlrun.spec.field_types import field_type
from dlrun.study.sweep.claim import Claim
from dlrun.study.sweep.sweep import Sweep
from dlrun.training.experiment import Experiment

_NOTE = "<!-- Written by docs/build_reference.py; change the classes and run `make docs`. -->"


def pages() -> dict[str, str]:
    """The text of every page, by file name."""
    assert catalog.MODULES
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
    return _page("# Reference", "`dlrun help` prints the same texts.", "\n".join(rows))


def _experiment() -> str:
    parts = ["# Experiment", _prose(words.text(Experiment)), _fields(Experiment)]
    for path, section in _sections(Experiment):
        parts += [f"## {path}", _prose(words.text(section)), _fields(section)]
    return _page(*parts)


def _sweep() -> str:
    parts = ["# Sweep", _prose(words.text(Sweep)), _fields(Sweep)]
    for path, section in [*_sections(Sweep), ("claims", Claim)]:
        parts += [f"## {path}", _prose(words.text(section)), _fields(section)]
    return _page(*parts)


def _sections(cls: type[Component], path: str = "") -> Iterator[tuple[str, type[Component]]]:
    """The components that are written as plain mappings, by the dotted path of their key."""
    for name, field in cls.model_fields.items():
        inner = field_type(field.annotation).component
        if inner is not None and inner.family is None:
            yield f"{path}{name}", inner
            yield from _sections(inner, f"{path}{name}.")


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
    parts += [_prose(inspect.cleandoc(root.help)), _parameters(root.params)]
    for name, command in root.commands.items():
        parts += [
            f"## dlrun {name}",
            f"```text\n{_usage(name, command.params)}\n```",
            _prose(inspect.cleandoc(command.help)),
            _parameters(command.params),
        ]
    return _page(*parts)


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
            default = "" if each.is_flag else f" Default: `{each.default}`."
        rows.append(f"| {shown} | {_cell(_prose(each.help or ''))}{default} |")
    return "\n".join(rows) if len(rows) > 2 else ""


def _prose(text: str) -> str:
    """A docstring as Markdown: what is not ``code`` is meant letter by letter."""
    parts = re.split(r"``(.+?)``", text, flags=re.DOTALL)
    plain = [re.sub(r"([*<\[\]|])", r"\\\1", part) for part in parts[::2]]
    code = [f"`{part}`" for part in parts[1::2]]
    return "".join(each for pair in zip(plain, [*code, ""], strict=True) for each in pair)


def _cell(text: str) -> str:
    """Text on one line, in which no bar ends the cell of a table."""
    return re.sub(r"(?<!\\)\|", r"\\|", " ".join(text.split()))


def _code(text: str) -> str:
    return f"`{_cell(text)}`"


def main(folder: Path) -> None:
    """Write the pages, and remove those of families that are no more."""
    folder.mkdir(exist_ok=True)
    wanted = pages()
    for path in folder.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "reference")
