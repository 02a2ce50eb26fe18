"""The leaderboard as CSV, Markdown, JSON and a table of short text."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from dlrun.intervals import Estimate
from dlrun.printable import markdown
from dlrun.run_directory.json_text import to_json
from dlrun.search.suggestion import legible
from dlrun.spec.flow import setting
from dlrun.study.results.advice.advice import Advice
from dlrun.study.results.numbers import between, brief, valued
from dlrun.study.results.phases import as_data, continued
from dlrun.study.results.ranking import Leaderboard
from dlrun.study.results.remarks import remarks
from dlrun.study.results.seeds_needed import seeds_needed
from dlrun.study.store.trial import Trial


def as_csv(board: Leaderboard) -> str:
    """The table with every number in full precision."""
    text = io.StringIO()
    names = _score_names(board)
    several = board.repeats > 1
    header = ["rank", "trial", "status"]
    single = len(board.goals) == 1
    for goal in board.goals:
        ends = ["low", "high"] if single else [f"{goal.score}.low", f"{goal.score}.high"]
        header += [goal.score, *(ends if several else [])]
    unsure = "tie" if single else "uncertain"
    header += [unsure] if several else []
    writer = csv.writer(text, lineterminator="\n")
    header += ["epochs", *(["parent", "epochs_of_parent"] if board.forks else [])]
    # A space may have a key such as epochs: its column has the name that overrides use.
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
            cells.append(unsure if row.tie or row.uncertain else None)
        cells.append(trial.epochs)
        if board.forks:
            fork = board.forks.get(trial.number)
            cells += [None, None] if fork is None else [fork.parent, fork.epochs]
        cells += [_cell(trial.suggestion, key) for key in board.keys]
        cells += [row.scores.get(name) for name in names]
        writer.writerow(["" if cell is None else cell for cell in [*cells, trial.reason]])
    return text.getvalue()


def as_markdown(board: Leaderboard, advice: Sequence[Advice] = ()) -> str:
    """The table in short, sentences about the best trial and the claims, and advice."""
    header, *rows = table(board)
    lines = [f"| {' | '.join(map(markdown, header))} |", f"|{'---|' * len(header)}"]
    lines += [f"| {' | '.join(map(markdown, row))} |" for row in rows]
    texts = [*remarks(board), *(each.line for each in advice)]
    said = (f"{markdown(line)}  " for line in texts)
    return "\n".join([*lines, "", *said]).rstrip() + "\n"


def as_json(board: Leaderboard, advice: Sequence[Advice] = ()) -> str:
    """All results, for programs."""
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
                **({"uncertain": row.uncertain} if len(board.goals) > 1 else {}),
                "epochs": row.trial.epochs,
                "cost": sum(run.cost for run in row.trial.runs),
                "suggestion": legible(row.trial.suggestion),
                "scores": row.scores,
                **_schedule(board, row.trial),
                "reason": row.trial.reason,
            }
            for row in board.rows
        ],
        "winner": None if board.winner is None else board.winner.trial.number,
        "optimism": board.optimism,
        "test": {name: _interval(each) for name, each in board.test.items()},
        **_volume(board),
        "earlier": list(board.prior_trials.said),
        "conclusion": None if board.conclusion is None else asdict(board.conclusion),
        "left_out": list(board.left_out),
        "circumstances": board.circumstances,
        "claims": [
            {
                "name": each.name,
                "objective": each.objective,
                "holds": each.holds,
                "effect": _interval(each.effect),
                "confidence": each.confidence,
                "pairs": each.pairs,
                "looks": list(each.looks) if len(each.looks) > 1 else [],
                "futile": each.futile,
            }
            for each in board.verdicts
        ],
        "untested": list(board.untested),
        "seeds_needed": [
            {
                "comparison": each.comparison,
                "difference": each.difference,
                "std": each.std,
                "confidence": each.confidence,
                "seeds": each.seeds,
                "needed": each.needed,
                "expected": each.expected,
                "smallest": [
                    {"seeds": seeds, "difference": value} for seeds, value in each.smallest.items()
                ],
            }
            for each in seeds_needed(board)
        ],
        "advice": [
            {"key": each.key, "place": each.place, "reason": each.reason, "write": each.text}
            for each in advice
        ],
    }
    return to_json(found, indent=2) + "\n"


def table(board: Leaderboard) -> list[list[str]]:
    """The header and the rows as short text."""
    ends = ["95 % interval"] if board.repeats > 1 else []
    heads = [word for goal in board.goals for word in (goal.score, *ends)]
    header = ["front" if board.front else "", "trial", *heads, "epochs"]
    header += ["continues"] if board.forks else []
    found = [[*header, *brief(board.keys, header)]]
    for row in board.rows:
        trial = row.trial
        first = str(row.rank) if row.rank is not None else trial.status
        mark = " tie" if row.tie else " uncertain" if row.uncertain else ""
        line = [f"{first}{mark}", str(trial.number)]
        for goal, value in zip(board.goals, _estimates(board, trial), strict=True):
            line.append("" if value is None else valued(goal.score, value.mean))
            if ends:
                line.append("" if value is None else between(value))
        line += [str(trial.epochs), *([continued(board, trial)] if board.forks else [])]
        line += (_shown(trial.suggestion, key) for key in board.keys)
        found.append(line)
    return found


def _score_names(board: Leaderboard) -> list[str]:
    names = (name for row in board.rows for name in row.scores)
    goals = [goal.score for goal in board.goals]
    return [name for name in dict.fromkeys(names) if name not in goals]


def _estimates(board: Leaderboard, trial: Trial) -> Sequence[Estimate | None]:
    """One estimate per objective."""
    return trial.estimates or [None] * len(board.goals)


def _objectives(board: Leaderboard) -> dict[str, Any]:
    said = [{goal.way: goal.score} for goal in board.goals]
    return {"objective": said[0]} if len(said) == 1 else {"objectives": said}


def _volume(board: Leaderboard) -> dict[str, Any]:
    """The hypervolume of the front; empty with a single objective."""
    if board.volume is None:
        return {}
    names = [goal.score for goal in board.goals]
    return {
        "hypervolume": {
            "share": board.volume.share,
            "volume": board.volume.volume,
            "best": dict(zip(names, board.volume.best, strict=True)),
            "reference": dict(zip(names, board.volume.reference, strict=True)),
            "by_trial": list(map(list, board.volume.growth.items())),
        }
    }


def _schedule(board: Leaderboard, trial: Trial) -> dict[str, Any]:
    """Where a trial branched off, and its settings by epochs; empty in a study without forks."""
    if not board.forks:
        return {}
    fork = board.forks.get(trial.number)
    known = None if fork is None else asdict(fork)
    return {"continues": known, "schedule": as_data(board.schedule(trial))}


def _values(board: Leaderboard, trial: Trial) -> dict[str, Any]:
    """The mean and the single values; by objective if there are several."""
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


def _cell(suggestion: Mapping[str, Any], key: str) -> Any:
    """A value of a trial; None for a key that it does not have, not for null."""
    if key not in suggestion:
        return None
    value = legible(suggestion[key])
    return to_json(value) if value is None or isinstance(value, list | dict | bool) else value


def _shown(suggestion: Mapping[str, Any], key: str) -> str:
    return setting(suggestion[key]) if key in suggestion else "-"
