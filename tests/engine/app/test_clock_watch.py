"""What is known of a source's clock: drift over an hour, lags of samples, and their price."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engine.app import host_clock as host
from engine.app.clock_answers import DRIFT_PPM, OLD_US, Paces, device_clock
from engine.app.clock_watch import LAGS, ClockWatch
from engine.drivers.link import Link
from engine.types import Batch, DeviceClock, SourceNote, SourceStateName, Tag
from tests.engine.alarms.rig import MovedClock

S = 1_000_000


def batch(lags_us: list[int], at_us: int = 1000 * S, tags: int = 1) -> Batch:
    receive = at_us + np.arange(len(lags_us), dtype=np.int64) * S
    source = receive - np.array(lags_us, np.int64)
    ids = np.arange(tags, dtype=np.int32)
    return Batch(0, ids, source, receive, np.zeros((len(lags_us), tags)), np.zeros(tags, np.uint32))


def drifting(ppm: float, minutes: int, error_s: float = 0.001, jump_at: int = -1) -> ClockWatch:
    watch, dice = ClockWatch(), np.random.default_rng(3)
    for k in range(minutes * 2):
        mono_us = k * 30 * S
        offset_us = 250_000 + ppm * mono_us / 1e6 + dice.uniform(-0.4, 0.4) * error_s * 1e6
        offset_us += 5e6 if 0 <= jump_at <= k else 0
        watch.measured(mono_us, mono_us + 7, offset_us / 1e6, error_s)
    return watch


@pytest.mark.parametrize("ppm", [-80.0, 0.0, 12.0, 150.0])
def test_drift_is_found_within_few_ppm(ppm: float) -> None:
    found = drifting(ppm, 60).drift_ppm()
    assert found is not None and abs(found - ppm) < 2.0


def test_drift_is_not_told_before_ten_minutes_nor_from_vague_measurements() -> None:
    assert drifting(12.0, 9).drift_ppm() is None
    assert drifting(12.0, 60, error_s=2.0).drift_ppm() is None


def test_clock_that_was_set_begins_the_hour_anew() -> None:
    watch = drifting(12.0, 60, jump_at=60)
    found = watch.drift_ppm()
    assert found is not None and abs(found - 12.0) < 4.0
    assert watch.offset_us is not None and watch.offset_us > 5 * S


def test_lags_are_the_middle_and_the_late_end_of_the_last_samples() -> None:
    watch = ClockWatch()
    assert watch.lags_us() is None and not watch.has_own_times
    for _ in range(100):
        watch.lag(batch([10_000, 20_000, 30_000]))
    watch.lag(batch([900_000]))
    assert watch.lags_us() is not None and watch.has_own_times
    middle, late = watch.lags_us() or (0, 0)
    assert middle == 20_000 and 30_000 <= late
    for _ in range(LAGS):
        watch.lag(batch([5_000]))
    assert watch.lags_us() == (5_000, 5_000), "only the last ones count"


def test_values_that_carry_our_time_are_known_as_such() -> None:
    watch = ClockWatch()
    watch.lag(batch([0, 0, 0], tags=40))
    assert not watch.has_own_times


def test_large_batches_give_a_few_lags_each() -> None:
    watch = ClockWatch()
    for _ in range(80):
        watch.lag(batch(list(range(1000, 6000))))
    middle, late = watch.lags_us() or (0, 0)
    assert 3000 < middle < 4000 < late


def test_tags_stand_in_the_class_of_their_rate_and_are_counted() -> None:
    clock, rates = MovedClock(), (10.0, 5.0, 1.0, 0.05, 0.01, 1 / 7200)
    tags = [Tag(path=f"T{k}", source="s", address="a", tag_id=k, rate=rate) for k, rate in enumerate(rates)]
    counts = np.zeros(len(tags), np.int64)
    paces = Paces(tags, counts, clock)
    assert paces.classes.tolist() == [0, 1, 1, 2, 2, 3]
    clock.wait(10)
    counts += 50
    assert paces.rates().tolist() == pytest.approx([5.0] * 6)
    clock.wait(90)
    paces.rates()
    clock.wait(90)
    assert paces.rates().tolist() == pytest.approx([0.0] * 6), "what came a minute ago is no rate of now"


@pytest.mark.parametrize(
    ("answer", "is_synchronised", "error_us"),
    [((0, 0, 1200), True, 1200), ((5, 0x40, 16_000_000), False, None), ((0, 0x40, 100), False, None)]
    + [((0, 0, 16_000_000), True, None)],
)
def test_answer_of_the_kernel_is_read_as_its_manual_says(
    answer: tuple[int, int, int], is_synchronised: bool, error_us: int | None
) -> None:
    found = host.judged(*answer)
    assert (found.is_synchronised, found.error_us) == (is_synchronised, error_us)
    assert found.text or is_synchronised


def test_this_computer_answers_or_says_that_it_does_not_know() -> None:
    found = host.host_clock()
    assert found.is_synchronised is not None or found.text


def told(watch: ClockWatch, mono_us: int, link: Link | None = None) -> DeviceClock:
    context: Any = SimpleNamespace(source=SimpleNamespace(id="plc"))
    driver: Any = SimpleNamespace(tells_time=True)
    return device_clock(context, driver, link or linked("connected"), watch, mono_us)


def linked(state: SourceStateName) -> Link:
    link = Link()
    link.state = state
    return link


def test_an_offset_that_was_measured_long_ago_is_told_as_old_and_known_less_well() -> None:
    watch = drifting(12.0, minutes=30)
    last_us = 59 * 30 * S
    fresh = told(watch, last_us + OLD_US)
    assert (fresh.text, fresh.error_us) == ("", 1000)
    assert fresh.drift_ppm is not None
    old = told(watch, last_us + 3600 * S)
    assert "no answer any more" in old.text
    assert (old.error_us, old.drift_ppm) == (1000 + 3600 * DRIFT_PPM, None)
    assert old.measured_us == last_us + 7


def test_an_offset_of_a_link_that_is_down_says_so() -> None:
    watch = drifting(0.0, minutes=1)
    assert "there is no link: this is what it was" in told(watch, 31 * S, linked("connecting")).text
    assert told(watch, 31 * S, linked("stale")).text == ""
    assert told(ClockWatch(), 0, linked("refused")).text == "not measured: there is no link"


def test_what_the_driver_says_of_a_clock_wins() -> None:
    link = linked("connected")
    link.notes["clock"] = SourceNote("clock", "the clock of plc stands still", "ask", 0)
    assert told(drifting(0.0, minutes=1), 31 * S, link).text == "the clock of plc stands still; ask"
