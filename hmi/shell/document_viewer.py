"""Manuals, drawings and pictures: over the display, beside the faceplate, above the alarms."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from engine.types import Document
from hmi.documents import Drawn, Failed, Found, Open, Opened, Reader
from hmi.formats import t
from hmi.model import Model
from hmi.shell.document_contents import CONTENTS_PX, Contents
from hmi.shell.document_print import PagePrinting, image_of
from hmi.shell.document_state import LastPages, Reading, Search, place_read
from hmi.shell.document_tools import DocumentTools, Trouble
from hmi.shell.faceplate_links import document_of, kind_words
from hmi.theme import Theme
from hmi.widgets.labels import rule
from hmi.widgets.page_canvas import PageCanvas

LOOK_MS, TYPED_MS, LATE_MS = 15, 250, 400


class DocumentViewer(QFrame):
    """Closed it costs nothing: its process ends with it. ``closed`` = a person closed it.

    ``last_pages`` = where documents without a bookmark open next time.
    """

    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self.setAccessibleName(t("Document"))
        self._theme = theme
        self._model = Model()
        self.reader: Reader | None = None
        self.reading: Reading | None = None
        self.last_pages = LastPages()
        self._outline: object = None
        self.shown: Drawn | None = None
        self._wants_bring = self._to_end = self._is_bad = False
        self.tools = DocumentTools(theme, self)
        self.canvas = PageCanvas(theme, self)
        self.contents = Contents(self)
        self.trouble = Trouble(theme, self)
        self.printing = PagePrinting(self)
        self._clock, self._typed, self._late = QTimer(self), QTimer(self), QTimer(self)
        self._lay_out()
        self._connect()
        self.hide()

    def _lay_out(self) -> None:
        below, box = QHBoxLayout(), QVBoxLayout(self)
        below.setSpacing(0)
        below.addWidget(self.contents)
        below.addWidget(self.canvas, 1)
        below.addWidget(self.trouble, 1)
        box.setContentsMargins(1, 1, 1, 1)
        box.setSpacing(0)
        box.addWidget(self.tools)
        box.addWidget(rule(self))
        box.addLayout(below, 1)

    def _connect(self) -> None:
        buttons, tools = self.tools.buttons, self.tools
        buttons["close"].clicked.connect(self.leave)
        buttons["back"].clicked.connect(lambda: self.turn(-1))
        buttons["next"].clicked.connect(lambda: self.turn(1))
        buttons["mark"].clicked.connect(lambda: self.reading and self.show_page(self.reading.mark))
        buttons["contents"].clicked.connect(self.contents.setVisible)
        buttons["dark"].clicked.connect(self.canvas.set_inverted)
        buttons["smaller"].clicked.connect(lambda: self.canvas.zoom(0.8))
        buttons["larger"].clicked.connect(lambda: self.canvas.zoom(1.25))
        buttons["width"].clicked.connect(lambda: self.canvas.set_fit("width"))
        buttons["whole"].clicked.connect(lambda: self.canvas.set_fit("page"))
        buttons["before"].clicked.connect(lambda: self._step(-1))
        buttons["after"].clicked.connect(lambda: self._step(1))
        buttons["print"].clicked.connect(self._print)
        self.printing.wanted.connect(self._look)
        self.printing.told.connect(self.tools.kind.show_text)
        tools.page.returnPressed.connect(self._page_typed)
        tools.page.editingFinished.connect(lambda: self._show_tools(anew=True))
        tools.field.textEdited.connect(lambda: self._typed.start())
        tools.field.stepped.connect(self._find_or_step)
        tools.field.left.connect(self._leave_find)
        self.trouble.again.clicked.connect(self._again)
        self.contents.chosen.connect(self.show_page)
        self.canvas.turned.connect(self.turn)
        self.canvas.changed.connect(self._look)
        self._clock.setInterval(LOOK_MS)
        self._clock.timeout.connect(self._look)
        late = self._late, LATE_MS, self._say_late
        for timer, after_ms, act in ((self._typed, TYPED_MS, self._find), late):
            timer.setSingleShot(True)
            timer.setInterval(after_ms)
            timer.timeout.connect(act)

    # What the window calls

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens; paper stays paper."""
        self._theme = theme
        for part in (self.tools, self.canvas, self.trouble):
            part.set_theme(theme)

    def set_model(self, model: Model) -> None:
        """Another plant; a document of the one before is closed."""
        before, self._model = self._model, model
        if before.folder != model.folder:
            self.leave()
            self.reader = None

    def open(self, path: str) -> None:
        """Read a document of the plant: ``PAGE:FILE``, as `place_path` gives it."""
        file, page = place_read(path)
        self._begin(file, page, document_of(self._model, file, page))

    def _begin(self, file: str, page: int, document: Document | None) -> None:
        if self.reader is None:
            self.reader = Reader(Path(self._model.folder))
        self._keep_page()
        title = document.title.partition(": ")[0] if document is not None else file
        start = self.last_pages.pages.get(file, 1) if page == 1 else page
        self.reading, self.shown, self._outline = Reading(file, title, start, page), None, None
        kind = kind_words(document) if document is not None else ""
        self.tools.title.show_text(title)
        self.tools.kind.show_text(" \u00b7 ".join(each for each in (kind, file) if each))
        self.setAccessibleName(t("Document {title}", title=title))
        self.tools.field.clear()
        self.contents.clear()
        self.contents.hide()
        self.canvas.fit = "page"
        self.canvas.show_page(None, None)
        self.canvas.show_hits((), ())
        self._say("")
        self.show()
        self.raise_()
        self.canvas.setFocus()
        self._look()

    def leave(self) -> None:
        """Back to the display."""
        if self.reading is None:
            return
        self._keep_page()
        for timer in (self._clock, self._typed, self._late):
            timer.stop()
        self.reading, self.shown = None, None
        self.printing.drop()
        self.canvas.show_page(None, None)
        if self.reader is not None:
            self.reader.close()
            self.reader = None  # with the pages it kept
        self.hide()
        self.closed.emit()

    @property
    def waits(self) -> bool:
        """A text was typed that is not looked for yet."""
        return self._typed.isActive()

    def kept_pages(self) -> dict[str, int]:
        """The last page of each document, the ones read last at the end."""
        self._keep_page()
        return dict(self.last_pages.pages)

    def _keep_page(self) -> None:
        if self.reading is not None and self.reading.opened is not None:
            self.last_pages.keep(self.reading.file, self.reading.page)

    # Pages

    def show_page(self, page: int) -> None:
        """Turn to a page."""
        if self.reading is not None and self.reading.go(page):
            self._to_end = False
            self._turned()

    def turn(self, by: int) -> None:
        """The next page from its top, or the one before from its end."""
        if self.reading is not None and self.reading.go(self.reading.page + by):
            self._to_end = by < 0 and self.canvas.fit == "width"
            self._turned()

    def _turned(self) -> None:
        self.shown = None
        self._say("")
        self.canvas.go_to(1.0 if self._to_end else 0.0)
        self._look()

    def _page_typed(self) -> None:
        text = self.tools.page.text()
        self.tools.page.setModified(False)
        if text.isdigit():
            self.show_page(int(text))
        self.canvas.setFocus()

    def _print(self) -> None:
        if self.reading is not None and self.shown is not None:
            self.printing.ask(self.reading, self.shown.size)

    def _again(self) -> None:
        if self.reader is not None and self.reading is not None:
            self.reader.forget(self.reading.file)
            self.reading.opened, self.shown, self._outline = None, None, None
            self._say("")
            self._look()

    # Looking what has come

    def _look(self) -> None:
        reading, reader = self.reading, self.reader
        if reading is None or reader is None or not self.isVisible():
            return
        reader.look()
        self._take_opened(reading, reader)
        self._take_page(reading, reader)
        self._take_found(reading, reader)
        self.printing.take(reader)
        canvas = self.canvas
        wanted = reading.wants(canvas.device_scale, canvas.size_pt, canvas.seen()) if not self._is_bad else ()
        reader.want([*wanted, *self.printing.wants()])
        if reader.is_busy != self._clock.isActive():
            self._clock.start() if reader.is_busy else self._clock.stop()
        self._show_tools()

    def _take_opened(self, reading: Reading, reader: Reader) -> None:
        if reading.opened is not None:
            return
        answer = reader.answer(Open(reading.file))
        if isinstance(answer, Failed):
            self._say(answer.text, is_trouble=True)
        elif isinstance(answer, Opened):
            reading.opened = answer
            reading.go(reading.page)
            self._say("")
            self.canvas.fit = "width" if answer.has_text else "page"
            self.canvas.show_page(answer.size, None)
            self._show_contents(answer)
            self.tools.show_find(answer.has_text)

    def _take_page(self, reading: Reading, reader: Reader) -> None:
        size = self.canvas.size_pt
        if reading.opened is None or size is None:
            return
        answer = reader.answer(reading.whole(self.canvas.device_scale))
        if isinstance(answer, Failed):
            self._say(answer.text, is_trouble=True)
        elif isinstance(answer, Drawn) and answer is not self.shown:
            self._say("")
            self.shown = answer
            self.canvas.show_page(answer.size, image_of(answer))
            if self._to_end:
                self.canvas.go_to(1.0)
            self._show_hits()
        part = reading.part(self.canvas.device_scale, size, self.canvas.seen())
        sharp = reader.answer(part) if part is not None else None
        if isinstance(sharp, Drawn):
            self.canvas.show_part(image_of(sharp), sharp.clip)

    def _take_found(self, reading: Reading, reader: Reader) -> None:
        search = reading.search
        while search is not None and (asked := search.request(reading.file)) is not None:
            answer = reader.answer(asked)
            if answer is None:
                return
            had = search.hit is not None
            search.take(asked, answer if isinstance(answer, Found) else Found(reading.opened_pages))
            if not had and search.hit is not None:
                self._go_to_hit()
            self._show_hits()

    def _say(self, text: str, is_trouble: bool = False) -> None:
        self._is_bad, had_focus = is_trouble, self.hasFocus() or self.canvas.hasFocus()
        self.trouble.say(text, is_trouble)
        self.canvas.setVisible(not text)
        if had_focus:  # else it would go on to a button that writes
            (self if text else self.canvas).setFocus()
        self._late.start()

    def _say_late(self) -> None:
        if self.reading is None or self.trouble.said.text():
            return
        if self.reading.opened is None:
            self._say(t("Reading {title}\u2026", title=self.reading.title))
        elif self.shown is None:
            # Nor may the page before be taken for this one.
            self.canvas.show_words(t("Loading page {page}\u2026", page=self.reading.page))

    # Finding

    def _begin_find(self) -> None:
        if self.tools.field.isVisible():
            self.tools.field.setFocus()
            self.tools.field.selectAll()

    def _leave_find(self) -> None:
        self.tools.field.clear()
        self._find()
        self.canvas.setFocus()

    def _find(self) -> None:
        reading, text = self.reading, self.tools.field.text().strip()
        if reading is None or reading.opened is None:
            return
        self._typed.stop()
        reading.search = Search(text, reading.page, reading.opened.pages) if text else None
        self._look()
        self._show_hits()

    def _find_or_step(self, by: int) -> None:
        search, text = self.reading.search if self.reading else None, self.tools.field.text().strip()
        if search is None or search.text != text:
            self._find()
        else:
            self._step(by)

    def _step(self, by: int) -> None:
        if self.reading is not None and self.reading.search is not None:
            self.reading.search.step(by)
            self._go_to_hit()
            self._look()

    def _go_to_hit(self) -> None:
        hit = self.reading.search.hit if self.reading and self.reading.search else None
        if hit is not None:
            self._wants_bring = True
            self.show_page(hit.page)
            self._show_hits()

    def _show_hits(self) -> None:
        reading = self.reading
        if reading is None:
            return
        search = reading.search
        hit = search.hit if search is not None else None
        here = hit.boxes if hit is not None and hit.page == reading.page else ()
        self.canvas.show_hits(search.boxes(reading.page) if search is not None else (), here)
        if self._wants_bring and here and self.shown is not None:
            self._wants_bring = False
            self.canvas.bring(here[0])
        self._show_tools()

    # Around the page

    def _show_contents(self, opened: Opened) -> None:
        if opened is self._outline:
            return
        self._outline = opened
        self.contents.show_outline(opened.outline)
        has_room = self.width() >= 3.6 * CONTENTS_PX
        self.tools.buttons["contents"].setVisible(bool(opened.outline))
        self.tools.buttons["contents"].setChecked(bool(opened.outline) and has_room)
        self.contents.setVisible(bool(opened.outline) and has_room)

    def _show_tools(self, anew: bool = False) -> None:
        reading = self.reading
        if reading is None:
            return
        self.tools.page.setModified(self.tools.page.isModified() and not anew)
        pages = reading.opened.pages if reading.opened is not None else 0
        self.tools.show_page(reading.page, pages, reading.mark)
        self.tools.show_search(reading.search)
        self.tools.show_size(self.canvas.scale if pages else None, self.canvas.fit)
        self.contents.show_chapter(reading.chapter())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._clock.stop()
        # A window that is closed ends it too; one that is shown again starts it anew.
        if self.reader is not None and not event.spontaneous():
            self.reader.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        act = {
            Qt.Key.Key_Escape: self.leave,
            Qt.Key.Key_Home: lambda: self.show_page(1),
            Qt.Key.Key_End: lambda: self.show_page(self.reading.opened_pages if self.reading else 1),
            Qt.Key.Key_PageDown: lambda: self.turn(1),
            Qt.Key.Key_PageUp: lambda: self.turn(-1),
            Qt.Key.Key_Plus: lambda: self.canvas.zoom(1.25),
            Qt.Key.Key_Minus: lambda: self.canvas.zoom(0.8),
        }.get(Qt.Key(event.key()))
        if event.matches(QKeySequence.StandardKey.Find):
            self._begin_find()
        elif event.matches(QKeySequence.StandardKey.Print):
            self._print()
        elif act is not None:
            act()
        else:
            super().keyPressEvent(event)
