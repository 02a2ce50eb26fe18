from __future__ import annotations

from sampler_conformance import SamplerConformance
from spaces import SMALL, space_of

from dlrun.search.samplers.grid import Grid


class TestGrid(SamplerConformance):
    sampler = Grid()


def test_a_grid_is_the_product_in_order() -> None:
    space = space_of("space: {a: {integer: [1, 2]}, b: [y, x]}")
    found = Grid().suggest(space, [], [], 9, 0)
    assert found == [
        {"a": 1, "b": "y"},
        {"a": 1, "b": "x"},
        {"a": 2, "b": "y"},
        {"a": 2, "b": "x"},
    ]


def test_a_key_that_does_not_count_multiplies_nothing() -> None:
    found = Grid().suggest(space_of(SMALL), [], [], 9, 0)
    assert found == [
        {"a": "x", "b": 1, "c": 7},
        {"a": "x", "b": 2, "c": 7},
        {"a": "x", "b": 3, "c": 7},
        {"a": "y", "c": 7},
    ]


def test_points_are_those_of_ranges() -> None:
    text = "space: {a: {uniform: [0, 1]}, b: {log_uniform: [1e-4, 1]}, c: {integer: [1, 9]}}"
    found = Grid(points=3).suggest(space_of(text), [], [], 1000, 0)
    assert sorted({each["a"] for each in found}) == [0.0, 0.5, 1.0]
    assert sorted({each["b"] for each in found}) == [1e-4, 1e-2, 1.0]
    assert sorted({each["c"] for each in found}) == list(range(1, 10))
    assert len(found) == 81


def test_whole_numbers_by_their_logarithm_go_in_equal_ratios() -> None:
    space = space_of("space: {a: {integer: [8, 128], log: true}}")
    found = Grid(points=5).suggest(space, [], [], 100, 0)
    assert [each["a"] for each in found] == [8, 16, 32, 64, 128]


def test_a_single_point_is_the_middle() -> None:
    text = """
    space:
      a: {uniform: [0, 1]}
      b: {log_uniform: [1e-4, 1]}
      c: {integer: [1, 81], log: true}
    """
    assert Grid(points=1).suggest(space_of(text), [], [], 9, 0) == [{"a": 0.5, "b": 1e-2, "c": 9}]
