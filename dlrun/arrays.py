"""Names for array types, so that signatures say what they mean."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
"""An array of any type; what it holds is said where it is used."""

Shape = tuple[int, ...]
"""Lengths of an array's axes. The shape of a *sample* leaves the batch axis out."""
