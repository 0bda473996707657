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
    """Every slot and bucket that is still held."""
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
            buckets = -(-count // (1 << level))
            for number in range(max(0, buckets - held), buckets):
                at = tag * held + number % held
                got = tuple(columns[f"l{level}_{name}"][at] for name in ("start_us", "low", "high", "flags"))
                np.testing.assert_equal(got, kept.bucket(level, number))


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(1, 700), st.sets(st.integers(0, TAGS - 1), min_size=1), st.booleans()),
        min_size=1,
        max_size=5,
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
