"""The second step before a certificate is trusted or removed: in another place, and never by reflex."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QPushButton, QWidget

from hmi import formats
from hmi.displays.system import certificate_state as certificates
from hmi.displays.system.certificate_state import GROUPS_A_LINE, PROOF_DIGITS, Act, Card
from hmi.displays.system.fact_grid import FactGrid
from hmi.displays.system.state import Fact
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import Words
from hmi.widgets.sheet import Sheet

SHEET_PX = 720


class CertificateSheet(Sheet):
    """The act itself never has the keys by itself."""

    agreed = Signal(str, str, str)
    """The act, the source and the thumbprint that a person agreed to."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, t("Trust this server"), SHEET_PX, parent)
        self.act: Act = "trust"
        self.source = ""
        self.card: Card | None = None
        self._why = Words(theme, step="body")
        self.groups = [Words(theme, step="title", bold=True) for _ in range(16)]
        self._facts = FactGrid(theme, self)
        self._ask = Words(theme, step="body", bold=True)
        self.field = QLineEdit(self)
        self.field.setMaxLength(120)
        self.said = Words(theme, step="body")
        self.button = QPushButton(self)
        for words in (self.title, self._why, self._ask, self.said):
            words.setWordWrap(True)
        self.field.textChanged.connect(self._check)
        self.button.clicked.connect(self._agree)
        self._lay_out()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        for place, words in enumerate(self.groups):
            words.setAlignment(Qt.AlignmentFlag.AlignCenter)
            grid.addWidget(words, place // GROUPS_A_LINE, place % GROUPS_A_LINE)
        for part in (self._why, grid, self._facts, self._ask, self.field, self.said):
            if isinstance(part, QWidget):
                self.body.addWidget(part)
            else:
                self.body.addLayout(part)
        self.foot.addWidget(self.button)

    def ask(self, act: Act, source: str, card: Card) -> None:
        """Open for one certificate. Trusting wants proof that a person looked at the server."""
        self.act, self.source, self.card = act, source, card
        is_trust = act == "trust"
        title = (
            t("Trust this server for {source}?", source=source)
            if is_trust
            else t("Stop trusting this server for {source}?", source=source)
        )
        self.title.show_text(title)
        self.setAccessibleName(title)
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
        self.open()
        (self.field if is_trust else self.cancel).setFocus()

    def leave(self) -> None:
        """Nothing was agreed to, or it is done."""
        super().leave()
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
