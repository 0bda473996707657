"""One pen in use: its line, name, machine, value now; a tap shows it, × takes it out."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QWidget,
)

from hmi.displays.trends.state import AXIS_WORDS, AxisChoice, Drawn
from hmi.formats import t
from hmi.pens import Pen
from hmi.theme import Theme, colour, font
from hmi.values import Reading
from hmi.widgets.alarm_badge import paint_alarm_badge
from hmi.widgets.labels import Words
from hmi.widgets.quality_mark import MARK, paint_quality_mark
from hmi.widgets.tap import Tap
from hmi.widgets.trend_pen import LINE_PX, paint_sample

ROW_PX, VALUE_PX, BADGE_PX = 48, 96, 18
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Swatch(QAbstractButton):
    """The line of the pen; a tap hides it and shows it again."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._pen = theme, Pen(0, "", "", theme.colour.text)
        self.setCheckable(True)
        self.setChecked(True)
        self.setFixedSize(theme.size.target, ROW_PX)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_pen(self, theme: Theme, pen: Pen, is_shown: bool) -> None:
        """The line of this pen."""
        self._theme, self._pen = theme, pen
        self.setChecked(is_shown)
        act = t("Hide {name}", name=pen.name) if is_shown else t("Show {name}", name=pen.name)
        self.setToolTip(act)
        self.setAccessibleName(act)
        self.setFixedWidth(theme.size.target)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            middle = self.rect().center().y()
            left = (self.width() - LINE_PX) / 2 + 2
            if self.isChecked():
                paint_sample(painter, QPointF(left, middle), self._pen)
            else:
                painter.setPen(QPen(colour(self._theme.colour.outline), 1.5))
                box = QRectF(left + 4, middle - 8, 16, 16)
                painter.drawEllipse(box)
                painter.drawLine(box.topLeft() + QPointF(3, 3), box.bottomRight() - QPointF(3, 3))
            if self.hasFocus():
                painter.setPen(QPen(colour(self._theme.colour.text), 2, Qt.PenStyle.DashLine))
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 4, -2, -4), 4, 4)


class Cross(QAbstractButton):
    """Takes a pen out."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFixedSize(theme.size.target, ROW_PX)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_pen(self, theme: Theme, pen: Pen) -> None:
        """Of this pen."""
        self._theme = theme
        self.setToolTip(t("Take {name} out", name=pen.name))
        self.setAccessibleName(t("Take {name} out", name=pen.name))
        self.setFixedWidth(theme.size.target)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            tokens = self._theme.colour
            painter.setPen(QPen(colour(tokens.text if self.isDown() else tokens.muted), 1.8))
            middle = QRectF(self.rect()).center()
            for step in (QPointF(5, 5), QPointF(5, -5)):
                painter.drawLine(middle - step, middle + step)
            if self.hasFocus():
                painter.setPen(QPen(colour(tokens.text), 2, Qt.PenStyle.DashLine))
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(4, 6, -4, -6), 4, 4)


class PenText(Tap):
    """Name and machine of a pen at the left, its value now at the right."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "", lambda _: None, parent)
        self._name, self._where, self._is_shown = "", "", True
        self._reading: Reading | None = None
        self.setMinimumHeight(ROW_PX)

    def show_pen(self, theme: Theme, name: str, where: str, is_shown: bool) -> None:
        """The words of this pen."""
        self.theme, self._name, self._where, self._is_shown = theme, name, where, is_shown
        self.setToolTip(t("{where} › {name}", where=where, name=name))
        self._say()
        self.update()

    def show_reading(self, reading: Reading) -> None:
        """Its value now, if it looks different."""
        before, self._reading = self._reading, reading
        if before is None or before.look != reading.look:
            self._say()
            self.update()

    def _say(self) -> None:
        reading = self._reading
        told = f"{reading.amount}, {reading.quality}" if reading is not None else t("no value yet")
        self.setAccessibleName(t("{name}, {where}: {told}", name=self._name, where=self._where, told=told))

    def sizeHint(self) -> QSize:
        return QSize(160, ROW_PX)

    def paint(self, painter: QPainter) -> None:
        tokens, size = self.theme.colour, self.theme.size
        box = QRectF(self.rect()).adjusted(2, 5, -4, -5)
        half = box.height() / 2
        upper, lower = box.adjusted(0, 0, 0, -half), box.adjusted(0, half, 0, 0)
        upper.setRight(self._paint_value(painter, upper) - 6)
        lower.setRight(self._paint_below(painter, lower) - 6)
        painter.setFont(font(self.theme, size.small + 1, True))
        painter.setPen(colour(tokens.text if self._is_shown else tokens.muted))
        name = painter.fontMetrics().elidedText(self._name, Qt.TextElideMode.ElideRight, int(upper.width()))
        painter.drawText(upper, Qt.AlignmentFlag.AlignVCenter, name)
        painter.setFont(font(self.theme, size.small))
        painter.setPen(colour(tokens.muted))
        where = painter.fontMetrics().elidedText(
            self._where, Qt.TextElideMode.ElideMiddle, int(lower.width())
        )
        painter.drawText(lower, Qt.AlignmentFlag.AlignVCenter, where)

    def _paint_value(self, painter: QPainter, box: QRectF) -> float:
        """The value and its marks at the right of a line; gives where they begin."""
        reading, tokens, size = self._reading, self.theme.colour, self.theme.size
        if reading is None:
            return box.right()
        is_current = reading.kind in ("normal", "uncertain")
        if reading.kind != "normal":
            mark = QRectF(box.right() - MARK, box.center().y() - MARK / 2, MARK, MARK)
            paint_quality_mark(painter, mark, reading.kind, self.theme)
            box = box.adjusted(0, 0, -MARK - 4, 0)
        if reading.alarm and is_current:
            badge = QRectF(box.right() - BADGE_PX, box.center().y() - BADGE_PX / 2, BADGE_PX, BADGE_PX)
            paint_alarm_badge(painter, badge, reading.alarm, self.theme)
            box = box.adjusted(0, 0, -BADGE_PX - 4, 0)
        painter.setFont(font(self.theme, size.body + 1, True))
        painter.setPen(colour(tokens.live if is_current else tokens.muted))
        metrics = painter.fontMetrics()
        text = metrics.elidedText(reading.value, Qt.TextElideMode.ElideRight, int(min(box.width(), VALUE_PX)))
        painter.drawText(box, _RIGHT, text)
        return box.right() - metrics.horizontalAdvance(text)

    def _paint_below(self, painter: QPainter, box: QRectF) -> float:
        """The unit, or why the value is not plainly good; gives where it begins."""
        if self._reading is None:
            return box.right()
        told = self._reading.unit if self._reading.kind == "normal" else short_quality(self._reading)
        painter.setFont(font(self.theme, self.theme.size.small))
        painter.setPen(colour(self.theme.colour.muted))
        told = painter.fontMetrics().elidedText(told, Qt.TextElideMode.ElideRight, VALUE_PX)
        painter.drawText(box, _RIGHT, told)
        return box.right() - painter.fontMetrics().horizontalAdvance(told)


