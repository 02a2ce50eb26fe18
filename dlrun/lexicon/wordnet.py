"""The files of WordNet (Fellbaum, MIT Press 1998), in the format of its manual page wndb(5)."""

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
    """The directory of an installed WordNet; ``WNSEARCHDIR`` and ``WNHOME`` have priority.

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
        "WordNet is not installed; install wordnet-base (Debian), or give the folder of its files"
    )


def read_wordnet(folder: Path) -> dict[str, tuple[str, ...]]:
    """The synonyms of each word in its most frequent sense; terms of several words are skipped.

    A word that is, for example, a noun and a verb has the synonyms of its more frequent use.

    Args:
        folder: with ``index.noun``, ``data.noun`` and the same for verb, adj and adv.

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
    """Lemma, number of its senses that are tagged in texts, and offset of its first sense."""
    for number, fields in _lines(path):
        try:
            pointers = int(fields[3])
            tagged, offset = int(fields[5 + pointers]), int(fields[6 + pointers])
        except (ValueError, IndexError) as error:
            raise DataError(f"{path}:{number}: not a line of a WordNet index") from error
        if fields[0].isalpha():
            yield fields[0], tagged, offset


def _sets(path: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Offset of a set of synonyms, and its words."""
    for number, fields in _lines(path):
        try:
            offset, count = int(fields[0]), int(fields[3], 16)
            words = [fields[4 + 2 * n].partition("(")[0] for n in range(count)]
        except (ValueError, IndexError) as error:
            raise DataError(f"{path}:{number}: not a line of a WordNet data file") from error
        yield offset, tuple(word for word in words if word.isalpha())


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The lines after the licence, which is indented, split into fields."""
    try:
        with open_regular(path) as binary, io.TextIOWrapper(binary, encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if not line.startswith("  "):
                    yield number, line.split()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error
