"""The head of a trend's frame: title, lengths of time, zoom, pause and Live, mark, table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets import trend_lines as lines
from hmi.widgets.labels import ShortWords, Words
from hmi.widgets.trend_hands import TrendHands
from hmi.widgets.trend_pen import Legend

TITLE_PX, WHEN_PX, WORD_EDGE_PX = 110, 110, 4


class NarrowButton(QPushButton):
    """One of a row of short words that belong together: as narrow as its word and a finger allow."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self.setProperty("look", "close")

    def sizeHint(self) -> QSize:
        least = super().sizeHint()
        words = self.fontMetrics().horizontalAdvance(self.text()) + 2 * WORD_EDGE_PX + 4
        return QSize(max(least.width(), words), least.height())


def head_button(
    text: str, words: str, parent: QWidget, *, checkable: bool = False, is_narrow: bool = False
) -> QPushButton:
    """A button of a head, with its words for those who hear it."""
    made = NarrowButton(text, parent) if is_narrow else QPushButton(text, parent)
    made.setAccessibleName(f"{text}: {words}")
    made.setToolTip(words)
    made.setCheckable(checkable)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    # Never narrower than its word: where room is short the title gives way, not a button.
    made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return made


class LeanHead(QWidget):
    """Title, what it shows in small, and the legend at the right: no buttons."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._title = ShortWords(theme, step="body", bold=True)
        self._subtitle = ShortWords(theme, step="small", look="muted")
        self.legend = Legend(theme, self, is_row=True)
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 4, 0, 0)
        box.setSpacing(0)
        box.addWidget(self._title)
        box.addSpacing(16)
        box.addWidget(self._subtitle, 1)
        box.addSpacing(16)
        box.addWidget(self.legend)

    def set_theme(self, theme: Theme) -> None:
        """Take the type and colours of another theme."""
        for each in (self._title, self._subtitle, self.legend):
            each.set_theme(theme)

    def show_title(self, title: str, subtitle: str) -> None:
        """What it is, and what of it is on show."""
        self._title.show_text(title)
        self._subtitle.show_text(subtitle)


class TrendHead(QWidget):
    """Drives one plot. ``spans_s`` are the lengths of time with a button; ``with_mark`` adds Pause and Δ."""

    def __init__(
        self, theme: Theme, plot: TrendHands, spans_s: Sequence[int], with_mark: bool, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._plot, self._with_pause = plot, with_mark
        self.title = ShortWords(theme, step="body", bold=True)
        self._when = Words(theme, step="small", look="muted")
        self._stretch = QWidget(self)
        self._row = row = QHBoxLayout(self)
        # What has no room is left out by `fit`; the buttons must not keep the window wide.
        row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(3)
        row.addWidget(self.title, 1)
        row.addWidget(self._stretch, 1)
        row.addWidget(self._when)
        row.addSpacing(4)
        self._zooms: list[QPushButton] = []
        self._add_spans(spans_s)
        row.addSpacing(4)
        self._add_zoom()
        row.addSpacing(4)
        self.live = head_button(t("Live"), t("Back to now"), self, is_narrow=True)
        self.live.clicked.connect(self._go)
        self.mark = head_button(
            t("Δ"),
            t("Set a mark and tell differences from it (also Shift+click)"),
            self,
            checkable=True,
            is_narrow=True,
        )
        self.mark.clicked.connect(plot.toggle_mark)
        self.table = head_button(
            t("Table"), t("The same data as a table"), self, checkable=True, is_narrow=True
        )
        self.tools = [self.mark] if with_mark else []
        self.mark.setVisible(with_mark)
        for button in (self.live, self.mark, self.table):
            row.addWidget(button)
        self.setFixedHeight(theme.size.target + 2)
        plot.moved.connect(self.show_window)
        plot.cursor_moved.connect(self._show_mark)
        self.show_window()

    def _add_spans(self, spans_s: Sequence[int]) -> None:
        self._spans = QButtonGroup(self)
        for seconds in spans_s:
            text = lines.length_text(seconds * 1_000_000)
            button = head_button(text, t("Show this length of time"), self, checkable=True, is_narrow=True)
            self._spans.addButton(button, seconds)
            self._row.addWidget(button)
        self._spans.idClicked.connect(lambda seconds: self._plot.set_span(seconds))
        self._after_spans = self._row.count()

    def _add_zoom(self) -> None:
        for text, words, factor in (("\u2212", t("Longer time"), 0.5), ("+", t("Shorter time"), 2.0)):
            button = head_button(text, words, self, is_narrow=True)
            button.clicked.connect(lambda _=False, factor=factor: self._plot.zoom(factor))
            self._zooms.append(button)
            self._row.addWidget(button)

    def add_span(self, button: QPushButton) -> None:
        """One more button after the lengths of time."""
        self._row.insertWidget(self._after_spans, button)

    def add_tool(self, button: QPushButton) -> None:
        """One more button at the end; the first to go where room is short."""
        self.tools.append(button)
        self._row.addWidget(button)

    def set_theme(self, theme: Theme) -> None:
        """Take the type of another theme."""
        self.title.set_theme(theme)
        self._when.set_theme(theme)
        self.setFixedHeight(theme.size.target + 2)

    def fit(self, width: int) -> bool:
        """Leave out what has no room in a panel of that width; whether the title is still there.

        The buttons come before the words; of them the tools go first (their keys still work), then zoom.
        """
        room = width - 24 - sum(self._needs(each) for each in self._buttons())
        for button in (*self.tools[::-1], *self._zooms[::-1]):
            button.setVisible(room >= 0)
            room += self._needs(button) if room < 0 else 0
        has_title = room >= TITLE_PX
        self.title.setVisible(has_title)
        self._stretch.setVisible(not has_title)
        self._when.setVisible(room >= TITLE_PX + WHEN_PX)
        return has_title

    def _needs(self, button: QPushButton) -> int:
        return button.sizeHint().width() + self._row.spacing()

    def _buttons(self) -> list[QPushButton]:
        items = (self._row.itemAt(place) for place in range(self._row.count()))
        widgets = (item.widget() for item in items if item is not None)
        kept = (each for each in widgets if isinstance(each, QPushButton))
        return [each for each in kept if each is not self.mark or self.mark in self.tools]

    def _go(self) -> None:
        if self._with_pause and self._plot.is_live:
            self._plot.pause()
        else:
            self._plot.go_live()

    def show_window(self) -> None:
        """Bring words and buttons in line with the window of time."""
        live = self._plot.is_live
        length = lines.length_text(self._plot.past_us if live else self._plot.span_us)
        self._when.show_text(
            t("last {length}", length=length) if live else t("paused · {length}", length=length)
        )
        self._show_live(live)
        with QSignalBlocker(self._spans):
            self._spans.setExclusive(False)
            for button in self._spans.buttons():
                button.setChecked(self._spans.id(button) * 1_000_000 == self._plot.span_us)
            self._spans.setExclusive(self._spans.checkedButton() is not None)

    def _show_live(self, live: bool) -> None:
        if not self._with_pause:
            self.live.setEnabled(not live)
            return
        word = t("Pause") if live else t("Live")
        told = t("Stand still; the values go on") if live else t("Back to now")
        self.live.setText(word)
        self.live.setAccessibleName(f"{word}: {told}")
        self.live.setToolTip(told)

    def _show_mark(self) -> None:
        self.mark.setChecked(self._plot.mark_us is not None)
