"""Stored curves against brute force on the samples: no spike lost, no gap hidden, never too many points."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.historian.envelope import FEWEST
from engine.historian.rollups import Rollups
from engine.store.segment import COARSE, FEWEST_COARSE
from engine.types import Curve, Origin, Rollup, Status
from tests.engine.historian.stored import DAY_US, SECOND_US, START_US, chunk, cut, history, store, tail_of

SIMULATED = 0x42090000


def columns(
    time_us: NDArray[np.int64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    span: tuple[int, int],
    pixels: int,
) -> dict[int, tuple[float, float]]:
    """Smallest and largest value of every pixel column that has one."""
    start, end = span
    inside = (time_us >= start) & (time_us < end) & np.isfinite(low)
    pixel = np.floor((time_us[inside] - start) / max((end - start) / pixels, 1.0)).astype(int)
    found: dict[int, tuple[float, float]] = {}
    for k, lowest, highest in zip(pixel.tolist(), low[inside].tolist(), high[inside].tolist(), strict=True):
        had = found.get(k, (lowest, highest))
        found[k] = min(had[0], lowest), max(had[1], highest)
    return found


def brute(
    times: NDArray[np.int64],
    values: NDArray[np.float64],
    parts: Sequence[slice],
    span: tuple[int, int],
    pixels: int,
) -> dict[int, tuple[float, float]]:
    """As `columns`, where a stretch narrower than a pixel counts in the column of its first sample."""
    width = (span[1] - span[0]) / pixels
    counted = times.copy()
    for part in parts:
        some = times[part]
        if len(some) < FEWEST or some[0] < span[0] or some[-1] >= span[1]:
            continue
        if len(some) >= FEWEST_COARSE and some[-1] - some[0] <= width:
            counted[part] = some[0]
        elif (some[-1] - some[0]) * COARSE <= width * len(some) * 2:
            starts = np.arange(0, len(some), COARSE)
            ends = np.minimum(starts + COARSE - 1, len(some) - 1)
            if (some[ends] - some[starts]).max() <= width:
                counted[part] = some[np.arange(len(some)) // COARSE * COARSE]
    return columns(counted, values, values, span, pixels)


def drawn(curve: Curve, span: tuple[int, int], pixels: int) -> dict[int, tuple[float, float]]:
    return columns(curve.time_us, curve.low, curve.high, span, pixels)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 9000), st.integers(5, 500), st.booleans())
def test_every_pixel_column_has_the_extremes_of_its_samples(
    seed: int, count: int, pixels: int, steady: bool
) -> None:
    random = np.random.default_rng(seed)
    steps = np.full(count, 1.0) if steady else random.exponential(1.0, count) + 1e-3
    times = START_US + 80_000 * SECOND_US + np.cumsum(steps * SECOND_US).astype(np.int64)
    values = random.normal(size=count)
    parts = cut(times, random.integers(1, 6000, 4).tolist())
    with tempfile.TemporaryDirectory() as name:
        for part in parts:
            store(Path(name), [chunk(3, times[part], values[part])])
        stored = history(Path(name))
        first, last = int(times[0]), int(times[-1])
        spans = [(first, last + 1), (first - 10**9, last + 10**9)]
        spans.append(tuple(np.sort(random.integers(first - 1000, last + 1000, 2)).tolist()))
        for span in spans:
            if span[0] >= span[1]:
                continue
            for _ in range(2):  # the second time from what was kept
                curve = stored.minmax(3, *span, pixels)
                assert drawn(curve, span, pixels) == brute(times, values, parts, span, pixels)
                assert len(curve.time_us) <= 2 * pixels + 3
                assert (np.diff(curve.time_us) >= 0).all()
                assert not curve.uncertain.any()
        stored.close()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4000), st.integers(5, 300), st.floats(0, 1))
def test_bad_stale_and_uncertain_samples_show_at_every_width(
    seed: int, count: int, pixels: int, share: float
) -> None:
    random = np.random.default_rng(seed)
    times = START_US + SECOND_US * np.arange(count)
    values = random.normal(size=count)
    kinds = np.array([0, Status.STALE, Status.SENSOR_FAILURE, SIMULATED], np.uint32)
    quality = np.where(random.random(count) < share, kinds[random.integers(0, 4, count)], np.uint32(0))
    with tempfile.TemporaryDirectory() as name:
        for part in cut(times, [700, 100]):
            store(Path(name), [chunk(3, times[part], values[part], quality[part])])
        stored = history(Path(name))
        span = START_US, START_US + count * SECOND_US
        curve = stored.minmax(3, *span, pixels)
        stored.close()
    usable = (quality == 0) | (quality == SIMULATED)
    shown = np.where(usable, values, np.nan)
    assert len(curve.time_us) <= 2 * pixels + 3
    if usable.any():
        low, high = np.nanmin(curve.low), np.nanmax(curve.high)
        assert (low, high) == (np.nanmin(shown), np.nanmax(shown))
    width = max(count * SECOND_US / pixels, 1.0)

    def pixel(time: NDArray[np.int64]) -> set[int]:
        return set(np.floor((time - START_US) / width).astype(int).tolist())

    assert pixel(times[~usable]) == pixel(curve.time_us[np.isnan(curve.low)])
    assert pixel(times[quality == SIMULATED]) <= pixel(curve.time_us[curve.uncertain])
    good_alone = pixel(times[usable]) - pixel(times[quality != 0])
    assert not good_alone & pixel(curve.time_us[curve.uncertain][:-1])


def test_spike_of_one_sample_shows_on_any_zoom(tmp_path: Path) -> None:
    times = START_US + SECOND_US * np.arange(2 * 86_400)
    values = np.sin(np.arange(len(times)) / 5000)
    values[100_003] = 99.0
    for part in cut(times, [1800]):
        store(tmp_path, [chunk(1, times[part], values[part])])
    stored = history(tmp_path)
    for pixels in (1, 7, 100, 700, 2000):
        curve = stored.minmax(1, START_US, START_US + 2 * DAY_US, pixels)
        assert np.nanmax(curve.high) == 99.0
        at = curve.time_us[np.nanargmax(curve.high)]
        assert abs(at - times[100_003]) <= 2 * DAY_US / pixels + 16 * SECOND_US
    stored.close()


def test_engine_sample_in_the_middle_of_a_packed_chunk_is_a_gap(tmp_path: Path) -> None:
    times = START_US + SECOND_US * np.arange(3600)
    store(
        tmp_path,
        [
            chunk(1, times, np.ones(3600)),
            chunk(1, [times[1800] + 1], [1.0], [Status.STALE], Origin.ENGINE),
        ],
    )
    stored = history(tmp_path)
    for pixels in (2, 30, 200, 5000):
        curve = stored.minmax(1, START_US, START_US + 3600 * SECOND_US, pixels)
        holes = curve.time_us[np.isnan(curve.low)]
        assert len(holes) == 1, pixels
        assert abs(holes[0] - times[1800]) <= 3600 * SECOND_US / pixels
    stored.close()


def test_curve_begins_with_the_sample_before_and_goes_on_into_the_tail(tmp_path: Path) -> None:
    store(tmp_path, [chunk(1, [START_US], [5.0])])
    later = START_US + 3 * DAY_US
    stored = history(tmp_path, tail_of(chunk(1, [later, later + SECOND_US], [6.0, 7.0])))
    curve = stored.minmax(1, later - SECOND_US, later + 10 * SECOND_US, 100)
    assert curve.time_us.tolist() == [START_US, later, later + SECOND_US]
    assert curve.low.tolist() == [5.0, 6.0, 7.0]
    stored.close()


@pytest.mark.parametrize("has_samples", [True, False])
def test_months_are_drawn_from_roll_ups_and_lose_no_extreme(tmp_path: Path, has_samples: bool) -> None:
    random = np.random.default_rng(1)
    times = START_US + 60 * SECOND_US * np.arange(40 * 1440)
    values = random.normal(size=len(times))
    quality = np.zeros(len(times), np.uint32)
    quality[20_000:20_300] = Status.SENSOR_FAILURE
    quality[30_000:30_300] = SIMULATED
    values[30_100] = 50.0
    stored = history(tmp_path)
    for part in cut(times, [1440]):
        store(tmp_path, [chunk(1, times[part], values[part], quality[part])])
    rollups = Rollups(tmp_path, stored)
    rollups.sealed([(1, int(times[0]), int(times[-1]))])
    assert rollups.work(lambda _: True, finish=True)
    stored.use(rollups.rollup)
    if not has_samples:
        for path in tmp_path.glob("samples-*"):
            path.unlink()
        stored.close()
        stored = history(tmp_path)
        stored.use(rollups.rollup)
    span = START_US, START_US + 40 * DAY_US
    curve = stored.minmax(1, *span, 300)
    usable = quality == 0 if not has_samples else (quality == 0) | (quality == SIMULATED)
    assert np.nanmin(curve.low) == values[usable].min()
    assert np.nanmax(curve.high) == values[usable].max()
    assert len(curve.time_us) <= 2 * 300 + 3
    holes = curve.time_us[np.isnan(curve.low)]
    assert ((holes >= times[20_000] - DAY_US // 4) & (holes <= times[20_300] + DAY_US // 4)).any()
    rollups.close()
    stored.close()


@pytest.mark.parametrize("end_us", [START_US + 300 * 365 * DAY_US, 2**62])
def test_zoom_far_into_the_future_makes_no_empty_steps(tmp_path: Path, end_us: int) -> None:
    for day in (0, 40):
        times = START_US + day * DAY_US + np.arange(600) * SECOND_US
        store(tmp_path, [chunk(1, times, np.arange(600.0) + day)])
    stored = history(tmp_path)
    rollups, asked = Rollups(tmp_path, stored), list[int]()

    def roll(tag: int, start_us: int, end_us: int, step_us: int) -> Rollup:
        asked.append((end_us - start_us) // step_us)
        assert asked[-1] < 24 * 100, "millions of empty steps"
        return rollups.rollup(tag, start_us, end_us, step_us)

    rollups.catch_up()
    rollups.work(lambda _: True, finish=True)
    stored.use(roll)
    for start_us in (START_US - DAY_US, -(2**62)):
        curve = stored.minmax(1, start_us, end_us, 1000)
        assert (np.nanmin(curve.low), np.nanmax(curve.high)) == (0.0, 639.0)
    assert asked, "it was drawn from roll-ups"
    rollups.close()
    stored.close()
