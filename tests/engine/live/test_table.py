"""What a reader sees of what the engine wrote: value, quality, time and age together."""

import errno
from pathlib import Path

import numpy as np
import pytest

from engine.live import LiveReader, LiveTable, layout, plan
from engine.types import Batch, Status
from tests.engine.live.tables import MONO_US, batch, ids, open_pair, put


def test_tag_without_a_value_is_bad_and_empty(tmp_path: Path) -> None:
    _, reader = open_pair(tmp_path)
    seen = reader.snapshot(MONO_US)
    assert (seen.status == Status.WAITING_FOR_INITIAL_DATA).all()
    assert np.isnan(seen.value).all()
    assert np.isnan(seen.age_s).all()
    assert not seen.stale.any()


def test_value_arrives_with_its_times_quality_and_age(tmp_path: Path) -> None:
    table, reader = open_pair(tmp_path)
    sent = Batch(
        0,
        ids(2, 0),
        np.array([[10, 20]], np.int64),
        np.array([30], np.int64),
        np.array([[1.5, 2.5]]),
        np.array([[0, 0x40930000]], np.uint32),
    )
    table.write(sent, np.ones((1, 2), np.bool_), MONO_US)
    seen = reader.snapshot(MONO_US + 1_250_000)
    assert seen.value[[2, 0]].tolist() == [1.5, 2.5]
    assert seen.source_time_us[[2, 0]].tolist() == [10, 20]
    assert seen.receive_time_us[[2, 0]].tolist() == [30, 30]
    assert seen.status[[2, 0]].tolist() == [0, 0x40930000]
    assert seen.age_s[2] == pytest.approx(1.25)
    assert np.isnan(seen.value[1])


def test_newest_row_of_a_batch_is_the_live_value(tmp_path: Path) -> None:
    table, reader = open_pair(tmp_path)
    rows = Batch(
        0,
        ids(1),
        np.array([1, 2, 3]),
        np.array([9, 9, 9]),
        np.array([[5.0], [6.0], [7.0]]),
        np.zeros(1, np.uint32),
    )
    table.write(rows, np.ones((3, 1), np.bool_), MONO_US)
    assert reader.snapshot(MONO_US).value[1] == 7.0
    assert reader.curve(1, 0, 10, 100).low.tolist() == [5.0, 6.0, 7.0]


def test_sample_the_filter_drops_is_live_but_not_in_the_ring(tmp_path: Path) -> None:
    table, reader = open_pair(tmp_path)
    put(table, 0, 1, 5.0)
    table.write(batch(ids(0), 2, 5.01), np.zeros((1, 1), np.bool_), MONO_US)
    assert reader.snapshot(MONO_US).value[0] == 5.01
    assert reader.curve(0, 0, 10, 100).time_us.tolist() == [1]


def test_unconfirmed_value_goes_stale_for_the_reader_without_the_engine(tmp_path: Path) -> None:
    """The engine may hang: the window must find out by itself."""
    table, reader = open_pair(tmp_path)
    put(table, 0, 1, 5.0)
    assert not reader.snapshot(MONO_US + 3_000_000).stale[0]
    late = reader.snapshot(MONO_US + 3_000_001)
    assert late.stale[0]
    assert late.status[0] == Status.STALE
    assert late.value[0] == 5.0


def test_longer_period_allows_a_longer_silence(tmp_path: Path) -> None:
    table, reader = open_pair(tmp_path)
    put(table, 0, 1, 5.0)
    table.period(ids(0), 25_000_000)
    assert not reader.snapshot(MONO_US + 24_000_000).stale[0]
    assert reader.snapshot(MONO_US + 25_000_001).stale[0]


def test_keep_alive_makes_a_value_stale_by_age_good_again(tmp_path: Path) -> None:
    table, reader = open_pair(tmp_path)
    put(table, 0, 1, 5.0, quality=0x40930000)
    assert table.sweep(MONO_US + 4_000_000, 100).tolist() == [0]
    assert reader.snapshot(MONO_US + 4_000_000).status[0] == Status.STALE
    table.alive(ids(0), MONO_US + 5_000_000, 200)
    seen = reader.snapshot(MONO_US + 5_000_000)
    assert seen.status[0] == 0x40930000, "the device's own doubt comes back with it"
    assert not seen.stale[0]


def test_keep_alive_never_vouches_for_a_value_from_before_the_link_was_lost(tmp_path: Path) -> None:
    table, reader = open_pair(tmp_path)
    put(table, 0, 1, 5.0)
    table.mark(ids(0), Status.STALE, MONO_US, 100)
    table.alive(ids(0), MONO_US + 1_000_000, 200)
    assert reader.snapshot(MONO_US + 1_000_000).status[0] == Status.STALE
    put(table, 0, 300, 6.0, mono=MONO_US + 2_000_000)
    assert reader.snapshot(MONO_US + 2_000_000).status[0] == Status.GOOD


