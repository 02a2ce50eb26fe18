from __future__ import annotations

import re
from collections.abc import Callable
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.augment.text import paraphrase, paraphrasers, rules
from dlrun.augment.text.generator import Generator
from dlrun.augment.text.paraphrase import Paraphrase
from dlrun.augment.text.rules.clauses import clauses
from dlrun.augment.text.rules.contractions import PAIRS, contractions
from dlrun.augment.text.rules.phrases import read_phrases, read_table
from dlrun.augment.text.rules.voice import PARTICIPLES, voice
from dlrun.errors import DataError, InputError


def always() -> bool:
    return True


def never() -> bool:
    return False


@pytest.mark.parametrize("short", sorted(PAIRS))
@pytest.mark.parametrize("write", [str, str.upper, str.capitalize])
def test_contractions_undo_themselves(short: str, write: type[str]) -> None:
    for form in (short, PAIRS[short]):
        said = write(f"{form} been here")
        if write is str.capitalize:  # which makes all but the first letter small
            said = said.replace(" i ", " I ")
        other = contractions(said, always)
        assert other != said and contractions(other, always) == said
        assert contractions(said, never) == said


@pytest.mark.parametrize(
    ("sentence", "other"),
    [
        ("I don't know.", "I do not know."),
        ("I don\u2019t know.", "I do not know."),
        ("It is not what I am.", "It isn't what I am."),
        ("Don't you know?", "Don't you know?"),
        ("They have a car.", "They have a car."),
        ("They have been away.", "They've been away."),
        ("He's at Bill's.", "He's at Bill's."),
        ("I will not.", "I won't."),
        ("we are; you are", "we are; you are"),
    ],
)
def test_contractions_are_drawn_where_they_are_safe(sentence: str, other: str) -> None:
    assert contractions(sentence, always) == other


@pytest.mark.parametrize(
    ("sentence", "other"),
    [
        ("If it rains, we stay home.", "We stay home if it rains."),
        ("when it rains, we stay home", "we stay home when it rains"),
        ("We left because it rained. ", "Because it rained, we left. "),
        ("I won although he cheated!", "Although he cheated, I won!"),
        ("John left because it rained.", "John left because it rained."),
        ("I ask if it rains.", "I ask if it rains."),
        ("If it rains, and if it snows, we stay.", "If it rains, and if it snows, we stay."),
        ("If it rains, then we stay.", "If it rains, then we stay."),
        ("We left just because it rained.", "We left just because it rained."),
        ("If it rains, do we stay?", "If it rains, do we stay?"),
    ],
)
def test_clauses_change_places_where_that_is_safe(sentence: str, other: str) -> None:
    assert clauses(sentence, always) == other
    assert clauses(sentence, never) == sentence


@pytest.mark.parametrize(
    ("sentence", "other"),
    [
        ("The dog ate the cake.", "The cake was eaten by the dog."),
        ("my old sister wrote the letters", "the letters were written by my old sister"),
        ("The children were taught by a nun!", "A nun taught the children!"),
        ("The cake was eaten by the evening.", "The cake was eaten by the evening."),
        ("The dog slept by the fire.", "The dog slept by the fire."),
        ("The dog ate the cake yesterday, too.", "The dog ate the cake yesterday, too."),
    ],
)
def test_voice_changes_where_that_is_safe(sentence: str, other: str) -> None:
    assert voice(sentence, always) == other
    assert voice(sentence, never) == sentence


@pytest.mark.parametrize("verb", sorted(PARTICIPLES))
def test_voice_undoes_itself(verb: str) -> None:
    sentence = f"The dog {verb} the boxes."
    passive = voice(sentence, always)
    assert passive == f"The boxes were {PARTICIPLES[verb]} by the dog."
    assert voice(passive, always) == sentence


def test_phrases_go_both_ways_or_one() -> None:
    rule = read_phrases("common")
    assert rule("Despite  the rain", always) == "In spite of  the rain"
    assert rule("in spite\nof it", always) == "despite it"
    assert rule("in order to win", always) == "to win" and rule("to win", always) == "to win"
    assert rule("a lot of it", never) == "a lot of it"
    assert rule("a lottery of", always) == "a lottery of"


def test_our_table_says_nothing_twice() -> None:
    import dlrun.augment.text.rules.phrases as phrases

    table = read_table(Path(phrases.__file__).with_name("phrases.txt"))
    assert len(table) > 100
    assert all(one == " ".join(one.lower().split()) for one in table)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a b\n", ":1: write 'one = other'"),
        ("\na = b > c\n", ":2: write 'one = other'"),
        ("a =\n", ":1: a line needs two different phrases"),
        ("a = A\n", ":1: a line needs two different phrases"),
        ("a > b\na = c\n", ":2: 'a' already becomes 'b'"),
        ("# nothing\n", ": no phrases"),
    ],
)
def test_faults_of_a_table_have_their_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "phrases.txt"
    path.write_text(text)
    with pytest.raises(DataError) as raised:
        read_table(path)
    assert str(raised.value).startswith(f"{path}{says}")


