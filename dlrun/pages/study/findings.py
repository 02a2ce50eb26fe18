"""Importance of the keys, and claims with their verdicts."""

from __future__ import annotations

from collections.abc import Mapping

from dlrun.pages.pieces.bars import Bar, bars
from dlrun.pages.pieces.table import Cell, table
from dlrun.pages.pieces.text import badge
from dlrun.pages.section import Piece, Section, missing, note
from dlrun.search.importance import Importance
from dlrun.study.results.ranking import Leaderboard
from dlrun.study.results.remarks import claim_line


def importance_section(study: str, importance: Mapping[str, Mapping[str, Importance]]) -> Section:
    """How much each key matters for each objective.

    Args:
        study: its name.
        importance: by objective and key.
    """
    title = "Importance of the keys"
    pieces: list[Piece] = []
    for score, keys in importance.items():
        if keys:
            rows = [Bar(key, each.share, each.low, each.high) for key, each in keys.items()]
            unit = "fraction of the importance of all keys, with 95 % intervals over shuffles"
            pieces.append(bars(f"{score} of {study}", unit, rows))
    if not pieces:
        reason = "There are too few trials with a score to tell, or all scores are equal."
        return missing("importance", title, reason)
    text = "How much worse a random forest predicts the score if the values of a key are shuffled."
    return Section("importance", title, [note(text), *pieces])


def claims_section(board: Leaderboard) -> Section:
    """The claims of the sweep, each with its verdict and test."""
    if not board.verdicts:
        reason = "The sweep has no claims."
        if board.untested:
            reason = "Claims are tested once all trials have ended."
        return missing("claims", "Claims", reason)
    rows: list[list[Cell]] = []
    for each in board.verdicts:
        tested = each.effect is not None
        word = "holds" if each.holds else "does not hold" if tested else "not tested"
        rows.append([each.name, badge(word), claim_line(each, board)])
    return Section("claims", "Claims", [table(["claim", "verdict", "test"], rows)])
