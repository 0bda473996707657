import msgspec
import pytest

from tests.engine.kpi.line import CYCLE_50, S10, S50, STOPPED, THROUGHPUT, Line


def test_pieces_per_hour_are_right_from_the_second_piece_on():
    line = Line((THROUGHPUT,))
    line.piece(cycle=30)
    line.piece(cycle=72)
    assert line.figure().value == pytest.approx(50.0)


def test_the_reason_is_the_slowest_cycle_beside_the_ideal():
    line = Line((THROUGHPUT,))
    line.values[CYCLE_50] = 61.2
    line.pieces(10, cycle=62)
    figure = line.figure()
    assert figure.value == pytest.approx(3600 / 62)
    assert figure.reason == "S50 slow cycle 61.2 s"


def test_without_an_ideal_cycle_the_target_says_what_is_slow():
    line = Line((msgspec.structs.replace(THROUGHPUT, ideal_cycle_s=0.0),))
    line.values[CYCLE_50] = 62.0
    line.pieces(10, cycle=62)
    assert line.figure().reason == "S50 slow cycle 62.0 s"


def test_the_longest_stop_is_the_reason_where_it_cost_more():
    line = Line((msgspec.structs.replace(THROUGHPUT, states=(S10, S50)),))
    line.values[CYCLE_50] = 61.0
    line.pieces(10, cycle=61)
    line.values[S50] = STOPPED
    line.play(100)
    line.values[S50] = 1.0
    line.pieces(2, cycle=61)
    assert line.figure().reason == "S50 stops 2 min"


def test_a_plan_that_is_kept_needs_no_reason():
    line = Line((THROUGHPUT,))
    line.values[CYCLE_50] = 61.2
    line.pieces(10, cycle=59)
    assert line.figure().reason == ""


def test_fast_pieces_are_counted_in_bulk():
    line = Line((msgspec.structs.replace(THROUGHPUT, ideal_cycle_s=0.0, target=None, cycles=()),))
    for _ in range(120):
        line.values["Line/S80 Inspect/Good"] += 10
        line.wait()
    assert line.figure().value == pytest.approx(36_000)


def test_a_line_without_pieces_makes_none_per_hour_after_a_while():
    line = Line((THROUGHPUT,))
    line.play(90)
    assert (line.figure().value, line.figure().reason) == (None, "waiting for the first whole piece")
    line.play(60)
    assert line.figure().value == 0.0
