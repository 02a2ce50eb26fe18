"""The page of a folder of runs, studies and experiments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from dlrun.collection.collect import collect
from dlrun.collection.entry import Entry
from dlrun.collection.keys import scores as scores_of
from dlrun.collection.run_entry import RunEntry
from dlrun.collection.study_entry import StudyEntry
from dlrun.collection.times import shown_time
from dlrun.errors import DataError, InputError, MachineError
from dlrun.findings.find import find_records
from dlrun.pages.document import document
from dlrun.pages.folder.findings import findings_sections
from dlrun.pages.markup import join, tag
from dlrun.pages.pieces.overlay import curve_scores, overlay
from dlrun.pages.pieces.table import HINT, Cell, table
from dlrun.pages.pieces.text import badge, cards, facts, folded
from dlrun.pages.section import Content, Piece, Section, grid, missing, note
from dlrun.study.results.formats import table as short_table
from dlrun.study.results.numbers import interval
from dlrun.study.results.ranking import leaderboard
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.recorded import recorded
from dlrun.summaries.run_curves import curve_columns

MOST = 5_000
"""Maximum number of runs and of studies."""
_SCORES = 8
"""Maximum number of scores in the table of runs."""
_CURVES = 8
"""Maximum number of learning curves of an experiment."""
_CHARTS = 4
"""Maximum number of scores of an experiment with a chart."""
_EXPERIMENTS = 40
"""Maximum number of experiments and of studies with a section."""
_TOP = 10
"""Rows of a study's leaderboard."""


def folder_page(folder: Path) -> str:
    """The HTML file of a folder.

    Args:
        folder: only read.

    Raises:
        DataError: it has no run, no study and no findings, or only findings that are broken.
        MachineError: it cannot be read.
    """
    records, broken = find_records(folder)
    found = collect([folder], write=False)
    all_runs = [entry for entry in found.entries if isinstance(entry, RunEntry)]
    all_studies = [entry for entry in found.entries if isinstance(entry, StudyEntry)]
    if broken and not found.entries and not records:
        raise DataError(broken[0])
    if not found.entries and not records:
        raise DataError(
            f"{folder}: has no run and no study; name a run, a study, or a folder of them"
        )
    findings = list(findings_sections(records, broken))
    if not found.entries:
        claims = sum(len(record.claims) for record in records.values())
        line = f"{claims} claims of {len(records)} experiments"
        title = f"Experiments in {folder.resolve().name or folder}"
        return document(Content(title, line, findings))
    runs, studies = all_runs[:MOST], sorted(all_studies, key=lambda each: each.directory)[:MOST]
    names: dict[str, list[RunEntry]] = {}
    for each in runs:
        names.setdefault(each.name, []).append(each)
    anchors = {name: f"experiment-{place}" for place, name in enumerate(names)}
    shown = dict(list(names.items())[:_EXPERIMENTS])
    more = len(runs) + len(studies) < len(found.entries)
    sections = [
        *findings,
        _overview(folder, [*runs, *studies], found.notes, more=more),
        _runs(runs, {name: anchors[name] for name in shown}),
        _studies(studies),
        *(_experiment(name, its_runs, anchors[name]) for name, its_runs in shown.items()),
        *_boards(studies),
    ]
    title = f"Runs in {folder.resolve().name or folder}"
    line = f"{len(runs)} runs and {len(studies)} studies"
    return document(Content(title, line, sections))


def _overview(
    folder: Path, entries: Sequence[Entry], notes: Sequence[str], *, more: bool
) -> Section:
    runs = [entry for entry in entries if isinstance(entry, RunEntry)]
    values = {"runs": str(len(runs)), "studies": str(len(entries) - len(runs))}
    counts = Counter(entry.state for entry in runs)
    values |= {f"runs {state}": str(count) for state, count in counts.items()}
    pieces = [cards(values), facts({"folder": str(folder)})]
    if more:
        pieces.append(note(f"Only the first {MOST} runs and studies in the folder are shown."))
    if notes:
        lines = Piece(join(note(line).html for line in notes))
        pieces.append(folded(f"Skipped: {len(notes)}", lines))
    return Section("overview", "Overview", pieces)


