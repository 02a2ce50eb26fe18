"""Findings of experiments: all claims in one table, then each experiment with its evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from dlrun.errors import DataError, MachineError
from dlrun.findings.record import Picture, Record, Verdict
from dlrun.findings.words import COLUMNS, cells
from dlrun.pages.markup import Html, data_address, join, tag
from dlrun.pages.pieces.table import Cell, table
from dlrun.pages.pieces.text import badge, command, facts, folded
from dlrun.pages.section import Piece, Section, note
from dlrun.run_directory.access import read_bytes

_LARGEST = 4 * 2**20
"""Maximum bytes of a picture."""
_PNG = b"\x89PNG\r\n\x1a\n"


def findings_sections(records: Mapping[Path, Record], broken: Sequence[str]) -> Iterator[Section]:
    """The sections of all experiments.

    Args:
        records: findings by the folder that has them.
        broken: a line for each file of findings that cannot be shown, or on what is left out.

    Raises:
        MachineError: a picture cannot be read.
    """
    if broken:
        yield Section("not-shown", "Findings that are not shown", [note(line) for line in broken])
    anchors = {folder: f"findings-{place}" for place, folder in enumerate(records)}
    rows: list[list[Cell]] = []
    for folder, record in records.items():
        link = tag("a", record.title, href=f"#{anchors[folder]}")
        rows += ([link, *_cells(each)] for each in record.claims)
    if rows:
        header = ["experiment", *COLUMNS]
        yield Section(
            "claims",
            "Claims",
            [
                note(_METHOD),
                table(header, rows, anchor="claims-table", sortable=True, filtered="filter: words"),
            ],
        )
    for folder, record in records.items():
        yield Section(anchors[folder], record.title, list(_pieces(folder, record)))


_METHOD = (
    "A difference is the mean over pairs, usually of seeds, and positive in the claimed direction. "
    "Its t-interval is corrected for all claims of the experiment (Holm). d is the mean divided by "
    "the standard deviation of the differences. A claim holds if the interval is where required."
)


def _cells(each: Verdict) -> list[Cell]:
    claim, verdict, *rest = cells(each)
    remark = [tag("p", each.remark, class_="note")] if each.remark else []
    return [tag("span", [claim, *remark]), badge(verdict), *rest[:-1], each.pairs]


def _pieces(folder: Path, record: Record) -> Iterator[Piece]:
    yield _paragraph("Question", record.question)
    yield _paragraph("Method", record.method)
    for picture in record.pictures:
        yield _figure(folder, picture)
    yield _paragraph("Result", record.result)
    if record.claims:
        yield table(COLUMNS, [_cells(each) for each in record.claims])
    for each in record.tables:
        rows: list[list[Cell]] = [list(row) for row in each.rows]
        yield folded(each.title, table(list(each.header), rows))
    yield _paragraph("What would change it", record.limits)
    yield command([record.command])
    took = f"{record.seconds:.0f} s, ended {record.made}"
    yield folded("Environment", facts({"took": took, **record.environment}))


def _paragraph(name: str, text: str) -> Piece:
    return Piece(tag("p", [tag("b", f"{name}. "), _with_code(text)])) if text else Piece(Html(""))


def _with_code(text: str) -> Html:
    """A text in which words between backticks are code, as in the README."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # a backtick without a partner
        return join([text])
    return join(tag("code", part) if place % 2 else part for place, part in enumerate(parts))


def _figure(folder: Path, picture: Picture) -> Piece:
    """A picture as part of the page; a remark if it cannot be shown."""
    try:
        content = read_bytes(folder / picture.file, _LARGEST)
    except MachineError:
        raise
    except DataError as error:
        return note(f"{picture.title}: {error}")
    if not content.startswith(_PNG):
        return note(f"{picture.title}: {picture.file} is not a PNG file")
    source = data_address("image/png", content)
    shown = tag("img", src=source, alt=picture.alt, class_="picture")
    return Piece(tag("figure", [shown, tag("p", picture.title, class_="note")]))
