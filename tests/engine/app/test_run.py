"""How the engine keeps its sources running."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from engine.app.run import _supervised  # noqa: PLC2701
from engine.clock import SystemClock
from engine.drivers.driver import Context, Driver
from engine.drivers.link import Link
from engine.types import BrowseItem, Source
from tests.engine.drivers.recording import RecordingSink


class Runs:
    """A driver that counts its connections."""

    def __init__(self) -> None:
        self.begun = self.ended = 0

    async def run(self, context: Context) -> None:
        self.begun += 1
        context.sink.connected("none")
        try:
            await asyncio.Event().wait()
        finally:
            self.ended += 1


async def browse(context: Context, node: str) -> Sequence[BrowseItem]:
    return ()


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context(Source("plc", "fake", "x"), (), RecordingSink(), SystemClock(), tmp_path)


async def reach(fact: Callable[[], object], wanted: object) -> None:
    async with asyncio.timeout(5):
        while fact() != wanted:
            await asyncio.sleep(0.001)


async def test_restart_ends_the_connection_and_opens_a_new_one(context: Context) -> None:
    runs, link, restart, states = Runs(), Link(), asyncio.Event(), list[str]()
    driver = Driver("fake", lambda s: [], lambda a: [], lambda a: "", lambda: None, runs.run, browse)
    task = asyncio.create_task(_supervised(context, driver, link, states.append, restart))
    await reach(lambda: (runs.begun, runs.ended), (1, 0))
    restart.set()
    await reach(lambda: (runs.begun, runs.ended), (2, 1))
    await reach(lambda: link.state, "connected")
    assert states == ["connected", "stopped", "connected"]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (runs.begun, runs.ended) == (2, 2)
