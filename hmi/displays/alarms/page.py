"""What a page of the Alarms display answers besides the lists: journal, performance, rationalisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from hmi.model import Model
from hmi.theme import Theme


@dataclass(frozen=True, slots=True)
class Subject:
    """What a person wants to see elsewhere: an alarm, or (alarm 0) a stretch of the journal.

    ``path``, ``kind`` and ``name`` name its limit; [start_us, end_us) is the stretch, 0 = none in particular.
    """

    alarm: int = 0
    path: str = ""
    kind: str = ""
    name: str = ""
    start_us: int = 0
    end_us: int = 0
    message: str = ""


class Page(Protocol):
    """A widget made with ``(theme, feed, go, parent)``, loaded when it is first opened.

    It asks the engine itself, and only while it can be seen.
    """

    def set_plant(self, model: Model) -> None:
        """Another plant, or the same configured anew."""
        ...

    def set_theme(self, theme: Theme) -> None: ...

    def set_stalled(self, stalled: bool) -> None:
        """True: the engine does not answer, so nothing shown may look current and nothing can be sent."""
        ...

    def set_past(self, at_us: int | None) -> None:
        """The instant of a replay: nothing can be changed then. None = live."""
        ...

    def show_path(self, path: str) -> None:
        """Narrow to what is at and below an asset or a tag; "" = everything."""
        ...
