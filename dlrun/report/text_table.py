"""Texts beside what augmentations make of them."""

from __future__ import annotations

from dlrun.arrays import Array


def text_table(originals: Array, augmented: Array) -> list[str]:
    """Lines of a table: a text as it was, and below it what the epochs see of it.

    Args:
        originals: (n,) texts.
        augmented: (n, epochs) of them.
    """
    names = ["original", *(f"epoch {epoch}" for epoch in range(1, augmented.shape[1] + 1))]
    width = max(map(len, names))
    lines = []
    for original, changed in zip(originals, augmented, strict=True):
        for name, text in zip(names, (original, *changed), strict=True):
            # A text of several lines stays one of the table.
            lines.append(f"{name:<{width}}  {' '.join(text.split())}")
        lines.append("")
    return lines[:-1]
