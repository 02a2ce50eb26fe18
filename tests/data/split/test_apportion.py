from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from dlrun.data.split.apportion import apportion, apportion_table


@given(
    total=st.integers(0, 10_000),
    weights=st.lists(st.integers(0, 100), min_size=1, max_size=6).filter(any),
)
def test_shares_add_up_and_are_near(total, weights):
    shares = [Fraction(weight, sum(weights)) for weight in weights]
    parts = apportion(total, shares)
    assert sum(parts) == total
    assert all(abs(part - total * share) < 1 for part, share in zip(parts, shares, strict=True))


def test_the_largest_remainder_gets_the_rest():
    assert apportion(10, [Fraction(62, 100), Fraction(25, 100), Fraction(13, 100)]) == [6, 3, 1]
    assert apportion(1, [Fraction(1, 2), Fraction(1, 2)]) == [1, 0]


@given(data=st.data(), rows=st.lists(st.integers(0, 60), min_size=1, max_size=12).filter(any))
def test_a_table_keeps_its_sums_and_rounds_every_cell(data, rows):
    total = sum(rows)
    cuts = sorted(data.draw(st.lists(st.integers(0, total), min_size=0, max_size=3)))
    columns = [high - low for low, high in zip([0, *cuts], [*cuts, total], strict=True)]
    table = apportion_table(rows, columns)
    assert table.sum(axis=1).tolist() == rows
    assert table.sum(axis=0).tolist() == columns
    for row, cells in zip(rows, table.tolist(), strict=True):
        for column, cell in zip(columns, cells, strict=True):
            assert abs(cell * total - row * column) < total  # exact share, down or up


def test_cells_round_to_the_nearer_number_where_sums_allow():
    # Exact shares: 2.7 and 0.3 twice, 3.6 and 0.4; the second column has one to give.
    assert apportion_table([3, 3, 4], [9, 1]).tolist() == [[3, 0], [3, 0], [3, 1]]
