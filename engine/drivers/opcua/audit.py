"""Finds monitored items that died without a word: the node changed and nothing was reported."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.drivers.opcua.feed import Feed
from engine.drivers.opcua.samples import Samples, settle_values

PATIENCE_S = 4.5
"""A value that was read is given this long to be reported too, or 2.5 sampling intervals."""


@dataclass(slots=True, eq=False)
class Suspects:
    """Handles whose value on the server is not the one delivered last, with that one and since when.

    A program download may delete a node and make it anew: some servers then leave the old item alive,
    its keep-alives vouch for a value that nobody measures any more.
    """

    _since: dict[int, tuple[int, float, int]] = field(default_factory=dict[int, tuple[int, float, int]])

    @property
    def handles(self) -> list[int]:
        """Those to be looked at again."""
        return list(self._since)

    def dead(self, feed: Feed, read: Samples, now_us: int, slowest_s: float) -> NDArray[np.int32]:
        """Of the values just read, the handles whose items no longer report; ``now_us`` is monotonic."""
        read = settle_values(read)
        delivered = feed.last_value[read.handle]
        same = (read.value == delivered) | (np.isnan(read.value) & np.isnan(delivered))
        for handle in read.handle[same].tolist():
            self._since.pop(handle, None)
        silent: list[int] = []
        for handle in read.handle[~same].tolist():
            mark = int(feed.last_us[handle]), float(feed.last_value[handle])
            time_us, value, since_us = self._since.get(handle, (0, 0.0, now_us))
            if (time_us, value) != mark:
                self._since[handle] = (*mark, now_us)
            elif now_us - since_us > max(PATIENCE_S, 2.5 * slowest_s) * 1e6:
                del self._since[handle]
                silent.append(handle)
        return np.array(silent, np.int32)
