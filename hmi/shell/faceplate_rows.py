"""Parts of a faceplate: a tag on one line, and an alarm with its cause and response."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from hmi.alarms import Badge
from hmi.control_words import NOTHING, Said
from hmi.formats import NO_VALUE
from hmi.shell.faceplate_state import Note
from hmi.theme import Theme, colour
from hmi.values import Reading
from hmi.widgets.alarm_badge import AlarmBadge
from hmi.widgets.labels import Words
from hmi.widgets.tap import Tap
from hmi.widgets.text_paint import paint_badge, paint_text, paint_trust, paint_value, value_width

NAME_PX = 110
"""A name keeps so much room, however long the value."""


class TagRow(Tap):
    """Name at the left, value with its quality at the right; a tap brings the tag to the front."""

    def __init__(self, theme: Theme, path: str, tapped: Callable[[str], None], parent: QWidget) -> None:
        super().__init__(theme, path, tapped, parent)
        self.reading: Reading | None = None
        self.said = NOTHING
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(200, self.theme.size.target)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.theme.size.target)

    def show_reading(self, reading: Reading) -> None:
        """The value now; painted only when something of it can be seen to change."""
        before = self.reading
        self.reading = reading
        if before is None or before.look != reading.look or before.name != reading.name:
            self._name(reading)
            self.update()

    def show_said(self, said: Said) -> None:
        """What is being written to the tag, or what came of it."""
        if said != self.said:
            self.said = said
            if self.reading is not None:
                self._name(self.reading)
            self.update()

    def _name(self, reading: Reading) -> None:
        told = f"{reading.name}: {reading.amount}, {reading.quality}"
        self.setAccessibleName(f"{told}, {self.said.text}" if self.said.text else told)
        quality = reading.quality if reading.kind != "normal" else ""
        self.setToolTip(" \u00b7 ".join(each for each in (quality, self.said.text) if each))

    def paint(self, painter: QPainter) -> None:
        shown, size = self.reading, self.theme.size
        if shown is None:
            return
        box = QRectF(self.rect())
        painter.setPen(colour(self.theme.colour.grid))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        middle, right = box.center().y(), box.right() - 2
        right = paint_badge(painter, right, middle, shown.alarm, self.theme)
        right = paint_trust(painter, right, middle, shown, self.theme)
        left = right
        right -= 0 if shown.kind == "normal" else 8
        if shown.value != NO_VALUE:
            wide = min(value_width(self.theme, shown, size.body, size.small), right - NAME_PX)
            value = QRectF(right - wide, 0, wide, box.height())
            left = paint_value(painter, value, shown, self.theme, size.body, size.small)
        name = QRectF(2, 0, max(0.0, min(left, right) - 12), box.height())
        if self.said.text:
            # Two lines: a value that is being written, or of which nobody knows, is never shown without it.
            upper, lower = (
                name.adjusted(0, 2, 0, -name.height() / 2),
                name.adjusted(0, name.height() / 2, 0, -2),
            )
            look = self.said.mark in ("unknown", "refused")
            ink = self.theme.colour.text if look else self.theme.colour.muted
            paint_text(painter, lower, self.said.text, self.theme, size.small, ink, look)
            name = upper
        paint_text(painter, name, shown.name, self.theme, size.body, self.theme.colour.muted)


class AlarmNote(QFrame):
    """One alarm of the asset: badge, message, since when, what to do."""

    def __init__(self, theme: Theme, note: Note, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "block")
        badge = AlarmBadge(theme, self)
        badge.show_badge(Badge(note.priority, 1, int(note.is_waiting), not note.is_active))
        words = [Words(theme, note.message, "body", bold=note.is_active)]
        words.append(Words(theme, note.since, "small", "muted"))
        if note.advice:
            words.append(Words(theme, note.advice, "small"))
        text = QVBoxLayout()
        text.setSpacing(3)
        for each in words:
            each.setWordWrap(True)
            text.addWidget(each)
        box = QHBoxLayout(self)
        box.setContentsMargins(10, 8, 10, 8)
        box.setSpacing(10)
        box.addWidget(badge, 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(text, 1)
        self.setAccessibleName(", ".join(each.text() for each in words))
        self.parts = (badge, *words)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        for part in self.parts:
            part.set_theme(theme)
