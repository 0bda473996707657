"""What every pixel may show, by number: a slot is one tone of one item. Their colours are a palette.

The graphics card draws numbers and light, never colours: what changes colour needs no drawing. Patterns
lie in the picture, not on the part; a palette has a row for each phase of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hmi.widgets.scene import looks
from hmi.widgets.scene.looks import TONES, Dress
from hmi.widgets.scene.mesh import Floats
from hmi.widgets.scene.model import Scene

Words = NDArray[np.uint64]
BACK, CAP, FIRST = 0, 1, 2
"""Slots that are no part: the hall behind all, and what a cut lays open."""
FLAT_TONES = ("zone", "border", "ground")
"""On the ground: the same from everywhere, and never with a pattern."""
BRIGHTEST = 1.22
"""Light on a surface that faces the lamp, as a share of its plain colour."""
HATCH_STEP_PX, HATCH_PX = 7.0, 2.2
BAND_STEP_PX, EDGE_PX = 15.0, 0.9
BAND_PX = {looks.WATCH: 2.0, looks.ACT: 4.0}
HATCH_SHARE = {looks.HATCHED: 0.62, looks.CROSSED: 0.6}
"""How much of the ink a line has: a value that is not current must not outshine an alarm."""
BANDS = 5
PHASES = 4 * BANDS
"""Rising line or not, falling line or not, and five places in the band of a prediction."""


@dataclass(frozen=True, slots=True, eq=False)
class Inks:
    """Colours 0…255 of the hall, of hatches, of predictions and their edges, and of what a cut lays open."""

    hall: Floats
    hatch: Floats
    band: Floats
    edge: Floats
    cap: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Slots:
    """Of slot ``FIRST + n``: ``tones`` int64[n] in the order of `TONES` and ``items`` int64[n].
    ``of_piece`` = the slots int64[k] of the copies of each piece.
    """

    tones: NDArray[np.int64]
    items: NDArray[np.int64]
    of_piece: tuple[NDArray[np.int64], ...]

    @property
    def count(self) -> int:
        """How many there are, with those that are no part."""
        return FIRST + len(self.items)


def slots_of(scene: Scene) -> Slots:
    """A number for each tone of each item that is drawn."""
    items = max(1, len(scene.assets))
    pairs = [TONES.index(each.tone) * items + each.owners.astype(np.int64) for each in scene.pieces]
    found, places = np.unique(np.concatenate(pairs or [np.zeros(0, np.int64)]), return_inverse=True)
    ends = np.cumsum([len(each) for each in pairs])[:-1]
    return Slots(
        found // items, found % items, tuple(np.split(places.ravel() + FIRST, ends)) if pairs else ()
    )


def palette(slots: Slots, dress: Dress, inks: Inks) -> Words:
    """uint64[PHASES · slots]: red, green, blue of 0…256 in the lowest three quarters of a word, by phase."""
    own = dress.colours[slots.tones, slots.items].astype(np.float32)
    flat = np.isin(slots.tones, [TONES.index(each) for each in FLAT_TONES])
    own[~flat] *= np.float32(BRIGHTEST)
    finish = np.where(flat, looks.SOLID, dress.finish[slots.items])
    rows = np.empty((PHASES, slots.count, 3), np.float32)
    rows[:, BACK], rows[:, CAP] = inks.hall, inks.cap
    rows[:, FIRST:] = own
    for phase in range(PHASES):
        share = _line_share(finish, phase)
        rows[phase, FIRST:] += (inks.hatch - own) * share[:, None]
        for kind, wide in BAND_PX.items():
            place = phase // 4
            if _is_in(place, wide):
                rows[phase, FIRST:][finish == kind] = inks.band * BRIGHTEST
            elif _is_in(place, wide + EDGE_PX):
                rows[phase, FIRST:][finish == kind] = inks.edge
    lanes = np.zeros((PHASES * slots.count, 4), np.uint16)
    lanes[:, :3] = np.clip(rows.reshape(-1, 3) * (256 / 255), 0, 256).astype(np.uint16)
    return lanes.view(np.uint64)[:, 0]


def _line_share(finish: NDArray[np.uint8], phase: int) -> Floats:
    rising, falling = bool(phase & 1), bool(phase & 2)
    share = np.zeros(len(finish), np.float32)
    share[finish == looks.HATCHED] = HATCH_SHARE[looks.HATCHED] * rising
    share[finish == looks.CROSSED] = HATCH_SHARE[looks.CROSSED] * (rising or falling)
    return share


_STEPS = sorted(wide + more for wide in BAND_PX.values() for more in (0.0, EDGE_PX))


def _is_in(place: int, wide: float) -> bool:
    """Whether place 0…4 of a band lies within its first ``wide`` pixels."""
    return place < BANDS - 1 and _STEPS[place] <= wide + 1e-6


def phases(height: int, width: int, scale: float) -> NDArray[np.uint8]:
    """uint8[h, w]: where each pixel lies in the patterns; ``scale`` = device pixels of one of a person."""
    steps = np.arange(height + width)
    falls = steps / scale
    band = np.searchsorted(np.array(_STEPS), falls % BAND_STEP_PX, side="right")
    falling = (falls % HATCH_STEP_PX < HATCH_PX) * 2 + band * 4
    rising = (steps - height) / scale % HATCH_STEP_PX < HATCH_PX
    windows = np.lib.stride_tricks.sliding_window_view
    along = windows(falling.astype(np.uint8), width)[:height]
    against = windows(rising.astype(np.uint8), width)[height:0:-1]
    return along + against
