"""The faults of the framing line that grow: where each shows, where it does not, and its repair."""

from __future__ import annotations

import fnmatch
import functools

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.testing.demo_plant.conditions import Conditions, Fault
from engine.testing.demo_plant.framing.plant import PLANT
from engine.testing.demo_plant.framing.vibration import NAME, PATHS
from engine.testing.demo_plant.orders import parse_fault
from engine.testing.demo_plant.plant import Model

Values = NDArray[np.float64]
MODEL = Model(PLANT, lambda point: point.spec.rate < 1000)
COLUMN = {point.path: at for at, point in enumerate(MODEL.points)}
TIME = np.arange(0.0, 1200.0, 1.0)
PRESS = "Framing line 3/S50 Roof press/Hydraulics"
WATER, OIL = "Utilities/Cooling water", "Utilities/Hydraulic oil"
SHOWS: dict[str, tuple[tuple[str, float], ...]] = {
    "pump-cavitation": (
        (f"{WATER}/Pump 1/Vibration", 3.0),
        (f"{WATER}/Pump 1/Inlet pressure", -0.8),
        (f"{WATER}/Pump 1/Outlet pressure", -0.6),
        (f"{WATER}/Pump 1/Flow", -120.0),
        (f"{WATER}/Flow", -100.0),
    ),
    "bearing-wear": (
        (f"{PRESS}/Pump vibration", 3.0),
        (f"{PRESS}/Pump case temperature", 7.0),
        (f"{PRESS}/Pump current", 2.0),
    ),
    "clogged-filter": ((f"{PRESS}/Filter pressure drop", 2.5), (f"{PRESS}/Return pressure", 0.8)),
    "cooling-loss": (
        (f"{WATER}/Temperature", 6.0),
        (f"{WATER}/Chiller 1/Evaporating pressure", -0.8),
        (f"{WATER}/Chiller 1/Hot gas temperature", 20.0),
        (f"{WATER}/Chiller 1/Load", -10.0),
        (f"{WATER}/Chiller 2/Load", 8.0),
        (f"{OIL}/Cooler/Water valve position", 15.0),
    ),
    "sensor-drift": ((f"{PRESS}/Oil temperature", 15.0),),
    "stuck-sensor": ((f"{PRESS}/Valve position", -10.0),),
}
"""Tags in which a fault of size 1 shows, and by how much at least their mean goes up or down."""
RELATED: dict[str, tuple[str, ...]] = {
    "pump-cavitation": (f"{WATER}/Pump 1/*", *(f"{WATER}/{n}" for n in ("Flow", "Supply *", "Return *"))),
    "bearing-wear": (f"{PRESS}/Pump *",),
    "clogged-filter": (f"{PRESS}/*",),
    "cooling-loss": (f"{WATER}/*", f"{OIL}/Cooler/*", "*/Water inlet *", "*/Water outlet *"),
    "sensor-drift": (f"{PRESS}/Oil temperature",),
    "stuck-sensor": (f"{PRESS}/Valve position",),
}  # fmt: skip


@functools.lru_cache(maxsize=1)
def healthy() -> Values:
    return MODEL.values(Conditions(), TIME)


def ill(fault: str, size: float = 1.0) -> Conditions:
    return Conditions().with_fault(Fault(fault, 0.0, PLANT.faults[fault], size))


@functools.lru_cache(maxsize=8)
def grown(fault: str) -> Values:
    return MODEL.values(ill(fault), TIME)


def of(path: str, values: Values) -> Values:
    return values[:, COLUMN[path]]


@pytest.mark.parametrize("fault", SHOWS)
def test_a_fault_shows_in_its_machine_and_in_what_belongs_to_it_alone(fault: str) -> None:
    for path, least in SHOWS[fault]:
        moved = of(path, grown(fault)).mean() - of(path, healthy()).mean()
        assert moved / least >= 1.0, f"{path} moved by {moved:.2f}"
    changed = [
        path for path, at in COLUMN.items() if not np.array_equal(grown(fault)[:, at], healthy()[:, at])
    ]
    stray = [path for path in changed if not any(fnmatch.fnmatch(path, each) for each in RELATED[fault])]
    assert stray == []


