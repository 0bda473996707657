"""The aggregates of OPC UA Part 13: every published example result, and brute force beside them."""

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.historian.aggregates import AGGREGATES, Processed, aggregate
from engine.historian.series import AggregateSettings
from engine.types import Samples
from tests.engine.historian import part13
from tests.engine.historian.made import samples

CODE = {"G": 0, "U": 0x40A40000, "u": 0x40000000, "N": 0x809B0000, "B": 0x80000000}
BIT = {"c": 1, "i": 2, "p": 4, "m": 16}
SETTINGS = {
    "1": AggregateSettings(treat_uncertain_as_bad=False),
    "2": AggregateSettings(sloped_extrapolation=True),
    "3": AggregateSettings(percent_bad=50, percent_good=50, stepped=True),
    "4": AggregateSettings(stepped=True),
    "5": AggregateSettings(treat_uncertain_as_bad=False),
}
LINES = [line.split(maxsplit=2) for line in re.sub(r"\n +", " ", part13.RESULTS).strip().splitlines()]


def historian(name: str) -> Samples:
    rows = [row.split() for row in (part13.EARLY + ", " + part13.RAW[name]).split(", ")]
    return samples(
        [int(second) * 1_000_000 for second, _, _ in rows],
        [math.nan if value == "-" else float(value) for _, value, _ in rows],
        [CODE[status] for _, _, status in rows],
    )


def wanted(name: str, text: str) -> list[tuple[float, float, int]]:
    step = part13.STEP_S.get(name, 16)
    found: list[tuple[float, float, int]] = []
    for at, (second, value, status, bits) in enumerate(
        re.findall(r"(?:@(\S+) )?(\S+):([GUuNB])([cipm]*)", text)
    ):
        flags = sum(BIT[bit] for bit in bits)
        number = math.nan if value == "-" else float(CODE[value]) if value in CODE else float(value)
        quality = CODE[status] | flags | (0x400 if flags else 0)
        found.append((float(second) if second else at * step, number, quality))
    if step == 16:
        found.append((96, math.nan, CODE["N"]))
    return found


def processed(name: str, source: str) -> Processed:
    raw = historian(source)
    step = part13.STEP_S.get(name, 16) * 1_000_000
    # The file's annotation counts are those of one annotation on each raw value.
    return aggregate(name, raw, 0, 100_000_000, step, SETTINGS[source], raw.time_us[1:].tolist())


def test_every_aggregate_has_example_results() -> None:
    assert {name for name, _, _ in LINES} == set(AGGREGATES)
    assert len(LINES) == 37 * 4 + 11


@pytest.mark.parametrize(("name", "source", "text"), LINES, ids=[f"{a}-{b}" for a, b, _ in LINES])
def test_results_are_those_of_the_published_examples(name: str, source: str, text: str) -> None:
    found, results = processed(name, source), wanted(name, text)
    assert len(found.value) == len(results)
    if (name, source) in part13.AGAINST_THE_TEXT:
        assert found.value[1] != pytest.approx(results[1][1]), "the file says the same as the text now"
        return
    for at, (second, value, quality) in enumerate(results):
        assert found.time_us[at] == round(second * 1e6), at
        assert found.value[at] == pytest.approx(value, abs=6e-4, nan_ok=True), at
        assert hex(found.quality[at]) == hex(quality), at


@pytest.mark.parametrize("source", ["1", "2", "3", "5"])
def test_total_is_the_time_average_by_the_time_it_covers(source: str) -> None:
    total, average = processed("Total", source), processed("TimeAverage", source)
    covered = np.full(20, 5.0)
    covered[0] = 3.0
    np.testing.assert_allclose(total.value, average.value * covered, rtol=1e-12)
    np.testing.assert_array_equal(total.quality, average.quality)


def test_unknown_aggregate_and_empty_span_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="no aggregate 'Mean'; known are Interpolative, Average"):
        aggregate("Mean", historian("1"), 0, 100, 10)
    with pytest.raises(ValueError, match="ends after it starts"):
        aggregate("Average", historian("1"), 100, 100, 10)


