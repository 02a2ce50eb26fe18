"""Sources that read tables of text: how these are written."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, model_validator

from dlrun.data.delimited import Format
from dlrun.data.numerals import Numerals
from dlrun.data.source import Source
from dlrun.data.text_column import USUAL_MISSING


def _delimiter(value: Any) -> Any:
    if value == "tab":
        return "\t"
    if isinstance(value, str) and (len(value) != 1 or value in '"\r\n'):
        raise ValueError("must be one character other than a quote, or 'tab'")
    return value


def _mark(value: Any) -> Any:
    if isinstance(value, str) and (len(value) != 1 or value.isalnum() or value in '+-"\r\n'):
        raise ValueError("must be one character other than a letter, a digit, a sign or a quote")
    return value


Delimiter = Annotated[str | None, BeforeValidator(_delimiter)]
"""The character between two fields; ``tab`` is a name for that one."""
Mark = Annotated[str, BeforeValidator(_mark)]
"""A character within numbers."""


class TextSource(Source):
    """What sources that read tables of text share."""

    common: ClassVar[bool] = True

    delimiter: Delimiter = None
    """The character between two fields of a table, or ``tab``; null is a tab in files called .tsv
    or .tab and a comma in others."""
    decimal: Mark = "."
    """The character before the fraction of a number; ``","`` reads 1,5."""
    thousands: Mark | None = None
    """The character between groups of digits of a number; ``","`` reads 1,234,567."""
    missing: tuple[str, ...] = ()
    """What else stands for a missing value, beside what usually does; of a number, as -999, each
    way to write it."""
    usual_missing: bool = True
    """Whether NA, N/A, n/a, NaN, NULL, None, #N/A, ? and others that pandas takes for missing
    values are such; an empty cell always is."""

    @model_validator(mode="before")
    @classmethod
    def _beside_the_usual(cls, values: Any) -> Any:
        """What is missing in any case need not be listed; specs of version 0.1 list all of it."""
        if not isinstance(values, dict) or not isinstance(values.get("missing"), list | tuple):
            return values
        known = USUAL_MISSING if values.get("usual_missing", True) is True else {""}
        further = tuple(text for text in values["missing"] if text not in known)
        return {**values, "missing": further}

    @model_validator(mode="after")
    def _differ(self) -> TextSource:
        if self.decimal == self.thousands:
            raise ValueError(f"'{self.decimal}' cannot be both decimal and thousands")
        return self

    @property
    def written(self) -> Format:
        """How tables are written."""
        return Format(self.delimiter, Numerals(self.decimal, self.thousands))

    @property
    def absent(self) -> frozenset[str]:
        """Texts that stand for a missing value."""
        usual = USUAL_MISSING if self.usual_missing else frozenset(("",))
        return usual | set(self.missing)
