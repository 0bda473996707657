"""The chosen tag as a large number, with everything needed to trust it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QTextBrowser, QVBoxLayout, QWidget

from engine.types import Plant, Snapshot, Tag
from hmi import formats, values
from hmi.formats import t
from hmi.gauge import Gauge
from hmi.theme import Theme, colour, font
from hmi.widgets.indicator import Indicator
from hmi.widgets.labels import ShortWords, Step, Words, rule
from hmi.widgets.quality_mark import QualityMark

LEAST_PX, LOW_PX, TALL_PX, MARGIN_PX = 190, 300, 420, 16
LOWEST_PX = 236
_FACTS = ("Age", "Changed", "Range", "In the trend", "Source", "Address")
_AGE, _CHANGED, _IN_TREND = 0, 1, 3


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
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._unit = Words(theme, step="title", look="muted")
        self.text = QTextBrowser(self)
        self.text.setOpenLinks(False)
        self.text.setAccessibleName(t("The whole text"))
        self.text.document().setDocumentMargin(0)
        self._mark = QualityMark(theme, self)
        self.quality = Words(theme, step="body", bold=True)
        self.quality.setWordWrap(True)
        self._trust = Words(theme, step="small", look="muted")
        self._trust.setWordWrap(True)
        self._labels = [Words(theme, t(fact), "small", "muted") for fact in _FACTS]
        self._facts = [ShortWords(theme, step="small") for _ in _FACTS]
        self.text.setFont(font(theme, theme.size.title))
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
        right.addWidget(self.text, 1)
        right.addLayout(quality)
        right.addWidget(self._trust)
        self._stretch = QWidget(self)
        right.addWidget(self._stretch, 1)
        middle = QHBoxLayout()
        middle.setSpacing(18)
        middle.addWidget(self._indicator)
        middle.addLayout(right, 1)
        self._grid = facts = QGridLayout()
        facts.setHorizontalSpacing(16)
        facts.setColumnStretch(1, 1)
        for row, (label, fact) in enumerate(zip(self._labels, self._facts, strict=True)):
            facts.addWidget(label, row, 0)
            facts.addWidget(fact, row, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(MARGIN_PX, 12, MARGIN_PX, 12)
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
        self.text.setFont(font(theme, theme.size.title))

    def show_tag(
        self,
        tag: Tag,
        snapshot: Snapshot | None,
        index: int,
        plant: Plant,
        now_us: int,
        in_trend: str,
        gauge: Gauge,
    ) -> None:
        """Fill in the words of one tag; ``in_trend`` = lowest and highest value on show, in words."""
        tile = values.reading(tag, snapshot, index, plant)
        self._name.show_text(tile.name)
        self._group.show_text(values.group_of(tag))
        is_live = tile.kind in ("normal", "uncertain")
        self._colour_value(self._theme.colour.live if is_live else self._theme.colour.muted)
        self._unit.show_text(tile.unit)
        self._show_value(tile)
        self._mark.show_look(tile.kind)
        self._mark.setVisible(tile.kind != "normal")
        self.quality.show_text(tile.quality)
        self._indicator.setVisible(tile.has_range)
        self._indicator.show_gauge(gauge)
        self._trust.show_text(values.trust_text(snapshot, index))
        self._trust.setVisible(tile.kind != "normal" and not self._is_low())
        changed_us = 0 if snapshot is None else int(snapshot.source_time_us[index])
        told = (
            tile.age or t("never"),
            formats.moment(changed_us, now_us, plant.timezone),
            values.range_text(tag, plant),
            in_trend,
            tag.source,
            tag.address,
        )
        for label, text in zip(self._facts, told, strict=True):
            label.show_text(text)
        self.setAccessibleName(f"{tile.group}, {tile.name}: {tile.amount}, {tile.quality}")
        self.setAccessibleDescription(tile.whole)

    def _show_value(self, tile: values.Reading) -> None:
        """The number, or a text in its place: all of it, so that it wraps, scrolls and can be copied."""
        room = self.contentsRect().width() - 2 * MARGIN_PX - self._indicator.sizeHint().width() - 18
        whole = tile.whole or (
            tile.value if tile.is_words and self._advance(tile.value, "value") > room else ""
        )
        self.text.setVisible(bool(whole))
        for part in (self.value, self._unit, self._stretch):
            part.setVisible(not whole)
        if whole and self.text.toPlainText() != whole:
            self.text.setPlainText(whole)
        # Room for the widest number of the range, digits to the right of it: the unit stands still.
        longest = max(tile.value, tile.widest if tile.unit else "", key=len)
        wide = self._advance(longest, "big_value") + 8 + self._unit.sizeHint().width() > room
        step: Step = "value" if wide else "big_value"
        self.value.set_step(step)
        self.value.setMinimumWidth(0 if whole else self._advance(longest, step))
        self.value.show_text(tile.value)

    def _advance(self, text: str, step: Step) -> int:
        return QFontMetrics(font(self._theme, getattr(self._theme.size, step), True)).horizontalAdvance(text)

    def _is_low(self) -> bool:
        return self.height() < LOW_PX

    def minimumSizeHint(self) -> QSize:
        # What has no room is left out on resize: the panel may always be made lower than it is now.
        return QSize(240, LEAST_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        # On a low screen the whole sentence and some facts give way; the number never does.
        for place, parts in enumerate(zip(self._labels, self._facts, strict=True)):
            gone = self._is_low() and place in (_CHANGED, _IN_TREND)
            for part in parts:
                part.setVisible(not gone and (self.height() >= LOWEST_PX or place == _AGE))
        self._group.setVisible(not self._is_low())
        if self._is_low():
            self._trust.hide()
        is_tall = self.height() >= TALL_PX
        self._grid.setVerticalSpacing(10 if is_tall else 5)
        for part in (*self._labels, *self._facts):
            part.set_step("body" if is_tall else "small")

    def _colour_value(self, ink: str) -> None:
        palette = self.value.palette()
        if palette.color(self.value.foregroundRole()) != colour(ink):
            palette.setColor(self.value.foregroundRole(), colour(ink))
            self.value.setPalette(palette)
            self.text.setStyleSheet(f"QTextBrowser {{ color: {ink}; }}")
