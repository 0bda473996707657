"""The Alarms display: a row of tabs over the lists and the pages beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import msgspec
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.typed import convert
from engine.types import Alarm, EngineStatus, Kpi, Snapshot, SourceStatus
from hmi.alarm_desk import AlarmDesk
from hmi.displays.alarms.bar import Tabs
from hmi.displays.alarms.filters import Filter
from hmi.displays.alarms.lists import Lists
from hmi.displays.alarms.page import Subject
from hmi.displays.alarms.pages import PAGES, Pages
from hmi.displays.alarms.state import LISTS, ListName
from hmi.displays.display import Go, Want
from hmi.displays.feed import Feed
from hmi.model import Model
from hmi.theme import Theme


class AlarmsView(QWidget):
    """Follows the desk of its window, which the shell hands over before anything else."""

    def __init__(self, theme: Theme, feed: Feed, go: Go, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = AlarmDesk(feed)
        self.tabs = Tabs(theme, {name: title for name, (title, _) in PAGES.items()}, self)
        self.pages = Pages(theme, feed, go, self)
        self.lists = Lists(theme, self._desk, go, self)
        self.pages.show_lists(self.lists)
        box = QVBoxLayout(self)
        box.setContentsMargins(*(theme.size.gap,) * 4)
        box.setSpacing(theme.size.gap)
        box.addWidget(self.tabs)
        box.addWidget(self.pages, 1)
        self._desk.listeners.append(self._show_tabs)
        self.tabs.turned.connect(self._turn)
        self.tabs.paged.connect(lambda name: self._open_page(name, self.lists.shown.filter.under))
        self.lists.paged.connect(self._open_page)
        self.pages.asked.connect(self._show_on)
        self.setFocusProxy(self.pages)

    # What the shell calls

    def set_desk(self, desk: AlarmDesk) -> None:
        """What this window knows of the alarms, and what its person does to them."""
        self._desk.listeners.remove(self._show_tabs)
        self._desk = desk
        self.lists.set_desk(desk)
        desk.listeners.append(self._show_tabs)

    def set_plant(self, model: Model) -> None:
        """Another plant, or the same configured anew."""
        self.lists.set_plant(model)
        self.pages.set_plant(model)

    def set_sources(self, sources: Sequence[SourceStatus]) -> None:
        """Links stand in the top bar."""

    def set_engine(self, status: EngineStatus) -> None:
        """The engine's figures stand on System."""

    def set_alarms(self, alarms: Sequence[Alarm]) -> None:
        """In replay those of then; what is live comes by the desk."""
        self.lists.set_past_alarms(alarms)
        self._show_tabs()

    def set_kpis(self, kpis: Sequence[Kpi]) -> None:
        """Figures of the plant stand on Overview."""

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self.lists.set_theme(theme)
        self.pages.set_theme(theme)

    def set_stalled(self, stalled: bool) -> None:
        """True: nothing here is current, and nothing can be done."""
        self.lists.set_stalled(stalled)
        self.pages.set_stalled(stalled)

    def set_past(self, at_us: int | None) -> None:
        """The instant of a replay: alarms as they were, and nothing can be done to them. None = live."""
        self.lists.set_past(at_us)
        self.pages.set_past(at_us)
        self._show_tabs()

    def on_numbers(self, snapshot: Snapshot) -> None:
        """The values beside the alarms."""
        self.lists.on_numbers(snapshot)

    def on_trends(self, now_us: int) -> None:
        """Nothing here moves with the frames."""

    def wants(self) -> set[Want]:
        """Numbers, while an alarm is listed."""
        return {"numbers"} if not self.pages.name and self.lists.wants_numbers else set()

    def show_place(self, path: str) -> str:
        """``#12`` = the alarm with the id 12; an asset or a tag narrows the lists; "" = as it was.

        Gives "": the tree marks the place, and a tap there changes it.
        """
        if path:
            self.pages.show_lists()
        if path.startswith("#") and path[1:].isdecimal():
            self.lists.show_alarm(int(path[1:]))
        elif path:
            self.lists.narrow_to(path)
        self._show_tabs()
        return ""

    def acknowledge_selected(self) -> bool:
        """What is selected in the list, by key; False = the keys act on another alarm, or on none here."""
        return self.lists.acknowledge_selected()

    def layout(self) -> dict[str, Any]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """List or page, filter and open areas for a saved layout of the station; not the layout of Qt."""
        shown = self.lists.shown
        return {
            "list": shown.name,
            "page": self.pages.name,
            "filter": msgspec.to_builtins(shown.filter),
            "open": sorted(self.lists.open_assets),
        }

    def restore(self, kept: Mapping[str, Any]) -> None:
        """What `layout` gave. Raises: ValueError for what is none."""
        wanted = convert(kept.get("filter", {}), Filter)
        self.lists.open_assets = frozenset(convert(kept.get("open", []), list[str]))
        if kept.get("list") in LISTS:
            self._turn(str(kept["list"]))
        self.lists.take_filter(wanted)
        if kept.get("page") in PAGES:
            self._open_page(str(kept["page"]), wanted.under)

    # Inside

    def _turn(self, name: str) -> None:
        self.pages.show_lists()
        self.lists.turn(cast("ListName", name))
        self._show_tabs()

    def _open_page(self, name: str, path: str) -> None:
        self.pages.open(name, path)
        self._show_tabs()

    def _show_on(self, name: str, about: Subject) -> None:
        self.pages.show_on(name, about)
        self._show_tabs()

    def _show_tabs(self) -> None:
        if self.isVisible():
            self.tabs.show_counts(self.lists.counts(), self.pages.name or self.lists.shown.name)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_tabs()
