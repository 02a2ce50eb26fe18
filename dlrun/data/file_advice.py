"""Advice on a file for a trained network: its spec is fixed, so only the file can change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from dlrun.data.dataset import Dataset, Unlabelled
from dlrun.data.sources.base import Source
from dlrun.data.sources.forms.text_source import TextSource
from dlrun.data.tables.delimited import delimiter_of
from dlrun.errors import DataError

_OF_A_FILE = (
    (r"correct it or list it under data\.source\.missing", "correct it, or leave the cell empty"),
    (r"all values are numbers with [^;]* in data\.source\b", "write numbers as the training data"),
    (r"; if that is a value, (set|remove it from) data\.source\.[^;]*", ""),
    (r",? or set data\.source\.[^;]*", ""),
    (r"[;:] (set|lower|leave it out with) data\.source\.[^;]*", ""),
)
"""Advice on the spec, and what to do about the file instead; without a text, its error says it."""
_DELIMITER = re.compile(r"\bset data\.source\.delimiter, .*")

Samples = TypeVar("Samples", Dataset, Unlabelled)


def on_the_file(text: str, file: str, source: Source) -> str:
    """A message with advice that can be followed without training again.

    Args:
        text: the message, for someone who can change the spec.
        file: the name of the file.
        source: that of the training data.
    """
    if isinstance(source, TextSource):
        sign = delimiter_of(file, source.written)
        shown = "tabs" if sign == "\t" else f"the delimiter '{sign}'"
        text = _DELIMITER.sub(f"write it with {shown}, as the training data", text)
    for advice, instead in _OF_A_FILE:
        text = re.sub(advice, instead, text)
    return text


def with_advice(blocks: Iterable[Samples], file: str, source: Source) -> Iterator[Samples]:
    """Blocks of a file whose notes and errors have advice on the file and not on the spec."""
    try:
        for block in blocks:
            notes = tuple(on_the_file(note, file, source) for note in block.notes)
            yield replace(block, notes=notes)
    except DataError as error:
        error.args = (on_the_file(str(error), file, source),)
        raise
