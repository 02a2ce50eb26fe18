"""The files of a study and the command lines that repeat and use it."""

from __future__ import annotations

import shlex

from dlrun.pages.pieces.text import command, files
from dlrun.pages.section import Section, note
from dlrun.run_directory.access import present
from dlrun.study.results.ranking import Leaderboard
from dlrun.study.store.directory import StudyDirectory


def sweep_section(directory: StudyDirectory) -> Section:
    """The sweep as written and with all defaults, and the spec of the best trial."""
    pieces = files(
        {
            "Sweep as written": directory.sweep_file,
            "Sweep with all defaults": directory.resolved_file,
            "Spec of the best trial": directory.best_file,
        }
    )
    return Section("sweep", "Sweep", pieces)


def commands_section(directory: StudyDirectory, board: Leaderboard) -> Section:
    """Command lines."""
    path = shlex.quote(str(directory.path))
    lines = [
        f"dlrun tune {shlex.quote(str(directory.resolved_file))} --studies other",
        f"dlrun study {path}",
        f"dlrun report {path} -o report.html",
    ]
    text = "Run the same search again in another folder; print the leaderboard; make this report:"
    pieces = [note(text), command(lines)]
    forked = board.winner is not None and board.winner.trial.number in board.forks
    if present(directory.best_file) and not forked:
        best = shlex.quote(str(directory.best_file))
        pieces += [note("Train the best trial:"), command([f"dlrun train {best}"])]
    winner = board.winner
    if winner is not None and winner.trial.runs[0].directory:
        run = shlex.quote(str(directory.trials / winner.trial.runs[0].directory))
        pieces += [note("Report of its first run:"), command([f"dlrun report {run} -o best.html"])]
    return Section("commands", "Commands", pieces)
