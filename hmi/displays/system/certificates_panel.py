"""The certificates of a source: shown and not trusted, trusted, and our own for the other side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from hmi.displays.system.certificate_state import Card, Cards
from hmi.displays.system.fact_grid import FactGrid
from hmi.displays.system.state import Fact
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import Words, heading, panel


class CertificatesPanel(QFrame):
    """One frame a certificate, each with the first step of what can be done with it."""

    trust = Signal(object)
    remove = Signal(object)
    save = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self.theme = theme
        self._shown = Cards()
        self._parts: list[QWidget] = []
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(16, 6, 16, 14)
        self._box.setSpacing(6)
        self._box.addWidget(heading(theme, t("Certificates")))
        self.hide()

    @property
    def cards(self) -> Cards:
        """What is on show."""
        return self._shown

    def show_cards(self, cards: Cards, is_stalled: bool) -> None:
        """Bring the certificates up to date; a source without any has no such panel."""
        if cards != self._shown:
            self._shown = cards
            self._build(cards)
        self.setVisible(bool(self._parts))
        for button in self.findChildren(QPushButton):
            button.setEnabled(not is_stalled or button.property("is_local") is True)

    def _build(self, cards: Cards) -> None:
        for part in self._parts:
            part.hide()
            part.deleteLater()
        self._parts = []
        self._add(
            cards.rejected,
            t("Shown by the server, trusted by nobody yet"),
            t("Trust…"),
            self.trust.emit,
            "to do",
        )
        if cards.older:
            self._line(t("+{n} older ones: watchroom trust DIR SOURCE lists them", n=cards.older))
        self._add(cards.trusted, t("Trusted"), t("Remove…"), self.remove.emit, "block")
        self._add(cards.own, t("Ours"), t("Save our certificate…"), self.save.emit, "block")
        if cards.own:
            self._line(
                t(
                    "The server must trust ours too: save it and put the file among the trusted certificates "
                    "of the server, with its own engineering tool. Then press Try now."
                )
            )

    def _line(self, text: str) -> None:
        words = Words(self.theme, text, "small", "muted", parent=self)
        words.setWordWrap(True)
        self._box.addWidget(words)
        self._parts.append(words)

    def _add(
        self, cards: Sequence[Card], heading: str, word: str, act: Callable[[Card], None], look: str
    ) -> None:
        for place, card in enumerate(cards):
            if place == 0:
                self._line(heading)
            frame = panel(look, self)
            box = QVBoxLayout(frame)
            box.setContentsMargins(12, 10, 12, 10)
            box.setSpacing(8)
            grid = FactGrid(self.theme, frame)
            grid.show_facts(facts_of(card))
            button = QPushButton(word, frame)
            button.setAccessibleName(f"{word} {card.subject}")
            button.setProperty("is_local", card.certificate.place == "own")
            button.clicked.connect(partial(_send, act, card))
            row = QHBoxLayout()
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
            row.addStretch(1)
            box.addWidget(grid)
            box.addLayout(row)
            self._box.addWidget(frame)
            self._parts.append(frame)


def _send(act: Callable[[Card], None], card: Card, _checked: bool = False) -> None:
    act(card)


def facts_of(card: Card) -> tuple[Fact, ...]:
    """A certificate by name and text."""
    return (
        Fact(t("Subject"), card.subject),
        Fact(t("Application"), card.uri),
        Fact(t("Valid"), card.life, card.is_out_of_date),
        Fact(t("SHA-256"), card.thumbprint),
    )
