"""Find similar: where the shape of a selected stretch of a tag came before.

Both the stretch and every place it is compared with are z-normalised, so that level and scale do not
matter; the distance for all places at once comes from a correlation by FFT. (MASS: A. Mueen et al.,
The Fastest Similarity Search Algorithm for Time Series Subsequences under Euclidean Distance, 2015.)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.historian.reading import Cancelled, Watch
from engine.types import History
from engine.wire import Match, SimilarAnswer, SimilarBody

POINTS = 1024
"""So many points the stretch is read at where the search is not too long for that."""
FEWEST_POINTS = 100
MOST_PLACES = 1 << 24
"""So many places are compared at most."""
PORTION = 1 << 18
FINE = 8
"""A place that was found is moved in steps finer by this to where it fits best."""
FLAT = 1e-3
"""What varies less than the stretch by this factor has no shape that would tell anything."""
DROWNED = 1e-6
"""Nor has what varies less than this part of something beside it: rounding drowns it."""


class NotSearchable(Exception):
    """Nothing can be searched for; the text says why, for a person."""


def similar(history: History, body: SimilarBody, watch: Watch) -> SimilarAnswer:
    """Where the stretch happened before, best first; none of them overlaps another by half or more.

    A place must lie wholly in the search span and over no gap, and the stretch itself is none.

    Raises:
        NotSearchable: the stretch is empty, flat or has a gap, or the search is too long for it.
        Cancelled: ``watch`` said so.
    """
    length_us, search_us = body.end_us - body.start_us, body.search_end_us - body.search_start_us
    step_us = _step_us(length_us, search_us)
    points = length_us // step_us
    pattern = _read(history, body.tag, body.start_us, points, step_us)
    if not np.isfinite(pattern).all():
        raise NotSearchable("there is a gap in the selected stretch; select one without")
    if not pattern.std() > np.finfo(np.float32).eps * np.abs(pattern).max():
        raise NotSearchable("the value does not change in the selected stretch: it has no shape to look for")
    count = (search_us - length_us) // step_us + 1
    alike = np.empty(max(count, 0), np.float32)
    for first in range(0, count, PORTION):
        places = min(PORTION, count - first)
        start_us = body.search_start_us + first * step_us
        values = _read(history, body.tag, start_us, places + points - 1, step_us)
        alike[first : first + places] = likeness(pattern, values)
        if not watch((first + places) / count):
            raise Cancelled("the search was not needed any more")
    _exclude(alike, (body.start_us - body.search_start_us) / step_us, points)
    found = [_refined(history, body, pattern, place, step_us) for place in best(alike, points, body.most)]
    return SimilarAnswer(tuple(sorted(found, key=lambda match: -match.likeness)))


def likeness(pattern: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64[k − m + 1]: how like the pattern [m] the values [k] are from each place on.

    1 − d/√(2m), with d the Euclidean distance of the two z-normalised stretches; with r their
    correlation that is 1 − √(1 − r), and 0 where r < 0, over a gap (NaN) or where the values are flat.
    """
    m, places = len(pattern), len(values) - len(pattern) + 1
    if places <= 0:
        return np.empty(0)
    sigma = float(pattern.std())
    normal = (pattern - pattern.mean()) / sigma
    # Short overlapping blocks, each less its own mean: sums stay small and rounding with them.
    size = 1 << (4 * m - 1).bit_length()
    hop = size - m + 1
    rows = -(-places // hop)
    padded = np.append(values, np.full((rows - 1) * hop + size - len(values), np.nan))
    blocks = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    hole = ~np.isfinite(blocks)
    solid = np.where(hole, 0.0, blocks)
    mean = solid.sum(axis=1, keepdims=True) / np.maximum((~hole).sum(axis=1, keepdims=True), 1)
    solid = np.where(hole, 0.0, solid - mean)
    spectrum = np.fft.rfft(solid) * np.conj(np.fft.rfft(normal, size))
    product = np.fft.irfft(spectrum, size)[:, :hop] / m
    deviation = np.sqrt(np.maximum(_moving(solid**2, m) / m - (_moving(solid, m) / m) ** 2, 0.0))
    drowned = DROWNED * np.abs(solid).max(axis=1, keepdims=True)
    shaped = (deviation > np.maximum(FLAT * sigma, drowned)) & (_moving(hole.astype(np.float64), m) < 0.5)
    r = np.divide(product, deviation, out=np.full(product.shape, -1.0), where=shaped)
    return np.maximum(1.0 - np.sqrt(np.clip(1.0 - r, 0.0, None)), 0.0).ravel()[:places]


def best(alike: NDArray[np.float32], points: int, most: int) -> list[int]:
    """The best places, best first, none within half a pattern of a better one. Changes ``alike``."""
    found: list[int] = []
    while len(found) < most and len(alike):
        place = int(alike.argmax())
        if not alike[place] > 0:
            break
        found.append(place)
        _exclude(alike, place, points)
    return found


def _moving(rows: NDArray[np.float64], m: int) -> NDArray[np.float64]:
    """Sums of m neighbours along each row."""
    total = np.cumsum(rows, axis=1)
    found = total[:, m - 1 :].copy()
    found[:, 1:] -= total[:, :-m]
    return found


def _exclude(alike: NDArray[np.float32], place: float, points: int) -> None:
    low, high = int(np.ceil(place - points / 2)), int(np.floor(place + points / 2))
    alike[max(low, 0) : max(high + 1, 0)] = 0.0


def _step_us(length_us: int, search_us: int) -> int:
    """A step, a multiple of ``FINE``, at which stretch and search are read."""
    if length_us < FEWEST_POINTS * FINE:
        raise NotSearchable("the selected stretch is too short; select a longer one")
    finest_us = max(length_us // POINTS, -(-search_us // MOST_PLACES))
    step_us = max(-(-finest_us // FINE) * FINE, FINE)
    if length_us // step_us < FEWEST_POINTS:
        raise NotSearchable(
            "the search is too long for so short a stretch; search a shorter time or select a longer stretch"
        )
    return step_us


def _read(history: History, tag: int, start_us: int, points: int, step_us: int) -> NDArray[np.float64]:
    window = history.window([tag], start_us, start_us + points * step_us, step_us)
    return window[0].astype(np.float64)


def _refined(
    history: History, body: SimilarBody, pattern: NDArray[np.float64], place: int, step_us: int
) -> Match:
    """The match about a place, moved by less than a step to where it is most alike."""
    length_us, fine_us, points = body.end_us - body.start_us, step_us // FINE, len(pattern)
    at_us = body.search_start_us + place * step_us
    first_us = max(at_us - step_us + fine_us, body.search_start_us)
    last_us = min(at_us + step_us - fine_us, body.search_end_us - length_us)
    shifts = (last_us - first_us) // fine_us + 1
    values = _read(history, body.tag, first_us, points * FINE + shifts, fine_us)
    each = [float(likeness(pattern, values[k : k + points * FINE : FINE])[0]) for k in range(shifts)]
    top = int(np.argmax(each))
    start_us = first_us + top * fine_us
    return Match(start_us, start_us + length_us, each[top])
