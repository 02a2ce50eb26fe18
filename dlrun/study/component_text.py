"""Components that the journal of a study holds as Python text, written as in a sweep."""

from __future__ import annotations

import ast
import re
from typing import Any

from dlrun.run_directory.json_text import to_json

_INNER_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def as_written(text: str) -> str:
    """``Asha(min_epochs=3)`` as ``asha: {min_epochs: 3}``, and None as ``none``.

    Args:
        text: of a component; any other text is returned as it is.
    """
    try:
        return _written(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text


def _written(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and node.value is None:
        return "none"
    if not isinstance(node, ast.Call):
        raise ValueError("not a component")
    name, fields = _name(node), _fields(node)
    return f"{name}: {fields}" if fields else name


def _name(node: ast.Call) -> str:
    if not isinstance(node.func, ast.Name) or node.args:
        raise ValueError("not a component")
    return _INNER_CAPITAL.sub("_", node.func.id).lower()


def _fields(node: ast.Call) -> str:
    fields = ", ".join(f"{each.arg}: {_value(each.value)}" for each in node.keywords)
    return f"{{{fields}}}" if fields else ""


def _value(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return f"{{{_name(node)}: {_fields(node) or '{}'}}}"
    if isinstance(node, ast.Tuple | ast.List):
        return f"[{', '.join(map(_value, node.elts))}]"
    value: Any = ast.literal_eval(node)
    return value if isinstance(value, str) and value.isidentifier() else to_json(value)
