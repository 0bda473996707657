"""Alerts of limits ahead: when one begins, is kept, and ends; whatever the looks say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from engine.prediction.crossings import HORIZON_US, KEPT, Approach, Crossings, Heading, Place, Stand, nearest
from engine.prediction.forecast import farthest, forecast
from engine.store import StoreError
from engine.types import Crossing, Forecast, Limit

H, HH, L = Limit("P", "h", 9.0), Limit("P", "hh", 12.0), Limit("P", "l", 2.0)
ROW_US, START_US, HOUR_US = 600_000_000, 1_800_000_000_000_000, 3_600_000_000
GOOD = Stand()


class Keeps:
    """A disk that can refuse."""

    def __init__(self) -> None:
        self.rows, self.refuses = dict[int, Approach](), False

    def approaches(self) -> list[Approach]:
        return list(self.rows.values())

    def keep_approaches(self, approaches: Iterable[Approach]) -> None:
        if self.refuses:
            raise StoreError("prediction.db cannot be used; free some space on the disk")
        self.rows |= {each.id: each for each in approaches}


class Desk:
    def __init__(self) -> None:
        self.file, self.notes, self.now_us = Keeps(), list[dict[str, Any]](), START_US
        self.crossings = self.opened()

    def opened(self) -> Crossings:
        return Crossings(self.file, self.notes.append, 2100.0)

    def look(self, in_h: float | None, stand: Stand = GOOD, value: float = 6.0, limit: Limit = H) -> None:
        """Ten minutes later; ``in_h`` = hours until the middle crosses, None = no forecast, inf = never."""
        self.now_us += ROW_US
        found = None
        if in_h is not None:
            ends = self.now_us + 48 * HOUR_US
            crosses_us = self.now_us + round(in_h * HOUR_US) if np.isfinite(in_h) else None
            found = Forecast("P", (ends,), (9.0,), (8.0,), (10.0,), 9.0, crosses_us, crosses_us, None)
        self.crossings.looked("P", Heading(found, limit, value, self.now_us), stand, self.now_us)
        self.crossings.step(self.now_us, {"P": stand})

    def shown(self, stand: Stand = GOOD, later_us: int = 0) -> tuple[Crossing, ...]:
        return self.crossings.shown(self.now_us + later_us, {"P": stand}, {"P": Place("Line", "bar")})

    def ends(self) -> list[str]:
        return [each["outcome"] for each in self.notes if each["outcome"] != "open"]


def test_it_begins_within_the_horizon_and_is_kept_a_little_beyond() -> None:
    desk = Desk()
    desk.look(25.0)
    assert desk.shown() == ()
    desk.look(23.0)
    (found,) = desk.shown()
    assert (found.name, found.limit, found.unit, found.asset) == ("H", 9.0, "bar", "Line")
    for hours in (25.0, 24.0 * KEPT - 0.1, 23.0, 25.0):
        desk.look(hours)
        assert [each.since_us for each in desk.shown()] == [found.since_us]
    desk.look(24.0 * KEPT + 0.1)
    assert desk.shown() == () and desk.ends() == ["not reached"]


@pytest.mark.parametrize("nothing", [None, float("inf")])
def test_chance_does_not_end_it_and_a_turn_does(nothing: float | None) -> None:
    desk = Desk()
    desk.look(5.0)
    for looks in (None, None, 5.0, None, None):
        desk.look(looks)
        assert len(desk.shown()) == 1, "two looks without a forecast are chance"
    desk.look(nothing)
    assert desk.shown() == () and desk.ends() == ["not reached"]


@pytest.mark.parametrize(
    "stand",
    [
        Stand("it has no good value"),
        Stand(aside=frozenset({("h", "")})),
        Stand(active=frozenset({("h", "")})),
    ],
)
def test_what_may_not_be_said_is_not_even_before_the_next_look(stand: Stand) -> None:
    desk = Desk()
    desk.look(5.0, stand)
    assert desk.shown(stand) == () and desk.notes == [], "nor does one begin"
    desk.look(5.0)
    assert len(desk.shown()) == 1 and desk.shown(stand) == ()
    assert desk.crossings.shown(desk.now_us, {}, {"P": Place("", "")}) == (), "nobody looked how it stands"
    desk.look(5.0, stand)
    assert desk.ends() == (["reached"] if stand.active else ["unclear"])


def test_its_end_is_known_from_the_alarm_or_the_value() -> None:
    desk = Desk()
    desk.look(1.0)
    desk.crossings.step(desk.now_us, {"P": Stand(active=frozenset({("hh", "")}))})
    assert desk.ends() == []
    desk.look(1.0, value=9.1)
    assert desk.ends() == ["reached"] and desk.crossings.hits == (1, 0)


def test_a_value_that_moves_about_its_limit_begins_no_other_alert_of_it_but_one_of_the_next() -> None:
    desk = Desk()
    desk.look(1.0)
    desk.look(1.0, value=9.1)
    for stand in [GOOD, Stand(active=frozenset({("h", "")}))] * 12:
        desk.look(2.0, stand)
        assert desk.shown(stand) == ()
    assert desk.ends() == ["reached"], "four hours later"
    desk.look(2.0, limit=HH)
    assert [each.name for each in desk.shown()] == ["HH"]
    desk.look(None, value=12.5)
    for _ in range(8):
        desk.look(float("inf"))
    desk.look(2.0)
    assert [each.name for each in desk.shown()] == ["H"], "an hour after its alarm was last there"


@pytest.mark.parametrize("step_us", [0, -30 * HOUR_US, 30 * HOUR_US])
def test_a_rest_outlives_a_restart_and_ends_when_the_clock_is_set(step_us: int) -> None:
    desk = Desk()
    desk.look(1.0)
    desk.look(1.0, value=9.1)
    desk.crossings = desk.opened()
    desk.now_us += step_us
    for _ in range(2):  # the first look sees that the rest is over
        desk.look(2.0)
    assert len(desk.shown()) == (0 if step_us == 0 else 1)


def test_of_two_limits_of_the_same_kind_and_name_each_keeps_its_alert() -> None:
    desk = Desk()
    lower = Limit("P", "h", 8.0)
    desk.look(5.0)
    desk.crossings.fit({"P": (lower, H)}, desk.now_us)
    assert desk.ends() == [] and len(desk.shown()) == 1
    desk.crossings.fit({"P": (lower,)}, desk.now_us)
    assert desk.ends() == ["unclear"] and desk.shown() == ()


def test_an_open_alert_whose_tag_or_limit_is_gone_after_a_restart_is_over() -> None:
    for limits in ({}, {"Renamed": (H,)}, {"P": (HH,)}):
        desk = Desk()
        desk.look(5.0)
        desk.crossings = desk.opened()
        desk.crossings.fit(limits, desk.now_us)
        assert [each.outcome for each in desk.file.rows.values()] == ["unclear"]
        assert not desk.crossings.watched and desk.shown() == ()


def test_a_look_that_is_too_old_or_of_the_future_is_not_shown() -> None:
    desk = Desk()
    desk.look(5.0)
    assert len(desk.shown(later_us=2_100_000_000)) == 1
    assert desk.shown(later_us=2_101_000_000) == () and desk.shown(later_us=-1) == ()


def test_a_disk_that_refuses_is_told_and_gets_all_of_it_later() -> None:
    desk = Desk()
    desk.file.refuses = True
    desk.look(5.0)
    assert len(desk.shown()) == 1 and "not on disk yet" in desk.crossings.trouble
    desk.file.refuses = False
    desk.look(5.0, value=10.0)
    assert [each.outcome for each in desk.file.rows.values()] == ["reached"] and not desk.crossings.trouble


def test_random_looks_never_show_two_nor_flicker_nor_lose_an_end() -> None:
    random = np.random.default_rng(9)
    for _ in range(30):
        desk = Desk()
        for _ in range(60):
            hours = [None, float("inf"), *random.uniform(0, 40, 3).tolist()][random.integers(5)]
            stand = [GOOD, GOOD, GOOD, Stand("bad"), Stand(aside=frozenset({("h", "")}))][random.integers(5)]
            desk.look(hours, stand, float(random.choice([6.0, 6.0, 6.0, 9.5])))
            assert len(desk.shown(stand)) <= 1 and (stand == GOOD or not desk.shown(stand))
            if random.random() < 0.1:
                desk.crossings = desk.opened()
        rows = desk.file.approaches()
        assert sum(each.outcome == "open" for each in rows) <= 1
        assert all((each.outcome == "open") == (each.ended_us == 0) for each in rows)
        assert all(each.crosses_us - each.begun_us <= HORIZON_US for each in rows)
        assert all(a.ended_us <= b.begun_us for a, b in zip(rows, rows[1:], strict=False))


def test_the_nearest_limit_is_the_one_ahead() -> None:
    limits = (HH, H, L)
    assert nearest(limits, 6.0, 20.0) == H and nearest(limits, 10.0, 11.0) == HH
    assert nearest(limits, 13.0, 20.0) is None and nearest(limits, 6.0, 5.0) == L


def test_no_middle_is_drawn_farther_than_was_said_at_once() -> None:
    """What the quick look leaves out, the whole forecast would not have crossed either."""
    random = np.random.default_rng(4)
    for _ in range(40):
        ramp = np.linspace(0, random.normal(0, 40), 432)
        ramp[: random.integers(430)] = 0.0
        rows = ramp + random.normal(0, 0.3, 432)
        rows[random.random(432) < random.choice([0.0, 0.2])] = np.nan
        low, high = farthest(rows, ROW_US, 24 * HOUR_US)
        found = forecast("P", START_US, ROW_US, rows, 24 * HOUR_US)
        if found is not None:
            assert low - 1e-9 <= min(found.middle) and max(found.middle) <= high + 1e-9
