"""The twin as widgets: the list of assets, the scene, what was measured of the selected asset, and time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

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
from hmi import formats, values
from hmi.alarms import NO_ASIDES, Aside
from hmi.control_desk import ControlDesk
from hmi.displays.display import Go, Place, Want
from hmi.displays.feed import Feed
from hmi.displays.twin import state, tree
from hmi.displays.twin.asset_list import AssetList
from hmi.displays.twin.stage import Stage, replay_words
from hmi.displays.twin.teach import words_of_nothing
from hmi.displays.twin.time_bar import TimeBar
from hmi.displays.twin.tree import NO_TIERS, Tier
from hmi.displays.twin.trouble import drawn_tag, next_trouble, title_of, troubles
from hmi.formats import t
from hmi.model import Model, asset_of
from hmi.pens import pens_of
from hmi.theme import Theme
from hmi.who import NOBODY, Who
from hmi.widgets.labels import heading, panel
from hmi.widgets.trend_panel import TrendPanel

if TYPE_CHECKING:
    from hmi.displays.twin.editor import Editor

LIST_PART, LEAST_LIST_PX, MOST_LIST_PX = 0.15, 256, 360
"""Of the window, not of the display: what lies over the scene stays put when a faceplate opens."""
TREND_PART, LEAST_TREND_PX, SLIM_TREND_PX = 0.235, 178, 172
SLIM_PX = 640
"""Below this height of the display the trend is low: the scene is what it is about."""
LEAST_MIDDLE_PX = 320


class TwinView(QWidget):
    """One selection for list, scene, trend and faceplate: who moves one of them moves all."""

    def __init__(self, theme: Theme, feed: Feed, go: Go, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._feed, self._go = theme, feed, go
        self._twin = state.twin_of(Model())
        self._told = state.NOTHING_TOLD
        self._has_plant, self._snapshot_us = False, 0
        self._snapshot: Snapshot | None = None
        self._alarms: tuple[Alarm, ...] = ()
        self._predicted: Mapping[str, Tier] = NO_TIERS
        self._work: frozenset[str] = frozenset()
        self._asides: Mapping[str, Aside] = NO_ASIDES
        self._opened: frozenset[str] = frozenset()
        self._path = self._drawn = ""
        self._troubles: tuple[str, ...] = ()
        self._shown_troubles: tuple[str, ...] = ()
        self._who, self._is_stalled, self._past_us = NOBODY, False, None
        self._editor: Editor | None = None
        self.assets = AssetList(theme, self)
        self.filter = QLineEdit(self)
        self.stage = Stage(theme, feed, self)
        self.scene, self.tools = self.stage.scene, self.stage.tools
        self.trend = TrendPanel(theme, self._curve, self, lean=True, past=feed.past)
        self.time = TimeBar(theme, feed, self)
        self._heading = heading(theme, t("Assets"))
        self._empty = QTextBrowser(self)
        self._lay_out()
        self._connect()
        self._show_empty()
        self._show_rights()

    def _lay_out(self) -> None:
        gap = self._theme.size.gap
        self._side = panel()
        column = QVBoxLayout(self._side)
        column.setContentsMargins(8, 4, 8, 10)
        column.setSpacing(4)
        column.addWidget(self._heading)
        column.addWidget(self.assets, 1)
        column.addWidget(self.filter)
        self._heading.setContentsMargins(6, 0, 0, 0)
        self.trend.setMinimumWidth(LEAST_MIDDLE_PX)
        right = QVBoxLayout()
        right.setSpacing(gap * 2 // 3)
        right.addWidget(self.stage, 1)
        right.addWidget(self.trend)
        right.addWidget(self.time)
        whole = QWidget(self)
        self._row = QHBoxLayout(whole)
        self._row.setContentsMargins(gap, gap, gap, gap)
        self._row.setSpacing(gap * 2 // 3)
        self._row.addWidget(self._side)
        self._row.addLayout(right, 1)
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
        self.stage.picked.connect(self._open)
        self.stage.trouble.connect(self.show_trouble)
        self.stage.edit.connect(self.edit)
        self.trend.opened.connect(lambda paths: self._go(Place("trends", paths[0] if paths else "")))

    # What the shell calls

    def set_plant(self, model: Model) -> None:
        """Another plant, or the same with new live positions; the selection stays where it still exists."""
        self._twin, self._snapshot, self._has_plant = state.twin_of(model), None, True
        kept = frozenset(path for path in self._opened if path in model.assets)
        self._opened = kept or tree.first_open(model)
        self._path = self._drawn = self._path if self._path in model.assets else ""
        had_focus = self.window().focusWidget() in (None, self._empty, self.assets)
        self._pages.setCurrentIndex(0 if model.tags else 1)
        self.setFocusProxy(self.assets if model.tags else self._empty)
        if had_focus:
            self.setFocus()
        self._show_empty()
        self.trend.set_place(model.plant.timezone, model.plant.locale)
        self.time.set_plant(model)
        if self._editor is not None:
            self._editor.set_plant(model)
        if not self.is_alone():
            self.stage.set_twin(self._twin)
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
            self.time.set_alarms(self._alarms)
            self._show_alarms()

    def set_predictions(self, predicted: Mapping[str, Tier]) -> None:
        """The assets that trouble is predicted of, by path, and how near it is."""
        if predicted != self._predicted:
            self._predicted = dict(predicted)
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

    def set_who(self, who: Who) -> None:
        """Who may change the scene and its views."""
        self._who = who
        self._show_rights()

    def set_past(self, at_us: int | None) -> None:
        """A past instant is on show; None = the plant as it is now."""
        self._past_us = at_us
        zone = self._twin.model.plant.timezone
        self.stage.show_past("" if at_us is None else replay_words(formats.clock(at_us, zone)))
        if at_us is not None and self.is_alone() and self._editor is not None:
            self._editor.end()
        self._show_rights()

    def set_kpis(self, kpis: Sequence[Kpi]) -> None:
        """The plant's figures stand on Overview."""

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for part in (self._heading, self.assets, self.stage, self.trend, self.time, self._editor):
            if part is not None:
                part.set_theme(theme)
        self._show_empty()
        self._show_pens()

    def set_stalled(self, stalled: bool) -> None:
        """Values come in as stale by themselves; the trend needs to be told."""
        self._is_stalled = stalled
        self.trend.set_stalled(stalled)
        self._show_rights()

    def on_numbers(self, snapshot: Snapshot) -> None:
        """New values on the labels; new looks where a quality or a state changed; parts that moved."""
        if snapshot.value.size != len(self._twin.model.tags):
            return
        self._snapshot, self._snapshot_us = snapshot, self._feed.now_us()
        self.stage.show_now(self._told, snapshot)
        if self._editor is not None:
            self._editor.on_numbers(snapshot)

    def on_trends(self, now_us: int) -> None:
        """One frame of the trend."""
        self.trend.on_trends(now_us)

    def is_ready(self) -> bool:
        """The scene is drawn as it will stay; a picture waits for this."""
        return self.stage.is_settled

    def is_alone(self) -> bool:
        """While the scene is edited it has all the room: no faceplate beside it, and nothing is written."""
        return self._editor is not None and self._editor.is_editing

    def wants(self) -> set[Want]:
        """Numbers while there are tags; the trend while a tag is drawn."""
        if not self._twin.model.tags:
            return set()
        return {"numbers", "trends"} if self.trend.plot.pens and not self.trend.isHidden() else {"numbers"}

    def show_place(self, path: str) -> str:
        """Select an asset, or the one a tag belongs to, and fly near to it."""
        asset = asset_of(self._twin.model, path) if path else None
        if asset is not None and asset.path != self._path:
            self._select(asset.path)
            self.stage.fly_to(state.seen_as(self._twin, asset.path))
        return self._path

    def follow(self, path: str) -> None:
        """The faceplate is of this asset or tag: it is selected, and the trend draws it."""
        asset = asset_of(self._twin.model, path)
        if asset is not None and not self.is_alone():
            self._select(asset.path)
            self._drawn = path
            self._show_pens()

    def layout(self) -> dict[str, Any]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The views that only this station keeps, and what was switched."""
        switches = self.stage.sheet
        return {
            "views": self.stage.views.remembered(),
            "labels": switches.labels.isChecked(),
            "motion": switches.motion.isChecked(),
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """The same again. Raises: KeyError, TypeError, ValueError for what is none."""
        self.stage.views.remember(kept["views"])
        self.stage.sheet.labels.setChecked(bool(kept["labels"]))
        self.stage.sheet.motion.setChecked(bool(kept["motion"]))

    # Hands

    def show_trouble(self) -> None:
        """Select the asset of the worst alarm, fly near to it and open its faceplate; then of the next."""
        seen = self._shown_troubles if self._shown_troubles[-1:] == (self._path,) else ()
        path = next_trouble(self._troubles, seen)
        if path:
            self._shown_troubles = (path,) if path in seen else (*seen, path)
            self.stage.fly_to(state.seen_as(self._twin, path))
            self._open(path)
            self._show_troubles()

    @property
    def path(self) -> str:
        """The selected asset; "" for none."""
        return self._path

    def edit(self) -> None:
        """Edit the scene, where this person may."""
        if self._why_not_edit():
            return
        if self._editor is None:
            from hmi.displays.twin.editor import Editor

            self._editor = Editor(self._theme, self._feed, self.scene, self)
            self._editor.set_plant(self._twin.model)
            self._editor.parts_changed.connect(self.stage.show_parts)
            self._editor.ended.connect(self._edited)
            self._row.addWidget(self._editor)
        self._show_editing(True)
        self._editor.begin()
        # Anew, so that the shell takes the faceplate away.
        self._go(Place("twin", self._path))

    def _edited(self) -> None:
        self._show_editing(False)
        self.stage.set_twin(self._twin)
        self._show_alarms()
        self._go(Place("twin", self._path))

    def _show_editing(self, is_editing: bool) -> None:
        for part in (self.trend, self.time):
            part.setVisible(not is_editing)
        if self._editor is not None:
            self._editor.setVisible(is_editing)
        self.stage.set_editing(is_editing)
        self._show_rights()

    def _why_not_edit(self) -> str:
        if self._is_stalled:
            return t("The engine does not answer.")
        if self._past_us is not None:
            return t("This is a replay: nothing is changed from the past.")
        return "" if self._who.is_known and self._who.is_new else self._who.why_not("configure")

    def _show_rights(self) -> None:
        why = self._why_not_edit()
        self.stage.show_rights(why, not why and not self.is_alone())

    def _open(self, path: str) -> None:
        self._select(path)
        if not self.is_alone():
            self._go(Place("", path))

    def _select(self, path: str) -> None:
        if path == self._path:
            return
        self._path = self._drawn = path
        self._opened = tree.opened_to(self._twin.model, self._opened, path)
        self._show_rows()
        self.assets.show_marked()
        self._show_selected()
        self._show_pens()

    def _fold(self, path: str) -> None:
        if not self.filter.text().strip():
            self._opened = tree.toggled(self._opened, path)
            self._show_rows()

    # Inside

    def _show_alarms(self) -> None:
        self._told = state.told_of(self._twin, self._alarms, self._work, self._predicted)
        self._asides = alarm_words.asides(self._alarms)
        self._troubles = troubles(self._twin.model, self._alarms)
        self._show_rows()
        self._show_selected()
        self.stage.show_now(self._told, self._snapshot)
        if not self._path:
            self._show_pens()

    def _show_rows(self) -> None:
        told, words, model = self._told, self.filter.text(), self._twin.model
        rows = tree.rows(model, self._opened, told.badges, words, self._asides, told.predicted)
        self.assets.show_rows(rows, self._path)

    def _show_selected(self) -> None:
        self.stage.show_selected(state.seen_as(self._twin, self._path) if self._path else "")
        self._show_troubles()

    def _show_troubles(self) -> None:
        shown = self._shown_troubles[-1:] == (self._path,) and self._path in self._troubles
        number = self._troubles.index(self._path) + 1 if shown else 0
        self.tools.show_trouble_at(number, len(self._troubles))

    def _show_pens(self) -> None:
        model = self._twin.model
        first = model.units[0] if model.units else next(iter(model.assets), "")
        path = self._path or (self._troubles[0] if self._troubles else first)
        at = drawn_tag(model, self._drawn or path) if path else None
        pens = pens_of(model, () if at is None else (at,), self._theme.pens, with_setpoint=True)
        title = t("{asset}: measured", asset=title_of(model, path)) if path else t("Trend")
        self.trend.show_pens(title, pens)

    def _curve(self, index: int, start_us: int, end_us: int, pixels: int) -> Curve:
        curve = self._feed.curve(index, start_us, end_us, pixels)
        if self._snapshot is None:
            return curve
        return values.with_proof(curve, self._snapshot, index, self._snapshot_us, end_us)

    def _show_empty(self) -> None:
        self._empty.setHtml(words_of_nothing(self._has_plant))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = round(self.window().width() * LIST_PART)
        self._side.setFixedWidth(min(MOST_LIST_PX, max(LEAST_LIST_PX, wide)))
        least = LEAST_TREND_PX if self.height() > SLIM_PX else SLIM_TREND_PX
        self.trend.setFixedHeight(max(least, round(self.height() * TREND_PART)))
