"""What a display is to the shell: its entry in the rail, and the calls its view answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal, Protocol, cast

from engine.types import Alarm, EngineStatus, Kpi, Snapshot, SourceStatus
from hmi.model import Model

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from hmi.displays.feed import Feed
    from hmi.theme import Theme

Want = Literal["numbers", "trends"]
REPLAY, DOCUMENT = "replay", "document"


@dataclass(frozen=True, slots=True)
class Display:
    """A display. ``icon`` is a file of resources/symbols, ``view`` is loaded on first open.

    ``rail`` = it has an entry of its own in the rail; else it is reached from ``parent``, whose entry
    stays marked. ``faceplate`` = a tap on a value opens the faceplate beside it.
    """

    id: str
    title: str
    icon: str
    view: str
    rail: bool = True
    parent: str = ""
    faceplate: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person wants to go: a display and, on it, a tag, an asset or a source (by path or id).

    Without a display: stay, and open the faceplate on ``path``. With `REPLAY` for a display: stay, and
    take the whole window to the instant ``path``, UTC microseconds in digits; with `DOCUMENT`: stay, and read
    ``path`` = ``PAGE:FILE`` of documents.csv. ``at_us`` = the time to show
    there, 0 = now; on Trends one still to come is shown by the forecast. On Alarms ``#12`` is the alarm with
    the id 12.
    """

    display: str = ""
    path: str = ""
    at_us: int = 0


Go = Callable[[Place], None]
"""Asks the shell to show a place; every tap that leads elsewhere ends here."""


class View(Protocol):
    """What the widget of a display answers. Numbers and trends come only while it can be seen."""

    def set_plant(self, model: Model) -> None:
        """A new list of live tags; positions of the old one are worth nothing from now on."""
        ...

    def set_sources(self, sources: Sequence[SourceStatus]) -> None: ...
    def set_engine(self, status: EngineStatus) -> None: ...

    def set_alarms(self, alarms: Sequence[Alarm]) -> None:
        """Active and lately returned alarms, worst first; also when nothing changed."""
        ...

    def set_kpis(self, kpis: Sequence[Kpi]) -> None: ...
    def set_theme(self, theme: Theme) -> None: ...

    def set_stalled(self, stalled: bool) -> None:
        """True: the engine does not answer, so nothing shown may look current."""
        ...

    def on_numbers(self, snapshot: Snapshot) -> None: ...
    def on_trends(self, now_us: int) -> None: ...
    def wants(self) -> set[Want]: ...

    def show_place(self, path: str) -> str:
        """Bring a tag, asset or source to the front; "" = as it was. Gives the path the title names."""
        ...


def open_view(display: Display, theme: Theme, feed: Feed, go: Go) -> tuple[QWidget, View]:
    """Load and make the view of a display: the same object as a widget and as what it answers."""
    module, _, name = display.view.partition(":")
    made = getattr(import_module(module), name)(theme, feed, go)
    return cast("QWidget", made), cast("View", made)
