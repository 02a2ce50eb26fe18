"""Placing arrays by the time they live."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from dlrun.nn.engine.memory import Request, Span, place
from tests.support.lines_run import lines_run

spans = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 6)).map(lambda s: (s[0], s[0] + s[1])),
    min_size=1,
    max_size=3,
).map(tuple)
requests = st.lists(st.tuples(st.integers(0, 500), spans), max_size=25).map(
    lambda found: [Request(n, size, life) for n, (size, life) in enumerate(found)]
)


@given(requests)
def test_what_lives_together_never_overlaps(asked: list[Request]) -> None:
    offsets, total = place(asked)
    for n, a in enumerate(asked):
        assert offsets[a.name] % 64 == 0
        assert offsets[a.name] + a.size <= total
        for b in asked[:n]:
            together = any(x[0] <= y[1] and y[0] <= x[1] for x in a.spans for y in b.spans)
            apart = (
                offsets[a.name] + a.size <= offsets[b.name]
                or offsets[b.name] + b.size <= offsets[a.name]
            )
            assert apart or not together or 0 in (a.size, b.size)


def test_what_never_lives_together_shares_its_place() -> None:
    life: list[tuple[Span, ...]] = [((0, 1),), ((2, 3),), ((4, 9),)]
    offsets, total = place([Request(n, 640, spans) for n, spans in enumerate(life)])
    assert set(offsets.values()) == {0}
    assert total == 640


def test_a_gap_in_one_life_is_used_by_another() -> None:
    asked = [Request("a", 640, ((0, 1), (8, 9))), Request("b", 640, ((3, 4),))]
    assert place(asked)[1] == 640


@given(requests)
def test_each_array_gets_the_lowest_place_that_is_free_largest_first(asked: list[Request]) -> None:
    placed: list[tuple[int, int, Request]] = []
    expected: dict[Hashable, int] = {}
    for request in sorted(asked, key=lambda each: -each.size):
        size, offset = -(-request.size // 64) * 64, 0
        for start, stop, other in sorted(placed, key=lambda each: each[:2]):
            if offset + size <= start:
                break
            if offset < stop and any(
                x[0] <= y[1] and y[0] <= x[1] for x in request.spans for y in other.spans
            ):
                offset = stop
        placed.append((offset, offset + size, request))
        expected[request.name] = offset
    assert place(asked) == (expected, max((stop for _, stop, _ in placed), default=0))


def test_the_work_grows_with_the_depth_of_a_network_and_not_with_its_square() -> None:
    shallow, deep = (lines_run(partial(place, _deep(layers))) for layers in (100, 800))
    assert deep < 1.6 * 8 * shallow


def _deep(layers: int) -> list[Request]:
    """The values and gradients of a deep network: each value lives until its backward pass."""
    last = 2 * layers + 1
    values = [Request(("value", n), 640, ((n, last - n),)) for n in range(layers)]
    gradients = [Request(("grad", n), 640, ((last - n - 1, last - n),)) for n in range(layers)]
    scratch = [Request(("scratch", n), 320, ((n, n), (last - n, last - n))) for n in range(layers)]
    return [each for three in zip(values, gradients, scratch, strict=True) for each in three]
