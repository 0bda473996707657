from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.drivers.opcua.clock import STALE_US, STANDS_US, ServerClock, clock_note, server_time

NOW_US = 1_790_000_000_000_000


def measured(clock: ServerClock, offset_s: float, round_trip_s: float = 0.0) -> ServerClock:
    middle_us = NOW_US + round(round_trip_s * 1e6 / 2)
    clock.take(middle_us + round(offset_s * 1e6), NOW_US, NOW_US + round(round_trip_s * 1e6))
    return clock


def test_half_of_the_round_trip_is_taken_off() -> None:
    clock = measured(ServerClock(), 0.25, round_trip_s=2.0)
    assert clock.offset_s == 0.25 and clock.offset_us == 250_000


def test_clock_near_five_seconds_does_not_change_sides_at_every_measurement() -> None:
    clock = ServerClock()
    sides = [measured(clock, s).wrong for s in (4.9, 5.1, 4.9, 5.1, 4.1, 3.9, 4.9, -4.9, -5.1, -4.5)]
    assert sides == [False, True, True, True, True, False, False, False, True, True]


def test_wrong_clock_is_said_with_its_side_and_what_to_do() -> None:
    what, do = clock_note(measured(ServerClock(), 3700.0), "plc:4840")
    assert what.startswith("the clock of plc:4840 is 62 min ahead of ours")
    assert "NTP" in do
    assert "behind" in clock_note(measured(ServerClock(), -12.0), "plc:4840")[0]
    assert clock_note(measured(ServerClock(), 1.0), "plc:4840") == ("", "")


def test_measurement_with_the_shortest_round_trip_counts() -> None:
    clock = ServerClock()
    measured(clock, 0.010, round_trip_s=0.002)
    measured(clock, 0.250, round_trip_s=0.600)
    assert clock.offset_s is not None and abs(clock.offset_s - 0.010) < 1e-9
    assert 0.001 <= clock.error_s < 0.002


def test_clock_that_was_set_forgets_what_was_measured_before() -> None:
    clock = ServerClock()
    measured(clock, 0.010, round_trip_s=0.002)
    measured(clock, 3.0, round_trip_s=0.4)
    assert clock.offset_s is not None and abs(clock.offset_s - 3.0) < 1e-9 and 0.2 <= clock.error_s < 0.21


@given(
    true_us=st.integers(-(10**12), 10**12),
    trips=st.lists(st.tuples(st.integers(0, 3_000_000), st.integers(0, 3_000_000)), min_size=1, max_size=12),
)
def test_true_offset_lies_within_the_error_whatever_the_way_there_and_back_took(
    true_us: int, trips: list[tuple[int, int]]
) -> None:
    clock, now_us = ServerClock(), NOW_US
    for there_us, back_us in trips:
        answered_us = now_us + there_us + back_us
        clock.take(now_us + there_us + true_us, now_us, answered_us)
        now_us = answered_us + 30_000_000
        assert clock.offset_s is not None
        assert abs(clock.offset_s * 1e6 - true_us) <= clock.error_s * 1e6 + 1


def test_time_in_the_head_of_an_answer_counts_where_it_fits_the_node() -> None:
    assert server_time(NOW_US, NOW_US + 700_000) == (NOW_US + 700_000, 0)
    assert server_time(NOW_US, NOW_US + 7_000_000) == (NOW_US, STALE_US), "a head of another clock"
    assert server_time(NOW_US, None) == (NOW_US, STALE_US)
    assert server_time(None, NOW_US) is None


def test_clock_that_is_a_second_off_is_told_and_corrects_nothing() -> None:
    clock = measured(ServerClock(), 1.5, round_trip_s=0.01)
    what, _ = clock_note(clock, "plc:4840")
    assert not clock.wrong and "keep the times" in what
    assert clock_note(measured(clock, 0.9, round_trip_s=0.01), "plc:4840")[0], "no change of sides at 1 s"
    assert clock_note(measured(clock, 0.1, round_trip_s=0.01), "plc:4840") == ("", "")
    assert not measured(ServerClock(), 1.5, round_trip_s=2.0).is_told, "it may as well be right"


def test_clock_that_stands_still_is_told_and_judges_no_sample() -> None:
    clock = measured(ServerClock(), 4.5)
    assert clock.moves(NOW_US, 0)
    assert clock.moves(NOW_US, STANDS_US - 1), "servers write it once a second, and may be asked twice"
    before = clock.measured
    assert not clock.moves(NOW_US, STANDS_US)
    assert (clock.offset_s, clock.wrong, clock.measured) == (None, False, before + 1)
    what, do = clock_note(clock, "plc:4840")
    assert what.startswith("the clock of plc:4840 stands still") and do
    assert not clock.moves(NOW_US, 60 * STANDS_US)
    assert clock.moves(NOW_US + 1, 61 * STANDS_US), "it goes again"
    assert clock_note(measured(clock, 0.1), "plc:4840") == ("", "")
