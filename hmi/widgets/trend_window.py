"""The window of time of a trend: length, end, live or paused, and when it needs a frame. No Qt."""

from __future__ import annotations

from hmi.widgets.trend_lines import Span

SHORTEST_US = 100_000
LONGEST_US = 400 * 86_400_000_000
FUTURE = 0.02
"""Part of a live window that lies after now, so that the newest point is not under the frame."""
AHEAD = 0.4
"""The same part while a forecast is drawn in it."""
FRAME_US, REFRESH_US = 30_000, 200_000
PAUSED_REFRESH_US = 500_000
PENS_PER_FRAME = 8
"""More pens than these are drawn less often and less finely, so that a screen full of them costs no more."""


class TimeWindow:
    """What stretch of time is on show. Times in UTC microseconds."""

    def __init__(self, span_us: int = 600_000_000) -> None:
        self.span_us, self.end_us, self.now_us = span_us, 0, 0
        self.is_live, self.is_dirty = True, True
        self.future = FUTURE
        self._asked_us = 0

    @property
    def past_us(self) -> int:
        """How much of a live window lies before now; what is left free beside the newest point counts."""
        return self.span_us if self.future == FUTURE else round(self.span_us * (1 - self.future))

    def due(self, now_us: int, pixels: int, pens: int) -> Span | None:
        """The span that needs curves now, or None when nothing would look different yet."""
        self.now_us = now_us
        if self.is_live:
            self.end_us = now_us + int(self.span_us * self.future)
        crowd = -(-pens // PENS_PER_FRAME)
        # Of many pens nobody sees single pixels; a bucket of a few still holds its lowest and highest.
        pixels = max(1, pixels // max(1, crowd - 1))
        pixel_us = max(1, self.span_us // pixels)
        wait_us = min(max(pixel_us, FRAME_US * crowd * crowd), REFRESH_US * crowd)
        if not self.is_live:
            wait_us = PAUSED_REFRESH_US * crowd
        if not self.is_dirty and now_us - self._asked_us < wait_us:
            return None
        self.is_dirty, self._asked_us = False, now_us
        # On whole pixels of time: a bucket then holds the same samples in each frame: no shimmer.
        start_us = (self.end_us - self.span_us) // pixel_us * pixel_us
        return Span(start_us, start_us + self.span_us, pixels)

    def set_span(self, span_us: int) -> None:
        """Another length; the live end or the middle of a paused window stays where it is."""
        middle_us = self.end_us - self.span_us // 2
        self.span_us = min(LONGEST_US, max(SHORTEST_US, span_us))
        if not self.is_live:
            self.end_us = self._bounded(middle_us + self.span_us // 2)
        self.is_dirty = True

    def zoom(self, factor: float, at: float) -> None:
        """Shorter for a factor above 1, about a part 0…1 of the window; a live one stays live."""
        wanted = min(LONGEST_US, max(SHORTEST_US, round(self.span_us / factor)))
        if not self.is_live:
            still_us = self.end_us - round(self.span_us * (1 - at))
            self.end_us = still_us + round(wanted * (1 - at))
        self.span_us, self.is_dirty = wanted, True
        if not self.is_live:
            self.end_us = self._bounded(self.end_us)

    def pan_to(self, end_us: int) -> None:
        """End there, at the latest a little after now. Pauses it."""
        self.is_live, self.is_dirty = False, True
        self.end_us = self._bounded(end_us)

    def pause(self) -> None:
        """Stand still from now on."""
        self.is_live, self.is_dirty = False, True

    def go_live(self) -> None:
        """Follow the clock again."""
        self.is_live, self.is_dirty = True, True

    def _bounded(self, end_us: int) -> int:
        return min(end_us, self.now_us + int(self.span_us * self.future))
