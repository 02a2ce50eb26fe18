"""Synonyms, insertion, swaps and deletion."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.augment.text.generator import Generator
from dlrun.augment.text.random_deletion import RandomDeletion
from dlrun.augment.text.random_insertion import RandomInsertion
from dlrun.augment.text.random_swap import RandomSwap
from dlrun.augment.text.synonym_replacement import SynonymReplacement
from dlrun.errors import DataError
from dlrun.lexicon.synonyms import read_synonyms
from dlrun.lexicon.words import parted

KEYS = st.integers(0, 2**64 - 1)
TEXT = "The big film was terrible, and the story quickly became boring."


def words(text: str) -> Counter[str]:
    return Counter(parted(text)[1::2])


@given(KEYS)
def test_replaced_words_are_synonyms_in_the_same_place(key: int) -> None:
    found = SynonymReplacement(share=0.3).change(TEXT, Generator(key))
    before, after = parted(TEXT)[1::2], parted(found)[1::2]
    assert parted(found)[::2] == parted(TEXT)[::2]
    different = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    assert len(different) in (3, 4)  # of 11 words
    assert all(new in read_synonyms("common").of(old) for old, new in different)


def test_capital_letters_stay() -> None:
    every = SynonymReplacement(share=1.0)
    found = every.change("Movies ARE Great. TERRIBLE!", Generator(3))
    assert [word[0].isupper() for word in found.split()] == [True] * 4
    assert found.split()[1] == "ARE" and found.split()[3].isupper()


@given(KEYS)
def test_nothing_but_synonyms_is_put_in(key: int) -> None:
    found = RandomInsertion(share=0.3).change(TEXT, Generator(key))
    new = words(found) - words(TEXT)
    table = read_synonyms("common")
    fits = {synonym for word in parted(TEXT)[1::2] for synonym in table.of(word)}
    assert not words(TEXT) - words(found) and set(new) <= fits
    assert sum(new.values()) in (3, 4)


def test_without_synonyms_nothing_is_put_in() -> None:
    assert RandomInsertion(share=1.0).change("of the xyzzy", Generator(1)) == "of the xyzzy"


@given(KEYS, st.text())
def test_a_swap_keeps_all_words(key: int, text: str) -> None:
    found = RandomSwap(share=0.5).change(text, Generator(key))
    assert sorted(parted(found)[1::2]) == sorted(parted(text)[1::2])


def test_one_swap_moves_two_words() -> None:
    text = "a b c d e f g h i j"
    found = RandomSwap(share=0.1).change(text, Generator(3))
    assert sum(one != other for one, other in zip(text.split(), found.split(), strict=True)) == 2


@given(KEYS, st.lists(st.sampled_from(["some", "words", "a"]), min_size=1))
def test_deletion_never_empties_a_text(key: int, some: list[str]) -> None:
    text = " ".join(some)
    found = RandomDeletion(share=1.0).change(text, Generator(key))
    assert len(found.split()) == 1 and not words(found) - words(text)


def test_deletion_leaves_the_share_that_it_says() -> None:
    text = " ".join(["word"] * 1000)
    left = len(RandomDeletion(share=0.3).change(text, Generator(9)).split())
    assert abs(left - 700) < 5 * 15


def test_a_table_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("# mine\nxyzzy, plugh\n")
    own = SynonymReplacement(share=1.0, synonyms="own.txt").anchored(tmp_path)
    own.check((), "classification")
    assert own.change("an Xyzzy of big size", Generator(0)) == "an Plugh of big size"
    assert SynonymReplacement().anchored(tmp_path).synonyms == "common"
    with pytest.raises(DataError, match=r"nothing\.txt: No such file"):
        RandomInsertion(synonyms="nothing.txt").anchored(tmp_path).check((), "classification")
