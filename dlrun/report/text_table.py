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
            lines.append(f"{name:<{width}}  {_on_a_line(text)}")
        lines.append("")
    return lines[:-1]


def _on_a_line(text: str) -> str:
    """A text without line breaks and whatever else a terminal would take for a command."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
