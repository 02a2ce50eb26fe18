from __future__ import annotations

from pathlib import Path

import pytest

from dlrun.errors import DataError, InputError
from dlrun.run_directory.tags import FILE, Tags, read_tags, write_tags


def test_tags_are_sorted_and_each_is_there_once() -> None:
    tags = Tags(("b",)).changed(["a", "b", "a"], ["c"], "note")
    assert tags == Tags(("a", "b"), "note")
    assert tags.changed([], ["a"]) == Tags(("b",), "note")
    assert tags.changed(note="") == Tags(("a", "b"))


@pytest.mark.parametrize("tag", ["", "a b", "a,b", "-a", "a\x1b", "x" * 101])
def test_a_tag_is_a_word(tag: str) -> None:
    with pytest.raises(InputError, match="cannot be a tag"):
        Tags().changed([tag])


def test_what_is_written_is_read(tmp_path: Path) -> None:
    assert read_tags(tmp_path) == Tags()
    tags = Tags(("a", "ä.1/x"), "two\nlines")
    write_tags(tmp_path, tags)
    assert read_tags(tmp_path) == tags
    write_tags(tmp_path, Tags())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text", ["[]", '{"tags": "a"}', '{"tags": [1]}', '{"tags": ["a b"]}', '{"note": 1}', "{"]
)
def test_a_broken_file_is_one_error(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(DataError, match=r"tags\.json") as caught:
        read_tags(tmp_path)
    assert len(caught.value.lines()) == 1
