"""Right above the list: what must be known of all of it, and what acknowledges several. It never grows."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from hmi.displays.alarms import state
from hmi.displays.alarms.state import ListName
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import ShortWords
from hmi.widgets.trend_head import head_button


class HeadLine(QWidget):
    """``first`` = show the alarm that began the flood; ``page`` and ``selection`` = acknowledge these."""

    first = Signal()
    page = Signal()
    selection = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.words = ShortWords(theme, step="body", look="muted")
        self.more = ShortWords(theme, step="small", look="muted")
        self.waiting = ShortWords(theme, step="small", look="muted")
        self.to_first = head_button(t("Show first"), t("The alarm with which this flood began"), self)
        self.chosen = head_button(
            state.selection_words(0), t("Acknowledge the rows that are selected (F4)"), self
        )
        self.all = head_button(
            state.page_words(0), t("Acknowledge every alarm that can be seen now, and no other"), self
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 0, 0, 0)
        row.setSpacing(6)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self.words)
        texts.addWidget(self.more)
        row.addLayout(texts, 1)
        for part in (self.waiting, self.to_first, self.chosen, self.all):
            row.addWidget(part)
        self.to_first.clicked.connect(self.first)
        self.chosen.clicked.connect(self.selection)
        self.all.clicked.connect(self.page)
        self.to_first.hide()
        self.waiting.hide()
        self.more.hide()
        # No button comes or goes in height: the list below must not move under a hand.
        self.all.ensurePolished()
        self.setFixedHeight(max(theme.size.target + 2, self.all.sizeHint().height()))

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self.words.set_theme(theme)
        self.more.set_theme(theme)
        self.waiting.set_theme(theme)

    def show_words(self, text: str, is_strong: bool, has_first: bool) -> None:
        """What is to be known, its first sentence large; ``is_strong`` = a person must see it."""
        first, _, rest = text.partition(". ")
        self.words.show_text(first)
        self.more.show_text(rest)
        self.more.setVisible(bool(rest))
        self.words.set_look("" if is_strong else "muted")
        self.words.set_bold(is_strong)
        self.to_first.setVisible(has_first)

    def show_waiting(self, count: int) -> None:
        """How many rows would come or go, were it not for the hand over the list."""
        self.waiting.show_text(t("{n} changes wait for your hand", n=count) if count else "")
        self.waiting.setVisible(count > 0)

    def show_acts(self, page: int, selected: int, is_dead: bool, name: ListName) -> None:
        """How many a tap would acknowledge; 0 = the button does nothing."""
        for button, count, words in (
            (self.all, page, state.page_words(page)),
            (self.chosen, selected, state.selection_words(selected)),
        ):
            if button.text() != words:
                button.setText(words)
                button.setAccessibleName(f"{words}: {button.toolTip()}")
            button.setEnabled(count > 0 and not is_dead)
            button.setVisible(name == "active")
