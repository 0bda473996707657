"""The head of the ledger: how it does, when it was checked, and what can be done with all of it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.types import LedgerAnswer
from hmi.displays.system.ledger import state as ledger
from hmi.formats import t
from hmi.theme import Theme
from hmi.who import Who
from hmi.widgets.buttons import told_button
from hmi.widgets.labels import ShortWords, Words, heading
from hmi.widgets.progress import Progress


class LedgerHead(QWidget):
    """``verified`` = check all of it, or stop that; the others ask for a sheet."""

    verified = Signal()
    bundled = Signal()
    rotated = Signal()
    accepted = Signal()
    begun = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.state = ShortWords(theme, step="small", look="muted")
        self.first = ShortWords(theme, step="small")
        self.second = ShortWords(theme, step="small", look="muted")
        self.outside = Words(theme, step="small", look="muted")
        self.news = Words(theme, step="small", bold=True)
        self.verdict = Words(theme, step="small", bold=True)
        for label in (self.outside, self.news, self.verdict):
            label.setWordWrap(True)
        self.progress = Progress(theme, self)
        self.progress.setFixedWidth(220)
        self.progress.hide()
        self.verify = told_button(t("Verify all"), t("Compute every hash and signature again"), self)
        self.bundle = told_button(t("Export bundle…"), t("One file that a stranger can check"), self)
        self.rotate = told_button(t("Change key…"), t("Another key signs from now on"), self)
        self.accept = told_button(
            t("Accept it…"), t("The ledger went back: accept that, with a reason"), self
        )
        self.begin = told_button(t("Begin a new one…"), t("The key is lost for good"), self)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(heading(theme, t("Ledger")))
        row.addSpacing(4)
        row.addWidget(self.state, 1)
        row.addWidget(self.progress)
        for button in (self.begin, self.accept, self.rotate, self.bundle, self.verify):
            row.addWidget(button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addLayout(row)
        for part in (self.first, self.outside, self.second, self.news, self.verdict):
            box.addWidget(part)
        self.verify.clicked.connect(self.verified)
        self.bundle.clicked.connect(self.bundled)
        self.rotate.clicked.connect(self.rotated)
        self.accept.clicked.connect(self.accepted)
        self.begin.clicked.connect(self.begun)
        self.show_verdict("")

    def show_answer(
        self, answer: LedgerAnswer | None, now: tuple[int, str, str], is_stalled: bool, who: Who, ended: str
    ) -> None:
        """How it does; ``now`` = the time, the zone and the locale of the plant; ``ended`` = an ended one."""
        told = () if answer is None else ledger.facts(answer, *now, ended)
        facts = {each.name: each.text for each in told}
        first = (t("Signed"), t("Checked"))
        self.first.show_text(" · ".join(f"{name}: {facts[name]}" for name in first if name in facts))
        second = (t("Name"), t("Key"))
        self.second.show_text(" · ".join(f"{name}: {facts[name]}" for name in second if name in facts))
        outside = t("Outside")
        self.outside.show_text(f"{outside}: {facts[outside]}" if outside in facts else "")
        self.outside.setVisible(outside in facts)
        well = t("takes every step of a write before it is taken") if answer and not answer.trouble else ""
        if ended:
            well = t("ended because its key was lost; it can be read and checked")
        self.state.show_text(well)
        news = "" if answer is None else ledger.trouble_words(answer)
        if is_stalled:
            news = t("NOT CURRENT: the engine does not answer. Below is what it said last.")
        self.news.show_text(news)
        self.news.setVisible(bool(news))
        can = answer is not None and not is_stalled
        self.verify.setEnabled(can)
        self.bundle.setEnabled(can)
        self.rotate.setVisible(who.may("trust") and not ended)
        self.rotate.setEnabled(can and answer is not None and not answer.trouble)
        may_mend = who.may("engine") and answer is not None and not ended
        self.accept.setVisible(may_mend and answer is not None and answer.may_accept)
        self.begin.setVisible(may_mend and answer is not None and answer.may_begin)

    def show_work(self, part: float | None) -> None:
        """How far the check is, None = none runs."""
        self.progress.setVisible(part is not None)
        self.progress.show_part(part or 0.0)
        self.verify.setText(t("Verify all") if part is None else t("Stop verifying"))

    def show_verdict(self, words: str) -> None:
        """What the last check from here found, "" = none was made."""
        self.verdict.show_text(words)
        self.verdict.setVisible(bool(words))
