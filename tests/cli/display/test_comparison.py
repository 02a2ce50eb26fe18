"""Differences of runs as lines."""

from __future__ import annotations

import pytest

from dlrun.cli.display.comparison import _both


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        (0.1, "adam", ("0.1", "'adam'")),
        ("ab", "ac", ("'ab'", "'ac'")),
        (
            f"{'a' * 90}b{'c' * 90}",
            f"{'a' * 90}d{'c' * 90}",
            (f"...'{'a' * 25}b{'c' * 24}'...", f"...'{'a' * 25}d{'c' * 24}'..."),
        ),
        ("a" * 90, f"{'a' * 90}b", (f"...'{'a' * 25}'", f"...'{'a' * 25}b'")),
    ],
)
def test_long_texts_are_cut_around_their_difference(
    first: object, second: object, shown: tuple[str, str]
) -> None:
    assert _both(first, second) == shown