def test_no_samples_give_no_data_everywhere() -> None:
    for name in AGGREGATES:
        found = aggregate(name, samples([], []), 0, 30, 10)
        assert np.isnan(found.value).all(), name
        assert set(found.quality.tolist()) == {CODE["N"]}, name


def test_interval_of_no_length_is_the_whole_span() -> None:
    found = aggregate("Count", historian("2"), 0, 100_000_000, 0)
    assert found.value.tolist() == [10.0]
    assert found.time_us.tolist() == [0]


def test_count_in_an_interval_without_samples_is_zero_and_good() -> None:
    found = aggregate("Count", samples([0, 100], [1, 2]), 0, 100, 10)
    assert found.value.tolist() == [1] + [0] * 9
    assert not (found.quality & 0xC0000000).any()


def test_left_out_samples_let_a_stepped_value_run_along_the_line() -> None:
    stepped = AggregateSettings(stepped=True)
    line = samples([0, 100], [0, 100], dropped=[9, 0])
    assert aggregate("TimeAverage2", line, 0, 100, 50, stepped).value.tolist() == [25, 75]
    held = samples([0, 100], [0, 100])
    assert aggregate("TimeAverage2", held, 0, 100, 50, stepped).value.tolist() == [0, 0]


VALUES = st.lists(st.tuples(st.integers(1, 50), st.integers(-5, 5)), min_size=2, max_size=30)


@given(VALUES, st.integers(1, 200))
@settings(max_examples=30, deadline=None)
def test_good_data_give_what_brute_force_gives(rows: list[tuple[int, int]], step: int) -> None:
    time = np.cumsum([gap for gap, _ in rows]).tolist()
    value = [float(v) for _, v in rows]
    end = time[-1]
    found = {
        name: aggregate(name, samples(time, value), time[0], end, step, AggregateSettings(stepped=True))
        for name in AGGREGATES
    }
    for at, begin in enumerate(range(time[0], end, step)):
        until = min(begin + step, end)
        inside = [v for t, v in zip(time, value, strict=True) if begin <= t < until]
        held = [value[max(k for k, t in enumerate(time) if t <= instant)] for instant in range(begin, until)]
        assert found["Count"].value[at] == len(inside)
        assert found["TimeAverage2"].value[at] == pytest.approx(np.mean(held))
        assert found["Minimum2"].value[at] == min(held)
        assert found["Maximum2"].value[at] == max(held)
        assert found["DurationGood"].value[at] == pytest.approx((until - begin) / 1e3)
        assert found["DurationBad"].value[at] == 0
        zero = found["DurationInStateZero"].value[at] * 1e3
        assert zero == pytest.approx(held.count(0.0))
        assert found["StartBound"].value[at] == held[0]
        if inside:
            assert found["Average"].value[at] == pytest.approx(np.mean(inside))
            assert (found["Minimum"].value[at], found["Maximum"].value[at]) == (min(inside), max(inside))
            assert found["Delta"].value[at] == inside[-1] - inside[0]
            assert found["VariancePopulation"].value[at] == pytest.approx(np.var(inside), abs=1e-12)


def test_slope_beyond_the_data_leads_from_an_earlier_instant() -> None:
    """Two values of one instant have no slope between them."""
    settings = AggregateSettings(sloped_extrapolation=True)
    found = aggregate("Interpolative", samples([0, 10, 10], [0.0, 5.0, 10.0]), 20, 21, 0, settings)
    assert found.value.tolist() == [20.0]
    alone = aggregate("Interpolative", samples([10, 10], [5.0, 10.0]), 20, 21, 0, settings)
    assert alone.value.tolist() == [10.0]


def test_span_before_1970_that_is_one_interval_ends_where_it_says() -> None:
    assert aggregate("Count", samples([-5, 0, 2], [1.0, 2.0, 3.0]), -6, 3, 0).value.tolist() == [3.0]
