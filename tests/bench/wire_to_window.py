"""How old a value is when the window paints it, beside a plain OPC UA client in the same run.

``python -m tests.bench.wire_to_window [SECONDS]``: the demo plant's pressure (10 samples a second,
written with the plant's own clock, which is this machine's), the engine, and a real window off
screen. The reference is a stock asyncua subscription of the same node, without engine or window.
"""

from __future__ import annotations

import asyncio
import os
import platform
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from asyncua import Client
from PySide6.QtWidgets import QApplication

from engine.types import Snapshot
from tests.hmi.looking import see, window
from tests.running import CLOCK, PRESSURE, demo_plant, engine

NODE = "s=S50.Hydraulics.Pressure"


class Handler:
    """Notes how old each notification is when it arrives."""

    def __init__(self) -> None:
        self.ages_ms: list[float] = []

    def datachange_notification(self, node: Any, value: Any, data: Any) -> None:
        """Called by asyncua for every change."""
        source = data.monitored_item.Value.SourceTimestamp
        self.ages_ms.append((CLOCK.now_us() - source.timestamp() * 1e6) / 1000)


async def listen(port: int, handler: Handler, stop: threading.Event) -> None:
    """A stock subscription until ``stop``."""
    async with Client(f"opc.tcp://127.0.0.1:{port}") as client:
        index = await client.get_namespace_index("urn:watchroom:demo")
        subscription = await client.create_subscription(100, handler)
        await subscription.subscribe_data_change(client.get_node(f"ns={index};{NODE}"))
        while not stop.is_set():
            await asyncio.sleep(0.05)


def told(name: str, ages_ms: Sequence[float]) -> None:
    """One line of the result."""
    p50, p99 = np.percentile(ages_ms, [50, 99])
    print(f"{name:42s} {len(ages_ms):5d} samples   {p50:6.1f} / {p99:6.1f} / {max(ages_ms):6.1f} ms")


def main(seconds: float) -> None:
    """Run both side by side and print p50 / p99 / max."""
    application = QApplication.instance() or QApplication([])
    handler, stop = Handler(), threading.Event()
    painted: list[float] = []
    with tempfile.TemporaryDirectory() as folder, demo_plant(Path(folder) / "demo", name="framing") as plant:
        with engine(plant.folder), window(application, plant.folder) as (shown, _):
            see(lambda: shown.snapshot is not None and not shown.snapshot.stale.any(), 30)
            row = [tag.path for tag in shown.tags].index(PRESSURE)
            version = 0
            numbers = shown.on_numbers

            def on_numbers(snapshot: Snapshot) -> None:
                nonlocal version
                numbers(snapshot)
                if int(snapshot.version[row]) != version:
                    version = int(snapshot.version[row])
                    shown.repaint()
                    painted.append((CLOCK.now_us() - int(snapshot.source_time_us[row])) / 1000)

            shown.on_numbers = on_numbers
            thread = threading.Thread(target=lambda: asyncio.run(listen(plant.ports["plc-2"], handler, stop)))
            thread.start()
            began = CLOCK.mono_us()
            see(lambda: CLOCK.mono_us() - began > seconds * 1e6, seconds + 5)
            stop.set()
            thread.join()
    print(f"{platform.machine()}, {os.cpu_count()} cores, {seconds:g} s, 10 samples/s: p50 / p99 / max")
    told("stock asyncua subscription, on arrival", handler.ages_ms[10:])
    told("Watchroom, encrypted, painted in the window", painted[10:])


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0)
