"""Synonyms: from the built-in table, WordNet, or a file of the user."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from dlrun.errors import DataError
from dlrun.lexicon.lines import lines
from dlrun.lexicon.wordnet import installed, read_wordnet
from dlrun.lexicon.words import FUNCTION_WORDS, is_word

COMMON, WORDNET = "common", "wordnet"

Name = Annotated[str, Field(min_length=1)]
"""``common``, ``wordnet``, or a path."""


class Synonyms:
    """A table of synonyms; function words have none.

    Args:
        groups: the synonyms of each word, without the word itself.
    """

    def __init__(self, groups: Mapping[str, tuple[str, ...]]) -> None:
        self._groups = {
            word: group for word, group in groups.items() if group and word not in FUNCTION_WORDS
        }

    def of(self, word: str) -> tuple[str, ...]:
        """The synonyms of a word in any capitalization; () if there are none."""
        return self._groups.get(word.lower(), ())

    def places(self, words: Iterable[str]) -> list[int]:
        """The indices of the words with synonyms."""
        groups = self._groups
        return [place for place, word in enumerate(map(str.lower, words)) if word in groups]


@cache
def read_synonyms(name: str) -> Synonyms:
    """The table with a name; each is read once per process.

    Args:
        name: ``common`` is the built-in table; ``wordnet`` is WordNet, if installed; anything else
            is a directory with WordNet's files, or a text file in which each line has words of one
            meaning, such as ``big, large``; ``#`` starts a comment.

    Raises:
        DataError: it cannot be read; the message names file and line.
    """
    if name == COMMON:
        return Synonyms(_read_groups(Path(__file__).with_name("common.txt")))
    if name == WORDNET:
        return Synonyms(read_wordnet(installed()))
    path = Path(name)
    return Synonyms(read_wordnet(path) if path.is_dir() else _read_groups(path))


def anchored(name: str, folder: Path) -> str:
    """The name, independent of where the spec is: a relative path starts at ``folder``."""
    return name if name in (COMMON, WORDNET) else str((folder / name).absolute())


def _read_groups(path: Path) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}  # a dict keeps its order
    for number, line in lines(path):
        group = [word.strip() for word in line.split(",")]
        for word in group:
            if not is_word(word):
                raise DataError(
                    f"{path}:{number}: {word!r} is not a word; separate single words by commas"
                )
        group = list(dict.fromkeys(word.lower() for word in group))
        if len(group) < 2:
            raise DataError(f"{path}:{number}: '{group[0]}' is alone; a group needs two words")
        for word in group:
            found.setdefault(word, {}).update(dict.fromkeys(group))
    if not found:
        raise DataError(f"{path}: no groups of words; write one per line, e.g. big, large")
    return {word: tuple(other for other in all_ if other != word) for word, all_ in found.items()}
