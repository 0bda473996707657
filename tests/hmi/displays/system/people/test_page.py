"""People as widgets: what is shown to whom, and what a tap sends."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.types import RoleAt
from hmi.displays.system.people.page import PeoplePage
from hmi.displays.system.people.state import news
from hmi.displays.system.state import PAGES
from hmi.shell.window import Window
from hmi.who import Who, station_name
from tests.hmi.displays.system.office import ADMIN, AUDITOR, OPERATOR, S50, STAFF, USED, OfficeFeed
from tests.hmi.displays.system.page import view_of
from tests.hmi.structure import problems

pytestmark = pytest.mark.screen
PEOPLE = PAGES.index("people")


@pytest.fixture
def page(window: Window, feed: OfficeFeed) -> PeoplePage:
    """The page with an administrator at it."""
    window.set_who(ADMIN)
    view = view_of(window)
    view.show_page(PEOPLE)
    return view.people


def names(page: PeoplePage) -> list[str]:
    return [row[0] for row in page.list.table.texts.rows]


@pytest.mark.parametrize("size", [(1920, 1080), (1366, 768)])
def test_every_part_of_the_page_has_room(window: Window, page: PeoplePage, size: tuple[int, int]) -> None:
    window.resize(*size)
    for tab in ("people", "rights", "may", "glass", "keep"):
        page.turn(tab)
        QTest.qWait(1)
        assert problems(window) == []


def test_nobody_is_asked_about_while_nobody_with_the_right_looks(window: Window, feed: OfficeFeed) -> None:
    view = view_of(window)
    window.set_who(OPERATOR)
    view.show_page(PEOPLE)
    assert not feed.bodies("people") and not view.people.stack.isVisible()
    assert "Mara Lind is logged in" in view.people.closed_do.text()
    window.set_who(Who(True))
    assert "Ctrl+U" in view.people.closed_do.text()
    window.set_who(ADMIN)
    assert view.people.stack.isVisible() and len(feed.bodies("people")) == 1


def test_what_one_person_saw_is_gone_when_another_sits_down(window: Window, page: PeoplePage) -> None:
    page.list.add.click()
    page.doing.person.fields["password"].setText("the kettle sings at nine")
    page.doing.once.show_once("Code", "for", "7KQ2-SECRET", "keep")
    window.set_who(OPERATOR)
    assert page.asking.staff is None and not page.stack.isVisible()
    assert not page.doing.person.isVisible() and not page.doing.once.isVisible()
    assert page.doing.person.fields["password"].text() == page.doing.once.secret.text() == ""


def test_auditor_sees_everybody_and_changes_nothing(window: Window, page: PeoplePage) -> None:
    window.set_who(AUDITOR)
    assert names(page) == ["mara", "nadia", "lena"]
    told = page.news.text().splitlines()
    assert (
        told[0].startswith("You see this and change nothing") and told[1:] == news(STAFF).splitlines() != []
    )
    page.list.choose("mara")
    assert not page.list.edit.isEnabled() and not page.list.add.isEnabled() and page.list.may.isEnabled()
    page.turn("rights")
    page.rights.grid.turned.emit("operator", "shelve")
    page.rights.show_staff(STAFF, page.asking.why_not())
    assert not page.rights.apply.isEnabled()


def test_new_person_is_sent_with_a_first_password_and_can_be_taken_back(
    page: PeoplePage, feed: OfficeFeed
) -> None:
    page.list.add.click()
    sheet = page.doing.person
    sheet.fields["full_name"].setText("Kim Park")
    sheet.fields["name"].setText("Mara")
    assert not sheet.button.isEnabled() and "taken" in sheet.why_not
    sheet.fields["name"].setText("kim")
    sheet.fields["password"].setText("the kettle sings at nine")
    assert not sheet.button.isEnabled(), "typed once is not enough"
    sheet.fields["again"].setText("the kettle sings at nine")
    sheet.button.click()
    sent = feed.bodies("people_change")[-1]["people"][0]
    assert (sent["name"], sent["password"], sent["must_change"]) == ("kim", "the kettle sings at nine", True)
    assert "kim" in names(page) and not sheet.isVisible() and sheet.fields["password"].text() == ""
    page.undo.click()
    sent = feed.bodies("people_change")[-1]["people"][0]
    assert sent["is_disabled"] and "password" not in sent, "nobody is removed, and no password goes twice"


def test_refusal_stays_in_the_sheet_and_can_be_tried_again(page: PeoplePage, feed: OfficeFeed) -> None:
    feed.refusals["people_change"] = "Nothing was changed:\nkim: this password is well known"
    page.list.choose("mara")
    page.list.edit.click()
    page.doing.person.fields["full_name"].setText("Mara Lind-Ort")
    page.doing.person.button.click()
    assert "well known" in page.doing.person.trouble.text() and page.doing.person.isVisible()
    feed.refusals.clear()
    page.doing.person.button.click()
    assert not page.doing.person.isVisible()
    page.undo.click()
    assert feed.bodies("people_change")[-1]["people"][0]["full_name"] == "Mara Lind"


def test_a_pin_is_given_for_a_station_and_a_badge_for_all(page: PeoplePage, feed: OfficeFeed) -> None:
    page.list.choose("mara")
    page.list.secret.click()
    sheet = page.doing.given
    assert sheet.isVisible() and sheet.title.text() == "PIN and badge of Mara Lind"
    assert [sheet.station.itemData(at) for at in range(sheet.station.count())][:1] == [station_name()]
    for pin, is_fit in (("12ab56", False), ("4829", False), ("482915", True)):
        sheet.new.setText(pin)
        sheet.again.setText(pin)
        assert sheet.button.isEnabled() == is_fit, pin
    feed.refusals["secret_change"] = "Not changed: that PIN is the first that others try."
    sheet.button.click()
    assert "first that others try" in sheet.trouble.text() and sheet.isVisible()
    feed.refusals.clear()
    sheet.button.click()
    body = {"name": "mara", "kind": "pin", "new": "482915", "station": station_name()}
    assert feed.bodies("secret_change")[-1] == body
    assert not sheet.isVisible() and sheet.new.text() == sheet.again.text() == ""
    assert page.said.text() == "Mara Lind has a new PIN."
    page.list.choose("mara")
    page.list.secret.click()
    sheet.kind.buttons["badge"].click()
    assert not sheet.station.isVisible() and not sheet.button.isEnabled()
    sheet.new.setText("04A2B7C1")
    sheet.again.setText("04A2B7C1")
    sheet.button.click()
    body = {"name": "mara", "kind": "badge", "new": "04A2B7C1", "station": ""}
    assert feed.bodies("secret_change")[-1] == body


def test_role_is_chosen_from_the_areas_of_the_plant(page: PeoplePage) -> None:
    page.list.choose("mara")
    page.list.edit.click()
    roles = page.doing.person.roles
    assert roles.roles == (RoleAt("operator", S50),)
    roles.add.click()
    assert set(roles.roles) == {RoleAt("operator", S50), RoleAt("operator", "")}


def test_rights_go_in_force_as_one_change_after_a_look_and_come_back_by_undo(
    page: PeoplePage, feed: OfficeFeed
) -> None:
    page.turn("rights")
    grid = page.rights.grid
    for column, row in ((2, 1), (4, 1)):
        spot = grid.visualRect(grid.rights.index(row, column)).center()
        QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert not feed.bodies("people_change") and page.rights.apply.isEnabled()
    page.rights.apply.click()
    assert page.doing.changes.list.toPlainText().splitlines() == [
        "operator, the whole plant: may now shelve alarms",
        "maintenance, the whole plant: may now shelve alarms",
    ]
    page.doing.changes.button.click()
    assert len(feed.bodies("people_change")) == 1 and not page.rights.draft.is_changed
    page.undo.click()
    assert feed.staff.rights == STAFF.rights


def test_space_bar_gives_a_right(page: PeoplePage) -> None:
    page.turn("rights")
    page.rights.grid.setCurrentIndex(page.rights.grid.rights.index(1, 2))
    QTest.keyClick(page.rights.grid, Qt.Key.Key_Space)
    assert "shelve" in page.rights.draft.rows["operator", ""]
    assert "changed, not applied yet" in page.rights.grid.rights.spoken(page.rights.grid.currentIndex())


def test_everything_a_person_may_do_is_asked_of_the_engine(page: PeoplePage, feed: OfficeFeed) -> None:
    page.list.choose("mara")
    page.list.may.click()
    page.may.path.setText(S50)
    QTest.keyClick(page.may.path, Qt.Key.Key_Return)
    assert feed.bodies("may")[-1] == {"name": "mara", "path": S50}
    assert page.may.table.texts.rows[0] == ("Write setpoints", "yes", "as operator")
    page.may.filter.setText("trust")
    assert [row[0] for row in page.may.table.texts.rows] == ["Trust certificates and keys"]
    assert "1 of 2" in page.may.said.text()


def test_code_is_told_once(page: PeoplePage, feed: OfficeFeed) -> None:
    page.turn("glass")
    page.glass.table.selectRow([row[0] for row in page.glass.table.texts.rows].index(S50))
    page.glass.make.click()
    assert feed.bodies("break_glass_seal") == [{"area": S50}]
    assert page.doing.once.secret.text().startswith("7KQ2")
    page.doing.once.cancel.click()
    assert page.doing.once.secret.text() == "" and not page.doing.once.isVisible()


def test_use_of_a_code_is_reviewed_in_words(page: PeoplePage, feed: OfficeFeed) -> None:
    feed.staff = msgspec.structs.replace(STAFF, break_glass=(USED,))
    page.asking.ask()
    page.turn("glass")
    page.glass.table.selectRow(0)
    assert not page.glass.make.isEnabled(), "first the review"
    page.glass.review.click()
    page.doing.text.field.setText("too short")
    assert not page.doing.text.button.isEnabled()
    page.doing.text.field.setText("all steps were right")
    page.doing.text.button.click()
    assert feed.bodies("break_glass_review") == [{"area": S50, "text": "all steps were right"}]


def test_table_of_people_is_tried_before_it_counts(
    page: PeoplePage, feed: OfficeFeed, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("name,full_name,role,area\nkim,Kim Park,boss,\n")
    feed.refusals["people_change"] = 'Nothing was changed:\nline 2: "boss" is no role'
    page.loading.read(file)
    sheet = page.doing.changes
    assert sheet.list.toPlainText() == 'Line 2: "boss" is no role.' and not sheet.button.isVisible()
    feed.refusals.clear()
    page.loading.read(file)
    assert "kim" not in names(page) and sheet.list.toPlainText() == "new: kim, Kim Park: operator"
    sheet.button.click()
    assert "kim" in names(page) and "is_trial" not in feed.bodies("people_change")[-1]


def test_backup_tells_its_phrase_once(page: PeoplePage, feed: OfficeFeed, tmp_path: Path) -> None:
    page.turn("keep")
    page.doing.back_up(tmp_path / "plant.people")
    assert page.doing.once.secret.text() == "abandon ability able"
    page.doing.once.leave()
    feed.refusals["people_backup"] = "the folder does not exist"
    page.doing.back_up(tmp_path / "no" / "plant.people")
    assert "No backup was written: The folder does not exist." in page.said.text()


def test_trying_as_another_is_asked_of_the_engine(page: PeoplePage, feed: OfficeFeed) -> None:
    page.list.choose("mara")
    page.list.try_as.click()
    assert feed.bodies("try_as") == [{"name": "mara"}]


def test_silent_engine_makes_the_page_old_and_takes_nothing(window: Window, page: PeoplePage) -> None:
    window.set_stalled("14:00:00")
    assert page.news.text().startswith("NOT CURRENT") and not page.list.add.isEnabled()
    window.set_stalled(None)
    assert page.list.add.isEnabled()
