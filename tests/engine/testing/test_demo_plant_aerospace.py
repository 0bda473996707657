"""The aerospace cell: 4,000 tags through the same interface as the framing line."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.testing.demo_plant.aerospace.now import AUTOCLAVE, BATCH_S, CURE_S, DRILLING, INTO_S
from engine.testing.demo_plant.aerospace.plant import PLANT
from engine.testing.demo_plant.conditions import Conditions, Fault, Setting
from engine.testing.demo_plant.plant import Model

Values = NDArray[np.float64]
MODEL = Model(PLANT)
COLUMN = {point.path: point.column for point in MODEL.points}
TIME = np.arange(0.0, 36_000.0, 40.0)
CURING = np.mod(TIME + INTO_S, BATCH_S) < CURE_S


@functools.lru_cache(maxsize=1)
def healthy() -> Values:
    """Ten hours of the healthy cell."""
    return MODEL.values(Conditions(), TIME)


def of(path: str, values: Values | None = None) -> Values:
    return (healthy() if values is None else values)[:, COLUMN[path]]


def with_fault(name: str) -> Conditions:
    return Conditions().with_fault(Fault(name, 0.0, PLANT.faults[name], 1.0))


def test_cell_has_4000_tags() -> None:
    assert len(COLUMN) == len(MODEL.points) == 4000


def test_any_time_asked_alone_gives_what_it_gives_among_many() -> None:
    for row in (0, 333, 899):
        alone = MODEL.values(Conditions(), TIME[row : row + 1])[0]
        assert np.allclose(alone, healthy()[row], rtol=1e-12, atol=1e-9)


def test_values_stay_within_their_ranges_and_counters_never_fall() -> None:
    values = healthy()
    assert np.isfinite(values).all()
    for point in MODEL.points:
        own = values[:, point.column]
        assert point.spec.low <= own.min() and own.max() <= point.spec.high, point.path
        if point.spec.high == 10_000_000.0:
            assert (np.diff(own) >= 0).all(), point.path


def test_parts_follow_the_recipe_within_their_tolerance() -> None:
    air, wanted = of(f"{AUTOCLAVE}/Vessel/Air temperature"), of(f"{AUTOCLAVE}/Vessel/Temperature wanted")
    assert air.max() > 178 and np.abs(air - wanted).max() < 6
    for number in (1, 60, 120):
        part = f"{AUTOCLAVE}/Thermocouples/Part {number}"
        upper, lower = of(f"{part}/Upper tolerance"), of(f"{part}/Lower tolerance")
        inside = (of(f"{part}/Temperature") <= upper) & (of(f"{part}/Temperature") >= lower)
        assert np.array_equal(inside, of(f"{part}/In tolerance") == 1)
        assert inside.mean() > 0.95


def test_vessel_is_locked_under_pressure_and_only_then() -> None:
    assert np.array_equal(of(f"{AUTOCLAVE}/Vessel/Door locked") == 1, CURING)
    assert of(f"{AUTOCLAVE}/Vessel/Pressure")[~CURING].max() < 0.1
    assert of(f"{AUTOCLAVE}/Vessel/Pressure").max() == pytest.approx(7.0, abs=0.1)


def test_energy_is_the_integral_of_power() -> None:
    fine = np.arange(0.0, 7200.0, 2.0)
    values = MODEL.values(Conditions(), fine)
    for meter, power in (
        (f"{AUTOCLAVE}/Energy", f"{AUTOCLAVE}/Power"),
        (f"{DRILLING}/Energy", f"{DRILLING}/Power"),
    ):
        counted = of(meter, values)[-1] - of(meter, values)[0]
        assert counted == pytest.approx(of(power, values)[:-1].sum() * 2.0 / 3600.0, rel=0.01)


def test_every_panel_is_drilled_to_tolerance_and_each_has_its_serial() -> None:
    holes = [column for path, column in COLUMN.items() if "/Holes/" in path and path.endswith("/Diameter")]
    assert len(holes) == 480
    assert np.abs(healthy()[:, holes] - 6.350).max() < 0.030
    serials = of(f"{DRILLING}/Panel serial")
    assert set(np.diff(serials)) == {0.0, 1.0}


def test_worn_drill_makes_holes_too_small_and_pushes_harder() -> None:
    worn = MODEL.values(with_fault("drill-wear"), TIME)
    good = f"{DRILLING}/Holes/H001/In tolerance"
    assert of(good)[-200:].min() == 1 and of(good, worn)[-200:].mean() < 0.2
    assert of(f"{DRILLING}/Head 1/Thrust", worn).max() > 1.3 * of(f"{DRILLING}/Head 1/Thrust").max()


def test_torn_bag_loses_its_vacuum_alone() -> None:
    torn = MODEL.values(with_fault("bag-leak"), TIME)
    assert of(f"{AUTOCLAVE}/Vacuum bag 7/Vacuum", torn)[CURING].min() > -0.6
    assert np.array_equal(
        of(f"{AUTOCLAVE}/Vacuum bag 8/Vacuum", torn), of(f"{AUTOCLAVE}/Vacuum bag 8/Vacuum")
    )


def test_feed_setpoint_of_a_head_acts_on_its_thrust_only() -> None:
    slower = Conditions().with_setting(Setting(f"{DRILLING}/Head 2/Feed setpoint", 0.0, 210.0))
    values = MODEL.values(slower, TIME)
    assert of(f"{DRILLING}/Head 2/Thrust", values).max() < 0.6 * of(f"{DRILLING}/Head 2/Thrust").max()
    assert np.array_equal(of(f"{DRILLING}/Head 1/Thrust", values), of(f"{DRILLING}/Head 1/Thrust"))
