"""What a changed limit would have done on stored samples, and what it could be set to."""

from __future__ import annotations

from time import perf_counter

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from engine.alarms import Conditions
from engine.alarms.backtest import NoBacktest, Read, Stopped, backtest, judge
from engine.alarms.tuner import candidates, proposals
from engine.types import Batch, Limit, Samples, Status, Tag
from tests.engine.alarms.samples import PRESSURE, STATE, TAGS, S, high

RANGED = Tag(0, PRESSURE, "plc", "x", type="float64", unit="bar", low=0.0, high=200.0)
BAD = 0x80310000


def stored(
    times_s: list[float],
    values: list[float],
    quality: list[int] | None = None,
    dropped: list[int] | None = None,
) -> Samples:
    size = len(times_s)
    time = np.round(np.array(times_s, np.float64) * S).astype(np.int64)
    return Samples(
        time,
        time,
        np.array(values, np.float64),
        np.array(quality or [0] * size, np.uint32),
        np.zeros(size, np.uint8),
        np.array(dropped or [0] * size, np.uint32),
    )


def reading(samples: Samples) -> Read:
    """Gives what is stored, as the history does: the sample that held at the start with the first piece."""

    def read(tag: Tag, start_us: int, end_us: int) -> Samples:
        assert tag.path in (PRESSURE, STATE)
        first = int(np.searchsorted(samples.time_us, start_us))
        first -= first > 0 and start_us == 0
        rows = slice(first, int(np.searchsorted(samples.time_us, end_us)))
        columns = ("time_us", "receive_us", "value", "quality", "origin", "dropped")
        return Samples(*(getattr(samples, each)[rows] for each in columns))

    return read


def spells_of(limit: Limit, samples: Samples, end_s: float, **more: object) -> list[tuple[float, float]]:
    found = judge([limit], TAGS, reading(samples), 0, round(end_s * S), **more)  # pyright: ignore[reportArgumentType]
    return [(since / S, until / S) for since, until in found.spells[0]]


def test_a_higher_limit_leaves_out_the_small_excursions() -> None:
    samples = stored([0, 10, 20, 30, 40, 50], [90, 104, 90, 120, 90, 90])
    found = backtest(high(), high(limit=105.0), TAGS, reading(samples), 0, 60 * S)
    assert (found.came, found.would_come) == (2, 1)
    assert found.removed == (10 * S,)
    assert found.added == ()
    assert found.delayed == ()
    assert found.known_s == 60.0


def test_a_longer_delay_tells_which_alarms_come_later_and_by_how_much() -> None:
    samples = stored([0, 10, 12, 30, 50], [90, 120, 90, 120, 90])
    found = backtest(high(), high(on_delay_s=5.0), TAGS, reading(samples), 0, 60 * S)
    assert found.removed == (10 * S,)
    assert found.delayed == ((30 * S, 5.0),)
    assert found.kept == (30 * S,)


def test_a_lower_limit_tells_what_would_come_new() -> None:
    samples = stored([0, 10, 20, 30, 40], [90, 98, 90, 120, 90])
    found = backtest(high(), high(limit=95.0), TAGS, reading(samples), 0, 60 * S)
    assert (found.came, found.would_come) == (1, 2)
    assert found.added == (10 * S,)
    assert found.removed == found.delayed == ()


def test_a_deadband_makes_one_alarm_of_several() -> None:
    samples = stored([0, 10, 20, 30, 40, 50], [90, 101, 99, 101, 99, 90])
    found = backtest(high(), high(deadband=5.0), TAGS, reading(samples), 0, 60 * S)
    assert (found.came, found.would_come) == (2, 1)
    assert found.removed == (30 * S,)
    assert found.delayed == ()


def test_an_alarm_that_is_never_annunciated_is_left_out_altogether() -> None:
    samples = stored([0, 10, 20], [90, 120, 90])
    found = backtest(high(), high(priority=0), TAGS, reading(samples), 0, 60 * S)
    assert (found.came, found.would_come, found.removed) == (1, 0, (10 * S,))


