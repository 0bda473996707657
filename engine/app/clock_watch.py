"""What is known of the clock of one source: offsets over an hour, and how late its samples come."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from engine.types import Batch

HOUR_US = 3_600_000_000
MOST_OFFSETS = 256
LEAST_SPAN_US, WORST_PPM = 600_000_000, 20.0
"""A drift is told from so long a span on, and if it is known this well."""
STEP_PPM, STEP_US = 300.0, 20_000
"""A change of the offset beyond this and both errors is a clock that was set, no drift."""
LAGS, FROM_BATCH = 4096, 64
"""Lags that are kept, and taken out of one batch."""


class ClockWatch:
    """The clock of one source. One thread; ``lag`` costs some microseconds a batch.

    ``reordered`` = samples that came after younger ones of their tag. The offset is the device's clock minus
    ours, None = not measured yet; all in microseconds.
    """

    def __init__(self) -> None:
        self._offsets: deque[tuple[int, int, int]] = deque(maxlen=MOST_OFFSETS)
        self._lags = np.zeros(LAGS, np.int64)
        self._count = 0
        self.reordered = 0
        self.measured_us: int | None = None
        self.measured_mono_us = 0
        self.offset_us: int | None = None
        self.error_us: int | None = None

    def measured(self, mono_us: int, now_us: int, offset_s: float, error_s: float) -> None:
        """The device's clock minus ours, now; it counts against the time of the monotonic clock."""
        offset_us, error_us = round(offset_s * 1e6), round(error_s * 1e6)
        # Our own clock may have been set as well as the device's: either begins the hour anew.
        if self._offsets:
            at_us, before_us, before_error = self._offsets[-1]
            room = before_error + error_us + STEP_US + STEP_PPM * (mono_us - at_us) / 1e6
            if abs(offset_us - before_us) > room:
                self._offsets.clear()
        self._offsets.append((mono_us, offset_us, error_us))
        while self._offsets[-1][0] - self._offsets[0][0] > HOUR_US:
            self._offsets.popleft()
        self.measured_us, self.offset_us, self.error_us = now_us, offset_us, error_us
        self.measured_mono_us = mono_us

    def age_us(self, mono_us: int) -> int:
        """How long ago the offset was measured for the last time, by the monotonic clock."""
        return mono_us - self.measured_mono_us

    def drift_ppm(self) -> float | None:
        """How fast the offset grows, by least squares over the last hour; None = not known well enough."""
        if len(self._offsets) < 3 or self._offsets[-1][0] - self._offsets[0][0] < LEAST_SPAN_US:
            return None
        time_us, offset_us, error_us = np.array(self._offsets, np.float64).T
        weight = 1 / np.maximum(error_us, 1.0) ** 2
        centred = time_us - np.average(time_us, weights=weight)
        spread = float(np.sum(weight * centred**2))
        if spread <= 0 or 2e6 / np.sqrt(spread) > WORST_PPM:
            return None
        return float(np.sum(weight * centred * offset_us) / spread * 1e6)

    def lag(self, batch: Batch) -> None:
        """How long after their own time these samples came; a few of a large batch stand for all."""
        source, receive = batch.source_time_us, batch.receive_time_us
        if source.ndim == 2:
            source = source[:, -1]
        step = -(-len(receive) // FROM_BATCH)
        found: NDArray[np.int64] = receive[::step] - source[::step]
        place = self._count % LAGS
        end = place + len(found)
        if end <= LAGS:
            self._lags[place:end] = found
        else:
            self._lags[place:] = found[: LAGS - place]
            self._lags[: end - LAGS] = found[LAGS - place :]
        self._count += len(found)

    def lags_us(self) -> tuple[int, int] | None:
        """Median and 99 % of receive time minus source time of the last samples; None = none came."""
        if not self._count:
            return None
        known = self._lags[: min(self._count, LAGS)]
        middle, late = np.percentile(known, (50, 99))
        return round(float(middle)), round(float(late))

    @property
    def has_own_times(self) -> bool:
        """Whether any sample bore another time than that of its receipt."""
        return bool(self._lags[: min(self._count, LAGS)].any())
