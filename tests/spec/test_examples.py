from __future__ import annotations

from typing import Any, ClassVar, Literal

import pytest
from pydantic import PositiveInt, model_validator

from dlrun.spec.component import Component
from dlrun.spec.examples import examples
from dlrun.spec.registry import Registry


class Shape(Component):
    family: ClassVar = Registry["Shape"]("shape")


class Round(Shape):
    pass


class Box(Component):
    sides: PositiveInt
    kind_of: Literal["open", "closed"] = "open"
    size: PositiveInt | tuple[PositiveInt, PositiveInt] = 3
    lid: bool = False
    share: float = 0.0
    inner: Shape | None = None
    inside: tuple[Shape, ...] = ()
    label: str = ""

    @model_validator(mode="after")
    def _closed_has_a_lid(self) -> Box:
        if self.lid and self.sides < 2:
            raise ValueError("a lid needs two sides")
        return self


def test_one_with_the_least_and_others_that_differ_in_a_field() -> None:
    first, *others = examples(Box, {Shape: Round()})
    assert first == Box(sides=2)
    changed = [
        {name: value for name, value in vars(each).items() if value != vars(first)[name]}
        for each in others
    ]
    expected: list[dict[str, Any]] = [
        {"sides": 1},
        {"kind_of": "closed"},
        {"size": 2},
        {"size": 1},
        {"size": (2, 2)},
        {"lid": True},
        {"share": 0.5},
        {"inner": Round()},
        {"inside": (Round(),)},
    ]
    assert changed == expected


class Pickier(Component):
    first: PositiveInt
    second: PositiveInt
    name: str = "a"
    examples: ClassVar = ({"first": 1, "second": 2, "name": "b"},)

    @model_validator(mode="after")
    def _ordered(self) -> Pickier:
        if self.first >= self.second:
            raise ValueError("first comes first")
        return self


def test_fields_that_need_one_another_are_found_together() -> None:
    assert examples(Pickier, {})[0] == Pickier(first=1, second=2)


def test_a_class_adds_its_own() -> None:
    assert examples(Pickier, {})[-1] == Pickier(first=1, second=2, name="b")


class Named(Component):
    name: str


def test_what_cannot_be_guessed_is_left_to_the_class() -> None:
    assert examples(Named, {}) == []


class Wrong(Component):
    name: str
    examples: ClassVar = ({"nam": "a"},)


def test_a_wrong_example_is_a_fault() -> None:
    with pytest.raises(ValueError, match="nam"):
        examples(Wrong, {})
