"""Numbers as people read them: scores, rates, times, counts and sizes."""

from __future__ import annotations

from collections.abc import Sequence


def number(value: float) -> str:
    """A loss or metric in at most ten characters."""
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.4f}"
    return f"{value:.3e}"


def rate(value: float) -> str:
    """A learning rate."""
    return f"{value:.3g}"


def duration(seconds: float) -> str:
    """A time such as 0.8s, 42.0s, 3m05s or 2h07m."""
    if seconds < 59.95:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    return f"{whole // 3600}h{whole // 60 % 60:02}m"


def count(n: int, thing: str) -> str:
    """``1 epoch``, ``2 epochs``."""
    return f"{n:,} {thing}{'' if n == 1 else 's'}"


def count_each(n: int, thing: str, of: int | None) -> str:
    """``2 threads each``; of a single one, ``2 threads``.

    Args:
        n: what each of them has.
        thing: its name.
        of: how many there are; None if that is not known.
    """
    return count(n, thing) if of == 1 else f"{count(n, thing)} each"


def numbered(numbers: Sequence[int], thing: str) -> str:
    """``trial 3``, or ``trials 1, 2, 5 to 9``; the numbers are in ascending order."""
    parts: list[list[int]] = []
    for each in numbers:
        if parts and each == parts[-1][-1] + 1:
            parts[-1].append(each)
        else:
            parts.append([each])
    words = [
        f"{part[0]} to {part[-1]}" if len(part) > 2 else ", ".join(map(str, part)) for part in parts
    ]
    return f"{thing}{'' if len(numbers) == 1 else 's'} {', '.join(words)}"


def size(n: int) -> str:
    """Bytes such as 512 B, 1.5 KiB, 20 MiB or 3 GiB."""
    if n < 1024:
        return f"{n} B"
    value, unit = n / 2**30, "GiB"
    for power, smaller in ((20, "MiB"), (10, "KiB")):
        if value < 1:
            value, unit = n / 2**power, smaller
    return f"{value:.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"