def _runs(runs: Sequence[RunEntry], anchors: Mapping[str, str]) -> Section:
    if not runs:
        return missing("runs", "Runs", "The folder has no runs outside of studies.")
    scores = sorted(scores_of(runs), key=lambda name: not name.startswith(("validation.", "test.")))
    header = ["name", "ID", "state", "started", "epochs", "seconds", *scores[:_SCORES], "tags"]
    rows: list[list[Cell]] = []
    for each in runs:
        anchor = anchors.get(each.name)
        link: Cell = each.name if anchor is None else tag("a", each.name, href=f"#{anchor}")
        known = [each.metrics.get(score) for score in scores[:_SCORES]]
        state, started = badge(each.state), shown_time(each.created)
        trained = None if each.folds else each.trained
        first: list[Cell] = [link, each.id, state, started, trained, each.seconds]
        rows.append([*first, *known, " ".join(each.tags)])
    return Section(
        "runs", "Runs", [table(header, rows, anchor="runs-table", sortable=True, filtered=HINT)]
    )


def _studies(studies: Sequence[StudyEntry]) -> Section:
    if not studies:
        return missing("studies", "Studies", "The folder has no studies.")
    rows: list[list[Cell]] = []
    for place, each in enumerate(studies):
        link: Cell = each.id
        if place < _EXPERIMENTS:
            link = tag("a", each.id, href=f"#study-{place}")
        ways = {"min": "minimize", "max": "maximize"}
        goals = ", ".join(f"{ways[mode]} {score}" for score, mode in each.objectives)
        trials = f"{each.done} done, {each.failed} failed, {each.trials} suggested"
        rows.append([link, badge(each.state), trials, goals, each.best])
    header = ["name", "state", "trials", "objective", "best"]
    return Section(
        "studies", "Studies", [table(header, rows, anchor="studies-table", sortable=True)]
    )


def _experiment(name: str, runs: Sequence[RunEntry], anchor: str) -> Section:
    """Learning curves of the newest runs of a name, in one chart per score."""
    curves = []
    for each in runs[:_CURVES]:
        try:
            curves.append((each.id, curve_columns(each)))
        except DataError:  # it has no epoch yet, which the table says
            continue
    scores = curve_scores(curves)
    if not scores:
        return missing(anchor, name, "No run has a finished epoch.")
    pieces = [overlay(anchor, score, curves, name).piece() for score in scores[:_CHARTS]]
    notes = []
    if len(curves) < len(runs):
        notes.append(note(f"The newest {len(curves)} of {len(runs)} runs."))
    if any(each.folds for each in runs[:_CURVES]):
        notes.append(note("Curves of cross-validations are means over their folds."))
    return Section(anchor, name, [*notes, grid(pieces)])


def _boards(studies: Sequence[StudyEntry]) -> Iterator[Section]:
    for place, each in enumerate(studies[:_EXPERIMENTS]):
        name, anchor = f"Study {each.id}", f"study-{place}"
        try:
            pieces = _board(StudyDirectory.open(each.path))
        except MachineError:
            raise
        except InputError as error:
            yield missing(anchor, name, str(error))
            continue
        yield Section(anchor, name, pieces)


def _board(study: StudyDirectory) -> list[Piece]:
    board = leaderboard(*recorded(study))
    header, *rows = short_table(board)
    pieces = [table([word or "rank" for word in header], rows[:_TOP])]
    if len(rows) > _TOP:
        pieces.append(note(f"The first {_TOP} of {len(rows)} trials."))
    if board.winner is not None and board.winner.trial.estimate is not None:
        score = interval(board.winner.trial.estimate)
        pieces.append(note(f"Best: trial {board.winner.trial.number}, {board.goal.score} {score}."))
    return pieces
