"""The overview as widgets: what the shell calls, and what of it reaches which tile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedLayout, QWidget

from engine.types import Alarm, Curve, EngineStatus, Kpi, Snapshot, SourceStatus, Tier
from hmi import alarms as alarm_words
from hmi import figure, values
from hmi.alarms import NO_BADGES, Badge
from hmi.control_desk import ControlDesk
from hmi.displays.display import Go, Place, Want
from hmi.displays.feed import Feed
from hmi.displays.overview import state
from hmi.displays.overview.board import Board
from hmi.displays.overview.focus import NO_FOCUS, focus_of
from hmi.displays.overview.teach import Teach
from hmi.formats import t
from hmi.model import Model, unit_of
from hmi.pens import pens_of
from hmi.theme import Theme
from hmi.widgets.blink import Blink


class OverviewView(QWidget):
    """Level 1: no controls. A tap on a tile opens the Unit, one on the trend opens Trends."""

    def __init__(self, theme: Theme, feed: Feed, go: Go, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._feed, self._go = theme, feed, go
        self._model = Model()
        self._spots: tuple[state.Spot, ...] = ()
        self._snapshot: Snapshot | None = None
        self._snapshot_us = 0
        self._alarms: tuple[Alarm, ...] = ()
        self._by_unit: Mapping[str, tuple[Alarm, ...]] = {}
        self._badges: Mapping[str, Badge] = NO_BADGES
        self._work: frozenset[str] = frozenset()
        self._foreseen: frozenset[str] = frozenset()
        self._kpis: tuple[Kpi, ...] = ()
        self._focus = NO_FOCUS
        self._is_stalled = False
        self._missed: set[str] = set()
        self.blink = Blink(self._turn, self)
        self._teach = Teach(theme, self)
        self._scroll = QScrollArea(self)
        self.board = Board(theme, self._curve, feed.past, self._open, self._reach, self._scroll)
        self._lay_out()

    def _lay_out(self) -> None:
        self._scroll.setWidget(self.board)
        self._scroll.setProperty("look", "page")
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.verticalScrollBar().valueChanged.connect(lambda _: self._show_tiles())
        self.board.setAccessibleName(t("Overview of the line"))
        self.board.trend.opened.connect(self._open_trend)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._scroll)
        self._pages.addWidget(self._teach)
        self._pages.setCurrentWidget(self._teach)
        self.setFocusProxy(self._teach)

    # What the shell calls

    def set_plant(self, model: Model) -> None:
        """Another plant: new tiles, and the trend of its most critical unit."""
        self._model, self._snapshot = model, None
        self._spots = state.spots_of(model, (*model.units, *model.utilities))
        self._missed.clear()
        self._teach.show_plant(True)
        had_focus = self.window().focusWidget() in (None, self._teach, *self.board.tiles)
        self._sort_alarms()
        tiles = [self._tile(spot) for spot in self._spots]
        self.board.set_tiles(tiles[: len(model.units)], tiles[len(model.units) :])
        self._pages.setCurrentWidget(self._scroll if tiles else self._teach)
        self.setFocusProxy(self.board if tiles else self._teach)
        if had_focus:
            self.setFocus()
        self.board.trend.set_place(model.plant.timezone, model.plant.locale)
        self._focus = NO_FOCUS
        self._need_blink()
        self._show_figures()
        self._show_trend()
        self._place()

    def set_sources(self, sources: Sequence[SourceStatus]) -> None:
        """Sources stand in the top bar."""

    def set_engine(self, status: EngineStatus) -> None:
        """The engine's figures stand on System."""

    def set_alarms(self, alarms: Sequence[Alarm]) -> None:
        """Badges, outlines, conditions, and whose trend is on show."""
        if tuple(alarms) == self._alarms:
            return
        self._alarms = tuple(alarms)
        self._sort_alarms()
        self.board.trend.set_alarms(self._alarms)
        self._show_tiles()
        self._show_trend()
        self._need_blink()

    def set_control_desk(self, desk: ControlDesk) -> None:
        """Work in progress is marked on what it is about."""
        desk.listeners.append(lambda: self._show_work(desk))
        self._show_work(desk)

    def _show_work(self, desk: ControlDesk) -> None:
        work = frozenset(desk.book.work_tags)
        if work != self._work:
            self._work = work
            self._sort_alarms()
            self._show_tiles()

    def set_predictions(self, predicted: Mapping[str, Tier]) -> None:
        """The assets that trouble is predicted of: what is to be watched is for maintenance and not here."""
        foreseen = frozenset(path for path, tier in predicted.items() if tier == "act")
        if foreseen != self._foreseen:
            self._foreseen = foreseen
            self._sort_alarms()
            self._show_tiles()

    def set_kpis(self, kpis: Sequence[Kpi]) -> None:
        """The plant's figures."""
        self._kpis = tuple(kpis)
        self._show_figures()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self._teach.set_theme(theme)
        self.board.set_theme(theme)
        self._show_pens()
        self._place()

    def set_stalled(self, stalled: bool) -> None:
        """Values come in as stale by themselves; figures and trend need to be told."""
        self._is_stalled = stalled
        self.board.trend.set_stalled(stalled)
        self._show_figures()

    def on_numbers(self, snapshot: Snapshot) -> None:
        """Repaint the tiles that differ and can be seen, and nothing else."""
        if snapshot.value.size != len(self._model.tags):
            return
        before, self._snapshot = self._snapshot, snapshot
        self._snapshot_us = self._feed.now_us()
        self._show_tiles(state.change_of(before, snapshot))
        if before is None:
            self._place()

    def on_trends(self, now_us: int) -> None:
        """One frame of the trend."""
        self.board.trend.on_trends(now_us)

    def wants(self) -> set[Want]:
        """Numbers while there is a tile; the trend where there is room for it."""
        if not self._spots:
            return set()
        return {"numbers", "trends"} if self.board.has_trend and self._focus.tags else {"numbers"}

    def show_place(self, path: str) -> str:
        """Bring the tile of a unit, or of the unit a tag is in, into view; the title stays the plant's."""
        unit = unit_of(self._model, path) if path else None
        at = next((at for at, each in enumerate(self._spots) if unit and each.path == unit.path), None)
        if at is not None:
            self.board.go_to(at)
        return ""

    # Inside

    def _tile(self, spot: state.Spot, before: tuple[state.Tile, state.Change] | None = None) -> state.Tile:
        alarms, badge = self._by_unit.get(spot.path, ()), self._badges.get(spot.path)
        return state.tile_of(self._model, spot, self._snapshot, badge, alarms, before)

    def _sort_alarms(self) -> None:
        found = alarm_words.with_work(alarm_words.badges(self._alarms), self._model, self._work)
        self._badges = alarm_words.with_foreseen(found, self._foreseen)
        self._by_unit = state.alarms_by_unit(self._model, self._alarms)

    def _show_tiles(self, change: state.Change | None = None) -> None:
        """The tiles that can be seen; with ``change`` only those that it reaches."""
        seen = self._scroll.viewport().rect().translated(0, self._scroll.verticalScrollBar().value())
        for spot, widget in zip(self._spots, self.board.tiles, strict=True):
            if not widget.geometry().intersects(seen):
                self._missed.add(spot.path)
            elif change is None or spot.path in self._missed:
                self._missed.discard(spot.path)
                widget.show_tile(self._tile(spot))
            elif not state.is_same(spot, change):
                widget.show_tile(self._tile(spot, (widget.tile, change)))
        self.board.show_belt()

    def _show_figures(self) -> None:
        figures = state.figures_of(self._model, self._kpis)
        if self._is_stalled:
            figures = tuple(figure.as_silent(each) for each in figures)
        self.board.show_figures(figures)

    def _show_trend(self) -> None:
        focus = focus_of(self._model, self._alarms, self._focus)
        if focus != self._focus:
            self._focus = focus
            self._show_pens()

    def _show_pens(self) -> None:
        pens = pens_of(self._model, self._focus.tags, self._theme.pens)
        self.board.trend.show_pens(self._focus.title or t("Trend"), pens, self._focus.why)

    def _curve(self, index: int, start_us: int, end_us: int, pixels: int) -> Curve:
        curve = self._feed.curve(index, start_us, end_us, pixels)
        if self._snapshot is None:
            return curve
        return values.with_proof(curve, self._snapshot, index, self._snapshot_us, end_us)

    def _open(self, path: str) -> None:
        self._go(Place("unit", path))

    def _open_trend(self, paths: Sequence[str]) -> None:
        self._go(Place("trends", "\n".join(paths)))

    def _reach(self, tile: QWidget) -> None:
        self._scroll.ensureWidgetVisible(tile, 0, 16)

    def _place(self) -> None:
        """The board as wide as the view, and as tall or taller; only then does it scroll."""
        height = self.board.place(self.width(), self.height())
        if height > self.height():
            width = self.width() - self._scroll.verticalScrollBar().sizeHint().width()
            height = self.board.place(width, self.height())
            self.board.resize(width, height)
        else:
            self.board.resize(self.width(), self.height())

    def _need_blink(self) -> None:
        self.blink.need(self.isVisible() and any(each.waiting for each in self._badges.values()))

    def _turn(self) -> None:
        """Only tiles that blink are painted again, each from one of two pictures."""
        for tile in self.board.tiles:
            if tile.is_waiting:
                tile.update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._need_blink()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.blink.need(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()
