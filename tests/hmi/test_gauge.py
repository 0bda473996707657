"""What an indicator shows: level, band, limits and setpoint as parts of the range."""

from __future__ import annotations

import pytest

from engine.types import Limit, Project
from hmi.gauge import Gauge, gauge_at, gauge_of, scale_of
from hmi.model import Model, build
from tests.hmi.displays.overview import framing
from tests.hmi.displays.overview.framing import S50
from tests.hmi.plant import BAD, NEVER, PLANT, STALE, UNCERTAIN, snapshot, tag

PRESSURE = f"{S50}/Pressure"


@pytest.fixture
def model() -> Model:
    """The framing line."""
    return framing.model()


def of_one(limits: tuple[Limit, ...] = (), value: float = 50.0, **facts: float | None) -> Gauge:
    """The gauge of a single tag of 0 to 100 without any type."""
    found = build(Project("", PLANT, (), (tag("Hall/Tank/Level", "%", **{"low": 0, "high": 100} | facts),)))
    made = Model(PLANT, found.tags, found.index, found.assets, limits={0: limits} if limits else {})
    return gauge_of(made, 0, snapshot((value,)))


def test_places_are_parts_of_the_range(model: Model) -> None:
    gauge = gauge_of(model, model.index[PRESSURE], framing.values_of(model, {PRESSURE: 130.0}))
    assert gauge.level == 0.5 and gauge.setpoint == 0.5
    assert gauge.band == (pytest.approx(0.3), pytest.approx(0.7))
    assert [(round(place, 2), kind) for place, kind in gauge.limits] == [
        (0.12, "l"),
        (0.83, "h"),
        (0.9, "hh"),
    ]
    assert gauge.ends == ("0", "260") and gauge.look == "normal"


def test_value_outside_the_range_stands_at_its_end(model: Model) -> None:
    for value, level in ((-40.0, 0.0), (400.0, 1.0)):
        snap = framing.values_of(model, {PRESSURE: value})
        assert gauge_of(model, model.index[PRESSURE], snap).level == level


@pytest.mark.parametrize(("code", "look"), [(BAD, "bad"), (NEVER, "never")])
def test_untrusted_value_has_no_pointer(model: Model, code: int, look: str) -> None:
    gauge = gauge_of(model, model.index[PRESSURE], framing.values_of(model, status={PRESSURE: code}))
    assert gauge.level is None and gauge.look == look
    assert gauge.limits, "what does not depend on the value stays"


@pytest.mark.parametrize(("code", "look"), [(STALE, "stale"), (UNCERTAIN, "uncertain")])
def test_old_and_uncertain_values_keep_their_pointer(model: Model, code: int, look: str) -> None:
    gauge = gauge_of(model, model.index[PRESSURE], framing.values_of(model, status={PRESSURE: code}))
    assert gauge.level is not None and gauge.look == look


@pytest.mark.parametrize("code", [STALE, BAD, UNCERTAIN, NEVER])
def test_setpoint_is_drawn_only_while_it_is_good(model: Model, code: int) -> None:
    snap = framing.values_of(model, status={f"{PRESSURE} setpoint": code})
    assert gauge_of(model, model.index[PRESSURE], snap).setpoint is None


def test_setpoint_and_nominal_band_belong_to_the_main_tag_alone(model: Model) -> None:
    at = model.index[f"{S50}/Oil temperature"]
    gauge = gauge_of(model, at, framing.values_of(model), model.assets[S50])
    assert gauge.setpoint is None and gauge.band is None


def test_band_without_a_type_lies_between_the_low_and_the_high_limit() -> None:
    low, high = Limit("Hall/Tank/Level", "l", 20.0), Limit("Hall/Tank/Level", "h", 80.0)
    assert of_one((low, high)).band == (0.2, 0.8)
    assert of_one((high,)).band == (0.0, 0.8)
    assert of_one((low,)).band == (0.2, 1.0)
    assert of_one().band is None


def test_limits_that_are_no_level_are_left_out() -> None:
    limits = (Limit("Hall/Tank/Level", "on", 1.0), Limit("Hall/Tank/Level", "trip", 95.0))
    assert of_one(limits).limits == ((0.95, "trip"),)


def test_tag_without_a_range_has_nothing_to_draw() -> None:
    gauge = of_one((Limit("Hall/Tank/Level", "h", 80.0),), low=None, high=None)
    assert (gauge.level, gauge.band, gauge.limits, gauge.ends) == (None, None, (), None)


def test_priority_of_the_alarm_comes_with_the_value(model: Model) -> None:
    at = model.index[PRESSURE]
    assert gauge_of(model, at, framing.values_of(model, alarm={PRESSURE: 1})).alarm == 1
    assert gauge_of(model, at, framing.values_of(model)).alarm == 0


def test_without_a_snapshot_all_but_the_value_is_known(model: Model) -> None:
    gauge = gauge_of(model, model.index[PRESSURE], None)
    assert gauge.look == "never" and gauge.level is None and gauge.setpoint is None
    assert gauge.band is not None and gauge.ends == ("0", "260")


def test_kept_scale_gives_the_same_gauge(model: Model) -> None:
    at, snap = model.index[PRESSURE], framing.values_of(model)
    assert gauge_at(model, scale_of(model, at), snap) == gauge_of(model, at, snap)
