"""The two lines of buttons above a document: what it is and what is sought in it; pages and size."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIntValidator, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from hmi.formats import t
from hmi.shell.document_state import Search
from hmi.theme import Theme
from hmi.widgets.labels import ShortWords, Words

FIND_PX, PAGE_PX, COUNT_PX = 200, 66, 96
ROOMY_PX = 900


class FindField(QLineEdit):
    """Return = the next, with Shift the one before; Escape leaves it."""

    left = Signal()
    stepped = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.stepped.emit(-1 if back else 1)
        else:
            super().keyPressEvent(event)


class DocumentTools(QWidget):
    """Nothing here knows of files. ``buttons`` by name; words where signs would have to be learnt."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.title = ShortWords(theme, step="title", bold=True)
        self.kind = ShortWords(theme, step="small", look="muted")
        self.count = Words(theme, step="small", look="muted")
        self.count.setFixedWidth(COUNT_PX)
        self.field = FindField(self)
        self.field.setPlaceholderText(t("Find\u2026"))
        self.field.setAccessibleName(t("Find text in the document"))
        self.field.setToolTip(t("Find text (Ctrl+F)"))
        self.field.setFixedWidth(FIND_PX)
        self.field.setMaxLength(200)
        self.page = QLineEdit(self)
        self.page.setAccessibleName(t("Page number"))
        self.page.setFixedWidth(PAGE_PX)
        self.page.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.page.setValidator(QIntValidator(1, 999_999, self.page))
        self.of = Words(theme, step="body")
        self.zoom = Words(theme, step="small", look="muted")
        self.zoom.setFixedWidth(56)
        self.zoom.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.buttons = {name: self._button(text, told) for name, text, told in _BUTTONS}
        for name in ("contents", "width", "whole", "dark"):
            self.buttons[name].setCheckable(True)
        self.buttons["mark"].hide()
        self._lay_out(theme)

    def _button(self, text: str, told: str) -> QPushButton:
        made = QPushButton(t(text), self)
        made.setToolTip(t(told))
        made.setAccessibleName(t(told))
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        if len(text) == 1:
            made.setProperty("look", "close")
        return made

    def _lay_out(self, theme: Theme) -> None:
        buttons, names, head, tools = self.buttons, QVBoxLayout(), QHBoxLayout(), QHBoxLayout()
        names.setSpacing(1)
        names.addWidget(self.title)
        names.addWidget(self.kind)
        head.addLayout(names, 1)
        head.addWidget(buttons["mark"])
        for part in (self.field, buttons["before"], buttons["after"], self.count, buttons["close"]):
            head.addWidget(part)
        for part in (
            buttons["contents"],
            buttons["back"],
            self.page,
            self.of,
            buttons["next"],
        ):
            tools.addWidget(part)
        tools.addStretch(1)
        last = (buttons["dark"], buttons["smaller"], self.zoom, buttons["larger"])
        for part in (*last, buttons["width"], buttons["whole"], buttons["print"]):
            tools.addWidget(part)
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 10, 10, 10)
        box.setSpacing(10)
        for row in (head, tools):
            row.setSpacing(8)
            box.addLayout(row)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.zoom.setVisible(self.width() >= ROOMY_PX)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        for part in (self.title, self.kind, self.count, self.of, self.zoom):
            part.set_theme(theme)

    def show_page(self, page: int, pages: int, mark: int) -> None:
        """Where one is, and the way back to the page that it was opened for."""
        if not self.page.hasFocus() or not self.page.isModified():
            self.page.setText(str(page))
            self.page.setModified(False)
        self.of.show_text(t("of {pages}", pages=pages) if pages else "")
        self.buttons["back"].setEnabled(page > 1)
        self.buttons["next"].setEnabled(page < pages)
        self.buttons["mark"].setText(t("To page {page}", page=mark))
        self.buttons["mark"].setVisible(bool(pages) and page != mark)

    def show_size(self, scale: float | None, fit: str) -> None:
        """Screen pixels a point of the page, None = no page is there; and how it is fitted into its room."""
        self.zoom.show_text("" if scale is None else f"{round(100 * scale * 72 / 96)} %")
        self.buttons["width"].setChecked(fit == "width")
        self.buttons["whole"].setChecked(fit == "page")

    def show_find(self, has_text: bool) -> None:
        """Nothing can be sought in a picture."""
        for part in (self.field, self.count, self.buttons["before"], self.buttons["after"]):
            part.setVisible(has_text)

    def show_search(self, search: Search | None) -> None:
        """How the search goes; None = nothing is sought."""
        self.count.show_text("" if search is None else search.told())
        for name in ("before", "after"):
            self.buttons[name].setEnabled(search is not None and bool(search.hits))


class Trouble(QFrame):
    """In place of a page: what is wrong with it, or that it is being read. ``again`` = try once more."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "list")
        self.said = Words(theme, step="body")
        self.said.setWordWrap(True)
        self.said.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.again = QPushButton(t("Try again"), self)
        box = QVBoxLayout(self)
        box.setContentsMargins(48, 24, 48, 24)
        box.setSpacing(14)
        box.addStretch(2)
        box.addWidget(self.said)
        box.addWidget(self.again, 0, Qt.AlignmentFlag.AlignHCenter)
        box.addStretch(3)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self.said.set_theme(theme)

    def say(self, text: str, is_trouble: bool) -> None:
        """A sentence, "" = there is nothing to say and a page to see."""
        self.said.show_text(text)
        self.again.setVisible(is_trouble)
        self.setVisible(bool(text))


_BUTTONS = (
    ("contents", "Contents", "Chapters of the document"),
    ("back", "\u2039", "The page before (Page up)"),
    ("next", "\u203a", "The next page (Page down)"),
    ("mark", "", "Back to the page this was opened for"),
    ("dark", "Dark paper", "Light letters on dark paper"),
    ("smaller", "\u2212", "Smaller (Ctrl and wheel, or pinch)"),
    ("larger", "+", "Larger (Ctrl and wheel, or pinch)"),
    ("width", "Fit width", "As wide as there is room"),
    ("whole", "Fit page", "The whole page"),
    ("print", "Print\u2026", "Print the page on show (Ctrl+P)"),
    ("before", "\u02c4", "What was found before (Shift+Enter)"),
    ("after", "\u02c5", "What was found next (Enter)"),
    ("close", "\u00d7", "Close the document (Escape)"),
)
"""Name, text, and what it does in words."""
