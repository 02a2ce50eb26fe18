"""split.csv and left-out.csv: the set of every sample of a run, and the files without one."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from dlrun.errors import DataError
from dlrun.run_directory.access import LARGEST, present, read_text
from dlrun.run_directory.atomic import replace

Members = Mapping[str, tuple[Sequence[int], Sequence[str] | None]]
"""By set, the rows of its samples, and the names of their files if they have any."""


def write_split(path: Path, sets: Members) -> None:
    """Write a line for each sample: its set, its row and, if samples are files, its file's name.

    Args:
        path: the file to write.
        sets: by name, in the order of the file.

    Raises:
        DataError: it cannot be written.
    """
    _write(path, _text(sets))


def is_split(path: Path, sets: Members) -> bool:
    """Whether a file is there and is what ``write_split`` would write.

    Args:
        path: the file, which may be from an untrusted source.
        sets: by name, in the order of the file.

    Raises:
        DataError: it cannot be read.
    """
    return present(path) and read_text(path, LARGEST).encode() == _content(_text(sets))


def _text(sets: Members) -> io.StringIO:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    named = any(names is not None for _, names in sets.values())
    writer.writerow(("set", "row", "file") if named else ("set", "row"))
    for name, (rows, names) in sets.items():
        writer.writerows(_lines(name, rows, names, named))
    return text


def sizes(path: Path) -> dict[str, int]:
    """The number of samples of each set, in the order of the file; none if it is missing.

    Args:
        path: the file, which may be from an untrusted source.

    Raises:
        DataError: it is not a table that ``write_split`` could have written.
    """
    if not present(path):
        return {}
    try:
        rows = csv.reader(io.StringIO(read_text(path, LARGEST)))
        found = Counter(row[0] for row in islice(rows, 1, None))
    except (csv.Error, IndexError) as error:
        raise DataError(f"{path}: not a table of samples; the file is broken") from error
    if strange := found.keys() - {"train", "validation", "test"}:
        raise DataError(f"{path}: '{min(strange)[:40]}' is not a set; the file is broken")
    return dict(found)


def write_left_out(path: Path, files: Sequence[tuple[str, str]]) -> None:
    """Write a line for each data file that could not be used, with its error.

    Args:
        path: the file to write.
        files: the names and the errors.

    Raises:
        DataError: it cannot be written.
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("file", "fault"), *files])
    _write(path, text)


def _write(path: Path, text: io.StringIO) -> None:
    replace(path, _content(text))


def _content(text: io.StringIO) -> bytes:
    # Names of files may not be valid text.
    return text.getvalue().encode(errors="backslashreplace")


def _lines(
    name: str, rows: Sequence[int], names: Sequence[str] | None, named: bool
) -> Iterator[tuple[object, ...]]:
    if not named:
        yield from ((name, row) for row in rows)
    else:
        yield from zip([name] * len(rows), rows, names or [""] * len(rows), strict=True)
