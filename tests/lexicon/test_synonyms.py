from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.errors import DataError
from dlrun.lexicon import synonyms, wordnet
from dlrun.lexicon.synonyms import read_synonyms
from dlrun.lexicon.words import FUNCTION_WORDS, is_word


def test_our_table_is_one() -> None:
    path = Path(synonyms.__file__).with_name("common.txt")
    lines = [line for line in path.read_text().splitlines() if line and line[0] != "#"]
    assert len(lines) > 800 and len(lines) == len(set(lines))
    words = {word for line in lines for word in line.split(", ")}
    table = read_synonyms("common")
    for word in words:
        assert is_word(word) and word == word.lower() and word not in FUNCTION_WORDS
        assert table.of(word) and word not in table.of(word)
        assert all(word in table.of(other) for other in table.of(word))
    assert table.of("Movie") == table.of("movie") and "film" in table.of("movie")
    assert not table.of("the") and not table.of("xyzzy")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("big, large\nalone\n", ":2: 'alone' is alone"),
        ("big, Big\n", ":1: 'big' is alone"),
        ("ice cream, gelato\n", ":1: 'ice cream' is not a word"),
        ("big,\n", ":1: '' is not a word"),
        ("# nothing\n\n", ": no groups"),
    ],
)
def test_faults_of_a_table_have_their_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "own.txt"
    path.write_text(text)
    with pytest.raises(DataError) as raised:
        read_synonyms(str(path))
    assert str(raised.value).startswith(f"{path}{says}")


def test_a_table_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "own.txt"
    path.write_bytes(b"big, large\ngro\xdf, large\n")
    with pytest.raises(DataError, match=r"own\.txt:2: not UTF-8 text"):
        read_synonyms(str(path))


@pytest.mark.slow
@given(
    st.lists(
        st.lists(st.from_regex(r"[a-z]{3,9}", fullmatch=True), min_size=2, unique=True), min_size=1
    )
)
def test_a_table_says_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, groups: list[list[str]]
) -> None:
    path = tmp_path_factory.mktemp("table") / "own.txt"
    path.write_text("".join(f"{', '.join(group)} # said\n" for group in groups))
    table = read_synonyms(str(path))
    for word in {word for group in groups for word in group} - FUNCTION_WORDS:
        found = {other for group in groups if word in group for other in group} - {word}
        assert set(table.of(word)) == found


INDEX = (
    "big a 2 1 & 2 {tagged} 00000100 00000200  \n"
    "huge a 1 0 1 0 00000200  \n"
    "ice_cream n 1 0 1 0 00000100  \n"
)
DATA = (
    "  1 a licence, indented\n"
    "00000100 00 a 03 big 0 large(a) 1 very_big 0 000 | of size  \n"
    "00000200 00 a 02 huge 0 Large 0 000 | of more size  \n"
)


def write(folder: Path, tagged: dict[str, int]) -> None:
    for part in ("noun", "verb", "adj", "adv"):
        index = INDEX.format(tagged=tagged.get(part, 0))
        (folder / f"index.{part}").write_text(index)
        (folder / f"data.{part}").write_text(
            DATA if part != "adv" else DATA.replace("large", "grand")
        )


def test_the_first_sense_of_the_most_frequent_part_of_speech_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"adv": 7})
    table = read_synonyms(str(tmp_path))
    assert table.of("big") == ("grand",) and table.of("huge") == ("Large",)
    assert not table.of("ice_cream")
    monkeypatch.setenv("WNSEARCHDIR", str(tmp_path))
    assert wordnet.installed() == tmp_path


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("index.verb", "big a\n", "index.verb:1: not a line of a WordNet index"),
        ("data.adj", "  licence\n1 00 a zz big\n", "data.adj:2: not a line of a WordNet data file"),
        ("data.adj", "00000001 00 a 04 big 0 large\n", "data.adj:1: not a line"),
    ],
)
def test_broken_files_of_wordnet_are_named(tmp_path: Path, file: str, text: str, says: str) -> None:
    write(tmp_path, {})
    (tmp_path / file).write_text(text)
    with pytest.raises(DataError, match=says):
        read_synonyms(str(tmp_path))
    (tmp_path / file).unlink()
    with pytest.raises(DataError, match=f"{file}: cannot be read"):
        read_synonyms(str(tmp_path))


def test_no_pipe_is_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "words.txt")
    with pytest.raises(DataError, match=r"words\.txt: is not a regular file but a pipe"):
        read_synonyms(str(tmp_path / "words.txt"))
    write(tmp_path, {})
    (tmp_path / "index.verb").unlink()
    os.mkfifo(tmp_path / "index.verb")
    with pytest.raises(DataError, match=r"index\.verb: is not a regular file but a pipe"):
        read_synonyms(str(tmp_path))


def test_no_wordnet_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wordnet, "_FOLDERS", ())
    monkeypatch.delenv("WNHOME", raising=False)
    monkeypatch.delenv("WNSEARCHDIR", raising=False)
    with pytest.raises(DataError, match="WordNet is not installed; install wordnet-base"):
        wordnet.installed()


def test_wordnet_where_it_is_installed() -> None:
    try:
        wordnet.installed()
    except DataError:
        pytest.skip("WordNet is not installed")
    table = read_synonyms("wordnet")
    assert "movie" in table.of("film") and "rapidly" in table.of("quickly")
    assert not table.of("in")
