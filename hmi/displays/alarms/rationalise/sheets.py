"""Questions of the page: what is about to change, which columns to show, one text for many rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractItemView, QGridLayout, QLineEdit, QPushButton, QWidget

from hmi.displays.alarms.rationalise import columns, editors
from hmi.displays.alarms.rationalise.columns import COLUMNS
from hmi.displays.alarms.rationalise.file import KNOWN
from hmi.displays.alarms.rationalise.lines import LongLines
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.choice import Choice
from hmi.widgets.labels import Words
from hmi.widgets.sheet import Sheet

CHANGES_PX, COLUMNS_PX, SET_PX, LIST_PX = 880, 760, 620, 260
LONGEST_WHY, LONGEST_NAME = 500, 100
Do = Callable[[str, str], None]


class ChangesSheet(Sheet):
    """A plain list of what will be, and whether to do it. What it asks ``do`` for stays open until told."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, t("Apply"), CHANGES_PX, parent)
        self._do: Do = lambda by, why: None
        self._is_reason_wanted = False
        self.said = Words(theme, step="body")
        self.said.setWordWrap(True)
        self.list = LongLines(theme, "", self, has_heads=False)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.choice = Choice(
            None,
            [
                ("theirs", t("Keep theirs"), t("Rows that both changed stay as the others wrote them")),
                ("mine", t("Keep mine"), t("Rows that both changed become as they are here")),
            ],
            self,
        )
        self.by, self.why = QLineEdit(self), QLineEdit(self)
        for field, asked, most in (
            (self.by, t("Who changes it"), LONGEST_NAME),
            (self.why, t("Why: it goes on record"), LONGEST_WHY),
        ):
            field.setPlaceholderText(asked)
            field.setAccessibleName(asked)
            field.setMaxLength(most)
            field.textChanged.connect(self._check)
            field.returnPressed.connect(self._agree)
        self.trouble = Words(theme, step="body", bold=True)
        self.trouble.setWordWrap(True)
        self.button = QPushButton(self)
        for part in (self.said, self.list, self.choice, self.by, self.why, self.trouble):
            self.body.addWidget(part)
        self.foot.addWidget(self.button)
        self.button.clicked.connect(self._agree)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take the type and colours of another theme."""
        super().set_theme(theme)
        self.list.set_theme(theme)

    def ask(
        self,
        title: str,
        said: str,
        lines: Sequence[str],
        act: str,
        do: Do,
        *,
        wants_reason: bool = False,
        by: str = "",
        is_possible: bool = True,
        has_choice: bool = False,
    ) -> None:
        """Open. ``lines`` = what will be; ``act`` = the word of the button; ``by`` = who it probably is."""
        self._do, self._is_reason_wanted = do, wants_reason
        self.title.show_text(title)
        self.setAccessibleName(title)
        self.said.show_text(said)
        self.list.setAccessibleName(title)
        self.list.clear()
        self.list.addItems(list(lines))
        self.list.setVisible(bool(lines))
        self.choice.setVisible(has_choice)
        self.choice.pick("theirs")
        for field in (self.by, self.why):
            field.setVisible(wants_reason)
        self.by.setText(by)
        self.why.clear()
        self.button.setText(act)
        self.button.setVisible(is_possible)
        self.cancel.setText(t("Cancel") if is_possible else t("Close"))
        self.show_trouble("")
        self._check()
        self.open()
        self.list.setFixedHeight(self.list.tall(LIST_PX))
        self.place()
        (self.why if wants_reason else self.button if is_possible else self.cancel).setFocus()

    def show_trouble(self, words: str) -> None:
        """Why it was not done; it can be tried again."""
        self.trouble.show_text(words)
        self.trouble.setVisible(bool(words))
        self.show_work(False)

    def show_work(self, is_busy: bool) -> None:
        """True: it is asked for, and the answer is awaited."""
        for each in (self.button, self.by, self.why):
            each.setEnabled(not is_busy)
        if not is_busy:
            self._check()
        if self.isVisible():
            self.place()

    def _check(self) -> None:
        said = all(field.text().strip() for field in (self.by, self.why))
        self.button.setEnabled(said or not self._is_reason_wanted)

    def _agree(self) -> None:
        if self.button.isEnabled() and self.button.isVisibleTo(self):
            self._do(" ".join(self.by.text().split()), " ".join(self.why.text().split()))


class ColumnsSheet(Sheet):
    """``chosen`` = the columns to show."""

    chosen = Signal(list)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, t("Columns"), COLUMNS_PX, parent)
        self.buttons: dict[str, QPushButton] = {}
        grid = QGridLayout()
        grid.setSpacing(8)
        for at, name in enumerate(each for each in COLUMNS if each not in columns.ALWAYS):
            button = QPushButton(columns.title(name), self)
            button.setCheckable(True)
            button.clicked.connect(self._tell)
            self.buttons[name] = button
            grid.addWidget(button, at // 4, at % 4)
        self.body.addLayout(grid)
        self.all = QPushButton(t("All"), self)
        self.usual = QPushButton(t("Usual"), self)
        for button, names in ((self.all, COLUMNS), (self.usual, columns.FIRST_SHOWN)):
            button.clicked.connect(lambda _=False, names=names: self._pick(names))
            self.foot.addWidget(button)
        self.cancel.setText(t("Close"))

    def ask(self, shown: Collection[str]) -> None:
        """Open with the columns on show marked."""
        for name, button in self.buttons.items():
            button.setChecked(name in shown)
        self.open()
        self.cancel.setFocus()

    def _pick(self, names: Collection[str]) -> None:
        for name, button in self.buttons.items():
            button.setChecked(name in names)
        self._tell()

    def _tell(self) -> None:
        picked = (name for name, button in self.buttons.items() if button.isChecked())
        self.chosen.emit([*columns.ALWAYS, *picked])


class SetSheet(Sheet):
    """One text in one column of many rows. ``agreed`` = column and text."""

    agreed = Signal(str, str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, t("Set"), SET_PX, parent)
        self._make: Callable[[str], QWidget] = lambda column: QLineEdit(self)
        self.what = Words(theme, step="body")
        self.what.setWordWrap(True)
        self.column = editors.WordField(
            theme, [columns.Option(name, columns.title(name)) for name in KNOWN], self
        )
        for at, name in enumerate(KNOWN):
            self.column.setItemText(at, columns.title(name))
        self.column.setMinimumHeight(theme.size.target)
        self.column.setAccessibleName(t("Column"))
        self.editor: QWidget = QLineEdit(self)
        self.button = QPushButton(t("Set"), self)
        for part in (self.what, self.column, self.editor):
            self.body.addWidget(part)
        self.foot.addWidget(self.button)
        self.column.currentIndexChanged.connect(self._turn)
        self.button.clicked.connect(self._agree)

    def ask(self, column: str, rows: int, make: Callable[[str], QWidget]) -> None:
        """Open. ``make`` gives the editor of a column, filled."""
        self._make = make
        self.what.show_text(
            t("In the selected row:") if rows == 1 else t("In all {n} selected rows:", n=rows)
        )
        self.column.pick(column if column in KNOWN else "priority")
        self._turn()
        self.open()
        self.editor.setFocus()

    def _turn(self) -> None:
        before, self.editor = self.editor, self._make(self.column.word())
        self.body.replaceWidget(before, self.editor)
        before.hide()
        before.deleteLater()
        if isinstance(self.editor, QLineEdit):
            self.editor.returnPressed.connect(self._agree)
        if self.isVisible():
            self.place()

    def _agree(self) -> None:
        if editors.is_whole(self.editor):
            self.leave()
            self.agreed.emit(self.column.word(), editors.text_of(self.editor))
