"""The journal into a file: tables are written by the engine, paper by a thread of the window."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QWidget

from engine.typed import convert
from hmi import formats
from hmi.displays.alarms.journal import state as journal
from hmi.displays.alarms.journal import words as journal_words
from hmi.displays.alarms.journal.reader import Answer, noted
from hmi.displays.alarms.journal.rows import Noted
from hmi.displays.alarms.journal.sheets import FORMATS, MOST_ON_PAPER, ExportSheet
from hmi.displays.alarms.journal.state import Wanted
from hmi.displays.feed import Feed
from hmi.displays.job import Job
from hmi.displays.paper import Section, write_pdf
from hmi.displays.press import Press, Progress
from hmi.formats import sentence, t
from hmi.model import Model
from hmi.theme import Theme

AT_ONCE = 500
ROWS_A_REST, REST_S = 50, 0.002
READING = 0.4
"""So much of the work is done when the rows for paper have come."""


class JournalExport:
    """``sheet`` asks and tells. Nothing of it waits."""

    def __init__(self, theme: Theme, feed: Feed, page: QWidget) -> None:
        self._feed, self._page, self._model = feed, page, Model()
        self._wanted, self._span, self._count = journal.DAY, (0, 0), 0
        self._reading = 0
        self.job, self.press = Job(feed, page), Press(page)
        self.sheet = ExportSheet(theme, page)
        self.sheet.wanted.connect(self._ask_file)
        self.sheet.stopped.connect(self._stop)

    _count: int | None

    def set_model(self, model: Model) -> None:
        """Another plant."""
        self.job.drop()
        self._reading += 1
        self._model = model

    def ask(self, wanted: Wanted, span: tuple[int, int], count: int | None) -> None:
        """Open the sheet for what is on show."""
        self._wanted, self._count = wanted, count
        # What comes while it is written is not in it.
        self._span = span[0], min(span[1], self._feed.now_us())
        many = journal.count_words(count, 0, self._model.plant.locale)
        words = journal.in_words(wanted, self._model, self._feed.now_us())
        self.sheet.ask(t("{count}: {words}", count=many, words=words))

    def _ask_file(self) -> None:
        format = self.sheet.format.picked
        word = next(word for key, word, _ in FORMATS if key == format)
        zone = self._model.plant.timezone
        when = f"{formats.local(max(self._span[0], 0), zone):%Y-%m-%d %H.%M}"
        name = f"{self._model.plant.name}, {t('alarm journal')}, {when}"
        name = "".join("-" if each in '/\\:*?"<>|' or not each.isprintable() else each for each in name)
        asking = QFileDialog(
            self._page, t("Export"), str(Path.home() / f"{name}.{format}"), f"{word} (*.{format})"
        )
        asking.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        asking.setDefaultSuffix(format)
        asking.fileSelected.connect(lambda chosen: self.write(Path(chosen)))
        asking.finished.connect(asking.deleteLater)
        asking.open()

    def write(self, file: Path) -> None:
        """Write what the sheet says; the sheet tells how it went."""
        self.sheet.say(t("Writing…"), str(file))
        self.sheet.show_work(0.0)
        if self.sheet.format.picked == "pdf":
            self._reading += 1
            self._read(file, [], self._reading)
            return
        self.job.start(
            "alarm_export",
            {
                "wanted": {**journal.body(self._wanted, self._span), "letters": False},
                "file": str(file),
                "format": self.sheet.format.picked,
            },
            self.sheet.show_work,
            lambda rows: self._written(file, rows),
            self._failed,
        )

    def _written(self, file: Path, rows: Any, left_out: str = "") -> None:
        self.sheet.show_work(None, is_done=True)
        count = formats.number(float(rows), 0, self._model.plant.locale)
        self.sheet.say(
            " ".join(each for each in (t("{n} changes are written:", n=count), left_out) if each), str(file)
        )

    def _failed(self, why: str) -> None:
        self.sheet.show_work(None)
        self.sheet.say(t("Nothing was written: {why}", why=why))

    def _stop(self) -> None:
        if self.job.is_busy:
            self.job.cancel()
        elif self.press.is_busy:
            self.press.cancel()
        else:
            self._reading += 1
            self._failed(t("Cancelled."))

    # Paper: the rows are asked for page by page; words and paint are made in the thread

    def _read(self, file: Path, found: list[Noted], reading: int, before: int = 0) -> None:
        def came(answer: Any) -> None:
            if reading != self._reading:
                return
            page = convert(answer, Answer)
            found.extend(noted(page))
            whole = MOST_ON_PAPER if page.count is None else max(1, min(page.count, MOST_ON_PAPER))
            self.sheet.show_work(READING * min(1.0, len(found) / whole))
            if len(page.changes) < AT_ONCE or len(found) >= MOST_ON_PAPER:
                is_cut = page.count is None or page.count > len(found)
                self._paint(file, found, is_cut and len(found) >= MOST_ON_PAPER)
            else:
                self._read(file, found, reading, page.changes[-1].seq)

        def failed(why: str) -> None:
            if reading == self._reading:
                self._failed(sentence(why))

        body = journal.body(self._wanted, self._span, before, AT_ONCE)
        self._feed.submit("alarm_journal", body, came, failed)

    def _paint(self, file: Path, found: list[Noted], is_cut: bool) -> None:
        model, now_us = self._model, self._feed.now_us()
        zone, left_out = model.plant.timezone, self._left_out(len(found)) if is_cut else ""
        let_through = t("Let through: {words}.", words=journal.in_words(self._wanted, model, now_us))
        made = t("Made {day} {time}.", day=formats.date_of(now_us, zone), time=formats.clock(now_us, zone))
        words = tuple(each for each in (let_through, made, left_out) if each)
        under = f"{model.plant.name} · {journal.dated(self._span, now_us, zone)}"

        def work(progress: Progress) -> None:
            rows = list[tuple[str, ...]]()
            for at, (change, before) in enumerate(found):
                rows.append(journal_words.paper_row(model, change, before))
                if at % ROWS_A_REST == 0:
                    progress.reach(0.0)
                    time.sleep(REST_S)
            section = Section("", words, tuple(journal_words.paper_heads()), tuple(rows))
            write_pdf(file, t("Alarm journal"), under, (section,), progress)

        def ended(why: str) -> None:
            if why:
                self._failed(why)
            else:
                self._written(file, len(found), left_out)

        self.press.start(work, lambda part: self.sheet.show_work(READING + (1 - READING) * part), ended)

    def _left_out(self, rows: int) -> str:
        locale = self._model.plant.locale
        return t(
            "These are the newest {n}; older ones are left out here, a table holds all.",
            n=formats.number(rows, 0, locale),
        )
