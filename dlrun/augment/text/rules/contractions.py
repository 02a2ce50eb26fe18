"""do not <-> don't."""

from __future__ import annotations

import re

from dlrun.augment.text.rules.rule import Chance, Either, capital
from dlrun.lexicon.words import APOSTROPHE, listed

_NOT = {
    "can't": "cannot",
    "won't": "will not",
    **{
        f"{verb}n't": f"{verb} not"
        for verb in sorted(
            listed("are could did do does had has have is must need should was were would")
        )
    },
}
_PRONOUNS = {
    **{f"{who}'re": f"{who} are" for who in ("you", "we", "they")},
    **{f"{who}'ve": f"{who} have" for who in ("I", "you", "we", "they")},
    **{f"{who}'ll": f"{who} will" for who in ("I", "you", "he", "she", "it", "we", "they")},
    "I'm": "I am",
}
# Ambiguous forms are left out, such as he's (he is, he has) and I'd (I had, I would).
PAIRS = _NOT | _PRONOUNS
"""Long forms by short ones."""

_OTHER = {one.lower(): other for pair in PAIRS.items() for one, other in (pair, pair[::-1])}
_LONG = {long.lower() for long in _PRONOUNS.values()}


def _pattern(form: str) -> str:
    if form not in _LONG:
        return form.replace("'", APOSTROPHE)
    # Of "we will not" the last two words are contracted; "I am not" has no other form.
    return form + (r"(?=\s+\w)" if form == "i am" else r"(?=\s+(?!not\b)\w)")


_ANY = Either(map(_pattern, _OTHER))
_SUBJECTS = listed("i you he she it we they this that these those there")
_AFTER_HAVE = listed("been had done seen gone made got never always already just")
_NEXT = re.compile(r"[ \t\n]+(\w+)")


def contractions(sentence: str, chance: Chance) -> str:
    """Replace short forms by long ones and long forms by short ones.

    A pronoun and its verb are contracted only if the clause continues after them (not in "as happy
    as I am"), and "don't you" in a question is kept.
    """

    def other(found: str, end: int) -> str:
        said = found.replace("\u2019", "'")
        behind = _NEXT.match(sentence, end)
        follower = behind[1].lower() if behind else ""
        result = _OTHER.get(said.lower())  # None if a letter only resembles one, such as \u0131
        if result is None or not _safe(said.lower(), follower) or not chance():
            return found
        if said.isupper() and len(said) > 2:
            return result.upper()
        return capital(result) if said[0].isupper() else result[0].lower() + result[1:]

    return _ANY.replaced(sentence, other)


def _safe(said: str, follower: str) -> bool:
    """Whether the other form means the same, given the next word, or "" at the end."""
    if said.endswith("n't"):
        return follower not in _SUBJECTS
    if said.endswith(" have"):
        return follower in _AFTER_HAVE or follower.endswith("ed")
    return True
