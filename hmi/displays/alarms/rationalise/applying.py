"""How the list goes in force, what others did to it meanwhile, and lists from and to files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtWidgets import QFileDialog, QWidget

from engine import paths
from engine.types import AlarmChange
from hmi import formats
from hmi.author import author
from hmi.displays.alarms.rationalise import draft
from hmi.displays.alarms.rationalise.asking import Verdict
from hmi.displays.alarms.rationalise.draft import Rows
from hmi.displays.alarms.rationalise.sheets import ChangesSheet
from hmi.displays.alarms.rationalise.work import Work
from hmi.formats import t

Say = Callable[[str], None]


class Teller(Protocol):
    """The page, as far as it is told here."""

    def say(self, words: str) -> None: ...
    def show_errors(self, words: str) -> None: ...
    def applied(self) -> None: ...
    @property
    def why_not(self) -> str: ...


class Applying:
    """Everything that ends in the sheet of changes. ``zone`` = that of the plant."""

    def __init__(
        self, work: Work, sheet: ChangesSheet, page: Teller, widget: QWidget, now_us: Callable[[], int]
    ) -> None:
        self._work, self._sheet, self._page, self._widget = work, sheet, page, widget
        self.zone, self._now_us = "UTC", now_us
        work.met.connect(self.met)

    # Applying

    def try_out(self) -> None:
        """Have the list tried, then ask who and why."""
        self._page.say(t("The engine looks at the list …"))
        self._work.try_out(self._ask_apply, self._page.show_errors)

    def _ask_apply(self, text: str) -> None:
        self._page.say("")
        if self._page.why_not:
            return
        lines = [each.words for each in draft.changes(self._work.base, self._work.rows)]
        said = t("1 row changes:") if len(lines) == 1 else t("{n} rows change:", n=len(lines))

        def do(by: str, why: str) -> None:
            if self._page.why_not:
                self._sheet.show_trouble(self._page.why_not)
                return
            self._sheet.show_work(True)
            self._work.apply(text, by, why, done, self._sheet.show_trouble)

        def done() -> None:
            self._sheet.leave()
            self._page.say(t("The list is in force."))
            self._page.applied()

        self._sheet.ask(
            t("Put the list in force"), said, lines, t("Apply"), do, wants_reason=True, by=author()
        )

    # What somebody else did

    def met(self) -> None:
        """Somebody else changed the list: say so, and who."""
        self._tell_met("")
        self._work.asking.record(self._tell_who, lambda _: None, most=1)

    def _tell_who(self, changes: tuple[AlarmChange, ...]) -> None:
        if changes and self._work.theirs is not None:
            last, zone = changes[0], self.zone
            when = formats.moment(last.time_us, self._now_us(), zone)
            self._tell_met(
                t("Last: {by}, {when}: {why}", by=last.by or t("unknown"), when=when, why=last.text)
            )

    def _tell_met(self, who: str) -> None:
        said = t("Somebody else changed the list while it was edited here.")
        self._page.say(f"{said} {who}".strip())

    def ask_merge(self) -> None:
        """Show what a merge gives, and do it."""
        found = self._work.merged("theirs")
        if found is None:
            return

        def do(by: str, why: str) -> None:
            self._work.merge("mine" if self._sheet.choice.picked == "mine" else "theirs")
            self._sheet.leave()
            self._page.say(t("Merged. Your edits are marked; look them over, then apply them."))

        count = len(found.collisions)
        said = (
            t("No row was changed by both: all edits made here stay, on the list as it is now.")
            if not count
            else t("{n} edits made here are of rows that the others changed too:", n=count)
        )
        self._sheet.ask(t("Merge"), said, found.collisions, t("Merge"), do, has_choice=bool(count))

    def give_way(self) -> None:
        """The list as the others left it."""
        self._work.give_way()
        self._page.say(t("This is the list as the others left it."))

    # Files

    def ask_import(self) -> None:
        """Ask for a file to read."""
        asking = QFileDialog(self._widget, t("Import"), str(Path.home()), "CSV (*.csv);;* (*)")
        asking.setFileMode(QFileDialog.FileMode.ExistingFile)
        asking.fileSelected.connect(lambda chosen: self.import_file(Path(chosen)))
        asking.finished.connect(asking.deleteLater)
        asking.open()

    def import_file(self, path: Path) -> None:
        """Show what a file would change, and take it over where a person wants it."""

        def show(rows: Rows, lines: tuple[str, ...], verdict: Verdict) -> None:
            self._show_import(path, rows, lines, verdict)

        def refuse(why: str) -> None:
            self._sheet.ask(t("Import"), why, (), "", lambda by, why: None, is_possible=False)

        self._work.import_file(path, show, refuse)

    def _show_import(self, path: Path, rows: Rows, lines: tuple[str, ...], verdict: Verdict) -> None:
        wrong = [t("Line {n}: {words}", n=e.line, words=formats.sentence(e.message)) for e in verdict.errors]
        notes = [
            t("Line {n}: {words}", n=e.line, words=formats.sentence(e.message))
            for e in verdict.problems
            if e.severity != "error"
        ]
        before = self._work.rows
        if wrong:
            said = t("{file} cannot be used; nothing is taken over:", file=path.name)
        elif not lines:
            said = t("{file} says the same as the table.", file=path.name)
        else:
            said = t("{file} would change {n} rows of the table:", file=path.name, n=len(lines))

        def do(by: str, why: str) -> None:
            self._sheet.leave()
            if self._work.rows is before:
                self._work.do(t("Import {file}", file=path.name), rows)
                self._page.say(t("Taken over into the table. Apply puts it in force."))
            else:
                self._page.say(t("The table was changed meanwhile: import the file again."))

        is_possible = bool(lines) and not wrong
        shown = wrong + notes if wrong else [*lines, *notes]
        self._sheet.ask(t("Import"), said, shown, t("Take over"), do, is_possible=is_possible)

    def ask_export(self) -> None:
        """Ask for a file to write."""
        name = f"alarms {formats.date_of(self._now_us(), self.zone)}.csv"
        asking = QFileDialog(self._widget, t("Export"), str(Path.home() / name), "CSV (*.csv)")
        asking.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        asking.setDefaultSuffix("csv")
        asking.fileSelected.connect(lambda chosen: self.export_file(Path(chosen)))
        asking.finished.connect(asking.deleteLater)
        asking.open()

    def export_file(self, path: Path) -> None:
        """Write the list with its edits."""
        try:
            paths.replace_file(path, self._work.export_text().encode())
        except OSError as error:
            self._page.say(t("Not written: {why}.", why=error.strerror or str(error)))
        else:
            self._page.say(t("Written to {path}", path=path))
