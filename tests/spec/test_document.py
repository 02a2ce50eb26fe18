from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dlrun.errors import SpecError
from dlrun.spec.document import Document
from dlrun.spec.unknown import UNKNOWN


def spec(folder: Path, text: str) -> Path:
    path = folder / "spec.yaml"
    path.write_text(text)
    return path


def test_a_field_comes_ahead_of_the_facts(tmp_path: Path, lab: Any) -> None:
    text = (
        'name: a\nparams: {size: 4, out: "${classes}"}\ndata: {path: x, size: "${size}"}\n'
        'model: [dense: "${out}"]\n'
    )
    document = Document.open(spec(tmp_path, text), lab)
    assert document.field("data").size == 4
    assert document.field("rule").kind == "adam"  # the default
    assert document.build({"classes": 3}).model[0].units == 3


def test_a_field_cannot_use_facts_that_come_of_it(tmp_path: Path, lab: Any) -> None:
    text = 'name: a\ndata: {path: x, size: "${classes}"}\nmodel: [relu]\n'
    document = Document.open(spec(tmp_path, text), lab)
    assert document.field("data") is None
    with pytest.raises(SpecError, match=r"2:23: unknown \$\{classes\}"):
        document.build({"classes": UNKNOWN})


def test_every_kind_of_fault_is_raised_once_and_together(tmp_path: Path, lab: Any) -> None:
    text = "name: a\nname: b\ndata: {path: x, sise: 3}\nmodel: [dense: ${n}, foo]\n".replace(
        "${n}", '"${n}"'
    )
    document = Document.open(spec(tmp_path, text), lab, ["rul=adam"])
    assert document.field("data") is None
    with pytest.raises(SpecError) as caught:
        document.build({})
    words = ["duplicate", "sise", "unknown ${n}", "unknown block 'foo'", "unknown key 'rul'"]
    assert len(caught.value.faults) == len(words)
    for fault, word in zip(caught.value.faults, words, strict=True):
        assert word in fault


@pytest.mark.parametrize("text", ["", "# nothing", "- a\n", "text", "3"])
def test_a_file_without_keys(tmp_path: Path, lab: Any, text: str) -> None:
    with pytest.raises(SpecError, match=r"spec\.yaml:1:1: "):
        Document.open(spec(tmp_path, text), lab)


def test_content_that_has_been_read(tmp_path: Path, lab: Any) -> None:
    path = spec(tmp_path, "name: a\ndata: {path: x, size: 4}\nmodel: [dense: 2]\n")
    content, place = path.read_bytes(), tmp_path / "a.zip" / "spec.yaml"
    path.unlink()
    document = Document.of_content(content, place, lab)
    assert document.build({}).model[0].units == 2
    with pytest.raises(SpecError) as raised:
        Document.of_content(b"name: a\n", place, lab).build({})
    assert raised.value.errors[0].startswith(f"{place}:1:1: ")
