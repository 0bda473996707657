"""The twin as widgets: the list of assets, the scene, and what was measured of the selected asset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QStackedLayout,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from engine.types import Alarm, Curve, EngineStatus, Kpi, Snapshot, SourceStatus
from hmi import alarms as alarm_words
from hmi import values
from hmi.alarms import NO_BADGES, Badge
from hmi.displays.display import Go, Place, Want
from hmi.displays.feed import Feed
from hmi.displays.twin import state, tree
from hmi.displays.twin.asset_list import AssetList
from hmi.displays.twin.tools import Tools
from hmi.formats import t
from hmi.model import Model, asset_of
from hmi.pens import pens_of
from hmi.theme import Theme
from hmi.widgets.labels import heading, panel
from hmi.widgets.scene.asset_look import Sight
from hmi.widgets.scene_view import SceneView
from hmi.widgets.trend_panel import TrendPanel

LIST_PART, LEAST_LIST_PX, MOST_LIST_PX = 0.175, 232, 320
TREND_PART, LEAST_TREND_PX = 0.235, 178
LEAST_MIDDLE_PX = 320


class TwinView(QWidget):
    """One selection for list, scene, trend and faceplate: who moves one of them moves all."""

    def __init__(self, theme: Theme, feed: Feed, go: Go, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._feed, self._go = theme, feed, go
        self._twin = state.twin_of(Model())
        self._has_plant = False
        self._snapshot: Snapshot | None = None
        self._snapshot_us = 0
        self._alarms: tuple[Alarm, ...] = ()
        self._badges: Mapping[str, Badge] = NO_BADGES
        self._opened: frozenset[str] = frozenset()
        self._path = ""
        self.assets = AssetList(theme, self)
        self.filter = QLineEdit(self)
        self.scene = SceneView(theme, self)
        self.tools = Tools(theme, self.scene)
        self.trend = TrendPanel(theme, self._curve, self, lean=True)
        self._heading = heading(theme, t("Assets"))
        self._empty = QTextBrowser(self)
        self._lay_out()
        self._connect()
        self._show_empty()

    def _lay_out(self) -> None:
        gap = self._theme.size.gap
        self._side, self._stage = panel(), panel()
        column = QVBoxLayout(self._side)
        column.setContentsMargins(8, 4, 8, 10)
        column.setSpacing(4)
        column.addWidget(self._heading)
        column.addWidget(self.assets, 1)
        column.addWidget(self.filter)
        self._heading.setContentsMargins(6, 0, 0, 0)
        inside = QVBoxLayout(self._stage)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self.scene)
        self.trend.setMinimumWidth(LEAST_MIDDLE_PX)
        right = QVBoxLayout()
        right.setSpacing(gap * 2 // 3)
        right.addWidget(self._stage, 1)
        right.addWidget(self.trend)
        whole = QWidget(self)
        row = QHBoxLayout(whole)
        row.setContentsMargins(gap, gap, gap, gap)
        row.setSpacing(gap * 2 // 3)
        row.addWidget(self._side)
        row.addLayout(right, 1)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(whole)
        self._pages.addWidget(self._empty)
        self._pages.setCurrentWidget(self._empty)
        self._empty.setFrameShape(QFrame.Shape.NoFrame)
        self._empty.document().setDocumentMargin(40)
        self.filter.setPlaceholderText(t("Filter…"))
        self.filter.setAccessibleName(t("Filter assets by name"))
        self.filter.setClearButtonEnabled(True)
        self.setFocusProxy(self._empty)

    def _connect(self) -> None:
        self.assets.chosen.connect(self._select)
        self.assets.opened.connect(self._open)
        self.assets.folded.connect(self._fold)
        self.filter.textChanged.connect(lambda _: self._show_rows())
        self.scene.picked.connect(self._open)
        self.scene.installEventFilter(self)
        self.tools.trouble.connect(self.show_trouble)
        self.tools.home.connect(self.scene.home)
        self.tools.zoomed.connect(self.scene.zoom)
        self.tools.changed.connect(self._show_sight)
        self.trend.opened.connect(lambda paths: self._go(Place("trends", paths[0] if paths else "")))

    # What the shell calls

    def set_plant(self, model: Model) -> None:
        """Another plant, or the same with new live positions; the selection stays where it still exists."""
        self._twin, self._snapshot, self._has_plant = state.twin_of(model), None, True
        self._opened = frozenset(path for path in self._opened if path in model.assets) or tree.first_open(
            model
        )
        self._path = self._path if self._path in model.assets else ""
        had_focus = self.window().focusWidget() in (None, self._empty, self.assets)
        self._pages.setCurrentIndex(0 if model.tags else 1)
        self.setFocusProxy(self.assets if model.tags else self._empty)
        if had_focus:
            self.setFocus()
        self._show_empty()
        self.trend.set_place(model.plant.timezone, model.plant.locale)
        self.scene.show_parts(self._twin.parts)
        self._show_alarms()
        self._show_pens()

    def set_sources(self, sources: Sequence[SourceStatus]) -> None:
        """Sources stand in the top bar."""

    def set_engine(self, status: EngineStatus) -> None:
        """The engine's figures stand on System."""

    def set_alarms(self, alarms: Sequence[Alarm]) -> None:
        """Badges, tints, labels."""
        if tuple(alarms) != self._alarms:
            self._alarms = tuple(alarms)
            self.trend.set_alarms(self._alarms)
            self._show_alarms()

    def set_kpis(self, kpis: Sequence[Kpi]) -> None:
        """The plant's figures stand on Overview."""

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self._heading.set_theme(theme)
        self.assets.set_theme(theme)
        self.scene.set_theme(theme)
        self.trend.set_theme(theme)
        self._show_empty()
        self._show_pens()

    def set_stalled(self, stalled: bool) -> None:
        """Values come in as stale by themselves; the trend needs to be told."""
        self.trend.set_stalled(stalled)

    def on_numbers(self, snapshot: Snapshot) -> None:
        """New values on the labels; new looks where a quality or a state changed."""
        if snapshot.value.size != len(self._twin.model.tags):
            return
        self._snapshot, self._snapshot_us = snapshot, self._feed.now_us()
        self._show_now()

    def on_trends(self, now_us: int) -> None:
        """One frame of the trend."""
        self.trend.on_trends(now_us)

    def is_ready(self) -> bool:
        """The scene is drawn as it will stay; a picture waits for this."""
        return self.scene.is_settled

    def wants(self) -> set[Want]:
        """Numbers while there are tags; the trend while a tag is drawn."""
        if not self._twin.model.tags:
            return set()
        return {"numbers", "trends"} if self.trend.plot.pens else {"numbers"}

    def show_place(self, path: str) -> str:
        """Select an asset, or the one a tag belongs to, and move near to it."""
        asset = asset_of(self._twin.model, path) if path else None
        if asset is not None and asset.path != self._path:
            self._select(asset.path)
            self.scene.frame_asset(state.seen_as(self._twin, asset.path))
        return self._path

    # Hands

    def show_trouble(self) -> None:
        """Select the asset of the worst alarm, move near to it and open its faceplate."""
        path = state.trouble(self._twin.model, self._alarms)
        if path is not None:
            self.scene.frame_asset(state.seen_as(self._twin, path))
            self._open(path)

    @property
    def path(self) -> str:
        """The selected asset; "" for none."""
        return self._path

    def _open(self, path: str) -> None:
        self._select(path)
        self._go(Place("", path))

    def _select(self, path: str) -> None:
        if path == self._path:
            return
        self._path = path
        self._opened = tree.opened_to(self._twin.model, self._opened, path)
        self._show_rows()
        self.assets.show_marked()
        self._show_sight()
        self._show_pens()

    def _fold(self, path: str) -> None:
        if not self.filter.text().strip():
            self._opened = tree.toggled(self._opened, path)
            self._show_rows()

    # Inside

    def _show_alarms(self) -> None:
        self._badges = alarm_words.badges(self._alarms)
        self._show_rows()
        self._show_sight()
        self._show_now()
        if not self._path:
            self._show_pens()

    def _show_rows(self) -> None:
        rows = tree.rows(self._twin.model, self._opened, self._badges, self.filter.text())
        self.assets.show_rows(rows, self._path)

    def _show_now(self) -> None:
        self.scene.show_looks(state.looks(self._twin, self._alarms, self._snapshot))
        self.scene.show_labels(state.labels(self._twin, self._alarms, self._snapshot))

    def _show_sight(self) -> None:
        seen = state.seen_as(self._twin, self._path) if self._path else ""
        self.tools.show_selected(bool(seen), state.trouble(self._twin.model, self._alarms) is not None)
        apart = seen if self.tools.apart.isChecked() else ""
        if apart and apart != self.scene.sight.apart:
            self.scene.frame_asset(apart)
        self.scene.show_sight(Sight(seen, apart, self.tools.through.isChecked()))
        self.scene.set_labels_shown(self.tools.labels.isChecked())
        self.scene.set_taken(self.tools.place())

    def _show_pens(self) -> None:
        model = self._twin.model
        first = model.units[0] if model.units else next(iter(model.assets), "")
        path = self._path or state.trouble(model, self._alarms) or first
        at = state.drawn_tag(model, path) if path else None
        pens = pens_of(model, () if at is None else (at,), self._theme.pens, with_setpoint=True)
        title = t("{asset}: measured", asset=state.title_of(model, path)) if path else t("Trend")
        self.trend.show_pens(title, pens)

    def _curve(self, index: int, start_us: int, end_us: int, pixels: int) -> Curve:
        curve = self._feed.curve(index, start_us, end_us, pixels)
        if self._snapshot is None:
            return curve
        return values.with_proof(curve, self._snapshot, index, self._snapshot_us, end_us)

    def _show_empty(self) -> None:
        waiting = t(
            "<h2>Waiting for the engine</h2>"
            "<p>The twin is drawn as soon as the engine has read the project.</p>"
        )
        nothing = t(
            "<h2>Nothing to draw yet</h2>"
            "<p>The twin shows the assets of <b>tags.csv</b>: every unit of the plant gets a place of its "
            "own as soon as it has a tag.</p>"
            "<p>To draw the plant as it stands, write its parts into <b>scene/line.toml</b>, in metres:</p>"
            '<pre>[[parts]]<br>shape = "robot"<br>asset = "Line 3/S30 Spot weld A/Robot 1"<br>'
            "at = [-9.0, -2.4, 0.0]<br>turn = 90.0</pre>"
            "<p>F1 shows how the file is written.</p>"
        )
        self._empty.setHtml(nothing if self._has_plant else waiting)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.scene and event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            # After the scene itself has taken its new size.
            QTimer.singleShot(0, self, self._place_tools)
        return super().eventFilter(watched, event)

    def _place_tools(self) -> None:
        self.scene.set_taken(self.tools.place())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._side.setFixedWidth(min(MOST_LIST_PX, max(LEAST_LIST_PX, round(self.width() * LIST_PART))))
        self.trend.setFixedHeight(max(LEAST_TREND_PX, round(self.height() * TREND_PART)))
