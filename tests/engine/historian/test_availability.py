"""How much of the time the engine was there, in figures a person can check."""

import pytest

from engine.historian.availability import availability, downtime, percent, span_words
from engine.types import Gap

HOUR = 3_600_000_000
DAY = 24 * HOUR
NOW = 1000 * DAY


def engine_gap(start_us: int, end_us: int) -> Gap:
    return Gap(start_us, end_us, "engine")


def test_three_short_stops_in_a_month() -> None:
    gaps = [engine_gap(NOW - k * DAY, NOW - k * DAY + 140_000_000) for k in (20, 10, 5)]
    down, since = downtime([(NOW - 40 * DAY, "engine_started")], gaps)
    found = availability(down, since, NOW - 30 * DAY, NOW)
    assert found.share == pytest.approx(1 - 420 / (30 * 86_400))
    assert found.words == "99.984 % over 30 days, down 7 min in 3 stretches"


def test_engine_that_never_stopped() -> None:
    down, since = downtime([(NOW - 2 * DAY, "engine_started")], [])
    assert availability(down, since, NOW - DAY, NOW).words == "100 % over 24 h"


def test_clean_stop_counts_until_the_next_start() -> None:
    events = [
        (NOW - 10 * HOUR, "engine_started"),
        (NOW - 5 * HOUR, "engine_stopped"),
        (NOW - 4 * HOUR, "engine_started"),
    ]
    down, since = downtime(events, [])
    found = availability(down, since, NOW - 10 * HOUR, NOW)
    assert (found.share, found.down_us) == (0.9, HOUR)
    assert found.words == "90 % over 10 h, down 60 min once"


def test_stop_that_events_and_gap_both_tell_counts_once() -> None:
    events = [(1, "engine_started"), (5 * HOUR, "engine_stopped"), (6 * HOUR, "engine_started")]
    down, _ = downtime(
        events, [engine_gap(5 * HOUR - 10, 6 * HOUR - 10), Gap(0, DAY, "link"), Gap(0, DAY, "disk")]
    )
    assert down == [(5 * HOUR - 10, 6 * HOUR)]


def test_kill_is_known_from_its_gap_alone() -> None:
    down, since = downtime(
        [(HOUR, "engine_started"), (9 * HOUR, "engine_started")], [engine_gap(8 * HOUR, 9 * HOUR)]
    )
    found = availability(down, since, 0, 11 * HOUR)
    assert found.share == pytest.approx(0.9)
    assert (found.start_us, found.is_short) == (HOUR, True)
    assert found.words == "90 % over 10 h, all that is on record, down 60 min once"


def test_stretch_that_reaches_over_the_edge_counts_only_inside() -> None:
    found = availability([(0, 2 * HOUR), (9 * HOUR, 20 * HOUR)], 0, HOUR, 11 * HOUR)
    assert found.down == ((HOUR, 2 * HOUR), (9 * HOUR, 11 * HOUR))


def test_other_events_do_not_end_a_stop() -> None:
    events = [(1, "engine_started"), (2, "engine_stopped"), (3, "backup_made"), (9, "engine_started")]
    assert downtime(events, [])[0] == [(2, 9)]


@pytest.mark.parametrize("since", [None, NOW, NOW + DAY])
def test_nothing_is_claimed_without_a_record(since: int | None) -> None:
    found = availability([], since, NOW - DAY, NOW)
    assert (found.share, found.words) == (None, "not known yet")


def test_no_downtime_is_rounded_away() -> None:
    assert percent(1) == "100 %"
    assert percent(1 - 1e-9) == "99.999 %"
    assert percent(0.9998) == "99.98 %"
    assert percent(0.06116) == "6.1 %"
    assert percent(0) == "0 %"


def test_lengths_are_told_in_the_unit_a_person_would_use() -> None:
    assert [span_words(round(s * 1e6)) for s in (0.25, 45, 125, 7200, 30 * 86_400)] == [
        *("0.2 s", "45 s", "2 min", "2 h", "30 days"),
    ]
