"""What one window knows of what is foreseen, and what its person may say of it. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.types import Tier
from hmi.alarm_desk import Sender
from hmi.control_desk import ControlDesk
from hmi.formats import sentence, t
from hmi.outlook_book import OutlookBook


class OutlookDesk:
    """Shared by the displays, the faceplate and the top bar of one window.

    ``writes`` = the desk that knows the person, the plant, whether the engine is silent and whether a past
    instant is on show; ``sender`` takes what the person says. ``tiers`` = what may be shown as foreseen now,
    by asset: nothing while the engine is silent or in a replay. ``listeners`` are called when any of this
    changes.
    """

    def __init__(self, writes: ControlDesk, sender: Sender) -> None:
        self.writes, self.sender, self.book = writes, sender, OutlookBook()
        self.tiers: Mapping[str, Tier] = {}
        self.listeners: list[Callable[[], None]] = []
        writes.listeners.append(self._tell)

    def take(self, book: OutlookBook) -> None:
        """The book changed."""
        self.book = book
        self._tell()

    def tick(self) -> None:
        """Once a second while the window is seen: what is too old by now is withdrawn."""
        if self.book.outlooks and self._tiers() != self.tiers:
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

    def _tell(self) -> None:
        self.tiers = self._tiers()
        for each in tuple(self.listeners):
            each()
