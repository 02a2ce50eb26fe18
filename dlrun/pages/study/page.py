"""The page of a study."""

from __future__ import annotations

from collections.abc import Iterator

from dlrun.pages.document import document
from dlrun.pages.run.environment import environment_section
from dlrun.pages.section import Content, Section, grid, missing, note
from dlrun.pages.study import charts
from dlrun.pages.study.commands import commands_section, sweep_section
from dlrun.pages.study.findings import claims_section, importance_section
from dlrun.pages.study.leaderboard import leaderboard_section
from dlrun.pages.study.parallel import parallel_section
from dlrun.pages.study.summary import environment, summary_section
from dlrun.pictures.study_points import StudyPoints
from dlrun.study.results.advice.advice import advise
from dlrun.study.results.pictures import study_points
from dlrun.study.results.ranking import Leaderboard, leaderboard
from dlrun.study.results.remarks import counted, remarks
from dlrun.study.results.shares import shares
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.recorded import recorded


def study_page(directory: StudyDirectory) -> str:
    """The HTML file of a study; see ``study_content``."""
    return document(study_content(directory))


def study_content(directory: StudyDirectory) -> Content:
    """What the page of a study shows, which is finished or not.

    Args:
        directory: of the study; only read.

    Raises:
        DataError: its journal or a run of it is broken.
        SpecError: its sweep has errors.
    """
    design, state = recorded(directory)
    board = leaderboard(design, state)
    study = study_points(design, board, directory)
    importance = shares(design, board)
    advice = advise(design, board, lambda: importance)
    sections = [
        summary_section(directory, design, board),
        leaderboard_section(board, remarks(board), [each.line for each in advice]),
        *_charts(study, board),
        importance_section(design.sweep.name, importance),
        claims_section(board),
        environment_section(environment(directory, board)),
        sweep_section(directory),
        commands_section(directory, board),
    ]
    title = f"{design.sweep.name}"
    line = f"Study of {counted(board) or 'no trials yet'}"
    return Content(title, line, sections)


def _charts(study: StudyPoints, board: Leaderboard) -> Iterator[Section]:
    if not study.scored:
        yield missing("convergence", "Charts", "No trial has a score.")
        return
    if len(study.scores) > 1:
        numbers = [row.trial.number for row in board.front]
        pieces = [chart.piece() for chart in charts.fronts(study, numbers)]
        if study.volumes:
            pieces.append(charts.hypervolume(study).piece())
        yield Section("fronts", "Pareto front", [grid(pieces)])
    first = [charts.convergence(study).piece(), charts.curves(study).piece()]
    several = [] if len(study.scores) > 1 else [charts.cost_quality(study).piece()]
    remarks_ = []
    if len(study.points) > charts.CURVES:
        which = f"the first {charts.CURVES} trials and the marked ones"
        remarks_.append(note(f"Learning curves of {which}."))
    title = "Convergence, learning curves, cost"
    yield Section("convergence", title, [*remarks_, grid([*first, *several])])
    yield parallel_section(study)
    if study.axes:
        pieces = [chart.piece() for chart in charts.slices(study)]
        yield Section("slices", "Score by key", [grid(pieces)])
