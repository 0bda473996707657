"""People from a table: read, tried by the engine, and only then put in force."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from hmi.displays.system.people import state as people
from hmi.displays.system.people.asking import Asking
from hmi.displays.system.people.sheets import ChangesSheet
from hmi.displays.system.people.state import Staff
from hmi.formats import sentence, t

MOST_BYTES = 2_000_000


class Loading:
    """``said`` gets what became of it."""

    def __init__(
        self, asking: Asking, sheet: ChangesSheet, page: QWidget, said: Callable[[str], None]
    ) -> None:
        self._asking, self._sheet, self._page, self._said = asking, sheet, page, said

    def ask_file(self) -> None:
        """Which table."""
        asking = QFileDialog(self._page, t("Import people"), str(Path.home()), t("Table (*.csv)"))
        # Our own look: a native one would be white at night.
        asking.setOption(QFileDialog.Option.DontUseNativeDialog)
        asking.fileSelected.connect(lambda chosen: self.read(Path(chosen)))
        asking.finished.connect(asking.deleteLater)
        asking.open()

    def read(self, file: Path) -> None:
        """Have a table tried; what it would do, or every mistake with its line, is shown."""
        try:
            if file.stat().st_size > MOST_BYTES:
                self._said(t("{file} is too large for a list of people.", file=file.name))
                return
            text = file.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            self._said(t("{file} cannot be read: {why}", file=file.name, why=sentence(str(error))))
            return
        before = self._asking.staff
        if before is None:
            return
        self._asking.change(
            {"csv": text, "is_trial": True},
            lambda after: self._tried(file.name, text, before, after),
            lambda why: self._refused(file.name, why),
        )

    def _refused(self, name: str, why: str) -> None:
        first, _, rest = why.partition("\n")
        lines = [sentence(line) for line in rest.splitlines()] or [sentence(why)]
        said = sentence(first.rstrip(":")) if rest else t("Nothing was changed.")
        self._sheet.ask(t("{file} cannot be imported", file=name), said, lines, "", lambda: None)

    def _tried(self, name: str, text: str, before: Staff, after: Staff) -> None:
        lines = people.changed_words(before, after)
        if not lines:
            said = t("Everybody in it is already as it says.")
            self._sheet.ask(t("{file} changes nothing", file=name), said, (), "", lambda: None)
            return
        count = t("1 person changes:") if len(lines) == 1 else t("{n} people change:", n=len(lines))
        said = t("{count} New people have no password yet: give each of them one.", count=count)

        def do() -> None:
            self._sheet.show_work(True)
            self._asking.change({"csv": text}, lambda _: done(), self._sheet.show_trouble)

        def done() -> None:
            self._sheet.leave()
            self._said(t("{file} is imported.", file=name))

        self._sheet.ask(t("Import {file}", file=name), said, lines, t("Import"), do)
