"""What the engine's own journal says of assets, counted by bucket: where false alarms go away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.store import StoredEvent

PENDING = 100_000
"""Events that wait for their bucket to close, at most; the oldest are dropped."""


class Happened(msgspec.Struct, frozen=True):
    """An event of an asset: when it was noted, the path it is about, and the classes it counts for."""

    time_us: int
    path: str
    classes: tuple[str, ...]


def happened(event: StoredEvent) -> Happened | None:
    """An alarm that was raised, or an error that a device reports; None = of no meaning here.

    Classes: "alarm" and "alarm:hh" for an alarm of the kind hh; "device" and "device:E101" for a condition
    that a server reports under the name E101. An alarm that comes again counts again.
    """
    change: Mapping[str, Any] = event.body.get("change") or {} if event.event == "alarm" else {}
    if change.get("what") != "active":
        return None
    kind, name, path = (str(change.get(key, "")) for key in ("kind", "name", "path"))
    return Happened(event.time_us, path, of_alarm(kind, name))


def of_alarm(kind: str, name: str) -> tuple[str, ...]:
    """The classes that an alarm of this kind and name counts for."""
    return ("device", f"device:{name}") if kind == "device" else ("alarm", f"alarm:{kind}")


class Counting:
    """Events of the assets of a fleet that wait for their bucket. Overload: drop, the oldest.

    Their time is that at which the journal noted them, which none can come later than.
    """

    def __init__(self, assets: Sequence[str], classes: Sequence[str]) -> None:
        self._asset = {asset: at for at, asset in enumerate(assets)}
        self._class = {name: at for at, name in enumerate(classes)}
        self._waiting: list[tuple[int, int, int]] = []

    def add(self, events: Iterable[Happened]) -> None:
        """Take events in any order; those of other assets or classes are of no meaning here."""
        if not self._class:
            return
        for event in events:
            asset = self._asset_of(event.path)
            if asset is not None:
                found = (self._class.get(each) for each in event.classes)
                self._waiting += [(event.time_us, asset, each) for each in found if each is not None]
        del self._waiting[: max(0, len(self._waiting) - PENDING)]

    def _asset_of(self, path: str) -> int | None:
        """The innermost asset that the path is, or is below of."""
        while path:
            if path in self._asset:
                return self._asset[path]
            path = path.rpartition("/")[0]
        return None

    def spread(self, start_us: int, bucket_us: int, count: int) -> NDArray[np.int32]:
        """Counts int32[count, assets, classes] of equal buckets from ``start_us`` on; forgets nothing."""
        counts = np.zeros((count, len(self._asset), len(self._class)), np.int32)
        for time_us, asset, each in self._waiting:
            at = (time_us - start_us) // bucket_us
            if 0 <= at < count:
                counts[at, asset, each] += 1
        return counts

    def close(self, start_us: int, end_us: int) -> NDArray[np.int32]:
        """Counts int32[assets, classes] of [start_us, end_us); what is older is forgotten."""
        counts = np.zeros((len(self._asset), len(self._class)), np.int32)
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            if each[0] >= end_us:
                self._waiting.append(each)
            elif each[0] >= start_us:
                counts[each[1], each[2]] += 1
        return counts
