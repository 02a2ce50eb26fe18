"""The leaderboard: trials in order, made from the journal alone.

It holds no times and no names of directories, so the same study gives the same bytes however many
workers ran it, and however often it was interrupted.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dlrun.runs.atomic import replace
from dlrun.runs.json_text import to_json
from dlrun.spec.nodes import show
from dlrun.tune.claim import Scored, Verdict, judge
from dlrun.tune.directory import StudyDirectory
from dlrun.tune.objective import Objective
from dlrun.tune.plan import Design, Plan
from dlrun.tune.state import State
from dlrun.tune.statistics import Estimate, estimate
from dlrun.tune.trials import Trial, trials

_ORDER = {"completed": 0, "pruned": 1, "unfinished": 2, "failed": 3}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the leaderboard.

    Attributes:
        rank: from 1; trials of the same score share it; None for those that are not completed.
        trial: the trial.
        tie: whether it cannot be told from the first: the t-interval of the differences, paired by
            seed, holds 0.  False for the first itself, and with a single seed.
        scores: means over its runs of the scores that may choose: none of the test part.
    """

    rank: int | None
    trial: Trial
    tie: bool
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """All rows, the best first.

    Attributes:
        objective: which score orders them.
        repeats: runs of each trial.
        keys: of the space.
        rows: of all trials.
        winner: the first, if it is completed.
        test: scores of the winner's runs on the test part.
        verdicts: on the claims; none before all trials have ended.
    """

    objective: Objective
    repeats: int
    keys: Sequence[str]
    rows: Sequence[Row]
    winner: Row | None
    test: Mapping[str, Estimate]
    verdicts: Sequence[Verdict]

    @property
    def failed(self) -> int:
        """Trials that failed."""
        return sum(row.trial.status == "failed" for row in self.rows)


def leaderboard(design: Design, state: State) -> Leaderboard:
    """The leaderboard of a study."""
    sweep = design.sweep
    objective = sweep.objective
    found = trials(state, objective, sweep.repeats, design.trials)

    def place(trial: Trial) -> tuple[int, int, float, int]:
        mean = math.inf if trial.estimate is None else objective.sign * trial.estimate.mean
        # A pruned trial that came further was the better one.
        epochs = trial.epochs if trial.status == "pruned" else 0
        return (_ORDER[trial.status], -epochs, mean, trial.number)

    ordered = sorted(found, key=place)
    best = ordered[0] if ordered and ordered[0].status == "completed" else None
    rows: list[Row] = []
    for position, trial in enumerate(ordered, start=1):
        rank = None
        if trial.status == "completed" and trial.estimate is not None:
            before = rows[-1] if rows else None
            same = before is not None and before.trial.estimate == trial.estimate
            rank = before.rank if before is not None and same else position
        tie = best is not None and trial is not best and _tied(best, trial)
        rows.append(Row(rank, trial, tie, _means(trial)))
    winner = rows[0] if best is not None else None
    whole = all(row.trial.status != "unfinished" for row in rows)
    scored = [Scored(each.suggestion, each.values) for each in found if each.status == "completed"]
    return Leaderboard(
        objective,
        sweep.repeats,
        design.space.keys,
        rows,
        winner,
        {} if winner is None or not whole else _test(winner.trial),
        [judge(name, claim, scored, objective.sign) for name, claim in design.claims.items()]
        if whole
        else [],
    )


def _tied(best: Trial, other: Trial) -> bool:
    if other.status != "completed" or len(best.values) < 2:
        return False
    pairs = zip(best.values, other.values, strict=True)
    difference = estimate([one - another for one, another in pairs])
    assert difference.low is not None and difference.high is not None
    return difference.low <= 0 <= difference.high


def _means(trial: Trial) -> dict[str, float]:
    names = [name for name in (trial.runs[0].scores if trial.runs else ()) if "test." not in name]
    found = {}
    for name in names:
        values = [run.scores[name] for run in trial.runs]
        if trial.status != "failed" and all(value is not None for value in values):
            found[name] = math.fsum(value for value in values if value is not None) / len(values)
    return found


def _test(trial: Trial) -> dict[str, Estimate]:
    names = [name for name in trial.runs[0].scores if name.startswith("test.")]
    found = {}
    for name in names:
        values = [value for run in trial.runs if (value := run.scores[name]) is not None]
        if values:
            found[name] = estimate(values)
    return found


def write(plan: Plan, state: State, directory: StudyDirectory) -> Leaderboard:
    """Write leaderboard.csv, .md and .json, and best.yaml where there is a best trial.

    Raises:
        DataError: one cannot be written.
    """
    board = leaderboard(plan, state)
    forms = (("csv", as_csv(board)), ("md", as_markdown(board)), ("json", as_json(board)))
    for suffix, text in forms:
        replace(directory.leaderboard.with_suffix(f".{suffix}"), text)
    if board.winner is not None:
        trial = board.winner.trial
        spec = plan.spec(trial.suggestion)
        score = f"{board.objective.score} {trial.values[0]!r}"
        replace(
            directory.best_file,
            f"# Trial {trial.number} of study {plan.sweep.name}: {score}.\n{spec}",
        )
    return board


