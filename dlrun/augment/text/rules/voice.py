"""The dog ate the cake <-> the cake was eaten by the dog."""

from __future__ import annotations

import re

from dlrun.augment.text.rules.rule import Chance, capital, small
from dlrun.lexicon.words import listed

_IRREGULAR = dict(
    pair.split("/")
    for pair in listed(
        """
    ate/eaten bit/bitten broke/broken brought/brought built/built caught/caught chose/chosen
    drew/drawn drove/driven found/found hid/hidden made/made read/read sold/sold sang/sung
    stole/stolen taught/taught threw/thrown took/taken won/won wrote/written
    """
    )
)
_REGULAR = listed(
    """
    admired attacked changed chased checked cleaned closed created damaged designed destroyed
    discovered enjoyed fixed helped invented invited killed kissed loved opened painted planned
    praised printed published pushed repaired rescued solved watched washed
    """
)
PARTICIPLES = _IRREGULAR | {verb: verb for verb in _REGULAR}
"""Participles by past tense, of transitive verbs whose subject acts."""

_PAST = {participle: past for past, participle in PARTICIPLES.items()}
_MANY = listed("children men women people mice")
_NO_AGENT = listed(
    """
    accident chance day door end evening fire hand hour hundred lake law mail mistake moment month
    morning night phone river road route sea side thousand time train wall way week window year
    """
)
"""Nouns that are not agents: the cake was eaten by the evening."""
_NOUN = r"(?:the|my|your|his|her|our|their|a|an)\s+(?:\w+\s+)?\w+"
_ACTIVE = re.compile(
    rf"(\s*)({_NOUN})\s+({'|'.join(sorted(PARTICIPLES))})\s+({_NOUN})([.!]?\s*)", re.I
)
_PASSIVE = re.compile(
    rf"(\s*)({_NOUN})\s+(?:was|were)\s+({'|'.join(sorted(_PAST))})\s+by\s+({_NOUN})([.!]?\s*)", re.I
)


def voice(sentence: str, chance: Chance) -> str:
    """Replace active by passive or passive by active.

    Only in whole sentences of two nouns, each with an article or similar word, and a known verb in
    the past tense.  A verb with letters that only resemble its own, such as \u017f, is not known.
    """
    if found := _PASSIVE.fullmatch(sentence):
        start, object_, verb, subject, end = found.groups()
        past = _PAST.get(verb.lower())
        if past is None or subject.split()[-1].lower() in _NO_AGENT or not chance():
            return sentence
        return _written(start, object_, subject, past, end)
    if found := _ACTIVE.fullmatch(sentence):
        start, subject, verb, object_, end = found.groups()
        participle = PARTICIPLES.get(verb.lower())
        if participle is None or subject.split()[-1].lower() in _NO_AGENT or not chance():
            return sentence
        was = "were" if _plural(object_) else "was"
        return _written(start, subject, object_, f"{was} {participle} by", end)
    return sentence


def _written(start: str, first: str, second: str, between: str, end: str) -> str:
    """The sentence with the second noun first, and with corrected capitalization."""
    if first[0].isupper():
        first, second = small(first), capital(second)
    return f"{start}{second} {between} {first}{end}"


def _plural(noun: str) -> bool:
    article, *_, last = noun.lower().split()
    if article in ("a", "an"):
        return False
    return last in _MANY or (last.endswith("s") and not last.endswith(("ss", "us", "is")))
