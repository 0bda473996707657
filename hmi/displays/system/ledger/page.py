"""The page of the ledger: how it does, its entries by any filter, and one of them with its proof."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.typed import convert
from engine.types import LedgerAnswer, LedgerEntry, LedgerProof, Person
from hmi import formats
from hmi.displays.feed import Feed
from hmi.displays.system.ledger import proof as proving
from hmi.displays.system.ledger import state as ledger
from hmi.displays.system.ledger import words
from hmi.displays.system.ledger.bar import LedgerBar
from hmi.displays.system.ledger.detail import LedgerDetail
from hmi.displays.system.ledger.head import LedgerHead
from hmi.displays.system.ledger.reader import Reader
from hmi.displays.system.ledger.sheets import ask_file
from hmi.displays.system.ledger.state import Shown, Wanted
from hmi.displays.system.ledger.table import LedgerTable
from hmi.displays.system.ledger.work import Work
from hmi.displays.system.state import Row
from hmi.formats import sentence, t
from hmi.model import Model
from hmi.theme import Theme
from hmi.who import NOBODY, Who
from hmi.widgets.labels import ShortWords, Words
from hmi.widgets.trend_head import head_button

NEWS_MS, BESIDE_FROM_PX, DETAIL_SHARE, MOST_STEPS = 2000, 1120, 0.42, 40


class LedgerPage(QFrame):
    """Asks only while it can be seen. ``told`` = its line beside the sources may say something else."""

    told = Signal()

    def __init__(self, theme: Theme, feed: Feed, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self._feed, self._model, self._who = feed, Model(), NOBODY
        self._is_stalled = False
        self._people: dict[str, str] = {}
        self._proof: LedgerProof | None = None
        self.head, self.bar, self.table = (
            LedgerHead(theme, self),
            LedgerBar(theme, self),
            LedgerTable(theme, self),
        )
        self.detail = LedgerDetail(theme, self)
        self.detail.hide()
        self.reader = Reader(feed, self.table.rows, self._show)
        self.work = Work(theme, feed, self.head, self, self._look)
        self.closed, self.closed_do = Words(theme, step="body", bold=True), Words(theme, step="body")
        self.count, self.note = (
            ShortWords(theme, step="small", look="muted"),
            Words(theme, step="body", look="muted"),
        )
        for label in (self.closed, self.closed_do, self.note):
            label.setWordWrap(True)
        self.older: QPushButton = head_button(
            t("Go on from here"), t("Show what is older than the last row"), self
        )
        self._timer = QTimer(self)
        self._timer.setInterval(NEWS_MS)
        self._lay_out()
        self._connect()
        self._show()
        self.setFocusProxy(self.table)

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.addWidget(self.count, 1)
        line.addWidget(self.older)
        list_box = QVBoxLayout()
        list_box.setSpacing(6)
        list_box.addLayout(line)
        list_box.addWidget(self.table, 1)
        list_box.addWidget(self.note)
        list_box.addStretch(0)
        self._list = QWidget(self)
        list_box.setContentsMargins(0, 0, 0, 0)
        self._list.setLayout(list_box)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self._list, 1)
        row.addWidget(self.detail, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 8, 10, 12)
        box.setSpacing(8)
        for part in (self.head, self.closed, self.closed_do, self.bar):
            box.addWidget(part)
        box.addLayout(row, 1)

    def _connect(self) -> None:
        self.bar.changed.connect(self._changed)
        self.bar.timed.connect(lambda: self.bar.ask_time(self._feed.now_us(), self._model.plant.timezone))
        self.bar.news.clicked.connect(self._show_news)
        self.older.clicked.connect(self._go_on)
        self.table.wanted.connect(self._more)
        self.table.topped.connect(self._settle)
        self.table.opened.connect(self.open_entry)
        self.detail.closed.connect(self._close_entry)
        self.detail.stepped.connect(self._step)
        self.detail.linked.connect(self.open_entry)
        self.detail.gathered.connect(lambda write: self.bar.narrow(text=write))
        self.detail.proved.connect(self._prove)
        self.detail.saved.connect(self._ask_proof_file)
        self._timer.timeout.connect(self._look)

    # What the view calls

    def set_plant(self, model: Model) -> None:
        """Another plant, or another engine."""
        self._model = model
        self.work.model = model
        self.table.rows.zone, self.table.rows.locale = model.plant.timezone, model.plant.locale
        self._forget()

    def set_who(self, known: Who) -> None:
        """Another person: what was on show was for somebody else."""
        before, self._who = self._who, known
        if _key(before) != _key(known):
            self._forget()
        self._show()

    def set_stalled(self, stalled: bool) -> None:
        """True: the engine is silent; what has come stays, and is marked as not current."""
        if stalled == self._is_stalled:
            return
        self._is_stalled = stalled
        if stalled:
            self.reader.stop()
            self.work.drop()
        elif self.isVisible() and ledger.may_see(self._who):
            self._look() if self.reader.is_known else self._begin()
        self._show()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens; words are told by the view."""
        self.table.set_theme(theme)
        self.detail.set_theme(theme)
        self.head.progress.set_theme(theme)
        for sheet in (*self.work.sheets, self.bar.times):
            sheet.set_theme(theme)

    def row(self, is_stalled: bool) -> Row:
        """The line beside the sources."""
        shown = Shown(self._who, self.reader.head, is_stalled, bool(self.reader.wanted.ended))
        return ledger.row(shown, self._model.plant.locale)

    # Asking

    def _forget(self) -> None:
        self.reader.forget()
        self.work.drop()
        self._people = {}
        self._close_entry()
        if self.isVisible():
            self._begin()

    def _changed(self) -> None:
        if self.bar.wanted.ended != self.reader.wanted.ended:
            self.work.drop()
            self._close_entry()
        self.work.wanted = self.bar.wanted
        self._begin()

    def _can_ask(self) -> bool:
        return self.isVisible() and not self._is_stalled and ledger.may_see(self._who)

    def _begin(self) -> None:
        if self._can_ask():
            self.table.scrollToTop()
            self.reader.begin(self.bar.wanted)
            if not self._people and self._who.session is not None:
                self._feed.submit("people", {}, self._take_people, lambda _: None)

    def _take_people(self, answer: Any) -> None:
        people = convert(answer["people"], tuple[Person, ...])
        self._people = words.names(people)
        self.table.rows.people = self._people
        self.bar.show_people(self._people)

    def _more(self) -> None:
        if self._can_ask():
            self.reader.more()

    def _look(self) -> None:
        if self._can_ask() and not self.window().isMinimized():
            self.reader.look()

    def _settle(self) -> None:
        if self.reader.waiting and self.table.is_top:
            self.reader.settle()

    def _show_news(self) -> None:
        self.table.scrollToTop()
        self.reader.settle()
        self.table.scrollToTop()

    def _go_on(self) -> None:
        if self.table.rows.entries:
            self.bar.narrow(text=f"#{self.table.rows.entries[-1].seq}")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()
        self._look() if self.reader.is_known else self._begin()
        self._show()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    # One entry

    def open_entry(self, seq: int) -> None:
        """The detail of an entry; one that has not come is fetched."""
        place = self.table.rows.place_of(seq)
        if place < 0:
            wanted = Wanted(text=f"#{seq}", ended=self.bar.wanted.ended)
            body = ledger.body(wanted, self._feed.now_us(), 0, 1)
            self._feed.submit("ledger", body, self._take_entry, lambda why: self.detail.tell(sentence(why)))
            return
        self.table.choose(seq)
        self._open(self.table.rows.entries[place])

    def _take_entry(self, answer: Any) -> None:
        for each in convert(answer, LedgerAnswer).entries[:1]:
            self._open(each)

    def _open(self, entry: LedgerEntry) -> None:
        is_other = self.detail.entry is None or self.detail.entry.seq != entry.seq
        self.detail.show_entry(entry, self._people, self._feed.now_us(), self._model.plant.timezone)
        write = words.write_id(entry)
        self.table.show_write(write)
        if is_other:
            self._proof = None
            if write:
                wanted = Wanted(text=write, groups=("writes",), ended=self.bar.wanted.ended)
                body = ledger.body(wanted, self._feed.now_us(), 0, MOST_STEPS)
                self._feed.submit(
                    "ledger", body, lambda answer: self._take_steps(write, answer), lambda _: None
                )
        self.detail.show()
        self._place()

    def _take_steps(self, write: str, answer: Any) -> None:
        entry = self.detail.entry
        if entry is None or words.write_id(entry) != write:
            return
        now_us, zone = self._feed.now_us(), self._model.plant.timezone
        found = [each for each in convert(answer, LedgerAnswer).entries if words.write_id(each) == write]
        self.detail.show_steps(
            [
                (str(each.seq), words.type_words(each.type), formats.moment(each.time_us, now_us, zone))
                for each in reversed(found)
            ]
        )

    def _close_entry(self) -> None:
        self.detail.hide()
        self.detail.entry = None
        self.table.show_write("")
        self._place()

    def _step(self, step: int) -> None:
        entry = self.detail.entry
        place = -1 if entry is None else self.table.rows.place_of(entry.seq)
        if place >= 0 and 0 <= place + step < len(self.table.rows.entries):
            self.open_entry(self.table.rows.entries[place + step].seq)

    def _prove(self) -> None:
        entry = self.detail.entry
        if entry is None:
            return
        self.detail.tell(t("Computing…"))

        def came(answer: Any) -> None:
            proof = proving.as_proof(answer)
            if proof is not None and self.detail.entry is not None and self.detail.entry.seq == proof.seq:
                self._proof = proof
                self.detail.show_proof(proof, self._model.plant.locale)

        def missed(why: str) -> None:
            if self.detail.entry is entry:
                self.detail.tell(sentence(why))

        body = {"seq": entry.seq, "ended": self.bar.wanted.ended}
        self._feed.submit("ledger_proof", body, came, missed)

    def _ask_proof_file(self) -> None:
        entry = self.detail.entry
        if entry is None:
            return
        if self._proof is None or self._proof.seq != entry.seq:
            self._prove()
        name = t("proof of entry {seq}", seq=entry.seq) + ".txt"
        ask_file(self, t("Save the proof"), name, t("Text (*.txt)"), self.save_proof)

    def save_proof(self, file: Path) -> None:
        """Write the proof on show as a text."""
        entry, proof = self.detail.entry, self._proof
        if entry is None or proof is None:
            return
        origin = self.reader.head.origin if self.reader.head is not None else ""
        said = proving.said(proof, self._model.plant.locale)
        try:
            file.write_text(proving.exported(entry, proof, origin, said), "utf-8")
        except OSError as error:
            self.detail.tell(t("Not saved: {why} Choose another place.", why=sentence(str(error))))
        else:
            self.detail.show_proof(proof, self._model.plant.locale)
            self.detail.tell(t("Saved: {file}", file=file))

    # Showing

    def _show(self) -> None:
        why, do = ledger.closed_words(self._who)
        for label, text in ((self.closed, why), (self.closed_do, do)):
            label.show_text(text)
            label.setVisible(bool(text))
        for part in (self.bar, self._list, self.head):
            part.setVisible(not why)
        if why:
            self.detail.hide()
            self.told.emit()
            return
        reader, plant = self.reader, self._model.plant
        now = (self._feed.now_us(), plant.timezone, plant.locale)
        self.head.show_answer(reader.head, now, self._is_stalled, self._who, reader.wanted.ended)
        if reader.head is not None:
            self.bar.show_books(reader.head.ended, plant.locale, plant.timezone)
        loaded = len(self.table.rows.entries)
        count = ledger.count_words(reader.head, reader.wanted, loaded, reader.is_whole, plant.locale)
        span = ledger.span_words(reader.wanted, now[0], plant.timezone)
        self.count.show_text(", ".join(each for each in (count, span) if each))
        waiting = len(reader.waiting)
        self.bar.show_news(t("1 new") if waiting == 1 else t("{n} new", n=waiting) if waiting else "")
        self.older.setVisible(reader.is_full and not reader.is_whole)
        self._show_note(loaded)
        self._place()
        if waiting and self.table.is_top:
            QTimer.singleShot(0, self, self._settle)
        self.told.emit()

    def _show_note(self, loaded: int) -> None:
        reader = self.reader
        text = reader.trouble
        if not text and reader.is_busy and not loaded:
            text = t("Searching…")
        elif not text and reader.is_known and not loaded:
            text = t("No entry is like that. Clear lets all through again.")
        self.note.show_text(text)
        self.note.setVisible(bool(text))
        self.table.setVisible(loaded > 0)

    def _place(self) -> None:
        """Side by side where there is room, else the entry in the place of the list."""
        is_open = self.detail.entry is not None and self.detail.isVisibleTo(self)
        is_beside = self.width() >= BESIDE_FROM_PX
        self._list.setVisible(not ledger.closed_words(self._who)[0] and (not is_open or is_beside))
        self.bar.setVisible(not ledger.closed_words(self._who)[0] and (not is_open or is_beside))
        self.detail.setMaximumWidth(round(self.width() * DETAIL_SHARE) if is_beside else 16_777_215)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.bar.field.setFocus()
            self.bar.field.selectAll()
        elif event.key() == Qt.Key.Key_Escape and self.detail.entry is not None:
            self._close_entry()
        else:
            super().keyPressEvent(event)


def _key(who: Who) -> tuple[str, bool]:
    return (who.session.id if who.session is not None else "", ledger.may_see(who))
