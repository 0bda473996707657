"""Windows and instants against brute force: what stood at each moment, NaN where nothing good did."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.historian import Cancelled, StoredHistory
from engine.types import Origin, Samples, Status
from tests.engine.historian.stored import DAY_US, SECOND_US, START_US, chunk, cut, history, store, tail_of


def stood(samples: Samples, time_us: int) -> tuple[float, int, int] | None:
    """Value, quality and source time at an instant, one sample at a time."""
    found = None
    for k, time in enumerate(samples.time_us.tolist()):
        if time <= time_us:
            found = k
    if found is None:
        return None
    value = float(samples.value[found])
    if samples.dropped[found] and found + 1 < len(samples.value):
        begin, end = samples.time_us[found : found + 2].tolist()
        there = float(samples.value[found + 1])
        if np.isfinite(there) and not samples.quality[found + 1] & 0xC0000000:  # no line leads to a bad one
            value += (there - value) * ((time_us - begin) / (end - begin))
    return value, int(samples.quality[found]), int(samples.time_us[found])


def mixed(folder: Path, seed: int, tags: int = 4) -> StoredHistory:
    """Tags with shared and own times, lines, bad stretches, late samples, a tail, and silence for days."""
    random = np.random.default_rng(seed)
    shared = START_US + DAY_US - 600 * SECOND_US + SECOND_US * np.arange(1200)
    fresh = []
    for tag in range(tags):
        own = np.sort(random.choice(1200, random.integers(2, 1200), replace=False))
        times = shared if tag % 2 == 0 else shared[own] + random.integers(0, 400_000, len(own))
        values = random.normal(size=len(times))
        quality = np.where(random.random(len(times)) < 0.02, np.uint32(Status.SENSOR_FAILURE), np.uint32(0))
        if tag == 0:
            quality[:] = 0
        for part in cut(times, [300, 77]):
            lines = random.integers(0, 3, len(values[part])) if tag == 3 else np.zeros(len(values[part]), int)
            lines[-1] = 0
            store(folder, [chunk(tag, times[part], values[part], quality[part], dropped=lines.tolist())])
        if tag == 1:
            late = times[::50] + 77
            days = late[late < START_US + DAY_US], late[late >= START_US + DAY_US]
            fives = [chunk(tag, day, np.full(len(day), 5.0), origin=Origin.LATE) for day in days if len(day)]
            store(folder, fives)
        fresh.append(chunk(tag, shared[-1] + SECOND_US * np.arange(1, 9), np.arange(8.0) + tag))
    store(folder, [chunk(90, [START_US - 5 * DAY_US], [42.0])])
    return history(folder, tail_of(*fresh))


def compare(stored: StoredHistory, tag: int, row: NDArray[np.float32], instants: NDArray[np.int64]) -> None:
    samples = stored.raw(tag, -(2**60), 2**60)
    for k, instant in enumerate(instants.tolist()):
        expected = stood(samples, instant)
        if expected is None or expected[1] & 0xC0000000 or not np.isfinite(expected[0]):
            assert np.isnan(row[k]), (tag, instant)
        else:
            assert row[k] == pytest.approx(expected[0], rel=1e-6, abs=1e-12), (tag, instant)


@settings(max_examples=6, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([SECOND_US // 3, SECOND_US, 7 * SECOND_US, 90 * SECOND_US]),
    st.integers(-900, 700),
    st.booleans(),
)
def test_window_is_what_stood_at_every_step(seed: int, step_us: int, first: int, aligned: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        stored = mixed(Path(name), seed)
        start = START_US + DAY_US + first * SECOND_US + (0 if aligned else 123_457)
        end = start + 60 * step_us - 1
        tags = [0, 1, 2, 3, 90, 91]
        found = stored.window(tags, start, end, step_us)
        assert found.shape == (6, 60)
        assert found.dtype == np.float32
        for tag, row in zip(tags, found, strict=True):
            compare(stored, tag, row, start + step_us * np.arange(60))
        stored.close()


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(-900, 900), min_size=1, max_size=12))
def test_instant_is_what_every_tag_said(seed: int, seconds: list[int]) -> None:
    with tempfile.TemporaryDirectory() as name:
        stored = mixed(Path(name), seed)
        tags = [0, 91, 3, 2, 1, 90]
        whole = {tag: stored.raw(tag, -(2**60), 2**60) for tag in tags}
        for second in [*seconds, *seconds]:
            time_us = START_US + DAY_US + second * SECOND_US + 250_000
            found = stored.instant(tags, time_us)
            for row, tag in enumerate(tags):
                expected = stood(whole[tag], time_us)
                if expected is None:
                    assert found.time_us[row] == 0
                    assert np.isnan(found.value[row])
                    continue
                assert found.value[row] == pytest.approx(expected[0], nan_ok=True), (tag, second)
                assert (found.quality[row], found.time_us[row]) == expected[1:], (tag, second)
        stored.close()


def test_value_of_days_ago_still_holds(tmp_path: Path) -> None:
    store(tmp_path, [chunk(1, [START_US], [3.0])])
    store(tmp_path, [chunk(2, [START_US + 9 * DAY_US], [4.0])])
    stored = history(tmp_path)
    begin = START_US + 5 * DAY_US
    assert stored.window([1, 2], begin, begin + 3, 1)[0].tolist() == [3.0] * 3
    assert stored.instant([1, 2], begin).value.tolist()[0] == 3.0
    stored.close()


def test_end_of_a_stretch_ends_what_holds(tmp_path: Path) -> None:
    store(
        tmp_path,
        [
            chunk(1, [START_US], [3.0]),
            chunk(1, [START_US + 10], [3.0], [Status.STALE], Origin.ENGINE),
            chunk(1, [START_US + 20], [5.0]),
        ],
    )
    stored = history(tmp_path)
    row = stored.window([1], START_US - 5, START_US + 25, 5)[0]
    assert [None if np.isnan(v) else v for v in row.tolist()] == [None, 3.0, 3.0, None, None, 5.0]
    assert stored.instant([1], START_US + 12).quality.tolist() == [Status.STALE]
    stored.close()


def test_number_beyond_a_float32_is_infinite_without_a_warning(tmp_path: Path) -> None:
    store(tmp_path, [chunk(1, [START_US], [1e300])])
    stored = history(tmp_path)
    assert stored.window([1], START_US, START_US + 2, 1)[0].tolist() == [np.inf, np.inf]
    stored.close()


def test_window_says_how_far_it_is_and_stops_when_told(tmp_path: Path) -> None:
    store(tmp_path, [chunk(tag, [START_US], [float(tag)]) for tag in range(40)])
    stored = history(tmp_path)
    heard: list[float] = []

    def watch(done: float) -> bool:
        heard.append(done)
        return len(heard) < 3

    with pytest.raises(Cancelled):
        stored.window(range(40), START_US, START_US + 10, 1, watch)
    assert len(heard) == 3
    assert 0 < heard[0] < heard[1] < heard[2] < 1
    heard.clear()
    found = stored.window(
        range(40), START_US, START_US + 10, 1, lambda done: bool(heard.append(done)) or True
    )
    assert heard[-1] == 1.0
    assert found[:, 0].tolist() == list(range(40))
    stored.close()


def test_window_needs_a_step(tmp_path: Path) -> None:
    stored = history(tmp_path)
    with pytest.raises(ValueError, match="step above 0"):
        stored.window([1], 0, 10, 0)
    stored.close()


def test_instant_sees_what_was_written_since_it_was_last_asked(tmp_path: Path) -> None:
    store(tmp_path, [chunk(1, [START_US], [1.0])])
    stored = history(tmp_path)
    assert stored.instant([1], START_US + 100).value.tolist() == [1.0]
    store(tmp_path, [chunk(1, [START_US + 50], [2.0], origin=Origin.LATE)])
    assert stored.instant([1], START_US + 100).value.tolist() == [2.0]
    stored.close()
