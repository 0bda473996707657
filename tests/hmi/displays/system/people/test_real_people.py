"""People of a real engine: what the page sends is taken, counts, and is refused with its words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from hmi.bridge import Bridge
from hmi.displays.system.people.page import PeoplePage
from hmi.displays.system.state import PAGES
from hmi.who import station_name
from tests.hmi.displays.system.seated import log_in, seated
from tests.hmi.looking import see

pytestmark = [pytest.mark.screen, pytest.mark.system, pytest.mark.timeout(180)]


def give_a_pin(page: PeoplePage, name: str, pin: str) -> None:
    """The administrator gives somebody a PIN at this station."""
    page.turn("people")
    page.list.choose(name)
    page.list.secret.click()
    for field in (page.doing.given.new, page.doing.given.again):
        field.setText(pin)
    page.doing.given.button.click()
    see(lambda: "has a new PIN" in page.said.text(), 20, page.doing.given.trouble.text())


def ask(bridge: Bridge, op: str, body: dict[str, Any]) -> Any:
    """What the engine answers; it must not refuse."""
    told, refused = list[Any](), list[str]()
    bridge.submit(op, body, told.append, refused.append)
    see(lambda: told or refused, 30, op)
    assert not refused, refused
    return told[0]


def log_over(bridge: Bridge, name: str, pin: str) -> Any:
    """Somebody takes over this station with their PIN."""
    body = {"station": station_name(), "name": name, "secret": pin, "kind": "pin"}
    return ask(bridge, "login", body)


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
        give_a_pin(page, "ines", "815263")
        told = log_over(bridge, "ines", "815263")
        assert told["session"]["to_change"] == "password" and not told["actions"], "both work once"
        own = {"name": "ines", "kind": "password", "new": "seven grey owls on a fence"}
        ask(bridge, "secret_change", own | {"old": "the kettle sings at nine"})
        seat = bridge.seat
        see(lambda: seat.who.session is not None and seat.who.session.to_change == "pin", 15, "then the PIN")
        assert not seat.who.may("write")
        own = {"name": "ines", "kind": "pin", "new": "493027", "old": "815263", "station": station_name()}
        ask(bridge, "secret_change", own)
        see(lambda: seat.who.may("write"), 15, "an operator with secrets of her own")
        assert not log_over(bridge, "ines", "493027")["session"]["must_change"]
        log_in(bridge, "mara")
        see(lambda: not page.stack.isVisible(), 15, "the page closed to an operator")
        assert page.asking.staff is None and not page.doing.changes.isVisible()
