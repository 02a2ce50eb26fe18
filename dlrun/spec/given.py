"""The spec as the caller passes it: the path of a YAML file, or in Python a mapping."""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping
from pathlib import Path
from typing import Any

from dlrun.spec.from_python import from_python
from dlrun.spec.nodes import Node, plain
from dlrun.spec.origin import InMapping
from dlrun.spec.problems import Problems
from dlrun.spec.resolved import to_yaml
from dlrun.spec.yaml import decoded, parse, read_content

Given = str | Path | AnyMapping[str, Any]
"""Path of a YAML file, or the content of one as a mapping."""


def open_given(
    spec: Given, problems: Problems, word: str = "spec"
) -> tuple[Path, Node | None, bytes]:
    """The tree of a spec.

    Args:
        spec: path or content.
        problems: gets what cannot be parsed.
        word: how messages refer to a mapping.

    Returns:
        The path of the file, which for a mapping is a name in the working directory; the tree, or
        None if there is none; and the bytes of the file, which for a mapping are the same as YAML.

    Raises:
        SpecError: the file cannot be read.
    """
    if not isinstance(spec, AnyMapping):
        path = Path(spec)
        content = read_content(path)
        return path, parse(decoded(content, str(path)), str(path), problems), content
    root = from_python(spec, lambda path: InMapping(word, ".".join(path)), problems)
    return Path(word), root, b"" if problems else to_yaml(plain(root)).encode()
