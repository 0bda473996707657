"""The alarm counters of the top bar: one shape a priority, with the number of active alarms beside it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QWidget

from engine.types import Alarm
from hmi import alarms
from hmi.formats import t
from hmi.model import Model
from hmi.theme import Theme, colour, font
from hmi.widgets.alarm_badge import paint_alarm_badge

BADGE_PX, LEAST_PX = 22, 48


class Counter(QAbstractButton):
    """Shape and count of one priority; a small grey ring and 0 while it has none. A tap opens the worst."""

    def __init__(self, theme: Theme, priority: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self.priority, self.count = theme, priority, -1
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_count(0)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.update()

    def show_count(self, count: int) -> None:
        """How many alarms of this priority are active."""
        if count != self.count:
            self.count = count
            words = t("priority {p}: {n} active", p=self.priority, n=count)
            self.setAccessibleName(words)
            self.setToolTip(words)
            self.setEnabled(count > 0)
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(LEAST_PX + 9 * (len(str(self.count)) - 1), self._theme.size.target)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, size = self._theme.colour, self._theme.size
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            box = QRectF(3, (self.height() - BADGE_PX) / 2, BADGE_PX, BADGE_PX)
            if self.count:
                paint_alarm_badge(painter, box, self.priority, self._theme)
            else:
                painter.setPen(QPen(colour(tokens.outline), 1.2))
                painter.drawEllipse(box.adjusted(1, 1, -1, -1))
                painter.setPen(colour(tokens.muted))
                painter.setFont(font(self._theme, size.small))
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(self.priority))
            painter.setFont(font(self._theme, size.body + 1 if self.count else size.small, bool(self.count)))
            painter.setPen(colour(tokens.text if self.count else tokens.muted))
            words = QRectF(box.right() + 7, 0, self.width() - box.right() - 7, self.height())
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, str(self.count))
            if self.hasFocus():
                painter.setPen(QPen(colour(tokens.text), 2))
                painter.drawRect(self.rect().adjusted(1, 1, -1, -1))


class Counters(QWidget):
    """All priorities that the plant uses. ``chosen`` is the path of the worst alarm of the one tapped."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._alarms: tuple[Alarm, ...] = ()
        self._used: set[int] = set()
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        self.counters = [Counter(theme, priority, self) for priority in alarms.PRIORITIES]
        for counter in self.counters:
            counter.clicked.connect(lambda _=False, p=counter.priority: self._open(p))
            box.addWidget(counter)
        self._show()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        for counter in self.counters:
            counter.set_theme(theme)

    def set_model(self, model: Model) -> None:
        """Priorities in use stand still in their places, also while they have no alarm."""
        self._used = {limit.priority for limits in model.limits.values() for limit in limits}
        self._show()

    def show_alarms(self, found: Sequence[Alarm]) -> None:
        """Active and returned alarms; the active ones are counted."""
        self._alarms = tuple(found)
        self._show()

    def show_known(self, known: bool) -> None:
        """False: the engine is silent, and a count of alarms would look current."""
        self.setVisible(known)

    def _show(self) -> None:
        for counter, count in zip(self.counters, alarms.counts(self._alarms), strict=True):
            counter.show_count(count)
            counter.setVisible(count > 0 or counter.priority in self._used)

    def _open(self, priority: int) -> None:
        worst = alarms.worst_first(each for each in self._alarms if each.priority == priority)
        if worst:
            self.chosen.emit(worst[0].path)
