from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.augment.text.generator import Generator
from dlrun.augment.text.typos import NEIGHBOURS, TypoKind, Typos

KEYS = st.integers(0, 2**64 - 1)


def test_the_keyboard_is_what_it_is() -> None:
    assert set(NEIGHBOURS["g"]) == set("fhtyvb") and set(NEIGHBOURS["q"]) == set("wa")
    assert all(one in NEIGHBOURS[other] for one, keys in NEIGHBOURS.items() for other in keys)


def typed(kind: TypoKind, word: str, key: int) -> str:
    return Typos(share=1.0, kinds=(kind,)).change(word, Generator(key))


@given(KEYS)
def test_each_error_is_what_it_says(key: int) -> None:
    word = "Typing"
    near = typed("neighbour", word, key)
    ((old, new),) = [pair for pair in zip(word, near, strict=True) if pair[0] != pair[1]]
    assert new.lower() in NEIGHBOURS[old.lower()] and new.isupper() == old.isupper()
    swapped = typed("swap", word, key)
    assert swapped != word and Counter(swapped) == Counter(word)
    assert len(typed("drop", word, key)) == 5 and not Counter(typed("drop", word, key)) - Counter(
        word
    )
    double = typed("double", word, key)
    assert len(double) == 7 and any(a == b for a, b in pairwise(double))


@pytest.mark.parametrize("text", ["a an of I", "…", ""])
def test_short_words_stay(text: str) -> None:
    assert Typos(share=1.0).change(text, Generator(1)) == text


def test_equal_letters_cannot_be_swapped_and_foreign_keys_are_not_there() -> None:
    assert typed("swap", "zzz", 1) == "zzz"
    assert typed("neighbour", "ßßß", 1) == "ßßß"
