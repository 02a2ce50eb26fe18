"""The files of a study that say what came of it: leaderboard, best spec, Pareto front."""

from __future__ import annotations

from dlrun.report.plots import remove_pictures
from dlrun.runs.access import make_folder, present, read_bytes
from dlrun.runs.atomic import remove, replace
from dlrun.study.results.formats import as_csv, as_json, as_markdown
from dlrun.study.results.ranking import Leaderboard, leaderboard
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.state import State
from dlrun.study.store.trials import Trial
from dlrun.study.sweep.compile import Plan


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
