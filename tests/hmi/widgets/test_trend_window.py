"""The window of time of a trend."""

from __future__ import annotations

import pytest

from hmi.widgets.trend_window import LONGEST_US, SHORTEST_US, TimeWindow
from tests.hmi.plant import NOW_US

MINUTE_US = 60_000_000


@pytest.fixture
def window() -> TimeWindow:
    """One minute, drawn once."""
    made = TimeWindow(MINUTE_US)
    assert made.due(NOW_US, 600, 1) is not None
    return made


def test_live_window_ends_a_little_after_now(window: TimeWindow) -> None:
    window.is_dirty = True
    span = window.due(NOW_US, 600, 1)
    assert span is not None and NOW_US < span.end_us < NOW_US + MINUTE_US // 20


def test_32_pens_are_drawn_less_often_than_one(window: TimeWindow) -> None:
    def wait_us(pens: int) -> int:
        window.is_dirty = True
        assert window.due(NOW_US, 600, pens) is not None
        return next(by for by in range(0, 2_000_000, 5_000) if window.due(NOW_US + by, 600, pens) is not None)

    assert wait_us(1) <= 100_000
    assert wait_us(1) < wait_us(32) <= 800_000


def test_pausing_stands_still_while_time_goes_on(window: TimeWindow) -> None:
    window.pause()
    first = window.due(NOW_US + 1_000_000, 600, 1)
    later = window.due(NOW_US + 30_000_000, 600, 1)
    assert first is not None and later is not None and first.end_us == later.end_us
    window.go_live()
    back = window.due(NOW_US + 30_000_000, 600, 1)
    assert back is not None and back.end_us > NOW_US + 30_000_000


def test_window_never_ends_far_after_now(window: TimeWindow) -> None:
    window.pan_to(NOW_US + 10 * MINUTE_US)
    assert window.end_us <= NOW_US + MINUTE_US // 10


def test_longer_span_of_a_paused_window_keeps_its_middle(window: TimeWindow) -> None:
    window.pan_to(NOW_US - 10 * MINUTE_US)
    middle = window.end_us - window.span_us // 2
    window.set_span(4 * MINUTE_US)
    assert window.end_us - window.span_us // 2 == middle


def test_zoom_stays_within_what_can_be_drawn(window: TimeWindow) -> None:
    for _ in range(60):
        window.zoom(2.0, 0.5)
    assert window.span_us == SHORTEST_US
    for _ in range(80):
        window.zoom(0.5, 0.5)
    assert window.span_us == LONGEST_US
