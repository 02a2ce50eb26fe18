"""The files with the results of a study: leaderboard, best spec, Pareto front."""

from __future__ import annotations

import re
from collections.abc import Set

from dlrun.pictures.plots import remove_pictures
from dlrun.run_directory.access import make_folder, present, read_bytes
from dlrun.run_directory.atomic import remove, replace
from dlrun.study.results.advice.advice import advise
from dlrun.study.results.formats import as_csv, as_json, as_markdown
from dlrun.study.results.phases import schedule_line
from dlrun.study.results.ranking import Leaderboard, leaderboard
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.prior_trials import KnownTrial
from dlrun.study.store.state import State
from dlrun.study.store.trial import Trial
from dlrun.study.sweep.plan import SweepPlan

_OF_THE_FRONT = re.compile(r"(prior-)?\d{4,9}\.yaml")


def write(plan: SweepPlan, state: State, directory: StudyDirectory) -> Leaderboard:
    """Write leaderboard.csv, .md and .json, and the spec of the best trial, best.yaml.

    With several objectives, the specs of all trials of the Pareto front go to the folder front
    instead: at the end also those of prior studies, if no trial of this study is better.

    Raises:
        DataError: a file cannot be written.
    """
    board = leaderboard(plan, state)
    advice = advise(plan, board)
    before = directory.leaderboard.with_suffix(".json")
    old = read_bytes(before) if present(before) else b""
    json = as_json(board, advice)
    forms = (("csv", as_csv(board)), ("md", as_markdown(board, advice)), ("json", json))
    for suffix, text in forms:
        replace(directory.leaderboard.with_suffix(f".{suffix}"), text)
    best = _best(plan, board)
    if best is not None:
        replace(directory.best_file, best)
    front = _front(plan, board)
    if front:
        make_folder(directory.front)
    for name, spec in front.items():
        replace(directory.front / name, spec, inner=True)
    if best is None:
        remove(directory.best_file)
    _clear(directory, front.keys(), pictures=old != json.encode())
    return board


def _clear(directory: StudyDirectory, front: Set[str], *, pictures: bool) -> None:
    """Remove the results of an earlier state of the study that are outdated now.

    Args:
        directory: of the study.
        front: the names of the specs of the front now.
        pictures: whether the pictures of ``dlrun study`` are outdated.
    """
    if present(directory.front):
        for path in directory.front.iterdir():
            if path.name not in front and _OF_THE_FRONT.fullmatch(path.name):
                remove(path, inner=True)
    if pictures:
        remove_pictures(directory.plots)


def _best(plan: SweepPlan, board: Leaderboard) -> str | None:
    """The spec of the best trial: of a prior one if this study has ended without any."""
    if board.winner is not None:
        return _spec(plan, board, board.winner.trial)
    best = board.best_before
    if best is None or best.point is None or board.unfinished:
        return None
    line = f"# The best trial of prior studies: {_scores(best, plan)}."
    return f"{line}\n{plan.spec(best.suggestion)}"


def _front(plan: SweepPlan, board: Leaderboard) -> dict[str, str]:
    """The specs of the Pareto front by file name; at the end with the trials of prior studies."""
    specs = {f"{row.trial.number:04}.yaml": _spec(plan, board, row.trial) for row in board.front}
    if not board.unfinished:
        for number, trial in enumerate(board.front_before):
            line = f"# A trial of a prior study, on the Pareto front: {_scores(trial, plan)}."
            specs[f"prior-{number:04}.yaml"] = f"{line}\n{plan.spec(trial.suggestion)}"
    return specs


def _scores(trial: KnownTrial, plan: SweepPlan) -> str:
    pairs = zip(plan.sweep.goals, trial.point or (), strict=True)
    return ", ".join(f"{goal.score} {goal.sign * value!r}" for goal, value in pairs)


def _spec(plan: SweepPlan, board: Leaderboard, trial: Trial) -> str:
    pairs = zip(plan.sweep.goals, trial.scores, strict=True)
    scores = ", ".join(f"{goal.score} {values[0]!r}" for goal, values in pairs)
    spec = plan.spec(trial.suggestion)
    epochs = f"{trial.epochs} epoch{'' if trial.epochs == 1 else 's'}"
    lines = [f"# Trial {trial.number} of study {plan.sweep.name} after {epochs}: {scores}."]
    phases = board.schedule(trial)
    if len(phases) > 1:
        lines += [
            f"# Its settings changed, and these are those from epoch {phases[-1].first} on, so a",
            "# training with this spec ends with other weights. All of them:",
            *(f"# {each}" for each in schedule_line(board, trial).split("; ")),
        ]
    return "\n".join([*lines, spec])
