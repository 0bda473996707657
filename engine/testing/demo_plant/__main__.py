"""``python -m engine.testing.demo_plant``: all servers of a plant in one process, until told to stop."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.clock import SystemClock
from engine.testing.demo_plant import modbus, opcua
from engine.testing.demo_plant.certificate import server_certificate
from engine.testing.demo_plant.conditions import Conditions
from engine.testing.demo_plant.controller import Controller
from engine.testing.demo_plant.fill import fill
from engine.testing.demo_plant.orders import Orders, parse_fault
from engine.testing.demo_plant.past import read_past
from engine.testing.demo_plant.plant import Plant, Point, Server
from engine.testing.demo_plant.plants import PLANTS, plant_named
from engine.testing.demo_plant.play import Player
from engine.testing.demo_plant.project import write_project
from engine.testing.demo_plant.write_faults import WRITE_FAULTS, NoSuchFault

Running = opcua.PlcServer | modbus.RegisterServer


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the plant; prints one line of JSON once all servers listen. Gives the exit code."""
    asked = _parse(arguments)
    plant = plant_named(asked.plant)
    if asked.project is not None:
        write_project(plant, asked.project)
        return 0
    if asked.fill is not None:
        return fill(plant, asked.fill, asked.hours, asked.past, asked.seed)
    for library in ("asyncua", "pymodbus"):  # they narrate every client that comes and goes
        logging.getLogger(library).setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="watchroom-demo-") as scratch:
        pki = Path(asked.pki) if asked.pki else Path(scratch)
        try:
            player = _player(plant, asked)
            asyncio.run(_serve(plant, player, asked, pki))
        except (OSError, RuntimeError, NoSuchFault) as error:
            print(f"the demo plant cannot start: {error}", file=sys.stderr)
            return 1
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m engine.testing.demo_plant")
    add = parser.add_argument
    add("--plant", choices=PLANTS, default="framing")
    add(
        "--port",
        action="append",
        default=[],
        metavar="SOURCE=N",
        help="port of one server; else any free one",
    )
    add("--speed", type=float, default=1.0, help="model seconds per second")
    add("--fault", action="append", default=[], metavar="NAME[:SIZE]", help="may be given several times")
    add("--fault-at", type=float, default=60.0, metavar="S", help="model seconds until they begin")
    add("--seed", type=int, default=1)
    add("--pki", help="folder that keeps the servers' certificates; none = new ones each start")
    add("--orders", type=Path, metavar="FILE", help="file of orders that is read while the plant runs")
    add("--watch-stdin", action="store_true", help="stop when standard input ends")
    add("--project", type=Path, metavar="FOLDER", help="write tags.csv, writes.csv and plant.toml there")
    add("--past", type=Path, metavar="FILE", help="file of the plant's past; the model goes on from it")
    add("--fill", type=Path, metavar="FOLDER", help="fill the history of this project, write --past and end")
    add("--hours", type=float, default=72.0, help="how much history --fill makes")
    return parser.parse_args(arguments)


def _player(plant: Plant, asked: argparse.Namespace) -> Player:
    """The model at its time: where the plant's past has come to, else at the beginning."""
    clock = SystemClock()
    past = None if asked.past is None else read_past(asked.past)
    begin_s = 0.0 if past is None else past.time_s(clock.now_us())
    conditions = Conditions(asked.seed) if past is None else past.conditions
    for text in (each for each in asked.fault if not _is_of_writes(each)):
        size = ":" in text  # a fault that is already there does not wait
        fault = parse_fault(plant, text, begin_s if size else begin_s + asked.fault_at)
        conditions = conditions.with_fault(fault)
    return Player(plant, conditions, asked.speed, clock, begin_s)


def _is_of_writes(fault: str) -> bool:
    return fault.partition(":")[0] in WRITE_FAULTS


async def _serve(plant: Plant, player: Player, asked: argparse.Namespace, pki: Path) -> None:
    stop = asyncio.Event()
    _stop_on_signals(stop, asked.watch_stdin)
    ports = dict(text.partition("=")[::2] for text in asked.port)
    orders = Orders(plant, asked.orders)
    for text in filter(_is_of_writes, asked.fault):
        orders.writing.set(text)
    controller = Controller(plant, orders.writing, SystemClock(), player.values, player.change)
    async with contextlib.AsyncExitStack() as running:
        servers: dict[str, Running] = {}
        for server in plant.servers:
            port = int(ports.get(server.id, 0))
            servers[server.id] = started = await _start(plant, server, player, controller, port, pki)
            running.push_async_callback(started.stop)
        running.push_async_callback(controller.stop)

        async def show(point: Point) -> None:
            """A value that was written can be read back at once."""
            due = np.arange(len(player.model.points)) == point.column
            await servers[point.source].show(player.values(), due, SystemClock().now_us())

        controller.shown = show
        play = asyncio.create_task(player.play(list(servers.values()), orders))
        print(json.dumps(_ready(plant, servers, pki)), flush=True)
        waiting = asyncio.create_task(stop.wait())
        await asyncio.wait((play, waiting), return_when=asyncio.FIRST_COMPLETED)
        failed = play.exception() if play.done() else None
        for task in (play, waiting):
            task.cancel()
        await asyncio.gather(play, waiting, return_exceptions=True)
        if failed is not None:
            raise failed


def _ready(plant: Plant, servers: dict[str, Running], pki: Path) -> dict[str, object]:
    secured = [server.id for server in plant.servers if server.kind == "opcua"]
    return {
        "ready": True,
        "endpoints": {name: server.endpoint for name, server in servers.items()},
        "certificates": {name: str(pki / f"{name}.der") for name in secured},
        "faults": [*plant.faults, *WRITE_FAULTS],
    }


async def _start(
    plant: Plant,
    server: Server,
    player: Player,
    controller: Controller,
    port: int,
    pki: Path,
) -> Running:
    first = player.values()
    own = [point for point in player.model.points if point.source == server.id]
    if server.kind == "modbus":
        return await modbus.start_server(own, first, port, controller.take)
    now_us = SystemClock().now_us()
    files = server_certificate(pki, server.id, now_us)
    return await opcua.start_server(plant, own, first, port, files, controller.take, now_us)


def _stop_on_signals(stop: asyncio.Event, watch_stdin: bool) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    if watch_stdin:
        _watch_stdin(loop, stop)


def _watch_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Stop when the parent's end of standard input closes; a daemon thread, so it holds up nothing."""

    def wait() -> None:
        # Not through sys.stdin: its lock, held by a daemon thread, would abort the interpreter's end.
        while os.read(0, 4096):
            pass
        with contextlib.suppress(RuntimeError):  # the loop is already closed
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=wait, name="stdin", daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
