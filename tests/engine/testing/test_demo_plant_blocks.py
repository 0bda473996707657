"""Tags of 1,000 samples a second: made in blocks, queued, sent and taken, none left out and none twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from engine import paths
from engine.app.ingest import Counters, Ingest
from engine.app.project import load
from engine.clock import SystemClock
from engine.drivers.driver import Context
from engine.drivers.opcua import DRIVER
from engine.historian import Historian
from engine.historian.history import StoredHistory
from engine.live import LiveTable, Texts, plan
from engine.tags import Pipeline
from engine.testing.demo_plant.conditions import Conditions, Fault
from engine.testing.demo_plant.framing.plant import PLANT
from engine.testing.demo_plant.framing.vibration import NAME, PATHS
from engine.testing.demo_plant.opcua_items import Sampled, fitting, joined
from engine.testing.demo_plant.plant import Model
from engine.testing.demo_plant.play import Block, Player
from engine.types import Batch, Gap, Origin, Project, Samples
from tests.engine.drivers.recording import FakeClock
from tests.running import demo_plant

FAST = tuple(f"{path}/{NAME}" for path in PATHS)
SAMPLE_US = 1000


def sampled(handle: Sequence[int], value: Sequence[float]) -> Sampled:
    n = len(handle)
    times = np.arange(n, dtype=np.int64)
    return Sampled(
        np.array(handle, np.uint32),
        np.full(n, 11, np.uint8),
        np.array(value, np.float64),
        times,
        np.zeros(n, np.uint32),
    )


def test_blocks_follow_each_other_without_a_gap_whatever_the_ticks_do() -> None:
    clock = FakeClock()
    player = Player(PLANT, Conditions(), 1.0, clock, begin_s=1000.0)
    blocks: list[Block] = []
    for pause_s in (0.1, 0.1003, 0.04, 0.0, 1.7, 0.1):
        clock.now += round(pause_s * 1e6)
        if (block := player.block()) is not None:
            blocks.append(block)
    times = np.concatenate([block.time_us for block in blocks])
    assert len(times) == 2040
    assert (np.diff(times) == SAMPLE_US).all() and times[0] % SAMPLE_US == 0
    whole = Model(PLANT, lambda point: point.spec.rate == 1000.0)
    alone = whole.values(Conditions(), 1000.0 + np.arange(2040) / 1000)
    assert np.allclose(np.concatenate([block.value for block in blocks]), alone, atol=1e-9)


def test_what_a_machine_slept_through_is_not_made_up_for() -> None:
    clock = FakeClock()
    player = Player(PLANT, Conditions(), 1.0, clock)
    clock.now += round(3600.0 * 1e6)
    block = player.block()
    assert block is not None and len(block.time_us) == 5000


def test_effective_value_of_the_waveform_is_what_the_slow_tag_of_the_pump_says() -> None:
    time = 500.0 + np.arange(120_000) / 1000
    model = Model(PLANT, lambda point: point.path in (*FAST, f"{PATHS[0]}/Pump vibration"))
    leak = Conditions().with_fault(Fault("seal-leak", 0.0, 1.0))
    for conditions in (Conditions(), leak):
        values, names = model.values(conditions, time), [point.path for point in model.points]
        slow, fast = (values[:, names.index(path)] for path in (f"{PATHS[0]}/Pump vibration", FAST[0]))
        assert np.sqrt(np.mean(fast**2)) == pytest.approx(np.sqrt(np.mean(slow**2)), rel=0.06)
        assert abs(fast.mean()) < 0.05


def test_worn_pump_sounds_of_its_bearing_and_not_only_louder() -> None:
    time = 500.0 + np.arange(16_384) / 1000
    model = Model(PLANT, lambda point: point.path == FAST[0])
    shares: list[float] = []
    for conditions in (Conditions(), Conditions().with_fault(Fault("seal-leak", 0.0, 1.0))):
        power = np.abs(np.fft.rfft(model.values(conditions, time)[:, 0])) ** 2
        frequency = np.fft.rfftfreq(len(time), 0.001)
        shares.append(float(power[frequency > 80].sum() / power.sum()))
    assert shares[1] > 1.8 * shares[0]


def test_queue_keeps_the_newest_of_each_item_and_says_where_some_are_missing() -> None:
    parts = [sampled([7, 9, 7], [1, 2, 3]), sampled([7, 9, 7], [4, 5, 6])]
    kept = fitting(joined(parts), np.array([9, 7], np.uint32), np.array([5, 2]))
    assert kept.handle.tolist() == [9, 7, 9, 7]
    assert kept.value.tolist() == [2, 4, 5, 6]
    assert kept.status.tolist() == [0, 0x0480, 0, 0]


def test_samples_of_items_that_are_gone_take_no_place_of_others() -> None:
    kept = fitting(sampled([3, 7, 3, 3], [1, 2, 3, 4]), np.array([7], np.uint32), np.array([1]))
    assert kept.value.tolist() == [2] and kept.status.tolist() == [0]
    none = fitting(sampled([3], [1]), np.empty(0, np.uint32), np.empty(0, np.int64))
    assert len(none.handle) == 0


class Counted:
    """A `Record` in front of another that also counts the rows of each batch of some tags."""

    def __init__(self, record: Historian, tag_ids: Iterable[int]) -> None:
        self._record = record
        self.rows: dict[int, list[int]] = {tag_id: [] for tag_id in tag_ids}

    def append(
        self, batch: Batch, origin: Origin = Origin.LIVE, taken: NDArray[np.bool_] | None = None
    ) -> None:
        for tag_id in self.rows.keys() & set(batch.tags.tolist()):
            self.rows[tag_id].append(len(batch.value))
        self._record.append(batch, origin, taken)

    def gap(self, gap: Gap) -> None:
        self._record.gap(gap)


async def taken(folder: Path, seconds: float) -> tuple[dict[str, Samples], Counted]:
    """Let the real driver, pipeline and historian take what the plant sends; the fast tags' history."""
    clock, project = SystemClock(), load(folder)
    tags = tuple(msgspec.structs.replace(tag, tag_id=k) for k, tag in enumerate(project.tags))
    project = msgspec.structs.replace(project, tags=tags)
    ids = {tag.path: tag.tag_id for tag in tags if tag.path in FAST}
    place = folder / "data" / "history"
    place.parent.mkdir(exist_ok=True)
    table = LiveTable(
        folder / "live.bin",
        plan(len(tags), 1, 64_000_000),
        np.arange(len(tags), dtype=np.int32),
        clock.mono_us(),
        Texts(),
    )
    historian = Historian(place, tags, clock, failed=pytest.fail, healed=pytest.fail, texts=lambda code: "")
    record = Counted(historian, ids.values())
    sink = Ingest(table, Pipeline(tags), Counters(), clock, {}, lambda tag_id, info: None, record=record)
    task = asyncio.ensure_future(DRIVER.run(_context(project, sink, folder)))
    try:
        await until(task, lambda: all(len(rows) > 3 for rows in record.rows.values()))
        began_us = clock.mono_us()
        await until(task, lambda: clock.mono_us() - began_us > seconds * 1e6, seconds + 60)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.to_thread(historian.seal)
        stored = StoredHistory(place, historian.tail, fast=list(ids.values()))
        found = {path: stored.raw(tag_id, 0, clock.now_us()) for path, tag_id in ids.items()}
        stored.close()
        historian.close()
        table.close()
    return found, record


