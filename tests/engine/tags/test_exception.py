from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.tags import Exceptions, deadbands, full_quality
from engine.types import Batch, Status, Tag
from tests.engine.tags.batches import TAG_IDS, batch, some_batches

some_deadbands = st.lists(st.sampled_from([0.0, 0.1, 0.5, 10.0]), min_size=TAG_IDS, max_size=TAG_IDS)


def kept(batches: list[Batch], deadband: list[float], max_silent_s: float = 1e6) -> list[list[list[bool]]]:
    exceptions = Exceptions(np.array(deadband), max_silent_s)
    return [exceptions.keep(each).tolist() for each in batches]


def one_tag(
    values: list[float], deadband: float, quality: Sequence[int] | None = None, max_silent_s: float = 1e6
) -> list[bool]:
    """What is kept of one tag's values, a second apart, good where no quality is given."""
    codes = np.array(quality or [0] * len(values)).reshape(-1, 1)
    made = batch([[value] for value in values], codes)
    return [row[0] for row in kept([made], [deadband], max_silent_s)[0]]


def test_only_a_move_beyond_the_deadband_from_the_last_kept_value_is_kept():
    assert one_tag([10.0, 10.5, 10.6, 10.2, 11.1, 10.6], 0.5) == [True, False, True, False, False, False]


def test_a_slow_drift_is_kept_once_it_has_added_up():
    assert one_tag([0.0, 0.4, 0.8, 1.2, 1.6, 2.0], 1.0) == [True, False, False, True, False, False]


def test_deadband_zero_keeps_every_sample_even_an_equal_one():
    assert one_tag([1.0, 1.0, 1.0], 0.0) == [True, True, True]


def test_a_changed_quality_is_kept_though_the_value_is_the_same():
    quality = [0, Status.STALE, Status.STALE, Status.LAST_USABLE, 0]
    assert one_tag([1.0] * 5, 0.5, quality=quality) == [True, True, False, True, True]


def test_limit_and_info_bits_are_no_change_of_quality():
    assert one_tag([1.0, 1.0], 0.5, quality=[0x00000000, 0x00000480]) == [True, False]


def test_a_value_that_vanishes_and_returns_is_kept_both_times():
    nan, inf = math.nan, math.inf
    bad = [Status.BAD] * 5
    assert one_tag([1.0, nan, nan, inf, 1.0], 0.5, quality=bad) == [True, True, False, False, True]


def test_the_first_sample_of_a_tag_is_kept_though_it_has_no_value():
    assert one_tag([math.nan, math.nan], 0.5, quality=[Status.BAD] * 2) == [True, False]
    assert one_tag([math.nan, math.nan], 0.5) == [True, False]


def test_a_quiet_tag_gives_a_sign_of_life():
    assert one_tag([1.0] * 8, 0.5, max_silent_s=3.0) == [True, False, False] * 2 + [True, False]


def test_a_sign_of_life_does_not_wait_for_a_clock_that_was_set_back():
    exceptions = Exceptions(np.array([0.5]), max_silent_s=10)
    hour_us = 3_600_000_000
    assert exceptions.keep(batch([[1.0]], receive_us=[2 * hour_us])).all()
    assert exceptions.keep(batch([[1.0]], receive_us=[hour_us])).all()
    assert not exceptions.keep(batch([[1.0]], receive_us=[hour_us + 1])).any()


def test_tags_are_remembered_from_batch_to_batch_by_their_id():
    first, second = batch([[1.0, 5.0]], tags=[3, 1]), batch([[5.2, 1.2, 9.0]], tags=[1, 3, 0])
    assert kept([first, second], [0.5] * 4) == [[[True, True]], [[False, False, True]]]


def test_a_distance_too_large_for_a_number_is_a_change():
    assert one_tag([1e308, -1e308], 0.5) == [True, True]


def test_a_tag_outside_the_configuration_is_an_error_not_a_lost_sample():
    with pytest.raises(IndexError):
        Exceptions(np.zeros(2)).keep(batch([[1.0]], tags=[2]))


