"""The schedule of a soak is its seed's, and fair."""

from collections import Counter

from engine.testing.soak.schedule import LINKS, schedule

SOURCES = {"plc": "opcua", "air": "modbus"}


def test_same_seed_strikes_the_same_and_another_seed_does_not() -> None:
    first, again = (schedule(7, 3600, 60, 600, SOURCES, window=False) for _ in range(2))
    assert first == again
    assert first != schedule(8, 3600, 60, 600, SOURCES, window=False)


def test_an_hour_has_a_fault_every_minute_and_a_kill_every_ten() -> None:
    strikes = schedule(7, 3600, 60, 600, SOURCES, window=False)
    assert [strike.at_s for strike in strikes] == [60.0 * k for k in range(1, 60)]
    assert [each.at_s for each in strikes if each.kind == "engine killed"] == [600, 1200, 1800, 2400, 3000]


def test_every_kind_comes_up_on_every_source_before_one_comes_again() -> None:
    strikes = schedule(7, 3600, 60, 600, SOURCES, window=False)
    for source in SOURCES:
        kinds = [each.kind for each in strikes if each.source == source]
        assert Counter(kinds[: len(LINKS)]) == Counter(LINKS)


def test_no_fault_reaches_into_the_next_one() -> None:
    for every_s in (6.0, 60.0):
        strikes = schedule(3, 100 * every_s, every_s, 10 * every_s, SOURCES, window=True)
        assert max(strike.seconds for strike in strikes) < every_s / 2
        assert any(strike.kind == "second window" for strike in strikes)
