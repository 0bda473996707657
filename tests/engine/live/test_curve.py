"""The ring and its pyramid, read as curves: no spike lost, no gap hidden, never too many points."""

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.types import Curve, Status
from tests.engine.live.tables import MONO_US, ids, open_pair, put

STEP_US = 1_000_000


def filled(folder: Path, values: np.ndarray, ring_bytes: int = 1 << 20) -> object:
    table, reader = open_pair(folder, tags=1, ring_bytes=ring_bytes)
    for k, value in enumerate(values):
        put(table, 0, k * STEP_US, float(value))
    return reader


def drawn(curve: Curve) -> tuple[float, float]:
    return float(np.nanmin(curve.low)), float(np.nanmax(curve.high))


def test_empty_ring_draws_nothing(tmp_path: Path) -> None:
    _, reader = open_pair(tmp_path)
    assert len(reader.curve(0, 0, 10, 100).time_us) == 0


def test_few_samples_come_as_they_are(tmp_path: Path) -> None:
    reader = filled(tmp_path, np.array([1.0, 5.0, 3.0]))
    curve = reader.curve(0, 0, 10 * STEP_US, 100)
    assert curve.time_us.tolist() == [0, STEP_US, 2 * STEP_US]
    assert curve.low.tolist() == curve.high.tolist() == [1.0, 5.0, 3.0]


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 3000),
    st.integers(20, 400),
    st.integers(0, 2**32 - 1),
)
def test_envelope_holds_every_extreme_of_the_span(count: int, pixels: int, seed: int) -> None:
    """Against the plain minimum and maximum of what was written, over the whole span."""
    values = np.random.default_rng(seed).normal(size=count)
    with tempfile.TemporaryDirectory() as folder:
        reader = filled(Path(folder), values)
        curve = reader.curve(0, 0, count * STEP_US, pixels)
        reader.close()
    assert drawn(curve) == (values.min(), values.max())
    assert len(curve.time_us) <= 2 * pixels + 2
    assert (np.diff(curve.time_us) >= 0).all()
    assert curve.low[-1] == values[-1], "the line ends at the last sample"


def test_span_longer_than_the_raw_ring_is_drawn_from_coarser_buckets(tmp_path: Path) -> None:
    """A small ring: 256 raw samples, yet a spike 1,500 samples ago is still on the curve."""
    values = np.zeros(2000)
    values[500] = 99.0
    reader = filled(tmp_path, values, ring_bytes=1)
    assert reader.layout.samples == 256
    curve = reader.curve(0, 0, 2000 * STEP_US, 300)
    assert curve.time_us[0] <= 16 * STEP_US
    assert drawn(curve)[1] == 99.0
    assert curve.time_us[-1] == 1999 * STEP_US


def test_stale_stretch_is_a_gap_at_every_zoom(tmp_path: Path) -> None:
    table, reader = open_pair(tmp_path, tags=1, ring_bytes=1)
    for k in range(1000):
        put(table, 0, k * STEP_US, 1.0)
    table.mark(ids(0), Status.STALE, MONO_US, 1000 * STEP_US)
    for k in range(1100, 2000):
        put(table, 0, k * STEP_US, 2.0)
    for pixels in (50, 300, 1500):
        curve = reader.curve(0, 0, 2000 * STEP_US, pixels)
        hole = np.isnan(curve.low)
        assert hole.any(), pixels
        before, after = curve.time_us[~hole & (curve.low == 1.0)], curve.time_us[~hole & (curve.high == 2.0)]
        gap = curve.time_us[hole]
        assert ((gap >= before.max()) & (gap <= after.max())).any()


def test_bad_sample_is_never_drawn_as_a_value(tmp_path: Path) -> None:
    table, reader = open_pair(tmp_path, tags=1)
    put(table, 0, 0, 1.0)
    put(table, 0, STEP_US, 999.0, quality=Status.SENSOR_FAILURE)
    put(table, 0, 2 * STEP_US, 2.0)
    curve = reader.curve(0, 0, 10 * STEP_US, 100)
    assert drawn(curve) == (1.0, 2.0)
    assert np.isnan(curve.low[1])


def test_uncertain_sample_is_drawn_and_marked(tmp_path: Path) -> None:
    table, reader = open_pair(tmp_path, tags=1)
    put(table, 0, 0, 1.0)
    put(table, 0, STEP_US, 2.0, quality=0x40930000)
    curve = reader.curve(0, 0, 10 * STEP_US, 100)
    assert curve.uncertain.tolist() == [False, True]
    assert curve.high[1] == 2.0


def test_late_sample_is_drawn_in_its_place(tmp_path: Path) -> None:
    table, reader = open_pair(tmp_path, tags=1)
    for at, value in ((0, 1.0), (3, 3.0), (2, 2.0), (4, 4.0)):
        put(table, 0, at * STEP_US, value)
    assert reader.curve(0, 0, 10 * STEP_US, 100).low.tolist() == [1.0, 2.0, 3.0, 4.0]


def test_steady_value_is_drawn_to_its_last_proof_before_the_gap(tmp_path: Path) -> None:
    table, reader = open_pair(tmp_path, tags=1)
    put(table, 0, 0, 5.0)
    put(table, 0, STEP_US, 5.0)
    table.alive(ids(0), MONO_US + 9 * STEP_US, 10 * STEP_US)
    table.sweep(MONO_US + 13 * STEP_US, 14 * STEP_US)
    curve = reader.curve(0, 0, 20 * STEP_US, 100)
    assert curve.time_us.tolist() == [0, STEP_US, 10 * STEP_US, 14 * STEP_US]
    assert curve.low[:3].tolist() == [5.0, 5.0, 5.0]
    assert np.isnan(curve.low[3])


def test_storm_of_bad_samples_never_makes_more_than_two_points_a_pixel(tmp_path: Path) -> None:
    """Every other sample is bad: the values and the gaps of a pixel are one point each."""
    table, reader = open_pair(tmp_path, tags=1)
    for k in range(2000):
        put(table, 0, k * STEP_US, float(k), quality=Status.SENSOR_FAILURE if k % 2 else Status.GOOD)
    curve = reader.curve(0, 0, 2000 * STEP_US, 100)
    assert len(curve.time_us) <= 2 * 100 + 2
    assert drawn(curve) == (0.0, 1998.0)
    pixel = curve.time_us // (20 * STEP_US)
    assert set(pixel[np.isnan(curve.low)].tolist()) == set(pixel.tolist()) == set(range(100))
