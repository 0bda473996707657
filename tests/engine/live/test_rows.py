"""Batches of many rows into the ring: the same as sample by sample, against plain lists."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.live import LiveTable, plan
from engine.live.layout import LEVELS
from engine.live.ring import GAP, UNCERTAIN
from engine.types import Batch, Status
from tests.engine.live.tables import MONO_US, ids, open_pair

TAGS = 5


@dataclass
class Plain:
    """What the ring and its pyramid hold of one tag, kept as whole lists."""

    samples: list[tuple[int, float, int]] = field(default_factory=list)

    def bucket(self, level: int, number: int) -> tuple[int, float, float, int]:
        """Start, low, high and flags of one bucket."""
        inside = self.samples[number << level : (number + 1) << level]
        shown = [value for _, value, code in inside if np.isfinite(value) and drawn(code)]
        gap = GAP if len(shown) < len(inside) else 0
        doubt = UNCERTAIN if any(code & 0xC0000000 for _, _, code in inside) else 0
        low, high = (min(shown), max(shown)) if shown else (np.nan, np.nan)
        return inside[0][0], low, high, gap | doubt


def drawn(code: int) -> bool:
    return not code & 0x80000000 and code != Status.STALE


def assert_same(table: LiveTable, plain: dict[int, Plain]) -> None:
    """Every slot and complete bucket that is still held."""
    layout = table.layout
    columns = {
        name: np.frombuffer(table._memory, place.dtype, layout.capacity * place.items, place.offset)  # noqa: SLF001
        for name, place in layout.columns.items()
    }
    for tag, kept in plain.items():
        count = len(kept.samples)
        assert columns["cursor"][tag] == count
        for number in range(max(0, count - layout.samples), count):
            at = tag * layout.samples + number % layout.samples
            got = tuple(columns[f"ring_{name}"][at] for name in ("time_us", "value", "quality"))
            np.testing.assert_equal(got, kept.samples[number])
        for level in LEVELS:
            held = layout.columns[f"l{level}_low"].items
            buckets = count >> level
            for number in range(max(0, buckets - held), buckets):
                at = tag * held + number % held
                got = tuple(columns[f"l{level}_{name}"][at] for name in ("start_us", "low", "high", "flags"))
                np.testing.assert_equal(got, kept.bucket(level, number))


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.integers(1, TAGS), st.integers(1, 700)),
            st.sets(st.integers(0, TAGS - 1), min_size=1),
            st.booleans(),
        ),
        min_size=1,
        max_size=12,
    ),
    st.integers(0, 2**32 - 1),
)
def test_ring_and_pyramid_hold_what_sample_by_sample_would_give(
    sent: list[tuple[int, set[int], bool]], seed: int
) -> None:
    rng, plain, now_us = np.random.default_rng(seed), {tag: Plain() for tag in range(TAGS)}, 0
    with tempfile.TemporaryDirectory() as folder:
        table, reader = open_pair(Path(folder), TAGS, ring_bytes=1)
        for rows, chosen, all_kept in sent:
            tags = np.array(sorted(chosen), np.int32)
            shape = rows, len(tags)
            time = now_us + np.arange(rows, dtype=np.int64)
            now_us += rows
            value = rng.normal(size=shape)
            value[rng.random(shape) < 0.02] = np.nan
            code = rng.choice(
                np.array([0, 0x40930000, Status.STALE, Status.BAD], np.uint32),
                shape,
                p=[0.94, 0.02, 0.02, 0.02],
            )
            keep = np.ones(shape, np.bool_) if all_kept else rng.random(shape) < 0.5
            table.write(Batch(0, tags, time, time, value, code), keep, MONO_US)
            for row, i in zip(*np.nonzero(keep), strict=True):
                plain[int(tags[i])].samples.append((int(time[row]), float(value[row, i]), int(code[row, i])))
            seen = reader.snapshot(MONO_US)
            np.testing.assert_array_equal(seen.value[tags], value[-1])
            assert (seen.status[tags] == code[-1]).all()
        assert_same(table, plain)
        reader.close()
        table.close()


def test_a_second_of_a_thousand_samples_comes_in_one_batch(tmp_path: Path) -> None:
    """1 kHz of more tags than are written under one lock."""
    table, reader = open_pair(tmp_path, tags=200)
    wave = np.sin(np.arange(1000) / 100)[:, None] * np.arange(1, 201)
    time = np.arange(1000, dtype=np.int64) * 1000
    tags = np.arange(200, dtype=np.int32)
    table.write(
        Batch(0, tags, time, time, wave, np.zeros(200, np.uint32)), np.ones((1000, 200), np.bool_), MONO_US
    )
    assert (reader.snapshot(MONO_US).value == wave[-1]).all()
    for row in (0, 64, 65, 66, 199):
        curve = reader.curve(row, 0, 1_000_000, 100)
        assert (np.nanmin(curve.low), np.nanmax(curve.high)) == (wave[:, row].min(), wave[:, row].max())


def test_many_tags_in_batches_of_rows_overrun_their_rings(tmp_path: Path) -> None:
    """More tags than rows, each tag keeping its own part of them, through the end of the ring."""
    tags, rows, rng = 150, 100, np.random.default_rng(5)
    table, reader = open_pair(tmp_path, tags, ring_bytes=1)
    plain, seldom = {tag: Plain() for tag in range(tags)}, rng.random(tags)
    for at in range(0, 600, rows):
        time, value = np.arange(at, at + rows, dtype=np.int64), rng.normal(size=(rows, tags))
        keep = rng.random((rows, tags)) < seldom
        sent = Batch(0, np.arange(tags, dtype=np.int32), time, time, value, np.zeros(tags, np.uint32))
        table.write(sent, keep, MONO_US)
        for row, tag in zip(*np.nonzero(keep), strict=True):
            plain[int(tag)].samples.append((int(time[row]), float(value[row, tag]), 0))
    assert max(len(each.samples) for each in plain.values()) > table.layout.samples
    assert_same(table, plain)
    reader.close()
    table.close()


@settings(deadline=None, max_examples=40)
@given(
    st.one_of(
        st.tuples(st.integers(1, 600), st.integers(1, 3)),
        st.tuples(st.integers(1, 40_000), st.integers(100, 4000)),
    ),
    st.integers(20, 300),
    st.data(),
)
def test_a_spike_is_drawn_wherever_in_a_full_or_open_bucket_it_stands(
    size: tuple[int, int], pixels: int, data: st.DataObject
) -> None:
    """A ring of 256 samples, far overrun; the coarsest buckets reach back to the first sample."""
    count, rows = size
    spike = data.draw(st.one_of(st.integers(0, count - 1), st.integers(max(0, count - 300), count - 1)))
    value = np.random.default_rng(count).normal(size=(count, 1))
    value[spike] = 99.0
    time = np.arange(count, dtype=np.int64) * 1000
    with tempfile.TemporaryDirectory() as folder:
        table, reader = open_pair(Path(folder), 1, ring_bytes=1)
        for at in range(0, count, rows):
            part = slice(at, at + rows)
            sent = Batch(0, ids(0), time[part], time[part], value[part], np.zeros(1, np.uint32))
            table.write(sent, np.ones((len(sent.value), 1), np.bool_), MONO_US)
        curve = reader.curve(0, 0, count * 1000, pixels)
        near = reader.curve(0, max(0, (spike - 1) * 1000), count * 1000, pixels)
        reader.close()
        table.close()
    assert np.nanmax(curve.high) == np.nanmax(near.high) == 99.0
    assert np.nanmin(curve.low) == value.min()
    assert (np.diff(curve.time_us) >= 0).all()
    assert (curve.time_us[-1], curve.low[-1]) == (time[-1], value[-1])
    assert len(curve.time_us) <= 2 * pixels + 2


def test_late_sample_in_the_open_bucket_keeps_the_line_in_order_and_to_its_end(tmp_path: Path) -> None:
    """Read from buckets, not from samples: 500 of them at 20 pixels."""
    table, reader = open_pair(tmp_path, 1)
    time = np.append(np.arange(500), [600, 550]).astype(np.int64) * 1000
    value = np.append(np.zeros(500), [5.0, -7.0])[:, None]
    table.write(
        Batch(0, ids(0), time, time, value, np.zeros(1, np.uint32)), np.ones((502, 1), np.bool_), MONO_US
    )
    curve = reader.curve(0, 0, 600_001, 20)
    assert len(curve.time_us) <= 42
    assert (np.diff(curve.time_us) >= 0).all()
    assert (curve.time_us[-1], curve.low[-1]) == (600_000, 5.0)
    assert np.nanmin(curve.low) == -7.0


def test_only_taken_samples_become_the_live_value(tmp_path: Path) -> None:
    table, reader = open_pair(tmp_path)
    time = np.array([10, 20, 30], np.int64)
    value = np.array([[1.0, 4.0, 7.0], [2.0, 5.0, 8.0], [3.0, 6.0, 9.0]])
    taken = np.array([[True, True, False], [True, False, False], [True, False, False]])
    sent = Batch(0, ids(0, 1, 2), time, time + 5, value, np.zeros((3, 3), np.uint32))
    table.write(sent, np.ones((3, 3), np.bool_), MONO_US, taken)
    seen = reader.snapshot(MONO_US + 1)
    assert seen.value[:2].tolist() == [3.0, 4.0]
    assert np.isnan(seen.value[2])
    assert seen.source_time_us.tolist() == [30, 10, 0]
    assert seen.receive_time_us.tolist() == [35, 15, 0]
    assert np.isnan(seen.age_s[2]), "a late sample proves nothing"
    assert reader.curve(2, 0, 100, 50).low.tolist() == [7.0, 8.0, 9.0], "but it is in the trend"


@pytest.mark.parametrize("rows", [1, 2, 300])
def test_nothing_to_keep_leaves_the_ring_alone(tmp_path: Path, rows: int) -> None:
    table, reader = open_pair(tmp_path)
    time = np.arange(rows, dtype=np.int64) + 1
    value = np.full((rows, 1), 5.0)
    table.write(
        Batch(0, ids(1), time, time, value, np.zeros(1, np.uint32)), np.zeros((rows, 1), np.bool_), MONO_US
    )
    assert reader.snapshot(MONO_US).value[1] == 5.0
    assert len(reader.curve(1, 0, 1000, 100).time_us) == 0


def test_late_samples_go_into_the_trend_alone_where_it_has_none_yet(tmp_path: Path) -> None:
    table, reader = open_pair(tmp_path)
    table.write(
        Batch(0, ids(0), np.array([10]), np.array([10]), np.array([[1.0]]), np.zeros(1, np.uint32)),
        np.ones((1, 1), np.bool_),
        MONO_US,
    )
    time = np.array([5, 12, 14], np.int64)
    table.write_late(Batch(0, ids(0), time, time, np.array([[0.5], [1.2], [1.4]]), np.zeros(1, np.uint32)))
    assert reader.snapshot(MONO_US).value[0] == 1.0
    assert reader.curve(0, 0, 100, 50).low.tolist() == [1.0, 1.2, 1.4]


def test_a_file_for_no_tags_is_made_too(tmp_path: Path) -> None:
    layout = plan(0, boot=1, ring_bytes=1 << 16)
    table = LiveTable(tmp_path / "live.bin", layout, np.empty(0, np.int32), MONO_US)
    assert table.quality().tolist() == []
