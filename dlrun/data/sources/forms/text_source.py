"""Sources that read delimited text, and the format of these files."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, model_validator

from dlrun.data.numerals import Numerals
from dlrun.data.sources.base import Source
from dlrun.data.tables.delimited import Format
from dlrun.data.tables.text_column import USUAL_MISSING


def _delimiter(value: Any) -> Any:
    if value == "tab":
        return "\t"
    if isinstance(value, str) and (len(value) != 1 or value in '"\r\n'):
        raise ValueError("must be one character other than a quote or a line break, or 'tab'")
    return value


def _separator(value: Any) -> Any:
    if isinstance(value, str) and (len(value) != 1 or value.isalnum() or value in '+-"\r\n'):
        raise ValueError(
            "must be one character other than a letter, a digit, a sign, a quote or a line break"
        )
    return value


Delimiter = Annotated[str | None, BeforeValidator(_delimiter)]
"""The field separator; ``tab`` is the tab character."""
Separator = Annotated[str, BeforeValidator(_separator)]
"""A separator within numbers."""


class TextSource(Source):
    """The base class of sources that read delimited text."""

    common: ClassVar[bool] = True

    delimiter: Delimiter = None
    """Field separator: one character in quotes, e.g. ``";"``, or ``tab``; null is a tab in .tsv and
    .tab files, else a comma."""
    decimal: Separator = "."
    """Decimal separator; ``","`` reads 1,5."""
    thousands: Separator | None = None
    """Separator of groups of digits; ``","`` reads 1,234,567."""
    missing: tuple[str, ...] = ()
    """Further texts that mean a missing value; a number such as -999 also matches -999.0."""
    usual_missing: bool = True
    """Whether NA, N/A, n/a, NaN, NULL, None, #N/A, ? and others that pandas recognizes mean a
    missing value; an empty cell always does."""

    @model_validator(mode="before")
    @classmethod
    def _beside_the_usual(cls, values: Any) -> Any:
        """Drop texts that are recognized anyway; specs of version 0.1 list all of them."""
        if not isinstance(values, dict) or not isinstance(values.get("missing"), list | tuple):
            return values
        known = USUAL_MISSING if values.get("usual_missing", True) is True else {""}
        further = tuple(text for text in values["missing"] if text not in known)
        return {**values, "missing": further}

    @model_validator(mode="after")
    def _differ(self) -> TextSource:
        if self.decimal == self.thousands:
            raise ValueError(
                f"'{self.decimal}' cannot be both decimal and thousands; change one of them"
            )
        return self

    @property
    def written(self) -> Format:
        """The format of tables."""
        return Format(self.delimiter, Numerals(self.decimal, self.thousands))

    @property
    def absent(self) -> frozenset[str]:
        """Texts that mean a missing value."""
        usual = USUAL_MISSING if self.usual_missing else frozenset(("",))
        return usual | set(self.missing)
