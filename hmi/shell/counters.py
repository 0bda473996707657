"""The alarm counters of the top bar: a shape a priority, how many wait and how many there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
        self._theme, self.priority, self.count, self.waiting = theme, priority, -1, 0
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_count(0)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.update()

    def show_count(self, count: int, waiting: int = 0) -> None:
        """How many alarms of this priority there are, and how many of them wait to be acknowledged."""
        if (count, waiting) != (self.count, self.waiting):
            self.count, self.waiting = count, waiting
            words = t("priority {p}: {n} in the list", p=self.priority, n=count)
            if waiting:
                words = t("{words}, {n} not acknowledged", words=words, n=waiting)
            self.setAccessibleName(words)
            self.setToolTip(words)
            self.setEnabled(count > 0)
            self.updateGeometry()
            self.update()

    @property
    def figures(self) -> tuple[str, str]:
        """What stands beside the shape: those that wait, bold, and then of how many."""
        if self.waiting and self.waiting != self.count:
            return str(self.waiting), t("of {n}", n=self.count)
        return str(self.count), ""

    def sizeHint(self) -> QSize:
        large, small = self.figures
        more = 9 * (len(large) - 1) + (8 * len(small) + 5 if small else 0)
        return QSize(LEAST_PX + more, self._theme.size.target)

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
            px = size.body + 1 if self.count else size.small
            painter.setFont(font(self._theme, px, bool(self.waiting)))
            painter.setPen(colour(tokens.text if self.count else tokens.muted))
            words = QRectF(box.right() + 7, 0, self.width() - box.right() - 7, self.height())
            large, small = self.figures
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, large)
            words.setLeft(words.left() + painter.fontMetrics().horizontalAdvance(large) + 5)
            painter.setFont(font(self._theme, size.small))
            painter.setPen(colour(tokens.muted))
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, small)
            if self.hasFocus():
                painter.setPen(QPen(colour(tokens.text), 2))
                painter.drawRect(self.rect().adjusted(1, 1, -1, -1))


class Counters(QWidget):
    """All priorities that the plant uses. ``chosen`` is the path of the worst alarm of the one tapped."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._alarms: Mapping[int, Alarm] = {}
        self._counts: Sequence[tuple[int, int]] = ((0, 0),) * len(alarms.PRIORITIES)
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

    def show_alarms(self, found: Mapping[int, Alarm], counts: Sequence[tuple[int, int]]) -> None:
        """The alarms by id, and of each priority how many are unacknowledged, of how many."""
        self._alarms, self._counts = found, counts
        self._show()

    def show_known(self, known: bool) -> None:
        """False: the engine is silent, and a count of alarms would look current."""
        self.setVisible(known)

    def _show(self) -> None:
        for counter, (waiting, listed) in zip(self.counters, self._counts, strict=True):
            counter.show_count(listed, waiting)
            counter.setVisible(listed > 0 or counter.priority in self._used)

    def _open(self, priority: int) -> None:
        worst = alarms.to_do_first(each for each in self._alarms.values() if each.priority == priority)
        if worst:
            self.chosen.emit(worst[0].path)