def test_where_samples_were_left_out_a_limit_is_passed_where_the_line_crosses_it() -> None:
    samples = stored([0, 100, 200], [50, 150, 50], dropped=[9, 9, 0])
    (since, until), *more = spells_of(high(deadband=20.0), samples, 300)
    assert more == []
    assert since == pytest.approx(50.0, abs=2e-6)
    assert until == pytest.approx(170.0, abs=2e-6)


def test_where_none_were_left_out_the_value_held() -> None:
    assert spells_of(high(), stored([0, 100, 200], [50, 150, 50]), 300) == [(100.0, 200.0)]


def test_a_delay_runs_from_where_the_line_crosses_the_limit() -> None:
    samples = stored([0, 100], [50, 150], dropped=[9, 0])
    ((since, until),) = spells_of(high(on_delay_s=30.0), samples, 300)
    assert since == pytest.approx(80.0, abs=2e-6)
    assert until == 300.0, "it stands at the end"


def test_a_delay_that_runs_out_after_the_last_sample_counts_until_the_end() -> None:
    samples = stored([0, 90], [50, 150])
    assert spells_of(high(on_delay_s=5.0), samples, 100) == [(95.0, 100.0)]
    assert spells_of(high(on_delay_s=15.0), samples, 100) == []


def test_a_bad_value_raises_and_ends_nothing_and_is_not_known() -> None:
    samples = stored([0, 10, 20, 30], [90, 120, 0, 120], [0, 0, BAD, 0])
    assert spells_of(high(), samples, 60) == [(10.0, 60.0)]
    assert backtest(high(), high(), TAGS, reading(samples), 0, 60 * S).known_s == 50.0


def test_in_a_gap_nothing_is_known_and_delays_stand_still() -> None:
    samples = stored([0, 10, 40], [90, 120, 120])
    gaps = [(12 * S, 40 * S)]
    assert spells_of(high(on_delay_s=5.0), samples, 60, gaps=gaps) == [(43.0, 60.0)], (
        "two seconds before it, three after"
    )
    found = backtest(high(), high(), TAGS, reading(samples), 0, 60 * S, gaps)
    assert found.known_s == 32.0


def test_no_line_is_drawn_across_a_gap() -> None:
    samples = stored([0, 100], [50, 150], dropped=[9, 0])
    assert spells_of(high(), samples, 120, gaps=[(20 * S, 100 * S)]) == [(100.0, 120.0)]


def test_a_state_is_judged_by_its_samples_and_not_along_lines() -> None:
    fault = Limit(path=STATE, kind="on", limit=5.0)
    assert spells_of(fault, stored([0, 100, 200], [1, 9, 1], dropped=[9, 9, 0]), 300) == []
    assert spells_of(fault, stored([0, 100, 200], [1, 5, 1]), 300) == [(100.0, 200.0)]


def test_a_rate_of_change_is_judged_by_the_code_of_the_live_engine() -> None:
    fast = Limit(path=PRESSURE, kind="rate", limit=2.0, window_s=10.0)
    times = [float(k) for k in range(100)]
    values = [100.0 if k < 50 else 100.0 + 5.0 * min(k - 50, 20) for k in range(100)]
    ((since, until),) = spells_of(fast, stored(times, values), 100)
    assert 50 < since < 62
    assert 68 < until < 82


def test_two_tags_are_compared_at_the_samples_of_both() -> None:
    apart = Limit(path=PRESSURE, kind="dev", limit=10.0, other=STATE)
    series = {PRESSURE: stored([0, 10, 30], [100, 120, 120]), STATE: stored([0, 20], [100, 115])}

    def read(tag: Tag, start_us: int, end_us: int) -> Samples:
        return series[tag.path]

    found = judge([apart], TAGS, read, 0, 60 * S)
    assert found.spells == (((10 * S, 20 * S),),)


