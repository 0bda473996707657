"""What follows along the plant's relations: in time, within bounds, the nearest cause, and nothing hidden."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from engine.alarms.companion import GRACE_US, Companion, Place
from engine.alarms.structure import structure
from engine.alarms.upstream import MOST_AT_ASSET, SLACK_US, WITHIN_US, Upstream
from engine.types import Alarm, LimitKind, Plant, Project, Spread

S = 1_000_000
BARE = structure(Project("", Plant(""), (), ()))
WAYS = {
    "Ram/Force": (Spread("Hydraulics", 1, "H feeds R.", True), Spread("Pump", 2, "P feeds H.", True)),
    "Hydraulics/Pressure": (Spread("Pump", 1, "P feeds H.", True),),
    "Pump/Current": (),
    "Robot/Load": (Spread("Feeder", 1, "F feeds R.", False),),
}
WHOLES = {"Fuse": ("Feeder",), "Bearing": ("Pump",)}


class Ways:
    """Where trouble spreads, as a test says it."""

    def places(self, path: str) -> tuple[Sequence[str], Sequence[str]]:
        own = path.rpartition("/")[0]
        return (own,), WHOLES.get(own, ())

    def before(self, path: str) -> Sequence[Spread]:
        return WAYS.get(path, ())


class Line:
    """Alarms that come to a companion; times in seconds of our clock and of their source."""

    def __init__(self) -> None:
        self.companion = Companion(BARE, Ways())
        self.ids: dict[str, int] = {}

    def alarm(self, path: str, at_s: float, priority: int = 3, kind: LimitKind = "h") -> Alarm:
        key = self.ids.setdefault(path, len(self.ids) + 1)
        return Alarm(path, kind, priority, True, round(at_s * S), round(at_s * S), id=key)

    def came(self, path: str, at_s: float, priority: int = 3, source_s: float | None = None) -> Place:
        alarm = self.alarm(path, at_s if source_s is None else source_s, priority)
        return self.companion.came(alarm, round(at_s * S))

    def left(self, path: str, at_s: float) -> None:
        self.companion.left(self.alarm(path, at_s), round(at_s * S))


def test_an_alarm_downstream_names_the_one_upstream_and_why() -> None:
    line = Line()
    assert line.came("Pump/Current", 0) == Place()
    assert line.came("Hydraulics/Pressure", 5) == Place(cause=1, why="P feeds H.")


def test_the_nearest_cause_says_why_and_the_head_of_all_is_named() -> None:
    line = Line()
    line.came("Pump/Current", 0)
    line.came("Hydraulics/Pressure", 5)
    assert line.came("Ram/Force", 9) == Place(cause=1, why="H feeds R.")


def test_of_two_that_are_equally_near_the_latest_is_the_cause() -> None:
    line = Line()
    line.came("Pump/Current", 0)
    line.came("Pump/Heat", 4)
    assert line.came("Hydraulics/Pressure", 5).cause == 2


def test_what_came_first_follows_from_nothing_that_comes_later() -> None:
    line = Line()
    assert line.came("Hydraulics/Pressure", 0).cause == 0
    assert line.came("Pump/Current", 5).cause == 0


@pytest.mark.parametrize(("late_s", "cause"), [(WITHIN_US / S, 1), (WITHIN_US / S + 1, 0)])
def test_what_comes_too_late_is_chance(late_s: float, cause: int) -> None:
    line = Line()
    line.came("Pump/Current", 0)
    assert line.came("Hydraulics/Pressure", late_s).cause == cause


@pytest.mark.parametrize(("ahead_s", "cause"), [(SLACK_US / S, 1), (SLACK_US / S + 0.1, 0)])
def test_source_times_may_be_a_little_out_of_order(ahead_s: float, cause: int) -> None:
    line = Line()
    line.came("Pump/Current", 10, source_s=10)
    assert line.came("Hydraulics/Pressure", 11, source_s=10 - ahead_s).cause == cause


@pytest.mark.parametrize(("gone_s", "cause"), [(GRACE_US / S, 1), (GRACE_US / S + 1, 0)])
def test_what_is_gone_is_a_cause_for_a_while(gone_s: float, cause: int) -> None:
    line = Line()
    line.came("Pump/Current", 0)
    line.left("Pump/Current", 10)
    assert line.came("Hydraulics/Pressure", 10 + gone_s).cause == cause


def test_a_part_speaks_for_its_whole_only_where_the_way_says_so() -> None:
    line = Line()
    line.came("Bearing/Heat", 0)
    line.came("Fuse/State", 0)
    assert line.came("Hydraulics/Pressure", 1).cause == 1
    assert line.came("Robot/Load", 1).cause == 0
    line.came("Feeder/Current", 2)
    assert line.came("Robot/Load", 3) == Place(cause=line.ids["Feeder/Current"], why="F feeds R.")


def test_the_gravest_alarm_never_follows_from_a_lower_one() -> None:
    line = Line()
    line.came("Pump/Current", 0, priority=2)
    assert line.came("Hydraulics/Pressure", 1, priority=1).cause == 0


def test_what_was_set_aside_is_nobodys_cause() -> None:
    line = Line()
    line.came("Pump/Current", 0)
    line.companion.aside(1)
    assert line.came("Hydraulics/Pressure", 1).cause == 0


def test_after_a_restart_what_stands_may_still_be_a_cause() -> None:
    line = Line()
    line.companion.resume([line.alarm("Pump/Current", 100)], 130 * S, 7 * S)
    assert line.came("Hydraulics/Pressure", 8, source_s=131).cause == 1


def test_of_a_flood_at_one_asset_the_latest_that_stand_are_kept() -> None:
    kept = Upstream(Ways())
    for number in range(1, MOST_AT_ASSET + 1):
        kept.note(number, "Pump/Current", number)
    kept.left(3)
    kept.note(100, "Pump/Current", 100)
    kept.note(101, "Pump/Current", 101)
    found = [alarm for alarm, _ in kept.of("Hydraulics/Pressure", 200)]
    assert found == [101, 100, *(number for number in range(MOST_AT_ASSET, 1, -1) if number != 3)]


def test_without_relations_nothing_changes() -> None:
    bare = Companion(BARE)
    alarms = Line()
    assert bare.came(alarms.alarm("Pump/Current", 0), 0) == Place()
    assert bare.came(alarms.alarm("Hydraulics/Pressure", 1), S) == Place()
