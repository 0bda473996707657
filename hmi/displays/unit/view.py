"""The unit display as widgets: the head, the working page, and every tag of the asset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedLayout, QTextBrowser, QVBoxLayout, QWidget

from engine.types import Alarm, EngineStatus, Kpi, Snapshot, SourceStatus, Tier
from hmi.alarms import aside_words, asides, badges, with_foreseen, with_work
from hmi.control_desk import ControlDesk
from hmi.displays.display import Go, Place, Want
from hmi.displays.feed import Feed
from hmi.displays.unit import state
from hmi.displays.unit.head import ALL_TAGS, WORKING, Head
from hmi.displays.unit.state import Arrangement
from hmi.displays.unit.tags_page import TagsPage
from hmi.displays.unit.tiles import help_without_tags
from hmi.displays.unit.words import headline
from hmi.displays.unit.working import WorkingPage
from hmi.formats import t
from hmi.model import Model
from hmi.theme import Theme

UNIT = "unit"


class UnitView(QWidget):
    """One asset at a time. The page of all tags is made when it is first wanted."""

    def __init__(self, theme: Theme, feed: Feed, go: Go, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._feed, self._go = theme, feed, go
        self._model, self._has_plant, self._stalled = Model(), False, False
        self._shown: Arrangement | None = None
        self._snapshot: Snapshot | None = None
        self._alarms: tuple[Alarm, ...] = ()
        self._work: frozenset[str] = frozenset()
        self._foreseen: frozenset[str] = frozenset()
        self.head = Head(theme, self)
        self.working = WorkingPage(theme, feed, self._tapped, self._open, self._to_trends, self)
        self.working.head.addWidget(self.head)
        self.all_tags: TagsPage | None = None
        self._tags_room = QWidget(self)
        self._tags_head = QVBoxLayout(self._tags_room)
        self._empty = QTextBrowser(self)
        self._empty.document().setDocumentMargin(40)
        self._pages = QStackedLayout(self)
        for page in (self.working, self._tags_room, self._empty):
            self._pages.addWidget(page)
        self._pages.setCurrentWidget(self._empty)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(t("Unit"))
        self._connect()
        self._show_empty()

    def _connect(self) -> None:
        self.head.stepped.connect(self._step)
        self.head.raised.connect(self._raise)
        self.head.paged.connect(self.show_page)
        for keys, slot in (
            ("Alt+Left", partial(self._step, -1)),
            ("Alt+Right", partial(self._step, 1)),
            ("Alt+Up", self._raise),
            ("Ctrl+PgUp", partial(self.show_page, WORKING)),
            ("Ctrl+PgDown", partial(self.show_page, ALL_TAGS)),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(slot)

    # What the shell calls

    def set_plant(self, model: Model) -> None:
        """A new list of live tags; the asset on show stays where it still exists."""
        current = self._shown.asset.path if self._shown is not None else ""
        self._model, self._has_plant = model, True
        self._shown, self._snapshot = None, None
        self._show_empty()
        self._pages.setCurrentWidget(self._empty)
        path = state.place_of(model, "", current)
        if path is not None:
            self._show_asset(path)

    def set_sources(self, sources: Sequence[SourceStatus]) -> None:
        """Sources stand in the top bar and on System."""

    def set_engine(self, status: EngineStatus) -> None:
        """The engine's figures stand on System."""

    def set_alarms(self, alarms: Sequence[Alarm]) -> None:
        """Badges of the asset and its devices."""
        if tuple(alarms) != self._alarms:
            self._alarms = tuple(alarms)
            self._show_alarms()

    def set_control_desk(self, desk: ControlDesk) -> None:
        """Work in progress is marked on what it is about."""
        desk.listeners.append(lambda: self._show_work(desk))
        self._show_work(desk)

    def _show_work(self, desk: ControlDesk) -> None:
        work = frozenset(desk.book.work_tags)
        if work != self._work:
            self._work = work
            self._show_alarms()

    def set_predictions(self, predicted: Mapping[str, Tier]) -> None:
        """The assets and tags that trouble is predicted of; what is only to be watched is not shown here."""
        foreseen = frozenset(path for path, tier in predicted.items() if tier == "act")
        if foreseen != self._foreseen:
            self._foreseen = foreseen
            self._show_alarms()

    def set_kpis(self, kpis: Sequence[Kpi]) -> None:
        """Figures of the plant stand on Overview."""

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.head.set_theme(theme)
        self.working.set_theme(theme)
        if self.all_tags is not None:
            self.all_tags.set_theme(theme)
        self._show_empty()

    def set_stalled(self, stalled: bool) -> None:
        """Numbers come in as stale by themselves; the trends need to be told."""
        self._stalled = stalled
        self.working.set_stalled(stalled)
        if self.all_tags is not None:
            self.all_tags.set_stalled(stalled)

    def on_numbers(self, snapshot: Snapshot) -> None:
        """Repaint what differs on the page on show."""
        if snapshot.value.size != len(self._model.tags) or self._shown is None:
            return
        self._snapshot = snapshot
        self.head.show_now(headline(self._model, snapshot, self._shown))
        if self._is_working():
            self.working.on_numbers(snapshot)
        elif self.all_tags is not None:
            self.all_tags.on_numbers(snapshot)

    def on_trends(self, now_us: int) -> None:
        """One frame of the trend on show."""
        if self._is_working():
            self.working.on_trends(now_us)
        elif self.all_tags is not None:
            self.all_tags.on_trends(now_us)

    def wants(self) -> set[Want]:
        """Both, while there is an asset to show."""
        return {"numbers", "trends"} if self._shown is not None else set()

    def show_place(self, path: str) -> str:
        """Show an asset, or for a tag its unit with the faceplate of the tag; gives the asset's path."""
        current = self._shown.asset.path if self._shown is not None else ""
        found = state.place_of(self._model, path, current)
        if found is None:
            return current
        if self._shown is None or found != current:
            self._show_asset(found)
        if path in self._model.index and not self._is_working() and self.all_tags is not None:
            self.all_tags.show_tag(path)
        return found

    @property
    def path(self) -> str:
        """The asset on show."""
        return self._shown.asset.path if self._shown is not None else ""

    # Hands

    def show_page(self, page: int) -> None:
        """The working page or every tag of the asset."""
        if self._shown is None:
            return
        if page == ALL_TAGS and self.all_tags is None:
            self._make_tags_page()
        room = self.working.head if page == WORKING else self._tags_head
        room.insertWidget(0, self.head)
        self.head.show_page(page)
        self._pages.setCurrentWidget(self.working if page == WORKING else self._tags_room)
        if page == ALL_TAGS and self.all_tags is not None:
            self.all_tags.show_asset(self._model, self._shown.asset.path)
        if self._snapshot is not None:
            self.on_numbers(self._snapshot)

    def _make_tags_page(self) -> None:
        self.all_tags = TagsPage(self._theme, self._feed, self._to_trends, self)
        gap = self._theme.size.gap
        self._tags_head.setContentsMargins(gap, gap + 8, gap, 0)
        self._tags_head.setSpacing(0)
        self._tags_head.addWidget(self.all_tags, 1)
        self.all_tags.set_stalled(self._stalled)
        self._show_alarms()

    def _tapped(self, path: str) -> None:
        self._go(Place("", path))

    def _open(self, path: str) -> None:
        self._go(Place(UNIT, path))

    def _to_trends(self, paths: list[str]) -> None:
        self._go(Place("trends", "\n".join(paths)))

    def _step(self, step: int) -> None:
        found = state.beside(self._model, self.path, step)
        if found is not None:
            self._open(found)

    def _raise(self) -> None:
        above = self._above()
        if above:
            self._open(above)

    # Inside

    def _above(self) -> str:
        """The path of what the asset is part of; "" for a unit: what is above it is the Overview."""
        asset = self._shown.asset if self._shown is not None else None
        return asset.parent or "" if asset is not None and asset.level == "equipment" else ""

    def _show_asset(self, path: str) -> None:
        shown = state.arrange(self._model, path)
        if shown is None:
            return
        self._shown = shown
        self.working.show_arrangement(self._model, shown)
        above = self._model.assets.get(self._above())
        ways = (state.beside(self._model, path, step) is not None for step in (-1, 1))
        self.head.show_asset(shown.title, above.name if above is not None else "", *ways)
        self._show_alarms()
        self.head.show_now(headline(self._model, self._snapshot, shown))
        self.show_page(ALL_TAGS if self._pages.currentWidget() is self._tags_room else WORKING)

    def _show_alarms(self) -> None:
        found = with_foreseen(with_work(badges(self._alarms), self._model, self._work), self._foreseen)
        self.head.show_badge(found.get(self.path), aside_words(asides(self._alarms).get(self.path)))
        self.working.set_alarms(self._alarms, found)
        if self.all_tags is not None:
            self.all_tags.set_badges(found)

    def _is_working(self) -> bool:
        return self._pages.currentWidget() is self.working

    def _show_empty(self) -> None:
        waiting = t(
            "<h2>Waiting for the engine</h2>"
            "<p>It reads the project and connects to the PLCs.</p>"
            "<p>If the bar above names a mistake in a file, put it right and save the file: the engine is "
            "started again by itself. F1 shows how the files are written.</p>"
        )
        self._empty.setHtml(help_without_tags(self._theme) if self._has_plant else waiting)
