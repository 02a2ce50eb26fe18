"""findings.json: what an experiment asked, what it measured, and which claims hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import Field, FiniteFloat, PositiveInt, TypeAdapter, ValidationError, with_config

from dlrun.errors import DataError, InputError
from dlrun.run_directory.atomic import replace
from dlrun.run_directory.json_text import read_object, to_json

FILE = "findings.json"

Word = Literal["holds", "the opposite holds", "undecided"]
"""A verdict: the interval is on the claimed side, on the other side, or contains both."""

Cell = str | FiniteFloat | None
_PICTURE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}\.png")
_Confidence = Annotated[FiniteFloat, Field(gt=0.0, lt=1.0)]


@with_config(extra="forbid")
@dataclass(frozen=True, slots=True)
class Verdict:
    """A claim and the result of its test.

    Attributes:
        claim: one sentence.
        verdict: whether it holds.
        unit: of the values, such as ``test accuracy``.
        better: mean of the side that is claimed to be better.
        than: mean of the other side.
        effect: mean of the paired differences; positive in the claimed direction.
        low: lower end of their interval; None if it cannot be estimated.
        high: upper end of their interval.
        confidence: of the interval, after the correction for all claims of the experiment.
        pairs: number of differences, usually of seeds.
        standardized: the mean difference divided by the standard deviation of the differences
            (Cohen, "Statistical power analysis for the behavioral sciences", 1988, d_z); None if
            that is 0.
        by: how large the effect must at least be; 0 for any.
        within: the claim is instead that the effect is between -within and within; None for a
            claim of a difference.
        remark: such as the reason why it does not hold.
    """

    claim: str
    verdict: Word
    unit: str
    better: FiniteFloat
    than: FiniteFloat
    effect: FiniteFloat
    low: FiniteFloat | None
    high: FiniteFloat | None
    confidence: _Confidence
    pairs: PositiveInt
    standardized: FiniteFloat | None
    by: FiniteFloat = 0.0
    within: FiniteFloat | None = None
    remark: str = ""


@with_config(extra="forbid")
@dataclass(frozen=True, slots=True)
class Table:
    """A table of results.

    Attributes:
        title: what it shows.
        header: names of the columns.
        rows: cells by row.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        if any(len(row) != len(self.header) for row in self.rows):
            raise ValueError("a row must have one cell for each column")


@with_config(extra="forbid")
@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in the same folder.

    Attributes:
        file: name of a PNG file.
        title: what it shows.
        alt: a description for those who do not see it.
    """

    file: str
    title: str
    alt: str

    def __post_init__(self) -> None:
        if not _PICTURE.fullmatch(self.file):
            raise ValueError("file must be the name of a PNG file, without a folder")


@with_config(extra="forbid")
@dataclass(frozen=True, slots=True)
class Record:
    """What is known of an experiment.

    Attributes:
        title: of the experiment.
        question: what it asks.
        method: how it finds out.
        result: what was found, in words.
        limits: what would change the result.
        command: how to run it again.
        made: date and time (ISO 8601) of the end.
        seconds: that it took.
        environment: versions and machine by name.
        claims: with their verdicts.
        tables: of results.
        pictures: in the same folder.
    """

    title: str
    question: str
    method: str
    result: str
    limits: str
    command: str
    made: str
    seconds: FiniteFloat
    environment: Mapping[str, str] = field(default_factory=dict)
    claims: tuple[Verdict, ...] = ()
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()


@with_config(extra="forbid")
@dataclass(frozen=True, slots=True)
class _Versioned:
    format: Literal[1]
    findings: Record


@cache
def _reader() -> TypeAdapter[_Versioned]:
    return TypeAdapter(_Versioned)


T = TypeVar("T", Table, Picture)


def checked(part: type[T], **fields: object) -> T:
    """A part of a record.

    Raises:
        InputError: a field has a wrong type or value.
    """
    try:
        return TypeAdapter(part).validate_python(fields)
    except ValidationError as error:
        raise InputError(f"{part.__name__.lower()}: {_first(error)}") from error


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    where = ".".join(map(str, first["loc"]))
    what = first["msg"].removeprefix("Value error, ")
    return f"{where}: {what}" if where else what


def write_record(folder: Path, record: Record) -> Path:
    """Write the file of a folder atomically and return its path.

    Raises:
        DataError: it cannot be written.
    """
    path = folder / FILE
    replace(path, to_json({"format": 1, "findings": asdict(record)}, indent=1) + "\n")
    return path


def read_record(path: Path) -> Record:
    """Read such a file.

    Raises:
        DataError: it is missing, or its content does not have this form.
    """
    try:
        return _reader().validate_python(read_object(path)).findings
    except ValidationError as error:
        raise DataError(f"{path}: {_first(error)}; run the experiment again") from error
