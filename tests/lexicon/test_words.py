from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.lexicon.words import FUNCTION_WORDS, is_word, letters, like, parted, tokens


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Don't go, now!", ["don't", "go", ",", "now", "!"]),
        ("Don\u2019t", ["don't"]),
        ("'quoted' rock'n'roll", ["'", "quoted", "'", "rock'n'roll"]),
        ("3.5 e-mails…", ["3", ".", "5", "e", "-", "mails", "…"]),
        ("Straße 日本語 🙂", ["straße", "日本語", "🙂"]),
        (" \t\n", []),
        ("हिन्दी लिखी", ["हिन्दी", "लिखी"]),
        ("o\u0302\u0301 x\u00b2", ["o\u0302\u0301", "x\u00b2"]),
        ("\u0639\u064e\u0631\u064e\u0628\u0650!", ["\u0639\u064e\u0631\u064e\u0628\u0650", "!"]),
        ("\u0645\u06cc\u200c\u062e\u0648", ["\u0645\u06cc\u200c\u062e\u0648"]),
        ("👩\u200d👧👍🏽🇩🇪🇫🇷", ["👩\u200d👧", "👍🏽", "🇩🇪", "🇫🇷"]),
        ("*\ufe0f\u20e3 1\ufe0f\u20e3", ["*\ufe0f\u20e3", "1\ufe0f\u20e3"]),
        ("ไทย น้ำ", ["ไทย", "น้ำ"]),
    ],
)
def test_tokens_are_words_and_marks(text: str, found: list[str]) -> None:
    assert tokens(text, lower=True) == found


@given(st.text())
def test_tokens_of_tokens_are_the_same(text: str) -> None:
    found = tokens(text, lower=True)
    assert tokens(" ".join(found), lower=True) == found
    kept = "".join(tokens(text, lower=False))
    assert kept == "".join(text.replace("\u2019", "'").split())


def test_case_is_kept() -> None:
    assert tokens("Don't GO", lower=False) == ["Don't", "GO"]
    assert [like("big", other) for other in ("small", "Small", "SMALL", "I", "3")] == [
        "big",
        "Big",
        "BIG",
        "Big",
        "big",
    ]


def test_function_words_are_words() -> None:
    assert all(is_word(word) and word == word.lower() for word in FUNCTION_WORDS)


# İ, in lower case, is an i with a mark.
@given(st.text(st.characters(max_codepoint=0x2FF, exclude_characters="İ")))
def test_texts_without_marks_are_cut_as_they_always_were(text: str) -> None:
    assert tokens(text, lower=True) == re.findall(r"\w+(?:'\w+)*|[^\w\s]", text.lower())
    # The same text takes the other way where a character is added that may join others.
    assert tokens(f"{text} \u3042", lower=True) == [*tokens(text, lower=True), "\u3042"]
    assert letters(text) == list(text)
    assert parted(f"{text} \u3042")[:-2] == [*parted(text)[:-1], parted(text)[-1] + " "]


@given(st.text())
def test_no_word_ends_within_a_letter(text: str) -> None:
    pieces = parted(text)
    assert "".join(pieces) == text == "".join(letters(text))
    for before, after in pairwise(pieces):
        assert not (before and after and unicodedata.combining(after[0]))
    assert all(is_word(word) and not is_word(f"{word} ") for word in pieces[1::2])


def test_letters_have_their_marks() -> None:
    assert letters("नि") == ["नि"]
    assert letters("o\u0302\u0301x") == ["o\u0302\u0301", "x"]
    assert letters("👩\u200d👧") == ["👩\u200d👧"]
