"""People of a real engine: what the page sends is taken, counts, and is refused with its words."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from hmi.displays.system.state import PAGES
from tests.hmi.displays.system.seated import log_in, seated
from tests.hmi.looking import see

pytestmark = [pytest.mark.screen, pytest.mark.system, pytest.mark.timeout(180)]


def test_people_and_rights_of_a_real_engine_are_changed_and_taken_back(
    qapp: QApplication, tmp_path: Path
) -> None:
    with seated(qapp, tmp_path / "demo", "nadia") as (view, bridge):
        view.show_page(PAGES.index("people"))
        page = view.people
        see(lambda: page.asking.staff, 15, "the people")
        page.list.add.click()
        sheet = page.doing.person
        for key, text in (("full_name", "Ines Costa"), ("name", "ines")):
            sheet.fields[key].setText(text)
        for key in ("password", "again"):
            sheet.fields[key].setText("the kettle sings at nine")
        sheet.button.click()
        see(lambda: "ines" in [row[0] for row in page.list.table.texts.rows], 20, sheet.trouble.text())
        page.turn("rights")
        page.rights.grid.turned.emit("maintenance", "shelve")
        page.rights.apply.click()
        page.doing.changes.button.click()
        see(lambda: page.undo.isVisible() and "in force" in page.said.text(), 15, "the rights in force")
        page.turn("may")
        page.may.ask_of("tomas")
        rows = see(lambda: page.may.table.texts.rows, 15, "what Tomas may do")
        assert ("Shelve alarms", "yes", "as maintenance") in rows
        page.undo.click()
        see(lambda: ("Shelve alarms", "yes", "as maintenance") not in page.may.table.texts.rows, 15, "undone")
        file = tmp_path / "people.csv"
        file.write_text("name,full_name,role,area\nmara,,operator,\nkim,Kim Park,boss,\n")
        page.loading.read(file)
        see(lambda: page.doing.changes.isVisible(), 15, "the trial")
        assert 'Line 3: "boss" is no role' in page.doing.changes.list.toPlainText()
        log_in(bridge, "mara")
        see(lambda: not page.stack.isVisible(), 15, "the page closed to an operator")
        assert page.asking.staff is None and not page.doing.changes.isVisible()
