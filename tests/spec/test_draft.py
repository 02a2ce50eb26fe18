from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dlrun.spec.document import Document
from dlrun.spec.draft import Draft


@pytest.fixture
def draft(lab: type[Any], tmp_path: Path) -> Any:
    def of(text: str) -> Draft[Any]:
        path = tmp_path / "spec.yaml"
        path.write_text(text)
        return Document.open(path, lab).draft({})

    return of


def test_without_errors_it_is_the_whole(draft: Any) -> None:
    found = draft("name: a\ndata: {path: x}\nmodel: [relu]\n")
    assert found.failed == frozenset()
    assert found.has("name", "data.path", "model")
    assert [each.kind for each in found.part.model] == ["relu"]


def test_fields_with_errors_are_left_out_and_the_others_are_built(draft: Any) -> None:
    found = draft(
        "name: 3\ndata: {path: x, size: 0}\nmodel: [relu, densee, dense: 2]\nrule: adma\n"
        "stopping: {monitor: acc, patience: -1}\nmax_time: 1h\n"
    )
    assert found.failed == {"name", "data.size", "model", "rule", "stopping.patience"}
    assert found.has("data.path", "stopping.monitor", "max_time")
    assert not found.has("data") and not found.has("data.size.x") and not found.has("model")
    assert (found.part.data.path, found.part.data.size) == ("x", 8)
    assert [each.kind for each in found.part.model] == ["relu", "dense"]
    assert (found.part.rule.kind, found.part.stopping.monitor) == ("adam", "acc")
    assert not hasattr(found.part, "name")
    assert str(found.part.stopping.place_of("monitor")).endswith("spec.yaml:5:21")


@pytest.mark.parametrize(
    ("text", "failed"),
    [
        ("data: {path: x}\nmodel: [relu]\n", "name"),
        ("name: a\nmodel: [relu]\ndata: 3\n", "data.path"),
        ("name: a\nmodel: [relu]\ndata: {path: x, sise: 3}\n", "data.size"),
        ("name: ${b}\nmodel: [relu]\ndata: {path: x}\n", "name"),
        ("name: a\nmodel: []\ndata: {path: x}\n", "model"),
        ("name: a\nmodel: relu\ndata: {path: x}\n", "model"),
    ],
)
def test_what_failed(draft: Any, text: str, failed: str) -> None:
    assert draft(text).failed == {failed}
