"""What the page does for a hand: sheets opened, changes sent, and the way back from the last of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QWidget

from hmi.displays.system.people import rights_state
from hmi.displays.system.people import state as people
from hmi.displays.system.people.asking import Asking
from hmi.displays.system.people.give_sheet import GiveSheet
from hmi.displays.system.people.person_sheet import PersonSheet
from hmi.displays.system.people.rights_tab import RightsTab
from hmi.displays.system.people.sheets import ChangesSheet, OnceSheet, TextSheet
from hmi.displays.system.people.state import Staff
from hmi.formats import sentence, t
from hmi.theme import Theme

LEAST_REVIEW = 10
Say = Callable[[str, "dict[str, Any] | None"], None]


class Doing:
    """``said`` gets words of what was done, and the body of ``people_change`` that undoes it, or None."""

    def __init__(self, theme: Theme, asking: Asking, page: QWidget, said: Say) -> None:
        self._asking, self._page, self._said = asking, page, said
        self.person, self.changes = PersonSheet(theme, page), ChangesSheet(theme, page)
        self.text, self.once = TextSheet(theme, page), OnceSheet(theme, page)
        self.given = GiveSheet(theme, page)
        self.sheets = (self.person, self.changes, self.text, self.once, self.given)

    def leave(self) -> None:
        """Close what is open: it was for somebody else."""
        for sheet in self.sheets:
            sheet.leave()
            # One that is behind another page is not visible, and would come back with it.
            sheet.hide()
            sheet.shade.hide()

    # People

    def edit(self, name: str) -> None:
        """Somebody, or with "" a new person."""
        staff = self._asking.staff
        if staff is None or self._asking.why_not():
            return
        before = people.person_of(staff, name)

        def do(body: dict[str, Any]) -> None:
            self._asking.change(
                {"people": [body]}, lambda _: self._saved(staff, body), self.person.show_trouble
            )

        self.person.ask(staff, before, do)

    def _saved(self, before: Staff, body: dict[str, Any]) -> None:
        self.person.leave()
        old = people.undo(before, body["name"])
        if old is None:
            self._said(t("{name} is added.", name=body["full_name"]), {"people": [_off(body)]})
        elif old == {key: each for key, each in body.items() if key in old}:
            has_password = "password" in body
            self._said(t("{name} has a new password.", name=body["full_name"]) if has_password else "", None)
        else:
            self._said(t("{name} is changed.", name=body["full_name"]), {"people": [old]})

    def undo(self, body: dict[str, Any]) -> None:
        """Take the last change back."""
        self._asking.change(
            body, lambda _: self._said(t("Taken back."), None), lambda why: self._said(sentence(why), None)
        )

    def try_as(self, name: str) -> None:
        """Look at the window as somebody else; a banner says so until it ends."""
        self._asking.send(
            "try_as", {"name": name}, lambda _: None, lambda why: self._said(sentence(why), None)
        )

    def give(self, name: str) -> None:
        """A PIN or a badge to somebody, or away from them."""
        staff = self._asking.staff
        person = people.person_of(staff, name)
        if staff is None or person is None or self._asking.why_not():
            return

        def do(body: dict[str, Any]) -> None:
            what = t("PIN") if body["kind"] == "pin" else t("badge")

            def done(_: Any) -> None:
                self.given.leave()
                self._asking.ask()
                words = t("{name} has a new {what}.") if body["new"] else t("The {what} of {name} is gone.")
                self._said(words.format(name=person.full_name, what=what), None)

            self._asking.send("secret_change", body, done, self.given.show_trouble)

        self.given.ask(staff, person, do)

    # Rights

    def apply_rights(self, tab: RightsTab) -> None:
        """Show what changes, then put it in force at once."""
        draft, staff = tab.draft, self._asking.staff
        lines = rights_state.changes(draft)
        if staff is None or not lines or self._asking.why_not():
            return
        before = _rights_body(staff.rights)

        def do() -> None:
            self.changes.show_work(True)
            self._asking.change(_rights_body(rights_state.rights(draft)), done, self.changes.show_trouble)

        def done(after: Staff) -> None:
            self.changes.leave()
            tab.begin(after)
            tab.show_staff(after, self._asking.why_not())
            self._said(t("The rights are in force."), before)

        count = t("1 row changes:") if len(lines) == 1 else t("{n} rows change:", n=len(lines))
        self.changes.ask(t("Put these rights in force"), count, lines, t("Apply"), do)

    # Break glass

    def make_code(self, area: str) -> None:
        """A new code, told once."""

        def made(answer: Any) -> None:
            self._asking.ask()
            self.once.show_once(
                t("Break-glass code"),
                t("For {where}. It is shown now and never again.", where=people.where(area)),
                str(answer["code"]),
                t("Print it, seal it in an envelope, and keep it where shift leads find it. It opens once."),
            )

        self._asking.send(
            "break_glass_seal", {"area": area}, made, lambda why: self._said(sentence(why), None)
        )

    def review(self, area: str) -> None:
        """Words about what was done under a code."""
        staff = self._asking.staff
        used = people.to_review(staff, area) if staff is not None else None
        if used is None:
            return

        def done(_: Any) -> None:
            self.text.leave()
            self._asking.ask()
            self._said(t("The review is on record."), None)

        def do(text: str) -> None:
            body = {"area": area, "text": text}
            self._asking.send("break_glass_review", body, done, self.text.show_trouble)

        said = t(
            "{who} opened {where}: {why}. System, Ledger shows each step that was done.",
            who=used.used_by,
            where=people.where(area),
            why=used.reason.rstrip("."),
        )
        asked = t("What you found, at least {n} letters: it goes on record", n=LEAST_REVIEW)
        self.text.ask(t("Review the break-glass code"), said, asked, t("Put on record"), do, LEAST_REVIEW)

    # Backup

    def ask_backup(self, plant: str) -> None:
        """Where the file is to be."""
        name = "".join(each if each.isalnum() or each in " -_" else "-" for each in plant) or "plant"
        asking = QFileDialog(
            self._page,
            t("Back up people and keys"),
            str(Path.home() / f"{name}.people"),
            t("Backup (*.people)"),
        )
        asking.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        asking.setOption(QFileDialog.Option.DontUseNativeDialog)
        asking.setDefaultSuffix("people")
        asking.fileSelected.connect(lambda chosen: self.back_up(Path(chosen)))
        asking.finished.connect(asking.deleteLater)
        asking.open()

    def back_up(self, file: Path) -> None:
        """Have it written; the phrase is told once."""

        def made(answer: Any) -> None:
            self._said(t("Written: {file}", file=answer["file"]), None)
            self.once.show_once(
                t("Recovery phrase"),
                t("It opens {file}. It is shown now and never again.", file=Path(answer["file"]).name),
                str(answer["phrase"]),
                t("Write it on paper and keep it apart from the file. Without it nobody opens the backup."),
            )

        self._said(t("Writing…"), None)
        self._asking.send(
            "people_backup",
            {"file": str(file)},
            made,
            lambda why: self._said(t("No backup was written: {why}", why=sentence(why)), None),
        )


def _off(body: dict[str, Any]) -> dict[str, Any]:
    return {key: each for key, each in body.items() if key not in ("password", "must_change")} | {
        "is_disabled": True
    }


def _rights_body(rights: Any) -> dict[str, Any]:
    rows = [{"role": each.role, "area": each.area, "actions": list(each.actions)} for each in rights]
    return {"rights": rows}
