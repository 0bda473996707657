"""What a display is to the shell: its entry in the rail, and the calls its view answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal, Protocol, cast

from engine.types import EngineStatus, Plant, Snapshot, SourceStatus, Tag

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from hmi.displays.feed import Feed
    from hmi.theme import Theme

Want = Literal["numbers", "trends"]


@dataclass(frozen=True, slots=True)
class Display:
    """One entry of the rail. ``icon`` is a file of resources/symbols, ``view`` is loaded on first open."""

    id: str
    title: str
    icon: str
    view: str


class View(Protocol):
    """What the widget of a display answers. Numbers and trends come only while it can be seen."""

    def set_plant(self, plant: Plant, tags: Sequence[Tag], sources: Sequence[SourceStatus]) -> None:
        """A new list of live tags; positions of the old one are worth nothing from now on."""
        ...

    def set_sources(self, sources: Sequence[SourceStatus]) -> None: ...
    def set_engine(self, status: EngineStatus) -> None: ...
    def set_theme(self, theme: Theme) -> None: ...

    def set_stalled(self, stalled: bool) -> None:
        """True: the engine does not answer, so nothing shown may look current."""
        ...

    def on_numbers(self, snapshot: Snapshot) -> None: ...
    def on_trends(self, now_us: int) -> None: ...
    def wants(self) -> set[Want]: ...


class TagView(View, Protocol):
    """A display of tags: Overview."""

    def show_tag(self, index: int) -> None:
        """Bring one tag to the front; the search field ends here."""
        ...


class SourceView(View, Protocol):
    """A display of links: System."""

    def show_source(self, source_id: str) -> None:
        """Bring the page of one source to the front; the chips of the top bar end here."""
        ...


def open_view(display: Display, theme: Theme, feed: Feed) -> tuple[QWidget, View]:
    """Load and make the view of a display: the same object as a widget and as what it answers."""
    module, _, name = display.view.partition(":")
    made = getattr(import_module(module), name)(theme, feed)
    return cast("QWidget", made), cast("View", made)
