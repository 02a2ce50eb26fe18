"""All runs and studies below some folders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from dlrun.api.at_least import counts
from dlrun.collection.collect import collect
from dlrun.collection.conditions import matching
from dlrun.collection.entry import Entry
from dlrun.collection.facts import in_short
from dlrun.collection.html import html_table
from dlrun.collection.order import incomparable, ordered
from dlrun.collection.table import full_rows, short_table
from dlrun.errors import InputError

if TYPE_CHECKING:
    import pandas

_SHOWN = 10
"""Runs that ``repr`` lists, at most."""


class Rows(list[dict[str, Any]]):
    """Rows of a table, plain values by column."""

    def to_pandas(self) -> pandas.DataFrame:
        """The rows as a frame; times become times with a time zone.

        Raises:
            InputError: pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise InputError("pandas is not installed; install it, or use the rows") from error
        frame = pandas.DataFrame(list(self))
        for name in ("created", "ended"):
            if name in frame:
                frame[name] = pandas.to_datetime(frame[name], utc=True)
        return frame


class Runs(Sequence[Entry]):
    """Runs and studies that were found; each can be passed wherever a run directory can.

    Attributes:
        total: how many there were before filtering.
        notes: one line for each run or study that cannot be read, one for other folders, and one
            if losses that cannot be compared are sorted.
    """

    def __init__(self, entries: Iterable[Entry], total: int, notes: tuple[str, ...]) -> None:
        self._entries = tuple(entries)
        self.total, self.notes = total, notes

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, index: int) -> Entry: ...

    @overload
    def __getitem__(self, index: slice) -> Runs: ...

    def __getitem__(self, index: int | slice) -> Entry | Runs:
        """A run, or some of them."""
        if isinstance(index, slice):
            return Runs(self._entries[index], self.total, self.notes)
        return self._entries[index]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __repr__(self) -> str:
        lines = [f"Runs({len(self)} of {self.total})"]
        lines += [f"  {entry.directory}: {in_short(entry)}" for entry in self._entries[:_SHOWN]]
        if len(self) > _SHOWN:
            lines.append(f"  ... and {len(self) - _SHOWN} more")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        table = short_table(self._entries)
        return html_table(table.header, table.cells)

    def table(self, columns: Sequence[str] = (), *, whole: bool = False) -> Rows:
        """One row per run with plain values by column; None where a run does not have the key.

        Args:
            columns: the keys; none for what is known of each run, all scores, and the keys of
                specs in which the runs differ.
            whole: whether all other keys of the specs follow these, so that the columns do not
                depend on which runs differ.

        Raises:
            InputError: no run has a column.
        """
        return Rows(full_rows(self._entries, columns, whole=whole))


def runs(
    *roots: str | Path,
    where: Iterable[str] = (),
    sort: str | None = None,
    reverse: bool = False,
    top: int | None = None,
    trials: bool = False,
) -> Runs:
    """Find runs and studies, filter and sort them.

    Args:
        roots: folders, searched with all folders in them; a study or a cross-validation stands for
            its runs.  None for ``runs`` and ``studies`` in the working directory.
        where: conditions that all have to be fulfilled, such as ``optimizer.adam.lr<1e-2``,
            ``status=done``, ``tag=baseline`` or ``created>2026-11-01``.
        sort: a key: of scores the best is first, of times the newest, otherwise the smallest.
        reverse: whether to turn the order around.
        top: keep so many at most, from 1.
        trials: whether to include the runs of studies and the folds of cross-validations.

    Raises:
        InputError: a condition cannot be used, no run has a key, or ``top`` is not a whole number
            from 1.
        DataError: a folder does not exist.
    """
    counts(1, top=top)
    conditions = [where] if isinstance(where, str) else list(where)
    found = collect(roots or None, inner=trials)
    entries = matching(found.entries, conditions)
    notes = found.notes
    if sort is not None and entries:
        entries = ordered(entries, sort, reverse=reverse)
        notes += tuple(incomparable(entries, sort))
    elif reverse:
        entries.reverse()
    return Runs(entries[:top], len(found.entries), notes)
