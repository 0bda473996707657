"""The rules find every kind of damage that they are there for, and nothing in a sound history."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.testing.soak.rules import dark, left_out, missing, silent, told, twice, within
from engine.types import Gap, Origin, Samples, Status, Tag

SECOND = 1_000_000
TIME = np.arange(0, 20 * SECOND, SECOND)
VALUE = np.sin(np.arange(20.0))


def stored(
    time: NDArray[np.int64],
    value: NDArray[np.float64],
    dropped: dict[int, int] | None = None,
    ends: tuple[int, ...] = (),
) -> Samples:
    """Live samples; those at places ``ends`` are the engine's word that nobody knows the value."""
    count = len(time)
    quality, origin, left = (np.zeros(count, kind) for kind in (np.uint32, np.uint8, np.uint32))
    quality[list(ends)], origin[list(ends)] = Status.NO_COMMUNICATION, Origin.ENGINE
    for place, many in (dropped or {}).items():
        left[place] = many
    return Samples(time, time + 1000, value.copy(), quality, origin, left)


def without(places: list[int]) -> Samples:
    return stored(np.delete(TIME, places), np.delete(VALUE, places))


def test_nothing_is_missing_where_all_is_stored() -> None:
    samples = stored(TIME, VALUE)
    assert len(missing(samples, TIME, VALUE, 0.0)) == 0
    assert len(twice(samples)) == 0


@pytest.mark.parametrize("places", [[0], [7], [19], [3, 4, 5]])
def test_lost_samples_are_missing_wherever_they_were(places: list[int]) -> None:
    assert missing(without(places), TIME, VALUE, 10.0).tolist() == TIME[places].tolist()


def test_a_sample_stored_twice_is_found_though_its_quality_differs() -> None:
    samples = stored(np.insert(TIME, 5, TIME[5]), np.insert(VALUE, 5, VALUE[5]))
    samples.quality[5] = 0x40000000
    assert twice(samples).tolist() == [TIME[5]]


def test_thinned_samples_are_not_missing_when_the_line_stands_for_them() -> None:
    line = np.arange(20.0)
    samples = stored(TIME[[0, 10, 19]], line[[0, 10, 19]], {0: 9, 1: 8})
    assert len(missing(samples, TIME, line, 0.1)) == 0


def test_thinned_sample_off_the_line_is_missing() -> None:
    line = np.arange(20.0)
    line[5] += 0.3
    samples = stored(TIME[[0, 10, 19]], line[[0, 10, 19]], {0: 9, 1: 8})
    assert missing(samples, TIME, line, 0.1).tolist() == [TIME[5]]
    assert not left_out(samples, TIME[[5]], line[[5]], 0.1).any()


def test_more_samples_gone_than_were_said_to_be_left_out_are_missing() -> None:
    line = np.arange(20.0)
    samples = stored(TIME[[0, 10, 19]], line[[0, 10, 19]], {0: 7, 1: 8})
    assert missing(samples, TIME, line, 0.1).tolist() == TIME[[8, 9]].tolist()


def test_what_the_engine_ended_is_dark_until_the_next_sample() -> None:
    samples = stored(TIME[[0, 4, 9]], VALUE[[0, 4, 9]], ends=(1,))
    assert dark(samples, 20 * SECOND) == [(4 * SECOND, 9 * SECOND)]
    last = stored(TIME[[0, 4]], VALUE[[0, 4]], ends=(1,))
    assert dark(last, 20 * SECOND) == [(4 * SECOND, 20 * SECOND)]


def test_only_gaps_of_the_tag_its_source_or_the_plant_explain() -> None:
    tag = Tag(3, "A/B", "plc", "ns=2;s=B")
    gaps = [
        Gap(1, 2, "engine"),
        Gap(3, 4, "link", "plc"),
        Gap(5, 6, "link", "other"),
        Gap(7, 8, "dropped", "plc", tag_id=3),
        Gap(9, 10, "dropped", "plc", tag_id=4),
    ]
    assert told(gaps, tag) == [(1, 2), (3, 4), (7, 8)]


def test_a_sample_just_before_a_gap_is_within_it_only_with_the_edge() -> None:
    spans = [(10 * SECOND, 12 * SECOND)]
    times = np.array([9, 10, 11, 12]) * SECOND
    assert within(times, spans).tolist() == [False, True, True, False]
    assert within(times, spans, SECOND).tolist() == [True, True, True, False]


def test_a_long_wait_is_silent_unless_a_gap_reaches_over_it() -> None:
    samples = without([5, 6, 7, 8, 9])
    limit = 2.5 * SECOND
    assert silent(samples, [], limit) == [(4 * SECOND, 10 * SECOND)]
    assert silent(samples, [(5 * SECOND, 9 * SECOND)], limit) == []
    assert silent(samples, [(4 * SECOND, 6 * SECOND)], limit) == [(4 * SECOND, 10 * SECOND)]


def test_a_wait_of_thinned_samples_is_not_silent() -> None:
    samples = stored(TIME[[0, 10, 19]], VALUE[[0, 10, 19]], {0: 9, 1: 8})
    assert silent(samples, [], 2.5 * SECOND) == []
