"""Find similar: planted shapes are found, gaps and flat stretches are not."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.historian.reading import Cancelled
from engine.historian.similar import NotSearchable, best, likeness, similar
from engine.types import Curve, Gap, Instant, Rollup, Samples
from engine.wire import SimilarBody

SECOND_US = 1_000_000
START_US = 1_763_000_000 * SECOND_US
TAG = 7


class Sampled:
    """A history of one tag with a sample a second, its value a straight line in between."""

    def __init__(self, value: NDArray[np.float64]) -> None:
        self.value = value
        self.read: list[int] = []

    def window(self, tag_ids: Sequence[int], start_us: int, end_us: int, step_us: int) -> NDArray[np.float32]:
        assert tag_ids == [TAG]
        at = (np.arange(start_us, end_us, step_us) - START_US) / SECOND_US
        self.read.append(len(at))
        value = np.interp(at, np.arange(len(self.value)), self.value, np.nan, np.nan)
        return value.astype(np.float32)[None]

    def raw(self, tag_id: int, start_us: int, end_us: int) -> Samples:
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


def body(first_s: int, last_s: int, until_s: int, most: int = 10) -> SimilarBody:
    return SimilarBody(
        TAG,
        START_US + first_s * SECOND_US,
        START_US + last_s * SECOND_US,
        START_US,
        START_US + until_s * SECOND_US,
        most,
    )


SHAPE = np.concatenate((np.linspace(0, 3, 40), 3 - np.linspace(0, 1, 30) ** 2, np.sin(np.arange(50) / 3) + 1))


def planted(at: dict[int, tuple[float, float, float]], seconds: int = 20_000) -> NDArray[np.float64]:
    """Noise with SHAPE at these seconds, as (scale, offset, noise)."""
    random = np.random.default_rng(3)
    value = random.normal(0, 0.4, seconds)
    for first, (scale, offset, noise) in at.items():
        value[first : first + len(SHAPE)] = offset + scale * (SHAPE + random.normal(0, noise, len(SHAPE)))
    return value


def plain(pattern: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The definition, place by place."""
    m, found = len(pattern), np.zeros(max(len(values) - len(pattern) + 1, 0))
    normal = (pattern - pattern.mean()) / pattern.std()
    for k in range(len(found)):
        part = values[k : k + m]
        if np.isfinite(part).all() and part.std() > 1e-3 * pattern.std():
            d = np.linalg.norm((part - part.mean()) / part.std() - normal)
            found[k] = max(1 - d / np.sqrt(2 * m), 0)
    return found


@given(st.integers(0, 2**32), st.integers(4, 60), st.integers(0, 700), st.sampled_from([0.0, 1e3, -1e5]))
@settings(deadline=None, max_examples=50)
def test_likeness_is_that_of_every_place_by_itself(seed: int, m: int, k: int, offset: float) -> None:
    random = np.random.default_rng(seed)
    pattern, values = random.normal(0, 1, m), offset + np.cumsum(random.normal(0, 1, k))
    values[random.random(k) < 0.01] = np.nan
    flat = int(random.integers(0, k + 1))
    values[flat : flat + 2 * m] = offset
    found = likeness(pattern, values)
    assert found.shape == (max(k - m + 1, 0),)
    np.testing.assert_allclose(found, plain(pattern, values), atol=1e-6)


def test_planted_shapes_are_found_in_order_whatever_their_scale_and_level() -> None:
    history = Sampled(
        planted(
            {
                15_000: (1.0, 0.0, 0.0),
                2_000: (40.0, -300.0, 0.02),
                9_000: (0.1, 12.0, 0.1),
                12_345: (1.0, 0.0, 0.3),
            }
        )
    )
    found = similar(history, body(15_005, 15_115, 20_000, most=3), go_on).matches
    assert [round((match.start_us - START_US) / SECOND_US) for match in found] == [2_005, 9_005, 12_350]
    assert all(match.end_us - match.start_us == 110 * SECOND_US for match in found)
    assert [match.likeness for match in found] == sorted((match.likeness for match in found), reverse=True)
    assert found[0].likeness > 0.9
    assert found[2].likeness > 0.6


