"""``python -m engine.testing.demo_plant``: both servers in one process, until told to stop."""

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
from typing import cast

import numpy as np

from engine.clock import SystemClock
from engine.testing.demo_plant import modbus, opcua
from engine.testing.demo_plant.certificate import server_certificate
from engine.testing.demo_plant.model import FAULTS, Fault, Plant, readings
from engine.testing.demo_plant.points import SERVER_POINTS
from engine.types import Clock

TICK_S = 0.1
"""The fastest signal changes this often on the wire, whatever the speed of the model."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the plant; prints one line of JSON once both servers listen. Gives the exit code."""
    asked = _parse(arguments)
    for library in ("asyncua", "pymodbus"):  # they narrate every client that comes and goes
        logging.getLogger(library).setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="watchroom-demo-") as scratch:
        pki = Path(asked.pki) if asked.pki else Path(scratch)
        try:
            asyncio.run(_serve(asked, pki))
        except (OSError, RuntimeError) as error:
            print(f"the demo plant cannot start: {error}", file=sys.stderr)
            return 1
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m engine.testing.demo_plant")
    parser.add_argument("--opcua-port", type=int, default=0, help="0 = any free port")
    parser.add_argument("--modbus-port", type=int, default=0, help="0 = any free port")
    parser.add_argument("--speed", type=float, default=1.0, help="model seconds per second")
    parser.add_argument("--fault", choices=FAULTS, default="")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--pki", help="folder that keeps the server's certificate; none = a new one each start"
    )
    parser.add_argument("--watch-stdin", action="store_true", help="stop when standard input ends")
    return parser.parse_args(arguments)


async def _serve(asked: argparse.Namespace, pki: Path) -> None:
    stop = asyncio.Event()
    _stop_on_signals(stop, asked.watch_stdin)
    clock = SystemClock()
    files = server_certificate(pki, clock.now_us())
    utilities = await modbus.start_server(asked.modbus_port)
    try:
        press = await opcua.start_server(asked.opcua_port, files)
        try:
            plant = Plant(asked.seed, cast(Fault, asked.fault))
            play = asyncio.create_task(run_plant(plant, asked.speed, press, utilities, clock))
            ports = {"opcua": press.port, "modbus": utilities.port, "certificate": str(files.certificate)}
            print(json.dumps({"ready": True, **ports}), flush=True)
            waiting = asyncio.create_task(stop.wait())
            await asyncio.wait((play, waiting), return_when=asyncio.FIRST_COMPLETED)
            for task in (play, waiting):
                task.cancel()
            await asyncio.gather(play, waiting, return_exceptions=True)
            if play.done() and not play.cancelled():
                play.result()
        finally:
            await press.stop()
    finally:
        await utilities.stop()


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


async def run_plant(
    plant: Plant, speed: float, press: opcua.PressServer, utilities: modbus.UtilityServer, clock: Clock
) -> None:
    """Play the model onto the wire until cancelled. ``speed`` scales the model's time only."""
    start_us = clock.mono_us()
    tick = 0
    while True:
        elapsed_s = (clock.mono_us() - start_us) / 1e6
        now = readings(plant, np.array([elapsed_s * speed]))
        values = {name: float(value[0]) for name, value in now.items()}
        now_us = clock.now_us()
        for point in SERVER_POINTS:
            if tick % round(1 / (point.rate * TICK_S)) == 0:
                await press.write(point, values[point.name], now_us)
        await utilities.write(values)
        tick += 1
        late_s = (clock.mono_us() - start_us) / 1e6 - tick * TICK_S
        if late_s > 1.0:
            tick += int(late_s / TICK_S)
        await clock.sleep(max(0.0, -late_s))


if __name__ == "__main__":
    sys.exit(main())
