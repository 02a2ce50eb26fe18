"""Names for array types, to make signatures readable."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
"""An array of any type; its contents are documented where it is used."""

Shape = tuple[int, ...]
"""Lengths of an array's axes. The shape of a *sample* does not include the batch axis."""
