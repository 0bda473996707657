"""The tags of an asset on their way to a limit, on its faceplate; a tap leads to the forecast."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from engine.types import Crossing
from hmi import crossing_words
from hmi.formats import t
from hmi.model import Model
from hmi.theme import Theme, colour, font
from hmi.widgets.labels import Words
from hmi.widgets.predicted_mark import paint_predicted
from hmi.widgets.tap import Tap
from hmi.widgets.text_paint import paint_text

_MARK_PX, _GAP_PX = 22.0, 8.0
_WRAPPED = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)


class CrossingRow(Tap):
    """The tag in bold, and below it the limit and when it gets there."""

    def __init__(
        self, theme: Theme, crossing: Crossing, tapped: Callable[[Crossing], None], parent: QWidget
    ) -> None:
        super().__init__(theme, crossing.path, lambda _: tapped(self.crossing), parent)
        self.crossing, self.name, self.told = crossing, "", ""
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_words(self, crossing: Crossing, name: str, told: str) -> None:
        """Another time, or another limit."""
        self.crossing = crossing
        if (name, told) != (self.name, self.told):
            self.name, self.told = name, told
            self.setAccessibleName(t("Foreseen: {name}: {told}; opens the forecast", name=name, told=told))
            self.setToolTip(t("Opens the trend with the forecast"))
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, self.heightForWidth(max(self.width(), 200)))

    def heightForWidth(self, width: int) -> int:
        size = self.theme.size
        return max(size.target, size.body + 5 + round(self._told_height(width)) + 8)

    def _told_height(self, width: float) -> float:
        """Of the words below the name: two lines rather than a cut number."""
        step = self.theme.size.small
        room = QRectF(0, 0, max(width - _MARK_PX - _GAP_PX, 1.0), 1000.0)
        wrapped = QFontMetricsF(font(self.theme, step)).boundingRect(room, _WRAPPED, self.told)
        return max(wrapped.height(), step + 5.0)

    def paint(self, painter: QPainter) -> None:
        theme, size, tokens = self.theme, self.theme.size, self.theme.colour
        if self.isDown():
            painter.fillRect(self.rect(), colour(tokens.selected))
        box = QRectF(self.rect())
        mark = QRectF(0, box.center().y() - _MARK_PX / 2, _MARK_PX, _MARK_PX)
        paint_predicted(painter, mark, "act", theme)
        left, height = _MARK_PX + _GAP_PX, self._told_height(box.width())
        top = box.center().y() - (size.body + 5 + height) / 2
        name = QRectF(left, top, box.width() - left, size.body + 5)
        paint_text(painter, name, self.name, theme, size.body, tokens.prediction, True)
        painter.setFont(font(theme, size.small))
        painter.setPen(colour(tokens.text))
        painter.drawText(QRectF(left, name.bottom(), name.width(), height), _WRAPPED, self.told)


class Crossings(QWidget):
    """Takes no room where no tag is on its way to a limit. ``look_ahead`` opens the forecast of one."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.look_ahead: Callable[[Crossing], None] = lambda _: None
        self.rows: list[CrossingRow] = []
        self.more = Words(theme, step="small", look="muted")
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(2)
        self._box.addWidget(self.more)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for part in (*self.rows, self.more):
            part.set_theme(theme)
            part.updateGeometry()

    def show_of(self, asset: str, crossings: Mapping[str, Crossing], model: Model, now_us: int) -> None:
        """Those at and below an asset, the soonest first."""
        found = crossing_words.of_asset(asset, crossings)
        shown = found[: crossing_words.MOST]
        if [each.path for each in shown] != [row.path for row in self.rows]:
            self._make_rows(shown)
        for row, each in zip(self.rows, shown, strict=True):
            name = each.path.removeprefix(f"{asset}/").replace("/", " \u203a ")
            row.show_words(each, name, crossing_words.words(each, model, now_us))
        self.more.show_text(t("{n} more on their way to a limit", n=len(found) - len(shown)))
        self.more.setVisible(len(found) > len(shown))
        self.setVisible(bool(found))

    def _make_rows(self, shown: tuple[Crossing, ...]) -> None:
        for row in self.rows:
            row.hide()
            row.deleteLater()
        self.rows = [CrossingRow(self._theme, each, lambda it: self.look_ahead(it), self) for each in shown]
        for place, row in enumerate(self.rows):
            self._box.insertWidget(place, row)
