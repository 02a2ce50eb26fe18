"""Counts in files of a run, such as epochs, which may come from an untrusted source."""

from __future__ import annotations

LARGEST_COUNT = 2**53
"""Larger whole numbers are not exact in every reader of JSON."""


def is_count(value: object) -> bool:
    """Whether a value that was read is a count: a whole number from 0."""
    return type(value) is int and 0 <= value <= LARGEST_COUNT