def test_what_cannot_be_tried_says_why() -> None:
    samples = reading(stored([0], [1]))
    with pytest.raises(NoBacktest, match="raised by the engine itself"):
        backtest(high(kind="link"), high(kind="link"), TAGS, samples, 0, S)
    with pytest.raises(NoBacktest, match='"A/Gone" is no tag'):
        backtest(high(path="A/Gone"), high(path="A/Gone"), TAGS, samples, 0, S)
    text = (Tag(0, PRESSURE, "plc", "x", type="string"),)
    with pytest.raises(NoBacktest, match="is text"):
        backtest(high(), high(), text, samples, 0, S)


def test_it_stops_when_nobody_wants_it_any_more_and_tells_how_far_it_is() -> None:
    heard: list[float] = []

    def watch(part: float) -> bool:
        heard.append(part)
        return len(heard) < 3

    samples = reading(stored([0], [1]))
    with pytest.raises(Stopped):
        judge([high()], TAGS, samples, 0, 400 * 86_400 * S, watch=watch)
    assert len(heard) == 3
    assert 0 < heard[0] < heard[1] < heard[2] < 1


VALUES = st.lists(st.sampled_from([80.0, 95.0, 97.9, 98.0, 99.0, 100.0, 100.1, 104.0, 120.0]), max_size=60)


@examples(max_examples=150)
@given(
    values=VALUES,
    steps=st.lists(st.sampled_from([1, 1, 2, 7]), min_size=60, max_size=60),
    bad=st.sets(st.integers(0, 59), max_size=5),
    deadband=st.sampled_from([0.0, 2.0]),
    on=st.sampled_from([0.0, 3.0, 5.0]),
    off=st.sampled_from([0.0, 4.0]),
)
def test_leaving_out_samples_that_tell_nothing_changes_nothing(
    values: list[float], steps: list[int], bad: set[int], deadband: float, on: float, off: float
) -> None:
    times = [float(each) for each in np.cumsum(steps[: len(values)])]
    samples = stored(times, values, [BAD if k in bad else 0 for k in range(len(values))])
    limits = [high(deadband=deadband, on_delay_s=on, off_delay_s=off), high(limit=97.9)]
    found = judge(limits, TAGS, reading(samples), 0, 500 * S)
    live, seen = Conditions(limits, TAGS), list[tuple[int, int, bool]]()
    for k in range(len(values)):
        row = slice(k, k + 1)
        batch = Batch(
            0,
            np.array([0], np.int32),
            samples.time_us[row],
            samples.time_us[row],
            samples.value[row, None],
            samples.quality[row, None],
        )
        seen += _told(live.judge(batch, None, int(samples.time_us[k])))
    seen += _told(live.proved(np.array([0], np.int32), 500 * S))
    for place, spells in enumerate(found.spells):
        turns = [(time, came) for limit, time, came in seen if limit == place]
        mine = [turn for since, until in spells for turn in ((since, True), (until, False))]
        if mine and mine[-1] == (500 * S, False):
            mine.pop()
        assert mine == turns


def _told(changes: object) -> list[tuple[int, int, bool]]:
    if changes is None:
        return []
    columns = (getattr(changes, each).tolist() for each in ("limits", "time_us", "active"))
    return list(zip(*columns, strict=True))


@examples(max_examples=60)
@given(
    knots=st.lists(st.integers(80, 120), min_size=2, max_size=12),
    deadband=st.sampled_from([0.0, 3.0]),
    limit=st.sampled_from([99.5, 100.0, 110.25]),
)
def test_along_lines_it_comes_and_goes_when_the_finest_samples_would(
    knots: list[int], deadband: float, limit: float
) -> None:
    times = [10.0 * k for k in range(len(knots))]
    kept = stored(times, [float(each) for each in knots], dropped=[999] * len(knots))
    fine_s = np.arange(0, times[-1] + 0.005, 0.01)
    fine = stored(list(fine_s), list(np.interp(fine_s, times, knots)))
    asked = high(limit=limit, deadband=deadband)
    end = times[-1] + 1
    by_line, by_samples = spells_of(asked, kept, end), spells_of(asked, fine, end)
    long = [each for each in by_line if each[1] - each[0] > 0.02]
    assert [each for each in by_samples if each[1] - each[0] > 0.02] == [
        pytest.approx(each, abs=0.0101) for each in long
    ]


