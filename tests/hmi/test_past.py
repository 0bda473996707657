"""Curves that reach back: memory and stored tiles as one line, whatever is zoomed and panned."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from engine.types import Curve
from hmi import history
from hmi.history import COLUMNS, Tiles, level_of, tile_us
from tests.hmi.plant import NOW_US
from tests.hmi.stored import Engine, Line

SECOND_US, HOUR_US = 1_000_000, 3_600_000_000
DAY_US = 24 * HOUR_US
PIXELS = 950


def noisy(hours: float = 72.0, step_us: int = 20 * SECOND_US, seed: int = 1, spikes: int = 40) -> Line:
    """Samples at uneven times up to now, with spikes and with gaps, each a 72nd of it."""
    random = np.random.default_rng(seed)
    count = round(hours * HOUR_US / step_us)
    time = NOW_US - np.arange(count, 0, -1) * step_us + random.integers(0, step_us // 2, count)
    value = 100 + 10 * np.sin(np.arange(count) / 700) + random.normal(size=count)
    value[random.integers(0, count, spikes)] += 500
    keep = np.ones(count, np.bool_)
    for part in (0.2, 0.55, 0.8):
        at = int(count * part)
        value[at] = np.nan
        keep[at + 1 : at + count // 72] = False
    return Line(time[keep].astype(np.int64), value[keep])


def column_us(start_us: int, end_us: int) -> int:
    """Width of a pixel, in which the columns of tiles are told apart."""
    return (end_us - start_us) // PIXELS + 1


def assert_true(curve: Curve, line: Line, start_us: int, end_us: int, columns: int = 2) -> None:
    """Every sample of the span is within the curve, the curve is made of samples, and gaps are in it.

    ``columns`` = how far from its place a value may stand: it counts at the first sample of its column,
    and that column at the first of its pixel.
    """
    room_us = columns * column_us(start_us, end_us)
    assert (np.diff(curve.time_us) >= 0).all()
    inside = (line.time_us >= start_us) & (line.time_us < end_us)
    assert curve.time_us.size <= 2 * PIXELS + 4 + 2 * int(np.isnan(curve.low).sum())
    reach = np.searchsorted(curve.time_us, line.time_us - room_us)
    stop = np.searchsorted(curve.time_us, line.time_us + room_us, "right")
    for k in np.flatnonzero(inside).tolist():
        near = slice(int(reach[k]), int(stop[k]))
        value = line.value[k]
        if np.isnan(value):
            assert np.isnan(curve.low[near]).any(), "a gap is drawn across"
        else:
            assert (curve.low[near] <= value).any() and (curve.high[near] >= value).any(), "a sample is lost"
    times: list[int] = curve.time_us.tolist()
    for time_us, low, high in zip(times, curve.low.tolist(), curve.high.tolist(), strict=True):
        near = slice(
            int(line.time_us.searchsorted(time_us - room_us)),
            int(line.time_us.searchsorted(time_us + room_us, "right")),
        )
        if low == low:
            assert low in line.value[near] and high in line.value[near], "a value that was never stored"
        else:
            assert np.isnan(line.value[near]).any(), "a gap that never was"


@pytest.fixture(scope="module")
def line() -> Line:
    """Three days of one tag."""
    return noisy()


def test_72_hours_are_drawn_from_stored_tiles_and_memory(line: Line) -> None:
    engine = Engine({1: line})
    engine.stored_us, engine.memory_us = NOW_US - 300 * SECOND_US, NOW_US - HOUR_US
    start_us = NOW_US - 72 * HOUR_US
    curve = engine.loaded(1, start_us, NOW_US, PIXELS)
    assert_true(curve, line, start_us, NOW_US)
    assert curve.time_us[-1] == line.time_us[-1], "the newest sample comes from memory"


steps = some.lists(
    some.tuples(some.sampled_from(("zoom", "pan", "wait")), some.floats(0, 1), some.integers(0, 3)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(steps)
def test_whatever_was_zoomed_and_panned_the_finished_curve_is_what_is_stored(
    moves: list[tuple[str, float, int]],
) -> None:
    line = WALKED
    engine = Engine({1: line})
    engine.stored_us, engine.memory_us = NOW_US - 60 * SECOND_US, NOW_US - HOUR_US
    span_us, end_us = 72 * HOUR_US, NOW_US
    for what, part, answers in moves:
        if what == "zoom":
            at = end_us - span_us + round(span_us * part)
            factor = (0.02, 0.3, 0.5, 3.0)[answers]
            wanted = min(200 * DAY_US, max(100_000, round(span_us * factor)))
            end_us, span_us = at + round((end_us - at) * wanted / span_us), wanted
        elif what == "pan":
            end_us += round(span_us * (part - 0.7))
        end_us = min(end_us, NOW_US + span_us // 50)
        coarse = engine.curve(1, end_us - span_us, end_us, PIXELS)
        assert_drawn_on_what_is_known(engine, coarse, end_us - span_us, end_us)
        engine.tick()
        for _ in range(answers):
            engine.answer()
    curve = engine.loaded(1, end_us - span_us, end_us, PIXELS)
    assert_true(curve, line, end_us - span_us, min(end_us, NOW_US))
    assert engine.recall.past.detail([1], PIXELS, NOW_US).part == 1


WALKED = noisy(seed=5)


def assert_drawn_on_what_is_known(engine: Engine, curve: Curve, start_us: int, end_us: int) -> None:
    """While loading: what is drawn lies within what is stored, and no line crosses the unknown."""
    finite = np.isfinite(curve.low)
    line = engine.lines[1]
    assert np.isin(curve.low[finite], line.value).all() and np.isin(curve.high[finite], line.value).all()
    known = np.concatenate(([False], finite[:-1] & finite[1:]))
    for first_us, last_us in engine.recall.past.unknown(1, PIXELS):
        after = int(np.searchsorted(curve.time_us, last_us))
        if 0 < after < curve.time_us.size and last_us - first_us > 1:
            assert not known[after] or curve.time_us[after - 1] >= last_us, "a line crosses what is not known"


def test_coarse_picture_stays_until_the_finer_one_replaces_it(line: Line) -> None:
    engine = Engine({1: line})
    engine.loaded(1, NOW_US - 72 * HOUR_US, NOW_US, PIXELS)
    start_us, end_us = NOW_US - 30 * HOUR_US, NOW_US - 28 * HOUR_US
    coarse = engine.curve(1, start_us, end_us, PIXELS)
    assert coarse.time_us.size > 10
    assert np.nanmax(coarse.high) >= line.minmax(start_us, end_us, PIXELS).high[1:-1].max()
    engine.tick()
    assert engine.recall.past.detail([1], PIXELS, engine.now_us).part < 1
    fine = engine.loaded(1, start_us, end_us, PIXELS)
    assert fine.time_us.size > 2 * coarse.time_us.size
    assert_true(fine, line, start_us, end_us)


def test_zooming_out_keeps_what_was_fine_until_the_wider_view_comes(line: Line) -> None:
    engine = Engine({1: line})
    engine.loaded(1, NOW_US - 8 * HOUR_US, NOW_US - 7 * HOUR_US, PIXELS)
    before = engine.curve(1, NOW_US - 9 * HOUR_US, NOW_US - 6 * HOUR_US, PIXELS)
    shown = (before.time_us >= NOW_US - 8 * HOUR_US) & (before.time_us < NOW_US - 7 * HOUR_US)
    assert shown.sum() > 100
    assert engine.recall.past.unknown(1, PIXELS), "the sides are told to be unknown"


def test_one_question_is_asked_for_all_pens_of_a_window(line: Line) -> None:
    engine = Engine(dict.fromkeys(range(8), line))
    for tag in range(8):
        engine.curve(tag, NOW_US - 72 * HOUR_US, NOW_US, PIXELS)
    engine.tick()
    assert [ask.tags for ask in engine.asked] == [tuple(range(8))]
    assert engine.asked[0].start_us <= NOW_US - 72 * HOUR_US and engine.asked[0].end_us >= NOW_US


def test_view_that_nobody_looks_at_any_more_is_not_asked_for(line: Line) -> None:
    engine = Engine({1: line})
    engine.curve(1, NOW_US - 72 * HOUR_US, NOW_US, PIXELS)
    engine.curve(1, NOW_US - 60 * SECOND_US - DAY_US, NOW_US - DAY_US, PIXELS)
    engine.tick()
    assert engine.asked and all(ask.end_us - ask.start_us < HOUR_US for ask in engine.asked)
    left = Engine({1: line})
    left.curve(1, NOW_US - 72 * HOUR_US, NOW_US, PIXELS)
    left.now_us += 10 * SECOND_US
    left.tick()
    assert left.asked == []


def test_few_questions_are_out_at_a_time(line: Line) -> None:
    engine = Engine({1: line})
    for hour in range(2, 30):
        engine.curve(1, NOW_US - hour * HOUR_US, NOW_US - hour * HOUR_US + 60 * SECOND_US, PIXELS)
        engine.tick()
    assert len(engine.asked) == 2
    engine.answer()
    engine.tick()
    newest = NOW_US - 29 * HOUR_US
    assert engine.asked[-1].start_us <= newest < engine.asked[-1].end_us, "the newest view comes first"


def test_newest_samples_follow_from_memory_without_a_seam_or_a_double(line: Line) -> None:
    engine = Engine({1: noisy(1.0, SECOND_US, spikes=0)})
    engine.stored_us, engine.memory_us = NOW_US - 20 * SECOND_US, NOW_US - 90 * SECOND_US
    curve = engine.loaded(1, NOW_US - 60 * SECOND_US, NOW_US, PIXELS)
    line = engine.lines[1]
    inside = line.time_us >= NOW_US - 60 * SECOND_US
    assert curve.time_us[1:].tolist() == line.time_us[inside].tolist()
    assert curve.low[1:].tolist() == line.value[inside].tolist()


def test_samples_of_a_device_whose_clock_is_behind_are_not_left_out() -> None:
    engine = Engine({1: noisy(1.0, SECOND_US, spikes=0)})
    engine.memory_us, engine.behind_us = NOW_US - 90 * SECOND_US, 9 * SECOND_US
    curve = engine.loaded(1, NOW_US - 60 * SECOND_US, NOW_US, PIXELS)
    line = engine.lines[1]
    inside = line.time_us >= NOW_US - 60 * SECOND_US
    assert curve.time_us[1:].tolist() == line.time_us[inside].tolist()


def test_spike_in_a_bucket_of_memory_that_began_before_what_is_stored_ended_is_drawn() -> None:
    engine = Engine({1: noisy(1.0, SECOND_US, spikes=0)})
    engine.stored_us = NOW_US - 40 * SECOND_US
    start_us = NOW_US - 60 * SECOND_US
    engine.loaded(1, start_us, NOW_US, PIXELS)

    def buckets(first_us: int, last_us: int, pixels: int) -> Curve:
        time = np.array([NOW_US - 50 * SECOND_US, NOW_US - 30 * SECOND_US, NOW_US - SECOND_US])
        return Curve(time, np.full(3, 90.0), np.array([900.0, 95.0, 90.0]), np.zeros(3, np.bool_))

    curve = engine.recall.past.curve(1, start_us, NOW_US, PIXELS, NOW_US, buckets)
    assert curve.high[curve.time_us > NOW_US - 43 * SECOND_US].max() == 900.0
    assert (np.diff(curve.time_us) >= 0).all()


def test_line_does_not_cross_what_neither_memory_nor_history_holds() -> None:
    engine = Engine({1: noisy(1.0, SECOND_US, spikes=0)})
    engine.stored_us, engine.memory_us = NOW_US - 40 * SECOND_US, NOW_US - 10 * SECOND_US
    curve = engine.loaded(1, NOW_US - 60 * SECOND_US, NOW_US, PIXELS)
    at = int(np.searchsorted(curve.time_us, NOW_US - 40 * SECOND_US))
    assert np.isnan(curve.low[at]) and curve.time_us[at + 1] >= NOW_US - 10 * SECOND_US


def test_tile_that_reaches_to_now_is_asked_for_again_and_an_old_one_is_not(line: Line) -> None:
    engine = Engine({1: line})
    span = (NOW_US - 72 * HOUR_US, NOW_US)
    engine.loaded(1, *span, PIXELS)
    engine.asked.clear()
    engine.now_us = engine.stored_us = NOW_US + 90 * SECOND_US
    engine.curve(1, *span, PIXELS)
    engine.tick()
    assert len(engine.asked) == 1 and len(engine.asked[0].tiles) == 1
    assert engine.asked[0].end_us > NOW_US


def test_late_samples_of_an_old_stretch_are_seen_once_the_source_is_back(line: Line) -> None:
    short = noisy(2.0, SECOND_US)
    engine = Engine({1: short})
    span = (NOW_US - 50 * 60 * SECOND_US, NOW_US - 40 * 60 * SECOND_US)
    engine.loaded(1, *span, PIXELS)
    late = np.int64(NOW_US - 45 * 60 * SECOND_US)
    at = int(np.searchsorted(short.time_us, late))
    engine.lines[1] = Line(np.insert(short.time_us, at, late), np.insert(short.value, at, 900.0))
    engine.now_us += 2 * SECOND_US
    engine.recall.past.renew(engine.now_us)
    assert np.nanmax(engine.loaded(1, *span, PIXELS).high) == 900.0


def test_refused_question_says_why_and_comes_again_later(line: Line) -> None:
    engine = Engine({1: line})
    span = (NOW_US - 72 * HOUR_US, NOW_US)
    engine.curve(1, *span, PIXELS)
    engine.tick()
    engine.refuse("the disk is gone")
    assert engine.recall.past.detail([1], PIXELS, engine.now_us).trouble == "the disk is gone"
    engine.tick()
    assert len(engine.asked) == 1
    engine.now_us += 2 * SECOND_US
    assert_true(engine.loaded(1, *span, PIXELS), line, *span)
    assert engine.recall.past.detail([1], PIXELS, engine.now_us).trouble == ""


def test_cancelled_view_is_not_asked_for_until_it_is_moved(line: Line) -> None:
    engine = Engine({1: line})
    span = (NOW_US - 72 * HOUR_US, NOW_US)
    engine.curve(1, *span, PIXELS)
    engine.tick()
    engine.recall.past.stop([1])
    engine.curve(1, *span, PIXELS)
    engine.tick()
    assert len(engine.asked) == 1 and engine.recall.past.detail([1], PIXELS, engine.now_us).is_stopped
    engine.curve(1, NOW_US - 8 * HOUR_US, NOW_US, PIXELS)
    engine.tick()
    assert len(engine.asked) == 2 and not engine.recall.past.detail([1], PIXELS, engine.now_us).is_stopped
    engine.recall.past.stop([1])
    engine.recall.past.resume([1])
    engine.curve(1, NOW_US - 8 * HOUR_US, NOW_US, PIXELS)
    engine.tick()
    assert len(engine.asked) == 3


def test_slow_question_says_for_how_long_it_is_out(line: Line) -> None:
    engine = Engine({1: line})
    engine.curve(1, NOW_US - 72 * HOUR_US, NOW_US, PIXELS)
    engine.tick()
    engine.now_us += 1_500_000
    found = engine.recall.past.detail([1], PIXELS, engine.now_us)
    assert found.waits_us == 1_500_000 and found.part == 0 and found.missing


def test_memory_of_tiles_is_bounded_and_the_least_used_go_first(line: Line) -> None:
    tiles = Tiles(most_bytes=100_000)
    level = level_of(HOUR_US, PIXELS)
    length = tile_us(level)
    for place in range(400):
        curve = line.minmax(place * length, (place + 1) * length, COLUMNS)
        for at, tile in history.cut(curve, level, range(place, place + 1), 1 << 60, NOW_US):
            tiles.put(1, level, at, tile)
        tiles.known(1, level, 0, length)
    assert tiles.bytes <= 100_000
    assert tiles.get(1, level, 0) is not None and tiles.get(1, level, 399) is not None
    assert tiles.get(1, level, 1) is None


def test_columns_are_at_most_a_pixel_wide_at_every_zoom() -> None:
    for span_us in (100_000, SECOND_US, HOUR_US, 72 * HOUR_US, 300 * DAY_US):
        column = 1 << level_of(span_us, PIXELS)
        assert span_us / PIXELS / 2 - 1 <= column <= max(16, span_us / PIXELS)
