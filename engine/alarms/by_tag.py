"""Which rows belong to each tag."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class ByTag:
    """Rows by the id of their tag, ids below ``size``."""

    def __init__(self, tag_ids: NDArray[np.int32], size: int) -> None:
        self._order = np.argsort(tag_ids, kind="stable")
        self.count = np.bincount(tag_ids, minlength=size)
        self._start = np.cumsum(self.count) - self.count

    def of(self, tags: NDArray[np.integer]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The rows of these tags: the place in ``tags`` of each, and the row."""
        count = self.count[tags]
        places = np.repeat(np.arange(len(tags)), count)
        first = np.repeat(self._start[tags] - (np.cumsum(count) - count), count)
        return places, self._order[first + np.arange(len(places))]

    def leave(self, tag_id: int) -> None:
        """This tag has no rows any more."""
        self.count[tag_id] = 0
