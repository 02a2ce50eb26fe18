"""A dimension as text for a sweep."""

from __future__ import annotations

from collections.abc import Mapping

from dlrun.search.dimensions.base import Dimension
from dlrun.search.suggestion import thawed
from dlrun.spec.flow import flow


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
        return flow(value)
    if value is None or isinstance(value, Mapping):  # which would be the fields of the dimension
        return flow({dimension.kind: {main: value, **fields}})
    return flow({dimension.kind: value, **fields})
