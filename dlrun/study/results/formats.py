"""The leaderboard as CSV, Markdown, JSON and a table of short text."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from typing import Any

from dlrun.intervals import Estimate
from dlrun.printable import printable
from dlrun.runs.json_text import to_json
from dlrun.search.suggestion import legible
from dlrun.spec.nodes import show
from dlrun.study.results.numbers import between, short
from dlrun.study.results.ranking import Leaderboard
from dlrun.study.results.remarks import remarks
from dlrun.study.store.trials import Trial


def as_csv(board: Leaderboard) -> str:
    """The table with every number in full."""
    text = io.StringIO()
    names = _score_names(board)
    several = board.repeats > 1
    header = ["rank", "trial", "status"]
    for goal in board.goals:
        ends = [f"{goal.score}.low", f"{goal.score}.high"] if board.front else ["low", "high"]
        header += [goal.score, *(ends if several else [])]
    header += ["tie"] if several else []
    writer = csv.writer(text, lineterminator="\n")
    header += ["epochs"]
    # A space may have a key such as epochs: as a setting it has the name that overrides know.
    keys = [f"space.{key}" if key in (*header, *names, "reason") else key for key in board.keys]
    writer.writerow([*header, *keys, *names, "reason"])
    for row in board.rows:
        trial = row.trial
        cells: list[Any] = [row.rank, trial.number, trial.status]
        for found in _estimates(board, trial):
            cells.append(None if found is None else found.mean)
            if several:
                cells += [None, None] if found is None else [found.low, found.high]
        if several:
            cells.append("tie" if row.tie else None)
        cells.append(trial.epochs)
        cells += [_cell(trial.suggestion.get(key)) for key in board.keys]
        cells += [row.scores.get(name) for name in names]
        writer.writerow(["" if cell is None else cell for cell in [*cells, trial.reason]])
    return text.getvalue()


def as_markdown(board: Leaderboard) -> str:
    """The table to be read, and what there is to say of the winner and of the claims."""
    header, *rows = table(board)
    lines = [f"| {' | '.join(map(_as_text, header))} |", f"|{'---|' * len(header)}"]
    lines += [f"| {' | '.join(map(_as_text, row))} |" for row in rows]
    said = (f"{_as_text(line)}  " for line in remarks(board))
    return "\n".join([*lines, "", *said]).rstrip() + "\n"


_MARKDOWN = str.maketrans({"&": "&amp;", "<": "&lt;", "|": "&#124;", "`": "&#96;"})


def _as_text(text: str) -> str:
    """The text as Markdown that shows it: no tag, no cell, no link or picture comes of it."""
    return printable(text).translate(_MARKDOWN).replace("](", "]&#40;")


def as_json(board: Leaderboard) -> str:
    """Everything, for programs."""
    found: dict[str, Any] = {
        **_objectives(board),
        "repeats": board.repeats,
        "trials": [
            {
                "rank": row.rank,
                "trial": row.trial.number,
                "status": row.trial.status,
                **_values(board, row.trial),
                "tie": row.tie,
                "epochs": row.trial.epochs,
                "cost": sum(run.cost for run in row.trial.runs),
                "suggestion": legible(row.trial.suggestion),
                "scores": row.scores,
                "reason": row.trial.reason,
            }
            for row in board.rows
        ],
        "winner": None if board.winner is None else board.winner.trial.number,
        "test": {name: _interval(each) for name, each in board.test.items()},
        "earlier": list(board.earlier.said),
        "claims": [
            {
                "name": each.name,
                "holds": each.holds,
                "effect": _interval(each.effect),
                "confidence": each.confidence,
                "pairs": each.pairs,
            }
            for each in board.verdicts
        ],
    }
    return to_json(found, indent=2) + "\n"


def table(board: Leaderboard) -> list[list[str]]:
    """The header and the rows as short text."""
    ends = ["95 % interval"] if board.repeats > 1 else []
    heads = [word for goal in board.goals for word in (goal.score, *ends)]
    header = ["front" if board.front else "", "trial", *heads, "epochs"]
    keys = brief(board.keys)
    pairs = zip(keys, board.keys, strict=True)
    keys = [f"space.{key}" if short_key in header else short_key for short_key, key in pairs]
    found = [[*header, *keys]]
    for row in board.rows:
        trial = row.trial
        first = str(row.rank) if row.rank is not None else trial.status
        line = [f"{first} tie" if row.tie else first, str(trial.number)]
        for value in _estimates(board, trial):
            line.append("" if value is None else short(value.mean))
            if ends:
                line.append("" if value is None else between(value))
        line += [str(trial.epochs), *(_shown(trial.suggestion, key) for key in board.keys)]
        found.append(line)
    return found


def brief(keys: Sequence[str]) -> list[str]:
    """The last parts of keys, where that is enough to tell them apart."""
    ends = [key.rpartition(".")[2] for key in keys]
    return [end if ends.count(end) == 1 else key for end, key in zip(ends, keys, strict=True)]


def _score_names(board: Leaderboard) -> list[str]:
    names = (name for row in board.rows for name in row.scores)
    goals = [goal.score for goal in board.goals]
    return [name for name in dict.fromkeys(names) if name not in goals]


def _estimates(board: Leaderboard, trial: Trial) -> Sequence[Estimate | None]:
    """One an objective."""
    return trial.estimates or [None] * len(board.goals)


def _objectives(board: Leaderboard) -> dict[str, Any]:
    said = [{goal.way: goal.score} for goal in board.goals]
    return {"objective": said[0]} if len(said) == 1 else {"objectives": said}


def _values(board: Leaderboard, trial: Trial) -> dict[str, Any]:
    """The mean and the single values, by objective where there are several."""
    if len(board.goals) == 1:
        return {"value": _interval(trial.estimate), "values": trial.values}
    names = [goal.score for goal in board.goals]
    return {
        "value": dict(zip(names, map(_interval, _estimates(board, trial)), strict=True)),
        "values": dict(zip(names, trial.scores or [()] * len(names), strict=True)),
    }


def _interval(value: Estimate | None) -> dict[str, Any] | None:
    if value is None:
        return None
    return {"mean": value.mean, "low": value.low, "high": value.high, "n": value.n}


def _cell(value: Any) -> Any:
    value = legible(value)
    return to_json(value) if isinstance(value, list | dict | bool) else value


def _shown(suggestion: Mapping[str, Any], key: str) -> str:
    if key not in suggestion:
        return "-"
    value = suggestion[key]
    if isinstance(value, float) and not math.isfinite(value):
        return str(legible(value))
    if isinstance(value, str):
        return value
    return f"{value:.4g}" if isinstance(value, float) else show(value)
