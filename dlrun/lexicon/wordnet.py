"""The files of WordNet (Fellbaum, MIT Press 1998), as its manual page wndb(5) describes them."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

from dlrun.errors import DataError
from dlrun.files import open_regular

_PARTS = ("noun", "verb", "adj", "adv")
_FOLDERS = ("/usr/share/wordnet", "/usr/local/share/wordnet", "/usr/share/wordnet/dict")


def installed() -> Path:
    """The folder of an installed WordNet; ``WNSEARCHDIR`` and ``WNHOME`` come first, as for it.

    Raises:
        DataError: there is none.
    """
    asked = [os.environ.get("WNSEARCHDIR", "")]
    if home := os.environ.get("WNHOME", ""):
        asked.append(f"{home}/dict")
    for folder in (*filter(None, asked), *_FOLDERS):
        if Path(folder, "data.noun").is_file():
            return Path(folder)
    raise DataError(
        "WordNet is not installed; Debian has it as wordnet-base, or name the folder of its files"
    )


def read_wordnet(folder: Path) -> dict[str, tuple[str, ...]]:
    """The synonyms of each word in its most frequent sense; terms of several words are left out.

    A word that is, say, a noun and a verb has the synonyms of that which it is more often.

    Args:
        folder: with ``index.noun``, ``data.noun`` and the same of verb, adj and adv.

    Raises:
        DataError: a file is missing or broken; the message names the line.
    """
    best: dict[str, tuple[int, str, int]] = {}
    for part in _PARTS:
        for lemma, tagged, offset in _senses(folder / f"index.{part}"):
            if lemma not in best or tagged > best[lemma][0]:
                best[lemma] = (tagged, part, offset)
    sets = {part: dict(_sets(folder / f"data.{part}")) for part in _PARTS}
    found = {}
    for lemma, (_, part, offset) in best.items():
        words = sets[part].get(offset, ())
        others = tuple(dict.fromkeys(word for word in words if word.lower() != lemma))
        if others:
            found[lemma] = others
    return found


def _senses(path: Path) -> Iterator[tuple[str, int, int]]:
    """Lemma, how many of its senses are tagged in texts, and where the first sense stands."""
    for number, fields in _lines(path):
        try:
            pointers = int(fields[3])
            tagged, offset = int(fields[5 + pointers]), int(fields[6 + pointers])
        except (ValueError, IndexError) as fault:
            raise DataError(f"{path}:{number}: no line of an index of WordNet") from fault
        if fields[0].isalpha():
            yield fields[0], tagged, offset


def _sets(path: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Where a set of synonyms stands, and the words in it."""
    for number, fields in _lines(path):
        try:
            offset, count = int(fields[0]), int(fields[3], 16)
            words = [fields[4 + 2 * n].partition("(")[0] for n in range(count)]
        except (ValueError, IndexError) as fault:
            raise DataError(f"{path}:{number}: no line of the data of WordNet") from fault
        yield offset, tuple(word for word in words if word.isalpha())


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The lines behind the licence, which is indented, cut into fields."""
    try:
        with open_regular(path) as binary, io.TextIOWrapper(binary, encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if not line.startswith("  "):
                    yield number, line.split()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error
