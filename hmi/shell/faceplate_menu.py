"""More of a faceplate: work in progress on its asset, sets of setpoints, and all its documents."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from hmi import control_words as words
from hmi.control_desk import ControlDesk
from hmi.displays.display import Go
from hmi.document_words import place_of_document
from hmi.document_words import words as document_words
from hmi.formats import t
from hmi.model import Model
from hmi.shell.control_sheets import ControlSheets
from hmi.shell.faceplate_links import all_documents, kind_words
from hmi.theme import Theme
from hmi.widgets.labels import Words
from hmi.widgets.menu import Line
from hmi.widgets.work_plate import WorkMark


def lines(sheets: ControlSheets, asset: str) -> list[Line]:
    """The menu of an asset; what cannot be done now says why."""
    desk = sheets.desk
    why = desk.refusal_of_work()

    def line(text: str, act: Callable[[], object]) -> Line:
        shown = t("{act} ({why})", act=text, why=why.rstrip(".")) if why else text
        return Line(shown, act, not why)

    found = [line(t("Put a work tag on\u2026"), partial(sheets.put_on, asset))]
    for work in desk.book.work_at(asset):
        text = t("Take the work tag of {name} off\u2026", name=work.name)
        found.append(line(text, partial(sheets.take_off, work)))
    found.append(Line(t("Setpoint sets below here\u2026"), partial(sheets.sets, asset), opens_group=True))
    found.append(Line(t("Setpoint sets of the plant\u2026"), partial(sheets.sets, "")))
    return found


def document_lines(model: Model, asset: str, go: Go) -> list[Line]:
    """All there is to read about an asset and about what it is part of, nearest first."""
    found: list[Line] = []
    for owner, documents in all_documents(model, asset):
        for at, each in enumerate(documents):
            told = t(
                "{title} \u00b7 {kind}, {owner}",
                title=document_words(each),
                kind=kind_words(each),
                owner=owner,
            )
            place = place_of_document(each)
            found.append(Line(told, partial(go, place), opens_group=at == 0 and bool(found)))
    return found


class WorkLine(QWidget):
    """The plate and who works there, on a faceplate; hidden where nobody does."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.mark = WorkMark(theme, self)
        self.words = Words(theme, step="body")
        self.words.setWordWrap(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.words, 1)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self.mark.set_theme(theme)
        self.words.set_theme(theme)

    def show_work(self, desk: ControlDesk, asset: str) -> None:
        """The work in progress on an asset or above it."""
        found = desk.book.work_at(asset)
        zone = desk.model.plant.timezone
        self.words.show_text("\n".join(words.work_line(each, desk.now_us(), zone) for each in found))
        self.setAccessibleName(t("Work in progress: {words}", words=self.words.text()) if found else "")
        self.setVisible(bool(found))
