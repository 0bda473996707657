"""The second step before a certificate is trusted or removed: in another place, and never by reflex."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from hmi import formats
from hmi.displays.system import certificate_state as certificates
from hmi.displays.system.certificate_state import GROUPS_A_LINE, PROOF_DIGITS, Act, Card
from hmi.displays.system.fact_grid import FactGrid
from hmi.displays.system.state import Fact
from hmi.formats import t
from hmi.theme import Theme, colour
from hmi.widgets.labels import Words

WIDTH_PX, EDGE_PX, VEIL = 720, 24, 190


class Veil(QWidget):
    """Takes the display back behind the sheet, and the taps that miss the sheet."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), colour(self.theme.colour.background, VEIL))


class CertificateSheet(QFrame):
    """Lies over the display. Escape or Cancel leads back; the act itself never has the keys by itself."""

    agreed = Signal(str, str, str)
    """The act, the source and the thumbprint that a person agreed to."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.veil = Veil(theme, parent)
        self.setProperty("look", "popup")
        self.act: Act = "trust"
        self.source = ""
        self.card: Card | None = None
        self._title = Words(theme, step="title", bold=True)
        self._why = Words(theme, step="body")
        self.groups = [Words(theme, step="title", bold=True) for _ in range(16)]
        self._facts = FactGrid(theme, self)
        self._ask = Words(theme, step="body", bold=True)
        self.field = QLineEdit(self)
        self.field.setMaxLength(120)
        self.said = Words(theme, step="body")
        self.cancel = QPushButton(t("Cancel"), self)
        self.button = QPushButton(self)
        for words in (self._title, self._why, self._ask, self.said):
            words.setWordWrap(True)
        self.field.textChanged.connect(self._check)
        self.cancel.clicked.connect(self.leave)
        self.button.clicked.connect(self._agree)
        self._lay_out()
        self.hide()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        for place, words in enumerate(self.groups):
            words.setAlignment(Qt.AlignmentFlag.AlignCenter)
            grid.addWidget(words, place // GROUPS_A_LINE, place % GROUPS_A_LINE)
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addWidget(self.cancel)
        buttons.addStretch(1)
        buttons.addWidget(self.button)
        self._box = box = QVBoxLayout(self)
        box.setContentsMargins(28, 22, 28, 24)
        box.setSpacing(12)
        box.addWidget(self._title)
        box.addWidget(self._why)
        box.addLayout(grid)
        box.addWidget(self._facts)
        box.addWidget(self._ask)
        box.addWidget(self.field)
        box.addWidget(self.said)
        box.addLayout(buttons)

    def ask(self, act: Act, source: str, card: Card) -> None:
        """Open for one certificate. Trusting wants proof that a person looked at the server."""
        self.act, self.source, self.card = act, source, card
        is_trust = act == "trust"
        self._title.show_text(
            t("Trust this server for {source}?", source=source)
            if is_trust
            else t("Stop trusting this server for {source}?", source=source)
        )
        self._why.show_text(_why(is_trust))
        for words, group in zip(self.groups, card.groups + ("",) * len(self.groups), strict=False):
            words.show_text(group)
        self._facts.show_facts(
            (
                Fact(t("Subject"), card.subject),
                Fact(t("Application"), card.uri),
                Fact(t("Valid"), card.life, card.is_out_of_date),
            )
        )
        self._ask.show_text(
            t("Type the first or the last {n} digits, as the server shows them:", n=PROOF_DIGITS)
        )
        self.field.setAccessibleName(self._ask.text())
        self.field.clear()
        for part in (self._ask, self.field):
            part.setVisible(is_trust)
        self.button.setText(t("Trust this server") if is_trust else t("Stop trusting it"))
        self._say("")
        self._check()
        self.place()
        for part in (self.veil, self):
            part.show()
            part.raise_()
        (self.field if is_trust else self.cancel).setFocus()

    def place(self) -> None:
        """In the middle of the display, as high as its words need."""
        room = self._over.rect()
        self.veil.setGeometry(room)
        width = min(WIDTH_PX, room.width() - 2 * EDGE_PX)
        height = min(self._box.heightForWidth(width), room.height() - 2 * EDGE_PX)
        self.setGeometry((room.width() - width) // 2, (room.height() - height) // 3, width, height)

    def leave(self) -> None:
        """Nothing was agreed to, or it is done."""
        self.hide()
        self.veil.hide()
        self.card = None

    def refuse(self, words: str) -> None:
        """The engine did not do it, and why."""
        self._check()
        self._say(formats.sentence(words, self.source))

    def _say(self, words: str) -> None:
        self.said.show_text(words)
        self.said.setVisible(bool(words))
        if self.isVisible():
            self.place()

    def _check(self) -> None:
        if self.card is None:
            return
        found = certificates.proof(self.field.text(), self.card.certificate.thumbprint)
        is_trust = self.act == "trust"
        self.button.setEnabled(not is_trust or found == "right")
        if is_trust and self.field.text():
            self._say(_wrong() if found == "wrong" else "")

    def _agree(self) -> None:
        if self.card is not None:
            # A second tap must not send it twice.
            self.button.setEnabled(False)
            self.agreed.emit(self.act, self.source, self.card.certificate.thumbprint)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)


def _wrong() -> str:
    return t(
        "These are not the digits of this certificate. Do not trust it: another device may be answering."
    )


def _why(is_trust: bool) -> str:
    if is_trust:
        return t(
            "Anybody on the network can show a certificate. Look up the SHA-256 thumbprint of the "
            "certificate at the server itself, with its engineering tool or on its screen, and compare "
            "every digit with this one:"
        )
    return t(
        "The link ends, and every value of this source turns stale until a person trusts its server again. "
        "This is the certificate:"
    )
