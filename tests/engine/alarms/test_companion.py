"""Which alarm was the first, and which of the others probably follow from it."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from engine import paths
from engine.alarms import Conditions
from engine.alarms.companion import MOST_IN_UNIT, Companion, Place
from engine.alarms.structure import Structure, structure
from engine.app.project import load
from engine.testing.demo_plant import conditions as faults
from engine.testing.demo_plant.framing.plant import PLANT
from engine.testing.demo_plant.plant import Model
from engine.types import (
    Alarm,
    AssetRow,
    AssetType,
    Batch,
    Interlock,
    LimitKind,
    Mimic,
    MimicPipe,
    MimicSymbol,
    Part,
    Plant,
    Project,
    Source,
    Tag,
)

S = 1_000_000
PUMP, FLOW, STATE = "Line/S1 Press/Pump/Running", "Line/S1 Press/Pump/Flow", "Line/S1 Press/State"
GUARD, OTHER_GUARD = "Line/S1 Press/Guard closed", "Line/S1 Press/Gate closed"
VALVE, MOTOR = "Line/S1 Press/Valve/Flow", "Line/S1 Press/Motor/Drives on"
ROBOT_1, ROBOT_2 = "Line/S1 Press/Robot 1/Current", "Line/S1 Press/Robot 2/Current"
HEADER, LEAK = "Utilities/Air/Pressure", "Utilities/Air/Leak rate"
BRANCH_1, BRANCH_2 = "Utilities/Air/Branch S1/Flow", "Utilities/Air/Branch S2/Flow"
STATION_AIR, FAR_AIR = "Line/S1 Press/Supply/Air pressure", "Line/S2 Weld/Supply/Air pressure"
FAR_STATE = "Line/S2 Weld/State"
OF_PLC = (PUMP, FLOW, STATE, GUARD, OTHER_GUARD, VALVE, MOTOR, ROBOT_1, ROBOT_2, STATION_AIR)
OF_UTILITIES = (HEADER, LEAK, BRANCH_1, BRANCH_2)


def project(**more: Any) -> Project:
    sources = dict.fromkeys(OF_PLC, "plc-1") | dict.fromkeys(OF_UTILITIES, "air")
    sources |= {FAR_AIR: "plc-2", FAR_STATE: "plc-2"}
    tags = tuple(Tag(k, path, source, "x") for k, (path, source) in enumerate(sources.items()))
    locks = (Interlock("Guard closed"), Interlock("Gate closed"))
    types = (
        AssetType(id="unit", paths=("Line/S? *",), level="unit", state="State", interlocks=locks),
        AssetType(id="air", paths=("Utilities/*",), level="utility"),
    )
    symbols = (
        MimicSymbol("pump", (0, 0), asset="Pump", running="Pump/Running", lines=("Pump/Flow",)),
        MimicSymbol("valve", (300, 0), lines=("Valve/Flow",)),
    )
    mimic = Mimic("Line/S1 Press", symbols=symbols, pipes=(MimicPipe(((95, 50), (305, 50))),))
    hosts = (("plc-1", "10.0.0.7:4840"), ("plc-2", "10.0.0.7:4841"), ("air", "127.0.0.1:1"))
    told = tuple(Source(name, "opcua", f"opc.tcp://{host}") for name, host in hosts)
    return Project("/p", Plant("P"), told, tags, types, mimics=(mimic,), **more)


class Line:
    """A companion, and alarms that come to it by seconds of our clock."""

    def __init__(self, plant: Structure | None = None) -> None:
        self.companion = Companion(plant or structure(project()))
        self._ids: dict[tuple[str, str], int] = {}

    def alarm(self, path: str, kind: LimitKind = "h", priority: int = 3, **more: Any) -> Alarm:
        key = self._ids.setdefault((path, kind), len(self._ids) + 1)
        return Alarm(path, kind, priority, True, 0, 0, id=key, **more)

    def came(self, second: float, path: str, kind: LimitKind = "h", priority: int = 3, **more: Any) -> Place:
        return self.companion.came(self.alarm(path, kind, priority, **more), round(second * S))

    def left(self, second: float, path: str, kind: LimitKind = "h", **more: Any) -> int:
        return self.companion.left(self.alarm(path, kind, **more), round(second * S))


def test_the_first_alarm_of_a_group_is_marked_until_the_group_is_quiet() -> None:
    line = Line()
    assert line.came(1, PUMP, "off", group="trip").is_first
    assert not line.came(2, FLOW, "l", group="trip").is_first
    assert line.left(3, PUMP, "off", group="trip") == 0, "the other one is still there"
    assert line.came(4, PUMP, "off", group="trip").is_first, "it still is the one that was first"
    assert line.left(5, PUMP, "off", group="trip") == 0
    assert line.left(6, FLOW, "l", group="trip") == 1, "quiet: the mark of alarm 1 ends"
    assert line.came(7, FLOW, "l", group="trip").is_first


def test_an_alarm_of_no_group_is_never_marked() -> None:
    line = Line()
    assert not line.came(1, PUMP, "off").is_first
    assert line.left(2, PUMP, "off") == 0


def test_a_suppressed_alarm_is_the_first_of_its_group_and_the_cause_of_none() -> None:
    line = Line()
    assert line.came(1, PUMP, "off", group="g", letter="F").is_first
    assert not line.came(2, VALVE, "l", group="g").is_first
    assert line.came(3, STATE, "on").cause == 0


def test_the_same_value_past_its_next_limit_follows_from_the_first_alarm() -> None:
    line = Line()
    line.came(1, FLOW, "h")
    assert line.came(7200, FLOW, "hh", 2).cause == 1, "however long it takes, while the first one stands"
    assert line.came(7201, FLOW, "l").cause == 0, "the other side"


def test_an_alarm_of_the_highest_priority_never_follows_from_a_lower_one() -> None:
    line = Line()
    line.came(1, FLOW, "h", 2)
    assert line.came(2, FLOW, "hh", 1).cause == 0
    assert line.came(3, FLOW, "trip", 1).cause == 2, "but from one as high"


def test_an_open_interlock_explains_that_its_unit_stopped() -> None:
    line = Line()
    line.came(1, GUARD, "off")
    assert line.came(5, STATE, "on") == Place(False, 1, "An interlock of its unit opened before.")
    assert line.came(6, MOTOR, "off").cause == 1
    assert line.came(7, OTHER_GUARD, "off").cause == 0, "an interlock explains no other"
    assert line.came(8, FAR_STATE, "on").cause == 0, "nor another unit"


def test_an_interlock_of_long_ago_explains_nothing() -> None:
    line = Line()
    line.came(1, GUARD, "off")
    assert line.came(62, STATE, "on").cause == 0


def test_what_comes_before_never_follows_from_what_comes_after() -> None:
    line = Line()
    assert line.came(1, STATE, "on").cause == 0
    assert line.came(2, GUARD, "off").cause == 0


def test_a_row_that_names_what_came_before_as_its_cause_follows_from_it() -> None:
    line = Line()
    line.came(1, PUMP, "off", message="Pump stopped")
    found = line.came(1800, VALVE, "l", message="Oil short", cause="pump running or valve flow")
    assert found.cause == 1
    assert found.why == "Its row in alarms.csv names what came before as a cause."
    assert line.came(1801, ROBOT_1, cause="nothing at all; gripper worn").cause == 0


def test_twins_explain_nothing_of_each_other() -> None:
    line = Line()
    line.came(1, ROBOT_1, message="Weld current high", cause="tip wear")
    assert line.came(2, ROBOT_2, message="Weld current high", cause="weld current or tip wear").cause == 0


def test_downstream_on_the_drawing_a_lack_follows_from_a_lack() -> None:
    line = Line()
    line.came(1, PUMP, "off")
    assert line.came(30, VALVE, "l").why.startswith("It lies downstream on the drawing")
    line = Line()
    line.came(1, VALVE, "l")
    assert line.came(30, PUMP, "off").cause == 0, "not upstream"


def test_a_supply_that_falls_short_is_missed_in_what_it_feeds() -> None:
    line = Line()
    line.came(1, HEADER, "l", 2)
    assert line.came(10, STATION_AIR, "l") == Place(False, 1, "What feeds its unit fell short before.")
    assert line.came(11, FAR_AIR, "l").cause == 1
    assert line.came(12, FLOW, "l").cause == 0, "a lack of something else"


def test_a_branch_feeds_only_its_own_unit() -> None:
    line = Line()
    line.came(1, BRANCH_2, "l")
    assert line.came(10, STATION_AIR, "l").cause == 0
    assert line.came(11, FAR_AIR, "l").cause == 1


def test_a_pipe_of_the_scene_tells_what_is_fed() -> None:
    zone = Part("zone", "Line/S1 Press", at=(0.0, 0.0, 0.0), size=(4.0, 4.0, 1.0))
    far = Part("zone", "Line/S2 Weld", at=(20.0, 0.0, 0.0), size=(4.0, 4.0, 1.0))
    pipe = Part("pipe", "Utilities/Air", points=((9.0, 9.0, 0.5), (2.4, 0.0, 0.5)))
    by_pipe = structure(project(parts=(zone, far, pipe)))
    assert by_pipe.feeds("Utilities/Air", "", "Line/S1 Press")
    assert "Utilities/Air" in by_pipe.fed_by["Line/S1 Press"]["Utilities/Air"]
    short = msgspec.structs.replace(pipe, points=((9.0, 9.0, 0.5), (3.0, 0.0, 0.5)))
    nowhere = structure(project(parts=(zone, far, short)))
    assert nowhere.fed_by["Line/S1 Press"]["Utilities/Air"] == {"Utilities/Air/Branch S1"}


def test_a_lost_link_explains_what_its_device_says_while_it_is_lost() -> None:
    line = Line()
    line.came(1, "plc-1", "link", 2)
    assert line.came(2, FLOW, "bad").cause == 1
    assert line.came(3, FAR_STATE, "bad").cause == 0, "of another device"
    line.left(4, "plc-1", "link")
    assert line.came(5, PUMP, "off").cause == 0


def test_links_of_one_host_are_lost_together_but_for_this_machine() -> None:
    line = Line()
    line.came(1, "plc-1", "link", 2)
    assert line.came(2, "plc-2", "link", 2).why == "Both devices are reached through the same host."
    assert line.came(3, "air", "link", 2).cause == 0


def test_the_cause_named_is_always_one_at_the_head() -> None:
    line = Line()
    line.came(1, HEADER, "l", 2)
    line.came(2, STATION_AIR, "l", message="Air low")
    found = line.came(3, MOTOR, "off", cause="air pressure low")
    assert found.cause == 1, "not the one between"


def test_the_head_of_others_that_comes_again_stays_one() -> None:
    line = Line()
    line.came(1, FLOW, "h", message="Flow high")
    line.came(2, FLOW, "hh", 2)
    line.left(3, FLOW, "h")
    assert line.came(4, FLOW, "h", message="Flow high").cause == 0, "it would hide itself with the other"


def test_what_is_set_aside_is_nobodys_cause_any_more() -> None:
    line = Line()
    line.came(1, GUARD, "off")
    line.companion.aside(1)
    assert line.came(2, STATE, "on").cause == 0


def test_what_has_gone_explains_only_what_comes_soon() -> None:
    line = Line()
    line.came(1, HEADER, "l", 2)
    line.left(5, HEADER, "l")
    assert line.came(60, STATION_AIR, "l").cause == 1
    assert line.came(66, FAR_AIR, "l").cause == 0


def test_after_a_restart_groups_and_causes_are_what_they_were() -> None:
    line = Line()
    first = line.alarm(HEADER, "l", 2, group="air", is_first=True)
    second = msgspec.structs.replace(line.alarm(STATION_AIR, "l", group="air", cause_id=1), since_us=5 * S)
    line.companion.resume([second, first], now_us=10 * S, mono_us=100 * S)
    assert line.came(110, FAR_AIR, "l").cause == 1
    assert not line.came(111, LEAK, group="air").is_first
    line.left(112, HEADER, "l", group="air")
    line.left(113, STATION_AIR, "l", group="air")
    assert line.left(114, LEAK, group="air") == 1


def test_in_a_flood_the_first_alarms_of_a_unit_are_compared_and_those_gone_make_room() -> None:
    paths_of = [f"Line/S1 Press/Robot {k}/Current" for k in range(MOST_IN_UNIT)]
    tags = tuple(Tag(k, path, "plc-1", "x") for k, path in enumerate((*paths_of, GUARD, STATE)))
    plant = structure(msgspec.structs.replace(project(), tags=tags))
    full, freed = Line(plant), Line(plant)
    for line in (full, freed):
        for path in paths_of:
            line.came(1, path, priority=3)
    for path in paths_of:
        freed.left(2, path)
    for line, cause in ((full, 0), (freed, MOST_IN_UNIT + 1)):
        line.came(100, GUARD, "off")
        assert line.came(101, STATE, "on").cause == cause


STEPS = st.lists(
    st.tuples(
        st.integers(0, 90),
        st.sampled_from([*OF_PLC, *OF_UTILITIES, FAR_AIR, FAR_STATE]),
        st.sampled_from(["h", "hh", "l", "off", "on"]),
        st.integers(1, 4),
        st.booleans(),
        st.sampled_from(["", "air pressure low", "leak rate or pump running", "guard closed"]),
    ),
    max_size=60,
)


@examples(max_examples=200)
@given(steps=STEPS)
def test_nothing_is_hidden_under_what_is_hidden_and_no_highest_under_a_lower(
    steps: list[tuple[int, str, LimitKind, int, bool, str]],
) -> None:
    line, now, priority, cause = Line(), 0, dict[int, int](), dict[int, int]()
    for step, path, kind, _, comes, text in steps:
        now += step
        alarm = line.alarm(path, kind, 1 if kind == "hh" else 2 + len(path) % 3, cause=text)
        if comes and alarm.id not in cause:
            came_before = set(priority)
            place = line.companion.came(alarm, now * S)
            priority[alarm.id], cause[alarm.id] = alarm.priority, place.cause
            assert bool(place.why) == bool(place.cause)
            if place.cause:
                assert place.cause in came_before
                assert cause.get(place.cause, 0) == 0, "the head has no cause itself"
                assert alarm.priority > 1 or priority[place.cause] == 1
        elif not comes and cause.pop(alarm.id, None) is not None:
            line.companion.left(alarm, now * S)


@cache
def _demo() -> tuple[Project, Model, tuple[Tag, ...], Structure]:
    found, model = load(paths.resources() / "demo" / "framing"), Model(PLANT)
    column = {point.path: k for k, point in enumerate(model.points)}
    tags = tuple(msgspec.structs.replace(tag, tag_id=column[tag.path]) for tag in found.tags)
    return found, model, tags, structure(found)


def _follow(fault: str, size: float, minutes: int) -> dict[str, str]:
    """For each message that came, the message of its cause, in the order in which they came."""
    found, model, tags, plant = _demo()
    ill = faults.Conditions(seed=1).with_fault(faults.Fault(fault, 0.0, PLANT.faults[fault], size))
    judged, line, ids = Conditions(found.limits, tags), Line(plant), np.arange(len(tags), dtype=np.int32)
    messages, causes = {0: ""}, dict[str, str]()
    for first in range(0, minutes * 60, 300):
        times_s = first + np.arange(300, dtype=np.float64)
        times = np.round(times_s * S).astype(np.int64)
        values = model.values(ill, times_s)
        changes = judged.judge(
            Batch(0, ids, times, times, values, np.zeros(values.shape, np.uint32)), None, int(times[-1])
        )
        if changes is None:
            continue
        for k in np.argsort(changes.time_us, kind="stable").tolist():
            limit, at = judged.rows[int(changes.limits[k])], int(changes.time_us[k])
            alarm = line.alarm(
                limit.path, limit.kind, limit.priority, message=limit.message, cause=limit.cause
            )
            messages[alarm.id] = limit.message
            if changes.active[k]:
                causes.setdefault(limit.message, messages[line.companion.came(alarm, at).cause])
            else:
                line.companion.left(alarm, at)
    return causes


@pytest.mark.parametrize(
    ("fault", "size", "minutes", "head", "after"),
    [
        (
            "seal-leak",
            0.92,
            10,
            "Pressure high-high",
            {"Pressure high", "Pressure ripple high", "Leakage flow high"},
        ),
        ("air-leak", 0.93, 5, "Header pressure low", {"Clamps close slowly", "Leak rate high"}),
        ("air-leak", 0.6, 5, "Header pressure low", {"Leak rate high"}),
        ("tip-wear", 0.85, 10, "Weld current high", {"Tips worn"}),
    ],
)
def test_of_a_fault_of_the_demo_line_what_came_first_is_named_as_the_cause(
    fault: str, size: float, minutes: int, head: str, after: set[str]
) -> None:
    causes = _follow(fault, size, minutes)
    assert next(iter(causes)) == head
    assert causes[head] == ""
    assert {message for message, cause in causes.items() if cause == head} >= after


def test_a_stop_elsewhere_on_the_line_is_not_put_under_a_fault_of_the_press() -> None:
    causes = _follow("seal-leak", 0.92, 20)
    assert causes["Station in fault"] == ""
    assert causes["Oil temperature high"] == "Pressure high-high", "the press warms the tank it shares"


def test_what_a_row_of_assets_csv_is_stated_to_be_counts_before_the_patterns_of_types() -> None:
    made = project(assets=(AssetRow("Line/S1 Press/Pump", type="air"), AssetRow("Line/S2 Weld", type="air")))
    found = structure(made)
    assert found.unit_of[PUMP] == "Line/S1 Press/Pump"
    assert found.unit_of[VALVE] == "Line/S1 Press"
    assert FAR_STATE not in found.states and STATE in found.states


def test_the_demo_line_knows_what_its_utilities_feed() -> None:
    plant = _demo()[3]
    press = plant.fed_by["Framing line 3/S50 Roof press"]
    assert "Utilities/Compressed air/Branch S50" in press["Utilities/Compressed air"]
    assert "Utilities/Hydraulic oil" in press["Utilities/Hydraulic oil"], "by the pipe of the scene"
