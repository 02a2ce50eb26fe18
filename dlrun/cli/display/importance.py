"""The importance of the keys of a search, on the terminal."""

from __future__ import annotations

from collections.abc import Mapping

from dlrun.cli.display.fitting import fitted
from dlrun.cli.display.terminal import Terminal, line_width
from dlrun.collection.table import Table
from dlrun.search.importance import FEWEST, Importance


def print_importance(
    terminal: Terminal, importance: Mapping[str, Mapping[str, Importance]], scored: int
) -> None:
    """Print a table for each objective; a line with the reason for one that has none.

    Args:
        terminal: where.
        importance: by objective and key.
        scored: number of trials with a score.
    """
    for score, shares in importance.items():
        terminal.line("")
        title = f"importance for {score}" if len(importance) > 1 else "importance"
        if not shares:
            terminal.sentence(f"{title}  {_why_not(scored)}")
            continue
        cells = tuple(
            (key, f"{share.share:.2f}", f"{share.low:.2f} to {share.high:.2f}")
            for key, share in shares.items()
        )
        table = Table((title, "share", "95 % interval"), cells, long=(0,))
        mark = terminal.ellipsis
        terminal.lines("\n".join(fitted(table, line_width(), mark)[0]))


def _why_not(scored: int) -> str:
    if scored < FEWEST:
        return f"needs {FEWEST} trials with a score; this study has {scored}"
    return "none found: no key changes the scores more than chance"
