"""The window: top bar, rail, one display, alarm line; and the states that lie over all of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QStackedLayout, QVBoxLayout, QWidget

from engine.types import Alarm, EngineStatus, Kpi, Plant, Project, Snapshot, SourceStatus, Tag
from hmi import links
from hmi.displays import DISPLAYS, system
from hmi.displays.display import Place, View, Want, open_view
from hmi.displays.feed import Feed
from hmi.displays.stalled import as_stalled
from hmi.formats import t
from hmi.model import Model, build
from hmi.shell.alarm_line import AlarmLine
from hmi.shell.help import Help
from hmi.shell.rail import Rail
from hmi.shell.search import Search
from hmi.shell.stall_bar import StallBar, StallFrame
from hmi.shell.top_bar import TopBar
from hmi.theme import Theme, apply_theme, load_theme, next_name

LEAST_PX = (960, 540)
"""A full HD screen whose type is set to twice the size."""
SECOND_MS = 1000


class Window(QMainWindow):
    """One HMI window. The frame clock calls `on_numbers` and `on_trends` for what `wants` says."""

    def __init__(self, theme: Theme, feed: Feed, plant: Plant) -> None:
        super().__init__()
        self._theme, self._feed, self._model = theme, feed, Model(plant)
        self._alarms: tuple[Alarm, ...] = ()
        self._kpis: tuple[Kpi, ...] = ()
        self._has_plant = False
        self._sources: tuple[SourceStatus, ...] = ()
        self._snapshot: Snapshot | None = None
        self._snapshot_us = 0
        self._engine: EngineStatus | None = None
        self._stalled: str | None = None
        self._views: dict[str, tuple[QWidget, View]] = {}
        self._current = ""
        self._top = TopBar(theme, self)
        self._rail = Rail(theme, DISPLAYS, self)
        self._banner = AlarmLine(theme, self)
        self._stall_bar = StallBar(theme, self)
        self._area = QWidget(self)
        self._stack = QStackedLayout(self._area)
        self._lay_out()
        self._stall_frame = StallFrame(theme, self._area)
        self._search = Search(theme, self._area)
        self._help = Help(theme, self._area)
        self._connect()
        self._clock = QTimer(self)
        self._clock.setInterval(SECOND_MS)
        self._clock.timeout.connect(self._second)
        self._clock.start()
        self.setMinimumSize(*LEAST_PX)
        self.setWindowTitle(t("{plant} \u2013 Watchroom", plant=plant.name))
        self.show_display(DISPLAYS[0].id)
        self._second()

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self._stall_bar)
        right.addWidget(self._area, 1)
        right.addWidget(self._banner)
        below = QHBoxLayout()
        below.setSpacing(0)
        below.addWidget(self._rail)
        below.addLayout(right, 1)
        whole = QWidget(self)
        box = QVBoxLayout(whole)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self._top)
        box.addLayout(below, 1)
        self.setCentralWidget(whole)

    def _connect(self) -> None:
        self._rail.chosen.connect(self.show_display)
        self._rail.search.connect(self._search.open)
        self._rail.theme.connect(self._next_theme)
        self._rail.help.connect(self._help.toggle)
        self._search.chosen.connect(self._go_to_tag)
        self._top.source.connect(self.show_source)
        for keys, slot in (
            ("Ctrl+K", self._search.open),
            ("Ctrl+T", self._next_theme),
            ("F1", self._help.toggle),
            ("F11", self._toggle_full_screen),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(slot)
        for place, display in enumerate(DISPLAYS, start=1):
            shortcut = QShortcut(QKeySequence(f"Ctrl+{place}"), self)
            shortcut.activated.connect(lambda name=display.id: self.show_display(name))

    # What the bridge calls, always in the GUI thread

    def set_plant(self, project: Project) -> None:
        """A new list of live tags: at first attach, and when the engine starts again."""
        self._model, self._snapshot = build(project), None
        self._has_plant = True
        self.setWindowTitle(t("{plant} \u2013 Watchroom", plant=project.plant.name))
        self._search.set_tags(project.tags)
        for _, view in self._views.values():
            view.set_plant(self._model)
        self._show_title()

    def set_sources(self, sources: Sequence[SourceStatus]) -> None:
        """The state of the links."""
        self._sources = tuple(sources)
        self._top.show_sources(sources)
        self._rail.show_count(system.DISPLAY.id, sum(links.needs_look(each) for each in sources))
        for _, view in self._views.values():
            view.set_sources(self._sources)

    def set_engine(self, status: EngineStatus) -> None:
        """The engine's own figures."""
        self._engine = status
        self._top.show_engine(status)
        for _, view in self._views.values():
            view.set_engine(status)

    def set_alarms(self, alarms: Sequence[Alarm]) -> None:
        """Active and lately returned alarms, worst first."""
        self._alarms = tuple(alarms)
        for _, view in self._views.values():
            view.set_alarms(self._alarms)

    def set_kpis(self, kpis: Sequence[Kpi]) -> None:
        """The plant's figures."""
        self._kpis = tuple(kpis)
        for _, view in self._views.values():
            view.set_kpis(self._kpis)

    def on_numbers(self, snapshot: Snapshot) -> None:
        """All live values of this instant. Ignored while stalled: nothing may look current then."""
        if snapshot.value.size != len(self._model.tags) or self._stalled is not None:
            return
        self._snapshot, self._snapshot_us = snapshot, self._feed.now_us()
        if self._is_seen():
            self._view().on_numbers(snapshot)

    def on_trends(self, now_us: int) -> None:
        """One frame of the trends on show."""
        if self._is_seen():
            self._view().on_trends(now_us)

    def set_stalled(self, text: str | None) -> None:
        """Words = the engine is silent: bar, frame, and every value stale. None = it is back."""
        began = text is not None and self._stalled is None
        ended = text is None and self._stalled is not None
        if text == self._stalled:
            return
        self._stalled = text
        self._stall_bar.show_stalled(text, self._has_plant)
        self._stall_frame.setVisible(text is not None)
        self._stall_frame.setGeometry(self._area.rect())
        self._stall_frame.raise_()
        if began or ended:
            self._top.show_stalled(began)
            for _, view in self._views.values():
                view.set_stalled(began)
            self._show_last_numbers()

    def wants(self) -> set[Want]:
        """What can be seen now, so that hidden displays cost nothing."""
        return self._view().wants() if self._is_seen() else set()

    def show_display(self, name: str) -> None:
        """Bring a display to the front; it is loaded on first use. Raises: KeyError for an unknown id."""
        display = {each.id: each for each in DISPLAYS}[name]
        if name not in self._views:
            widget, view = open_view(display, self._theme, self._feed, self.go)
            self._views[name] = (widget, view)
            self._stack.addWidget(widget)
            if self._has_plant:
                view.set_plant(self._model)
            view.set_sources(self._sources)
            view.set_alarms(self._alarms)
            view.set_kpis(self._kpis)
            if self._engine is not None:
                view.set_engine(self._engine)
            view.set_stalled(self._stalled is not None)
        self._current = name
        self._stack.setCurrentWidget(self._views[name][0])
        self._views[name][0].setFocus()
        self._rail.show_current(name)
        self._show_title()
        self._show_last_numbers()

    def go(self, place: Place) -> None:
        """Show a place: a display, and on it a tag, an asset or a source."""
        if place.display:
            self.show_display(place.display)
        self._view().show_place(place.path)

    def show_source(self, source_id: str) -> None:
        """Open System at the page of one source."""
        self.go(Place(system.DISPLAY.id, source_id))

    def set_theme(self, name: str) -> None:
        """Change the look of the application. Raises: FileNotFoundError for an unknown theme."""
        self._theme = load_theme(name)
        # One repaint at the end: between two style sheets nothing half dressed may reach the screen.
        self.setUpdatesEnabled(False)
        apply_theme(cast("QApplication", QApplication.instance()), self._theme)
        parts = (self._top, self._rail, self._banner, self._stall_bar, self._stall_frame, self._help)
        for part in parts:
            part.set_theme(self._theme)
        for _, view in self._views.values():
            view.set_theme(self._theme)
        self.setUpdatesEnabled(True)

    @property
    def tags(self) -> tuple[Tag, ...]:
        """The tags on show, in live order."""
        return self._model.tags

    @property
    def sources(self) -> tuple[SourceStatus, ...]:
        """The links as last told."""
        return self._sources

    @property
    def snapshot(self) -> Snapshot | None:
        """The last values received; while stalled they are shown as stale."""
        return self._snapshot

    @property
    def stalled(self) -> str | None:
        """Why the engine is silent, in words; None while it answers."""
        return self._stalled

    @property
    def theme(self) -> Theme:
        """The look on show."""
        return self._theme

    # Inside

    def _view(self) -> View:
        return self._views[self._current][1]

    def _is_seen(self) -> bool:
        return self.isVisible() and not self.isMinimized() and not self._help.isVisible()

    def _show_title(self) -> None:
        title = next((t(each.title) for each in DISPLAYS if each.id == self._current), "")
        self._top.show_plant(self._model.plant, title)
        self._second()

    def _show_last_numbers(self) -> None:
        if self._snapshot is None or not self._current:
            return
        silent_us = self._feed.now_us() - self._snapshot_us
        shown = self._snapshot if self._stalled is None else as_stalled(self._snapshot, silent_us)
        self._view().on_numbers(shown)

    def _second(self) -> None:
        self._top.show_time(self._feed.now_us())
        if self._stalled is not None and self._is_seen():
            self._show_last_numbers()

    def _go_to_tag(self, index: int) -> None:
        self.go(Place("unit", self._model.tags[index].path))

    def _next_theme(self) -> None:
        self.set_theme(next_name(self._theme.name))

    def _toggle_full_screen(self) -> None:
        self.showNormal() if self.isFullScreen() else self.showFullScreen()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._search.hide()

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._stall_frame.setGeometry(self._area.rect())
        return handled

    def closeEvent(self, event: QCloseEvent) -> None:
        self._clock.stop()
        super().closeEvent(event)
