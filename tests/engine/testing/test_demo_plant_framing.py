"""The framing line's model: 2,868 tags that repeat, belong together and suffer from faults."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.testing.demo_plant.conditions import Conditions, Fault, Setting
from engine.testing.demo_plant.framing import line
from engine.testing.demo_plant.framing.names import ROBOTS, UNIT_PATHS
from engine.testing.demo_plant.framing.plant import PLANT
from engine.testing.demo_plant.plant import Model

Values = NDArray[np.float64]
MODEL = Model(PLANT)
POINTS = MODEL.points
COLUMN = {point.path: point.column for point in POINTS}
S10, S20, S30, S40, S50, S60, S70, S80 = UNIT_PATHS
TWO_HOURS = np.arange(0.0, 7200.0, 1.0)
PRESSURE = f"{S50}/Hydraulics/Pressure"


@functools.lru_cache(maxsize=1)
def healthy() -> Values:
    """Two hours of the healthy line, a row a second."""
    return MODEL.values(Conditions(), TWO_HOURS)


def of(path: str, values: Values | None = None) -> Values:
    """One tag's values."""
    return (healthy() if values is None else values)[:, COLUMN[path]]


def with_fault(name: str, size: float = 1.0) -> Conditions:
    return Conditions().with_fault(Fault(name, 0.0, PLANT.faults[name], size))


def test_line_has_2868_tags_on_four_servers_and_100_of_them_are_fast() -> None:
    assert len(POINTS) == len(COLUMN) == 2868
    assert {point.source for point in POINTS} == {server.id for server in PLANT.servers}
    fast = [point for point in POINTS if point.spec.rate == 10.0]
    assert len(fast) == 100
    assert all(point.spec.criticality == "critical" for point in fast)
    assert {point.spec.rate for point in POINTS} == {1.0, 10.0, 1000.0}
    assert sum(point.spec.rate == 1000.0 for point in POINTS) == 2


@pytest.mark.parametrize("unit", UNIT_PATHS)
def test_every_unit_has_what_every_unit_must_have(unit: str) -> None:
    tags = ("State", "Mode", "Step", "Cycle time", "Body", "Good count", "Reject count", "Energy", "Power")
    locks = ("Guard closed", "Light curtain clear", "Emergency stop released", "Air pressure present")
    locks += ("Part in place", "No operator stop")
    assert {f"{unit}/{tag}" for tag in tags} <= COLUMN.keys()
    assert {f"{unit}/Interlocks/{lock}" for lock in locks} <= COLUMN.keys()


def test_any_time_asked_alone_gives_what_it_gives_among_many() -> None:
    for row in (0, 1, 517, 4321):
        alone = MODEL.values(Conditions(), TWO_HOURS[row : row + 1])[0]
        assert np.allclose(alone, healthy()[row], rtol=1e-12, atol=1e-9)


def test_same_seed_gives_the_same_line_and_another_seed_another() -> None:
    time = TWO_HOURS[:50]
    assert np.array_equal(
        Model(PLANT).values(Conditions(seed=5), time), MODEL.values(Conditions(seed=5), time)
    )
    differing = (MODEL.values(Conditions(seed=6), time) != MODEL.values(Conditions(seed=5), time)).any(axis=0)
    assert differing.sum() > 1000


def test_values_are_finite_within_their_sensors_range_and_of_their_resolution() -> None:
    values = healthy()
    assert np.isfinite(values).all()
    for point in POINTS:
        spec, own = point.spec, values[:, point.column]
        assert spec.low <= own.min() and own.max() <= spec.high, point.path
        steps = own * 10.0**spec.decimals
        assert np.allclose(steps, np.rint(steps), atol=1e-5), point.path


def test_no_measured_value_hits_the_end_of_its_range() -> None:
    """A range that clips the healthy plant would be a badly chosen sensor."""
    full = ("Override", "Clamps/Closed", "Buffer fill")
    for point in POINTS:
        spec = point.spec
        if spec.wire in ("float32", "float64", "int16", "int32", "uint16") and not point.path.endswith(full):
            assert healthy()[:, point.column].max() < spec.high, point.path


def test_counters_never_fall() -> None:
    counters = [point for point in POINTS if point.spec.high == 10_000_000.0]
    assert len(counters) > 150
    falls = np.diff(healthy(), axis=0).min(axis=0)
    cyclic = ("/Carrier",)
    wrong = [p.path for p in counters if falls[p.column] < 0 and not p.path.endswith(cyclic)]
    assert wrong == []


