"""The epochs of the shortest trial, as far as the spec and the space say them."""

from __future__ import annotations

import re
from typing import Any

from dlrun.search.space import Space
from dlrun.spec import nodes
from dlrun.spec.conflicts import params_read

_PARAM = re.compile(r"\s*\$\{\s*([\w-]+)\s*\}\s*")


def epochs_param(root: nodes.Mapping) -> str | None:
    """What the epochs of a spec are if a param sets them: its ``${...}``; None for a number."""
    node = root.get("epochs")
    text = node.value if isinstance(node, nodes.Scalar) else None
    return text if isinstance(text, str) and "${" in text else None


def fewest_epochs(space: Space, root: nodes.Mapping, epochs: int) -> tuple[int, bool] | None:
    """The epochs of the shortest trial, and whether others may have more.

    Args:
        space: the search space.
        root: the tree of the spec.
        epochs: of the spec with its own values.

    Returns:
        None if they are not known without all trials: if several keys may set them.
    """
    text = epochs_param(root)
    params = [key for key in space.keys if key.startswith("params.")]
    key = "epochs"
    if key not in space.dimensions:
        if text is None or not params:
            return epochs, False
        named = _PARAM.fullmatch(text)
        key = f"params.{named[1]}" if named else ""
        if key not in space.dimensions:
            entries = {"epochs": root.entries["epochs"]}
            if root.get("params") is not None:
                entries["params"] = root.entries["params"]
            read = params_read(nodes.Mapping(entries, root.origin))
            return None if read & {each.split(".")[1] for each in params} else (epochs, False)
    dimension = space.dimensions[key]
    values: list[Any] = [dimension.at(0.0), dimension.at(1.0)]
    if dimension.kind == "choice":
        values = list(dimension.grid(dimension.size or 1))
    numbers = [each for each in values if isinstance(each, int)]
    if len(numbers) < len(values):
        return None
    if dimension.when:  # otherwise they are those of the spec, which another param may set
        if text is not None and params:
            return None
        numbers.append(epochs)
    return min(numbers), len(set(numbers)) > 1
