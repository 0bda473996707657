"""``python -m engine.testing.soak.plant``: one server of a soak's plant, until its input ends.

It shows the model on the grid of ticks, and writes the number of every tick it shows into a file: that
is what the engine could have got.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from engine.clock import SystemClock
from engine.testing.demo_plant import modbus, opcua
from engine.testing.demo_plant.certificate import server_certificate
from engine.testing.demo_plant.controller import refuse
from engine.testing.demo_plant.plant import Plant
from engine.testing.demo_plant.plants import plant_named
from engine.testing.demo_plant.play import Block, ShowsBlocks
from engine.testing.soak.grid import SAMPLE_US, TICK_US, Grid, block_of

Server = opcua.PlcServer | modbus.RegisterServer
MOST_BEHIND = 10
"""Ticks that are made up for; of a longer stop the others were never shown."""


def main(words: Sequence[str] | None = None) -> int:
    """Serve until standard input ends or SIGTERM comes."""
    parser = argparse.ArgumentParser(prog="python -m engine.testing.soak.plant")
    for name in ("plant", "server", "pki", "ticks"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("origin", "seed"):
        parser.add_argument(f"--{name}", type=int, required=True)
    asked = parser.parse_args(words)
    for library in ("asyncua", "pymodbus"):  # they narrate every client that comes and goes
        logging.getLogger(library).setLevel(logging.CRITICAL)
    with Path(asked.ticks).open("ab", buffering=0) as shown:
        asyncio.run(_serve(plant_named(asked.plant), asked, shown))
    return 0


async def _serve(plant: Plant, asked: argparse.Namespace, shown: BinaryIO) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_reader(0, lambda: None if os.read(0, 4096) else stop.set())
    view = _View(plant, Grid(plant, asked.origin, asked.seed, lambda point: point.source == asked.server))
    first = view.grid.tick(SystemClock().now_us())
    server = await _start(plant, asked, view, first)
    try:
        shown.write(np.int64(first).tobytes())
        print(json.dumps({"ready": True, "port": int(server.endpoint.rpartition(":")[2])}), flush=True)
        playing = asyncio.create_task(_play(view, server, first, shown))
        waiting = asyncio.create_task(stop.wait())
        await asyncio.wait((playing, waiting), return_when=asyncio.FIRST_COMPLETED)
        for task in (playing, waiting):
            task.cancel()
        ended = (await asyncio.gather(playing, waiting, return_exceptions=True))[0]
        if isinstance(ended, Exception):
            raise ended
    finally:
        loop.remove_reader(0)
        await server.stop()


class _View:
    """The model of one server's tags among all columns of the plant, as servers take values."""

    def __init__(self, plant: Plant, grid: Grid) -> None:
        self.grid = grid
        self._every = np.zeros(len(plant.points()))
        self._due = np.zeros(len(self._every), np.bool_)
        fast = {point.path for point, is_fast in zip(grid.points, grid.is_fast, strict=True) if is_fast}
        self.blocks = (
            Grid(plant, grid.origin_us, grid.seed, lambda point: point.path in fast) if fast else None
        )

    def values(self, tick: int) -> NDArray[np.float64]:
        self._every[self.grid.columns] = self.grid.values(np.array([tick]))[0]
        return self._every

    def due(self, tick: int) -> NDArray[np.bool_]:
        self._due[self.grid.columns] = self.grid.due(tick)
        return self._due


async def _start(plant: Plant, asked: argparse.Namespace, view: _View, tick: int) -> Server:
    kind = next(server.kind for server in plant.servers if server.id == asked.server)
    first = view.values(tick).copy()
    if kind == "modbus":
        return await modbus.start_server(view.grid.points, first, 0, refuse)
    files = server_certificate(Path(asked.pki), asked.server, SystemClock().now_us())
    time_us = int(view.grid.time_us(np.array([tick]))[0])
    return await opcua.start_server(plant, view.grid.points, first, 0, files, refuse, time_us)


async def _play(view: _View, server: Server, tick: int, shown: BinaryIO) -> None:
    clock, grid = SystemClock(), view.grid
    while True:
        now = grid.tick(clock.now_us())
        for each in range(max(tick + 1, now - MOST_BEHIND + 1), now + 1):
            shown.write(np.int64(each).tobytes())
            time_us = int(grid.time_us(np.array([each]))[0])
            await server.show(view.values(each), view.due(each), time_us)
            if view.blocks is not None and isinstance(server, ShowsBlocks):
                numbers = block_of(each)
                times = grid.origin_us + numbers * SAMPLE_US
                await server.show_block(Block(view.blocks.columns, times, view.blocks.samples(numbers)))
            tick = each
        next_us = grid.origin_us + (tick + 1) * TICK_US
        await clock.sleep(max(0.0, (next_us - clock.now_us()) / 1e6))


if __name__ == "__main__":
    sys.exit(main())