PHRASE = st.from_regex(r"[a-z]{1,6}( [a-z]{1,6}){0,2}", fullmatch=True)


@given(st.dictionaries(PHRASE, PHRASE, min_size=1), st.sampled_from([" > ", ">", "  >\t"]))
def test_tables_say_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, table: dict[str, str], sign: str
) -> None:
    table = {one: other for one, other in table.items() if one != other} or {"a": "b"}
    path = tmp_path_factory.mktemp("table") / "phrases.txt"
    path.write_text("".join(f"{one}{sign}{other}  # said\n\n" for one, other in table.items()))
    assert read_table(path) == table


def test_rules_are_those_that_are_asked_for() -> None:
    text = "I don't know. In spite of it, the dog ate the cake. The dog ate the cake."
    only = Paraphrase(share=1.0, rules=("voice",)).change(text, Generator(1))
    assert only == text.removesuffix("The dog ate the cake.") + "The cake was eaten by the dog."
    every = Paraphrase(share=1.0).change(text, Generator(1))
    assert every.startswith("I do not know. Despite it")


def test_a_table_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("big apple = new york\n")
    own = Paraphrase(share=1.0, rules=("phrases",), phrases="own.txt").anchored(tmp_path)
    own.check((), "classification")
    assert own.change("In the Big apple", Generator(1)) == "In the New york"
    with pytest.raises(DataError, match="No such file"):
        Paraphrase(phrases="none.txt").anchored(tmp_path).check((), "classification")


def backwards(text: str, seed: int) -> str:
    return f"{text[::-1]} {seed % 2}"


def nothing(text: str, seed: int) -> str:
    return " "


def test_an_installed_paraphraser_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    found = EntryPoints(
        EntryPoint(name, f"{__name__}:{name}", paraphrasers.GROUP)
        for name in ("backwards", "nothing", "broken")
    )
    monkeypatch.setattr(paraphrasers, "entry_points", lambda group: found.select(group=group))
    monkeypatch.setattr(EntryPoint, "load", lambda self: globals()[self.name])
    paraphrasers.paraphraser.cache_clear()
    by = Paraphrase(share=1.0, by="backwards")
    by.check((), "classification")
    assert {by.change("abc", Generator(key)) for key in range(9)} == {"cba 0", "cba 1"}
    assert by.change("abc", Generator(1)) == by.change("abc", Generator(1))
    assert Paraphrase(share=0.0, by="backwards").change("abc", Generator(1)) == "abc"
    assert Paraphrase(share=1.0, by="nothing").change("abc", Generator(1)) == "abc"
    with pytest.raises(InputError, match="'broken' cannot be loaded: KeyError"):
        Paraphrase(by="broken").check((), "classification")
    with pytest.raises(
        InputError, match="no paraphraser 'other' is installed; installed are: back"
    ):
        Paraphrase(by="other").check((), "classification")
    paraphrasers.paraphraser.cache_clear()


PIECES = [*read_table(Path(rules.__file__).with_name("phrases.txt")), *PAIRS, *PAIRS.values()]


@given(
    parts=st.lists(
        st.sampled_from([*PIECES, "we", "not", "is", "'", ",", "don't you"]), max_size=9
    ),
    write=st.sampled_from([str, str.upper, str.title]),
)
def test_texts_in_ascii_are_searched_like_others(
    parts: list[str], write: Callable[[str], str]
) -> None:
    text = write(" ".join(parts))
    for rule in (read_phrases("common"), contractions):
        plain, accented = rule(f"{text} aqq.", always), rule(f"{text} \u00e4qq.", always)
        assert plain.endswith(" aqq.") and plain[:-5] == accented[:-5]


@given(st.text(alphabet="ab.!? \n", max_size=30))
def test_sentences_are_those_of_a_regular_expression(text: str) -> None:
    seen: list[str] = []

    def listens(sentence: str, chance: object) -> str:
        seen.append(sentence)
        return sentence

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(paraphrase._OURS, "voice", listens)
        assert Paraphrase(rules=("voice",)).change(text, Generator(1)) == text
    assert seen == re.findall(r"(?s)(.+?(?:[.!?]+(?=\s|\Z)\s*|\Z))", text)
