"""Verdicts and numbers of findings for people."""

from __future__ import annotations

from dlrun.findings.record import Cell, Verdict

COLUMNS = ("claim", "verdict", "measure", "means", "difference", "required", "d", "pairs")
"""Of a table of claims."""


def cells(verdict: Verdict) -> tuple[str, ...]:
    """The texts of ``COLUMNS`` for a claim."""
    return (
        verdict.claim,
        verdict.verdict,
        verdict.unit,
        sides_text(verdict),
        effect_text(verdict),
        required_text(verdict),
        "" if verdict.standardized is None else short(verdict.standardized),
        str(verdict.pairs),
    )


def effect_text(verdict: Verdict) -> str:
    """The mean difference with its interval, such as ``+0.031 (+0.012 to +0.050)``."""
    mean = signed(verdict.effect)
    if verdict.low is None or verdict.high is None:
        return mean
    return f"{mean} ({signed(verdict.low)} to {signed(verdict.high)})"


def sides_text(verdict: Verdict) -> str:
    """Both means, such as ``0.961 against 0.930``."""
    return f"{short(verdict.better)} against {short(verdict.than)}"


def required_text(verdict: Verdict) -> str:
    """What the interval must satisfy, such as ``above 0``."""
    if verdict.within is not None:
        return f"within ±{short(verdict.within)}"
    return f"above {short(verdict.by)}"


def signed(value: float) -> str:
    """A number with its sign and three digits."""
    return short(value) if value == 0 else f"{'+' if value > 0 else '-'}{short(abs(value))}"


def short(value: float) -> str:
    """A number with three digits, or all before the point."""
    # Rounded first: 999.6 has three digits before the point, and 1000 has four.
    return f"{value:.0f}" if abs(float(f"{value:.3g}")) >= 1000 else f"{value:.3g}"


def cell_text(cell: Cell) -> str:
    """A cell of a table."""
    return "" if cell is None else cell if isinstance(cell, str) else short(cell)
