"""Keys of a source in messages, written so that they can be used as overrides.

What reads a file does not know for which source it does, so it writes ``data.source.columns``. An
override needs the name of the source as well, as in ``data.source.csv.columns``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from dlrun.data.dataset import Dataset, Unlabelled
from dlrun.data.sources.base import Source
from dlrun.errors import DataError

_ADVICE = re.compile(r", or set data\.source\.(\w+) [^;]*")
"""A second piece of advice, which some sources cannot follow."""
_KEY = re.compile(r"(?<![\w.])data\.source\.(\w+)")

Samples = TypeVar("Samples", Dataset, Unlabelled)


def spelled(text: str, source: Source) -> str:
    """A message in which keys of the source have its name; without advice on keys it lacks."""
    known = type(source).model_fields

    def possible(match: re.Match[str]) -> str:
        return match[0] if match[1] in (source.kind, *known) else ""

    def whole(match: re.Match[str]) -> str:
        key = match[1]
        named = key == source.kind or key not in known
        return match[0] if named else f"data.source.{source.kind}.{key}"

    return _KEY.sub(whole, _ADVICE.sub(possible, text))


@contextmanager
def spelling(source: Source) -> Iterator[None]:
    """Errors of the data within this block have the name of the source in its keys."""
    try:
        yield
    except DataError as error:
        error.args = (spelled(str(error), source),)
        raise


def with_notes_spelled(data: Samples, source: Source) -> Samples:
    """Samples whose notes have the name of the source in its keys."""
    if not data.notes:
        return data
    return replace(data, notes=tuple(spelled(note, source) for note in data.notes))
