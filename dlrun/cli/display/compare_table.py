"""The table of a comparison of runs, for the terminal and in Markdown."""

from __future__ import annotations

from dlrun.cli.display import page
from dlrun.cli.display.fitting import fitted
from dlrun.cli.display.terminal import line_width
from dlrun.collection.keys import MISSING, value_of
from dlrun.collection.table import Table
from dlrun.intervals import Estimate
from dlrun.printable import markdown
from dlrun.quantities import count
from dlrun.summaries.compared import Compared
from dlrun.summaries.run_groups import RunGroup, seed_of

_COLUMNS = 4
"""Groups that have a column each, at most; more have a row each."""
_SEEDS = 5
"""Seeds that are listed, at most."""


def as_markdown(result: Compared) -> str:
    """The table with a row per group, the results of the tests and the notes."""
    header, *rows = _rows(result)
    lines = [f"| {' | '.join(map(markdown, header))} |", f"|{'---|' * len(header)}"]
    lines += [f"| {' | '.join(map(markdown, row))} |" for row in rows]
    said = [f"{markdown(line)}  " for line in (*result.verdicts, *result.notes)]
    return "\n".join([*lines, "", *said]).rstrip()


def _rows(result: Compared) -> list[list[str]]:
    """The header and one row per group: what it is, its main score, keys, and other scores."""
    first = [result.score] if result.score in result.scores else []
    others = [name for name in result.scores if name not in first]
    header = ["", "runs", "seeds", "status", *first, *result.keys, *others]
    found = [[str(each) for each in header]]
    for group in result.groups:
        states = dict.fromkeys(run.state for run in group.runs)
        row = [group.label, str(len(group.runs)), _seeds(group), ", ".join(states)]
        row += [_score(group.scores.get(str(name))) for name in first]
        for key in result.keys:
            value = value_of(group.example, key)
            row.append("" if value is MISSING else page.value(value))
        row += [_score(group.scores.get(name)) for name in others]
        found.append(row)
    return found


def compare_table(result: Compared) -> list[str]:
    """One column per group if these are few and fit, otherwise one row per group."""
    found = _rows(result)
    ends = any(each.low is not None for group in result.groups for each in group.scores.values())
    below = ["in parentheses: the 95 % interval of the mean"] if ends else []
    if len(result.groups) <= _COLUMNS:
        turned = [list(row) for row in zip(*found, strict=True)]
        lines, _ = fitted(Table(tuple(turned[0]), tuple(map(tuple, turned[1:]))), line_width())
        if max(map(len, lines)) <= line_width():
            return [*lines, *below]
    header, *rows = found
    fixed = 5 if result.score in result.scores else 4
    lines, left_out = fitted(
        Table(tuple(header), tuple(map(tuple, rows)), len(header) - fixed), line_width()
    )
    if left_out:
        more = f"{count(len(left_out), 'more column')}: {', '.join(left_out)}; use --csv or --json"
        lines += page.wrapped(more)
    return [*lines, *below]


def _seeds(group: RunGroup) -> str:
    seeds = group.seeds or [seed for run in group.runs if (seed := seed_of(run)) is not None]
    shown = " ".join(map(str, seeds[:_SEEDS]))
    return f"{shown} and {len(seeds) - _SEEDS} more" if len(seeds) > _SEEDS else shown


def _score(found: Estimate | None) -> str:
    if found is None:
        return ""
    if found.low is None or found.high is None:
        return page.score(found.mean)
    return f"{found.mean:.5g} ({found.low:.5g} to {found.high:.5g})"
