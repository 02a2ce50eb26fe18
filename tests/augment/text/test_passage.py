from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.augment.text.passage import Passage


@given(st.text())
def test_a_passage_is_its_text(text: str) -> None:
    assert str(Passage(text)) == text


@pytest.mark.parametrize(
    ("text", "place", "left"),
    [
        ("one two, three.", 0, "two, three."),
        ("one two, three.", 1, "one, three."),
        ("one two, three.", 2, "one two,."),
        ("say (quickly) it", 1, "say () it"),
        ("word", 0, ""),
    ],
)
def test_a_word_is_taken_out(text: str, place: int, left: str) -> None:
    passage = Passage(text)
    passage.remove(place)
    assert str(passage) == left


@pytest.mark.parametrize(
    ("text", "place", "found"),
    [
        ("one, two.", 0, "NEW one, two."),
        ("one, two.", 1, "one, NEW two."),
        ("one, two.", 2, "one, two NEW."),
        ("“one”", 0, "“NEW one”"),
    ],
)
def test_a_word_is_put_in(text: str, place: int, found: str) -> None:
    passage = Passage(text)
    passage.insert(place, "NEW")
    assert str(passage) == found


@given(st.text(), st.data())
def test_words_are_those_that_were_left_or_put_in(text: str, data: st.DataObject) -> None:
    passage = Passage(text)
    place = data.draw(st.integers(0, len(passage.words)))
    expected = [*passage.words[:place], "new", *passage.words[place:]]
    passage.insert(place, "new")
    assert passage.words == expected and len(passage.gaps) == len(expected) + 1
    del expected[place]
    passage.remove(place)
    assert passage.words == expected and len(passage.gaps) == len(expected) + 1
