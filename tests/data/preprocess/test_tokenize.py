from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from text_cases import FORTUNES, objects

from dlrun.data.dataset import Dataset
from dlrun.data.prepared import Prepared, prepare
from dlrun.data.preprocess.pipeline import Pipeline
from dlrun.data.preprocess.standardize import Standardize
from dlrun.data.preprocess.tokenize import Tokenize
from dlrun.data.section import DataSection
from dlrun.data.sources.iris import Iris
from dlrun.data.sources.text import Text
from dlrun.data.split.section import Split
from dlrun.errors import DataError


def texts(*some: str) -> Dataset:
    codes = np.arange(len(some)) % 2
    return Dataset(objects(list(some)), codes, "classification", ("a", "b"))


def fitted(*some: str, **options: Any) -> tuple[Pipeline, np.ndarray]:
    pipeline, train = Pipeline.fit((Tokenize(**options),), texts(*some))
    assert isinstance(train.inputs, np.ndarray)
    return pipeline, train.inputs


def test_frequent_tokens_have_small_numbers() -> None:
    pipeline, found = fitted("b a b.", "A c, b")
    # b three times, a twice; then , . and c by the alphabet
    assert found.dtype == np.float32
    assert found.tolist() == [[2, 3, 2, 5, 0][:4], [3, 6, 4, 2]]
    assert pipeline.vocabulary == 7 and pipeline.columns is None
    assert pipeline.transform(objects(["x B", "c c c c c"])).tolist() == [[1, 2, 0, 0], [6] * 4]


def test_size_and_count_bound_the_vocabulary() -> None:
    assert fitted("a a a b b c", vocabulary=4)[1].tolist() == [[2, 2, 2, 3, 3, 1]]
    assert fitted("a a a b b c", min_count=3)[1].tolist() == [[2, 2, 2, 1, 1, 1]]
    pipeline, found = fitted("a b", min_count=3)
    assert found.tolist() == [[1, 1]] and pipeline.vocabulary == 2


@pytest.mark.parametrize(("keep", "kept"), [("start", [2, 3]), ("end", [4, 5])])
def test_long_texts_are_cut(keep: str, kept: list[int]) -> None:
    _, found = fitted("a b c d", "a", length=2, keep=keep)
    assert found.tolist() == [kept, [2, 0]]


def test_characters_are_tokens() -> None:
    pipeline, found = fitted("Aa\n \tb", unit="character")
    assert found.tolist() == [[2, 2, 3, 4]]  # a, blank, b
    assert fitted("Aa", unit="character", lower=False)[1].tolist() == [[2, 3]]
    with pytest.raises(ValidationError, match="characters have no synonyms"):
        Tokenize(unit="character", synonyms="common")
    assert pipeline.vocabulary == 5


def test_two_ways_to_write_a_letter_are_one() -> None:
    assert fitted("caf\u00e9 cafe\u0301")[1].tolist() == [[2, 2]]


def test_letters_keep_their_marks() -> None:
    """Composed or not, in all scripts; no word and no character is cut within a letter."""
    pipeline, found = fitted("हिन्दी लिखी")
    assert found.tolist() == [[3, 2]] and pipeline.vocabulary == 4
    pipeline, found = fitted("नि o\u0302\u0301", unit="character")
    assert found.shape == (1, 3)
    composed, apart = ("\u1ed1 य़", "o\u0302\u0301 \u095f")
    assert fitted(composed, apart)[1].tolist() == [[3, 2]] * 2 or [[2, 3]] * 2


@pytest.mark.parametrize("unit", ["word", "character"])
def test_a_vocabulary_of_earlier_rules_cuts_by_them(unit: str) -> None:
    """What runs have learned before letters kept their marks, they predict as they did."""
    steps = (Tokenize(unit=unit),)
    pipeline, _ = Pipeline.fit(steps, texts("हिन्दी caf\u00e9 don't go!"))
    state = dict(pipeline.state())
    assert state.pop("0.rules") == 2
    known = ["ह", "न", "द", "\u093f", "\u094d", "\u0940", "caf\u00e9", "don't", "go", "!"]
    state["0.vocabulary"] = np.frombuffer("\n".join(known).encode(), np.uint8)
    state["0.length"] = np.array(12)
    earlier = Pipeline.restore(steps, None, state)
    (found,) = earlier.transform(objects(["हिन्दी caf\u00e9, don't go!"])).astype(int).tolist()
    if unit == "word":
        # ह ि न ् द ी were six tokens, in their order.
        assert found == [2, 5, 3, 6, 4, 7, 8, 1, 9, 10, 11, 0]
    else:
        assert found == [2, 5, 3, 6, 4, 7, *[1] * 6]