@pytest.mark.parametrize("fault", SHOWS)
def test_a_fault_grows_smoothly_and_is_gone_when_it_is_repaired(fault: str) -> None:
    path, least = SHOWS[fault][0]
    grow_s = PLANT.faults[fault]
    time = np.arange(0.0, 1.3 * grow_s, 20.0)
    conditions = Conditions().with_fault(Fault(fault, 0.0, grow_s)).cleared(fault, 1.1 * grow_s)
    sound, sick = MODEL.values(Conditions(), time), MODEL.values(conditions, time)
    off = (of(path, sick) - of(path, sound)) * np.sign(least)
    tenths = off[time < grow_s]
    tenths = tenths[: len(tenths) // 10 * 10].reshape(10, -1).mean(axis=1)
    assert (np.diff(tenths) > 0).all(), "no step and no way back"
    assert np.diff(tenths).max() < 0.25 * (tenths[-1] - tenths[0])
    assert not off[time >= 1.1 * grow_s + 120.0].any()


def test_a_sensor_that_drifts_is_alone_and_a_leak_warms_its_neighbours_too() -> None:
    neighbours = (
        f"{PRESS}/Pump case temperature",
        f"{PRESS}/Oil cooler inlet temperature",
        f"{OIL}/Temperature",
    )
    for path in neighbours:
        assert np.array_equal(of(path, grown("sensor-drift")), of(path, healthy()))
        assert of(path, grown("seal-leak")).mean() > of(path, healthy()).mean() + 5.0
    noise = [np.diff(of(f"{PRESS}/Oil temperature", v)).std() for v in (grown("sensor-drift"), healthy())]
    assert noise[0] == pytest.approx(noise[1], rel=0.05), "it still sounds like a sensor"


def test_a_stuck_sensor_shows_one_value_without_noise_while_its_demand_moves() -> None:
    shown = of(f"{PRESS}/Valve position", grown("stuck-sensor"))
    assert len(np.unique(shown)) == 1
    assert np.ptp(of(f"{PRESS}/Valve demand", grown("stuck-sensor"))) > 40.0
    half = MODEL.values(ill("stuck-sensor", 0.5), TIME)
    assert (
        0.3
        < np.ptp(of(f"{PRESS}/Valve position", half)) / np.ptp(of(f"{PRESS}/Valve position", healthy()))
        < 0.7
    )


def test_a_worn_bearing_rings_in_the_waveform_and_its_effective_value_is_the_slow_tag() -> None:
    time = 500.0 + np.arange(65_536) / 1000
    model = Model(PLANT, lambda p: p.path in (f"{PATHS[0]}/{NAME}", f"{PRESS}/Pump vibration"))
    names = [point.path for point in model.points]
    shares: dict[str, float] = {}
    for fault in ("bearing-wear", "seal-leak"):
        values = model.values(ill(fault), time)
        fast, slow = (values[:, names.index(p)] for p in (f"{PATHS[0]}/{NAME}", f"{PRESS}/Pump vibration"))
        assert np.sqrt(np.mean(fast**2)) == pytest.approx(np.sqrt(np.mean(slow**2)), rel=0.06)
        power = np.abs(np.fft.rfft(fast)) ** 2
        frequency = np.fft.rfftfreq(len(time), 0.001)
        rings = sum(np.abs(frequency - k * 3.58 * 1480 / 60) < 1.0 for k in (1, 2, 3)) > 0
        shares[fault] = float(power[rings].sum() / power.sum())
    assert shares["bearing-wear"] > 0.4 > 0.35 > shares["seal-leak"]


def test_every_fault_of_a_sensor_names_a_tag_of_the_plant_and_can_be_ordered() -> None:
    assert {liar.path for liar in PLANT.liars.values()} <= COLUMN.keys()
    assert set(PLANT.liars) <= set(PLANT.faults) and set(PLANT.slow) <= set(PLANT.faults)
    for name in PLANT.faults:
        assert parse_fault(PLANT, f"{name}:0.5", 10.0) == Fault(name, 10.0, PLANT.faults[name], 0.5)
