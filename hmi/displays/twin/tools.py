"""What lies over the scene: Show trouble, Home, View, zoom; how far behind the plant it is; and EDITING."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from hmi.formats import t
from hmi.theme import Theme, colour, font
from hmi.widgets.buttons import told_button
from hmi.widgets.labels import Words
from hmi.widgets.predicted_mark import paint_predicted
from hmi.widgets.text_paint import width_of

MARGIN, FRAME_PX = 12, 6
LEGEND_GAP = 8
GROUND_ALPHA = 215


class Tools(QObject):
    """Buttons over ``scene`` in its corners, and words at its upper right."""

    trouble = Signal()
    home = Signal()
    zoomed = Signal(float)
    opened = Signal(bool)
    """View was opened or closed."""

    def __init__(self, theme: Theme, scene: QWidget) -> None:
        super().__init__(scene)
        self._scene, self._theme = scene, theme
        self._bar, self._zoom = QWidget(scene), QWidget(scene)
        self.show_trouble = _button(t("Show trouble"), t("Fly to the worst alarm and select it"), self._bar)
        self.go_home = _button(t("Home"), t("Show all of the scene"), self._bar)
        self.view = _button(t("View ▾"), t("What the scene shows, and from where"), self._bar)
        self.view.setCheckable(True)
        self.legend = Legend(theme, self._bar)
        self.words = Told(theme, step="small", look="muted", parent=scene)
        self.plate = Words(theme, t("EDITING the scene"), "body", bold=True, look="badge", parent=scene)
        self.frame = EditFrame(theme, scene)
        self._has_trouble = False
        self._lay_out()
        self.show_trouble.clicked.connect(self.trouble)
        self.go_home.clicked.connect(self.home)
        self.view.toggled.connect(self.opened)
        self.set_editing(False)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self._bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for button in (self.show_trouble, self.go_home, self.view):
            row.addWidget(button)
        row.addSpacing(4)
        row.addWidget(self.legend)
        column = QVBoxLayout(self._zoom)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for text, words, factor in (("+", t("Nearer"), 1.25), ("\u2212", t("Farther"), 0.8)):
            button = _button(text, words, self._zoom)
            button.clicked.connect(lambda _=False, factor=factor: self.zoomed.emit(factor))
            column.addWidget(button)
        self.words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.plate.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.legend.hide()
        self._name_trouble(0, 0)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for each in (self.legend, self.words, self.plate, self.frame):
            each.set_theme(theme)

    def show_trouble_at(self, number: int, count: int) -> None:
        """How many assets are in trouble, and which of them was shown last (from 1; 0 = none)."""
        self._has_trouble = count > 0
        self._name_trouble(number, count)

    def _name_trouble(self, number: int, count: int) -> None:
        text = t("Show trouble") if count else t("No trouble")
        told = t("Fly to the worst alarm and select it") if count else t("Nothing is in alarm")
        if number and count > 1:
            text = t("Next trouble")
            told = t("Shown: {n} of {all}. Fly to the next, the worst first", n=number, all=count)
        self.show_trouble.setText(text)
        self.show_trouble.setToolTip(told)
        self.show_trouble.setAccessibleName(f"{text}: {told}")
        self.show_trouble.setEnabled(count > 0)
        # The buttons beside it stay where they are, whatever it says.
        self.show_trouble.ensurePolished()
        wide = max(map(self.show_trouble.fontMetrics().horizontalAdvance, _trouble_words()))
        self.show_trouble.setFixedWidth(wide + 30)

    def show_words(self, text: str, is_calm: bool) -> None:
        """How far behind the plant the scene is."""
        if text != self.words.text() or is_calm == self.words.font().bold():
            self.words.show_text(text)
            self.words.set_look("muted" if is_calm else "")
            self.words.set_bold(not is_calm)
            self.place()

    def show_legend(self, is_shown: bool) -> bool:
        """The mark of predicted trouble is explained while there is one; True = that has changed."""
        has_changed = is_shown == self.legend.isHidden()
        self.legend.setVisible(is_shown)
        return has_changed

    def set_editing(self, is_editing: bool) -> None:
        """Trouble is out of the way, and a frame says what is going on."""
        self.show_trouble.setVisible(not is_editing)
        self.plate.setVisible(is_editing)
        self.frame.setVisible(is_editing)
        self.words.setVisible(not is_editing)

    def place(self) -> list[QRect]:
        """Put everything where it belongs; gives the rectangles that no label may cover."""
        for each in (self._bar, self._zoom, self.words, self.plate):
            each.adjustSize()
        width, height = self._scene.width(), self._scene.height()
        self._bar.move(MARGIN, MARGIN)
        self._zoom.move(width - self._zoom.width() - MARGIN, height - self._zoom.height() - MARGIN)
        middle = MARGIN + (self._bar.height() - self.words.height()) // 2
        self.words.move(width - self.words.width() - MARGIN - 2, middle)
        self.plate.move(width - self.plate.width() - MARGIN - FRAME_PX, MARGIN + FRAME_PX)
        self.frame.setGeometry(self._scene.rect())
        return [
            each.geometry() for each in (self._bar, self._zoom, self.words, self.plate) if each.isVisible()
        ]


def _trouble_words() -> tuple[str, ...]:
    return t("Show trouble"), t("No trouble"), t("Next trouble")


class Told(Words):
    """Words over the picture, on a ground of their own that lets a little of it through."""

    def set_theme(self, theme: Theme) -> None:
        """Take the type and the ground of another theme."""
        super().set_theme(theme)
        self._ground = colour(theme.colour.panel, GROUND_ALPHA)
        self.setContentsMargins(8, 3, 8, 3)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.text():
            with QPainter(self) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(self._ground)
                painter.drawRoundedRect(QRectF(self.rect()), 4, 4)
        super().paintEvent(event)


class Legend(QWidget):
    """The mark of predicted trouble and its word."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName(t("Blue hatched mark: predicted trouble"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        size = self._theme.size
        word = width_of(self._theme, t("predicted"), size.small)
        return QSize(round(size.body + LEGEND_GAP + word + 2), size.target)

    def paintEvent(self, event: QPaintEvent) -> None:
        size = self._theme.size
        box = QRectF(0, (self.height() - size.body) / 2, size.body, size.body)
        with QPainter(self) as painter:
            paint_predicted(painter, box, "act", self._theme)
            painter.setFont(font(self._theme, size.small))
            painter.setPen(colour(self._theme.colour.muted))
            room = self.rect().adjusted(size.body + LEGEND_GAP, 0, 0, 0)
            painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), t("predicted"))


class EditFrame(QWidget):
    """A broad striped frame around the scene; lets every tap through."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, half = self._theme.colour, FRAME_PX / 2
        whole = QRectF(self.rect()).adjusted(half, half, -half, -half)
        with QPainter(self) as painter:
            for brush in (QBrush(colour(tokens.panel)), QBrush(colour(tokens.prediction))):
                pen = QPen(brush, FRAME_PX)
                pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
                if brush.color() == colour(tokens.prediction):
                    pen.setDashPattern([4.0, 2.0])
                painter.setPen(pen)
                painter.drawRect(whole)


def _button(text: str, words: str, parent: QWidget) -> QPushButton:
    made = told_button(text, words, parent)
    made.setAccessibleName(f"{text.removesuffix(' ▾')}: {words}")
    return made