@pytest.mark.parametrize("fault", PLANT.faults)
def test_counters_do_not_fall_while_a_fault_grows_and_is_repaired(fault: str) -> None:
    time = np.arange(0.0, 3600.0, 2.0)
    growing = Conditions().with_fault(Fault(fault, 300.0, 1200.0)).cleared(fault, 2500.0)
    falls = np.diff(MODEL.values(growing, time), axis=0).min(axis=0)
    counters = [p for p in POINTS if p.spec.high == 10_000_000.0 and not p.path.endswith("/Carrier")]
    assert [point.path for point in counters if falls[point.column] < 0] == []


def test_bodies_move_on_by_one_unit_and_never_overtake() -> None:
    bodies = np.stack([of(f"{unit}/Body") for unit in UNIT_PATHS], axis=1)
    assert set(np.diff(bodies, axis=0).ravel()) <= {0.0, 1.0}
    assert (np.diff(bodies, axis=1) <= 0).all(), "a body is never further on than the one before it"
    assert (bodies[:, 0] - bodies[:, 7]).max() <= 8
    assert bodies[-1, 7] - bodies[0, 7] > 90


def test_line_takes_a_body_about_every_58_seconds_while_nothing_stops() -> None:
    arrivals = TWO_HOURS[1:][np.diff(of(f"{S50}/Body")) > 0]
    usual = np.median(np.diff(arrivals))
    assert 56.0 <= usual <= 62.0
    for unit in UNIT_PATHS:
        assert 54.0 < of(f"{unit}/Cycle time").min() and of(f"{unit}/Cycle time").max() < 61.0


def test_small_stops_keep_the_line_from_running_all_the_time() -> None:
    states = np.stack([of(f"{unit}/State") for unit in UNIT_PATHS], axis=1)
    assert 0.75 < (states == 1).mean() < 0.95
    assert {2.0, 3.0, 5.0} <= set(np.unique(states)), "somebody is blocked, starved, at fault"
    for unit in UNIT_PATHS:
        reason, state = of(f"{unit}/Stop reason"), of(f"{unit}/State")
        assert ((reason > 0) == np.isin(state, (4.0, 5.0))).all()
    calm = TWO_HOURS < line.CALM_S[1]
    assert not np.isin(states[calm], (4.0, 5.0)).any(), "who starts the demo sees the line run"


def test_guard_and_curtain_say_why_a_person_stopped_a_unit() -> None:
    day = MODEL.values(Conditions(seed=2), np.arange(0.0, 43_200.0, 5.0))
    for unit in UNIT_PATHS:
        reason = of(f"{unit}/Stop reason", day)
        for name, lock in (("guard open", "Guard closed"), ("light curtain", "Light curtain clear")):
            broken = of(f"{unit}/Interlocks/{lock}", day) == 0
            assert np.array_equal(broken, reason == line.REASONS.index(name))


def test_energy_is_the_integral_of_power() -> None:
    for unit in UNIT_PATHS:
        counted = of(f"{unit}/Energy")[-1] - of(f"{unit}/Energy")[0]
        assert counted == pytest.approx(of(f"{unit}/Power")[:-1].sum() / 3600.0, rel=0.01), unit
    total = of("Utilities/Power/Energy")
    mean_kw = of("Utilities/Power/Total")[60:].mean()
    assert total[-1] - total[0] == pytest.approx(2.0 * mean_kw, rel=0.02)


def test_main_meter_is_the_sum_of_its_feeders() -> None:
    feeders = [
        path for path in COLUMN if path.startswith("Utilities/Power/Feeder") and path.endswith("/Power")
    ]
    assert len(feeders) == 14
    summed = sum(of(path) for path in feeders)
    assert np.abs(summed - of("Utilities/Power/Total")).max() < 5.0


