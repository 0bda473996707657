"""What one window knows of what is foreseen, and what its person may say of it. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.types import Crossing, Snapshot, Tier
from hmi import values
from hmi.alarm_desk import Sender
from hmi.control_desk import ControlDesk
from hmi.formats import sentence, t
from hmi.outlook_book import OutlookBook, is_current


class OutlookDesk:
    """Shared by the displays, the faceplate and the top bar of one window.

    ``writes`` = the desk that knows the person, the plant, whether the engine is silent and whether a past
    instant is on show; ``sender`` takes what the person says. ``tiers`` = what may be shown as foreseen now,
    by asset, ``crossings`` = the tags on their way to a limit, by path, the soonest first: nothing while the
    engine is silent or in a replay. ``listeners`` are called when any of this changes.
    """

    def __init__(self, writes: ControlDesk, sender: Sender) -> None:
        self.writes, self.sender, self.book = writes, sender, OutlookBook()
        self.tiers: Mapping[str, Tier] = {}
        self.crossings: Mapping[str, Crossing] = {}
        self._snapshot: Snapshot | None = None
        self.listeners: list[Callable[[], None]] = []
        writes.listeners.append(self._tell)

    def take(self, book: OutlookBook) -> None:
        """The book changed."""
        self.book = book
        self._tell()

    @property
    def marks(self) -> Mapping[str, Tier]:
        """What is marked on displays: the assets, and as what to act on the tags on their way to a limit."""
        return {**self.tiers, **dict.fromkeys(self.crossings, "act")} if self.crossings else self.tiers

    def tick(self, snapshot: Snapshot | None = None) -> None:
        """Once a second while the window is seen: what is too old by now is withdrawn.

        ``snapshot`` = the values now: a tag that is not good is on its way to nowhere.
        """
        self._snapshot = snapshot
        if self.book.outlooks or self.book.crossings:
            if (self._tiers(), self._crossings()) != (self.tiers, self.crossings):
                self._tell()

    def refusal(self) -> str:
        """Why nobody can say here whether a warning was right, a whole sentence; "" = one can."""
        if self.writes.is_stalled:
            return t("The engine does not answer.")
        if self.writes.is_past:
            return t("This is a replay: nothing is said about the past from here.")
        who = self.writes.who
        # Before there are people, it is done under the name of who uses this computer.
        return "" if who.is_known and who.is_new else sentence(who.why_not("annotate"))

    def _tiers(self) -> Mapping[str, Tier]:
        writes = self.writes
        return {} if writes.is_stalled or writes.is_past else self.book.tiers(writes.now_us())

    def _crossings(self) -> Mapping[str, Crossing]:
        writes = self.writes
        if writes.is_stalled or writes.is_past:
            return {}
        told, now_us = self.book.crossings, writes.now_us()
        return {path: each for path, each in told.items() if is_current(each, now_us) and self._is_good(path)}

    def _is_good(self, path: str) -> bool:
        model, seen = self.writes.model, self._snapshot
        at = model.index.get(path)
        if at is None:
            return False
        if seen is None or seen.value.size != len(model.tags):
            return True
        return values.kind_of(int(seen.status[at]), float(seen.age_s[at]), bool(seen.stale[at])) == "normal"

    def _tell(self) -> None:
        self.tiers, self.crossings = self._tiers(), self._crossings()
        for each in tuple(self.listeners):
            each()