def test_exact_copy_off_the_grid_of_the_search_is_found_to_a_fraction_of_a_step() -> None:
    value = planted({})
    value[10_000:10_600] = value[3_001:3_601]
    found = similar(Sampled(value), body(10_000, 10_600, 20_000), go_on).matches
    assert found[0].likeness > 0.95
    assert abs(found[0].start_us - START_US - 3_001 * SECOND_US) < 0.1 * SECOND_US


def test_selection_itself_and_what_overlaps_it_is_no_match() -> None:
    history = Sampled(planted({5_000: (1.0, 0.0, 0.0)}))
    found = similar(history, body(5_000, 5_120, 20_000), go_on).matches
    starts = [(match.start_us - START_US) / SECOND_US for match in found]
    assert all(abs(start - 5_000) >= 58 for start in starts)
    assert all(abs(a - b) >= 58 for k, a in enumerate(starts) for b in starts[:k])
    assert len(starts) == 10
    assert all(match.likeness < 0.7 for match in found)


def test_no_match_lies_over_a_gap_or_out_of_the_search() -> None:
    value = planted({5_000: (1.0, 0.0, 0.0), 1_000: (1.0, 0.0, 0.0), 8_000: (1.0, 5.0, 0.0)})
    value[1_060] = np.nan
    found = similar(Sampled(value), body(5_000, 5_120, 8_119), go_on).matches
    starts = [(match.start_us - START_US) / SECOND_US for match in found]
    assert all(not 1_060 - 121 < start < 1_061 for start in starts)
    assert all(0 <= start <= 8_119 - 120 for start in starts)
    assert max(match.likeness for match in found) < 0.99
    assert 8_000 not in [round(start) for start in starts] or starts[0] <= 7_999


def test_flat_stretches_are_like_nothing() -> None:
    value = np.zeros(5_000)
    value[4_000:4_120] = SHAPE
    assert similar(Sampled(value), body(4_000, 4_120, 3_900), go_on).matches == ()


def test_portions_find_what_one_search_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    history = Sampled(planted({7_000: (1.0, 0.0, 0.0), 900: (1.0, 0.0, 0.1), 3_000: (2.0, 0.0, 0.2)}))
    whole = similar(history, body(7_000, 7_120, 20_000), go_on)
    monkeypatch.setattr("engine.historian.similar.PORTION", 5_000)
    seen: list[float] = []
    assert similar(history, body(7_000, 7_120, 20_000), lambda part: not seen.append(part)) == whole
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert len(seen) > 10


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [(100, 220, "gap"), (300, 420, "does not change"), (10, 10, "too short"), (20, 10, "too short")],
)
def test_what_cannot_be_searched_for_is_said(first: int, last: int, words: str) -> None:
    value = planted({})
    value[150], value[300:430] = np.nan, 1.1
    with pytest.raises(NotSearchable, match=words):
        similar(Sampled(value), body(first, last, 20_000), go_on)


def test_search_of_years_for_a_blink_is_refused_in_words() -> None:
    with pytest.raises(NotSearchable, match="too long"):
        similar(Sampled(np.zeros(0)), body(0, 1, 92 * 86_400), go_on)


def test_search_stops_when_it_is_not_needed_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.historian.similar.PORTION", 5_000)
    history = Sampled(planted({}))
    with pytest.raises(Cancelled):
        similar(history, body(5_000, 5_120, 20_000), lambda part: False)
    assert len(history.read) == 2


def test_search_shorter_than_the_stretch_finds_nothing() -> None:
    assert similar(Sampled(planted({})), body(5_000, 5_120, 60), go_on).matches == ()


@given(st.lists(st.floats(0, 1, width=32), max_size=40), st.integers(1, 12), st.integers(1, 6))
def test_best_places_are_the_highest_that_do_not_overlap(alike: list[float], points: int, most: int) -> None:
    found = best(np.array(alike, np.float32), points, most)
    left = dict(enumerate(alike))
    for place in found:
        assert left[place] == max(left.values())
        left = {k: likeness for k, likeness in left.items() if abs(k - place) > points / 2}
    assert len(found) == most or all(likeness == 0 for likeness in left.values())
