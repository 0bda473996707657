"""By how much tags were changed within the last minute: the rate that a rule allows is per minute."""

from __future__ import annotations

from collections import defaultdict, deque

MINUTE_US = 60_000_000


class Rates:
    """Every change that was sent, up and down alike, whether or not its outcome is known. In memory, by the
    monotonic clock.
    """

    def __init__(self) -> None:
        self._changes: defaultdict[str, deque[tuple[int, float]]] = defaultdict(deque)

    def add(self, path: str, change: float, mono_us: int) -> None:
        """A change of this size is sent now."""
        self._changes[path].append((mono_us, abs(change)))

    def within_minute(self, path: str, mono_us: int) -> float:
        """The sum of the changes of a tag since a minute ago, in its unit."""
        changes = self._changes.get(path)
        if not changes:
            return 0.0
        while changes and changes[0][0] <= mono_us - MINUTE_US:
            changes.popleft()
        return sum(change for _, change in changes)
