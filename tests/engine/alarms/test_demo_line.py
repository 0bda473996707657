"""alarms.csv of the demo line against its model: calm while all is well, right when it is not."""

from __future__ import annotations

from collections import Counter
from functools import cache

import msgspec
import numpy as np
import pytest

from engine import alarms, paths
from engine.alarms.lint import lint
from engine.app.project import load
from engine.testing.demo_plant.conditions import Conditions, Fault
from engine.testing.demo_plant.framing.plant import PLANT
from engine.testing.demo_plant.plant import Model
from engine.types import Batch, Limit, Project, Tag

STOPS = {"Station in fault", "Guard open", "Light curtain interrupted"}
"""The line stops now and then, as lines do."""
ROWS = 300


@cache
def line() -> tuple[Project, Model, tuple[Tag, ...]]:
    """The project, its model, and its tags numbered as the model's columns."""
    project, model = load(paths.resources() / "demo" / "framing"), Model(PLANT)
    column = {point.path: k for k, point in enumerate(model.points)}
    numbered = tuple(msgspec.structs.replace(tag, tag_id=column[tag.path]) for tag in project.tags)
    return project, model, numbered


def run(conditions: Conditions, start_s: float, minutes: float) -> list[tuple[Limit, bool, float]]:
    """What comes and goes (limit, came, model seconds) from ``start_s`` on, a sample a second."""
    project, model, tags = line()
    limits, found = alarms.Conditions(project.limits, tags), list[tuple[Limit, bool, float]]()
    ids = np.arange(len(model.points), dtype=np.int32)
    for first in range(0, round(minutes * 60), ROWS):
        times_s = start_s + np.arange(first, min(first + ROWS, round(minutes * 60)), dtype=np.float64)
        times = np.round(times_s * 1e6).astype(np.int64)
        batch = Batch(0, ids, times, times, model.values(conditions, times_s), np.zeros(len(ids), np.uint32))
        changes = limits.judge(batch, None, int(times[-1]))
        if changes is not None:
            columns = changes.limits, changes.active, changes.time_us / 1e6
            found += [
                (limits.rows[row], came, time)
                for row, came, time in zip(*(each.tolist() for each in columns), strict=True)
            ]
    return sorted(found, key=lambda each: each[2])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_ten_minutes_of_a_healthy_line_raise_nothing_but_the_stops_of_a_line(seed: int) -> None:
    assert {limit.message for limit, _, _ in run(Conditions(seed=seed), 0.0, 10)} <= STOPS


def test_the_demo_starts_without_any_alarm() -> None:
    assert run(Conditions(seed=1), 0.0, 5) == []


@pytest.mark.parametrize(
    ("fault", "size", "minutes", "raised"),
    [
        ("seal-leak", 0.5, 2, {("Pressure high", 2)}),
        ("seal-leak", 0.92, 8, {("Pressure high", 2), ("Pressure high-high", 1)}),
        ("tip-wear", 0.85, 2, {("Weld current high", 2)}),
        ("air-leak", 0.55, 4, {("Header pressure low", 2), ("Leak rate high", 3)}),
        ("air-leak", 0.93, 4, {("Header pressure low", 2), ("Header pressure low-low", 1)}),
        ("pump-cavitation", 0.75, 1, {("Water pump vibration high", 3)}),
        ("bearing-wear", 0.75, 1, {("Pump vibration high", 3)}),
        ("clogged-filter", 0.85, 1.5, {("Filter pressure drop high", 3), ("Filter clogged", 3)}),
        ("cooling-loss", 0.8, 1, {("Cooling water warm", 3)}),
        ("sensor-drift", 0.85, 1, {("Oil temperature high", 3)}),
        ("stuck-sensor", 0.6, 1.5, {("Servo valve does not follow its demand", 3)}),
    ],
)
def test_a_fault_raises_its_alarm(
    fault: str, size: float, minutes: float, raised: set[tuple[str, int]]
) -> None:
    ill = Conditions(seed=1).with_fault(Fault(fault, 0.0, PLANT.faults[fault], size))
    assert raised <= {(limit.message, limit.priority) for limit, came, _ in run(ill, 0.0, minutes) if came}


@pytest.mark.parametrize("fault", sorted(PLANT.faults))
def test_while_a_fault_grows_no_alarm_comes_again_within_a_minute(fault: str) -> None:
    conditions = Conditions(seed=1).with_fault(Fault(fault, 0.0, PLANT.faults[fault], 0.4))
    came: dict[tuple[str, str], float] = {}
    for limit, active, time in run(conditions, 0.0, 60):
        if active:
            before = came.get((limit.path, limit.kind))
            assert before is None or time - before > 60, f"{limit.message} of {limit.path} chatters"
            came[limit.path, limit.kind] = time
    assert came, "the fault was seen"


def test_priorities_lie_as_the_standard_advises() -> None:
    """ISA-18.2: about 80 % low, 15 % medium, 5 % high."""
    project, _, _ = line()
    count = Counter(limit.priority for limit in project.limits if limit.priority)
    share = {priority: count[priority] / count.total() for priority in (1, 2, 3)}
    assert 0.03 < share[1] <= 0.05
    assert 0.1 < share[2] <= 0.15
    assert share[3] >= 0.8


def test_rationalisation_finds_nothing_to_do() -> None:
    project, _, _ = line()
    assert lint(project.limits, project.alarm_classes, project.alarm_settings, project) == []


def test_every_alarm_says_what_it_is_why_and_what_to_do() -> None:
    project, _, _ = line()
    mute = {limit.path for limit in project.limits if limit.priority and not all(_words(limit))}
    assert not mute
    longest = max((word for limit in project.limits for word in _words(limit)), key=len)
    assert len(longest) <= 60, f"too long for the alarm line: {longest}"


def _words(limit: Limit) -> tuple[str, str, str]:
    return limit.message, limit.cause, limit.response


def test_the_demo_shows_what_alarms_can_do() -> None:
    project, _, _ = line()
    limits = [limit for limit in project.limits if limit.priority]
    assert {"dev", "rate", "disc", "bad", "expr"} <= {limit.kind for limit in limits}
    assert all(limit.consequence and limit.respond_s for limit in limits)
    classes = {each.id for each in project.alarm_classes}
    assert {limit.alarm_class for limit in limits} == {"", *classes}
    for name in ("latching", "count", "group", "suppress", "realarm_s"):
        assert any(getattr(limit, name) for limit in limits), name
    assert {limit.quality for limit in limits} >= {"hold", "raise"}
