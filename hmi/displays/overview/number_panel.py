"""The chosen tag as a large number, with everything needed to trust it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from engine.types import Plant, Snapshot, Tag
from hmi import formats
from hmi.displays.overview import state as overview
from hmi.formats import t
from hmi.theme import Theme, colour
from hmi.widgets.indicator import Indicator
from hmi.widgets.labels import ShortWords, Words, rule
from hmi.widgets.quality_mark import QualityMark

LOW_PX = 290
_FACTS = ("Age", "Changed", "Range", "Source", "Address")


class NumberPanel(QFrame):
    """Name, indicator, number, quality in words, age, range, source and address of one tag."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self._theme = theme
        self._indicator = Indicator(theme, self)
        self._name = ShortWords(theme, step="title", bold=True)
        self._group = ShortWords(theme, step="small", look="muted")
        self.value = Words(theme, step="big_value", bold=True)
        self._unit = Words(theme, step="title", look="muted")
        self._mark = QualityMark(theme, self)
        self.quality = Words(theme, step="body", bold=True)
        self.quality.setWordWrap(True)
        self._trust = Words(theme, step="small", look="muted")
        self._trust.setWordWrap(True)
        self._labels = [Words(theme, t(fact), "small", "muted") for fact in _FACTS]
        self._facts = [ShortWords(theme, step="small") for _ in _FACTS]
        self._lay_out()

    def _lay_out(self) -> None:
        value = QHBoxLayout()
        value.setSpacing(8)
        value.addWidget(self.value, 0, Qt.AlignmentFlag.AlignBottom)
        value.addWidget(self._unit, 1, Qt.AlignmentFlag.AlignBottom)
        self._unit.setContentsMargins(0, 0, 0, 6)
        quality = QHBoxLayout()
        quality.setSpacing(8)
        quality.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        quality.addWidget(self.quality, 1)
        right = QVBoxLayout()
        right.setSpacing(2)
        right.addLayout(value)
        right.addLayout(quality)
        right.addWidget(self._trust)
        right.addStretch(1)
        middle = QHBoxLayout()
        middle.setSpacing(18)
        middle.addWidget(self._indicator)
        middle.addLayout(right, 1)
        facts = QGridLayout()
        facts.setHorizontalSpacing(16)
        facts.setVerticalSpacing(5)
        facts.setColumnStretch(1, 1)
        for row, (label, fact) in enumerate(zip(self._labels, self._facts, strict=True)):
            facts.addWidget(label, row, 0)
            facts.addWidget(fact, row, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 12, 16, 12)
        box.setSpacing(6)
        box.addWidget(self._name)
        box.addWidget(self._group)
        box.addSpacing(4)
        box.addLayout(middle, 1)
        box.addWidget(rule(self))
        box.addLayout(facts)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        parts = (
            self._name,
            self._group,
            self.value,
            self._unit,
            self.quality,
            self._trust,
            *self._labels,
            *self._facts,
        )
        for part in (*parts, self._indicator, self._mark):
            part.set_theme(theme)

    def show_tag(self, tag: Tag, snapshot: Snapshot | None, index: int, plant: Plant, now_us: int) -> None:
        """Fill in the words of one tag."""
        tile = overview.tile(tag, snapshot, index, plant)
        self._name.show_text(tile.name)
        self._group.show_text(overview.group_of(tag))
        self.value.show_text(tile.value)
        is_live = tile.kind in ("normal", "uncertain")
        self._colour_value(self._theme.colour.live if is_live else self._theme.colour.muted)
        self._unit.show_text(tile.unit)
        self._mark.show_look(tile.kind)
        self._mark.setVisible(tile.kind != "normal")
        self.quality.show_text(tile.quality)
        self._indicator.setVisible(tile.has_range)
        self._indicator.show_level(tile.level, tile.kind, ends=overview.ends_text(tag, plant))
        self._trust.show_text(overview.trust_text(snapshot, index))
        self._trust.setVisible(tile.kind != "normal" and not self._is_low())
        changed_us = 0 if snapshot is None else int(snapshot.source_time_us[index])
        told = (
            tile.age or t("never"),
            formats.moment(changed_us, now_us, plant.timezone),
            overview.range_text(tag, plant),
            tag.source,
            tag.address,
        )
        for label, text in zip(self._facts, told, strict=True):
            label.show_text(text)
        self.setAccessibleName(f"{tile.group}, {tile.name}: {tile.amount}, {tile.quality}")

    def _is_low(self) -> bool:
        return self.height() < LOW_PX

    def resizeEvent(self, event: QResizeEvent) -> None:
        # On a low screen the whole sentence and the time of the change give way; the number never does.
        for part in (self._group, self._labels[1], self._facts[1]):
            part.setVisible(not self._is_low())
        if self._is_low():
            self._trust.hide()

    def _colour_value(self, ink: str) -> None:
        palette = self.value.palette()
        if palette.color(self.value.foregroundRole()) != colour(ink):
            palette.setColor(self.value.foregroundRole(), colour(ink))
            self.value.setPalette(palette)