def as_csv(board: Leaderboard) -> str:
    """The table with every number in full."""
    text = io.StringIO()
    names = _score_names(board)
    ends = ["low", "high"] if board.repeats > 1 else []
    header = ["rank", "trial", "status", board.objective.score, *ends, *(["tie"] if ends else [])]
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*header, "epochs", *board.keys, *names, "reason"])
    for row in board.rows:
        trial, found = row.trial, row.trial.estimate
        cells: list[Any] = [row.rank, trial.number, trial.status]
        cells.append(None if found is None else found.mean)
        if ends:
            cells += [None, None] if found is None else [found.low, found.high]
            cells.append("tie" if row.tie else None)
        cells.append(trial.epochs)
        cells += [_cell(trial.suggestion.get(key)) for key in board.keys]
        cells += [row.scores.get(name) for name in names]
        writer.writerow(["" if cell is None else cell for cell in [*cells, trial.reason]])
    return text.getvalue()


def as_markdown(board: Leaderboard) -> str:
    """The table to be read, and what there is to say of the winner and of the claims."""
    header, *rows = table(board)
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    lines += [f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |" for row in rows]
    return "\n".join([*lines, "", *(f"{line}  " for line in remarks(board))]).rstrip() + "\n"


def as_json(board: Leaderboard) -> str:
    """Everything, for programs."""
    found: dict[str, Any] = {
        "objective": {board.objective.way: board.objective.score},
        "repeats": board.repeats,
        "trials": [
            {
                "rank": row.rank,
                "trial": row.trial.number,
                "status": row.trial.status,
                "value": _interval(row.trial.estimate),
                "values": row.trial.values,
                "tie": row.tie,
                "epochs": row.trial.epochs,
                "cost": sum(run.cost for run in row.trial.runs),
                "suggestion": row.trial.suggestion,
                "scores": row.scores,
                "reason": row.trial.reason,
            }
            for row in board.rows
        ],
        "winner": None if board.winner is None else board.winner.trial.number,
        "test": {name: _interval(each) for name, each in board.test.items()},
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
    found = [["", "trial", board.objective.score, *ends, "epochs", *brief(board.keys)]]
    for row in board.rows:
        trial, value = row.trial, row.trial.estimate
        first = str(row.rank) if row.rank is not None else trial.status
        line = [f"{first} tie" if row.tie else first, str(trial.number)]
        line.append("" if value is None else short(value.mean))
        if ends:
            has = value is not None and value.low is not None and value.high is not None
            line.append(f"{short(value.low)} to {short(value.high)}" if has else "")  # type: ignore
        line += [str(trial.epochs), *(_shown(trial.suggestion, key) for key in board.keys)]
        found.append(line)
    return found


def brief(keys: Sequence[str]) -> list[str]:
    """The last parts of keys, where that is enough to tell them apart."""
    ends = [key.rpartition(".")[2] for key in keys]
    return [end if ends.count(end) == 1 else key for end, key in zip(ends, keys, strict=True)]


def remarks(board: Leaderboard) -> list[str]:
    """Sentences about the winner, ties, failures and claims."""
    lines = []
    if board.winner is not None:
        ties = sum(row.tie for row in board.rows)
        if ties:
            lines.append(
                f"Tied with the first, which paired differences over {board.repeats} seeds cannot "
                f"tell from it: {ties}."
            )
        if board.test:
            scores = ", ".join(f"{name} {interval(each)}" for name, each in board.test.items())
            lines.append(f"Trial {board.winner.trial.number} on the test part: {scores}.")
        tried = sum(row.trial.status in ("completed", "pruned") for row in board.rows)
        if tried > 1:
            lines.append(
                f"Its {board.objective.score} is the best of {tried} and so too good to be "
                "expected again; the test part had no say in the choice."
                if board.test
                else f"The best of {tried} is too good to be expected again; "
                "data.split.test would keep samples that have no say in the choice."
            )
    lines += [
        f"Trial {row.trial.number} failed: {row.trial.reason}."
        for row in board.rows
        if row.trial.status == "failed"
    ]
    lines += [claim_line(each) for each in board.verdicts]
    return lines


def claim_line(verdict: Verdict) -> str:
    """What became of a claim, in a line."""
    if verdict.effect is None:
        return f"Claim '{verdict.name}' is not shown: no two completed trials differ in it alone."
    word = "holds" if verdict.holds else "does not hold"
    return (
        f"Claim '{verdict.name}' {word}: better by {interval(verdict.effect, verdict.confidence)}, "
        f"over {verdict.effect.n} seeds and {verdict.pairs} pairs of trials."
    )


def interval(value: Estimate, confidence: float = 0.95) -> str:
    """``0.9731 (95 % interval 0.9650 to 0.9812)``."""
    if value.low is None or value.high is None:
        return short(value.mean)
    ends = f"{short(value.low)} to {short(value.high)}"
    return f"{short(value.mean)} ({100 * confidence:g} % interval {ends})"


def short(value: float) -> str:
    """A score in a few letters."""
    return f"{value:.4f}" if value == 0 or 1e-3 <= abs(value) < 1e5 else f"{value:.3e}"


def _score_names(board: Leaderboard) -> list[str]:
    names = (name for row in board.rows for name in row.scores)
    return [name for name in dict.fromkeys(names) if name != board.objective.score]


def _interval(value: Estimate | None) -> dict[str, Any] | None:
    if value is None:
        return None
    return {"mean": value.mean, "low": value.low, "high": value.high, "n": value.n}


def _cell(value: Any) -> Any:
    return to_json(value) if isinstance(value, list | dict | bool) else value


def _shown(suggestion: Mapping[str, Any], key: str) -> str:
    if key not in suggestion:
        return "-"
    value = suggestion[key]
    if isinstance(value, str):
        return value
    return f"{value:.4g}" if isinstance(value, float) else show(value)