class AxisChoices(QWidget):
    """The axes that a pen can have, one of them pressed."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, choices: tuple[AxisChoice, ...], parent: QWidget) -> None:
        super().__init__(parent)
        self._choices = choices
        self._word = Words(theme, t("Axis"), "small", look="muted")
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 6)
        row.setSpacing(6)
        row.addWidget(self._word)
        words = {
            "shared": t("One axis for all pens of this unit"),
            "own": t("An axis of its own that follows the data"),
            "range": t("The whole range of the tag"),
        }
        for place, choice in enumerate(choices):
            button = QPushButton(t(AXIS_WORDS[choice]), self)
            button.setCheckable(True)
            button.setToolTip(words[choice])
            button.setAccessibleName(f"{t('Axis')}: {words[choice]}")
            button.clicked.connect(lambda _=False, choice=choice: self.chosen.emit(choice))
            self._group.addButton(button, place)
            row.addWidget(button, 1)

    def show_axis(self, theme: Theme, axis: AxisChoice) -> None:
        """Press the one it has."""
        self._word.set_theme(theme)
        if axis in self._choices:
            self._group.button(self._choices.index(axis)).setChecked(True)


class PenRow(QFrame):
    """A row of the list. The chosen one is framed and has its axis below."""

    tapped = Signal(str)
    hidden = Signal(str)
    removed = Signal(str)
    axis = Signal(str, str)

    def __init__(self, theme: Theme, path: str, choices: tuple[AxisChoice, ...], parent: QWidget) -> None:
        super().__init__(parent)
        self.path = path
        self.swatch, self.text = Swatch(theme, self), PenText(theme, self)
        self.cross = Cross(theme, self)
        grid = QGridLayout(self)
        grid.setContentsMargins(1, 0, 1, 0)
        grid.setSpacing(0)
        grid.addWidget(self.swatch, 0, 0)
        grid.addWidget(self.text, 0, 1)
        grid.addWidget(self.cross, 0, 2)
        grid.setColumnStretch(1, 1)
        self._grid, self._choices = grid, choices
        self._axes: AxisChoices | None = None
        self._has_axes = False
        self.text.clicked.connect(lambda: self.tapped.emit(self.path))
        self.swatch.clicked.connect(lambda: self.hidden.emit(self.path))
        self.cross.clicked.connect(lambda: self.removed.emit(self.path))

    def show_pen(self, theme: Theme, pen: Pen, drawn: Drawn, where: str, is_chosen: bool) -> None:
        """Bring it in line with the state."""
        self.swatch.show_pen(theme, pen, drawn.is_shown)
        self.text.show_pen(theme, short_of(pen), where, drawn.is_shown)
        self.cross.show_pen(theme, pen)
        look = "to do" if is_chosen else "list"
        if look != self.property("look"):
            self.setProperty("look", look)
            self.style().unpolish(self)
            self.style().polish(self)
        self._show_axes(theme, drawn.axis, is_chosen and bool(self._choices))

    def wanted_height(self) -> int:
        """What it needs, also before it is laid out for the first time."""
        return ROW_PX + (self._axes.sizeHint().height() if self._axes is not None and self._has_axes else 0)

    def _show_axes(self, theme: Theme, axis: AxisChoice, is_wanted: bool) -> None:
        self._has_axes = is_wanted
        if self._axes is None and is_wanted:
            # Made on first use: 32 rows of buttons that nobody sees cost a tenth of a second.
            self._axes = AxisChoices(theme, self._choices, self)
            self._axes.chosen.connect(lambda choice: self.axis.emit(self.path, choice))
            self._grid.addWidget(self._axes, 1, 0, 1, 3)
        if self._axes is not None:
            self._axes.setVisible(is_wanted)
            self._axes.show_axis(theme, axis)


def short_quality(reading: Reading) -> str:
    """Why a value is not plainly good in a word or two; how old a stale one is."""
    return reading.age if reading.kind == "stale" else reading.quality.split(":")[0]


def short_of(pen: Pen) -> str:
    """The tag's own name; its machine stands below it."""
    return pen.path.rpartition("/")[2] or pen.name
