from __future__ import annotations

from engine.drivers.opcua.clock import ServerClock, clock_note

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
