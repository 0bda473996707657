"""Where everything on the overview stands: nothing overlaps, nothing is cut off, whatever the plant."""

from __future__ import annotations

import itertools

import pytest

from hmi.displays.overview.layout import LEAST_PX, Box, Plan, neighbour, plan

SIZES = ((1844, 840), (1844, 992), (1290, 576), (1290, 680), (3764, 1920), (884, 452))


def boxes(made: Plan) -> list[Box]:
    """All that is drawn."""
    extra = [each for each in (made.belt, made.trend) if each is not None]
    return [*made.tiles, *made.utilities, *made.kpis, *extra]


def overlap(one: Box, other: Box) -> bool:
    """Two boxes share more than an edge."""
    return (
        one[0] < other[0] + other[2]
        and other[0] < one[0] + one[2]
        and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
    )


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("units", [0, 1, 2, 3, 5, 8, 9, 12, 16, 24, 40, 400])
def test_nothing_overlaps_and_nothing_leaves_the_view(size: tuple[int, int], units: int) -> None:
    for utilities, kpis in ((4, 3), (0, 0), (1, 5), (9, 2)):
        made = plan(*size, units, utilities, kpis)
        found = boxes(made)
        assert len(made.tiles) == units and len(made.utilities) == utilities and len(made.kpis) == kpis
        for box in found:
            assert box[0] >= 0 and box[1] >= 0 and box[0] + box[2] <= size[0], (units, utilities, kpis, box)
            assert box[1] + box[3] <= made.height, (units, utilities, kpis, box)
            assert box[2] > 0 and box[3] > 0
        pairs = itertools.combinations(found, 2)
        assert not [pair for pair in pairs if overlap(*pair)][:1], (units, utilities, kpis)


def test_desk_screen_has_the_line_in_one_row_over_belt_utilities_figures_and_trend() -> None:
    made = plan(1844, 840, 8, 4, 3)
    assert made.style == "full" and made.side_style == "row"
    assert {box[1] for box in made.tiles} == {16} and made.belt is not None and made.trend is not None
    assert made.tiles[0][1] < made.belt[1] < made.utilities[0][1] < made.kpis[0][1] == made.trend[1]
    assert made.kpis[-1][0] + made.kpis[-1][2] < made.trend[0]
    assert made.height == 840, "all of it can be seen at once"


def test_laptop_has_two_rows_of_four_and_one_row_of_cells() -> None:
    made = plan(1290, 576, 8, 4, 3)
    assert made.style == "middle" and made.side_style == "cell"
    assert len({box[1] for box in made.tiles}) == 2 and len({box[0] for box in made.tiles}) == 4
    assert len({box[1] for box in (*made.kpis, *made.utilities)}) == 1
    assert made.trend is None and made.height <= 576


def test_laptop_with_few_units_keeps_the_trend() -> None:
    made = plan(1290, 680, 5, 4, 3)
    assert len({box[1] for box in made.tiles}) == 1 and made.trend is not None


def test_tiles_of_a_long_line_shrink_to_single_lines_and_then_scrolls() -> None:
    styles = [plan(1290, 576, units, 4, 3).style for units in (8, 16, 40, 100)]
    assert styles == ["middle", "small", "least", "least"]
    assert plan(1290, 576, 100, 4, 3).height > 576
    assert plan(1290, 576, 100, 4, 3).tiles[0][3] == LEAST_PX


def test_small_plant_has_its_trend_beside_its_tile() -> None:
    made = plan(1844, 992, 1, 0, 0)
    assert made.trend is not None and made.trend[1] == made.tiles[0][1]
    assert made.trend[0] > made.tiles[0][0] + made.tiles[0][2]


def test_line_without_bodies_has_no_belt() -> None:
    assert plan(1844, 840, 8, 4, 3, has_parts=False).belt is None


def test_larger_type_makes_larger_parts() -> None:
    assert plan(1844, 992, 8, 4, 3, scale=1.5).utilities[0][3] == 186
    assert len({box[1] for box in plan(1844, 992, 8, 4, 3, scale=1.5).tiles}) == 2, "as on a small screen"


def test_arrow_keys_lead_along_and_across_the_rows() -> None:
    made = plan(1290, 576, 8, 4, 3)
    all_tiles = (*made.tiles, *made.utilities)
    assert neighbour(all_tiles, 0, "right") == 1
    assert neighbour(all_tiles, 1, "down") == 5
    assert neighbour(all_tiles, 5, "up") == 1
    assert neighbour(all_tiles, 3, "right") == 3, "the end of a row"
    assert neighbour(all_tiles, 0, "left") == 0
    assert neighbour(all_tiles, 7, "down") == 11
    assert neighbour(all_tiles, 11, "down") == 11