def _noisy(days: float) -> Samples:
    """A value that wanders over 100 with noise, a sample a second, and true excursions to 130 twice a day."""
    rng = np.random.default_rng(7)
    at = np.arange(round(days * 86_400))
    value = 99.0 + np.sin(at / 5000) + 0.3 * rng.standard_normal(len(at))
    value[at % 43_200 > 43_000] = 130.0
    return stored(list(at.astype(float)), list(value))


def test_proposals_leave_out_the_noise_and_keep_what_people_acted_on() -> None:
    samples = _noisy(0.6)
    tags = (RANGED, *TAGS[1:])
    acted = [43_100 * S]
    found = proposals(high(), tags, reading(samples), 0, round(0.6 * 86_400) * S, acted)
    assert found
    scores = [each.score for each in found]
    assert scores == sorted(scores, reverse=True)
    for each in found:
        assert each.result.would_come < each.result.came
        assert each.result.added == ()
        (spells,) = judge([each.limit], tags, reading(samples), 0, 51_840 * S).spells
        assert any(since <= 43_100 * S < until for since, until in spells), each.limit
    assert found[0].result.would_come <= 3, "of hundreds"


def test_a_proposal_that_loses_an_alarm_that_people_acted_on_is_not_made() -> None:
    samples = stored([0, 10, 12, 30, 32], [90, 101, 90, 101, 90])
    tags = (RANGED,)
    free = proposals(high(), tags, reading(samples), 0, 60 * S)
    assert any(each.result.would_come == 0 for each in free)
    kept = proposals(high(), tags, reading(samples), 0, 60 * S, acted=[11 * S, 31 * S])
    assert {(each.limit.limit, each.limit.on_delay_s) for each in kept} == {(100.0, 0.0)}
    assert {each.result.would_come for each in kept} == {1}, "one alarm that stands when they act"


def test_proposals_keep_within_the_range_the_next_limit_and_the_time_to_respond() -> None:
    current = high(limit=190.0, respond_s=60.0, deadband=1.0)
    beside = (current, high(kind="hh", limit=193.0), high(kind="l", limit=20.0))
    tried = list(candidates(current, RANGED, beside))
    assert {each.limit for each in tried} == {190.0, 191.0, 192.0}
    assert {each.deadband for each in tried} == {1.0, 2.0}
    assert {each.on_delay_s for each in tried} == {0.0, 5.0}
    assert current not in tried
    assert len({msgspec.json.encode(each) for each in tried}) == len(tried)


def test_a_bool_is_only_delayed() -> None:
    tried = list(candidates(Limit("A/Press/Guard closed", "off"), TAGS[1], ()))
    assert tried
    assert {(each.limit, each.deadband) for each in tried} == {(None, 0.0)}


def test_a_stale_mark_in_the_history_counts_as_not_known() -> None:
    samples = stored([0, 10, 20], [90, 120, 120], [0, 0, int(Status.STALE)])
    assert spells_of(high(on_delay_s=30.0), samples, 60) == []


@pytest.mark.bench
def test_days_of_samples_are_judged_in_seconds() -> None:
    samples, end_us = _noisy(7.0), 7 * 86_400 * S
    began = perf_counter()
    found = backtest(high(), high(deadband=2.0), (RANGED,), reading(samples), 0, end_us)
    print(f"7 days at 1 Hz, {found.came} alarms: {perf_counter() - began:.2f} s")
    began = perf_counter()
    best = proposals(high(), (RANGED,), reading(samples), 0, end_us)
    print(f"proposals: {perf_counter() - began:.2f} s, best {best[0].limit} {best[0].result.would_come}")
    assert found.came > found.would_come
