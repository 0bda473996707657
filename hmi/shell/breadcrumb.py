"""The breadcrumb of the top bar: every step of the way is a button, the last one is where we are."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from hmi.displays.display import Go
from hmi.formats import t
from hmi.shell.crumbs import Crumb
from hmi.theme import Theme, colour, font
from hmi.widgets.labels import ShortWords
from hmi.widgets.text_paint import width_of

AFTER_PX = 20
"""Room for the › behind a step."""


class CrumbButton(QAbstractButton):
    """One step up, muted, with the › that leads on."""

    def __init__(self, theme: Theme, crumb: Crumb, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setText(crumb.text)
        self.setAccessibleName(t("Go to {place}", place=crumb.text))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        size = self._theme.size
        wide = width_of(self._theme, self.text(), size.body)
        return QSize(max(size.target, round(wide) + 1 + AFTER_PX), size.target)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setFont(font(self._theme, self._theme.size.body))
            painter.setPen(colour(self._theme.colour.text if self.isDown() else self._theme.colour.muted))
            box = self.rect().adjusted(0, 0, -AFTER_PX, 0)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, self.text())
            painter.drawText(
                self.rect().adjusted(0, 0, -7, 0),
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight,
                "›",
            )
            if self.hasFocus():
                painter.setPen(QPen(colour(self._theme.colour.text), 2))
                painter.drawRect(self.rect().adjusted(0, 1, -4, -1))


class Breadcrumb(QWidget):
    """Steps give way from the left where the room ends; where we are stays, and ends in … at worst."""

    def __init__(self, theme: Theme, go: Go, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._go = theme, go
        self._crumbs: tuple[Crumb, ...] = ()
        self._steps: list[CrumbButton] = []
        self.here = ShortWords(theme, step="title", bold=True, parent=self)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.here.set_theme(theme)
        for step in self._steps:
            step.set_theme(theme)

    def show_crumbs(self, crumbs: Sequence[Crumb]) -> None:
        """Another place."""
        if tuple(crumbs) == self._crumbs:
            return
        self._crumbs = tuple(crumbs)
        for step in self._steps:
            step.deleteLater()
        self._steps = []
        for crumb in self._crumbs[:-1]:
            step = CrumbButton(self._theme, crumb, self)
            step.clicked.connect(lambda _=False, place=crumb.place: place is not None and self._go(place))
            self._steps.append(step)
        self.here.show_text(self._crumbs[-1].text)
        self.updateGeometry()
        self._arrange()

    @property
    def words(self) -> tuple[str, ...]:
        """The whole way, from the plant down."""
        return tuple(crumb.text for crumb in self._crumbs)

    def sizeHint(self) -> QSize:
        steps = sum(step.sizeHint().width() for step in self._steps)
        return QSize(steps + self._here_px(), self._theme.size.target)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(160, self._here_px()), self._theme.size.target)

    def _here_px(self) -> int:
        return round(width_of(self._theme, self.here.text(), self._theme.size.title, True)) + 4

    def _arrange(self) -> None:
        room, left = self.width() - self._here_px(), 0
        shown: list[CrumbButton] = []
        for step in reversed(self._steps):
            room -= step.sizeHint().width()
            if room < 0:
                break
            shown.insert(0, step)
        for step in self._steps:
            step.setVisible(step in shown)
            if step in shown:
                step.setGeometry(left, 0, step.sizeHint().width(), self.height())
                left += step.width()
        self.here.setGeometry(left, 0, max(0, self.width() - left), self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
