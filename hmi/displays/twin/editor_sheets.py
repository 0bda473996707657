"""The sheets of the editor: choose a path, save with a reason, and what to do with what is not saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QPushButton, QWidget

from hmi.formats import t
from hmi.shell.fuzzy import Index
from hmi.theme import Theme
from hmi.widgets.labels import Words
from hmi.widgets.sheet import Sheet

SHEET_PX, LIST_PX, MOST_FOUND, MOST_LETTERS = 640, 300, 60, 400


class PathSheet(Sheet):
    """Asks for one of many paths, found by a few of its letters."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, t("Asset"), SHEET_PX, parent)
        self._do: Callable[[str], None] = lambda _: None
        self._paths: tuple[str, ...] = ()
        self._index = Index(())
        self.field = QLineEdit(self)
        self.field.setClearButtonEnabled(True)
        self.list = QListWidget(self)
        self.list.setProperty("look", "results")
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setMinimumHeight(LIST_PX)
        self.none = QPushButton(t("None"), self)
        self.button = QPushButton(t("Choose"), self)
        self.body.addWidget(self.field)
        self.body.addWidget(self.list)
        self.foot.addWidget(self.none)
        self.foot.addWidget(self.button)
        self.field.textChanged.connect(lambda _: self._fill())
        self.field.returnPressed.connect(self._agree)
        self.list.itemActivated.connect(lambda _: self._agree())
        self.list.itemDoubleClicked.connect(lambda _: self._agree())
        self.button.clicked.connect(self._agree)
        self.none.clicked.connect(lambda: self._give(""))

    def ask(
        self, title: str, paths: Sequence[str], do: Callable[[str], None], now: str = "", wanted: str = ""
    ) -> None:
        """Open. ``now`` = the one that it is, "" = none; ``wanted`` = letters to begin with."""
        self._do, self._paths = do, tuple(paths)
        self._index = Index(self._paths)
        self.title.show_text(title)
        self.setAccessibleName(title)
        self.field.setAccessibleName(t("Search"))
        self.field.setPlaceholderText(t("Search by a few letters…"))
        self.list.setAccessibleName(title)
        self.none.setVisible(bool(now))
        self.field.setText(wanted)
        self._fill(now)
        self.open()
        self.field.setFocus()

    def _fill(self, now: str = "") -> None:
        self.list.clear()
        for at in self._index.best(self.field.text(), MOST_FOUND):
            QListWidgetItem(self._paths[at], self.list)
        row = next((at for at in range(self.list.count()) if self.list.item(at).text() == now), 0)
        self.list.setCurrentRow(row)
        self.button.setEnabled(self.list.count() > 0)

    def _agree(self) -> None:
        item = self.list.currentItem()
        if self.list.count() and item is not None:
            self._give(item.text())

    def _give(self, path: str) -> None:
        self.leave()
        self._do(path)


class SaveSheet(Sheet):
    """Says what changes, and asks why."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, t("Save the scene"), SHEET_PX, parent)
        self._do: Callable[[str], None] = lambda _: None
        self.said = Words(theme, step="body")
        self.said.setWordWrap(True)
        self.field = QLineEdit(self)
        self.field.setMaxLength(MOST_LETTERS)
        self.field.setPlaceholderText(t("Reason, as in: new robot cell at S40"))
        self.field.setAccessibleName(t("Reason"))
        note = Words(
            theme, t("It goes on record with your name; the file of before is kept."), "small", "muted"
        )
        note.setWordWrap(True)
        self.button = QPushButton(t("Save"), self)
        for part in (self.said, self.field, note):
            self.body.addWidget(part)
        self.foot.addWidget(self.button)
        self.field.textChanged.connect(lambda text: self.button.setEnabled(bool(text.strip())))
        self.field.returnPressed.connect(self._agree)
        self.button.clicked.connect(self._agree)

    def ask(self, what: Sequence[str], do: Callable[[str], None]) -> None:
        """Open with a line for each file."""
        self._do = do
        self.said.show_text("\n".join(each[:1].upper() + each[1:] for each in what))
        self.field.clear()
        self.button.setEnabled(False)
        self.open()
        self.field.setFocus()

    def _agree(self) -> None:
        reason = self.field.text().strip()
        if reason:
            self.leave()
            self._do(reason)


class AskSheet(Sheet):
    """A question with two answers besides Cancel."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, t("Not saved"), SHEET_PX, parent)
        self._first: Callable[[], None] = lambda: None
        self._second: Callable[[], None] = lambda: None
        self.said = Words(theme, step="body")
        self.said.setWordWrap(True)
        self.first, self.second = QPushButton(self), QPushButton(self)
        self.body.addWidget(self.said)
        self.foot.addWidget(self.first)
        self.foot.addWidget(self.second)
        self.first.clicked.connect(lambda: self._answer(self._first))
        self.second.clicked.connect(lambda: self._answer(self._second))

    def ask(
        self,
        title: str,
        what: str,
        first: tuple[str, Callable[[], None]],
        second: tuple[str, Callable[[], None]] | None = None,
    ) -> None:
        """Open; each answer is a word and what it does."""
        self.title.show_text(title)
        self.setAccessibleName(title)
        self.said.show_text(what)
        self._first = first[1]
        self.first.setText(first[0])
        self.second.setVisible(second is not None)
        if second is not None:
            self._second = second[1]
            self.second.setText(second[0])
        self.open()
        self.cancel.setFocus()

    def _answer(self, do: Callable[[], None]) -> None:
        self.leave()
        do()
