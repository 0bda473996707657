"""The figures of a project, from what its devices send to the answer that a window gets."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine.app.plant import Running, open_plant
from engine.app.status import answers
from engine.typed import unpack
from engine.types import Batch, Kpi, KpiRule, Plant, Project, Source, Status, Tag, TagInfo
from engine.wire import StatusAnswer
from tests.engine.app.test_ingest import StillClock

STATE = Tag(-1, "Line/S50 Press/State", "plc", "holding:1", line=2, states={0: "off", 1: "on"})
COUNT = Tag(-1, "Line/S50 Press/Good", "plc", "holding:2", line=3)
RATE = KpiRule("rate", "throughput", ideal_cycle_s=10.0, good=COUNT.path, states=(STATE.path,))


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def running(tmp_path: Path, clock: StillClock) -> Iterator[Running]:
    plant, sources = Plant("p", ring_mb=1), (Source("plc", "modbus", "tcp://h"),)
    project = Project(str(tmp_path), plant, sources, (STATE, COUNT), kpis=(RATE,))
    (tmp_path / "runtime").mkdir()
    made = open_plant(tmp_path, project, 7, tmp_path / "runtime", clock)
    yield made
    made.close()


def play(running: Running, clock: StillClock, seconds: int) -> None:
    """Every second the PLC sends both tags, and every ten it has made one piece more."""
    for _ in range(seconds):
        clock.us += 1_000_000
        now = np.array([clock.us], np.int64)
        value = np.array([[1.0, clock.us // 10_000_000]])
        sink = running.sources[0][0].sink
        sink.batch(Batch(0, np.array([0, 1], np.int32), now, now, value, np.zeros(2, np.uint32)))
        running.count()


async def answer(running: Running) -> Kpi:
    """The figure as it goes over the wire."""
    status = await answers(running, asyncio.Event())["status"](msgspec.Raw())
    over_the_wire = unpack(msgspec.msgpack.encode(status), StatusAnswer)
    (figure,) = over_the_wire.kpis
    return figure


async def test_figure_reaches_a_window_through_the_status_answer(running: Running, clock: StillClock) -> None:
    play(running, clock, 100)
    figure = await answer(running)
    assert (figure.id, figure.value, figure.status) == ("rate", pytest.approx(360.0), Status.GOOD)
    assert figure.since_us == pytest.approx(clock.us - 99_000_000, abs=1_500_000)


async def test_figure_goes_stale_with_its_tags(running: Running, clock: StillClock) -> None:
    play(running, clock, 100)
    clock.us += 20_000_000
    running.sweep(clock.mono_us(), clock.now_us())
    running.count()
    figure = await answer(running)
    assert (figure.status, figure.reason) == (Status.STALE, "no news of S50 Good and 1 more")
    assert figure.age_s == pytest.approx(20.0)


async def test_figure_without_a_value_says_why(running: Running) -> None:
    running.count()
    figure = await answer(running)
    assert (figure.value, figure.reason) == (None, "no value of S50 Good and 1 more")


def test_words_in_the_project_stand_before_those_of_the_device(running: Running) -> None:
    told = TagInfo("int32", states={0: "aus", 1: "ein"})
    running.described(0, told)
    running.described(1, told)
    assert running.tags[0].states == {0: "off", 1: "on"}
    assert running.tags[1].states == {0: "aus", 1: "ein"}
