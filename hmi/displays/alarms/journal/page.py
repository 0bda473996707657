"""The alarm journal as a page of the Alarms display: what happened, the newest first, by any filter."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from hmi import alarms as words
from hmi import formats
from hmi.displays.alarms.journal import state as journal
from hmi.displays.alarms.journal import words as journal_words
from hmi.displays.alarms.journal.bar import JournalBar
from hmi.displays.alarms.journal.export import JournalExport
from hmi.displays.alarms.journal.note import JournalNote
from hmi.displays.alarms.journal.reader import Reader
from hmi.displays.alarms.journal.rows import Noted
from hmi.displays.alarms.journal.state import Part
from hmi.displays.alarms.journal.table import JournalTable
from hmi.displays.alarms.page import Subject
from hmi.displays.display import REPLAY, Go, Place
from hmi.displays.feed import Feed
from hmi.formats import t
from hmi.model import Model
from hmi.theme import Theme
from hmi.widgets.labels import ShortWords
from hmi.widgets.menu import Line, PopupMenu
from hmi.widgets.time_sheet import TimeSheet
from hmi.widgets.trend_head import head_button

NEWS_MS, SETTLE_MS = 1000, 400
"""How often it asks what came; so long after the last step of a replay it asks for another page."""


class JournalPage(QWidget):
    """Answers `hmi.displays.alarms.page.Page`; asks the engine only while it can be seen."""

    def __init__(self, theme: Theme, feed: Feed, go: Go, parent: QWidget) -> None:
        super().__init__(parent)
        self._feed, self._go, self._model = feed, go, Model()
        self._past_us: int | None = None
        self._is_stalled, self._is_due = False, True
        self._known_us = 0
        self.bar = JournalBar(theme, self)
        self.count = ShortWords(theme, step="small", look="muted")
        self.note = ShortWords(theme, step="small", bold=True)
        self.older = head_button(t("Go on from here"), t("Show what is older than the last row"), self)
        self.table = JournalTable(theme, feed, self)
        self.empty = JournalNote(theme, self)
        self.stack = QStackedWidget(self)
        self.reader = Reader(feed, self.table.rows, self._told)
        self.export = JournalExport(theme, feed, self)
        self.times = TimeSheet(theme, t("Journal from, to"), self)
        self.menu = PopupMenu(self, t("What can be done from this row"))
        self._timer, self._soon = QTimer(self), QTimer(self)
        self._timer.setInterval(NEWS_MS)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SETTLE_MS)
        self._lay_out()
        self._connect()
        self.setFocusProxy(self.table)

    def _lay_out(self) -> None:
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.empty)
        self.older.hide()
        line = QHBoxLayout()
        line.setSpacing(14)
        line.addWidget(self.note, 2)
        line.addWidget(self.count, 3)
        line.addWidget(self.older)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        box.addWidget(self.bar)
        box.addLayout(line)
        box.addWidget(self.stack, 1)

    def _connect(self) -> None:
        self.bar.changed.connect(self._begin)
        self.bar.timed.connect(self._ask_time)
        self.bar.export.connect(self._export)
        self.bar.news.clicked.connect(self._show_news)
        self.older.clicked.connect(self._go_on)
        self.times.agreed.connect(lambda start, end: self.bar.narrow(span="own", start_us=start, end_us=end))
        self.empty.again.connect(self._begin)
        self.empty.left_out.connect(self._leave_out)
        self.table.wanted.connect(self._more)
        self.table.topped.connect(self._settle)
        self.table.opened.connect(lambda row: self._draw(self.table.rows.noted[row]))
        self.table.menu.connect(self._open_menu)
        self._timer.timeout.connect(self._look)
        self._soon.timeout.connect(self._begin)

    # Answers to the display

    def set_plant(self, model: Model) -> None:
        """Another plant, or the same configured anew."""
        is_other = model.plant.name != self._model.plant.name
        self._model = model
        self.table.set_model_of(model)
        self.export.set_model(model)
        if is_other:
            self.reader.stop()
            self._begin()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        for part in (self.bar, self.count, self.note, self.table, self.empty, self.times, self.export.sheet):
            part.set_theme(theme)

    def set_stalled(self, stalled: bool) -> None:
        """True: the engine is silent; what has come stays, and is marked as not current."""
        if stalled == self._is_stalled:
            return
        self._is_stalled = stalled
        if stalled:
            # What was asked and not answered is asked again.
            self._is_due = self._is_due or self.reader.is_busy
            self.reader.stop()
            self._known_us = self._known_us or self._feed.now_us()
        elif self.reader.is_known and not self.reader.trouble and not self._is_due:
            self._look()
        else:
            self._begin()
        self._told()

    def set_past(self, at_us: int | None) -> None:
        """The instant of a replay: the journal ends there. None = live."""
        if at_us == self._past_us:
            return
        is_other = (at_us is None) != (self._past_us is None)
        self._past_us = at_us
        if is_other:
            self._begin()
        elif not self._soon.isActive():
            # While the past plays, a page comes now and then, not at every step.
            self._soon.start()

    def show_path(self, path: str) -> None:
        """Narrow to what is at and below an asset or a tag; "" = everything."""
        self.bar.narrow(under=path)

    def show_subject(self, about: Subject) -> None:
        """Narrow to one alarm, to a stretch of time, or to both."""
        stretch: dict[str, Any] = {}
        if about.end_us:
            stretch = {"span": "own", "start_us": about.start_us, "end_us": about.end_us}
        self.bar.narrow(alarm=about.alarm, alarm_name=about.message, **stretch)

    # Asking

    @property
    def _now_us(self) -> int:
        return self._past_us if self._past_us is not None else self._feed.now_us()

    def _span(self) -> tuple[int, int]:
        start_us, end_us = journal.span_us(self.bar.wanted, self._model, self._now_us)
        if self._past_us is not None:
            end_us = min(end_us, self._past_us + 1)
        return start_us, max(end_us, start_us)

    def _begin(self) -> None:
        """Ask anew from the newest row; while it cannot be seen, when it is."""
        self._soon.stop()
        self._is_due = not self.isVisible() or self._is_stalled
        if self._is_due:
            self._told()
            return
        self.table.scrollToTop()
        self.reader.begin(self.bar.wanted, self._span())

    def _more(self) -> None:
        if not self._is_stalled and self.isVisible():
            self.reader.more()

    def _look(self) -> None:
        if self._is_stalled or not self.isVisible() or self._past_us is not None:
            return
        if self.reader.trouble and not self.table.rows.noted:
            return
        self.reader.news(self._feed.now_us())
        self._settle()

    def _settle(self) -> None:
        """Rows that wait come into the list while it is at its top and no hand is on it."""
        reader = self.reader
        if not (reader.waiting or reader.is_behind) or self._is_stalled:
            return
        if not self.table.is_top or self.table.is_held:
            return
        if reader.is_behind:
            self._begin()
        else:
            reader.settle()
            self.table.scrollToTop()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()
        if self._is_due:
            self._begin()
        else:
            self._look()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    # Showing

    def _told(self) -> None:
        reader, now_us = self.reader, self._feed.now_us()
        if not self._is_stalled:
            self._known_us = now_us
            self._settle_soon()
        locale, loaded = self._model.plant.locale, len(self.table.rows.noted)
        count = journal.count_words(reader.count, loaded, locale) if reader.is_known else ""
        what = journal.in_words(self.bar.wanted, self._model, now_us)
        self.count.show_text(" · ".join(each for each in (count, what) if each))
        self._show_note(now_us)
        self.table.set_old(self._is_stalled)
        waiting = journal.MOST_NEWS if reader.is_behind else len(reader.waiting)
        self.bar.show_news(journal.news_words(waiting) if waiting else "")
        self.bar.export_button.setEnabled(reader.is_known and not self._is_stalled and loaded > 0)
        self.older.setVisible(reader.is_full and not reader.is_whole)
        if loaded:
            self.stack.setCurrentWidget(self.table)
            return
        self.stack.setCurrentWidget(self.empty)
        self.empty.show_state(reader, self._model, now_us, is_stalled=self._is_stalled, past_us=self._past_us)

    def _settle_soon(self) -> None:
        if (self.reader.waiting or self.reader.is_behind) and self.table.is_top and not self.table.is_held:
            QTimer.singleShot(0, self, self._settle)

    def _show_note(self, now_us: int) -> None:
        zone, reader = self._model.plant.timezone, self.reader
        text = ""
        if self._past_us is not None:
            at = formats.moment(self._past_us, now_us, zone)
            text = t("REPLAY {time}: the journal up to then.", time=at)
        elif self._is_stalled:
            at = formats.clock(self._known_us, zone)
            text = t("NOT CURRENT: the engine is silent. What happened after {time} is not here.", time=at)
        elif reader.trouble and self.table.rows.noted:
            text = t("The rest could not be read: {why}", why=reader.trouble)
        elif reader.is_busy and reader.is_known:
            text = t("Reading…")
        elif reader.is_full and not reader.is_whole:
            most = formats.number(journal.MOST_ROWS, 0, self._model.plant.locale)
            text = t("The list holds {n} rows; there are older ones.", n=most)
        self.note.show_text(text)
        self.note.setVisible(bool(text))

    # Hands

    def _show_news(self) -> None:
        self.table.scrollToTop()
        if self.reader.is_behind:
            self._begin()
        else:
            self.reader.settle()
            self.table.scrollToTop()

    def _go_on(self) -> None:
        oldest = self.table.rows.oldest
        if oldest is not None:
            start_us = self._span()[0]
            self.bar.narrow(span="own", start_us=min(start_us, oldest.time_us), end_us=oldest.time_us + 1)

    def _leave_out(self, part: Part) -> None:
        wanted = journal.without(self.bar.wanted, part)
        self.bar.show_wanted(wanted)
        self._begin()

    def _ask_time(self) -> None:
        start_us, end_us = self._span()
        self.times.ask((start_us, min(end_us, self._now_us)), self._model.plant.timezone)

    def _export(self) -> None:
        self.export.ask(self.bar.wanted, self.reader.span, self.reader.count)

    def _draw(self, noted: Noted) -> None:
        """The trend of its tag at that time; where it has none, where it is handled."""
        if noted.change.path in self._model.index:
            self._go(Place("trends", noted.change.path, noted.change.source_us))
        else:
            self._place(noted)

    def _place(self, noted: Noted) -> None:
        self._go(Place(*words.target(self._model, journal_words.alarm_of(self._model, noted.change))))

    def _only(self, noted: Noted) -> None:
        change = noted.change
        name = words.message(journal_words.alarm_of(self._model, change))
        self.bar.narrow(alarm=change.alarm, alarm_name=name)

    def menu_of(self, noted: Noted) -> tuple[Line, ...]:
        """All that can be done from a row."""
        change = noted.change
        at = formats.moment(change.time_us, self._feed.now_us(), self._model.plant.timezone)
        is_only, has_trend = self.bar.wanted.alarm == change.alarm, change.path in self._model.index
        return (
            Line(t("Only this alarm"), lambda: self._only(noted), not is_only),
            Line(t("Trend at {time}", time=at), lambda: self._draw(noted), has_trend, opens_group=True),
            Line(t("Go to its display"), lambda: self._place(noted)),
            Line(t("Replay {time}", time=at), lambda: self._go(Place(REPLAY, str(change.time_us)))),
            Line(t("Copy"), self.table.copy, opens_group=True),
        )

    def _open_menu(self, row: int, at: QPoint) -> None:
        if all(index.row() != row for index in self.table.selectionModel().selectedRows()):
            self.table.selectRow(row)
        self.menu.open(self.menu_of(self.table.rows.noted[row]), at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.bar.field.setFocus()
            self.bar.field.selectAll()
        elif event.key() == Qt.Key.Key_F5:
            self._begin()
        else:
            super().keyPressEvent(event)
