"""Time series in the .ts format, which has a header."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from dlrun.data.tables.series import Known, Line, NumberedLine, SeriesFile, numbers_of
from dlrun.errors import DataError

_FLAGS = frozenset(("@timestamps", "@missing", "@univariate", "@equallength"))


_KNOWN = _FLAGS | {
    *("@problemname", "@dimensions", "@dimension", "@serieslength", "@classlabel", "@targetlabel"),
    "@data",
}


def lines_with_header(
    name: str, rows: Callable[[], Iterator[NumberedLine]], like: Known | None
) -> tuple[SeriesFile, Iterator[Line]]:
    """The .ts format: a header of @ lines, then dimensions and the label, separated by colons.

    Args:
        name: of the file in messages.
        rows: reads its lines.
        like: as for ``series_blocks``.

    Returns:
        What the header contains, without series, and the series as they are read.
    """
    found = SeriesFile(name)
    labelled: bool | None = None
    data = rows()
    for number, text in data:
        key, *words = text.split()
        key = key.lower()
        if key not in _KNOWN:
            shown = text if len(text) < 40 else f"{text[:40]}..."
            raise DataError(f"{name}:{number}: not a line of a .ts header: {shown}")
        if key == "@data":
            break
        on = bool(words) and words[0].lower() == "true"
        if key == "@timestamps" and on:
            raise DataError(
                f"{name}:{number}: time stamps are not supported; resample to equal steps"
            )
        if key == "@classlabel":
            labelled = bool(labelled or on)
            found.classes = frozenset(words[1:]) or None
        if key == "@targetlabel":
            labelled = bool(labelled or on)
            found.numbers = on
    else:
        raise DataError(f"{name}: no @data line; the file was cut short")
    if not labelled and like is None:
        raise DataError(f"{name}: its header declares no labels; add @classLabel or @targetLabel")
    return found, _lines(name, data, like, labelled=labelled)


def _lines(
    name: str, data: Iterator[NumberedLine], like: Known | None, *, labelled: bool | None
) -> Iterator[Line]:
    for number, text in data:
        parts = text.split(":")
        if like is not None and not _last_is_label(f"{name}:{number}", parts, labelled, like):
            parts.append("")
        if len(parts) < 2:
            raise DataError(f"{name}:{number}: no ':' before the label")
        columns = [numbers_of(f"{name}:{number}", part.split(",")) for part in parts[:-1]]
        lengths = {len(column) for column in columns}
        if len(lengths) > 1:
            raise DataError(
                f"{name}:{number}: dimensions of one series have {min(lengths)} to "
                f"{max(lengths)} steps; they must have the same number"
            )
        yield Line(number, parts[-1].strip(), np.stack(columns, axis=1))


def _last_is_label(place: str, parts: list[str], declared: bool | None, like: Known) -> bool:
    """Whether the last field of a series is a label instead of a dimension, in a file to predict.

    Raises:
        DataError: the header contradicts the dimensions of the training data.
    """
    labelled = {like.dimensions: False, like.dimensions + 1: True}.get(len(parts))
    if labelled is None or (declared is not None and labelled is not declared):
        header = {
            None: "does not declare labels or their absence",
            True: "declares labels",
            False: "declares no labels",
        }
        raise DataError(
            f"{place}: {len(parts)} fields between colons, but the training data has "
            f"{like.dimensions} dimensions and the header {header[declared]}"
        )
    return labelled
