"""The judge of the fault tests finds what it is there to find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from engine.types import Snapshot, Status
from tests.faults.plants import OLD_S, SLACK_S, Observer
from tests.faults.rule import BASE, TICK_US, age_s, shown
from tests.faults.rule_modbus import Device
from tests.running import CLOCK

TIME_US = 1_700_000_000_000_000


def test_value_tells_whose_it_is_and_of_when() -> None:
    assert age_s(7, shown(7, TIME_US), TIME_US) == 0.0
    assert age_s(7, shown(7, TIME_US - 3 * TICK_US), TIME_US) == pytest.approx(0.3)
    assert age_s(7, shown(7, TIME_US + TICK_US), TIME_US) == pytest.approx(-0.1)
    assert age_s(7, shown(8, TIME_US), TIME_US) is None
    assert age_s(7, 7 * BASE + 0.5, TIME_US) is None
    assert age_s(7, float("nan"), TIME_US) is None


def test_age_goes_on_when_the_count_starts_anew() -> None:
    anew_us = TIME_US // (BASE * TICK_US) * BASE * TICK_US
    assert age_s(7, shown(7, anew_us - TICK_US), anew_us) == pytest.approx(0.1)


def test_registers_of_the_device_hold_the_rule() -> None:
    words = Device({1: 5}, tags=2).words(5, TIME_US)
    high, low = words[10], words[11]
    assert (high << 16 | low) == shown(6, TIME_US)


@dataclass
class FakeEyes:
    """One tag of each kind of source, as a test sets it."""

    now_us: int
    value: float
    status: int = 0
    age_us: int = 0
    rows: Any = None

    def snapshot(self) -> Snapshot:
        self.rows = self.rows or {"Site/oven/T7": 0}
        time = np.array([self.now_us - self.age_us])
        status = np.array([self.status], np.uint32)
        return Snapshot(
            np.array([self.value]),
            status,
            time,
            time,
            np.zeros(1),
            np.zeros(1, bool),
            np.ones(1, np.uint64),
            0,
        )


def judged(eyes: FakeEyes, *by_time: str) -> Observer:
    eyes.snapshot()
    observer = Observer(eyes, frozenset(by_time))  # pyright: ignore[reportArgumentType]
    observer.look()
    return observer


def test_observer_passes_the_right_value() -> None:
    now_us = CLOCK.now_us()
    observer = judged(FakeEyes(now_us, shown(7, now_us)), "oven")
    assert observer.wrongs == [] and observer.all_right() and observer.all_right("oven", since_us=now_us)
    assert not observer.all_right(since_us=now_us + 1)


@pytest.mark.parametrize("tag", [6, 8, 107])
def test_observer_finds_the_value_of_another_tag(tag: int) -> None:
    now_us = CLOCK.now_us()
    assert "never its own" in judged(FakeEyes(now_us, shown(tag, now_us)), "oven").wrongs[0]


def test_observer_finds_a_value_of_another_time() -> None:
    now_us = CLOCK.now_us()
    old = shown(7, now_us - 10 * TICK_US)
    assert "before its time" in judged(FakeEyes(now_us, old), "oven").wrongs[0]
    assert judged(FakeEyes(now_us, old)).wrongs == [], "an answer may be under way for a second"
    older = shown(7, now_us - 30 * TICK_US)
    assert "before its time" in judged(FakeEyes(now_us, older)).wrongs[0]


def test_observer_finds_a_good_value_that_is_too_old() -> None:
    age_us = int((OLD_S + SLACK_S + 1) * 1e6)
    now_us = CLOCK.now_us()
    eyes = FakeEyes(now_us, shown(7, now_us - age_us), age_us=age_us)
    assert "is good though" in judged(eyes, "oven").wrongs[0]
    eyes.status = Status.STALE
    observer = judged(eyes, "oven")
    assert observer.wrongs == [] and observer.none_good("oven")
    assert not observer.all_right()


def test_observer_finds_a_good_nan() -> None:
    assert judged(FakeEyes(CLOCK.now_us(), float("nan")), "oven").wrongs
