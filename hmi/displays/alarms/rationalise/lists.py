"""Beside the table: what to look at, and what was changed before."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from engine.types import AlarmChange
from hmi.displays.alarms.rationalise import state
from hmi.displays.alarms.rationalise.asking import PAGE, Asking
from hmi.displays.alarms.rationalise.lines import LongLines
from hmi.displays.alarms.rationalise.state import Finding
from hmi.formats import t
from hmi.model import Model
from hmi.theme import Theme
from hmi.widgets.choice import Choice
from hmi.widgets.labels import Words

MOST_SHOWN = 400
ROW = Qt.ItemDataRole.UserRole


class FindingsList(QWidget):
    """``opened`` = a tap on a finding, with the id of its row."""

    opened = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._shown: tuple[Finding, ...] = ()
        self.split = Words(theme, step="small", look="muted")
        self.calm = Words(theme, t("Nothing to look at."), "body", "muted")
        self.list = LongLines(theme, t("What to look at"), self)
        for words in (self.split, self.calm):
            words.setWordWrap(True)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        for part in (self.split, self.calm):
            box.addWidget(part)
        box.addWidget(self.list, 1)
        box.addStretch(0)
        self.list.itemClicked.connect(self._open)
        self.list.itemActivated.connect(self._open)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take the type of another theme."""
        self.list.set_theme(theme)

    def show_findings(self, found: Sequence[Finding], split: str) -> None:
        """Bring the list up to date; how far it is scrolled stays."""
        self.split.show_text(split)
        self.split.setVisible(bool(split))
        self.calm.setVisible(not found)
        self.list.setVisible(bool(found))
        if tuple(found) == self._shown:
            return
        self._shown = tuple(found)
        at = self.list.verticalScrollBar().value()
        self.list.clear()
        for each in found[:MOST_SHOWN]:
            head = "\u2715 " if each.is_error else ""
            item = QListWidgetItem(f"{head}{each.where}\n{each.words}" if each.where else head + each.words)
            item.setData(ROW, each.row)
            self.list.addItem(item)
        if len(found) > MOST_SHOWN:
            self.list.addItem(
                t("… and {n} more: mend these first, then they are listed.", n=len(found) - MOST_SHOWN)
            )
        self.list.verticalScrollBar().setValue(at)

    def _open(self, item: QListWidgetItem) -> None:
        row = item.data(ROW)
        if row:
            self.opened.emit(int(row))


class RecordList(QWidget):
    """Earlier changes of the list, the newest first, as the journal of alarms has them."""

    def __init__(self, theme: Theme, asking: Asking, parent: QWidget) -> None:
        super().__init__(parent)
        self._asking = asking
        self._zone, self._path, self._now_us = "UTC", "", 0
        self.changes: tuple[AlarmChange, ...] = ()
        self.which = Choice(
            None,
            [
                ("all", t("All"), t("Changes of all rows")),
                ("one", t("This tag"), t("Changes of the tag of the selected row")),
            ],
            self,
        )
        self.said = Words(theme, step="body", look="muted")
        self.said.setWordWrap(True)
        self.list = LongLines(theme, t("Earlier changes"), self)
        self.more = QPushButton(t("Earlier"), self)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        for part in (self.which, self.said):
            box.addWidget(part)
        box.addWidget(self.list, 1)
        box.addWidget(self.more)
        box.addStretch(0)
        self.which.chosen.connect(lambda _: self.ask())
        self.more.clicked.connect(self._ask_more)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take the type of another theme."""
        self.list.set_theme(theme)

    def set_plant(self, model: Model) -> None:
        """The time zone of the plant."""
        self._zone = model.plant.timezone

    def show_path(self, path: str, now_us: int) -> None:
        """The tag of the selected row; with "This tag" its changes are asked for."""
        self._now_us = now_us
        is_other, self._path = path != self._path, path
        if is_other and self.isVisible() and self.which.picked == "one":
            self.ask()

    def ask(self) -> None:
        """Ask for the newest changes."""
        path = self._path if self.which.picked == "one" else ""
        self._asking.record(self._show, self._fail, path=path)

    def _ask_more(self) -> None:
        path = self._path if self.which.picked == "one" else ""
        if self.changes:
            self._asking.record(self._add, self._fail, before=self.changes[-1].seq, path=path)

    def _show(self, changes: Sequence[AlarmChange]) -> None:
        self.changes = tuple(changes)
        self.list.clear()
        self._list(changes)

    def _add(self, changes: Sequence[AlarmChange]) -> None:
        self.changes += tuple(changes)
        self._list(changes)

    def _list(self, changes: Sequence[AlarmChange]) -> None:
        for each in changes:
            when, who, name, what = state.record_line(each, self._now_us, self._zone)
            self.list.addItem(f"{when}  {who}\n{name}\n{what}")
        self.more.setVisible(len(changes) == PAGE)
        self.list.setVisible(bool(self.changes))
        self.said.show_text("" if self.changes else t("No change is on record."))
        self.said.setVisible(not self.changes)

    def _fail(self, why: str) -> None:
        self.more.hide()
        self.said.show_text(why)
        self.said.show()
