"""F1: the pages of resources/docs inside the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QUrl
from PySide6.QtGui import QTextCursor, QTextDocument, QTextTable
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QTextBrowser, QVBoxLayout, QWidget

from engine.paths import resources
from hmi.displays import DISPLAYS
from hmi.formats import t
from hmi.shell.commands import commands
from hmi.theme import Theme
from hmi.widgets.labels import Words

START = "index.md"
LINE_PX = 1000
"""Longer lines than this are hard to follow from one to the next."""


def keys_page() -> str:
    """What every key does (Markdown); also what help shows where no pages are installed."""
    rows = [(t("Ctrl+K"), t("Go to anything: type a few letters of a tag, asset, alarm, display or command"))]
    on_rail = (each for each in DISPLAYS if each.rail)
    rows += [(f"Ctrl+{n}", t(display.title)) for n, display in enumerate(on_rail, start=1)]
    rows += [(each.keys, each.title) for each in commands(()) if each.keys]
    rows += [(t(keys), t(words)) for keys, words in _ON_DISPLAYS]
    table = "\n".join(f"| {keys} | {words} |" for keys, words in rows)
    return t("# Keys\n\n| Key | What it does |\n|---|---|\n{table}\n", table=table)


_ON_DISPLAYS = (
    ("Escape", "Close the faceplate, the search or this help"),
    ("Enter, Space", "Open or choose what has the frame"),
    ("+ \u2212 in a trend", "Shorter or longer time"),
    ("\u2190 \u2192 in a trend", "Move the cursor; with Shift, the time"),
    ("Home in a trend", "Back to live"),
    ("Alt+\u2190 Alt+\u2192 on a unit", "The unit before, the next one"),
    ("Alt+\u2191 on a unit", "What it is part of"),
    ("\u2191 \u2193 in the sources", "Open the page of the next one"),
    ("Ctrl+C in a table", "Copy the selected rows, or all of them"),
)


class Help(QFrame):
    """Covers the work area; Escape or Close leads back."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "popup")
        self._over = parent
        self._before: QWidget | None = None
        parent.installEventFilter(self)
        self._folder = resources() / "docs"
        self._title = Words(theme, t("Escape or Close leads back to the display"), "small", "muted")
        self.page = QTextBrowser(self)
        self.page.setOpenLinks(False)
        self.page.anchorClicked.connect(self._follow)
        self.page.document().setDocumentMargin(16)
        close = QPushButton(t("Close"), self)
        close.setShortcut(Qt.Key.Key_Escape)
        close.clicked.connect(self.leave)
        start = QPushButton(t("Contents"), self)
        start.clicked.connect(lambda: self._show(self._folder / START))
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(start)
        head.addWidget(close)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 10, 14, 14)
        box.addLayout(head)
        box.addWidget(self.page, 1)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens; the page is written anew, for its links have colours of their own."""
        self._title.set_theme(theme)

    def toggle(self) -> None:
        """Show the first page, or go."""
        if self.isVisible():
            self.leave()
            return
        self._cover()
        self._before = self.window().focusWidget()
        self._show(self._folder / START)
        self.show()
        self.raise_()
        self.page.setFocus()

    def leave(self) -> None:
        """Go, and give the keys back to what had them."""
        self.hide()
        if self._before is not None and self._before.isVisible():
            self._before.setFocus()

    def _cover(self) -> None:
        self.setGeometry(self._over.rect())
        self.page.setViewportMargins(0, 0, max(0, self._over.width() - LINE_PX), 0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._over and event.type() == QEvent.Type.Resize and self.isVisible():
            self._cover()
        return super().eventFilter(watched, event)

    def _show(self, file: Path) -> None:
        known = file.is_file() and file.resolve().is_relative_to(self._folder.resolve())
        text = file.read_text(encoding="utf-8") if known else ""
        self.page.setMarkdown(f"{text}\n\n{keys_page()}" if file.name == START or not text else text)
        _space_headings(self.page.document())

    def _follow(self, url: QUrl) -> None:
        # Pages of our own only: a control room has no browser and no way out.
        if not url.scheme():
            self._show(self._folder / url.path())


def _space_headings(document: QTextDocument) -> None:
    """Room above and below headings and paragraphs: Qt sets Markdown with none."""
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            form = frame.format()
            form.setCellPadding(6)
            frame.setFormat(form)
    cursor = QTextCursor(document)
    block = document.begin()
    while block.isValid():
        cursor.setPosition(block.position())
        if cursor.currentTable() is None and block.textList() is None:
            look = block.blockFormat()
            look.setTopMargin(22 if look.headingLevel() else 6)
            look.setBottomMargin(8 if look.headingLevel() else 6)
            cursor.setBlockFormat(look)
        block = block.next()
