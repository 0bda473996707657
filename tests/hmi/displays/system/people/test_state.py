"""People in words, and the table of rights while it is edited."""

from __future__ import annotations

import msgspec

from engine.typed import convert
from engine.types import LdapSettings, Right, RoleAt
from engine.wire import PeopleAnswer, PeopleChangeBody
from hmi.displays.system.people import keep_state, rights_state
from hmi.displays.system.people import state as people
from hmi.displays.system.people.state import ACTION_WORDS, ACTIONS, Staff
from hmi.who import Who
from tests.hmi.displays.system.office import (
    ADMIN,
    AUDITOR,
    LENA,
    MARA,
    NADIA,
    OPERATOR,
    PRESETS,
    S50,
    STAFF,
    USED,
)
from tests.hmi.plant import NOW_US


def draft() -> rights_state.Draft:
    return rights_state.begin(PRESETS, PRESETS)


def test_answer_of_the_engine_is_read_whole() -> None:
    answer = PeopleAnswer((MARA,), PRESETS, PRESETS, (S50,), (USED,), "ldaps://dc", ("look",))
    assert people.as_staff(msgspec.msgpack.decode(msgspec.msgpack.encode(answer))) == Staff(
        (MARA,), PRESETS, PRESETS, (S50,), (USED,), "ldaps://dc", ("look",)
    )
    assert people.as_staff({"people": 3}) is None


def test_every_action_has_words() -> None:
    assert set(ACTION_WORDS) == set(ACTIONS)


def test_list_says_roles_with_their_area_and_puts_who_is_disabled_last() -> None:
    rows = people.rows(STAFF)
    assert [row[0] for row in rows] == ["mara", "nadia", "lena"]
    assert rows[0][2:4] == (f"operator at {S50}", "password, PIN at desk 1")
    assert rows[2][4] == "DISABLED"
    assert people.rows(STAFF, "LIND oper")[0][0] == "mara" and not people.rows(STAFF, "lind engineer")


def test_page_is_closed_to_who_may_neither_change_people_nor_read_the_ledger() -> None:
    assert people.closed_words(ADMIN) == people.closed_words(AUDITOR) == ("", "")
    why, do = people.closed_words(OPERATOR)
    assert "administrator" in why and "Mara Lind is logged in" in do
    assert "Ctrl+U" in people.closed_words(Who(True))[1]
    assert "first administrator" in people.closed_words(Who(True, is_new=True))[1]
    assert people.row(None, OPERATOR, False).state == "needs a right"
    assert people.row(STAFF, ADMIN, False).mark == "look"


def test_import_says_who_is_new_and_what_changes() -> None:
    other = msgspec.structs.replace(MARA, roles=(RoleAt("engineer"),))
    kim = msgspec.structs.replace(MARA, name="kim", full_name="Kim Park")
    after = msgspec.structs.replace(STAFF, people=(LENA, other, NADIA, kim))
    assert people.changed_words(STAFF, after) == (
        f"mara: operator at {S50} → engineer",
        f"new: kim, Kim Park: operator at {S50}",
    )


def test_code_that_was_used_waits_for_a_review() -> None:
    staff = msgspec.structs.replace(STAFF, break_glass=(USED,))
    rows = people.glass_rows(staff, NOW_US, "UTC")
    assert rows[0][0] == S50 and rows[0][1] == "USED, NOT REVIEWED" and "press stood open" in rows[0][2]
    assert {row[0] for row in rows} == {S50, "Body shop", "the whole plant"}
    assert people.to_review(staff, S50) == USED and people.to_review(staff, "") is None


def test_name_is_never_given_twice_whatever_its_case() -> None:
    assert "taken" in people.name_trouble(STAFF, " MARA ")
    assert people.name_trouble(STAFF, "kim") == ""


def test_right_that_is_turned_twice_is_as_it_was() -> None:
    once = rights_state.turned(draft(), "operator", "shelve", "")
    assert once.is_changed
    assert rights_state.changes(once) == ("operator, the whole plant: may now shelve alarms",)
    assert not rights_state.turned(once, "operator", "shelve", "").is_changed


def test_first_change_in_an_area_begins_with_what_it_inherits_and_leaves_the_plant_alone() -> None:
    made = rights_state.turned(draft(), "operator", "write", S50)
    assert made.rows["operator", S50] == {"acknowledge"}
    assert made.rows["operator", ""] == {"acknowledge", "write"}
    cell = rights_state.cell(made, "operator", "write", f"{S50}/Press")
    assert not cell.is_given and cell.is_changed and not cell.is_preset
    assert rights_state.as_above(made, S50).rows == draft().rows
    assert not rights_state.turned(made, "operator", "write", S50).is_changed


def test_viewer_and_auditor_are_given_nothing_but_what_they_read() -> None:
    assert rights_state.turned(draft(), "viewer", "write", "") == draft()
    assert not rights_state.turned(draft(), "auditor", "write", "").is_changed
    assert rights_state.turned(draft(), "auditor", "ledger", "").is_changed


def test_preset_of_one_role_leaves_the_others_as_they_are() -> None:
    made = rights_state.turned(
        rights_state.turned(draft(), "operator", "shelve", ""), "engineer", "shelve", S50
    )
    back = rights_state.to_preset(made, "engineer")
    assert "shelve" in back.rows["operator", ""] and ("engineer", S50) not in back.rows
    assert rights_state.to_preset(made).rows == draft().rows


def test_draft_becomes_rows_that_the_engine_reads() -> None:
    made = rights_state.turned(draft(), "operator", "write", S50)
    body = {"rights": [msgspec.to_builtins(each) for each in rights_state.rights(made)]}
    read = convert(body, PeopleChangeBody)
    assert read.rights is not None and Right("operator", S50, ("acknowledge",)) in read.rights
    assert rights_state.table(read.rights) == made.rows


def test_edits_stay_when_news_come_and_go_when_they_are_in_force() -> None:
    made = rights_state.turned(draft(), "operator", "shelve", "")
    assert rights_state.based(made, PRESETS, PRESETS).rows == made.rows
    assert not rights_state.based(made, rights_state.rights(made), PRESETS).is_changed


def test_groups_of_the_directory_are_shown_with_their_roles() -> None:
    ldap = LdapSettings("ldaps://dc.example", "uid={name}", roles={"ops": (f"operator at {S50}",)})
    facts = {each.name: each.text for each in keep_state.directory("the directory", ldap)}
    assert facts["Group ops"] == f"operator at {S50}"
    assert "ldaps://dc.example" in facts["Address"] and facts["Without it"].endswith("7 days")
    assert "without any network" in keep_state.directory("", None)[0].text
