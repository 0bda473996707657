"""The ledger in words: entries, the question that is asked, how it does, and its proofs."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from engine.ledger import EntryType
from engine.typed import convert
from engine.types import LedgerAnchor, LedgerAnswer, LedgerVerdict
from engine.wire import LedgerBody
from hmi.displays.system.ledger import proof as proving
from hmi.displays.system.ledger import state as ledger
from hmi.displays.system.ledger import words
from hmi.displays.system.ledger.state import GROUPS, Shown, Wanted
from hmi.formats import THIN
from hmi.who import Who
from tests.hmi.displays.system.office import (
    AUDITOR,
    CHECKPOINT,
    ENTRIES,
    MARA,
    NADIA,
    OPERATOR,
    PROOF,
    entry,
)
from tests.hmi.plant import NOW_US

PEOPLE = words.names((MARA, NADIA))
HEAD = LedgerAnswer("watchroom/line-3", 8, CHECKPOINT, "watchroom/line-3+aa+bb", ENTRIES[::-1])


def test_every_type_of_entry_is_in_one_group_and_has_words() -> None:
    types = [kind for _, kinds in GROUPS.values() for kind in kinds]
    assert sorted(types) == sorted(get_args(EntryType))
    assert all(words.TYPES[kind] for kind in types)


def test_question_is_one_that_the_engine_reads() -> None:
    body = ledger.body(Wanted("seal", ("alarms",), "mara", "24h"), NOW_US, 40, 50)
    read = convert(msgspec.msgpack.decode(msgspec.msgpack.encode(body)), LedgerBody)
    assert (read.text, read.types, read.actor) == ("seal", GROUPS["alarms"][1], "mara")
    assert (read.before, read.limit, NOW_US - read.start_us) == (40, 50, 86_400_000_000)


def test_time_of_ones_own_is_asked_for_and_told() -> None:
    wanted = Wanted(
        span="own", start_us=NOW_US - 7_200_000_000, end_us=NOW_US - 3_600_000_000, ended="mill-1"
    )
    body = ledger.body(wanted, NOW_US, 0)
    assert (body["start_us"], body["end_us"], body["ended"]) == (wanted.start_us, wanted.end_us, "mill-1")
    assert " to " in ledger.span_words(wanted, NOW_US, "UTC")
    assert ledger.span_words(Wanted(), NOW_US, "UTC") == ""
    assert ledger.is_filtered(wanted) and not ledger.is_filtered(Wanted(ended="mill-1"))


def test_who_outside_vouches_is_told_and_who_does_not_answer() -> None:
    assert "nobody vouches for it" in ledger.outside_words(HEAD, NOW_US, "UTC", "en")
    anchors = (
        LedgerAnchor("time stamp", "Time of Example", 7, NOW_US),
        LedgerAnchor("cosignature", "partner.example/audit+aa+bb", 5, NOW_US, 1, "it does not answer"),
        LedgerAnchor("cosignature", "third.example/w"),
    )
    said = ledger.outside_words(msgspec.structs.replace(HEAD, anchors=anchors), NOW_US, "UTC", "en")
    assert "Time of Example stamped 7 entries" in said
    assert "partner.example/audit cosigned 5 entries" in said and ", but not now: it does not answer" in said
    assert "third.example/w vouches for nothing yet" in said


def test_number_after_a_hash_begins_at_that_entry() -> None:
    body = ledger.body(Wanted("#123"), NOW_US, 0)
    assert (body["text"], body["before"]) == ("", 124)
    assert ledger.body(Wanted("#123"), NOW_US, 60)["before"] == 60, "the next page goes on from there"
    assert ledger.body(Wanted("order #12a"), NOW_US, 0)["text"] == "order #12a"


@pytest.mark.parametrize(
    ("seq", "said"),
    [
        (2, "Mara Lind logged in at desk 1 (pin)"),
        (3, "Mara Lind selected Press/Hydraulics/Pressure setpoint to write 212 bar"),
        (4, "Mara Lind confirmed 212 bar for Press/Hydraulics/Pressure setpoint, because: quality"),
        (5, "Mara Lind wrote 212 bar to Press/Hydraulics/Pressure setpoint"),
        (6, "Press/Hydraulics/Pressure setpoint has 212 bar: read back as 211.9 bar"),
        (7, "Mara Lind acknowledged: Pressure high"),
    ],
)
def test_entry_is_told_in_a_sentence(seq: int, said: str) -> None:
    assert words.said(ENTRIES[seq], PEOPLE).replace(THIN, " ") == said


def test_command_change_of_rights_and_what_nobody_knows_are_told_too() -> None:
    command = entry(9, "write_sent", "mara", asset="Line/P1", verb="start", path="Line/P1/Start", new=1.0)
    assert words.said(command, PEOPLE) == "Mara Lind gave the command start to Line/P1"
    rights = entry(9, "person", "nadia", rights={"operator": [["write"], []]})
    assert words.said(rights, PEOPLE) == "Nadia Haddad changed the rights of operator"
    added = entry(
        9,
        "person",
        "nadia",
        name="kim",
        changed={"full_name": [None, "Kim Park"], "roles": [None, ["viewer"]]},
    )
    assert words.said(added, PEOPLE) == "Nadia Haddad added Kim Park (kim): viewer"
    strange = entry(9, "erp_sent", "engine", order="4711", rows=[1, 2])
    assert words.said(strange, PEOPLE) == "The engine: erp sent (order 4711, rows 1, 2)"
    odd = entry(9, "person", "nadia", changed=["?"], name=["x"])
    assert words.said(odd, PEOPLE).startswith("Nadia Haddad changed"), "an odd body breaks no page"


def test_ledger_that_follows_an_ended_one_says_so_in_its_first_sentence() -> None:
    before = {"origin": "watchroom/mill", "size": 1204, "root": "3bhD", "checkpoint": CHECKPOINT}
    begun = entry(0, "ledger_begin", "Ada", origin="watchroom/new", before=before, reason="the disk burnt")
    assert words.said(begun, PEOPLE) == (
        "Ada began this ledger because the key of watchroom/mill was lost, which ended with 1204 entries: "
        "the disk burnt"
    )
    assert words.said(ENTRIES[0], PEOPLE) == "The ledger watchroom/line-3 begins"


def test_all_fields_of_an_entry_stand_in_its_detail() -> None:
    facts = {each.name: each.text for each in words.facts(ENTRIES[5], PEOPLE, NOW_US, "Europe/Berlin")}
    assert facts["Entry"] == "#5" and facts["Who"] == "Mara Lind (mara)"
    assert facts["Where"].endswith("S50/Press/Hydraulics/Pressure setpoint")
    assert facts["Checks"] == "yes · Within 160 to 230 bar"
    assert facts["Value before"] == "218.6" and facts["When"].startswith("22 Nov 2026")


def test_ledger_that_takes_nothing_needs_a_look_and_says_what_that_means() -> None:
    troubled = msgspec.structs.replace(HEAD, trouble="the disk is full", evidence=("entry 3 was changed",))
    assert ledger.row(Shown(AUDITOR, troubled), "en").mark == "look"
    text = ledger.trouble_words(troubled)
    assert "nothing is written to the plant: The disk is full." in text and "Entry 3 was changed." in text
    assert ledger.row(Shown(AUDITOR, HEAD), "en").mark == "well" and not ledger.trouble_words(HEAD)
    full = msgspec.structs.replace(HEAD, warning="the disk is 81 % full")
    assert ledger.row(Shown(AUDITOR, full), "en").state == "see what it warns of"


def test_page_is_closed_to_who_has_not_the_right_but_open_before_there_are_people() -> None:
    assert ledger.closed_words(AUDITOR) == ledger.closed_words(Who(True, is_new=True)) == ("", "")
    assert "Mara Lind is logged in" in ledger.closed_words(OPERATOR)[1]
    assert "Ctrl+U" in ledger.closed_words(Who(True))[1]
    assert ledger.row(Shown(OPERATOR, HEAD), "en").good == "", "what another one saw is not told"


def test_verdict_says_what_was_found() -> None:
    assert "All 8 entries fit, and 3 signatures" in ledger.verdict_words(LedgerVerdict(True, 8, 3), "en")
    wrong = ledger.verdict_words(LedgerVerdict(False, 8, 3, ("entry 5 was changed",)), "en")
    assert wrong.splitlines()[1] == "Entry 5 was changed."


def test_proof_as_a_text_holds_all_that_is_needed_to_compute_it_again() -> None:
    proof = proving.as_proof({"seq": 5, **PROOF})
    assert proof is not None
    text = proving.exported(ENTRIES[5], proof, "watchroom/line-3", "Mara Lind wrote 212 bar.")
    for needed in (
        ENTRIES[5].line,
        proof.leaf_hash,
        *proof.path,
        proof.root,
        CHECKPOINT,
        "0x01 + left + right",
    ):
        assert needed in text
    broken = msgspec.structs.replace(proof, is_proven=False, why="it was changed")
    assert proving.said(broken, "en") == "NOT PROVEN: It was changed."
