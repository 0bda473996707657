"""A figure is never better than what it is made of."""

import msgspec
import pytest

from engine.types import Status
from tests.engine.kpi.line import BAD, CYCLE_50, GOOD, OEE, S10, S50, THROUGHPUT, Line


def test_nothing_is_said_before_sixty_seconds_are_known():
    line = Line((OEE,))
    line.pieces(1, cycle=30)
    line.play(29)
    figure = line.figure()
    assert (figure.value, figure.reason) == (None, "counting: 59 of 60 s")
    assert figure.status == Status.WAITING_FOR_INITIAL_DATA


def test_a_stale_input_makes_the_figure_stale_and_is_named():
    line = Line((OEE,))
    line.pieces(5)
    line.status[S50] = Status.STALE
    line.wait()
    figure = line.figure()
    assert (figure.value, figure.status) == (pytest.approx(100.0), Status.STALE)
    assert (figure.reason, figure.age_s) == ("no news of S50 State", 9.0)


def test_the_worst_of_several_inputs_is_named():
    line = Line((OEE,))
    line.pieces(5)
    line.status |= {S10: int(Status.STALE), BAD: int(Status.SENSOR_FAILURE), GOOD: int(Status.STALE)}
    line.wait()
    assert line.figure().status == Status.SENSOR_FAILURE
    assert line.figure().reason == "no value of S80 Rejects and 2 more"


def test_time_without_good_inputs_is_not_counted():
    """Half of the time and of the pieces are lost; what is known stays as it was."""
    line = Line((OEE,))
    line.pieces(10)
    line.status[GOOD] = Status.STALE
    line.play(300)
    line.values[GOOD] += 5
    line.status[GOOD] = Status.GOOD
    line.play(1)
    line.pieces(10)
    assert line.figure().value == pytest.approx(100.0, abs=0.5)
    assert line.figure().status == 0


def test_a_number_never_comes_from_stale_inputs_alone():
    line = Line((OEE,))
    line.status[S10] = Status.STALE
    line.pieces(20)
    figure = line.figure()
    assert (figure.value, figure.reason) == (None, "no news of S10 State")
    assert figure.status != Status.GOOD


def test_values_that_were_never_there_make_a_bad_figure():
    line = Line((OEE,))
    line.status = dict.fromkeys(line.status, int(Status.WAITING_FOR_INITIAL_DATA))
    line.wait()
    figure = line.figure()
    assert (figure.value, figure.status) == (None, Status.WAITING_FOR_INITIAL_DATA)
    assert figure.reason == "no value of S80 Good and 4 more"


def test_a_cycle_time_without_value_takes_only_the_reason_away():
    line = Line((msgspec.structs.replace(THROUGHPUT, target=100.0),))
    line.status[CYCLE_50] = Status.SENSOR_FAILURE
    line.values[CYCLE_50] = float("nan")
    line.pieces(5, cycle=70)
    figure = line.figure()
    assert (figure.value, figure.status, figure.reason) == (pytest.approx(3600 / 70), 0, "")


def test_nobody_knows_what_happened_while_the_engine_stood_still():
    line = Line((OEE,))
    line.pieces(5)
    line.values[GOOD] += 40
    line.wait(1800)
    line.pieces(5)
    assert line.figure().value == pytest.approx(100.0, abs=0.5)


def test_a_clock_that_is_set_moves_nothing_but_the_time_shown():
    line = Line((OEE,))
    line.pieces(5)
    line.now_us += 3_600_000_000
    line.pieces(5)
    figure = line.figure()
    assert figure.value == pytest.approx(100.0)
    assert line.now_us - figure.since_us == pytest.approx(600e6, abs=2e6)


def test_since_says_how_far_back_it_looks():
    line = Line((OEE,))
    line.pieces(3)
    assert line.now_us - line.figure().since_us == pytest.approx(180e6, abs=2e6)
