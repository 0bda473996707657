"""The feed as the displays of one window see it: of now, or of a past instant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.types import Curve
from hmi.displays.feed import Feed, Replaying
from hmi.history import Stored
from hmi.replay import Past


class PastFeed:
    """A `Feed` whose now is ``at_us``; None = the present. Nothing later than that is given away.

    ``replaying`` = the replay of the window, for displays that may move it.
    """

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self.at_us: int | None = None
        self.replaying: Replaying | None = None

    @property
    def past(self) -> Stored:
        """How much of the stored past has come."""
        return self._feed.past

    def now_us(self) -> int:
        """UTC microseconds: now, or the instant on show."""
        return self._feed.now_us() if self.at_us is None else self.at_us

    def curve(self, index: int, start_us: int, end_us: int, pixels: int) -> Curve:
        """One tag, up to the instant on show."""
        curve = self._feed.curve(index, start_us, end_us, pixels)
        if self.at_us is None or not curve.time_us.size or curve.time_us[-1] <= self.at_us:
            return curve
        upto = slice(0, int(np.searchsorted(curve.time_us, self.at_us, "right")))
        return Curve(curve.time_us[upto], curve.low[upto], curve.high[upto], curve.uncertain[upto])

    def instant(self, time_us: int, on_done: Callable[[Past], None], on_error: Callable[[str], None]) -> None:
        """All tags at another instant."""
        self._feed.instant(time_us, on_done, on_error)

    def submit(
        self,
        name: str,
        body: dict[str, Any],
        on_done: Callable[[Any], None],
        on_error: Callable[[str], None],
    ) -> None:
        """Send a request."""
        self._feed.submit(name, body, on_done, on_error)
