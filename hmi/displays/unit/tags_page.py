"""Every tag of an asset: filter, tiles, the chosen number, and the trend of those that were picked."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QModelIndex, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from engine.types import Curve, Snapshot
from hmi import values
from hmi.alarms import NO_BADGES, Badge
from hmi.displays.feed import Feed
from hmi.displays.unit import tags_state
from hmi.displays.unit.looks import read_at
from hmi.displays.unit.number_panel import NumberPanel
from hmi.displays.unit.tile_list import TileList
from hmi.displays.unit.tiles import TileDelegate, TileModel
from hmi.displays.unit.words import trend_title
from hmi.formats import t
from hmi.gauge import Gauge, gauge_of
from hmi.model import Model, main_of
from hmi.pens import pens_of
from hmi.theme import Theme
from hmi.widgets.labels import Words
from hmi.widgets.trend_panel import TrendPanel

LEAST_PX, NARROW_PX = 700, 1060


class TagsPage(QWidget):
    """Every tag as a tile above; below it the chosen one as a number, and the trend."""

    def __init__(
        self, theme: Theme, feed: Feed, to_trends: Callable[[list[str]], None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._theme, self._feed = theme, feed
        self._plant = Model()
        self._state = tags_state.TagTiles()
        self._snapshot: Snapshot | None = None
        self._snapshot_us = 0
        self._badges: Mapping[str, Badge] = NO_BADGES
        self._model = TileModel(self._tile, self)
        self._delegate = TileDelegate(theme, self._tile, self._gauge, self)
        self._list = TileList(self._delegate, self._model, self.tap, self)
        self._number = NumberPanel(theme, self)
        self._full, self._lean = (
            TrendPanel(theme, self._curve, self, lean=lean, past=feed.past) for lean in (False, True)
        )
        self._lean.opened.connect(to_trends)
        self._trend = self._full
        self._summary = Words(theme, step="body", look="muted")
        self._lay_out()
        self.setFocusProxy(self._list)

    def _lay_out(self) -> None:
        gap = self._theme.size.gap
        self._column = column = QVBoxLayout(self)
        column.setSpacing(gap // 2)
        column.addLayout(self._make_head())
        column.addWidget(self._list)
        below = QHBoxLayout()
        below.setContentsMargins(gap // 2, 0, gap // 2 + 1, 0)
        below.setSpacing(gap)
        below.addWidget(self._number)
        below.addWidget(self._full, 1)
        below.addWidget(self._lean, 1)
        self._lean.hide()
        column.addLayout(below, 1)

    def _make_head(self) -> QHBoxLayout:
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText(t("Filter by name, unit, source or address"))
        self.filter.setAccessibleName(t("Filter tags"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setMaximumWidth(360)
        self.filter.textChanged.connect(self._filter)
        self._adding = QPushButton(t("Add to trend"), self)
        self._adding.setCheckable(True)
        self._adding.setToolTip(
            t("While this is on, a tap adds a tag to the trend or takes it out (also Ctrl+click)")
        )
        head = QHBoxLayout()
        head.setContentsMargins(self._theme.size.gap // 2, 0, self._theme.size.gap // 2 + 1, 0)
        head.setSpacing(self._theme.size.gap)
        head.addWidget(self.filter, 1)
        head.addWidget(self._summary)
        head.addStretch(1)
        head.addWidget(self._adding)
        return head

    # What the view calls

    def show_asset(self, model: Model, path: str) -> None:
        """Every tag at or below an asset; filter, pens and chosen tag stay where they still exist."""
        if model is not self._plant:
            self._snapshot = None
            for trend in (self._full, self._lean):
                trend.set_place(model.plant.timezone, model.plant.locale)
        elif path == self._state.scope and self._state.tags:
            return
        self._plant = model
        asset = model.assets.get(path)
        main = main_of(model, asset) if asset is not None else None
        self._state = tags_state.opened(model.tags, self._state if self._state.tags else None, path, main)
        self._delegate.looks.clear()
        self._model.refresh()
        self._show_state()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme, self._delegate.theme = theme, theme
        self._summary.set_theme(theme)
        self._number.set_theme(theme)
        self._full.set_theme(theme)
        self._lean.set_theme(theme)
        self._show_state()

    def set_badges(self, badges: Mapping[str, Badge]) -> None:
        """What is foreseen of the tags, by path."""
        if badges != self._badges:
            self._badges = badges
            self._list.viewport().update()

    def set_stalled(self, stalled: bool) -> None:
        """Numbers come in as stale by themselves; the trend needs to be told."""
        self._full.set_stalled(stalled)
        self._lean.set_stalled(stalled)

    def on_numbers(self, snapshot: Snapshot) -> None:
        """Repaint what differs and can be seen, and nothing else."""
        if snapshot.value.size != len(self._state.tags):
            return
        mask = values.changed(self._snapshot, snapshot)
        self._snapshot, self._snapshot_us = snapshot, self._feed.now_us()
        for row in self._list.visible_rows():
            tag = self._model.tag_index(row)
            if mask[tag] and self._tile(tag).look != self._delegate.looks.get(tag):
                self._list.update(self._model.index(row))
        self._show_number()
        self._summary.show_text(tags_state.summary(self._state, snapshot))

    def on_trends(self, now_us: int) -> None:
        """One frame of the trend."""
        self._trend.on_trends(now_us)

    def show_tag(self, path: str) -> None:
        """Choose a tag and bring its tile into view."""
        index = self._plant.index.get(path)
        if index is None or index not in self._state.order:
            return
        if index not in self._state.shown:
            self.filter.clear()
        self._state = tags_state.chosen(self._state, index)
        self._show_state()
        row = self._state.shown.index(index)
        self._list.setCurrentIndex(self._model.index(row))
        self._list.scrollTo(self._model.index(row))

    @property
    def paths(self) -> list[str]:
        """The tags that pass the filter, in the order of the tiles."""
        return [self._state.tags[at].path for at in self._state.shown]

    @property
    def chosen(self) -> str:
        """The tag in the number panel; "" without any."""
        return "" if self._state.focus is None else self._state.tags[self._state.focus].path

    # Hands

    def tap(self, index: QModelIndex, toggles: bool) -> None:
        """A tile was tapped or its key pressed."""
        tag = self._model.tag_index(index.row())
        toggles = toggles or self._adding.isChecked()
        before = self._state
        self._state = tags_state.toggled(before, tag) if toggles else tags_state.chosen(before, tag)
        if toggles and self._state == before and values.has_curve(before.tags[tag]):
            QApplication.beep()
            self._summary.show_text(t("A trend holds {n} tags; take one out first.", n=tags_state.MAX_PENS))
            return
        self._show_state()

    def _filter(self, text: str) -> None:
        self._state = tags_state.filtered(self._state, text)
        self._show_state()

    # Inside

    def _tile(self, index: int) -> values.Reading:
        return read_at(self._plant, self._snapshot, index, self._badges)

    def _gauge(self, index: int) -> Gauge:
        return gauge_of(self._plant, index, self._snapshot)

    def _show_state(self) -> None:
        self._delegate.state = self._state
        self._model.show_rows(self._state)
        pens = pens_of(self._plant, self._state.pens, self._theme.pens)
        for trend in (self._full, self._lean):
            trend.show_pens(trend_title(self._plant, self._state.pens), pens)
        self._summary.show_text(tags_state.summary(self._state, self._snapshot))
        self._show_number()
        self._share_height()
        self._list.viewport().update()

    def _show_number(self) -> None:
        focus = self._state.focus
        self._number.setVisible(focus is not None)
        if focus is not None:
            now_us = self._feed.now_us()
            tag, extent = self._state.tags[focus], self._trend.plot.extent(focus)
            in_trend = values.extent_text(tag, extent, focus in self._state.pens, self._plant.plant)
            plant, gauge = self._plant.plant, self._gauge(focus)
            self._number.show_tag(tag, self._snapshot, focus, plant, now_us, in_trend, gauge)

    def _curve(self, index: int, start_us: int, end_us: int, pixels: int) -> Curve:
        curve = self._feed.curve(index, start_us, end_us, pixels)
        if self._snapshot is None:
            return curve
        return values.with_proof(curve, self._snapshot, index, self._snapshot_us, end_us)

    def _share_height(self) -> None:
        # The tiles take what they need, up to half, and grow up to two fifths; the trend gets the rest.
        gap = self._theme.size.gap
        height = self.height() - 64
        left_over = self._list.share(self.width() - gap, int(height * 0.42), int(height * 0.5))
        # Half a gap here and half a gap inside each tile, and the pixels that equal columns leave over
        # outside: tiles and panels share their edges.
        left = gap // 2 + left_over // 2
        self._column.setContentsMargins(left, gap, gap - left + left_over, gap)
        self._number.setFixedWidth(min(400, max(272, self.width() // 4)))
        self._trend = self._lean if self.width() < NARROW_PX else self._full
        for trend in (self._full, self._lean):
            trend.setVisible(trend is self._trend)

    def minimumSizeHint(self) -> QSize:
        # The buttons of the trend give way where it is narrow, the panels where it is low.
        return QSize(LEAST_PX, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._share_height()
