"""The horn in the top bar: a chip that says how it does, and the button that silences it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QWidget

from hmi.formats import t
from hmi.horn import shown as words
from hmi.horn.shown import Shown
from hmi.model import Model
from hmi.theme import Theme, colour, font
from hmi.widgets.alarm_badge import paint_alarm_badge
from hmi.widgets.blink import Blink, is_on
from hmi.widgets.link_chip import CHIP_PX, LinkChip

BADGE_PX, MOST_PX, LEAST_PX, LEAST_WELL_PX, PAD_PX = 22, 420, 104, 76, 14


class HornChip(LinkChip):
    """As a link chip; while an alarm should sound and cannot be heard, all of it flashes at 1 Hz."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, t("Horn"), parent)
        self._shown = Shown()
        self.blink = Blink(self._turn, self)
        self.hide()

    def show_horn(self, shown: Shown, model: Model, now_us: int) -> None:
        """The horn as it is."""
        self._shown = shown
        said, is_well = words.chip(shown, model)
        self.show_state(said, is_well, t("HORN") if shown.is_flashing else t("Horn"))
        self.setToolTip("\n".join(words.lines(shown, model, now_us)))
        self.setVisible(True)
        self.blink.need(shown.is_flashing)
        self.updateGeometry()

    @property
    def is_flashing(self) -> bool:
        """It takes the place of a sound."""
        return self.blink.is_needed

    def _turn(self) -> None:
        if self.isVisible() and not self.window().isMinimized():
            self.update()

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        more = BADGE_PX if self._shown.is_flashing else 0
        return QSize(min(MOST_PX, hint.width() + more), hint.height())

    def minimumSizeHint(self) -> QSize:
        # A narrow window keeps the button and the badge; the words end in ….
        least = LEAST_PX if self._shown.is_flashing or not self.is_well else LEAST_WELL_PX
        return QSize(min(least, self.sizeHint().width()), self._theme.size.target)

    def paintEvent(self, event: QPaintEvent) -> None:
        worst = self._shown.worst
        if not self._shown.is_flashing or worst is None:
            super().paintEvent(event)
            return
        tokens, size = self._theme.colour, self._theme.size.small + 1
        ground, ink = (tokens.text, tokens.panel) if is_on() else (tokens.panel, tokens.text)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            high = CHIP_PX + 6
            box = QRectF(1, (self.height() - high) / 2, self.width() - 2, high)
            painter.setPen(QPen(colour(tokens.text), 2.4 if self.hasFocus() else 1.8))
            painter.setBrush(colour(ground))
            painter.drawRoundedRect(box, self._theme.size.radius, self._theme.size.radius)
            badge = QRectF(box.left() + 6, box.center().y() - BADGE_PX / 2, BADGE_PX, BADGE_PX)
            paint_alarm_badge(painter, badge, worst.priority, self._theme)
            painter.setPen(colour(ink))
            painter.setFont(font(self._theme, size, True))
            text = QRectF(badge.right() + 8, box.top(), box.right() - badge.right() - 16, box.height())
            name = t("{name}: {words}", name=self.name, words=self.words)
            short = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(text.width()))
            painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, short)


class SilenceButton(QPushButton):
    """A word and how many alarms sound; it stays in its place while nothing does."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setToolTip(t("Silence the horn for the alarms that came so far; acknowledges none (F2)"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.show_horn(Shown())
        self.hide()

    def show_horn(self, shown: Shown) -> None:
        """The horn as it is."""
        word, spoken = words.silence_words(shown)
        if word != self.text():
            self.setText(word)
        self.setAccessibleName(spoken)
        self.setEnabled(shown.loud > 0)
        self.setVisible(shown.is_configured)

        self._fit()

    def set_theme(self, theme: Theme) -> None:
        """Take the type of another theme."""
        self._fit()

    def _fit(self) -> None:
        # As wide as it gets, so that it stands where the hand expects it; the style sheet sets a least width
        # of its own, and that would win over a size hint.
        self.ensurePolished()
        self.setFixedWidth(self.fontMetrics().horizontalAdvance(t("Silence {n}", n=888)) + 2 * PAD_PX)
