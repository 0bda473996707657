"""One entry: its sentence, every field, the steps it belongs to, its proof, and the line as it is signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from engine.types import LedgerEntry, LedgerProof
from hmi.displays.system.fact_grid import FactGrid
from hmi.displays.system.ledger import proof as proving
from hmi.displays.system.ledger import words
from hmi.formats import t
from hmi.theme import Theme, font
from hmi.widgets.labels import Words
from hmi.widgets.table import TextTable

MOST_LINES = 24


class LedgerDetail(QFrame):
    """``stepped`` = to the newer (-1) or older (1) neighbour; ``proved`` and ``saved`` = the proof is wanted,
    on show or as a file; ``linked`` = another step of the same write; ``gathered`` = only this write.
    """

    closed = Signal()
    stepped = Signal(int)
    proved = Signal()
    saved = Signal()
    linked = Signal(int)
    gathered = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "block")
        self.entry: LedgerEntry | None = None
        self.said = Words(theme, step="body", bold=True)
        self.grid = FactGrid(theme, self)
        self.steps_title = Words(theme, t("Steps of this write"), "small", bold=True)
        self.steps = TextTable(
            theme, (t("No."), t("Step"), t("Time")), (0, 1, 1), self, widest={0: "1000000"}, least_rows=3,
            is_sortable=False,
        )  # fmt: skip
        self.steps.setAccessibleName(t("Steps of this write"))
        self.proof_said = Words(theme, step="small", bold=True)
        self.raw_title = Words(theme, t("As it stands in the ledger"), "small", bold=True)
        for label in (self.said, self.proof_said):
            label.setWordWrap(True)
        self.proof, self.raw = self._text(t("Proof")), self._text(t("Entry as JSON"))
        self.newer, self.older = QPushButton(t("Newer"), self), QPushButton(t("Older"), self)
        self.close_button = QPushButton(t("Close"), self)
        self.prove, self.save = QPushButton(t("Prove it"), self), QPushButton(t("Save the proof…"), self)
        self.only = QPushButton(t("Only this write"), self)
        for button in (self.newer, self.older, self.close_button, self.prove, self.save, self.only):
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._lay_out()
        self._connect()
        self.set_theme(theme)

    def _text(self, name: str) -> QTextBrowser:
        made = QTextBrowser(self)
        made.setAccessibleName(name)
        made.setFrameShape(QTextBrowser.Shape.NoFrame)
        made.setLineWrapMode(QTextBrowser.LineWrapMode.WidgetWidth)
        made.setWordWrapMode(made.wordWrapMode().WrapAnywhere)
        return made

    def _lay_out(self) -> None:
        content = QWidget(self)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(10)
        acts, links = QHBoxLayout(), QHBoxLayout()
        for button in (self.prove, self.save):
            acts.addWidget(button)
        acts.addStretch(1)
        links.addWidget(self.steps_title, 1)
        links.addWidget(self.only)
        for part in (self.said, self.grid, links, self.steps, acts, self.proof_said, self.proof):
            column.addWidget(part) if isinstance(part, QWidget) else column.addLayout(part)
        column.addWidget(self.raw_title)
        column.addWidget(self.raw)
        column.addStretch(1)
        self._page = QScrollArea(self)
        self._page.setWidgetResizable(True)
        self._page.setFrameShape(QFrame.Shape.NoFrame)
        self._page.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._page.viewport().setAutoFillBackground(False)
        self._page.setStyleSheet("QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; }")
        self._page.setWidget(content)
        row = QHBoxLayout()
        row.setSpacing(6)
        for button in (self.newer, self.older):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.close_button)
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 10, 6, 10)
        box.setSpacing(8)
        box.addLayout(row)
        box.addWidget(self._page, 1)

    def _connect(self) -> None:
        self.newer.clicked.connect(lambda: self.stepped.emit(-1))
        self.older.clicked.connect(lambda: self.stepped.emit(1))
        self.close_button.clicked.connect(self.closed)
        self.prove.clicked.connect(self.proved)
        self.save.clicked.connect(self.saved)
        self.only.clicked.connect(lambda: self.entry and self.gathered.emit(words.write_id(self.entry)))
        self.steps.clicked.connect(lambda at: self.linked.emit(int(self.steps.texts.rows[at.row()][0])))
        self.steps.activated.connect(lambda at: self.linked.emit(int(self.steps.texts.rows[at.row()][0])))

    def set_theme(self, theme: Theme) -> None:
        """Take the type of another theme; words are told by the view."""
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPixelSize(theme.size.small)
        for text in (self.proof, self.raw):
            text.setFont(fixed if fixed.fixedPitch() else font(theme, theme.size.small))

    def show_entry(self, entry: LedgerEntry, people: Mapping[str, str], now_us: int, zone: str) -> None:
        """Another entry, with nothing proved yet."""
        is_other = self.entry is None or self.entry.seq != entry.seq
        self.entry = entry
        self.said.show_text(words.said(entry, people))
        self.grid.show_facts(words.facts(entry, people, now_us, zone))
        _fill(self.raw, words.raw(entry.line))
        if is_other:
            self.show_steps(())
            self.tell("")
            self._page.verticalScrollBar().setValue(0)

    def show_steps(self, rows: Sequence[tuple[str, ...]]) -> None:
        """The steps of the write that it is one of; none of any other."""
        self.steps.show_rows(rows)
        for part in (self.steps_title, self.steps, self.only):
            part.setVisible(bool(rows))
        self.steps.setFixedHeight(self.steps.sizeHint().height())

    def show_proof(self, proof: LedgerProof, locale: str) -> None:
        """What was computed."""
        self.tell(proving.said(proof, locale))
        _fill(self.proof, proving.lines(proof))
        self.proof.show()

    def tell(self, text: str) -> None:
        """How it stands with the proof, "" = nobody asked."""
        self.proof_said.show_text(text)
        self.proof_said.setVisible(bool(text))
        self.proof.hide()


def _fill(text: QTextBrowser, content: str) -> None:
    text.setPlainText(content)
    text.document().setTextWidth(max(200, text.viewport().width()))
    lines = min(MOST_LINES, content.count("\n") + 1 + len(content) // 60)
    text.setFixedHeight(text.fontMetrics().lineSpacing() * lines + 20)
