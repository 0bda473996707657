"""A bounded memory of what was decoded: the longest unused goes first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any


class Cache:
    """Keeps results within a number of bytes. Any thread. Overload: the longest unused is forgotten."""

    def __init__(self, most_bytes: int) -> None:
        self._most, self._held = most_bytes, 0
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def held_bytes(self) -> int:
        """What is kept now."""
        return self._held

    def get(self, key: Hashable) -> Any:
        """What was kept under this key, or None."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def keep(self, key: Hashable, what: Any, size: int) -> None:
        """Remember a result of ``size`` bytes; one that is larger than all the room is not kept."""
        if size > self._most:
            return
        with self._lock:
            before = self._kept.pop(key, None)
            self._held += size - (before[1] if before else 0)
            self._kept[key] = what, size
            while self._held > self._most:
                _, (_, freed) = self._kept.popitem(last=False)
                self._held -= freed

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self._held = 0
