from __future__ import annotations

from sampler_conformance import SeededConformance
from spaces import space_of

from dlrun.search.samplers.random import Random


class TestRandom(SeededConformance):
    sampler = Random()


def test_draws_follow_the_dimension() -> None:
    text = """
    space:
      a: {log_uniform: [1e-4, 1]}
      b: [x, y, z]
      c: {integer: [1, 4]}
    """
    found = Random().suggest(space_of(text), [], [], 2000, 1)
    below = sum(each["a"] < 1e-2 for each in found)
    assert 900 < below < 1100
    for word in "xyz":
        assert 560 < sum(each["b"] == word for each in found) < 780
    for number in range(1, 5):
        assert 400 < sum(each["c"] == number for each in found) < 600


def test_a_large_space_with_little_left_is_exhausted_all_the_same() -> None:
    space = space_of("space: {a: {integer: [1, 3000]}, b: [x, y]}\nconstraints: [a <= 2]")
    assert len(Random().suggest(space, [], [], 9, 0)) == 4
