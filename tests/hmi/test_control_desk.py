"""One write in the hands of a window: held, confirmed, given back; and why nothing can be written."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from engine.types import Check
from hmi import control_words as words
from hmi.control_desk import ControlDesk
from hmi.model import build
from hmi.who import Who
from tests.hmi.gate import HYDRAULICS, KNOWN, OPERATOR, SETPOINT, WRITABLE, GateFeed, book, work_tag, write
from tests.hmi.line import FORCE, TAGS
from tests.hmi.plant import NOW_US, PLANT

SETPOINT_TAG = next(each for each in TAGS if each.path == SETPOINT)


@pytest.fixture
def feed() -> GateFeed:
    return GateFeed()


@pytest.fixture
def desk(feed: GateFeed) -> ControlDesk:
    made = ControlDesk(feed)
    made.set_model(build(WRITABLE))
    made.set_who(KNOWN)
    made.take(book())
    return made


def held(desk: ControlDesk, feed: GateFeed, **more: Any) -> None:
    desk.select(SETPOINT, 212.0)
    feed.answer(write(**more))


def test_confirm_names_the_tag_and_the_value_that_were_seen(desk: ControlDesk, feed: GateFeed) -> None:
    held(desk, feed)
    desk.confirm("quality", "")
    assert feed.ops == ["select", "confirm"]
    body = feed.sent[-1].body
    assert (body["path"], body["value"], body["reason"]) == (SETPOINT, 212.0, "quality")


def test_confirm_is_sent_once_however_often_it_is_pressed(desk: ControlDesk, feed: GateFeed) -> None:
    held(desk, feed)
    for _ in range(3):
        desk.confirm("", "")
    assert feed.ops.count("confirm") == 1


def test_nothing_is_confirmed_that_is_not_selected(desk: ControlDesk, feed: GateFeed) -> None:
    desk.confirm("", "")
    desk.select(SETPOINT, 999.0)
    feed.answer(write("rejected", until_us=0, sent_us=0))
    desk.confirm("", "")
    assert feed.ops == ["select"]


def test_leaving_gives_back_what_is_selected(desk: ControlDesk, feed: GateFeed) -> None:
    held(desk, feed)
    desk.leave()
    assert feed.ops == ["select", "cancel"] and feed.sent[-1].body == {"id": "w1"}
    assert desk.write is None


def test_selection_that_comes_after_the_person_left_is_given_back_at_once(
    desk: ControlDesk, feed: GateFeed
) -> None:
    desk.select(SETPOINT, 212.0)
    desk.leave()
    feed.answer(write())
    assert feed.ops == ["select", "cancel"] and desk.write is None


def test_what_is_sent_is_not_cancelled_by_leaving(desk: ControlDesk, feed: GateFeed) -> None:
    held(desk, feed)
    desk.confirm("", "")
    desk.leave()
    feed.answer(write("verified"))
    assert feed.ops == ["select", "confirm"]


@pytest.mark.parametrize(
    "other",
    [
        Who(is_known=True),
        msgspec.structs.replace(OPERATOR, id="s2", person="jan"),
        msgspec.structs.replace(OPERATOR, is_locked=True),
    ],
    ids=["nobody", "another person", "locked"],
)
def test_log_over_and_lock_give_back_what_is_selected(desk: ControlDesk, feed: GateFeed, other: Any) -> None:
    held(desk, feed)
    who = other if isinstance(other, Who) else Who(True, session=other, actions=KNOWN.actions)
    desk.set_who(who)
    assert feed.ops == ["select", "cancel"] and desk.write is None


def test_lease_is_renewed_only_with_input_and_only_near_its_end(desk: ControlDesk, feed: GateFeed) -> None:
    held(desk, feed)
    desk.renew()
    assert feed.ops == ["select"], "much of it is left"
    feed.now = NOW_US + 10_000_000
    desk.tick()
    assert feed.ops == ["select", "renew"], "there was input since"
    feed.answer(write(until_us=NOW_US + 25_000_000))
    feed.now = NOW_US + 20_000_000
    desk.tick()
    assert feed.ops == ["select", "renew"], "no input since"


def test_engine_lost_while_confirming_leaves_doubt_until_it_tells(desk: ControlDesk, feed: GateFeed) -> None:
    held(desk, feed)
    desk.confirm("", "")
    feed.refuse("the engine went away before it answered")
    assert desk.is_doubtful and feed.ops[-1] == "control"
    desk.confirm("", "")
    assert feed.ops.count("confirm") == 1, "it may have been done"
    feed.answer({"writes": [write("verified")]})
    assert not desk.is_doubtful and desk.write is not None and desk.write.step == "verified"


def test_refused_confirmation_that_changed_nothing_can_be_tried_again(
    desk: ControlDesk, feed: GateFeed
) -> None:
    held(desk, feed)
    desk.confirm("", "")
    feed.refuse("choose a reason")
    feed.answer({"writes": [write()]})
    assert desk.trouble == "Choose a reason." and not desk.is_doubtful
    desk.confirm("quality", "")
    assert feed.ops.count("confirm") == 2


def test_news_from_the_book_never_takes_a_write_back(desk: ControlDesk, feed: GateFeed) -> None:
    held(desk, feed)
    desk.confirm("", "")
    feed.answer(write("verified"))
    desk.take(book(write("sent")))
    assert desk.write is not None and desk.write.step == "verified"


def test_device_that_did_it_late_is_told(desk: ControlDesk, feed: GateFeed) -> None:
    held(desk, feed)
    desk.confirm("", "")
    feed.answer(write("unknown"))
    desk.take(book(write("verified")))
    assert desk.write is not None and desk.write.step == "verified"


def test_nothing_is_written_in_replay_stalled_without_right_or_stage(desk: ControlDesk) -> None:
    assert desk.refusal(SETPOINT) == ""
    desk.set_past(True)
    assert "replay" in desk.refusal(SETPOINT)
    desk.set_past(False)
    desk.set_stalled(True)
    assert "does not answer" in desk.refusal(SETPOINT)
    desk.set_stalled(False)
    desk.take(book(stage="advise"))
    assert "Advise" in desk.refusal(SETPOINT)
    desk.take(book(refusing="the ledger cannot be written"))
    assert desk.refusal(SETPOINT) == "The ledger cannot be written."
    desk.take(book())
    desk.set_who(Who(True, session=OPERATOR, actions=frozenset()))
    assert "has not the right" in desk.refusal(SETPOINT)


def test_work_lock_and_another_hand_keep_a_tag_from_being_written(desk: ControlDesk) -> None:
    desk.take(book(work=(work_tag(),)))
    assert desk.refusal(SETPOINT) == "Work in progress: Ina Kern, phone 4711."
    assert desk.refusal(FORCE) == ""
    desk.take(book(write("unknown")))
    assert "Locked" in desk.refusal(SETPOINT)
    desk.take(book(write(by_name="J. Lead", station="desk 2")))
    assert desk.refusal(SETPOINT) == "J. Lead at desk 2 is changing it."


def test_command_under_way_keeps_its_asset_from_another(desk: ControlDesk) -> None:
    desk.take(book(write("sent", verb="start", asset=HYDRAULICS, path=f"{HYDRAULICS}/Pump start")))
    assert "start" in desk.refusal(HYDRAULICS, "command")


def test_buttons_are_not_drawn_at_the_stage_look_nor_before_the_engine_told(desk: ControlDesk) -> None:
    assert desk.is_drawn
    desk.take(book(stage="look"))
    assert not desk.is_drawn
    assert not ControlDesk(GateFeed()).is_drawn


def test_reason_that_was_used_last_comes_first(desk: ControlDesk, feed: GateFeed) -> None:
    held(desk, feed)
    desk.confirm("test", "")
    assert desk.reasons(SETPOINT)[0] == "test"
    assert sorted(desk.reasons(SETPOINT)) == sorted(desk.model.control.reasons)


def test_secret_of_the_second_person_is_in_the_request_and_nowhere_else(
    desk: ControlDesk, feed: GateFeed
) -> None:
    held(desk, feed, needs_second=True)
    desk.confirm("quality", "")
    feed.answer(write("confirmed", needs_second=True))
    desk.approve("lead", "correct horse")
    assert feed.sent[-1].body["secret"] == "correct horse"
    kept = {key: value for key, value in vars(desk).items() if key != "_sender"}
    assert "correct horse" not in repr(kept)


SILENT = (Check("A", True), Check("The device answers", False, "no"), Check("B", False, "b"))


@pytest.mark.parametrize(
    ("made", "mark", "said"),
    [
        (write("sent"), "pending", "being written 212.0\u202fbar…"),
        (write("verified"), "done", "written 14:13:46 by M. Operator"),
        (write("verified", second="J. Lead"), "done", "written 14:13:46 by M. Operator and J. Lead"),
        (write("unknown"), "unknown", "? unknown: locked – resolve"),
        (write("confirmed", needs_second=True), "pending", "212.0\u202fbar waits for a second person"),
        (write("rejected", sent_us=0), "none", ""),
        (
            write("rejected", why="out of range"),
            "refused",
            "212.0\u202fbar not written 14:13:46: Out of range.",
        ),
        (
            write(
                "rejected", checks=SILENT, why='"The device answers" does not hold: no; "B" does not hold: b'
            ),
            "refused",
            '212.0\u202fbar not written 14:13:46: "The device answers" does not hold: no. And 1 more.',
        ),
    ],
    ids=["sent", "verified", "by two", "unknown", "waits", "checks failed", "refused", "of several checks"],
)
def test_value_says_what_becomes_of_it(made: Any, mark: str, said: str) -> None:
    plant = msgspec.structs.replace(PLANT)
    found = words.at_value(made, SETPOINT_TAG, plant, NOW_US)
    assert (found.mark, found.text) == (mark, said)


def test_old_value_is_offered_for_as_long_as_the_engine_says() -> None:
    made = write("verified")
    assert words.undo_left(made, NOW_US + 30_000_000) == 9
    assert words.undo_left(made, NOW_US + 599_000_000) == 1
    assert words.undo_left(made, NOW_US + 600_000_000) == 0
    assert words.undo_left(write("unknown"), NOW_US) == 0
    resolved = write("closed", sent_us=NOW_US, rollback_until_us=NOW_US + 600_000_000)
    assert words.undo_left(resolved, NOW_US) == 10