def test_keep_alive_never_makes_a_value_that_does_not_exist(tmp_path: Path) -> None:
    table, reader = open_pair(tmp_path)
    table.alive(ids(0, 1, 2), MONO_US, 100)
    assert (reader.snapshot(MONO_US).status == Status.WAITING_FOR_INITIAL_DATA).all()


def test_missing_node_is_bad_and_its_old_value_is_gone(tmp_path: Path) -> None:
    table, reader = open_pair(tmp_path)
    put(table, 0, 1, 5.0)
    table.mark(ids(0), Status.CONFIGURATION_ERROR, MONO_US, 100)
    seen = reader.snapshot(MONO_US)
    assert seen.status[0] == Status.CONFIGURATION_ERROR
    assert np.isnan(seen.value[0])


def test_lost_link_leaves_a_bad_value_bad(tmp_path: Path) -> None:
    table, reader = open_pair(tmp_path)
    table.mark(ids(0), Status.CONFIGURATION_ERROR, MONO_US, 100)
    table.mark(ids(0), Status.STALE, MONO_US, 200)
    assert reader.snapshot(MONO_US).status[0] == Status.CONFIGURATION_ERROR


def test_sweep_tells_each_stale_tag_once(tmp_path: Path) -> None:
    table, _ = open_pair(tmp_path)
    put(table, 0, 1, 5.0)
    put(table, 2, 1, 5.0, mono=MONO_US + 3_000_000)
    assert table.sweep(MONO_US + 4_000_000, 100).tolist() == [0]
    assert table.sweep(MONO_US + 4_100_000, 200).tolist() == []


def test_version_changes_with_every_new_sample_and_only_then(tmp_path: Path) -> None:
    table, reader = open_pair(tmp_path)
    put(table, 0, 1, 5.0)
    first = reader.snapshot(MONO_US).version
    table.alive(ids(0), MONO_US + 1, 2)
    assert (reader.snapshot(MONO_US).version == first).all()
    put(table, 0, 2, 5.0)
    assert np.flatnonzero(reader.snapshot(MONO_US).version != first).tolist() == [0]


def test_tag_ids_need_not_be_positions(tmp_path: Path) -> None:
    plan_ = plan(2, boot=1, ring_bytes=1 << 16)
    table = LiveTable(tmp_path / "live.bin", plan_, ids(40, 7), MONO_US)
    table.write(batch(ids(7), 1, 3.0), np.ones((1, 1), np.bool_), MONO_US)
    assert LiveReader(tmp_path / "live.bin", plan_).snapshot(MONO_US).value[1] == 3.0


def test_heartbeat_age_counts_from_the_last_beat(tmp_path: Path) -> None:
    table, reader = open_pair(tmp_path)
    table.beat(MONO_US + 5_000_000, 1)
    assert reader.heartbeat_age_s(MONO_US + 7_500_000) == pytest.approx(2.5)


def test_file_of_another_boot_is_refused(tmp_path: Path) -> None:
    open_pair(tmp_path)
    with pytest.raises(ValueError, match="attach again"):
        LiveReader(tmp_path / "live.bin", plan(3, boot=8, ring_bytes=1 << 20))


def test_no_room_for_the_file_is_said_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full)
    with pytest.raises(OSError, match="lower \\[history\\] ring_mb"):
        open_pair(tmp_path)
    assert not list(tmp_path.iterdir())


def test_layout_keeps_to_its_budget_and_columns_never_overlap() -> None:
    for count, megabytes in ((1, 256), (2800, 256), (4000, 64), (4000, 1024)):
        made = plan(count, boot=1, ring_bytes=megabytes * 1_000_000)
        assert made.size <= megabytes * 1_000_000 * 1.05 + count * layout.FEWEST_SAMPLES * 48 + 100_000
        ends = 0
        for place in sorted(made.columns.values(), key=lambda each: each.offset):
            assert place.offset >= ends
            ends = place.offset + made.capacity * place.items * np.dtype(place.dtype).itemsize
        assert ends <= made.size


def test_engine_looks_at_values_qualities_and_ages_of_some_rows(tmp_path: Path) -> None:
    table, _reader = open_pair(tmp_path)
    put(table, 2, 1, 5.0, quality=0x40930000)
    value, quality, age_s = table.look(np.array([2, 0], np.intp), MONO_US + 1_500_000)
    assert value[0] == 5.0
    assert np.isnan(value[1])
    assert quality.tolist() == [0x40930000, Status.WAITING_FOR_INITIAL_DATA]
    assert age_s[0] == 1.5
    assert np.isnan(age_s[1]), "it never had a value"
    value[0] = 7.0
    assert table.look(np.array([2], np.intp), MONO_US)[0][0] == 5.0, "it gives copies"
