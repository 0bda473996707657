"""The faceplate: one panel for every asset, from any value, row, part or search result."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from engine.types import Alarm, Snapshot
from hmi import alarms as alarm_words
from hmi import values
from hmi.displays.display import Go, Place
from hmi.formats import t
from hmi.model import Model
from hmi.shell import faceplate_links, faceplate_menu
from hmi.shell import faceplate_state as state
from hmi.shell.command_block import CommandBlock
from hmi.shell.control_sheets import ControlSheets
from hmi.shell.faceplate_front import Front
from hmi.shell.faceplate_menu import WorkLine
from hmi.shell.faceplate_outlook import OutlookBlock
from hmi.shell.faceplate_relations import Nameplate, Relations
from hmi.shell.faceplate_rows import AlarmNote, TagRow
from hmi.shell.faceplate_state import Face, Note
from hmi.theme import Theme
from hmi.widgets.alarm_badge import AlarmBadge
from hmi.widgets.labels import ShortWords, Words, rule
from hmi.widgets.menu import PopupMenu

WIDTH_PX = 424
EDGE_PX = 16


class Faceplate(QFrame):
    """Hidden it costs nothing. ``closed`` = a person closed it; ``tags`` = all tags of a path are wanted."""

    closed = Signal()
    tags = Signal(str)

    def __init__(self, theme: Theme, go: Go, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._go = theme, go
        self._model = Model()
        self.face: Face | None = None
        self.path = ""
        self._snapshot: Snapshot | None = None
        self._alarms: tuple[Alarm, ...] = ()
        self._notes: tuple[Note, ...] = ()
        self._now_us = 0
        self.title = ShortWords(theme, step="title", bold=True)
        self.where = ShortWords(theme, step="small", look="muted")
        self.badge = AlarmBadge(theme, self)
        self.work = WorkLine(theme, self)
        self.front = Front(theme, self)
        self.commands = CommandBlock(theme, self)
        self.sheets: ControlSheets | None = None
        self._menu = PopupMenu(self, t("More"))
        self.more = QPushButton("\u22ef", self)
        self.more.setAccessibleName(t("More: work in progress, setpoint sets"))
        self.more.setProperty("look", "close")
        self.more.clicked.connect(self._open_menu)
        self.more.hide()
        self.outlook = OutlookBlock(theme, parent, self)
        self.relations, self.plate = Relations(theme, go, self), Nameplate(theme, self)
        self.documents = PopupMenu(self, t("Documents"))
        self.rows: list[TagRow] = []
        self._blocks: list[AlarmNote] = []
        self._more = Words(theme, step="small", look="muted")
        self._left_out = Words(theme, step="small", look="muted")
        self._left_out.setWordWrap(True)
        self._left_out.hide()
        self._close = QPushButton("×", self)
        self._close.setProperty("look", "close")
        self._close.setAccessibleName(t("Close the faceplate"))
        self._close.setToolTip(t("Close (Escape)"))
        self._close.clicked.connect(self.leave)
        self.buttons = {name: QPushButton(t(word), self) for name, word in _BUTTONS}
        self._lay_out()
        self._connect()
        self.set_drawer(False)
        self.hide()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(10)
        names = QVBoxLayout()
        names.setSpacing(1)
        names.addWidget(self.title)
        names.addWidget(self.where)
        head.addLayout(names, 1)
        head.addWidget(self.badge)
        head.addWidget(self.more)
        head.addWidget(self._close)
        inside = QWidget(self)
        body = QVBoxLayout(inside)
        body.setContentsMargins(EDGE_PX, 0, EDGE_PX, 8)
        body.setSpacing(10)
        body.addWidget(self.work)
        body.addWidget(self.front)
        body.addWidget(self.commands)
        self._list = QVBoxLayout()
        self._list.setSpacing(6)
        body.addLayout(self._list)
        body.addWidget(self._left_out)
        body.addWidget(self.outlook)
        body.addWidget(self.relations)
        self._tags = QVBoxLayout()
        self._tags.setSpacing(0)
        body.addWidget(rule(self))
        body.addLayout(self._tags)
        body.addWidget(self._more)
        body.addWidget(self.plate)
        body.addStretch(1)
        self._scroll = QScrollArea(self)
        self._scroll.setWidget(inside)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.viewport().setAutoFillBackground(False)
        inside.setAutoFillBackground(False)
        feet = QHBoxLayout()
        feet.setSpacing(8)
        for button, share in zip(self.buttons.values(), _SHARES, strict=True):
            button.setProperty("look", "close")  # five of them: words, and little air around
            feet.addWidget(button, share)
        head.setContentsMargins(EDGE_PX, 0, EDGE_PX - 6, 0)
        feet.setContentsMargins(EDGE_PX, 0, EDGE_PX, 0)
        box = QVBoxLayout(self)
        box.setContentsMargins(1, 10, 1, 12)
        box.setSpacing(10)
        box.addLayout(head)
        box.addWidget(self._scroll, 1)
        box.addLayout(feet)

    def _connect(self) -> None:
        self.buttons["trend"].clicked.connect(lambda: self._go(Place("trends", self._tag_path())))
        self.buttons["twin"].clicked.connect(lambda: self._on_asset("twin"))
        self.buttons["unit"].clicked.connect(lambda: self._on_asset("unit"))
        self.buttons["tags"].clicked.connect(lambda: self.face and self.tags.emit(self.face.asset))
        self.buttons["documents"].clicked.connect(self._open_documents)

    # What the window calls

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        words = self.title, self.where, self._more, self._left_out
        parts = (*words, self.badge, self.work, self.front, self.commands, *self.rows, *self._blocks)
        parts = (*parts, self.outlook, self.relations, self.plate)
        for part in parts:
            part.set_theme(theme)
        if self.sheets is not None:
            self.sheets.set_theme(theme)

    def set_control(self, sheets: ControlSheets) -> None:
        """Through what is written from here."""
        self.sheets = sheets
        sheets.desk.listeners.append(self._show_control)
        control = self.front.control
        control.wanted.connect(sheets.change)
        control.undo.connect(sheets.undo)
        control.resolve.connect(sheets.resolve)
        self.commands.wanted.connect(sheets.command)
        self.commands.resolve.connect(sheets.resolve)
        self._show_control()

    def set_model(self, model: Model) -> None:
        """Another plant: what was open is opened again if it is still there."""
        self._model, self._snapshot = model, None
        if self.face is not None:
            path, self.face = self.path, None
            if not self.open(path):
                self.hide()

    def set_drawer(self, is_drawer: bool) -> None:
        """Over the display, with an outline that parts it from it; or beside the display."""
        look = "drawer" if is_drawer else "panel"
        if self.property("look") != look:
            self.setProperty("look", look)
            self.style().unpolish(self)
            self.style().polish(self)

    def open(self, path: str) -> bool:
        """Show an asset or a tag; False for a path that nobody knows."""
        face = state.face_of(self._model, path)
        if face is None:
            return False
        self.path = path
        if face != self.face:
            before, self.face = self.face, face
            self._show_face(before)
        self._show_alarms()
        self._show_numbers()
        self.show()
        self._show_control()
        return True

    def leave(self) -> None:
        """Close it by hand."""
        self.hide()
        self.face, self.path = None, ""
        self.closed.emit()

    def show_alarms(self, alarms: Sequence[Alarm], now_us: int) -> None:
        """Active and lately returned alarms of the whole plant."""
        self._alarms, self._now_us = tuple(alarms), now_us
        if not self.isHidden():
            self._show_alarms()

    def on_numbers(self, snapshot: Snapshot) -> None:
        """The live values."""
        self._snapshot = snapshot
        if self.sheets is not None:
            self.sheets.on_numbers(snapshot)
        if not self.isHidden():
            self._show_numbers()

    # Inside

    def _show_face(self, before: Face | None) -> None:
        face = self.face
        if face is None:
            return
        self.title.show_text(face.title)
        self.where.show_text(face.where)
        self.where.setVisible(bool(face.where))
        self.front.show_tag(self._model, face.at, face.setpoint, face.limits)
        self._more.show_text(t("{n} more in All tags", n=face.more))
        self._more.setVisible(face.more > 0)
        self.buttons["trend"].setEnabled(face.at is not None and values.has_curve(self._model.tags[face.at]))
        self.buttons["unit"].setEnabled(bool(face.unit))
        self.setAccessibleName(t("Faceplate of {name}", name=face.title))
        self.outlook.show_asset(face.asset)
        self.relations.show_rows(faceplate_links.link_rows(self._model, face.asset))
        self.plate.show_entries(face.asset, faceplate_links.nameplate(self._model, face.asset))
        self.buttons["documents"].setVisible(bool(faceplate_links.all_documents(self._model, face.asset)))
        if before is None or before.rows != face.rows:
            self._make_rows(face)
        if before is None or before.asset != face.asset:
            self._scroll.verticalScrollBar().setValue(0)

    def _make_rows(self, face: Face) -> None:
        for row in self.rows:
            row.hide()
            row.deleteLater()
        self.rows = []
        for at in face.rows:
            row = TagRow(self._theme, self._model.tags[at].path, lambda path: self._go(Place("", path)), self)
            self._tags.addWidget(row)
            self.rows.append(row)
        self._show_control()

    def _show_numbers(self) -> None:
        face = self.face
        if face is None:
            return
        self.front.show_numbers(self._snapshot)
        self.commands.on_numbers(self._snapshot)
        for at, row in zip(face.rows, self.rows, strict=True):
            row.show_reading(values.reading(self._model.tags[at], self._snapshot, at, self._model.plant))

    def _show_control(self) -> None:
        """What may be written here, what is, and work in progress; hidden it costs nothing."""
        face, sheets = self.face, self.sheets
        if face is None or sheets is None or self.isHidden() or sheets.desk.model is not self._model:
            return
        desk = sheets.desk
        self.front.control.show_tag(desk, state.written_path(self._model, face))
        self.commands.show_asset(desk, face.asset)
        self.work.show_work(desk, face.asset)
        self.more.setVisible(desk.book.is_known)
        for row in self.rows:
            row.show_said(desk.said(row.path))

    def _open_menu(self) -> None:
        if self.face is not None and self.sheets is not None:
            at = self.more.mapToGlobal(self.more.rect().bottomLeft())
            self._menu.open(faceplate_menu.lines(self.sheets, self.face.asset), at)

    def _open_documents(self) -> None:
        button = self.buttons["documents"]
        if self.face is not None:
            lines = faceplate_menu.document_lines(self._model, self.face.asset, self._go)
            self.documents.open(lines, button.mapToGlobal(button.rect().topLeft()))

    def _show_alarms(self) -> None:
        face = self.face
        if face is None:
            return
        badges = alarm_words.badges(self._alarms)
        self.badge.show_badge(badges.get(face.asset))
        self.relations.show_badges(badges)
        left_out = state.left_out(face, self._alarms)
        self._left_out.show_text(left_out)
        self._left_out.setVisible(bool(left_out))
        notes = state.notes_of(self._model, face, self._alarms, self._now_us)
        if notes == self._notes:
            return
        self._notes = notes
        for block in self._blocks:
            block.hide()
            block.deleteLater()
        self._blocks = [AlarmNote(self._theme, note, self) for note in notes]
        for block in self._blocks:
            self._list.addWidget(block)

    def _tag_path(self) -> str:
        face = self.face
        return self._model.tags[face.at].path if face is not None and face.at is not None else self.path

    def _on_asset(self, display: str) -> None:
        if self.face is not None:
            self._go(Place(display, self.face.asset if display == "twin" else self.face.unit))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)


_BUTTONS = (
    ("trend", "Trend"),
    ("twin", "Twin"),
    ("unit", "Unit"),
    ("tags", "All tags"),
    ("documents", "Documents"),
)
_SHARES = (4, 4, 4, 5, 7)
"""Of the width, as their words need."""
