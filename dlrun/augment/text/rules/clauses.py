"""When it rains, we stay <-> we stay when it rains."""

from __future__ import annotations

import re

from dlrun.augment.text.rules.rule import Chance, capital, small
from dlrun.lexicon.words import listed

_FRONT = "if|when|whenever|because|although|though|unless|while|once"
_BACK = "because|although|though|unless|whenever"
"""Only these are certain to start a clause in the middle of a sentence: not "I know when", "I ask
if"."""
_FIRST = re.compile(
    rf"(\s*)((?:{_FRONT})\s+[^,;:()\"“”?!]+),\s+([^,;:()\"“”?!]+?)([.!]*\s*)", re.IGNORECASE
)
_LAST = re.compile(
    rf"(\s*)([^,;:()\"“”?!]+?)\s+((?:{_BACK})\s+[^,;:()\"“”?!]+?)([.!]*\s*)", re.IGNORECASE
)
_JOINING = listed("and but or so then")
_BEFORE = listed("even just only not simply mainly partly largely as and but or")
_OPENING = listed(
    """
    a an he her his i it its my our she some that the their there these they this those we you your
    """
) | {"nobody", "somebody"}
"""Words that start with a small letter within a sentence; others may be names."""


def clauses(sentence: str, chance: Chance) -> str:
    """Swap a subordinate clause and the main clause.

    Only if the ends of both are certain: at most one comma, no quotes.
    """
    if found := _FIRST.fullmatch(sentence):
        start, clause, main, end = found.groups()
        words = main.split()
        if len(words) < 2 or words[0].lower() in _JOINING or not chance():
            return sentence
        opening = capital(main) if clause[0].isupper() else main
        return f"{start}{opening} {small(clause)}{end}"
    if found := _LAST.fullmatch(sentence):
        start, main, clause, end = found.groups()
        words = main.split()
        known = words[0].lower() in _OPENING or words[0].islower()
        if len(words) < 2 or not known or words[-1].lower() in _BEFORE or not chance():
            return sentence
        opening = capital(clause) if main[0].isupper() else clause
        following = main if words[0] == "I" else small(main)
        return f"{start}{opening}, {following}{end}"
    return sentence
