"""A table of texts and their augmented versions."""

from __future__ import annotations

from collections.abc import Sequence

from dlrun.arrays import Array


def text_table(
    originals: Array, augmented: Array, labels: Sequence[str] | None = None
) -> list[str]:
    """Lines of the table: each text, and below it its augmented versions by epoch.

    Args:
        originals: (n,) texts.
        augmented: (n, epochs) texts.
        labels: of the texts; None for none.
    """
    names = ["original", *(f"epoch {epoch}" for epoch in range(1, augmented.shape[1] + 1))]
    width = max(map(len, names))
    lines = []
    for number, (original, changed) in enumerate(zip(originals, augmented, strict=True)):
        if labels is not None:
            lines.append(f"{'label':<{width}}  {_on_a_line(labels[number])}")
        for name, text in zip(names, (original, *changed), strict=True):
            lines.append(f"{name:<{width}}  {_on_a_line(text)}")
        lines.append("")
    return lines[:-1]


def _on_a_line(text: str) -> str:
    """A text without line breaks and control characters of terminals."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
