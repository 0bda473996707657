"""Where cards and rows go: nothing overlaps, nothing lies outside."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from hmi.displays.unit import layout
from hmi.displays.unit.layout import LEAST, Box, card_grid, foot_grid, in_columns


def apart(boxes: list[Box]) -> bool:
    """No two boxes share a pixel."""
    return all(
        a[0] + a[2] <= b[0] or b[0] + b[2] <= a[0] or a[1] + a[3] <= b[1] or b[1] + b[3] <= a[1]
        for a, b in itertools.combinations(boxes, 2)
    )


@given(st.integers(1, 70), st.integers(300, 3000), st.integers(120, 1600))
def test_cards_never_overlap_and_never_lie_beside_their_room(count: int, width: int, height: int) -> None:
    grid = card_grid(count, width, height)
    boxes = [grid.box(place) for place in range(count)]
    assert apart(boxes)
    assert max(x + wide for x, _, wide, _ in boxes) <= width
    assert max(y + tall for _, y, _, tall in boxes) == grid.height


@given(st.integers(1, 12), st.integers(300, 3000), st.integers(400, 1600))
def test_cards_have_the_room_that_their_shape_needs(count: int, width: int, height: int) -> None:
    grid = card_grid(count, width, height)
    if grid.height <= height and grid.shape != "low":
        assert grid.width_px >= LEAST[grid.shape][0] and grid.height_px >= LEAST[grid.shape][1]
    else:
        assert grid.height_px >= LEAST["low"][1], "a target for a finger"


def test_four_robots_stand_side_by_side_and_sixteen_feeders_get_readable_names() -> None:
    robots = card_grid(4, 810, 330)
    assert (robots.columns, robots.shape) == (4, "tall")
    feeders = card_grid(16, 1100, 250)
    assert feeders.shape == "low"
    assert feeders.width_px >= 260, "as wide as the height allows"


def test_minor_devices_take_one_row_where_they_fit_and_even_rows_else() -> None:
    assert foot_grid(5, 810).columns == 5
    assert foot_grid(9, 810).columns == 5
    assert foot_grid(5, 500).columns == 3


@given(
    st.lists(st.integers(0, 14), min_size=1, max_size=3).filter(any), st.integers(120, 900), st.integers(1, 3)
)
def test_rows_of_all_sections_are_placed_once_and_never_overlap(
    sections: list[int], height: int, most: int
) -> None:
    placed = in_columns(sections, 280, height, most)
    assert [len(rows) for _, rows in placed.places] == sections
    boxes = [box for _, rows in placed.places for box in rows]
    boxes += [head for head, _ in placed.places if head is not None]
    assert apart(boxes)
    assert placed.count <= most
    assert all(tall >= 30 for *_, tall in boxes)
    assert max(y + tall for _, y, _, tall in boxes) <= max(placed.height, height)


def test_interlocks_stay_in_one_column_as_long_as_they_fit() -> None:
    assert in_columns([6, 0, 0], 280, 280, 3).count == 1
    assert in_columns([9, 3, 0], 280, 310, 2).count == 2


def test_further_rows_are_counted_with_their_own_heading() -> None:
    taken = layout.HEADING_PX + 6 * layout.ROW_PX + layout.SECTION_PX
    assert layout.rows_left([6, 0], taken + layout.HEADING_PX + 2 * layout.ROW_PX) == 2
    assert layout.rows_left([6, 0], taken) == 0
