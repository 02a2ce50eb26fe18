"""The leaderboard: trials in order, made from the journal alone.

It holds no times and no names of directories, so the same study gives the same bytes however many
workers ran it, and however often it was interrupted.
"""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from dlrun.intervals import Estimate, estimate, worse
from dlrun.printable import printable
from dlrun.report.plots import remove_pictures
from dlrun.runs.access import make_folder, present, read_bytes
from dlrun.runs.atomic import remove, replace
from dlrun.runs.json_text import to_json
from dlrun.search.suggestion import legible
from dlrun.spec.nodes import show
from dlrun.study.results.edges import edges
from dlrun.study.results.pareto import fronts
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.prior_trials import Earlier
from dlrun.study.store.state import State
from dlrun.study.store.trials import Trial, points, trials
from dlrun.study.sweep.claim import Scored, Verdict, judge
from dlrun.study.sweep.compile import Design, Plan
from dlrun.study.sweep.objective import Objective

_ERROR = 0.025
"""The probability that a trial as good as the best is not marked as a tie."""
_ORDER = {"completed": 0, "eliminated": 1, "pruned": 2, "unfinished": 3, "failed": 4}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the leaderboard.

    Attributes:
        rank: from 1; trials of the same score share it; None for those that are not completed.  Of
            several objectives it is the trial's front, of which 1 is the Pareto front.
        trial: the trial.
        tie: whether it cannot be told from the first by the differences to it, paired by seed; see
            ``statistics.worse``.  False for the first itself, and with a single seed.
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
        edges: keys of which the winner has a value at an end of what was searched.
    """

    goals: Sequence[Objective]
    repeats: int
    keys: Sequence[str]
    rows: Sequence[Row]
    winner: Row | None
    test: Mapping[str, Estimate]
    verdicts: Sequence[Verdict]
    earlier: Earlier
    edges: Sequence[str]

    @property
    def goal(self) -> Objective:
        """The first of the objectives."""
        return self.goals[0]

    @property
    def front(self) -> Sequence[Row]:
        """The Pareto front of several objectives; empty where there is one."""
        return [row for row in self.rows if row.rank == 1] if len(self.goals) > 1 else []

    @property
    def fruitless(self) -> bool:
        """Whether all trials have ended, and none of them at the end of its training."""
        ended = {row.trial.status for row in self.rows}
        return bool(ended) and not ended & {"completed", "unfinished"}

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
    surely_worse = _worse(best, completed, goal.sign, state.scale(goal.score).step)
    rows: list[Row] = []
    for position, trial in enumerate(ordered, start=1):
        rank = front.get(trial.number)
        if trial.status == "completed" and not front and trial.estimate is not None:
            before = rows[-1] if rows else None
            same = before is not None and _equal(before.trial, trial)
            rank = before.rank if before is not None and same else position
        tie = trial is not best and trial.status == "completed" and surely_worse is not None
        tie = tie and surely_worse is not None and trial.number not in surely_worse
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
        {} if winner is None or not whole else _test(winner.trial, state),
        judge(design.claims, scored, goal.sign, state.scale(goal.score).step) if whole else [],
        state.earlier,
        edges(design.space, winner.trial.suggestion, [each.suggestion for each in found])
        if winner is not None and whole
        else [],
    )


def _worse(
    best: Trial | None, completed: Sequence[Trial], sign: float, step: float
) -> Set[int] | None:
    """The trials that are told from the best; None where nothing can be, with a single seed."""
    if best is None or len(best.values) < 2:
        return None
    field = {each.number: [sign * value for value in each.values] for each in completed}
    return worse(field, best.number, _ERROR, step)


def _equal(one: Trial, other: Trial) -> bool:
    """Whether two trials have the same mean, but for rounding."""
    a, b = one.estimate, other.estimate
    return a is not None and b is not None and math.isclose(a.mean, b.mean, rel_tol=1e-12)


def _means(trial: Trial) -> dict[str, float]:
    names = [name for name in (trial.runs[0].scores if trial.runs else ()) if "test." not in name]
    found = {}
    for name in names:
        values = [run.scores[name] for run in trial.runs]
        if trial.status != "failed" and all(value is not None for value in values):
            found[name] = math.fsum(value for value in values if value is not None) / len(values)
    return found


def _test(trial: Trial, state: State) -> dict[str, Estimate]:
    names = [name for name in trial.runs[0].scores if name.startswith("test.")]
    found = {}
    for name in names:
        values = [value for run in trial.runs if (value := run.scores[name]) is not None]
        if values:
            found[name] = estimate(values, of=state.scale(name))
    return found


def write(plan: Plan, state: State, directory: StudyDirectory) -> Leaderboard:
    """Write leaderboard.csv, .md and .json, and the specs of what is best.

    That is best.yaml or, of several objectives, a spec in the folder front for each trial of the
    Pareto front.

    Raises:
        DataError: one cannot be written.
    """
    board = leaderboard(plan, state)
    before = directory.leaderboard.with_suffix(".json")
    old = read_bytes(before) if present(before) else b""
    forms = (("csv", as_csv(board)), ("md", as_markdown(board)), ("json", as_json(board)))
    for suffix, text in forms:
        replace(directory.leaderboard.with_suffix(f".{suffix}"), text)
    if board.winner is not None:
        replace(directory.best_file, _spec(plan, board.winner.trial))
    files = {f"{row.trial.number:04}.yaml": row.trial for row in board.front}
    if files:
        make_folder(directory.front)
    for name, trial in files.items():
        replace(directory.front / name, _spec(plan, trial), inner=True)
    _clear(directory, board, pictures=old != as_json(board).encode())
    return board


def _clear(directory: StudyDirectory, board: Leaderboard, *, pictures: bool) -> None:
    """Remove what an earlier state of the study left and that is true no longer.

    Args:
        directory: of the study.
        board: the leaderboard now.
        pictures: whether those of ``dlrun study`` are out of date.
    """
    if board.winner is None:
        remove(directory.best_file)
    kept = {f"{row.trial.number:04}.yaml" for row in board.front}
    if present(directory.front):
        for path in directory.front.glob("[0-9][0-9][0-9][0-9]*.yaml"):
            if path.name not in kept and path.stem.isdecimal():
                remove(path, inner=True)
    if pictures:
        remove_pictures(directory.plots)


def _spec(plan: Plan, trial: Trial) -> str:
    pairs = zip(plan.sweep.goals, trial.scores, strict=True)
    scores = ", ".join(f"{goal.score} {values[0]!r}" for goal, values in pairs)
    spec = plan.spec(trial.suggestion)
    epochs = f"{trial.epochs} epoch{'' if trial.epochs == 1 else 's'}"
    return f"# Trial {trial.number} of study {plan.sweep.name} after {epochs}: {scores}.\n{spec}"


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
    if board.fruitless:
        lines.append(f"No trial was trained to its end: {counted(board)}.")
    if board.front:
        numbers = ", ".join(str(row.trial.number) for row in board.front)
        lines.append(
            f"Pareto front: {numbers}. No trial is better in one objective and no worse in the "
            "others; train the spec that you choose, in the folder front, to see its test part."
        )
    lines += _better_before(board)
    if board.winner is not None:
        if board.edges:
            ends = ", ".join(board.edges)
            lines.append(f"At the end of what was searched: {ends}. Better values may lie beyond.")
        ties = sum(row.tie for row in board.rows)
        if ties:
            lines.append(
                f"Tied with the first, which paired differences over {board.repeats} seeds cannot "
                f"tell from it: {ties}."
            )
        if board.repeats > 1:
            lines.append("Intervals say what other seeds would give on this data, not new data.")
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


def counted(board: Leaderboard) -> str:
    """How many trials ended in each way."""
    counts = Counter[str](row.trial.status for row in board.rows)
    return ", ".join(f"{counts[status]} {status}" for status in _ORDER if counts[status])


def _better_before(board: Leaderboard) -> list[str]:
    """What an earlier study has that is better than the first of this one, or where there is none.

    A score that a trial had when it was pruned is not one of a whole training, and does not count.
    """
    if len(board.goals) > 1:
        return []
    goal, winner = board.goal, board.winner
    now = None if winner is None else winner.trial.estimate
    whole = [each for each in board.earlier.known if not each.epochs]
    known = [(each.point[0], each) for each in whole if each.point is not None]
    least, best = min(known, key=lambda pair: pair[0], default=(math.inf, None))
    if best is None or (now is not None and least >= goal.sign * now.mean):
        return []
    values = ", ".join(f"{key} {show(value)}" for key, value in best.suggestion.items())
    what = "The best trial is an earlier one" if now is None else "An earlier trial was better"
    return [f"{what}: {goal.score} {goal.sign * least:.4g} with {values}."]


def claim_line(verdict: Verdict) -> str:
    """What became of a claim, in a line."""
    if verdict.effect is None:
        return f"Claim '{verdict.name}' is not shown: no two completed trials differ in it alone."
    word = "holds" if verdict.holds else "does not hold"
    pairs = "1 pair" if verdict.pairs == 1 else f"{verdict.pairs} pairs"
    better = interval(verdict.effect, verdict.confidence)
    if verdict.effect.low is None:
        better += " with every seed alike, which leaves nothing to judge by"
    several = f"; corrected for {verdict.claims} claims" if verdict.claims > 1 else ""
    return (
        f"Claim '{verdict.name}' {word}: better by {better}, "
        f"over {verdict.effect.n} seeds and {pairs} of trials{several}."
    )


def interval(value: Estimate, confidence: float = 0.95) -> str:
    """``0.9731 (95 % interval 0.9650 to 0.9812)``."""
    if value.low is None or value.high is None:
        return short(value.mean)
    ends = f"{short(value.low)} to {short(value.high)}"
    return f"{short(value.mean)} ({100 * confidence:.4g} % interval {ends})"


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
