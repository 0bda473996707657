"""Alarms in words and badges, decided without a screen."""

from __future__ import annotations

import pytest

from engine.types import Alarm, Plant, Project, Service, Shelf, Tag
from hmi import alarms
from hmi.alarms import Badge
from hmi.model import build

PRESSURE = "Line/S50 Roof press/Hydraulics/Pressure"
AIR = "Utilities/Compressed air/Pressure"
T0 = 1_795_353_226_000_000


def alarm(path: str, priority: int = 2, active: bool = True, at_us: int = T0, **more: object) -> Alarm:
    """An alarm of a high limit."""
    return Alarm(path, "h", priority, active, at_us, at_us, **more)  # pyright: ignore[reportArgumentType]


def test_a_badge_stands_at_every_level_up_the_tree_with_the_worst_priority_and_the_count() -> None:
    found = alarms.badges(
        [alarm(PRESSURE, 1), alarm("Line/S30 Weld/Current", 2), alarm(AIR, 3, active=False)]
    )
    assert found[PRESSURE] == Badge(1, 1, waiting=1)
    assert found["Line/S50 Roof press/Hydraulics"] == Badge(1, 1, waiting=1)
    assert found["Line"] == Badge(1, 2, waiting=2)
    assert found[AIR] == found["Utilities"] == Badge(3, 1, waiting=1, is_over=True)


def test_what_returned_counts_but_does_not_hide_what_is_active() -> None:
    acked = alarm("A/B/y", 3, letter="C", acked=True)
    found = alarms.badges([alarm("A/B/x", 1, active=False, letter="D"), acked])
    assert found["A"] == found["A/B"] == Badge(3, 2, waiting=1)
    assert found["A/B/y"] == Badge(3, 1)
    assert alarms.spoken(found["A"]) == "2 alarms, worst priority 3, 1 not acknowledged"
    assert alarms.spoken(found["A/B/x"]) == "1 alarm, priority 1, over, 1 not acknowledged"


@pytest.mark.parametrize(("letter", "word"), [("E", "shelved"), ("F", "suppressed"), ("G", "out of service")])
def test_what_is_set_aside_is_no_alarm_and_is_told_in_a_word_at_every_level(letter: str, word: str) -> None:
    given = [alarm("A/B/x", 1, letter=letter), alarm("A/C/y", 2, active=False, letter=letter)]
    assert alarms.badges(given) == {}
    assert alarms.counts(given) == (0, 0, 0, 0)
    found = alarms.asides(given)
    assert alarms.aside_words(found["A"]) == f"2 {word}"
    assert alarms.aside_words(found["A/B"]) == alarms.aside_words(found["A/B/x"]) == f"1 {word}"
    assert alarms.aside_words(found.get("D")) == ""
    assert alarms.worst_first([*given, alarm("D", 4, active=False)])[0].path == "D"


def test_alarms_set_aside_for_several_reasons_are_told_one_by_one_or_in_short_together() -> None:
    given = [alarm("A/x", letter=each) for each in "EEFG"]
    assert alarms.aside_words(alarms.aside_of(given)) == "2 shelved, 1 suppressed, 1 out of service"
    assert alarms.aside_short(alarms.aside_of(given)) == "4 set aside"
    assert alarms.aside_short(alarms.aside_of(given[:2])) == "2 shelved"


def test_state_of_what_is_set_aside_says_why_and_whether_its_condition_stands() -> None:
    shelf, service = Shelf(T0, T0 + 3_600_000_000, "m.keller"), Service(T0, "a.lang", "permit 17")
    shelved = alarm(PRESSURE, letter="E", shelf=shelf)
    assert alarms.state_words(shelved, "UTC") == "shelved until 14:13 by m.keller, its condition stands"
    assert alarms.state_words(alarm(AIR, active=False, letter="G", service=service), "UTC") == (
        "out of service, permit 17"
    )
    assert alarms.state_words(alarm(AIR, active=False, letter="F", suppressed="line stopped"), "UTC") == (
        "suppressed: line stopped"
    )


def test_only_active_alarms_are_counted_by_priority() -> None:
    given = [alarm(PRESSURE, 1), alarm(AIR, 2), alarm(AIR, 2), alarm(AIR, 4, active=False)]
    assert alarms.counts(given) == (1, 2, 0, 0)


def test_worst_first_is_active_then_priority_then_newest() -> None:
    old, new = alarm("a", 2, at_us=1), alarm("b", 2, at_us=2)
    gone, low = alarm("c", 1, active=False), alarm("d", 3)
    assert alarms.worst_first([gone, low, old, new]) == (new, old, low, gone)


def test_where_names_the_station_by_its_number_and_the_equipment() -> None:
    tags = (Tag(0, PRESSURE, "s", "a"), Tag(1, AIR, "s", "a"))
    model = build(Project("", Plant("Body shop"), (), tags))
    assert alarms.where(model, alarm(PRESSURE)) == "S50 Hydraulics"
    assert alarms.where(model, alarm(AIR)) == "Compressed air"
    assert alarms.where(model, alarm("Gone/Tag")) == "Gone/Tag"


def test_words_of_an_alarm() -> None:
    assert alarms.message(alarm(PRESSURE)) == "Pressure high"
    assert alarms.message(alarm(PRESSURE, message="Too much")) == "Too much"
    assert alarms.state_words(alarm(PRESSURE), "UTC") == "active"
    assert alarms.state_words(alarm(PRESSURE, active=False), "UTC") == "returned 13:13"
    assert alarms.advice(alarm(PRESSURE, cause="seal leak", response="inspect")) == "seal leak: inspect"
    assert alarms.advice(alarm(PRESSURE, response="inspect")) == "inspect"
    assert alarms.spoken(None) == "no alarm"
    assert alarms.spoken(Badge(1, 2)) == "2 alarms, worst priority 1"


def test_alarms_of_an_asset_are_those_at_or_below_it_and_not_of_its_namesakes() -> None:
    given = [alarm("A/B/x"), alarm("A/BC/x"), alarm("A/B")]
    assert alarms.of_asset(given, "A/B") == (given[0], given[2])
