from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.lexicon.words import FUNCTION_WORDS, WORD, like, tokens


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Don't go, now!", ["don't", "go", ",", "now", "!"]),
        ("Don\u2019t", ["don't"]),
        ("'quoted' rock'n'roll", ["'", "quoted", "'", "rock'n'roll"]),
        ("3.5 e-mails…", ["3", ".", "5", "e", "-", "mails", "…"]),
        ("Straße 日本語 🙂", ["straße", "日本語", "🙂"]),
        (" \t\n", []),
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
    assert all(WORD.fullmatch(word) and word == word.lower() for word in FUNCTION_WORDS)
