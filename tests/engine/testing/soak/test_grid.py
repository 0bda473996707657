"""The grid says of every tick what the servers show, also of a few tags alone."""

import struct
from pathlib import Path

import numpy as np

from engine.testing.demo_plant.plants import plant_named
from engine.testing.soak.grid import BLOCK, TICK_US, Grid, block_of, read_ticks, starts

PRESSURE = "Framing line 3/S50 Roof press/Hydraulics/Pressure"


def test_values_of_one_tag_are_those_it_has_among_all() -> None:
    plant = plant_named("press")
    whole = Grid(plant, 0, seed=4)
    ticks = np.array([0, 3, 1000, 123_456])
    own = [point.path for point in whole.points].index(PRESSURE)
    alone = whole.only(PRESSURE)
    assert [point.path for point in alone.points] == [PRESSURE]
    assert (alone.values(ticks)[:, 0] == whole.values(ticks)[:, own]).all()
    assert alone.phase[0] == whole.phase[own]


def test_every_tag_is_due_once_in_its_period() -> None:
    grid = Grid(plant_named("press"), 0, seed=4)
    longest = int(grid.every.max())
    due = np.array([grid.due(tick) for tick in range(longest)])
    assert (due.sum(axis=0) == longest // grid.every).all()


def test_times_and_ticks_are_each_others_inverse() -> None:
    grid = Grid(plant_named("press"), 1_700_000_000_000_000, seed=1)
    ticks = np.array([0, 1, 99])
    assert (grid.ticks(grid.time_us(ticks) + TICK_US - 1) == ticks).all()


def test_blocks_of_neighbouring_ticks_touch() -> None:
    assert len(block_of(7)) == BLOCK
    assert block_of(7)[-1] + 1 == block_of(8)[0]


def test_ticks_cut_off_by_a_kill_are_left_out_and_holes_are_starts(tmp_path: Path) -> None:
    file = tmp_path / "ticks.bin"
    file.write_bytes(struct.pack("<5q", 5, 6, 7, 20, 21) + b"\x01\x02")
    assert read_ticks(file).tolist() == [5, 6, 7, 20, 21]
    assert starts(read_ticks(file)).tolist() == [5, 20]
    assert read_ticks(tmp_path / "none.bin").tolist() == []
