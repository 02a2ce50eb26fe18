"""A dimension as text for a sweep."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from dlrun.search.dimensions.base import Dimension
from dlrun.search.suggestion import legible, thawed
from dlrun.spec.core_schema import resolve
from dlrun.spec.resolved import quoted

_BARE = re.compile(r"[A-Za-z_][\w.-]*")


def written(dimension: Dimension) -> str:
    """The dimension in one line of YAML, as short as possible.

    ``{log_uniform: [0.0001, 1]}``, ``{integer: [4, 64], log: true}``, ``[16, 32]``.
    """
    kind, main = type(dimension), type(dimension).main_field()
    assert main is not None
    fields = {
        name: thawed(value)
        for name, field in kind.model_fields.items()
        if (value := getattr(dimension, name)) != field.default and name != main
    }
    value = thawed(getattr(dimension, main))
    if main == "ends":  # a range of real numbers may be written in whole ones
        value = [int(end) if float(end).is_integer() and abs(end) < 1e6 else end for end in value]
    if dimension.kind == "choice" and not fields:
        return _flow(value)
    if value is None or isinstance(value, Mapping):  # which would be the fields of the dimension
        return _flow({dimension.kind: {main: value, **fields}})
    return _flow({dimension.kind: value, **fields})


def _flow(value: Any) -> str:
    """Plain data in YAML's flow style."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_flow(key)}: {_flow(each)}' for key, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, str):
        bare = _BARE.fullmatch(value) and resolve(value) == value
        return value if bare else quoted(value)
    return str(legible(value)) if isinstance(value, float) else json.dumps(value)
