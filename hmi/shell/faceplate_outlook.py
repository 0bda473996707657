"""What is foreseen of the asset on a faceplate, how often that was right, and whether it was this time."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.types import Crossing, Episode
from hmi import outlook_words as words
from hmi.formats import t
from hmi.outlook_desk import OutlookDesk
from hmi.outlook_words import Block
from hmi.shell.faceplate_crossings import Crossings
from hmi.shell.faceplate_outlook_bars import Bars
from hmi.shell.verdict_sheet import VerdictSheet, open_verdict
from hmi.theme import Theme
from hmi.widgets.labels import Words, rule
from hmi.widgets.predicted_mark import PredictedMark

AGE_MS = 1000
"""So soon what is too old is withdrawn, and ages go on; only while it can be seen."""


class OutlookBlock(QWidget):
    """``over`` = what a question lies over; ``sheet`` = the one that is open. Hidden it costs nothing."""

    def __init__(self, theme: Theme, over: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._over = theme, over
        self._desk: OutlookDesk | None = None
        self._asset, self._judged = "", 0
        self.block: Block | None = None
        self.sheet: VerdictSheet | None = None
        self.crossings = Crossings(theme, self)
        self.mark = PredictedMark(theme, self)
        self.title = Words(theme, step="body", look="muted")
        self.within = Words(theme, step="small")
        self.story = Words(theme, step="small", look="muted")
        self.bars = Bars(theme, self, is_foreseen=True)
        self.more = Words(theme, step="small", look="muted")
        self.abnormal = Words(theme, step="small")
        self.tags = Bars(theme, self, is_foreseen=False)
        self.cautions = Words(theme, step="small")
        self.asked = Words(theme, t("Was this warning right?"), "small")
        self.right, self.wrong = QPushButton(t("Right\u2026"), self), QPushButton(t("Wrong\u2026"), self)
        self.why = Words(theme, step="small", look="muted")
        self.said = Words(theme, step="small")
        self.foot = Words(theme, step="small", look="muted")
        self.right.setAccessibleName(t("Say that this warning was right"))
        self.wrong.setAccessibleName(t("Say that this warning was wrong"))
        self.right.clicked.connect(lambda: self._judge(True))
        self.wrong.clicked.connect(lambda: self._judge(False))
        self._words = (self.title, self.within, self.story, self.more, self.abnormal, self.cautions)
        self._words = (*self._words, self.asked, self.why, self.said, self.foot)
        self._age = QTimer(self)
        self._age.setInterval(AGE_MS)
        self._age.timeout.connect(self.show_state)
        self._lay_out()

    def _lay_out(self) -> None:
        for part in self._words:
            part.setWordWrap(True)
        head, hands, box = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        head.setSpacing(8)
        head.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.title, 1)
        hands.setSpacing(8)
        hands.addWidget(self.asked, 1)
        hands.addWidget(self.right)
        hands.addWidget(self.wrong)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(rule(self))
        box.addSpacing(2)
        box.addWidget(self.crossings)
        box.addLayout(head)
        box.setSpacing(6)
        for part in (self.within, self.story, self.bars, self.more, self.abnormal, self.tags, self.cautions):
            box.addWidget(part)
        box.addLayout(hands)
        for part in (self.why, self.said, self.foot):
            box.addWidget(part)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for part in (*self._words, self.crossings, self.mark, self.bars, self.tags):
            part.set_theme(theme)
        if self.sheet is not None:
            self.sheet.set_theme(theme)

    def set_desk(self, desk: OutlookDesk, look_ahead: Callable[[Crossing], None]) -> None:
        """Where it is known from; ``look_ahead`` leads to the forecast of a tag on its way to a limit."""
        self._desk, self.crossings.look_ahead = desk, look_ahead
        desk.listeners.append(self._heard)

    def show_asset(self, asset: str) -> None:
        """Of another asset."""
        if asset != self._asset:
            self._asset = asset
            self._leave()
            self.said.show_text("")
        self.show()
        self.show_state()

    def _heard(self) -> None:
        if self.isVisible():
            self.show_state()
        if self.sheet is not None and self._desk is not None and self._desk.refusal():
            self._leave()

    def show_state(self) -> None:
        """How it stands now; laid out anew only where that differs."""
        desk = self._desk
        if desk is None:
            self.hide()
            return
        block = self._block(desk)
        if block != self.block:
            self.block = block
            self._show(block)
            if not block.tier:  # what was said of a warning leaves with it
                self.said.show_text("")
        model, tiers = desk.writes.model, desk.tiers
        self.crossings.show_of(self._asset, desk.crossings, model, desk.writes.now_us())
        _tell(self.within, words.parts(self._asset, tiers, model))
        self._show_hands(desk, block)

    def _block(self, desk: OutlookDesk) -> Block:
        writes, book = desk.writes, desk.book
        if writes.is_past:
            return words.silent(t("Not replayed: what was foreseen at that time is not shown."))
        if writes.is_stalled:
            return words.silent(t("Withdrawn: the engine does not answer."))
        if not book.is_known:
            why = book.trouble or t("the engine has not told of any yet")
            return words.silent(t("No prediction: {why}.", why=why.rstrip(".")))
        return words.block_of(book.outlooks.get(self._asset), writes.model, writes.now_us(), book.trouble)

    def _show(self, block: Block) -> None:
        self.title.set_look("prediction" if block.tier else "muted")
        self.title.set_bold(bool(block.tier))
        self.mark.show_tier(block.tier)
        _tell(self.title, block.title)
        for part, lines in (
            (self.story, block.story),
            (self.more, block.more),
            (self.cautions, block.cautions),
            (self.foot, block.foot),
        ):
            _tell(part, "\n".join(lines))
        _tell(self.abnormal, block.abnormal)
        self.abnormal.set_look("" if block.tags else "muted")
        self.bars.show_bars(block.bars)
        self.tags.show_bars(block.tags)
        self.setAccessibleName(t("Outlook: {words}", words=self.title.text()))

    # Right or wrong

    def _show_hands(self, desk: OutlookDesk, block: Block) -> None:
        is_open = bool(block.episode) and block.episode != self._judged
        refusal = desk.refusal() if is_open else ""
        for part in (self.asked, self.right, self.wrong):
            part.setVisible(is_open)
        for button in (self.right, self.wrong):
            button.setEnabled(not refusal)
            button.setAccessibleDescription(refusal)
        _tell(self.why, refusal)
        _tell(self.said, "" if is_open else self.said.text())

    def _judge(self, is_right: bool) -> None:
        desk, block = self._desk, self.block
        if desk is None or block is None or not block.episode or desk.refusal():
            return
        self._leave()
        where = self._asset.replace("/", " \u203a ")
        about = f"{where}\n{block.title}"
        done, over = self._done, self._over
        self.sheet = open_verdict(self._theme, desk.sender, block.episode, about, is_right, done, over)
        self.sheet.left.connect(lambda: self._left(self.right if is_right else self.wrong))

    def _done(self, episode: Episode) -> None:
        self._judged = episode.id
        told = t("Noted: the warning was right.") if episode.outcome == "right" else t("Noted: it was wrong.")
        self.said.show_text(told)
        self.show_state()

    def _left(self, button: QPushButton) -> None:
        self.sheet = None
        button.setFocus()

    def _leave(self) -> None:
        if self.sheet is not None:
            self.sheet.leave()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.show_state()
        self._age.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._age.stop()


def _tell(part: Words, text: str) -> None:
    part.show_text(text)
    part.setVisible(bool(text))
