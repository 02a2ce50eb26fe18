"""Findings of an experiment: claims that are tested, tables and pictures, kept in a folder."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from dlrun.errors import InputError
from dlrun.findings.claims import Claim, judged
from dlrun.findings.markdown import write_readme
from dlrun.findings.record import Cell, Picture, Record, Table, Verdict, checked, write_record


class Findings:
    """What an experiment of several runs or studies finds out.

    ``write`` stores it in a folder as findings.json, which ``dlrun report`` shows together with
    those of other experiments.

    Args:
        title: of the experiment.
        question: what it asks.
        method: how it finds out.
        limits: what would change the result.
        command: how to run it again.
        environment: versions and machine by name.

    Attributes:
        result: what was found, in words; set it when the results are known.
        earlier: seconds that interrupted parts of the experiment took before.
    """

    def __init__(
        self,
        title: str,
        *,
        question: str,
        method: str,
        limits: str,
        command: str,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.result = ""
        self.earlier = 0.0
        self._started = time.monotonic()
        self._title, self._question, self._method = title, question, method
        self._limits, self._command = limits, command
        self._environment = dict(environment or {})
        self._claims: list[Claim] = []
        self._tables: list[Table] = []
        self._pictures: list[Picture] = []

    def claim(
        self,
        text: str,
        *,
        better: Sequence[float],
        than: Sequence[float],
        unit: str,
        lower: bool = False,
        by: float = 0.0,
        within: float | None = None,
        step: float = 0.0,
        confidence: float = 0.95,
        remark: str = "",
    ) -> None:
        """Add a claim, which is tested by the paired differences of two lists of values.

        All claims of an experiment are tested together (see ``verdicts``).

        Args:
            text: the claim, one sentence.
            better: values of the side that is claimed to be better, such as one per seed.
            than: values of the other side, in the same order.
            unit: of the values, such as ``test accuracy``.
            lower: whether lower values are better.
            by: how much better at least, in the unit.
            within: claim instead that the two differ by less than this.
            step: change of the values by one sample, such as 1/360 for an accuracy on 360
                samples; 0 if they are continuous.
            confidence: that a single test would have.
            remark: shown with the verdict, such as the reason of a surprise.

        Raises:
            InputError: there are fewer than two pairs, a value is not a finite number, or another
                argument is out of its range.
        """
        try:
            sides = [float(value) for value in better], [float(value) for value in than]
        except (TypeError, ValueError, OverflowError) as error:
            raise InputError(f"claim '{text}': values must be lists of numbers: {error}") from error
        self._claims.append(Claim(text, *sides, unit, lower, by, within, step, confidence, remark))

    def table(self, title: str, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        """Add a table of results: texts, numbers, or None for an empty cell.

        Raises:
            InputError: a cell is something else, or a row has not one cell for each column.
        """
        cells = tuple(map(tuple, rows))
        self._tables.append(checked(Table, title=title, header=tuple(header), rows=cells))

    def picture(self, file: str, title: str, alt: str) -> None:
        """Add a picture: the name of a PNG file in the folder, a title, and a description.

        Raises:
            InputError: the name is not that of a PNG file, or has a folder.
        """
        self._pictures.append(checked(Picture, file=file, title=title, alt=alt))

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The claims with their tests, corrected for their number (Holm)."""
        return judged(self._claims)

    @property
    def record(self) -> Record:
        """Everything so far."""
        return Record(
            title=self._title,
            question=self._question,
            method=self._method,
            result=self.result,
            limits=self._limits,
            command=self._command,
            made=datetime.now(UTC).isoformat(timespec="seconds"),
            seconds=round(self.earlier + time.monotonic() - self._started, 1),
            environment=self._environment,
            claims=self.verdicts,
            tables=tuple(self._tables),
            pictures=tuple(self._pictures),
        )

    def write(self, folder: str | Path) -> Path:
        """Write findings.json, and the same as README.md, into a folder.

        Texts may contain Markdown.

        Returns:
            The path of findings.json.

        Raises:
            DataError: the folder has a README.md that was not written from findings, or the files
                cannot be written.
        """
        record = self.record
        write_readme(Path(folder), record)
        return write_record(Path(folder), record)
