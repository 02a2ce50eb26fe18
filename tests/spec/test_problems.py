from __future__ import annotations

import pytest

from dlrun.errors import SpecError
from dlrun.spec.origin import InFile, InMapping, InOverride, Interpolated
from dlrun.spec.problems import Problems, did_you_mean


def test_lines_are_in_the_order_of_the_file_with_overrides_last() -> None:
    problems = Problems()
    problems.add(InOverride("a=1"), "third")
    problems.add(InFile("f", 10, 1), "second")
    used = Interpolated(InFile("f", 9, 1), "x", InFile("f", 20, 1))
    problems.add(used, "first", "do this")
    assert problems.lines() == [
        "f:9:1: first; do this",
        "f:10:1: second",
        "override a=1: third",
    ]


def test_items_of_a_mapping_are_in_the_order_of_their_numbers() -> None:
    problems = Problems()
    for number in (10, 9, 2, 11):
        problems.add(InMapping("spec", f"metrics.{number}"), "x")
    problems.add(InFile("f", 1, 1), "first")
    assert problems.lines() == [
        "f:1:1: first",
        *(f"spec: metrics.{number}: x" for number in (2, 9, 10, 11)),
    ]


def test_the_same_fault_counts_once() -> None:
    problems = Problems()
    problems.raise_if_any()
    for _ in range(2):
        problems.add(InFile("f", 1, 1), "x")
    with pytest.raises(SpecError) as caught:
        problems.raise_if_any()
    assert caught.value.faults == ("f:1:1: x",)


def test_advice_for_a_misspelt_word() -> None:
    assert did_you_mean("ADMA", ["sgd", "adam"]) == "did you mean 'adam'?"
    assert did_you_mean("adma", ["adamax", "adam"]) == "did you mean 'adam'?"
    assert did_you_mean("adamx", ["adamax", "adam"]) == "did you mean 'adamax'?"
    assert did_you_mean("zzz", ["b", "a"]) == "known: a, b"
    assert did_you_mean("zzz", []) == "none is known here"
