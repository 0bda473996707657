"""Warnings, open ones on top: the maintenance list, and what people say of each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.types import Episode
from hmi.displays.system.models import warning_words as words
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.choice import Choice
from hmi.widgets.labels import Words
from hmi.widgets.table import TextTable
from hmi.widgets.trend_head import head_button


class WarningsTab(QWidget):
    """``judged`` = the chosen warning and whether it was right; ``opened`` = the asset of it."""

    judged = Signal(int, bool)
    opened = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._episodes: tuple[Episode, ...] = ()
        self._place, self._why = (0, "UTC", "en"), ""
        self.which = Choice(
            None,
            (
                ("shown", t("Shown to people"), t("What champions warned of")),
                ("all", t("All"), t("Those of models in shadow and of the two baselines as well")),
            ),
            self,
        )
        self.table = TextTable(
            theme,
            words.TITLES,
            (0, 3, 0, 0, 0, 0, 2),
            self,
            least_rows=4,
            widest={
                0: "No.",
                2: "Watch",
                3: "more than 99 in 100",
                4: "Mon 23 Nov 00:00",
                5: "Mon 23 Nov 00:00",
            },
            middle=(1,),
        )
        self.table.setAccessibleName(t("Warnings"))
        self.none, self.told = Words(theme, t(words.NOTHING), "body", "muted"), Words(theme, "", "body")
        for label in (self.none, self.told):
            label.setWordWrap(True)
        self.right = head_button(t("Right…"), t("The chosen warning was right; say why"), self)
        self.wrong = head_button(t("Wrong…"), t("The chosen warning was wrong; say why"), self)
        self.go = head_button(t("Open the asset"), t("Where the chosen warning is about"), self)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.which, 1)
        for button in (self.go, self.right, self.wrong):
            row.addWidget(button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addLayout(row)
        box.addWidget(self.told)
        box.addWidget(self.table, 1)
        box.addWidget(self.none)
        box.addStretch(0)
        self._connect()
        self.setFocusProxy(self.table)

    def _connect(self) -> None:
        self.which.chosen.connect(lambda _: self._show())
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._offer())
        self.right.clicked.connect(lambda: self._judge(True))
        self.wrong.clicked.connect(lambda: self._judge(False))
        self.go.clicked.connect(self._open)
        self.table.activated.connect(lambda _: self._open())

    @property
    def chosen(self) -> Episode | None:
        """The selected warning."""
        rows = self.table.selectionModel().selectedRows()
        number = self.table.texts.rows[rows[0].row()][0] if rows else ""
        return next((each for each in self._episodes if str(each.id) == number), None)

    def show_warnings(self, episodes: Sequence[Episode], place: tuple[int, str, str], why_not: str) -> None:
        """Bring it up to date; ``why_not`` = why nobody can judge here now."""
        self._episodes, self._place, self._why = tuple(episodes), place, why_not
        self._show()

    def _show(self) -> None:
        found = words.ordered(self._episodes, self.which.picked == "all")
        self.table.show_rows(words.rows(found, *self._place[:2]))
        self.table.setVisible(bool(found))
        self.none.setVisible(not found)
        self._offer()

    def _offer(self) -> None:
        episode = self.chosen
        told = "" if episode is None else words.told(episode, *self._place[:2])
        why = "" if episode is None else words.why_not(episode)
        self.told.show_text(f"{told} {why}".strip())
        self.told.setVisible(bool(told))
        for button in (self.right, self.wrong):
            button.setEnabled(episode is not None and not why and not self._why)
        self.go.setEnabled(episode is not None)

    def _judge(self, is_right: bool) -> None:
        if self.chosen is not None:
            self.judged.emit(self.chosen.id, is_right)

    def _open(self) -> None:
        if self.chosen is not None:
            self.opened.emit(self.chosen.asset)