def _context(project: Project, sink: Ingest, folder: Path) -> Context:
    source = next(each for each in project.sources if each.id == "plc-2")
    tags = tuple(tag for tag in project.tags if tag.source == "plc-2")
    return Context(source, tags, sink, SystemClock(), paths.pki(folder))


async def until(task: asyncio.Future[None], fact: Callable[[], bool], patience_s: float = 60.0) -> None:
    async with asyncio.timeout(patience_s):
        while not fact():
            if task.done():
                task.result()
            await asyncio.sleep(0.02)


@pytest.mark.system
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seconds", [5.0, pytest.param(600.0, marks=pytest.mark.slow)])
async def test_every_sample_of_the_pump_motors_is_in_the_history_once_and_in_order(
    tmp_path: Path, seconds: float
) -> None:
    with demo_plant(tmp_path, name="framing"):
        found, record = await taken(tmp_path, seconds)
    assert all(np.median(rows) >= 50 for rows in record.rows.values()), "they come as blocks"
    for path, samples in found.items():
        live = samples.origin == Origin.LIVE
        times = samples.time_us[live]
        # The first is the value at the time of subscribing, which the server reads between two blocks.
        steps = np.diff(times[1:])
        assert len(times) >= seconds * 1000, path
        assert (steps == SAMPLE_US).all(), (path, np.unique(steps, return_counts=True))
        assert not samples.dropped.any() and not samples.quality[live].any()
        assert len(np.unique(samples.value[live])) > 300