def test_mains_of_the_units_keep_to_their_normal_bands() -> None:
    bands = {
        f"{S10}/Lift/Force": (9.5, 10.5),
        f"{S20}/Clamps/Force": (10.5, 11.5),
        f"{S30}/Robot 1/Weld current": (9.2, 10.2),
        f"{S40}/Robot 1/Weld current": (9.2, 10.2),
        PRESSURE: (212.0, 224.0),
        f"{S60}/Robot 1/Axis 4 temperature": (45.0, 62.0),
        f"{S70}/Stud gun 1/Weld current": (8.5, 9.1),
        f"{S80}/Vision/Worst gap": (0.3, 0.55),
        "Utilities/Compressed air/Pressure": (6.1, 6.8),
        "Utilities/Cooling water/Temperature": (15.5, 20.5),
        "Utilities/Hydraulic oil/Temperature": (43.0, 49.0),
    }
    outside = {
        p: (of(p).min(), of(p).max()) for p, (a, b) in bands.items() if not a < of(p).min() <= of(p).max() < b
    }
    assert outside == {}


def test_press_strokes_once_a_body_and_its_line_pressure_hardly_moves() -> None:
    strokes = of(f"{S50}/Ram/Strokes")
    bodies = of(f"{S50}/Body")
    assert abs((strokes[-1] - strokes[0]) - (bodies[-1] - bodies[0])) <= 1
    position, force = of(f"{S50}/Ram/Position"), of(f"{S50}/Ram/Force")
    assert position.min() < 2 and position.max() > 618
    assert force[position < 500].max() < 120 and force[position > 619].max() > 1700
    assert np.ptp(of(f"{S50}/Ram/Cylinder pressure")) > 150 > 15 > np.ptp(of(PRESSURE))


def test_weld_guns_current_and_voltage_make_the_energy_of_a_weld() -> None:
    robot = f"{S40}/Robot 2"
    product = of(f"{robot}/Weld current") * of(f"{robot}/Weld voltage") * of(f"{robot}/Weld time")
    assert of(f"{robot}/Weld energy") == pytest.approx(product, rel=0.005)


def test_axes_speed_is_how_fast_their_position_changes() -> None:
    time = np.arange(300.0, 420.0, 0.05)
    values = MODEL.values(Conditions(), time)
    for robot in (ROBOTS[0], ROBOTS[7]):
        position = of(f"{robot}/Axis 1 position", values)
        speed = of(f"{robot}/Axis 1 speed", values)
        moved = np.gradient(position, time)
        smooth = np.convolve(moved, np.ones(9) / 9, "same")
        assert np.corrcoef(smooth[20:-20], speed[20:-20])[0, 1] > 0.97
        assert np.abs(np.diff(position)).max() < 12.0, "no jumps"


def test_written_setpoints_act_on_what_they_set() -> None:
    time = np.arange(0.0, 600.0, 1.0)
    settings = {
        f"{S50}/Hydraulics/Pressure setpoint": (PRESSURE, 206.0),
        f"{S20}/Clamps/Force setpoint": (f"{S20}/Clamps/Force", 12.5),
        f"{S10}/Lift/Force setpoint": (f"{S10}/Lift/Force", 8.0),
        f"{S30}/Robot 2/Weld current setpoint": (f"{S30}/Robot 2/Weld current", 8.8),
        f"{S70}/Stud gun 3/Weld current setpoint": (f"{S70}/Stud gun 3/Weld current", 8.2),
    }
    conditions = Conditions()
    for path, (_, value) in settings.items():
        conditions = conditions.with_setting(Setting(path, 100.0, value))
    before, after = MODEL.values(Conditions(), time), MODEL.values(conditions, time)
    for path, (measured, value) in settings.items():
        assert of(path, after)[-1] == value
        shift = of(measured, after)[-200:].mean() - of(measured, before)[-200:].mean()
        assert shift == pytest.approx(value - of(path, before)[-1], rel=0.1), path
    assert np.array_equal(before[:100], after[:100]), "nothing changes before it was written"