def test_synonyms_come_behind_all_words() -> None:
    pipeline, found = fitted("the film", synonyms="common")
    assert found.tolist() == [[3, 2]]
    assert pipeline.transform(objects(["movie picture"])).tolist() == [[4, 5]]
    assert fitted("the film", synonyms="common", vocabulary=5)[0].vocabulary == 5


@given(
    some=st.lists(st.text(min_size=1).filter(str.strip), min_size=1),
    further=st.lists(st.text(), min_size=1),
    unit=st.sampled_from(["word", "character"]),
    vocabulary=st.integers(3, 30),
)
def test_a_stored_vocabulary_says_the_same(
    some: list[str], further: list[str], unit: str, vocabulary: int
) -> None:
    steps = (Tokenize(unit=unit, vocabulary=vocabulary),)
    pipeline, train = Pipeline.fit(steps, texts(*some))
    assert pipeline.vocabulary is not None and pipeline.vocabulary <= vocabulary
    again = Pipeline.restore(steps, None, pipeline.state())
    found = pipeline.transform(objects(further))
    np.testing.assert_array_equal(again.transform(objects(further)), found)
    np.testing.assert_array_equal(again.transform(objects(some)), train.inputs)
    assert found.shape == (len(further), train.inputs.shape[1])
    assert found.min() >= 0 and found.max() < pipeline.vocabulary
    for row in found:  # padding is at the end alone
        assert not row[int((row > 0).sum()) :].any()


def section(folder: Path, rows: list[str], **options: Any) -> Prepared:
    lines = [f"{row},{'ab'[number % 2]}\n" for number, row in enumerate(rows)]
    (folder / "t.csv").write_text("text,label\n" + "".join(lines))
    source, split = Text(path="t.csv"), Split(validation=0.5)
    return prepare(
        DataSection(source=source, split=split, preprocess=(Tokenize(**options),)), 0, folder
    )


def test_words_of_other_parts_are_unknown(tmp_path: Path) -> None:
    rows = [f"only{number} all" for number in range(20)]
    data = section(tmp_path, rows)
    assert data.validation is not None
    assert data.facts == {"features": 2, "classes": 2, "vocabulary": 2 + 1 + 10}
    np.testing.assert_array_equal(data.validation.inputs, [[1, 2]] * 10)
    assert (np.sort(np.asarray(data.train.inputs)[:, 0]) == np.arange(3, 13)).all()
    other = section(tmp_path, [*rows[:-1], "something all"])
    assert other.fingerprint != data.fingerprint


def test_what_does_not_fit_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="samples are texts; add tokenize"):
        (tmp_path / "t.csv").write_text("text,label\na,a\nb,b\nc,c\n")
        split = Split(validation=0)
        prepare(DataSection(source=Text(path="t.csv"), split=split), 0, tmp_path)
    with pytest.raises(DataError, match="standardize needs numbers; put tokenize before it"):
        Pipeline.fit((Standardize(), Tokenize()), texts("a"))
    with pytest.raises(DataError, match="tokenize needs texts; remove it"):
        prepare(DataSection(source=Iris(), preprocess=(Tokenize(),)), 0, tmp_path)


@pytest.mark.skipif(not FORTUNES.is_dir(), reason="Debian's fortunes are not installed")
def test_real_texts_become_numbers() -> None:
    real = [text for text in (FORTUNES / "science").read_text().split("\n%\n") if text.strip()]
    pipeline, found = fitted(*real, length=50, vocabulary=1000)
    assert pipeline.vocabulary == 1000 and found.shape == (len(real), 50)
    known = (found > 1).sum() / (found > 0).sum()
    assert 0.6 < known < 0.95
