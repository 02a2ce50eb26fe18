"""The page of several runs next to each other."""

from __future__ import annotations

from collections.abc import Sequence

from dlrun.collection.differing import differing
from dlrun.collection.directions import direction
from dlrun.collection.entry import Entry
from dlrun.collection.keys import MISSING, scores, value_of
from dlrun.collection.loss_keys import different_units, is_loss
from dlrun.collection.run_entry import RunEntry
from dlrun.collection.table import progress, shown
from dlrun.pages.markup import Html, tag
from dlrun.pages.pieces.table import Cell, table
from dlrun.pages.pieces.text import badge
from dlrun.pages.section import Content, Section, grid, missing
from dlrun.web.followed import compared_charts, labels
from dlrun.web.links import address, live_address
from dlrun.web.listing import key_of
from dlrun.web.shell import shell


def compare_page(entries: Sequence[Entry]) -> str:
    """The page of several runs and studies: differing keys, scores, learning curves."""
    names = labels(entries)
    heads = [
        tag("a", name, href=address(entry)) for name, entry in zip(names, entries, strict=True)
    ]
    charts = [chart.piece() for chart in compared_charts(entries)]
    curves = Section("curves", "Learning curves", [grid(charts)])
    if not charts:
        curves = missing("curves", "Learning curves", "No run has a finished epoch.")
    sections = [
        _states(entries, heads),
        _differing(entries, heads),
        _scores(entries, heads, names),
        curves,
    ]
    title = f"{len(entries)} runs compared"
    return shell(Content(title, "", sections), live_address(entries))


def _states(entries: Sequence[Entry], heads: Sequence[Html]) -> Section:
    rows_: list[list[Cell]] = []
    for entry, head in zip(entries, heads, strict=True):
        key = key_of(entry.directory)
        state = tag("span", badge(entry.state), data_state=key)
        epochs = tag("span", progress(entry), data_progress=key)
        best = "" if entry.best is None else f"{entry.monitor} {shown(entry.best)}"
        rows_.append([head, entry.name, state, epochs, best, " ".join(entry.tags)])
    header = ["run", "name", "status", "epochs", "best", "tags"]
    return Section("runs", "Runs", [table(header, rows_)])


def _differing(entries: Sequence[Entry], heads: Sequence[Html]) -> Section:
    title = "Differing keys"
    keys = differing(entries)
    if not keys:
        return missing("keys", title, "The specs of these runs are equal.")
    found = [[shown(value_of(entry, key)) for entry in entries] for key in keys]
    cells = [[key, *values] for key, values in zip(keys, found, strict=True)]
    return Section("keys", title, [table(["key", *heads], cells)])


def _scores(entries: Sequence[Entry], heads: Sequence[Html], names: Sequence[str]) -> Section:
    units = different_units(entry for entry in entries if isinstance(entry, RunEntry))
    cells: list[list[Cell]] = []
    for score in scores(entries):
        values = [value_of(entry, score) for entry in entries]
        known = [(v, n) for v, n in zip(values, names, strict=True) if v is not MISSING]
        if not known:
            continue
        best = (min if direction(score) == "min" else max)(known, key=lambda each: each[0])[1]
        row = [None if value is MISSING else value for value in values]
        if units and is_loss(score):
            best = f"none: different {' and '.join(units)}"
        cells.append([score, *row, best if len(known) > 1 else ""])
    if not cells:
        return missing("scores", "Scores", "No score is known yet.")
    return Section("scores", "Scores", [table(["score", *heads, "best"], cells)])
