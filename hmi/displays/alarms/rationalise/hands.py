"""What a person does to the rows of the table; every act can be taken back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from hmi.displays.alarms.rationalise import draft, editors
from hmi.displays.alarms.rationalise.columns import title
from hmi.displays.alarms.rationalise.file import EMPTY, KNOWN, Cells, new_row
from hmi.displays.alarms.rationalise.sheets import SetSheet
from hmi.displays.alarms.rationalise.table import RationaliseTable
from hmi.displays.alarms.rationalise.work import Work
from hmi.formats import t


class Hands:
    """Acts on what is selected in the table."""

    def __init__(self, work: Work, table: RationaliseTable, setting: SetSheet) -> None:
        self._work, self._table, self._setting = work, table, setting
        table.rows.edited.connect(self.edit)
        table.pasted.connect(self.paste)
        table.emptied.connect(self.empty)
        setting.agreed.connect(self.set_all)

    def cells(self, row: int) -> Cells:
        """The cells of a row, none where there is no such row."""
        return next((each.cells for each in self._work.rows if each.id == row), EMPTY)

    def groups(self) -> Sequence[str]:
        """The groups that rows have."""
        return sorted({row.cells["group"] for row in self._work.rows if "group" in row.cells})

    def edit(self, row: int, column: str, text: str) -> None:
        """Another text in one cell."""
        words = t("{column} {value}", column=title(column), value=text or t("none"))
        self._work.do(words, draft.set_cells(self._work.rows, {row: {column: text}}))

    def add(self) -> None:
        """A new row below the one with the cursor, of the same tag."""
        row, _ = self._table.current
        cells = self.cells(row)
        made = new_row({"path": cells["path"]} if "path" in cells else EMPTY)
        self._work.do(t("Add a row"), draft.added(self._work.rows, row, [made]))
        self._table.go_to(made.id, "kind" if "path" in made.cells else "path")
        self._table.setFocus()

    def remove(self) -> None:
        """Remove the selected rows, or take them back."""
        rows = self._table.chosen_rows()
        words = t("Remove a row") if len(rows) == 1 else t("Remove {n} rows", n=len(rows))
        self._work.do(words, draft.turned(self._work.rows, rows, self._work.base))

    def ask_set(self) -> None:
        """Ask for one text for all selected rows."""
        rows = self._table.chosen_rows()
        cells = self.cells(rows[0])

        def make(column: str) -> QWidget:
            made = editors.editor(
                self._table.cells.theme, self._table.rows.plant, column, cells, self.groups(), self._setting
            )
            editors.fill(made, cells.get(column, ""))
            return made

        self._setting.ask(self._table.current[1], len(rows), make)

    def set_all(self, column: str, text: str) -> None:
        """One text in a column of all selected rows."""
        rows = self._table.chosen_rows()
        words = t("{column} of {n} rows", column=title(column), n=len(rows))
        self._work.do(words, draft.set_cells(self._work.rows, {row: {column: text} for row in rows}))

    def fill(self) -> None:
        """What the first selected row says, in all others, for the selected columns."""
        chosen = self._table.chosen()
        rows = list(dict.fromkeys(row for row, _ in chosen))
        if len(rows) > 1:
            names = dict.fromkeys(column for _, column in chosen)
            self._work.do(t("Fill down"), draft.filled(self._work.rows, rows, names))

    def empty(self) -> None:
        """Nothing in the selected cells."""
        edits: dict[int, dict[str, str]] = {}
        for row, column in self._table.chosen():
            edits.setdefault(row, {})[column] = ""
        self._work.do(t("Empty cells"), draft.set_cells(self._work.rows, edits))

    def paste(self, text: str) -> None:
        """Cells from a spreadsheet, from the cursor on."""
        names = [name for name in self._table.shown_columns() if name in KNOWN]
        row, column = self._table.current
        shown = self._table.rows.shown
        at = shown.index(row) if row in shown else len(shown), names.index(column) if column in names else 0
        chosen = self._table.chosen()
        self._work.do(t("Paste"), draft.pasted(self._work.rows, shown, names, at, text, chosen))