def test_batches_without_rows_or_tags_are_harmless():
    exceptions = Exceptions(np.zeros(3))
    assert exceptions.keep(batch(np.empty((0, 3)))).shape == (0, 3)
    assert exceptions.keep(batch(np.empty((2, 0)))).shape == (2, 0)


def test_deadbands_are_looked_up_by_tag_id():
    tags = [Tag(5, "A", "s", "x", deadband=0.25), Tag(2, "B", "s", "y", deadband=1.5), Tag(0, "C", "s", "z")]
    assert deadbands(tags).tolist() == [0.0, 0.0, 1.5, 0.0, 0.0, 0.25]
    assert deadbands([]).tolist() == []


@dataclass
class Oracle:
    """The rules of ``Exceptions.keep`` said once more, one sample at a time."""

    deadband: list[float]
    max_silent_us: int
    last: dict[int, tuple[float | None, int, int]] = field(default_factory=dict)

    def keeps(self, tag: int, value: float, quality: int, now_us: int) -> bool:
        seen = value if math.isfinite(value) else None
        keep = tag not in self.last or self.deadband[tag] == 0
        if not keep:
            last, code, kept_us = self.last[tag]
            keep = (
                code != quality >> 16
                or (seen is None) != (last is None)
                or (seen is not None and last is not None and abs(seen - last) > self.deadband[tag])
                or abs(now_us - kept_us) >= self.max_silent_us
            )
        if keep:
            self.last[tag] = (seen, quality >> 16, now_us)
        return keep


@settings(deadline=None)
@given(some_batches(), some_deadbands, st.sampled_from([1, 5, 1000]))
def test_whole_batches_are_judged_as_sample_by_sample(
    batches: list[Batch], deadband: list[float], max_silent_s: int
):
    oracle = Oracle(deadband, max_silent_s * 1_000_000)
    exceptions = Exceptions(np.array(deadband), max_silent_s)
    for each in batches:
        quality = full_quality(each)
        expected = [
            [
                oracle.keeps(tag, float(each.value[row, i]), int(quality[row, i]), now_us)
                for i, tag in enumerate(each.tags.tolist())
            ]
            for row, now_us in enumerate(each.receive_time_us.tolist())
        ]
        assert exceptions.keep(each).tolist() == expected


@settings(deadline=None)
@given(some_batches(), some_deadbands, st.sampled_from([1, 5, 1000]))
def test_holding_the_last_kept_sample_tells_the_truth(
    batches: list[Batch], deadband: list[float], max_silent_s: int
):
    """Never off by more than the deadband, no quality or missing value hidden, no long silence."""
    exceptions = Exceptions(np.array(deadband), max_silent_s)
    held: dict[int, tuple[float, int, int]] = {}
    for each in batches:
        keep, quality = exceptions.keep(each), full_quality(each)
        for row, i in np.ndindex(each.value.shape):
            tag, now_us = int(each.tags[i]), int(each.receive_time_us[row])
            value, code = float(each.value[row, i]), int(quality[row, i]) >> 16
            if keep[row, i]:
                held[tag] = (value, code, now_us)
            last, last_code, kept_us = held[tag]
            assert code == last_code
            assert now_us - kept_us < max_silent_s * 1_000_000 or keep[row, i]
            assert math.isfinite(value) == math.isfinite(last)
            if math.isfinite(value):
                assert abs(value - last) <= deadband[tag]


@settings(deadline=None)
@given(some_batches(), some_deadbands)
def test_choosing_never_writes_to_the_batch(batches: list[Batch], deadband: list[float]):
    exceptions = Exceptions(np.array(deadband))
    for each in batches:
        before = each.value.copy(), each.quality.copy()
        each.value.flags.writeable = each.quality.flags.writeable = False
        exceptions.keep(each)
        np.testing.assert_array_equal(each.value, before[0])
        np.testing.assert_array_equal(each.quality, before[1])
