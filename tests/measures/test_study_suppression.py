"""No hidden cell can be solved back: looked at by trying all tables, not by what the engine thinks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.measures.study.suppression import TableTooLarge, hidden

Table = tuple[tuple[int, ...], ...]


def tables(
    sums: Sequence[int], columns: Sequence[int], shown: Sequence[Sequence[int | None]]
) -> Iterator[Table]:
    """All tables of whole numbers with these sums, and with these cells where they are given."""
    if not sums:
        if not any(columns):
            yield ()
        return
    for line in lines(sums[0], columns, shown[0]):
        left = [column - cell for column, cell in zip(columns, line, strict=True)]
        yield from ((line, *rest) for rest in tables(sums[1:], left, shown[1:]))


def lines(total: int, columns: Sequence[int], shown: Sequence[int | None]) -> Iterator[tuple[int, ...]]:
    if not columns:
        if total == 0:
            yield ()
        return
    cells = range(min(total, columns[0]) + 1) if shown[0] is None else [shown[0]]
    for cell in cells:
        if cell <= min(total, columns[0]):
            yield from ((cell, *rest) for rest in lines(total - cell, columns[1:], shown[1:]))


def possible(counts: Table, secret: frozenset[tuple[int, int]]) -> dict[tuple[int, int], set[int]]:
    """The values that each secret cell can have for a reader who has all the rest and every sum."""
    shown = [
        [None if (r, c) in secret else cell for c, cell in enumerate(line)] for r, line in enumerate(counts)
    ]
    found: dict[tuple[int, int], set[int]] = {cell: set() for cell in secret}
    for table in tables([sum(line) for line in counts], [sum(c) for c in zip(*counts, strict=True)], shown):
        for r, c in secret:
            found[r, c].add(table[r][c])
    return found


def assert_kept(counts: Table, least: int) -> None:
    secret = hidden(counts, least)
    every = frozenset((r, c) for r, line in enumerate(counts) for c in range(len(line)))
    assert {cell for cell in every if 0 < counts[cell[0]][cell[1]] < least} <= secret
    open_anyway = {cell for cell, values in possible(counts, every).items() if len(values) == 1}
    for cell, values in possible(counts, secret).items():
        assert len(values) > 1 or cell in open_anyway, (counts, secret, cell)


grids = st.integers(2, 3).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(0, 4), min_size=width, max_size=width).map(tuple), min_size=2, max_size=3
    ).map(tuple)
)


@settings(max_examples=60)
@given(grids, st.sampled_from([2, 3, 5]))
def test_no_hidden_cell_can_be_solved_back(counts: Table, least: int) -> None:
    assert_kept(counts, least)


@pytest.mark.long
@settings(max_examples=2_000)
@given(grids, st.sampled_from([2, 3, 5]))
def test_no_hidden_cell_can_be_solved_back_often(counts: Table, least: int) -> None:
    assert_kept(counts, least)


@pytest.mark.parametrize(
    "counts",
    [
        ((5, 6, 7), (4, 0, 3)),
        ((3,), (4,)),
        ((0, 0), (0, 0)),
    ],
)
def test_nothing_is_hidden_without_need(counts: Table) -> None:
    assert hidden(counts, 3) == frozenset()


def test_a_small_cell_takes_a_rectangle_with_it() -> None:
    counts = ((5, 6, 1), (9, 4, 8))
    assert hidden(counts, 3) == {(0, 2), (1, 2), (0, 0), (1, 0)} or len(hidden(counts, 3)) == 4
    assert_kept(counts, 3)


def test_the_fewest_institutions_are_hidden_with_it() -> None:
    assert hidden(((5, 9, 1), (4, 9, 8)), 3) == {(0, 2), (1, 2), (0, 0), (1, 0)}


def test_what_the_sums_alone_say_is_hidden_but_not_pursued() -> None:
    assert hidden(((1, 9), (0, 0)), 3) == {(0, 0)}


def test_a_ring_of_more_than_four_cells_is_found() -> None:
    counts = ((1, 0, 4), (4, 1, 0), (0, 4, 1))
    assert_kept(counts, 3)


def test_too_large_a_table_is_refused() -> None:
    with pytest.raises(TableTooLarge):
        hidden([[1] * 100] * 100, 3)


def test_the_solver_of_this_test_finds_what_is_badly_hidden() -> None:
    counts = ((5, 6, 1), (9, 4, 8))
    assert possible(counts, frozenset({(0, 2)})) == {(0, 2): {1}}
    assert possible(counts, frozenset({(0, 2), (0, 0)})) == {(0, 2): {1}, (0, 0): {5}}
