from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from text_cases import CASES, FORTUNES, STILL, objects, texts

from dlrun.arrays import Array
from dlrun.augment.augmenter import Augmenter
from dlrun.augment.draws import Draws
from dlrun.augment.images.flip import Flip
from dlrun.augment.mixing.mixup import Mixup
from dlrun.augment.text.generator import Generator
from dlrun.augment.text.random_swap import RandomSwap
from dlrun.augment.text.text import PassageAugmentation, TextAugmentation
from dlrun.augment.text.typos import Typos
from dlrun.errors import ShapeError
from dlrun.lexicon.words import letters
from dlrun.nn.kernels import numpy_kernels

TEXTS = texts()
N = len(TEXTS)
TARGETS = np.arange(N) % 3

every = pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)


def changed(
    augmentations: list[TextAugmentation], rows: Array, seed: int = 1, epoch: int = 1
) -> tuple[Array, Array]:
    def read(at: Array) -> tuple[Array, Array]:
        return TEXTS[at], TARGETS[at]

    return Augmenter(augmentations, seed, read, N, numpy_kernels().augment)(epoch, rows)


@every
def test_texts_stay_texts_and_labels_stay(case: TextAugmentation) -> None:
    before = TEXTS.copy()
    different = 0
    for epoch in range(1, 9):
        found, targets = changed([case], np.arange(N), epoch=epoch)
        assert found.shape == TEXTS.shape and found.dtype == object
        assert all(isinstance(text, str) and text.strip() for text in found)
        np.testing.assert_array_equal(targets, TARGETS)
        different += int((found != TEXTS).sum())
    assert different > 8
    np.testing.assert_array_equal(TEXTS, before)


MARKED = "हिन्दी में लिखी कहानी, un cafe\u0301 tre\u0300s fort o\u0302\u0301 👍🏽"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}-{case.share}")
def test_letters_keep_their_marks(case: TextAugmentation) -> None:
    """Whatever is changed, no mark comes to another letter, and none is lost without its letter."""
    given = objects([MARKED] * 60)
    before = set(letters(unicodedata.normalize("NFC", MARKED)))

    def read(at: Array) -> tuple[Array, Array]:
        return given[at], at

    found, _ = Augmenter([case], 3, read, 60, numpy_kernels().augment)(1, np.arange(60))
    for text in found:
        assert unicodedata.is_normalized("NFC", text)
        marked = {each for each in letters(text) if not each.isascii()}
        assert marked <= before


@pytest.mark.parametrize("case", STILL, ids=lambda case: f"{case.kind}-{case.share}")
def test_no_strength_changes_nothing(case: TextAugmentation) -> None:
    np.testing.assert_array_equal(changed([case], np.arange(N))[0], TEXTS)


@every
@settings(max_examples=10)
@given(data=st.data())
def test_a_text_becomes_the_same_whatever_its_batch(
    case: TextAugmentation, data: st.DataObject
) -> None:
    rows = np.array(data.draw(st.lists(st.integers(0, N - 1), min_size=1, max_size=N)))
    seed, epoch = data.draw(st.integers(0, 2**63 - 1)), data.draw(st.integers(1, 100))
    half = case.model_copy(update={"probability": 0.5})
    whole = changed([half, case], np.arange(N), seed, epoch)[0]
    np.testing.assert_array_equal(changed([half, case], rows, seed, epoch)[0], whole[rows])


WORDS = [case for case in CASES if isinstance(case, PassageAugmentation)]


def one_after_the_other(chain: list[PassageAugmentation], given: list[str]) -> Array:
    rows, found = np.arange(len(given)), objects(given)
    for position, each in enumerate(chain):
        draws = Draws.of(1, 1, position, rows)
        chosen = draws.chance(each.probability)
        found[chosen] = each.apply(found[chosen], draws.some(chosen), numpy_kernels().augment)
    return found


def in_a_passage(chain: list[PassageAugmentation], given: list[str]) -> Array:
    def read(at: Array) -> tuple[Array, Array]:
        return objects(given)[at], at

    make = Augmenter(chain, 1, read, len(given), numpy_kernels().augment)
    return make(1, np.arange(len(given)))[0]


@settings(max_examples=50)
@given(
    chain=st.lists(st.sampled_from(WORDS), min_size=2, max_size=4),
    given=st.lists(
        st.text(alphabet=st.sampled_from("ab '\u2019\u0301é.,\u200dGgreat")), min_size=3
    ),
)
def test_a_shared_passage_does_not_show(chain: list[PassageAugmentation], given: list[str]) -> None:
    half = [each.model_copy(update={"probability": 0.6}) for each in chain]
    np.testing.assert_array_equal(in_a_passage(half, given), one_after_the_other(half, given))


def test_words_with_typing_errors_are_split_again() -> None:
    """Without its last letter, the apostrophe of "don't" is no part of a word."""
    chain = [Typos(share=1.0, kinds=("drop",)), RandomSwap(share=1.0)]
    given = ["We don't, they can't: you won't and she isn't."] * 50
    np.testing.assert_array_equal(in_a_passage(chain, given), one_after_the_other(chain, given))


@every
@pytest.mark.parametrize("seed, epoch", [(2, 1), (1, 2)])
def test_another_seed_or_epoch_gives_others(case: TextAugmentation, seed: int, epoch: int) -> None:
    rows = np.arange(N)
    assert np.any(changed([case], rows, seed, epoch)[0] != changed([case], rows)[0])


@every
@settings(max_examples=50)
@given(text=st.text(), key=st.integers(0, 2**64 - 1))
def test_any_text_is_taken(case: TextAugmentation, text: str, key: int) -> None:
    found = case.change(text, Generator(key))
    assert bool(found.strip()) == bool(text.strip())
    assert case.change(text, Generator(key)) == found


@every
def test_numbers_are_refused(case: TextAugmentation) -> None:
    case.check((), "classification")
    with pytest.raises(ShapeError, match=f"{case.kind} changes texts; samples are arrays of"):
        case.check((8, 8), "classification")


def test_what_changes_numbers_refuses_texts() -> None:
    with pytest.raises(ShapeError, match=r"flip changes images.*samples are texts"):
        Flip().check((), "classification")
    with pytest.raises(ShapeError, match="mixup mixes numeric samples; samples are texts"):
        Mixup().check((), "classification")


@every
@pytest.mark.skipif(not FORTUNES.is_dir(), reason="Debian's fortunes are not installed")
def test_real_texts_are_changed_and_stay(case: TextAugmentation) -> None:
    real = (FORTUNES / "science").read_text(encoding="utf-8").split("\n%\n")
    real = [text for text in real if text.strip()][:300]
    assert len(real) > 100
    given = objects(real)

    def read(rows: Array) -> tuple[Array, Array]:
        return given[rows], rows

    make = Augmenter([case], 0, read, len(real), numpy_kernels().augment)
    found = make(1, np.arange(len(real)))[0]
    assert all(text.strip() for text in found)
    assert (found != given).mean() > (0.8 if case.kind != "paraphrase" else 0.05)
    np.testing.assert_array_equal(make(1, np.array([7, 3]))[0], found[[7, 3]])
