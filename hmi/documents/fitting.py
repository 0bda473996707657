"""How many pixels a page gets."""

from __future__ import annotations

from hmi.documents.wire import MOST_PIXELS, Box

LEAST_PART = 0.01
"""A part of a page is at least a hundredth of it each way."""


def fitted(size: tuple[float, float], scale: float, clip: Box) -> tuple[int, int, Box]:
    """Pixels across and down of a part of a page, no more than `MOST_PIXELS`, and that part in bounds."""
    left, top = (min(max(each, 0.0), 1.0 - LEAST_PART) for each in clip[:2])
    right = min(max(clip[2], left + LEAST_PART), 1.0)
    bottom = min(max(clip[3], top + LEAST_PART), 1.0)
    wide, high = size[0] * (right - left), size[1] * (bottom - top)
    scale = min(max(scale, 0.0), (MOST_PIXELS / (wide * high)) ** 0.5 * 0.999)
    # A page like a thread is a pixel wide at least, and still no longer than all pixels in a row.
    width, height = (min(max(1, round(each * scale)), MOST_PIXELS) for each in (wide, high))
    if width * height > MOST_PIXELS:
        width = max(1, min(width, MOST_PIXELS // height))
        height = min(height, MOST_PIXELS // width)
    return width, height, (left, top, right, bottom)
