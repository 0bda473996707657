"""Alarms in words and badges, decided without a screen."""

from __future__ import annotations

from engine.types import Alarm, Plant, Project, Tag
from hmi import alarms
from hmi.alarms import Badge
from hmi.model import build

PRESSURE = "Line/S50 Roof press/Hydraulics/Pressure"
AIR = "Utilities/Compressed air/Pressure"
T0 = 1_795_353_226_000_000


def alarm(path: str, priority: int = 2, state: str = "active", at_us: int = T0, **more: object) -> Alarm:
    """An alarm of a high limit."""
    return Alarm(path, "h", priority, state, at_us, at_us, **more)  # pyright: ignore[reportArgumentType]


def test_a_badge_stands_at_every_level_up_the_tree_with_the_worst_priority_and_the_count() -> None:
    found = alarms.badges([alarm(PRESSURE, 1), alarm("Line/S30 Weld/Current", 2), alarm(AIR, 3, "returned")])
    assert found[PRESSURE] == Badge(1, 1)
    assert found["Line/S50 Roof press/Hydraulics"] == Badge(1, 1)
    assert found["Line"] == Badge(1, 2)
    assert AIR not in found and "Utilities" not in found


def test_only_active_alarms_are_counted_by_priority() -> None:
    given = [alarm(PRESSURE, 1), alarm(AIR, 2), alarm(AIR, 2), alarm(AIR, 4, "returned")]
    assert alarms.counts(given) == (1, 2, 0, 0)


def test_worst_first_is_active_then_priority_then_newest() -> None:
    old, new = alarm("a", 2, at_us=1), alarm("b", 2, at_us=2)
    gone, low = alarm("c", 1, "returned"), alarm("d", 3)
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
    assert alarms.state_words(alarm(PRESSURE, state="returned"), "UTC") == "returned 13:13"
    assert alarms.advice(alarm(PRESSURE, cause="seal leak", response="inspect")) == "seal leak: inspect"
    assert alarms.advice(alarm(PRESSURE, response="inspect")) == "inspect"
    assert alarms.spoken(None) == "no alarm"
    assert alarms.spoken(Badge(1, 2)) == "2 alarms, worst priority 1"


def test_alarms_of_an_asset_are_those_at_or_below_it_and_not_of_its_namesakes() -> None:
    given = [alarm("A/B/x"), alarm("A/BC/x"), alarm("A/B")]
    assert alarms.of_asset(given, "A/B") == (given[0], given[2])
