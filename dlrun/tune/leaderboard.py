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

from dlrun.runs.access import make_folder
from dlrun.runs.atomic import remove, replace
from dlrun.runs.json_text import to_json
from dlrun.spec.nodes import show
from dlrun.tune.claim import Scored, Verdict, judge
from dlrun.tune.directory import StudyDirectory
from dlrun.tune.earlier import Earlier
from dlrun.tune.objective import Objective
from dlrun.tune.pareto import fronts
from dlrun.tune.plan import Design, Plan
from dlrun.tune.state import State
from dlrun.tune.statistics import Estimate, estimate
from dlrun.tune.trials import Trial, points, trials

_ORDER = {"completed": 0, "eliminated": 1, "pruned": 2, "unfinished": 3, "failed": 4}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the leaderboard.

    Attributes:
        rank: from 1; trials of the same score share it; None for those that are not completed.  Of
            several objectives it is the trial's front, of which 1 is the Pareto front.
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
        goals: which scores order them.
        repeats: runs of each trial.
        keys: of the space.
        rows: of all trials.
        winner: the first, if it is completed; None where there are several objectives.
        test: scores of the winner's runs on the test part.
        verdicts: on the claims; none before all trials have ended.
        earlier: what the study took from others.
    """

    goals: Sequence[Objective]
    repeats: int
    keys: Sequence[str]
    rows: Sequence[Row]
    winner: Row | None
    test: Mapping[str, Estimate]
    verdicts: Sequence[Verdict]
    earlier: Earlier

    @property
    def goal(self) -> Objective:
        """The first of the objectives."""
        return self.goals[0]

    @property
    def front(self) -> Sequence[Row]:
        """The Pareto front of several objectives; empty where there is one."""
        return [row for row in self.rows if row.rank == 1] if len(self.goals) > 1 else []

    @property
    def failed(self) -> int:
        """Trials that failed."""
        return sum(row.trial.status == "failed" for row in self.rows)


def leaderboard(design: Design, state: State) -> Leaderboard:
    """The leaderboard of a study."""
    sweep = design.sweep
    goals, goal = sweep.goals, sweep.goal
    found = trials(state, goals, sweep.repeats, design.trials)
    completed = [trial for trial in found if trial.status == "completed"]
    front: dict[int, int] = {}
    if len(goals) > 1:
        known = zip(completed, points(completed, goals), strict=True)
        front = fronts({trial.number: point for trial, point in known if point is not None})

    def place(trial: Trial) -> tuple[int, int, float, int]:
        mean = math.inf if trial.estimate is None else goal.sign * trial.estimate.mean
        # A pruned trial that came further was the better one.
        epochs = trial.epochs if trial.status == "pruned" else 0
        return (_ORDER[trial.status], front.get(trial.number, -epochs), mean, trial.number)

    ordered = sorted(found, key=place)
    best = ordered[0] if completed and not front else None
    rows: list[Row] = []
    for position, trial in enumerate(ordered, start=1):
        rank = front.get(trial.number)
        if trial.status == "completed" and not front and trial.estimate is not None:
            before = rows[-1] if rows else None
            same = before is not None and before.trial.estimate == trial.estimate
            rank = before.rank if before is not None and same else position
        tie = best is not None and trial is not best and _tied(best, trial)
        rows.append(Row(rank, trial, tie, _means(trial)))
    winner = rows[0] if best is not None else None
    whole = all(row.trial.status != "unfinished" for row in rows)
    scored = [Scored(each.suggestion, each.values) for each in found if each.status == "completed"]
    return Leaderboard(
        goals,
        sweep.repeats,
        design.space.keys,
        rows,
        winner,
        {} if winner is None or not whole else _test(winner.trial),
        [judge(name, claim, scored, goal.sign) for name, claim in design.claims.items()]
        if whole
        else [],
        state.earlier,
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
    """Write leaderboard.csv, .md and .json, and the specs of what is best.

    That is best.yaml or, of several objectives, a spec in the folder front for each trial of the
    Pareto front.

    Raises:
        DataError: one cannot be written.
    """
    board = leaderboard(plan, state)
    forms = (("csv", as_csv(board)), ("md", as_markdown(board)), ("json", as_json(board)))
    for suffix, text in forms:
        replace(directory.leaderboard.with_suffix(f".{suffix}"), text)
    if board.winner is not None:
        replace(directory.best_file, _spec(plan, board.winner.trial))
    if board.front:
        make_folder(directory.front)
        files = {f"{row.trial.number:04}.yaml": row.trial for row in board.front}
        for name, trial in files.items():
            replace(directory.front / name, _spec(plan, trial), inner=True)
        for path in directory.front.glob("[0-9][0-9][0-9][0-9]*.yaml"):
            if path.name not in files and path.stem.isdecimal():
                remove(path, inner=True)
    return board


def _spec(plan: Plan, trial: Trial) -> str:
    pairs = zip(plan.sweep.goals, trial.scores, strict=True)
    scores = ", ".join(f"{goal.score} {values[0]!r}" for goal, values in pairs)
    spec = plan.spec(trial.suggestion)
    return f"# Trial {trial.number} of study {plan.sweep.name}: {scores}.\n{spec}"


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
    writer.writerow([*header, "epochs", *board.keys, *names, "reason"])
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
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    lines += [f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |" for row in rows]
    return "\n".join([*lines, "", *(f"{line}  " for line in remarks(board))]).rstrip() + "\n"


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
                "suggestion": row.trial.suggestion,
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
    found = [["front" if board.front else "", "trial", *heads, "epochs", *brief(board.keys)]]
    for row in board.rows:
        trial = row.trial
        first = str(row.rank) if row.rank is not None else trial.status
        line = [f"{first} tie" if row.tie else first, str(trial.number)]
        for value in _estimates(board, trial):
            line.append("" if value is None else short(value.mean))
            if ends:
                line.append("" if value is None else _ends(value))
        line += [str(trial.epochs), *(_shown(trial.suggestion, key) for key in board.keys)]
        found.append(line)
    return found


def brief(keys: Sequence[str]) -> list[str]:
    """The last parts of keys, where that is enough to tell them apart."""
    ends = [key.rpartition(".")[2] for key in keys]
    return [end if ends.count(end) == 1 else key for end, key in zip(ends, keys, strict=True)]


def remarks(board: Leaderboard) -> list[str]:
    """Sentences about earlier studies, the winner, ties, failures and claims."""
    lines = [f"{line}." for line in board.earlier.said]
    if board.front:
        numbers = ", ".join(str(row.trial.number) for row in board.front)
        lines.append(
            f"Pareto front: {numbers}. No trial is better in one objective and no worse in the "
            "others; train the spec that you choose, in the folder front, to see its test part."
        )
    if board.winner is not None:
        lines += _better_before(board, board.winner)
        ties = sum(row.tie for row in board.rows)
        if ties:
            lines.append(
                f"Tied with the first, which paired differences over {board.repeats} seeds cannot "
                f"tell from it: {ties}."
            )
        if board.test:
            scores = ", ".join(f"{name} {interval(each)}" for name, each in board.test.items())
            lines.append(f"Trial {board.winner.trial.number} on the test part: {scores}.")
        tried = sum(row.trial.status in ("completed", "eliminated", "pruned") for row in board.rows)
        if tried > 1:
            lines.append(
                f"Its {board.goal.score} is the best of {tried} and so too good to be "
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


def _better_before(board: Leaderboard, winner: Row) -> list[str]:
    """What an earlier study has that is better than the first of this one."""
    goal, estimate = board.goal, winner.trial.estimate
    known = [(each.point[0], each) for each in board.earlier.known if each.point is not None]
    least, best = min(known, key=lambda pair: pair[0], default=(math.inf, None))
    if best is None or estimate is None or least >= goal.sign * estimate.mean:
        return []
    values = ", ".join(f"{key} {show(value)}" for key, value in best.suggestion.items())
    return [f"An earlier trial was better: {goal.score} {goal.sign * least:.4g} with {values}."]


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


def _ends(value: Estimate) -> str:
    if value.low is None or value.high is None:
        return ""
    return f"{short(value.low)} to {short(value.high)}"


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
