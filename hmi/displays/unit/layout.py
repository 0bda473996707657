"""Where things go on the working page: cards in a grid, rows in columns. Whole pixels, no Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Shape = Literal["tall", "wide", "slim", "low"]
Box = tuple[int, int, int, int]
"""Left, top, width, height."""

GAP_PX = 8
LEAST: dict[Shape, tuple[int, int]] = {
    "tall": (164, 182),
    "wide": (236, 104),
    "slim": (156, 104),
    "low": (132, 50),
}
"""Width and height from which on a card can have this shape."""
BROAD_PX, MOST_PX = 330, 840
"""A tall card wider than this is arranged as a wide one; no card is wider than the second."""
MOST_LOW_PX, GOOD_LOW_PX = 64, 196
HEADING_PX, ROW_PX, SECTION_PX = 30, 40, 6
COLUMN_PX = 280


@dataclass(frozen=True, slots=True)
class Grid:
    """Cards side by side. ``height`` = what all rows take."""

    columns: int
    shape: Shape
    width_px: int
    height_px: int
    height: int

    def box(self, place: int, left: int = 0, top: int = 0) -> Box:
        """Where a card goes."""
        row, column = divmod(place, self.columns)
        x, y = left + column * (self.width_px + GAP_PX), top + row * (self.height_px + GAP_PX)
        return x, y, self.width_px, self.height_px


_RICHEST: tuple[Shape, ...] = ("tall", "wide", "slim", "low")


def card_grid(count: int, width: int, height: int, shapes: Sequence[Shape] = _RICHEST) -> Grid:
    """The richest shape with which all cards fit; else low cards that take more than ``height``."""
    for shape in shapes:
        least_width, least_height = LEAST[shape]
        fitting: list[tuple[int, Grid]] = []
        for columns in range(1, count + 1):
            grid = _grid(count, columns, shape, width, height)
            if grid.width_px >= least_width and grid.height_px >= least_height:
                empty = columns * -(-count // columns) - count
                shape_px = abs(grid.width_px - 5 * grid.height_px // 4)
                # Low cards are as wide as the height lets them be: their names can then be read.
                steps = columns * 10_000 if shape == "low" else 0
                fitting.append((steps + empty * 1000 + shape_px, grid))
        if fitting:
            return min(fitting, key=lambda each: each[0])[1]
    columns = max(1, min(count, (width + GAP_PX) // (GOOD_LOW_PX + GAP_PX)))
    rows = -(-count // columns)
    return _grid(count, columns, "low", width, rows * (LEAST["low"][1] + GAP_PX) - GAP_PX)


def foot_grid(count: int, width: int, most_rows: int = 2) -> Grid:
    """Low cards in as few rows as may be; where names then have no room, in ``most_rows`` or more."""
    least, low = LEAST["low"]
    most = max(1, (width + GAP_PX) // (least + GAP_PX))
    rows = -(-count // min(count, most))
    if rows > 1:
        rows = max(rows, min(most_rows, count))
    return _grid(count, -(-count // rows), "low", width, rows * (low + GAP_PX) - GAP_PX)


def _grid(count: int, columns: int, shape: Shape, width: int, height: int) -> Grid:
    rows = -(-count // columns)
    wide = min(MOST_PX, (width - GAP_PX * (columns - 1)) // columns)
    tall = (height - GAP_PX * (rows - 1)) // rows
    if shape == "low":
        tall = min(tall, MOST_LOW_PX)
    drawn: Shape = "wide" if shape == "tall" and wide > BROAD_PX else shape
    return Grid(columns, drawn, wide, tall, rows * (tall + GAP_PX) - GAP_PX)


@dataclass(frozen=True, slots=True)
class Columns:
    """Sections of rows in columns. ``places`` holds for each section its heading (or None) and its rows."""

    count: int
    height: int
    places: tuple[tuple[Box | None, tuple[Box, ...]], ...]


def in_columns(sections: Sequence[int], width: int, height: int, most: int) -> Columns:
    """Sections of so many rows, one after another, in as few columns of ``height`` as hold them.

    A section that does not fit below the others begins a new column if it fits there whole. With ``most``
    columns the rows go on below ``height``.
    """
    for count in range(1, most + 1):
        placed = _place(sections, width, height, count)
        if placed.height <= height:
            return placed
    total = sum(HEADING_PX + rows * ROW_PX for rows in sections)
    return _place(sections, width, max(height, total // most + HEADING_PX + ROW_PX), most)


def rows_left(sections: Sequence[int], height: int) -> int:
    """How many more rows, with a heading of their own, one column of these sections has room for."""
    taken = sum(HEADING_PX + rows * ROW_PX + SECTION_PX for rows in sections if rows)
    return max(0, (height - taken - HEADING_PX) // ROW_PX)


def _place(sections: Sequence[int], width: int, height: int, count: int) -> Columns:
    column = y = deepest = 0
    placed: list[tuple[Box | None, tuple[Box, ...]]] = []
    for rows in sections:
        whole = HEADING_PX + rows * ROW_PX
        is_last = column + 1 >= count
        if y and not is_last and y + whole > height and (whole <= height or y + HEADING_PX + ROW_PX > height):
            column, y = column + 1, 0
        heading: Box | None = (column * (width + GAP_PX), y, width, HEADING_PX) if rows else None
        y += HEADING_PX if rows else 0
        boxes: list[Box] = []
        for _ in range(rows):
            if y + ROW_PX > height and column + 1 < count:
                # Rows of the same section go on level with the first one beside them.
                column, y = column + 1, HEADING_PX
            boxes.append((column * (width + GAP_PX), y, width, ROW_PX))
            y += ROW_PX
            deepest = max(deepest, y)
        placed.append((heading, tuple(boxes)))
        y += SECTION_PX if rows else 0
    return Columns(column + 1, deepest, tuple(placed))