@pytest.mark.parametrize(
    ("fault", "path", "limits"),
    [
        ("seal-leak", PRESSURE, (232.0, 240.0)),
        ("tip-wear", f"{S30}/Robot 1/Weld current", (11.0, 11.7)),
    ],
)
def test_growing_fault_crosses_its_limits_one_after_the_other(
    fault: str, path: str, limits: tuple[float, ...]
) -> None:
    grow_s = PLANT.faults[fault]
    time = np.arange(0.0, 60.0 + 1.1 * grow_s, 20.0)
    grown = of(path, MODEL.values(Conditions().with_fault(Fault(fault, 60.0, grow_s)), time))
    hours = grown[: len(grown) // 12 * 12].reshape(12, -1).mean(axis=1)
    assert (np.diff(hours) > -0.3).all() and hours[-1] > hours[0] * 1.08
    first = [time[np.argmax(grown > limit)] for limit in limits]
    assert all((grown > limit).any() for limit in limits)
    assert 0.3 * grow_s < first[0] < first[1] < 60.0 + 1.05 * grow_s
    assert (grown[time > 60.0 + grow_s] > limits[-1]).mean() > 0.5


def test_seal_leak_shows_as_ripple_and_warm_oil_and_droops_the_ram() -> None:
    time = np.arange(0.0, 1200.0, 0.5)
    sound, leaking = (MODEL.values(c, time) for c in (Conditions(), with_fault("seal-leak")))
    hydraulics = f"{S50}/Hydraulics"
    assert (
        of(f"{hydraulics}/Pressure ripple", leaking).mean()
        > 4 * of(f"{hydraulics}/Pressure ripple", sound).mean()
    )
    assert (
        of(f"{hydraulics}/Oil temperature", leaking).mean()
        > of(f"{hydraulics}/Oil temperature", sound).mean() + 5
    )
    assert of(PRESSURE, leaking).max() < 248.0, "the trip is not reached"
    assert of(f"{S50}/Cycle time", leaking).mean() > of(f"{S50}/Cycle time", sound).mean() + 2
    untouched = of("Utilities/Compressed air/Pressure", sound)
    assert np.array_equal(of("Utilities/Compressed air/Pressure", leaking), untouched)


def test_tip_wear_is_at_one_robot_only() -> None:
    time = np.arange(0.0, 600.0, 1.0)
    sound, worn = (MODEL.values(c, time) for c in (Conditions(), with_fault("tip-wear")))
    for robot in ROBOTS[1:4]:
        assert abs(of(f"{robot}/Tip wear", worn).mean() - of(f"{robot}/Tip wear", sound).mean()) < 3
    assert of(f"{ROBOTS[0]}/Tip wear", worn).min() > 55
    assert of(f"{ROBOTS[0]}/Weld current", worn).mean() == pytest.approx(11.9, abs=0.15)
    assert (
        of(f"{ROBOTS[0]}/Electrode force", worn).mean()
        > of(f"{ROBOTS[0]}/Electrode force", sound).mean() + 0.3
    )
    expelled = of(f"{ROBOTS[0]}/Expulsions", worn)
    assert expelled[-1] - expelled[0] > 20


def test_air_leak_lets_the_pressure_sag_and_the_compressors_run_longer() -> None:
    time = np.arange(0.0, 3600.0, 1.0)
    sound, leaking = (MODEL.values(c, time) for c in (Conditions(), with_fault("air-leak")))
    air = "Utilities/Compressed air"
    assert of(f"{air}/Pressure", leaking).max() < 5.8 < of(f"{air}/Pressure", sound).min()
    assert (
        of(f"{air}/Compressor 2/Loaded", leaking).mean()
        > 1.8 * of(f"{air}/Compressor 2/Loaded", sound).mean()
    )
    assert (
        of(f"{air}/Compressor 3/Running", sound).max() == 0 < of(f"{air}/Compressor 3/Running", leaking).min()
    )
    assert of("Utilities/Power/Total", leaking).mean() > of("Utilities/Power/Total", sound).mean() + 20
    assert of(f"{S20}/Clamps/Force", leaking).mean() < of(f"{S20}/Clamps/Force", sound).mean()


def test_fault_is_invisible_before_it_begins() -> None:
    time = np.arange(0.0, 900.0, 1.0)
    for fault, grow_s in PLANT.faults.items():
        later = Conditions().with_fault(Fault(fault, 900.0, grow_s))
        # How warm a unit gets is worked out body by body, so one cycle ahead of it something may show.
        assert np.array_equal(MODEL.values(later, time[:800]), healthy()[:800])


def test_cooling_water_warms_with_the_load_of_the_welding() -> None:
    day = MODEL.values(Conditions(), np.arange(0.0, 28_800.0, 10.0))
    heat = of("Utilities/Cooling water/Heat load", day)
    water = of("Utilities/Cooling water/Temperature", day)
    assert np.corrcoef(heat, water)[0, 1] > 0.8


def test_line_is_known_for_days_ahead() -> None:
    three_days = MODEL.values(Conditions(), np.array([72 * 3600.0]))
    assert 3500 < of(f"{S80}/Body", three_days)[0] - line.FIRST_BODY < 4600
