"""The pages of the login sheet: whose turn it is, their PIN, or name and password."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from hmi.formats import t
from hmi.shell.side_sheet import CapsWatch, labelled
from hmi.theme import Theme, colour
from hmi.who import Quick
from hmi.widgets.labels import Words
from hmi.widgets.pin_pad import PinPad
from hmi.widgets.tap import Tap
from hmi.widgets.text_paint import CENTRE, paint_text, width_of

MOST_FACES, COLUMNS, TILE_PX, DISC_PX = 8, 2, 52, 36


def initials(name: str) -> str:
    """``Maria Operator`` as ``MO``."""
    parts = [each for each in name.split() if each[0].isalnum()]
    return "".join(each[0] for each in (parts[0], parts[-1])[: len(parts)]).upper() if parts else "?"


class FaceTile(Tap):
    """One person who may log in quickly here."""

    def __init__(self, theme: Theme, face: Quick, parent: QWidget) -> None:
        super().__init__(theme, face.name, lambda _: None, parent)
        self.face = face
        said = t("{name}, a demo person", name=face.full_name) if face.is_demo else face.full_name
        how = t("with a PIN") if face.has_pin else t("with a password")
        self.setAccessibleName(t("{name}, {how}", name=said, how=how))
        self.setMinimumHeight(TILE_PX)

    def sizeHint(self) -> QSize:
        return QSize(200, TILE_PX)

    def paint(self, painter: QPainter) -> None:
        """Initials in a grey disc, the name, and below it how one logs in."""
        tokens, size = self.theme.colour, self.theme.size
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(colour(tokens.outline), 1))
        painter.setBrush(colour(tokens.equipment if self.isDown() else tokens.control))
        painter.drawRoundedRect(box, size.radius, size.radius)
        disc = QRectF(box.left() + 8, box.center().y() - DISC_PX / 2, DISC_PX, DISC_PX)
        painter.setPen(QPen(colour(tokens.outline), 1.4))
        painter.setBrush(colour(tokens.equipment))
        painter.drawEllipse(disc)
        paint_text(
            painter, disc, initials(self.face.full_name), self.theme, size.small, tokens.text, True, CENTRE
        )
        room = QRectF(disc.right() + 10, box.top() + 6, box.right() - disc.right() - 18, box.height() - 12)
        first = QRectF(room.left(), room.top(), room.width(), room.height() * 0.54)
        second = QRectF(room.left(), first.bottom(), room.width(), room.height() * 0.46)
        paint_text(painter, first, self.face.full_name, self.theme, size.body, tokens.text, True)
        how = self.face.roles if self.face.is_demo else t("PIN") if self.face.has_pin else t("password")
        paint_text(painter, second, how, self.theme, size.small, tokens.muted)
        if self.face.is_demo:
            mark = t("DEMO")
            wide = width_of(self.theme, mark, size.small, True) + 12
            tag = QRectF(second.right() - wide, second.top() - 1, wide, second.height() + 1)
            painter.setPen(QPen(colour(tokens.text), 1.2))
            painter.setBrush(colour(tokens.panel))
            painter.drawRoundedRect(tag, 3, 3)
            paint_text(painter, tag, mark, self.theme, size.small, tokens.text, True, CENTRE)


class WhoPage(QWidget):
    """``badge`` = what a reader typed; ``face`` = somebody was tapped; ``named`` = by name and password."""

    badge = Signal(str)
    face = Signal(object)
    named = Signal()

    def __init__(self, theme: Theme, faces: tuple[Quick, ...], parent: QWidget) -> None:
        super().__init__(parent)
        box, self.reader = labelled(theme, t("Badge: hold it to the reader"), self, is_secret=True)
        self.reader.returnPressed.connect(self._read)
        self.tiles = [FaceTile(theme, each, self) for each in faces[:MOST_FACES]]
        self.by_name = QPushButton(t("Name and password…"), self)
        self.by_name.clicked.connect(self.named)
        grid = QGridLayout()
        grid.setSpacing(8)
        for at, tile in enumerate(self.tiles):
            tile.clicked.connect(lambda _=False, face=tile.face: self.face.emit(face))
            grid.addWidget(tile, at // COLUMNS, at % COLUMNS)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(10)
        whole.addLayout(box)
        whole.addLayout(grid)
        whole.addWidget(self.by_name)

    def _read(self) -> None:
        read, _ = self.reader.text(), self.reader.clear()
        if read.strip():
            self.badge.emit(read.strip())

    def take_keys(self) -> None:
        """The reader types here."""
        self.reader.setFocus()


class PinPage(QWidget):
    """A PIN by pad or keyboard. ``entered`` = it; ``password`` = the password instead."""

    entered = Signal(str)
    password = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.who = Words(theme, step="title", bold=True)
        self.who.setWordWrap(True)
        self.told = Words(theme, step="small", look="muted")
        self.told.setWordWrap(True)
        box, self.field = labelled(theme, t("PIN"), self, is_secret=True)
        self.field.setInputMethodHints(self.field.inputMethodHints() | Qt.InputMethodHint.ImhDigitsOnly)
        self.field.returnPressed.connect(self._enter)
        self.pad = PinPad(theme.size.target, self)
        self.pad.digit.connect(self.field.insert)
        self.pad.back.connect(self.field.backspace)
        self.pad.entered.connect(self._enter)
        self.instead = QPushButton(t("Password instead…"), self)
        self.instead.clicked.connect(self.password)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.who)
        left.addWidget(self.told)
        left.addLayout(box)
        left.addStretch(1)
        left.addWidget(self.instead)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(18)
        row.addLayout(left, 1)
        row.addWidget(self.pad, 1)
        # A layout inside another one gives it a little less than it needs.
        self.setMinimumHeight(self.pad.height())

    def ask(self, name: str, told: str, has_password: bool) -> None:
        """The PIN of somebody."""
        self.field.clear()
        self.who.show_text(name)
        self.told.show_text(told)
        self.instead.setVisible(has_password)

    def take_keys(self) -> None:
        """Digits are typed into the field."""
        self.field.setFocus()

    def _enter(self) -> None:
        if self.field.text():
            self.entered.emit(self.field.text())


class PasswordPage(QWidget):
    """``entered`` = name and password."""

    entered = Signal(str, str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        above, self.name = labelled(theme, t("Login name"), self)
        below, self.password = labelled(theme, t("Password"), self, is_secret=True)
        self.caps = Words(theme, step="small", bold=True)
        CapsWatch(self.password, self.caps)
        self.button = QPushButton(t("Log in"), self)
        self.button.clicked.connect(self._enter)
        self.name.returnPressed.connect(self.password.setFocus)
        self.password.returnPressed.connect(self._enter)
        row = QHBoxLayout()
        row.addWidget(self.caps, 1)
        row.addWidget(self.button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(10)
        box.addLayout(above)
        box.addLayout(below)
        box.addLayout(row)

    def ask(self, name: str, is_fixed: bool, verb: str) -> None:
        """The password of somebody; ``is_fixed`` = of nobody else. ``verb`` = the word of the button."""
        self.name.setText(name)
        self.name.setReadOnly(is_fixed)
        self.password.clear()
        self.button.setText(verb)

    def take_keys(self) -> None:
        """The first field that is empty."""
        (self.password if self.name.text() else self.name).setFocus()

    def _enter(self) -> None:
        if not self.name.text().strip():
            self.name.setFocus()
        elif not self.password.text():
            self.password.setFocus()
        else:
            self.entered.emit(self.name.text().strip(), self.password.text())


def secret_of(page: QWidget) -> QLineEdit | None:
    """The field of a page that is emptied after a refusal."""
    return (
        page.field if isinstance(page, PinPage) else page.password if isinstance(page, PasswordPage) else None
    )
