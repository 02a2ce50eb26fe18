"""A condition of a key of a space as text for a sweep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dlrun.spec.flow import flow


def when(key: str, values: Sequence[Any]) -> str:
    """``when: {optimizer: adam}``, or with a list of values.

    A single value that is itself a list is listed, because a bare list is one of alternatives.

    Args:
        key: of the space.
        values: with which another key is active.
    """
    single = len(values) == 1 and not isinstance(values[0], list | tuple)
    return f"when: {{{key}: {flow(values[0] if single else list(values))}}}"
