"""A server that answers what it is given, for a real client."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from engine import paths
from engine.client import Client
from engine.clock import SystemClock
from engine.live import LiveTable, plan
from engine.server import Answer, Server
from engine.store import StoredEvent
from engine.wire import Hello

CLOCK = SystemClock()
BOOT = 5


def no_events(seq: int) -> Sequence[StoredEvent]:
    return ()


@contextmanager
def attached(folder: Path, answers: Mapping[str, Answer]) -> Iterator[Client]:
    """A client of a server in a loop thread of its own."""
    runtime, layout = paths.runtime(folder), plan(2, BOOT, 1 << 16)
    live = runtime / "live.bin"
    table = LiveTable(live, layout, np.arange(2, dtype=np.int32), CLOCK.mono_us())
    hello = Hello(paths.PROTOCOL, paths.version(), BOOT, "engine", os.getpid(), str(live), layout)
    server = Server(hello, answers, no_events, lambda: 0, CLOCK, lambda: None)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        address = asyncio.run_coroutine_threadsafe(server.open(runtime), loop).result(5)
        paths.write_facts(folder, paths.EngineFacts(os.getpid(), BOOT, paths.PROTOCOL, address, str(live)))
        client = Client(folder, "hmi")
        try:
            yield client
        finally:
            client.close()
            asyncio.run_coroutine_threadsafe(server.close(), loop).result(5)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        table.close()
