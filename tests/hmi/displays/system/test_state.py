"""What System shows, decided without a screen."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest

from engine.types import SourceStatus
from hmi.displays.system import state as system
from tests.hmi.plant import NOW_US, PLANT, source
from tests.hmi.sources import (
    detail,
    early,
    engine,
    events,
    note,
    refused,
    secured,
    silent,
    troubled,
    unreachable,
)

STATES = ("connecting", "connected", "stale", "refused", "stopped")


def told(*sources: SourceStatus) -> system.System:
    """System after one piece of news."""
    return system.told(system.System(), sources)


def ids(state: system.System) -> list[str]:
    """The list from top to bottom."""
    return [row.id for row in system.rows(state, "en")]


def test_sources_that_need_a_look_stand_first_and_the_rest_in_file_order() -> None:
    state = told(source("a"), secured("b", good=3), source("c"), unreachable("d"), refused("e"), source("f"))
    assert ids(state) == ["d", "e", "b", "a", "c", "f"]
    assert state.chosen == "d", "the first page is that of the worst"


def test_choice_stays_while_the_order_changes_and_moves_on_when_its_source_is_gone() -> None:
    state = system.opened(told(source("a"), source("b")), "b")
    state = system.told(state, [unreachable("a"), source("b")])
    assert (ids(state), state.chosen) == (["a", "b"], "b")
    assert system.told(state, [source("a")]).chosen == "a"
    assert system.told(state, []).chosen == ""
    assert system.opened(state, "nobody") == state


def test_row_is_calm_while_all_is_well_and_says_what_is_not() -> None:
    def row(each: SourceStatus) -> tuple[str, str, str, str]:
        made = system.rows(told(each), "en")[0]
        return made.mark, made.state, made.good, made.age

    assert row(secured(good=1812, tags=1812)) == (
        "well",
        "connected · opcua",
        "1\u202f812 of 1\u202f812",
        "0.2 s",
    )
    assert row(secured(notes=2)) == ("well", "connected · 2 notes", "812 of 812", "0.2 s")
    assert row(secured(good=811)) == ("look", "1 tag needs a look", "811 of 812", "0.2 s")
    assert row(early()) == ("look", "clock 62 s ahead", "812 of 812", "0.2 s")
    assert row(silent()) == ("look", "no answer", "0 of 812", "1 min ago")
    assert row(refused()) == ("look", "refused", "0 of 812", "")


def test_nothing_is_known_while_the_engine_is_silent() -> None:
    state = system.System(told(source("a"), refused("b")).sources, "a", is_stalled=True)
    made = system.rows(state, "en")
    assert {row.mark for row in made} == {"unknown"}
    assert {row.state for row in made} == {"not known"}
    assert system.summary(state) == "not known"
    assert system.page_mark(source(), True) == "unknown"
    assert "does not answer" in system.headline(source(), True)
    assert not system.can_retry(refused(), True)
    assert "Not known" in system.calm_words(source(), detail(source()), True)
    assert system.troubled_words(detail(source()), True) == "not known yet"


def test_summary_counts_those_that_need_a_look() -> None:
    assert system.summary(told()) == "none yet"
    assert system.summary(told(source())) == "well"
    assert system.summary(told(refused())) == "needs a look"
    assert system.summary(told(source("a"), source("b"))) == "all 2 well"
    assert system.summary(told(source("a"), refused("b"), early("c"))) == "2 of 3 need a look"


def test_headline_of_a_link_that_is_well_is_one_calm_sentence() -> None:
    words = "Connected and encrypted (Aes256_Sha256_RsaPss). 812 of 812 tags good."
    assert system.headline(secured()) == words
    assert system.headline(source()) == "Connected over an open link, not encrypted. 4 of 4 tags good."
    assert "No tag uses it yet" in system.headline(secured(tags=0, good=0))


def test_headline_of_a_working_link_still_says_what_is_not_right() -> None:
    assert system.headline(secured(good=512)).endswith("512 of 812 tags good, 300 need a look.")
    assert system.headline(secured(good=811)).endswith("811 of 812 tags good, 1 needs a look.")
    assert system.headline(early()).endswith("Its clock is 62 s ahead.")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (silent(), "Connected, but no answer for 1 min."),
        (refused(), "Refused: the link stays closed until a person acts."),
        (unreachable(), "Connection lost, last news 3 min ago. The engine keeps trying by itself."),
        (secured(state="connecting", age_s=None), "Not connected yet. The engine keeps trying by itself."),
        (secured(state="stopped"), "Stopped: the engine does not talk to this source."),
    ],
)
def test_headline_says_how_a_link_stands(status: SourceStatus, words: str) -> None:
    assert system.headline(status) == words


@pytest.mark.parametrize(
    ("state", "age_s", "what", "do", "error"),
    [
        *itertools.product(
            STATES, (None, 0.2, 185.0), ("", "it broke"), ("", "mend it"), ("", "it broke before")
        )
    ],
)
def test_every_state_is_told_in_words_and_only_a_working_link_has_no_trouble(
    state: Any, age_s: float | None, what: str, do: str, error: str
) -> None:
    status = secured(state=state, age_s=age_s, what=what, do=do, last_error=error)
    assert system.headline(status).endswith(".")
    assert system.rows(told(status), "en")[0].state
    found = system.trouble(status)
    assert (found is None) == (state == "connected" and not what)
    if found is not None:
        assert found.what.endswith(".")
        assert (found.what == "It broke.") == bool(what)
        assert found.do.endswith(".") or what, "what the engine says without advice stays its own"


def test_trying_now_is_offered_only_while_something_waits() -> None:
    offered = [state for state in STATES if system.can_retry(secured(state=state), False)]
    assert offered == ["connecting", "refused"]


def test_facts_say_what_the_driver_told_and_what_nobody_told() -> None:
    facts = {fact.name: fact for fact in system.link_facts(secured(), detail(secured()), "en")}
    assert facts["Publishing interval"].text == "1 s (asked 0.5 s)"
    assert facts["Security"].text == "Aes256_Sha256_RsaPss"
    twice = detail(secured(), facts=(("security", "the same again"),))
    assert [f.text for f in system.link_facts(secured(), twice, "en") if f.name == "Security"] == [
        "Aes256_Sha256_RsaPss"
    ]
    assert facts["Its clock"].text == "right to the second"
    assert "Last trouble" not in facts
    facts = {fact.name: fact for fact in system.link_facts(source(last_error="it broke"), None, "en")}
    assert facts["Its clock"].text == "not told by the device"
    assert facts["Last trouble"].text == "it broke"
    assert facts["Security"].text == "Open link, not encrypted"
    early_facts = {fact.name: fact for fact in system.link_facts(early(), None, "en")}
    assert early_facts["Its clock"].is_poor and early_facts["Its clock"].text == "62 s ahead"


def test_trouble_that_lasts_is_not_told_twice() -> None:
    assert "Last trouble" not in {fact.name for fact in system.link_facts(refused(), None, "en")}


def test_notes_are_sentences_with_their_time_at_the_plant() -> None:
    made = system.notes(detail(early(), notes=(note(),)), PLANT, NOW_US)
    assert made[0].what.startswith("Its clock is 62 s ahead") and made[0].what.endswith(".")
    assert made[0].do == "Set the clock of the device, or give it a time server."
    assert made[0].since == "since 13:31:46"


def test_tags_in_trouble_say_which_where_how_and_why() -> None:
    known = detail(secured(good=811), troubled=troubled(1), troubled_count=1)
    assert system.troubled_rows(known) == (
        (
            "Body shop/S20/Hydraulics/Valve 1",
            "nsu=urn:press-s50;s=S50.Valve1",
            "bad",
            "node does not exist on the server",
        ),
    )
    assert system.troubled_words(known, False) == "1"


def test_long_list_says_that_it_is_not_all_of_them() -> None:
    known = detail(silent(), troubled=troubled(200), troubled_count=812)
    assert system.troubled_words(known, False) == "the first 200 of 812"
    assert system.troubled_words(detail(secured()), False) == "none"


def test_calm_words_never_say_more_than_is_known() -> None:
    assert system.calm_words(secured(), detail(secured()), False) == "All 812 tags have good values."
    for unknown in (
        system.calm_words(secured(), None, False),
        system.calm_words(silent(), detail(silent()), False),
    ):
        assert unknown == "Waiting for the engine to tell."
    empty = secured(tags=0, good=0)
    assert "tags.csv" in system.calm_words(empty, detail(empty), False)


def test_last_changes_stand_newest_first_in_the_time_of_the_plant() -> None:
    known = detail(
        secured(), events=events((90_000, "connecting", ""), (60, "connected", ""), (5, "stale", "x\ny"))
    )
    assert system.event_rows(known, PLANT, NOW_US) == (
        ("14:13:41", "no answer", "x y"),
        ("14:12:46", "connected", ""),
        ("Sat 21 Nov 13:13:46", "connecting", ""),
    )


def test_answer_of_the_engine_becomes_a_struct_and_rubbish_does_not() -> None:
    known = detail(early(), notes=(note(),), troubled=troubled(2), troubled_count=2)
    plain = msgspec.msgpack.decode(msgspec.msgpack.encode(known))
    assert system.as_detail(plain) == known
    for rubbish in (None, True, {}, {"status": 1}):
        assert system.as_detail(rubbish) is None


def test_engine_is_told_with_the_clocks_of_the_devices() -> None:
    facts = {fact.name: fact for fact in system.engine_facts(engine(dropped=1200), [early()], "en")}
    assert facts["Running for"].text == "2 h"
    assert facts["Values in"].text == "852/s, 61/s kept"
    assert facts["Dropped"].is_poor and facts["Dropped"].text == "1\u202f200 samples"
    assert facts["Clocks"].is_poor and facts["Clocks"].text == "press 62 s ahead"
    assert "Out of order" not in facts
    assert system.engine_facts(None, [], "en")[0].text == "no figures yet"
    late = {fact.name: fact for fact in system.engine_facts(engine(late=12, duplicates=3), [], "en")}
    assert late["Out of order"].text == "12 late, 3 twice"
    calm = {fact.name: fact for fact in system.engine_facts(engine(lag_ms_p99=None), [secured()], "en")}
    assert not any(fact.is_poor for fact in calm.values())
    assert calm["Clocks"].text == "within 5 s of ours"
    assert calm["Lag, 99 of 100"].text == "not measured yet"


def test_hundreds_of_sources_are_all_there_and_each_is_marked_once() -> None:
    many = [source(f"plc {n}", "stale" if n % 100 == 7 else "connected") for n in range(500)]
    made = system.rows(told(*many), "en")
    assert len({row.id for row in made}) == 500
    assert [row.id for row in made if row.mark == "look"] == [
        "plc 7",
        "plc 107",
        "plc 207",
        "plc 307",
        "plc 407",
    ]
    assert [row.mark for row in made[:6]] == ["look"] * 5 + ["well"]
