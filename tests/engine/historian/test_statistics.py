"""Statistics of a stretch, against the definition worked out second by second."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.historian.line import rebuild
from engine.historian.reading import Cancelled
from engine.historian.statistics import statistics
from engine.types import Curve, Gap, Instant, Rollup, Samples, Status
from engine.wire import Statistics, StatisticsBody
from tests.engine.historian.made import part, samples


class Remembered:
    """A history of the samples it is given, by tag."""

    def __init__(self, *tags: Samples) -> None:
        self.tags = tags

    def raw(self, tag_id: int, start_us: int, end_us: int) -> Samples:
        return part(self.tags[tag_id], start_us, end_us)

    def window(self, tag_ids: Sequence[int], start_us: int, end_us: int, step_us: int) -> NDArray[np.float32]:
        raise NotImplementedError

    def minmax(self, tag_id: int, start_us: int, end_us: int, pixels: int) -> Curve:
        raise NotImplementedError

    def rollup(self, tag_id: int, start_us: int, end_us: int, step_us: int) -> Rollup:
        raise NotImplementedError

    def instant(self, tag_ids: Sequence[int], time_us: int) -> Instant:
        raise NotImplementedError

    def gaps(self, start_us: int, end_us: int) -> Sequence[Gap]:
        raise NotImplementedError


def go_on(progress: float) -> bool:
    return True


def only(history: Remembered, start_us: int, end_us: int) -> Statistics:
    return statistics(history, StatisticsBody((0,), start_us, end_us), go_on).statistics[0]


def test_value_counts_for_as_long_as_it_holds() -> None:
    history = Remembered(samples([0, 10, 40], [5.0, 2.0, 8.0]))
    found = only(history, 5, 45)
    assert (found.low, found.high, found.samples, found.good) == (2.0, 8.0, 2, 1.0)
    mean = (5 * 5 + 30 * 2 + 5 * 8) / 40
    assert found.mean == pytest.approx(mean)
    assert found.deviation == pytest.approx(
        math.sqrt((5 * (5 - mean) ** 2 + 30 * (2 - mean) ** 2 + 5 * (8 - mean) ** 2) / 40)
    )


def test_line_for_left_out_samples_counts_as_a_line() -> None:
    history = Remembered(samples([0, 100, 200], [0.0, 10.0, 10.0], dropped=[9, 0, 0]))
    found = only(history, 0, 100)
    assert (found.low, found.high, found.samples) == (0.0, 10.0, 10)
    assert found.mean == pytest.approx(5.0)
    assert found.deviation == pytest.approx(10 / math.sqrt(12))
    half = only(history, 50, 100)
    assert (half.low, half.high, half.mean, half.samples) == (5.0, 10.0, 7.5, 5)


def test_what_is_not_good_is_in_no_figure_but_the_count() -> None:
    quality = [0, Status.STALE, Status.BAD, 0, 0]
    history = Remembered(samples([0, 10, 20, 30, 40], [1.0, 99.0, -99.0, 3.0, math.nan], quality))
    found = only(history, 0, 50)
    assert (found.low, found.high, found.mean, found.samples) == (1.0, 3.0, 2.0, 5)
    assert found.good == pytest.approx(20 / 50)


def test_tag_without_good_value_has_no_figures() -> None:
    history = Remembered(samples([], []), samples([10], [4.0], [Status.BAD]), samples([100], [4.0]))
    found = statistics(history, StatisticsBody((0, 1, 2), 0, 50), go_on).statistics
    assert found == (
        Statistics(None, None, None, None, 0, 0.0),
        Statistics(None, None, None, None, 1, 0.0),
        Statistics(None, None, None, None, 0, 0.0),
    )
    assert only(history, 50, 50) == Statistics(None, None, None, None, 0, 0.0)


@st.composite
def recorded(draw: st.DrawFn) -> Samples:
    """Samples on whole steps of 10 µs; lines only where they have samples to stand for."""
    steps = draw(st.lists(st.integers(0, 6), min_size=0, max_size=25))
    time_us = 10 * np.cumsum(np.array(steps, np.int64)).astype(np.int64)
    value = draw(st.lists(st.floats(-1e6, 1e6), min_size=len(steps), max_size=len(steps)))
    bad = draw(st.lists(st.integers(0, 5), min_size=len(steps), max_size=len(steps)))
    quality = np.where(np.array(bad, np.int64) == 0, Status.BAD, Status.GOOD).astype(np.uint32)
    longer = np.diff(time_us, append=time_us[-1:]) > 10
    good = quality == 0
    line = longer & good & np.append(good[1:], False) if len(steps) else longer
    thinned = draw(st.lists(st.booleans(), min_size=len(steps), max_size=len(steps)))
    dropped = np.where(line & np.array(thinned, np.bool_), 3, 0)
    return samples(time_us, np.array(value), quality, dropped.astype(np.uint32))


@given(recorded(), st.integers(-3, 40), st.integers(0, 60), st.sampled_from([1, 30, 10**9]))
@settings(deadline=None, max_examples=60)
def test_figures_are_those_of_the_definition(
    recorded: Samples, first: int, length: int, portion_us: int
) -> None:
    start_us, end_us = 10 * first, 10 * (first + length)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.historian.statistics.FIRST_PORTION_US", portion_us)
        patch.setattr("engine.historian.statistics.FEW", 0)
        found = only(Remembered(recorded), start_us, end_us)
    # Two instants in each step are enough to integrate straight lines exactly (Gauss, order 3).
    steps = np.arange(start_us, end_us, 10)
    nodes: NDArray[np.float64] = (steps[:, None] + 5 + np.array([-1, 1]) * 5 / math.sqrt(3)).ravel()
    at = np.searchsorted(recorded.time_us, nodes, "right") - 1
    good = (at >= 0) & (recorded.quality[np.maximum(at, 0)] == 0) if len(recorded.value) else at > 99
    value = rebuild(recorded, nodes)[good]
    assert found.good == pytest.approx(good.mean() if len(good) else 0.0)
    inside = (recorded.time_us >= start_us) & (recorded.time_us < end_us)
    if not (recorded.dropped > 0).any():
        assert found.samples == inside.sum()
    if len(value):
        seen = np.append(value, recorded.value[inside & (recorded.quality == 0)])
        assert found.mean == pytest.approx(value.mean(), abs=1e-6)
        assert found.deviation == pytest.approx(value.std(), abs=1e-3)
        assert found.low is not None
        assert found.high is not None
        assert found.low <= seen.min() + 1e-9
        assert found.high >= seen.max() - 1e-9
        if not (recorded.dropped > 0).any():
            assert (found.low, found.high) == (seen.min(), seen.max())


def test_statistics_of_several_tags_tell_how_far_they_are_and_stop_when_told() -> None:
    history = Remembered(samples([0], [1.0]), samples([0], [2.0]))
    seen: list[float] = []
    body = StatisticsBody((0, 1), 0, 20_000_000_000)
    statistics(history, body, lambda progress: not seen.append(progress))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert 0.5 in seen
    with pytest.raises(Cancelled):
        statistics(history, body, lambda progress: progress < 0.5)
