"""Phrases with the same meaning."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from dlrun.augment.text.rules.rule import Chance, Either, Rule
from dlrun.errors import DataError
from dlrun.lexicon.lines import lines
from dlrun.lexicon.words import like

COMMON = "common"


@cache
def read_phrases(name: str) -> Rule:
    """The rule of a table; each table is read once per process.

    Args:
        name: ``common`` is the built-in table, anything else the path of a text file.  A line
            ``despite = in spite of`` has two interchangeable phrases, ``in order to > to`` is for
            one direction; ``#`` starts a comment.

    Raises:
        DataError: it cannot be read; the message names the line.
    """
    table = read_table(Path(__file__).with_name("phrases.txt") if name == COMMON else Path(name))
    # The longest first, so that "at the same time as" is not read as "at the same time".
    known = sorted(table, key=lambda phrase: (-len(phrase), phrase))
    pattern = Either(re.escape(phrase).replace(r"\ ", r"\s+") for phrase in known)

    def phrases(sentence: str, chance: Chance) -> str:
        def other(found: str, end: int) -> str:
            result = table.get(" ".join(found.lower().split()))
            if result is None or not chance():
                return found
            return like(result, found)

        return pattern.replaced(sentence, other)

    return phrases


def read_table(path: Path) -> Mapping[str, str]:
    """The replacement of each phrase, in lower case.

    Raises:
        DataError: it cannot be read; the message names the line.
    """
    table: dict[str, str] = {}
    for number, line in lines(path):
        place = f"{path}:{number}"
        signs = re.findall("[=>]", line)
        if len(signs) != 1:
            raise DataError(f"{place}: write 'one = other', or 'one > other' for one way only")
        one, other = (" ".join(part.lower().split()) for part in re.split("[=>]", line))
        if not one or not other or one == other:
            raise DataError(f"{place}: a line needs two different phrases")
        for source, target in ((one, other), (other, one))[: 2 if signs == ["="] else 1]:
            if source in table:
                raise DataError(f"{place}: '{source}' already becomes '{table[source]}'")
            table[source] = target
    if not table:
        raise DataError(f"{path}: no phrases; write one pair per line, e.g. despite = in spite of")
    return table
