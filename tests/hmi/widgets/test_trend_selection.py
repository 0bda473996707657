"""Marking a stretch of time, whatever the hand that does it."""

from __future__ import annotations

from hmi.widgets.trend_selection import Selection


def test_pull_to_either_side_marks_from_the_earlier_to_the_later_edge() -> None:
    selection = Selection()
    selection.begin(500)
    selection.pull(200)
    assert selection.span == (200, 500)
    selection.pull(900)
    assert selection.span == (500, 900)


def test_press_without_a_pull_leaves_what_was_marked() -> None:
    selection = Selection((100, 200))
    selection.begin(700)
    selection.end()
    assert selection.span == (100, 200) and not selection.is_pulled


def test_edge_within_reach_follows_the_hand_and_the_other_one_stays() -> None:
    selection = Selection((100, 200))
    assert not selection.grip(150, reach_us=20)
    assert selection.grip(190, reach_us=20)
    selection.pull(400)
    assert selection.span == (100, 400)


def test_two_taps_in_the_mode_mark_what_lies_between_and_end_it() -> None:
    selection = Selection((1, 2))
    selection.set_mode(True)
    assert selection.span is None
    selection.tap(300)
    assert selection.span is None and selection.is_mode
    selection.tap(300)
    assert selection.is_mode, "two taps on one spot mark nothing"
    selection.tap(100)
    assert selection.span == (100, 300) and not selection.is_mode


def test_clear_tells_whether_there_was_anything_to_end() -> None:
    selection = Selection()
    assert not selection.clear()
    selection.set_mode(True)
    assert selection.clear() and not selection.is_mode
