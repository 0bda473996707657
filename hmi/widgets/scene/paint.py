"""From numbers and light to colours: a frame drawn once is painted as often as its colours change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hmi.widgets.scene.mesh import Floats
from hmi.widgets.scene.slots import Words, phases

Bytes = NDArray[np.uint8]
Spots = tuple[NDArray[np.intp], Floats]
"""Numbers of pixels, and the share of an ink in each, float32[n]."""
MOST_NARROW = 65_536
"""Up to so many slots a number has 16 bits and the light 8; above, 18 and 6."""
BAND = 32
_LANES = np.uint64(0x00FF00FF00FF00FF)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A frame without its colours, ``scale`` samples a pixel in both ways.

    ``places`` uint32[h, w] = where in a palette the colour of a sample stands, ``light`` uint8[h, w] = how
    much of it is left.
    """

    places: NDArray[np.uint32]
    light: Bytes
    scale: int


def seen(drawn: Bytes, bright: Floats, slots: int, ratio: float) -> Seen:
    """What was drawn, uint8[h, w, 4], ready to be painted; ``bright`` float32 of each pixel."""
    height, width = drawn.shape[:2]
    scale = height // len(bright)
    patterns = phases(height, width, ratio * scale)
    places, light = np.empty((height, width), np.uint32), np.empty((height, width), np.uint8)
    for rows in bands(len(bright)):
        wide = slice(rows.start * scale, rows.stop * scale)
        words = np.ascontiguousarray(drawn[wide]).view(np.uint32)[:, :, 0]
        number, lit = words & np.uint32(0xFFFF), (words >> np.uint32(16)) & np.uint32(0xFF)
        if slots > MOST_NARROW:
            number |= (lit & np.uint32(3)) << np.uint32(16)
            lit &= np.uint32(0xFC)
        part = bright[rows]
        if scale == 2:
            part = np.repeat(np.repeat(part, 2, axis=0), 2, axis=1)
        light[wide] = (lit * part + np.float32(0.5)).astype(np.uint8)
        # A palette that is not there shows the hall: no number may point outside of it.
        places[wide] = np.minimum(number, np.uint32(slots - 1)) + patterns[wide] * np.uint32(slots)
    return Seen(places, light, scale)


def painted(frame: Seen, palette: Words) -> Bytes:
    """uint8[h, w, 4]: the colours of a frame, three of them at once in the quarters of a word."""
    height, width = (each // frame.scale for each in frame.places.shape)
    made = np.empty((height, width, 4), np.uint8)
    for rows in bands(height):
        wide = slice(rows.start * frame.scale, rows.stop * frame.scale)
        words = palette.take(frame.places[wide])
        words *= frame.light[wide]
        words >>= np.uint64(8)
        words &= _LANES
        if frame.scale == 2:
            both = words[0::2] + words[1::2]
            words = both[:, 0::2] + both[:, 1::2]
            words >>= np.uint64(2)
        made[rows] = words.view(np.uint16).reshape(*words.shape, 4)
    made[:, :, 3] = 255
    return made


def inked(picture: Bytes, ink: tuple[int, int, int], spots: Spots) -> None:
    """Mix an ink into a picture in place."""
    places, share = spots
    flat = picture.reshape(-1, 4)
    before = flat[places, :3].astype(np.float32)
    flat[places, :3] = (before + (np.array(ink, np.float32) - before) * share[:, None]).astype(np.uint8)


def spots_of(cover: Floats) -> Spots:
    """The pixels that have any ink, for `inked`."""
    places = np.flatnonzero(cover.ravel() > 0.01)
    return places, cover.ravel()[places]


def bands(height: int) -> list[slice]:
    """Rows in turn, few enough for the processor's own memory: three times as quick as all at once."""
    return [slice(first, min(height, first + BAND)) for first in range(0, height, BAND)]
