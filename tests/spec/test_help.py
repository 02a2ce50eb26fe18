from __future__ import annotations

from typing import Any

import pytest

from dlrun.spec import help as words
from dlrun.spec.phrases import type_text


def test_fields_say_type_default_and_meaning(lab: Any) -> None:
    block = lab.model_fields["model"].annotation.__args__[0].family
    dense = {field.name: field for field in words.fields(block["dense"])}
    assert (dense["units"].type, dense["units"].default) == ("whole number > 0", "")
    assert dense["units"].text == "Outputs."
    assert (dense["bias"].type, dense["bias"].default) == ("true or false", "true")
    assert dense["start"].type == "rule or null"
    conv = {field.name: field for field in words.fields(block["conv"])}
    assert (conv["padding"].type, conv["padding"].default) == ("one of same, valid", "same")


def test_meanings_are_inherited_and_the_main_field_is_first(lab: Any) -> None:
    rule = lab.model_fields["rule"].annotation.family
    first = words.fields(rule["adam"])[0]
    assert (first.name, first.text, first.default) == ("lr", "Learning rate.", "0.001")
    assert words.summary(rule["sgd"]) == "Has a rule between two fields."


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (tuple[int, ...], "list of whole number"),
        (tuple[int, int], "list of 2, each whole number"),
        (tuple[int, str], "list of 2: whole number, text"),
        (int | tuple[int, int], "whole number or list of 2 such values"),
        (int | tuple[float, float] | None, "whole number or list of 2, each number or null"),
    ],
)
def test_lists_are_said_once(annotation: Any, text: str) -> None:
    assert type_text(annotation) == text
