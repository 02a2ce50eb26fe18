"""Placing arrays by the time they live."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dlrun.nn.memory import Request, Span, place

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
