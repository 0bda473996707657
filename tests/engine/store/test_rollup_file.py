"""Roll-ups on disk: what went in comes out, putting again changes nothing, a bad block is left out."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.store.database import StoreError, open_database
from engine.store.rollup_file import BLOCK_US, HOUR_US, HOURS, MINUTES, SECONDS, Block, Dirty, RollupFile
from engine.types import Rollup


def block(step: int, tag: int = 7, start_us: int = 0, seed: int = 1) -> Block:
    chance, count = np.random.default_rng(seed), BLOCK_US[step] // (step * 1_000_000)
    low = chance.normal(50, 1, count)
    high = low + chance.exponential(2, count)
    mean = low + (high - low) * chance.random(count)
    empty = chance.random(count) < 0.1
    for column in (low, high, mean):
        column[empty] = np.nan
    good = np.where(empty, 0, chance.random(count)).astype(np.float32)
    received = chance.integers(0, 1000, count).astype(np.uint32)
    rollup = Rollup(start_us, step * 1_000_000, low, high, mean, received, good)
    return Block(tag, rollup, chance.random(count) < 0.5 if step == HOURS else np.ones(count, np.bool_))


@pytest.fixture
def file(tmp_path: Path) -> RollupFile:
    return RollupFile(tmp_path / "rollups-2026-11.db")


@pytest.mark.parametrize("step", [SECONDS, MINUTES, HOURS])
def test_what_went_in_comes_out(file: RollupFile, step: int) -> None:
    given = block(step)
    file.put([given])
    (found,) = file.find(step, 7, 0, 1)
    for name in ("low", "high", "count", "good"):
        np.testing.assert_array_equal(getattr(found.rollup, name), getattr(given.rollup, name))
    width = given.rollup.high - given.rollup.low
    np.testing.assert_array_less(abs(found.rollup.mean - given.rollup.mean), 1e-7 * width + 1e-12)
    np.testing.assert_array_equal(found.whole, given.whole)
    assert (found.tag, found.rollup.start_us, found.rollup.step_us) == (7, 0, step * 1_000_000)
    file.close()


def test_constant_and_empty_blocks_come_out_as_they_were(file: RollupFile) -> None:
    for tag, value in ((1, 0.1), (2, np.nan)):
        column = np.full(60, value)
        rollup = Rollup(
            0, 60_000_000, column, column, column, np.zeros(60, np.uint32), np.ones(60, np.float32)
        )
        file.put([Block(tag, rollup, np.ones(60, np.bool_))])
        found = file.find(MINUTES, tag, 0, 1)[0].rollup
        for name in ("low", "high", "mean"):
            np.testing.assert_array_equal(getattr(found, name), column)
    file.close()


def test_putting_again_replaces_and_never_doubles(file: RollupFile) -> None:
    file.put([block(MINUTES, seed=1)])
    file.put([block(MINUTES, seed=2)])
    file.put([block(MINUTES, seed=2)])
    (found,) = file.find(MINUTES, 7, 0, 1)
    np.testing.assert_array_equal(found.rollup.low, block(MINUTES, seed=2).rollup.low)
    file.close()


def test_blocks_are_found_by_tag_and_time(file: RollupFile) -> None:
    file.put([block(MINUTES, tag, hour * HOUR_US) for tag in (1, 2) for hour in range(5)])
    starts = [each.rollup.start_us for each in file.find(MINUTES, 2, HOUR_US, 4 * HOUR_US)]
    assert starts == [HOUR_US, 2 * HOUR_US, 3 * HOUR_US]
    assert [file.newest(tag) for tag in (1, 2, 3)] == [4 * HOUR_US, 4 * HOUR_US, None]
    assert file.next_hour(1, 2 * HOUR_US) == 3 * HOUR_US
    assert file.next_hour(1, 4 * HOUR_US) is None
    file.close()


def test_hour_that_is_marked_anew_while_it_is_made_stays_dirty(file: RollupFile) -> None:
    file.mark([(7, 0), (8, 0)])
    taken = file.dirty()
    file.mark([(7, 0)])
    file.put([block(MINUTES)], taken)
    assert [(each.tag, each.hour_us) for each in file.dirty()] == [(7, 0)]
    assert file.dirty_hours(7, 0, HOUR_US) == [0]
    assert file.oldest_dirty() == 0
    file.close()


def test_marks_outlive_a_kill(tmp_path: Path) -> None:
    code = (
        "import os, sys, pathlib; from engine.store.rollup_file import RollupFile;"
        "RollupFile(pathlib.Path(sys.argv[1])).mark([(7, 3_600_000_000)]); os.kill(os.getpid(), 9)"
    )
    path = tmp_path / "rollups-2026-11.db"
    ended = subprocess.run([sys.executable, "-c", code, str(path)], cwd=os.getcwd(), check=False, timeout=30)
    assert ended.returncode != 0
    file = RollupFile(path)
    assert file.dirty() == [Dirty(7, HOUR_US, 1)]
    file.mark([(7, HOUR_US)])
    assert file.dirty()[0].mark == 2
    file.close()


def test_block_that_the_disk_changed_is_left_out_and_the_others_stay(file: RollupFile) -> None:
    file.put([block(MINUTES, 7, hour * HOUR_US) for hour in range(3)])
    file.close()
    raw = open_database(file.path)
    raw.execute("UPDATE blocks SET low = high WHERE block_us = ?", (HOUR_US,))
    raw.close()
    again = RollupFile(file.path)
    assert [each.rollup.start_us for each in again.find(MINUTES, 7, 0, 3 * HOUR_US)] == [0, 2 * HOUR_US]
    again.close()


def test_reader_beside_the_writer_sees_what_is_stored_and_writes_nothing(file: RollupFile) -> None:
    file.put([block(MINUTES)])
    reader = RollupFile(file.path, read_only=True)
    assert len(reader.find(MINUTES, 7, 0, 1)) == 1
    with pytest.raises(StoreError, match=r"rollups-2026-11\.db cannot be used .*readonly"):
        reader.mark([(1, 0)])
    reader.close()
    file.close()
