"""The alarm column of the live table: for each tag the worst alarm that asks for its operator."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.live import LiveTable
from engine.types import Alarm, Tag


class Column:
    """Alarms that are set aside, and those that returned, do not count. One thread."""

    def __init__(self, table: LiveTable, tags: Sequence[Tag]) -> None:
        self._table = table
        self._tag_of = {tag.path: tag.tag_id for tag in tags}
        self._there: dict[int, dict[int, int]] = {}
        self._touched: set[int] = set()

    def put(self, alarm: Alarm) -> None:
        """This is how an alarm is shown now; `write` tells the table."""
        tag = self._tag_of.get(alarm.path)
        if tag is None:
            return
        there = self._there.setdefault(tag, {})
        there.pop(alarm.id, None)
        if alarm.letter in ("B", "C"):
            there[alarm.id] = alarm.priority
        elif not there:
            del self._there[tag]
        self._touched.add(tag)

    def write(self) -> None:
        """Put all that changed into the table at once."""
        if self._touched:
            tags = sorted(self._touched)
            self._touched.clear()
            worst = [min(self._there[tag].values()) if tag in self._there else 0 for tag in tags]
            self._table.set_alarm(np.array(tags, np.int32), np.array(worst, np.uint8))
