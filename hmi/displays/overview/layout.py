"""Where everything on the overview stands, for a line of any length on a window of any size. No Qt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Box = tuple[float, float, float, float]
"""Left, top, width, height in px."""
TileStyle = Literal["full", "middle", "small", "least"]
SideStyle = Literal["row", "cell"]
Direction = Literal["left", "right", "up", "down"]

MARGIN, GAP, SECTION = 16.0, 10.0, 12.0
FULL_PX, MIDDLE_PX, SMALL_PX, LEAST_PX = 280.0, 176.0, 112.0, 60.0
"""Least height of a tile with symbol and three lines, with two lines, with one, and of a single line."""
MOST_TILE_PX, MOST_MIDDLE_PX = 520.0, 300.0
TILE_WIDTH_PX, MOST_WIDTH_PX = 190.0, 470.0
BELT_PX, ROW_PX, ROW_WIDTH_PX = 42.0, 76.0, 340.0
CELL_PX, CELL_WIDTH_PX = 124.0, 168.0
KPI_PX, MOST_KPI_PX, KPI_WIDTH_PX = 78.0, 160.0, 400.0
MOST_COLUMN_PX, KPI_ROW_PX = 240.0, 120.0
TREND_PX, GOOD_TREND_PX = 190.0, 300.0
WIDE_PX = 1500.0


@dataclass(frozen=True, slots=True)
class Plan:
    """``belt`` is under a line of tiles in one row; ``trend`` None = no room for it; ``height`` of all."""

    style: TileStyle
    tiles: tuple[Box, ...]
    belt: Box | None
    side_style: SideStyle
    utilities: tuple[Box, ...]
    kpis: tuple[Box, ...]
    trend: Box | None
    height: float


def plan(
    width: float,
    height: float,
    units: int,
    utilities: int,
    kpis: int,
    has_parts: bool = True,
    scale: float = 1.0,
) -> Plan:
    """Share a window among tiles, belt, utilities, figures and trend. ``scale`` = type against 15 px."""
    room = width / scale - 2 * MARGIN
    is_few = 0 < units * MOST_WIDTH_PX < 0.6 * room
    made = _few if is_few else _wide if width >= WIDE_PX * scale else _narrow
    found = made(width / scale, height / scale, units, utilities, kpis, has_parts)
    return _scaled(found, scale)


def columns_for(count: int, room: float, least: float) -> int:
    """Tiles side by side: as few rows as fit, and those as even as can be."""
    most = max(1, int((room + GAP) // (least + GAP)))
    return max(1, math.ceil(count / math.ceil(count / most))) if count else 1


def neighbour(boxes: Sequence[Box], at: int, direction: Direction) -> int:
    """Which box an arrow key leads to from box ``at``: the nearest on that side, else the same."""
    along, sign = (0 if direction in ("left", "right") else 1), (-1 if direction in ("left", "up") else 1)
    here = _middle(boxes[at])
    found, least = at, math.inf
    for number, box in enumerate(boxes):
        there = _middle(box)
        ahead, aside = sign * (there[along] - here[along]), abs(there[1 - along] - here[1 - along])
        # Straight ahead counts more than near: the key right stays in its row.
        if ahead > 1 and ahead + 4 * aside < least and (along or aside < box[3]):
            found, least = number, ahead + 4 * aside
    return found


def _middle(box: Box) -> tuple[float, float]:
    return box[0] + box[2] / 2, box[1] + box[3] / 2


def _wide(width: float, height: float, units: int, utilities: int, kpis: int, has_parts: bool) -> Plan:
    """A desk screen: tiles, belt, a row of utilities, figures at the left of the trend."""
    room = width - 2 * MARGIN
    columns = columns_for(units, room, TILE_WIDTH_PX)
    rows = math.ceil(units / columns) if units else 0
    belt = BELT_PX if has_parts and rows == 1 else 0.0
    beside = min(utilities, max(1, int((room + GAP) // (ROW_WIDTH_PX + GAP))))
    side_rows = math.ceil(utilities / beside) if utilities else 0
    sides = side_rows * (ROW_PX + GAP) - GAP + SECTION if side_rows else 0.0
    left = height - 2 * MARGIN - (belt or SECTION) - sides
    below = max(TREND_PX, kpis * (KPI_PX + GAP) - GAP)
    tall = _tile_height(left, rows, min(below, left * 0.5), GOOD_TREND_PX)
    tiles = _grid(units, columns, MARGIN, MARGIN, room, tall)
    y = _bottom(tiles, MARGIN)
    belt_box = (MARGIN, y, room, belt) if belt else None
    y += belt or (SECTION if units else 0.0)
    side_boxes = _grid(utilities, beside, MARGIN, y, room, ROW_PX)
    y = _bottom(side_boxes, y - SECTION) + SECTION
    end = max(height - MARGIN, y + below)
    kpi_boxes = _column(kpis, y, end)
    if kpis and kpi_boxes[0][3] > MOST_COLUMN_PX:
        # A very tall screen: a row of figures over the trend rather than a column that ends half way.
        kpi_boxes = _grid(kpis, kpis, MARGIN, y, room, KPI_ROW_PX)
        y += KPI_ROW_PX + SECTION
        trend = (MARGIN, y, room, end - y)
        return Plan(_style(tall), tiles, belt_box, "row", side_boxes, kpi_boxes, trend, end + MARGIN)
    trend_left = MARGIN + (KPI_WIDTH_PX + SECTION if kpis else 0.0)
    trend = (trend_left, y, width - MARGIN - trend_left, end - y)
    return Plan(_style(tall), tiles, belt_box, "row", side_boxes, kpi_boxes, trend, end + MARGIN)


def _narrow(width: float, height: float, units: int, utilities: int, kpis: int, has_parts: bool) -> Plan:
    """A laptop: tiles in rows of four, figures and utilities in one row of cells, the trend if it fits."""
    room = width - 2 * MARGIN
    least = max(TILE_WIDTH_PX, (room - 3 * GAP) / 4) if 6 < units <= 12 else TILE_WIDTH_PX
    columns = columns_for(units, room, least)
    rows = math.ceil(units / columns) if units else 0
    cells = utilities + kpis
    beside = columns_for(cells, room, CELL_WIDTH_PX)
    cell_rows = math.ceil(cells / beside) if cells else 0
    sides = cell_rows * (CELL_PX + GAP) - GAP + SECTION if cell_rows else 0.0
    left = height - 2 * MARGIN - sides
    with_trend = left - rows * (MIDDLE_PX + 14 + GAP) + GAP - SECTION >= TREND_PX
    tall = _tile_height(left, rows, TREND_PX + SECTION if with_trend else 0.0, GOOD_TREND_PX)
    tiles = _grid(units, columns, MARGIN, MARGIN, room, tall)
    y = _bottom(tiles, MARGIN - SECTION) + SECTION
    cell_boxes = _grid(cells, beside, MARGIN, y, room, CELL_PX)
    y = _bottom(cell_boxes, y - SECTION) + SECTION
    end = max(height - MARGIN, y - SECTION)
    trend = (MARGIN, y, room, end - y) if end - y >= TREND_PX else None
    bottom = end if trend is not None else y - SECTION
    split = len(cell_boxes) - utilities
    return Plan(
        _style(tall), tiles, None, "cell", cell_boxes[split:], cell_boxes[:split], trend, bottom + MARGIN
    )


def _few(width: float, height: float, units: int, utilities: int, kpis: int, has_parts: bool) -> Plan:
    """A small plant: its tiles and figures at the left, all of the rest for the trend beside them."""
    room = width - 2 * MARGIN
    beside = min(utilities, max(1, int((room + GAP) // (ROW_WIDTH_PX + GAP))))
    side_rows = math.ceil(utilities / beside) if utilities else 0
    sides = side_rows * (ROW_PX + GAP) - GAP + SECTION if side_rows else 0.0
    block = units * (MOST_WIDTH_PX + GAP) - GAP
    left = max(height - 2 * MARGIN - sides, FULL_PX)
    figure_rows = math.ceil(kpis / units)
    each = min(MOST_KPI_PX, max(KPI_PX, (left * 0.5) / figure_rows - GAP)) if figure_rows else 0.0
    belt = BELT_PX if has_parts and units > 1 else SECTION
    figures = figure_rows * (each + GAP) - GAP + belt if figure_rows else 0.0
    tall = max(FULL_PX, left - figures)
    tiles = _grid(units, units, MARGIN, MARGIN, block, tall)
    y = MARGIN + tall
    kpi_boxes = _grid(kpis, units, MARGIN, y + belt, block, each)
    belt_box = (MARGIN, y, block, belt) if belt == BELT_PX and kpis else None
    end = max(MARGIN + left, _bottom(kpi_boxes, y))
    trend_left = MARGIN + block + SECTION
    trend = (trend_left, MARGIN, width - MARGIN - trend_left, end - MARGIN)
    side_boxes = _grid(utilities, beside, MARGIN, end + SECTION, room, ROW_PX)
    bottom = _bottom(side_boxes, end) + MARGIN
    return Plan("full", tiles, belt_box, "row", side_boxes, kpi_boxes, trend, bottom)


def _tile_height(left: float, rows: int, below: float, good_below: float) -> float:
    """A row of tiles: as tall as the room gives, never less than the least; one row leaves more below."""
    if not rows:
        return 0.0
    each = (left - below + GAP) / rows - GAP
    if rows == 1 and each > FULL_PX:
        good = (left - max(below, good_below) if below else left) * 1.0
        return min(MOST_TILE_PX, max(FULL_PX, min(each, good, left * 0.5 + 20)))
    for least in (MIDDLE_PX, SMALL_PX, LEAST_PX):
        if each >= least:
            return min(each, MOST_MIDDLE_PX)
    return LEAST_PX


def _style(tall: float) -> TileStyle:
    if tall >= FULL_PX:
        return "full"
    return "middle" if tall >= MIDDLE_PX else "small" if tall >= SMALL_PX else "least"


def _grid(count: int, columns: int, x: float, y: float, room: float, tall: float) -> tuple[Box, ...]:
    """Equal boxes in rows. A single short row does not stretch its tiles without end."""
    if not count:
        return ()
    wide = (room - (columns - 1) * GAP) / columns
    return tuple(
        (x + (at % columns) * (wide + GAP), y + (at // columns) * (tall + GAP), wide, tall)
        for at in range(count)
    )


def _column(count: int, top: float, end: float) -> tuple[Box, ...]:
    """The figures under each other, sharing the height beside the trend."""
    if not count:
        return ()
    tall = (end - top + GAP) / count - GAP
    return tuple((MARGIN, top + at * (tall + GAP), KPI_WIDTH_PX, tall) for at in range(count))


def _bottom(boxes: tuple[Box, ...], otherwise: float) -> float:
    return max((each[1] + each[3] for each in boxes), default=otherwise)


def _scaled(made: Plan, scale: float) -> Plan:
    def whole(box: Box) -> Box:
        # Edges on whole pixels: a 1 px line between two would be drawn as two faint ones.
        left, top = round(box[0] * scale), round(box[1] * scale)
        return left, top, round((box[0] + box[2]) * scale) - left, round((box[1] + box[3]) * scale) - top

    return Plan(
        made.style,
        tuple(whole(each) for each in made.tiles),
        None if made.belt is None else whole(made.belt),
        made.side_style,
        tuple(whole(each) for each in made.utilities),
        tuple(whole(each) for each in made.kpis),
        None if made.trend is None else whole(made.trend),
        math.ceil(made.height * scale),
    )
