"""What is marked on a trend, by mouse, finger and keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from hmi.displays.display import REPLAY, Place
from hmi.displays.trends.view import TrendsView
from tests.hmi.displays.trends.acting import (
    LEFT,
    NONE,
    SHIFT,
    ToldFeed,
    at,
    drag,
    frame,
    press,
    select,
    selected,
)
from tests.hmi.displays.trends.plant import FORCE

pytestmark = pytest.mark.screen


def test_drag_with_shift_marks_a_stretch_and_leaves_the_window_where_it_is(view: TrendsView) -> None:
    drag(view, 0.6, 0.3, SHIFT)
    assert selected(view) == pytest.approx((0.3, 0.6), abs=0.01)
    assert view.trend.plot.is_live and view.tools.bar.isVisible()
    box, bar = view.trend.plot.rect(), view.tools.bar.geometry()
    assert box.contains(bar)


def test_select_button_then_a_drag_marks_and_the_next_drag_moves_the_window_again(view: TrendsView) -> None:
    QTest.mouseClick(view.tools.select, LEFT)
    drag(view, 0.2, 0.5)
    assert selected(view) == pytest.approx((0.2, 0.5), abs=0.01)
    assert not view.tools.select.isChecked() and view.trend.plot.is_live
    drag(view, 0.7, 0.8)
    assert not view.trend.plot.is_live


def test_select_button_then_two_taps_mark_without_any_drag(view: TrendsView) -> None:
    QTest.mouseClick(view.tools.select, LEFT)
    QTest.mouseClick(view.trend.plot, LEFT, NONE, at(view, 0.7))
    assert selected(view) is None and not view.tools.bar.isVisible()
    QTest.mouseClick(view.trend.plot, LEFT, NONE, at(view, 0.4))
    assert selected(view) == pytest.approx((0.4, 0.7), abs=0.01) and view.tools.bar.isVisible()


def test_edge_of_the_selection_is_dragged(view: TrendsView) -> None:
    drag(view, 0.3, 0.6, SHIFT)
    drag(view, 0.6, 0.8)
    assert selected(view) == pytest.approx((0.3, 0.8), abs=0.01) and view.trend.plot.is_live


def test_keys_mark_from_the_cursor_and_escape_lets_go(view: TrendsView) -> None:
    plot = view.trend.plot
    plot.setFocus()
    shown = plot.shown
    assert shown is not None
    plot.set_cursor(shown.start_us + (shown.end_us - shown.start_us) // 2, is_pinned=True)
    QTest.keyClick(plot, Qt.Key.Key_S)
    for _ in range(10):
        QTest.keyClick(plot, Qt.Key.Key_Left)
    assert not view.tools.bar.isVisible()
    QTest.keyClick(plot, Qt.Key.Key_S)
    assert selected(view) == pytest.approx((0.4, 0.5), abs=0.01) and view.tools.bar.isVisible()
    QTest.keyClick(plot, Qt.Key.Key_Escape)
    assert selected(view) is None and not view.tools.bar.isVisible()


def test_replay_goes_to_the_beginning_of_the_selection(view: TrendsView, went: list[Place]) -> None:
    start_us, _ = select(view)
    press(view, "replay")
    assert went == [Place(REPLAY, str(start_us))]


def test_zoom_shows_the_selection_and_little_else(view: TrendsView) -> None:
    start_us, end_us = select(view)
    press(view, "zoom")
    frame(view)
    shown = view.trend.plot.shown
    assert shown is not None and shown.start_us < start_us < end_us < shown.end_us
    assert shown.end_us - shown.start_us < 1.1 * (end_us - start_us)


def test_other_pens_end_what_was_found_in_the_old_ones(view: TrendsView, feed: ToldFeed) -> None:
    select(view)
    view.column.cleared.emit()
    assert view.trend.plot.selection.span is None and not view.tools.bar.isVisible()
    view.show_place(FORCE)
    assert view.tools.select.isEnabled() and feed.sent == []
