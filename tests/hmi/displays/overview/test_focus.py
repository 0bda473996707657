"""Whose trend the overview shows."""

from __future__ import annotations

import pytest

from engine.types import Project
from hmi.displays.overview.focus import NO_FOCUS, focus_of
from hmi.model import Model, build
from tests.hmi.displays.overview import framing
from tests.hmi.displays.overview.framing import AIR, S30, S50, alarm
from tests.hmi.plant import PLANT, tag


@pytest.fixture
def model() -> Model:
    """The framing line."""
    return framing.model()


def names(model: Model, tags: tuple[int, ...]) -> list[str]:
    """The tags drawn."""
    return [model.tags[at].path for at in tags]


def test_worst_active_alarm_leads_with_its_unit(model: Model) -> None:
    focus = focus_of(model, framing.ALARMS)
    assert focus.title == "S50 Roof press"
    assert focus.why == "what matters most now · Pressure high-high"
    assert names(model, focus.tags) == [f"{S50}/Pressure", f"{S50}/Oil temperature"]


def test_tag_in_alarm_is_drawn_first(model: Model) -> None:
    focus = focus_of(model, (alarm(f"{S50}/Oil temperature", 2, "h"),))
    assert names(model, focus.tags) == [f"{S50}/Oil temperature", f"{S50}/Pressure"]


def test_trend_of_an_alarm_stays_while_it_is_among_the_worst(model: Model) -> None:
    press, robot = alarm(f"{S50}/Pressure", 1), alarm(f"{S30}/Weld current", 1)
    before = focus_of(model, (press,))
    assert focus_of(model, (robot, press), before) == before
    assert focus_of(model, (robot, press)).title == "S30 Spot weld A"


def test_worse_alarm_takes_the_trend(model: Model) -> None:
    before = focus_of(model, (alarm(f"{S30}/Weld current", 2),))
    found = focus_of(model, (alarm(f"{S50}/Pressure", 1), alarm(f"{S30}/Weld current", 2)), before)
    assert found.title == "S50 Roof press"


def test_returned_alarm_matters_no_more(model: Model) -> None:
    found = focus_of(model, (alarm(f"{AIR}/Pressure", 1, "l", "returned"),))
    assert found.why == "no alarm · the most critical unit" and found.title == "S10 Underbody load"


def test_alarm_of_a_tag_that_is_gone_is_passed_over(model: Model) -> None:
    assert focus_of(model, (alarm("Old line/S1/Pressure"),)).alarm is None


def test_unit_with_most_critical_tags_leads_without_alarms() -> None:
    tags = (
        tag("Hall/A/Level"),
        tag("Hall/B/Level", criticality="critical"),
        tag("Hall/B/Speed", criticality="critical"),
        tag("Hall/C/Level", criticality="critical"),
    )
    model = build(Project("", PLANT, (), tags))
    assert focus_of(model, ()).path == "Hall/B"


def test_measured_tags_fill_the_trend_where_no_type_says_which() -> None:
    tags = tuple(tag(f"Press/{name}") for name in ("Pressure", "Level", "Speed"))
    found = focus_of(build(Project("", PLANT, (), tags)), ())
    assert found.tags == (0, 1, 2) and found.why == "no alarm"


def test_plant_without_tags_has_no_trend() -> None:
    assert focus_of(build(Project("", PLANT, (), ())), ()) == NO_FOCUS


def test_alarm_of_a_text_tag_shows_the_curves_of_its_unit() -> None:
    tags = (tag("Hall/A/Batch", "", None, None, type="string"), tag("Hall/A/Level"))
    focus = focus_of(build(Project("", PLANT, (), tags)), (alarm("Hall/A/Batch", 3, "off"),))
    assert focus.tags == (1,)
