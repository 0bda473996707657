"""What was looked at before a write, each true or false in shape and words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from engine.types import Check
from hmi import formats
from hmi.formats import sentence, t
from hmi.theme import Theme, colour
from hmi.widgets.lines import width_of
from hmi.widgets.state_mark import paint_state_mark
from hmi.widgets.text_paint import RIGHT, paint_text

ROW_PX, WHY_PX, MARK_PX = 26, 18, 22
MOST_PX = 4 * ROW_PX
"""Room that the checks always have; more where the sheet has it."""


def check_why(check: Check, zone: str) -> str:
    """Why a check does not hold, since when, and whether it went first; what does not forbid it says so."""
    if check.is_ok:
        return ""
    told = [sentence(check.text)] if check.text else []
    if check.since_us:
        since = formats.clock(check.since_us, zone)
        told.append(
            t("First out {time}.", time=since) if check.is_first_out else t("Since {time}.", time=since)
        )
    elif check.is_first_out:
        told.append(t("First out."))
    if not check.is_needed:
        told.append(t("It does not forbid this."))
    return " ".join(told)


class CheckLine(QWidget):
    """A ring and "true", or a filled dot and "false" with why not below it."""

    def __init__(self, theme: Theme, check: Check, zone: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme, self.check = theme, check
        word = t("true") if check.is_ok else t("false")
        why = check_why(check, zone)
        self._word, self._why = word, why
        self.setAccessibleName(f"{check.name}: {word}. {why}".strip())
        self.setToolTip(why)
        self._room()

    def _room(self) -> None:
        lines = 0
        if self._why:
            wide = max(120, self.width() - MARK_PX)
            lines = -(-int(width_of(self._why, self.theme, self.theme.size.small) + 12) // wide)
        self.setFixedHeight(ROW_PX + lines * WHY_PX)

    def resizeEvent(self, event: object) -> None:
        self._room()

    def sizeHint(self) -> QSize:
        return QSize(240, ROW_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, tokens, size = self.theme, self.theme.colour, self.theme.size
        with QPainter(self) as painter:
            row = QRectF(0, 0, self.width(), ROW_PX)
            is_ok = self.check.is_ok
            paint_state_mark(painter, QPointF(8, row.center().y()), "well" if is_ok else "look", theme)
            paint_text(painter, row, self._word, theme, size.body, tokens.text, not is_ok, RIGHT)
            wide = width_of(self._word, theme, size.body, not is_ok) + 10
            name = row.adjusted(MARK_PX, 0, -wide, 0)
            paint_text(painter, name, self.check.name, theme, size.body, tokens.text, not is_ok)
            if self._why:
                painter.setPen(colour(tokens.muted))
                font = painter.font()
                font.setPixelSize(size.small)
                font.setBold(False)
                painter.setFont(font)
                below = QRectF(MARK_PX, ROW_PX - 3, self.width() - MARK_PX, self.height() - ROW_PX + 3)
                painter.drawText(below, int(Qt.TextFlag.TextWordWrap), self._why)


class CheckList(QScrollArea):
    """Those that are false first; scrolled where there are many."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.lines: list[CheckLine] = []
        self._shown: tuple[Check, ...] = ()
        inside = QWidget(self)
        self._box = QVBoxLayout(inside)
        self._box.setContentsMargins(0, 0, 4, 0)
        self._box.setSpacing(0)
        self._box.addStretch(1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        inside.setAutoFillBackground(False)
        self.setAccessibleName(t("Checks"))

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for line in self.lines:
            line.theme = theme
            line.update()

    def show_checks(self, checks: Sequence[Check], zone: str = "UTC") -> None:
        """Show these, if they differ."""
        ordered = tuple(sorted(checks, key=lambda each: (each.is_ok, not each.is_needed)))
        if ordered == self._shown:
            return
        self._shown = ordered
        for line in self.lines:
            line.hide()
            line.deleteLater()
        self.lines = [CheckLine(self._theme, each, zone, self) for each in ordered]
        for place, line in enumerate(self.lines):
            self._box.insertWidget(place, line)
        self.verticalScrollBar().setValue(0)
        self.setMinimumHeight(min(MOST_PX, sum(line.height() for line in self.lines)))
