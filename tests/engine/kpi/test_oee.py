"""Shifts worked out by hand: availability x effectiveness x quality ratio of ISO 22400-2."""

import msgspec
import pytest

from tests.engine.kpi.line import BAD, CYCLE_50, OEE, RUNNING, S10, S50, S80, STOPPED, Line


def test_a_line_that_makes_a_good_piece_every_ideal_cycle_has_100_percent():
    line = Line((OEE,))
    line.pieces(20)
    figure = line.figure()
    assert figure.value == pytest.approx(100.0)
    assert (figure.status, figure.reason, figure.unit, figure.age_s) == (0, "", "%", 0.5)


def test_a_shift_with_a_stop_a_slow_cycle_and_rejects():
    """Counted: 30 pieces in 60 s each, 10 in 66 s, 2 rejects in 60 s, S50 stops for 540 s.

    Planned 30 x 60 + 10 x 66 + 2 x 60 + 540 = 3120 s, production time 2580 s, pieces 42.
    A = 2580 / 3120, E = 60 x 42 / 2580, Q = 40 / 42; product 60 x 40 / 3120 = 76.92 %.
    """
    line = Line((OEE,))
    line.piece()  # the first one marks the beginning
    line.pieces(30)
    line.values[S50] = STOPPED
    line.play(540)
    line.values[S50] = RUNNING
    line.pieces(10, cycle=66)
    line.pieces(2, counter=BAD)
    assert line.figure().value == pytest.approx(100 * 60 * 40 / 3120)
    assert line.figure().reason == "S50 stops 9 min"


def test_the_piece_in_work_neither_helps_nor_harms():
    line = Line((OEE,))
    line.pieces(5)
    for _ in range(60):
        assert line.figure().value == pytest.approx(100.0)
        line.play(1)


def test_a_stop_longer_than_a_cycle_counts_while_it_lasts():
    line = Line((OEE,))
    line.pieces(11)
    line.values[S50] = STOPPED
    line.play(60 + 200)
    figure = line.figure()
    assert figure.value == pytest.approx(100 * 600 / 800)
    assert figure.reason == "S50 stops 3 min"


def test_slow_cycles_are_the_reason_and_name_the_slowest_unit():
    line = Line((OEE,))
    line.values[CYCLE_50] = 75.0
    line.pieces(11, cycle=75)
    assert line.figure().value == pytest.approx(80.0)
    assert line.figure().reason == "S50 slow cycle 75.0 s"


def test_slow_pieces_without_cycle_times_are_called_so():
    line = Line((msgspec.structs.replace(OEE, cycles=()),))
    line.pieces(11, cycle=75)
    assert line.figure().reason == "slow cycle"


def test_stops_of_several_units_are_not_taken_for_slow_cycles():
    line = Line((OEE,))
    line.piece()
    for state, seconds in ((S80, 100), (S50, 120), (S10, 110)):
        line.pieces(3)
        line.values[state] = STOPPED
        line.play(seconds)
        line.values[state] = RUNNING
    line.pieces(1)
    assert line.figure().reason == "S50 stops 2 min"


def test_rejects_are_the_reason_where_they_cost_most():
    line = Line((OEE,))
    line.pieces(9)
    line.pieces(3, counter=BAD)
    assert line.figure().value == pytest.approx(100 * 8 / 11)
    assert line.figure().reason == "3 rejects"


def test_only_rejects_are_no_effectiveness_at_all():
    line = Line((OEE,))
    line.pieces(5, counter=BAD)
    assert line.figure().value == 0.0


def test_the_bottleneck_is_the_unit_that_ran_least():
    """S80 stops 60 s and S50 stops 120 s: availability is that of S50."""
    line = Line((OEE,))
    line.piece()
    for state, seconds in ((S80, 60), (S50, 120)):
        line.pieces(5)
        line.values[state] = STOPPED
        line.play(seconds)
        line.values[state] = RUNNING
    line.pieces(1)
    planned = 11 * 60 + 180
    assert line.figure().value == pytest.approx(100 * (planned - 120) / planned * 660 / (planned - 120))
    assert line.figure().reason == "S50 stops 2 min"


def test_effectiveness_is_at_most_one_and_says_that_the_ideal_is_wrong():
    line = Line((OEE,))
    line.pieces(20, cycle=50)
    assert line.figure().value == pytest.approx(100.0)
    assert line.figure().reason == "pieces come faster than every 60 s"


def test_a_line_at_its_target_needs_no_reason():
    line = Line((msgspec.structs.replace(OEE, target=75.0),))
    line.pieces(11, cycle=75)
    assert (line.figure().value, line.figure().reason) == (pytest.approx(80.0), "")


def test_waiting_for_a_neighbour_is_no_stop_where_the_rule_says_so():
    line = Line((msgspec.structs.replace(OEE, running=(1, 3)),))
    line.values[S80] = 3.0
    line.pieces(11)
    assert line.figure().value == pytest.approx(100.0)


def test_a_line_that_stands_still_for_the_whole_window_has_zero():
    line = Line((msgspec.structs.replace(OEE, window_s=300.0),))
    line.pieces(5)
    line.values[S50] = STOPPED
    line.play(400)
    assert (line.figure().value, line.figure().reason) == (0.0, "S50 stops 4 min")


def test_what_is_older_than_the_window_no_longer_counts():
    line = Line((msgspec.structs.replace(OEE, window_s=600.0),))
    line.values[S50] = STOPPED
    line.play(500)
    line.values[S50] = RUNNING
    line.pieces(11)
    figure = line.figure()
    assert figure.value == pytest.approx(100.0)
    assert line.now_us - figure.since_us == pytest.approx(600e6, abs=1e6)
