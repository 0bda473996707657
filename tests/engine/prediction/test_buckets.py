"""Buckets: live and replay give the same bits, and the mean is that of the values that held."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.prediction.buckets import MINUTE_US, Buckets, Filling, Intake, fill
from engine.prediction.features import FEATURES, FeatureSpec
from engine.types import Batch, Origin, Samples, Status

HOUR_US = 3_600_000_000
START_US = 1_790_000_000_000_000 - 1_790_000_000_000_000 % HOUR_US
BUCKET_US = 300_000_000
ALLOWANCE_US = 30_000_000
TAGS = 3
Arrivals = list[tuple[int, int, int, float, int]]
"""Tag, source time, receive time, value, quality: in the order of receipt."""

QUALITIES = st.sampled_from([Status.GOOD] * 6 + [Status.STALE, Status.BAD, 0x00000400])
VALUES = st.one_of(
    st.floats(-1e6, 1e6),
    st.sampled_from([0.1, np.nan, np.inf, -0.0, 1e300, -1e300]),
    st.integers(0, 9).map(float),
)
LATE_S = st.one_of(st.integers(0, 20), st.integers(0, 200), st.just(-1200))


@st.composite
def arrivals(draw: st.DrawFn) -> Arrivals:
    """Two hours of three tags: late, twice, out of order, of the future, not good, no number."""
    found: Arrivals = []
    for tag in range(TAGS):
        for time_s in draw(st.lists(st.integers(0, 7199), max_size=25)):
            time_us = START_US + time_s * 1_000_000
            value, quality = draw(VALUES), int(draw(QUALITIES))
            late_s = draw(LATE_S)
            # A history keeps the first of two alike; one that claimed the future is no first.
            again = [late_s + 7] if late_s >= 0 and draw(st.integers(0, 3)) == 0 else []
            for each in (late_s, *again):
                found.append((tag, time_us, time_us + each * 1_000_000, value, quality))
            if late_s >= 0 and draw(st.integers(0, 9)) == 0:
                found.append((tag, time_us, time_us, draw(VALUES), int(draw(QUALITIES))))
    return sorted(found, key=lambda each: each[2])


def live(events: Arrivals, until_us: int, every_us: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """One sample a batch in the order of receipt, with the buckets closed as time goes on."""
    intake = Intake(np.arange(TAGS, dtype=np.int32), START_US, MINUTE_US, ALLOWANCE_US)
    filling = Filling(np.arange(TAGS), BUCKET_US, MINUTE_US)
    found, now_us = [], START_US
    for tag, time_us, receive_us, value, quality in events:
        while now_us + every_us <= receive_us:
            now_us += every_us
            found += filling.add(intake.close(intake.due_us(now_us)))
        intake.append(batch_of(tag, time_us, receive_us, value, quality))
    while intake.next_us < until_us:
        now_us += every_us
        found += filling.add(intake.close(min(intake.due_us(now_us), until_us)))
    return np.array([each[1] for each in found]), np.array([each[2] for each in found])


def batch_of(tag: int, time_us: int, receive_us: int, value: float, quality: int) -> Batch:
    return Batch(
        0, np.array([tag], np.int32), np.array([time_us]), np.array([receive_us]),
        np.array([[value]]), np.array([quality], np.uint32),
    )  # fmt: skip


def stored(events: Arrivals) -> list[Samples]:
    """What the history holds: by source time, never two alike."""
    found: list[Samples] = []
    for tag in range(TAGS):
        own = sorted((each for each in events if each[0] == tag), key=lambda each: (each[1], repr(each[3])))
        alike: dict[tuple[int, str, int], tuple[int, int, int, float, int]] = {}
        for each in own:
            kept = alike.setdefault((each[1], repr(each[3]), each[4]), each)
            if each[2] < kept[2]:
                alike[each[1], repr(each[3]), each[4]] = each
        rows = list(alike.values())
        found.append(
            Samples(
                np.array([r[1] for r in rows], np.int64), np.array([r[2] for r in rows], np.int64),
                np.array([r[3] for r in rows], np.float64), np.array([r[4] for r in rows], np.uint32),
                np.zeros(len(rows), np.uint8), np.zeros(len(rows), np.uint32),
            )
        )  # fmt: skip
    return found


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(arrivals(), st.sampled_from([20_000_000, 61_000_000, 1_000_000_000]))
def test_live_and_replay_give_the_same_bits_whatever_came_late_twice_or_bad(
    events: Arrivals, every_us: int
) -> None:
    until_us = START_US + 2 * HOUR_US
    means, coverage = live(events, until_us, every_us)
    again = fill(stored(events), START_US, until_us, BUCKET_US, ALLOWANCE_US)
    assert means.tobytes() == again[0].tobytes()
    assert coverage.tobytes() == again[1].tobytes()
    spec = FeatureSpec(("a", "b", "c"), (), (0.25, 1.0), (0.5,), 300.0)
    rows, none = np.arange(len(means)), np.zeros((len(means), 0), np.int32)
    function = FEATURES["windows/1"]
    of_live = Buckets(START_US, BUCKET_US, means, coverage, none, spec.roles, spec.classes)
    of_replay = Buckets(START_US, BUCKET_US, *again, none, spec.roles, spec.classes)
    whole = function.compute(spec, of_replay, rows)
    for row in rows:
        one = function.compute(spec, of_live, np.array([row]))
        assert one.tobytes() == whole[row].tobytes()


@settings(max_examples=12, deadline=None)
@given(arrivals())
def test_the_mean_is_that_of_the_good_values_by_the_time_they_held(events: Arrivals) -> None:
    plain = [each for each in events if abs(each[3]) < 1e299 or np.isnan(each[3])]
    means, coverage = fill(stored(plain), START_US, START_US + 2 * HOUR_US, BUCKET_US)
    for tag in range(TAGS):
        held: dict[int, tuple[float, bool]] = {}
        for _, time_us, receive_us, value, quality in (each for each in plain if each[0] == tag):
            if time_us > receive_us + 600_000_000:
                continue
            good = quality & 0xC0000000 == 0 and bool(np.isfinite(value))
            rank = (not good, value if good else 0.0)
            if time_us not in held or rank > (not held[time_us][1], held[time_us][0]):
                held[time_us] = (value if good else 0.0, good)
        times = sorted(held)
        for bucket in range(len(means)):
            start_us = START_US + bucket * BUCKET_US
            area = lasted = 0.0
            for at, time_us in enumerate(times):
                until_us = times[at + 1] if at + 1 < len(times) else 2**62
                share = min(until_us, start_us + BUCKET_US) - max(time_us, start_us)
                if share > 0 and held[time_us][1]:
                    area, lasted = area + held[time_us][0] * share, lasted + share
            assert coverage[bucket, tag] == pytest.approx(lasted / BUCKET_US, abs=1e-6)
            if lasted:
                assert means[bucket, tag] == pytest.approx(area / lasted, rel=1e-5, abs=1e-3)
            else:
                assert np.isnan(means[bucket, tag])


def test_a_sample_after_the_allowance_is_counted_and_changes_nothing() -> None:
    intake = Intake(np.array([5], np.int32), START_US, MINUTE_US, ALLOWANCE_US)
    intake.append(batch_of(5, START_US, START_US, 4.0, 0))
    end_us = START_US + MINUTE_US
    intake.append(batch_of(5, START_US + 1_000_000, end_us + ALLOWANCE_US, 4.0, 0))
    intake.append(batch_of(5, START_US + 2_000_000, end_us + ALLOWANCE_US + 1, 900.0, 0))
    assert (intake.late, intake.lost) == (1, 0)
    assert intake.due_us(end_us + ALLOWANCE_US) == START_US
    slots = intake.close(end_us)
    assert slots.area[0, 0] / slots.good_us[0, 0] == 4.0


def test_a_bad_sample_ends_what_held_and_a_silent_good_tag_holds() -> None:
    intake = Intake(np.array([1, 2], np.int32), START_US, MINUTE_US, ALLOWANCE_US)
    filling = Filling(np.arange(2), BUCKET_US, MINUTE_US)
    for tag in (1, 2):
        intake.append(batch_of(tag, START_US, START_US, 7.0, 0))
    bad_us = START_US + 90_000_000
    intake.append(batch_of(1, bad_us, bad_us, 7.0, int(Status.STALE)))
    (_, means, coverage), (_, later, none) = filling.add(intake.close(START_US + 2 * BUCKET_US))
    assert means.tolist() == [7.0, 7.0]
    assert coverage.tolist() == pytest.approx([0.3, 1.0])
    assert np.isnan(later[0]) and later[1] == 7.0 and none.tolist() == [0.0, 1.0]
    assert intake.good_now().tolist() == [False, True]


def test_what_holds_now_is_known_before_a_slot_is_closed() -> None:
    intake = Intake(np.array([1, 2], np.int32), START_US, MINUTE_US, ALLOWANCE_US)
    assert intake.good_now().tolist() == [False, False]
    for tag in (1, 2):
        intake.append(batch_of(tag, START_US + 5, START_US + 5, 7.0, 0))
    intake.append(batch_of(1, START_US + 9, START_US + 9, 7.0, int(Status.SENSOR_FAILURE)))
    intake.append(batch_of(1, START_US + 7, START_US + 10, 7.0, 0))  # it came late, and is not what holds
    assert intake.good_now().tolist() == [False, True]
    intake.silence(START_US)
    assert intake.good_now().tolist() == [False, False]


def test_only_the_samples_taken_and_the_tags_wanted_come_in() -> None:
    intake = Intake(np.array([3], np.int32), START_US, MINUTE_US, ALLOWANCE_US)
    times = START_US + np.array([0, 30_000_000])
    batch = Batch(
        0, np.array([3, 99], np.int32), times, times, np.array([[1.0, 8.0], [5.0, 8.0]]),
        np.zeros((2, 2), np.uint32),
    )  # fmt: skip
    intake.append(batch, Origin.LIVE, np.array([[True, True], [False, True]]))
    slots = intake.close(START_US + MINUTE_US)
    assert slots.area[0, 0] / slots.good_us[0, 0] == 1.0


def test_buckets_that_are_no_multiple_of_the_slots_are_refused() -> None:
    with pytest.raises(ValueError, match="90 s are no multiple of slots of 60 s"):
        Filling(np.arange(1), 90_000_000, MINUTE_US)
