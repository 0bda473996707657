"""Goal G7: OPC UA notifications per client CPU-second, ours against a stock asyncua subscription.

``python -m tests.bench.drivers_opcua [SECONDS] [ITEMS]``, or as part of ``python -m tests.bench drivers``.
Three clients read the same kind of load server (``engine.testing.opcua_load``), one after the other, each
in a process of its own: *stock* is asyncua's ``create_subscription`` and ``subscribe_data_change`` with a
handler, *driver* is our driver up to the batches it hands on (like for like, the goal's figure), *engine* is
the driver with the engine's ingest (scaling, order, filter) into a live table with its trend. All check
every value of every item against the one before (the server counts ticks), so a lost, doubled or reordered
sample is seen; that check is in the CPU figures of all. Age = from the time a tick was due at the server
until the handler has it (stock), its batch is handed on (driver) or it is in the live table (engine), on
one machine's clock.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.app.ingest import Counters, Ingest
from engine.clock import SystemClock
from engine.drivers.driver import Context
from engine.drivers.opcua import DRIVER
from engine.drivers.opcua.trust import pin
from engine.live import LiveTable, plan
from engine.tags import Pipeline
from engine.types import Batch, Source, Tag

ROOT = Path(__file__).resolve().parents[2]
NAMESPACE = "urn:watchroom:load"
POLICIES = ("none", "Aes256_Sha256_RsaPss")
PUBLISH_MS = 100
QUEUE = 10
WARM_UP_S = 2.0
SETTLE_S = 2.0
PATIENCE_S = 300.0
GOAL_RATIO, GOAL_CPU = 50.0, 5.0
_EVERY = 50
"""Ages are kept of every 50th sample."""


@dataclass
class Tally:
    """What a client received, checked sample by sample."""

    items: int
    received: int = 0
    missing: int = 0
    disorder: int = 0
    ages_us: list[int] = field(default_factory=list)
    last: Any = None

    def __post_init__(self) -> None:
        self.last = np.full(self.items, np.nan)

    @property
    def complete(self) -> bool:
        """Whether every item has a value."""
        return not np.isnan(self.last).any()

    def batch(self, batch: Batch, now_us: int) -> None:
        """Many samples at once."""
        for row in batch.value:
            step = row - self.last[batch.tags]
            self.missing += int(np.nansum(np.maximum(step - 1, 0)))
            self.disorder += int((step < 0).sum()) + int((step == 0).sum())
            self.last[batch.tags] = row
        self.received += batch.value.size
        self.ages_us += (now_us - batch.source_time_us.ravel()[::_EVERY]).tolist()

    def one(self, item: int, value: float, source_us: float, now_us: int) -> None:
        """A single sample."""
        step = value - self.last[item]
        if step != 1:
            if step > 1:
                self.missing += int(step - 1)
            elif step <= 0:
                self.disorder += 1
        self.last[item] = value
        self.received += 1
        if self.received % _EVERY == 0:
            self.ages_us.append(int(now_us - source_us))


class CheckedIngest(Ingest):
    """The engine's ingest; what it is done with is checked. ``stores`` = into the live table."""

    tally: Tally
    stores: bool

    def batch(self, batch: Batch) -> None:
        """Store if asked, then check."""
        if self.stores:
            super().batch(batch)
        self.tally.batch(batch, self._clock.now_us())

    def alive(self, tags: NDArray[np.int32]) -> None:
        """Note the proof if asked."""
        if self.stores:
            super().alive(tags)


async def ours(
    port: int, items: int, security: str, pki: Path, measure: Callable[[Tally], Any], *, stores: bool
) -> None:
    """The driver, as the engine runs it."""
    tags = tuple(
        Tag(k, f"Load/T{k}", "load", f"nsu={NAMESPACE};i={k + 1}", rate=1000 / PUBLISH_MS)
        for k in range(items)
    )
    clock, tally = SystemClock(), Tally(items)
    ids = np.arange(items, dtype=np.int32)
    table = LiveTable(pki / "live.bin", plan(items, 1, 64 << 20), ids, clock.mono_us())
    sink = CheckedIngest(table, Pipeline(tags), Counters(), clock, {}, lambda *_: None)
    sink.tally, sink.stores = tally, stores
    source = Source("load", "opcua", f"opc.tcp://127.0.0.1:{port}/load", security)
    run = asyncio.ensure_future(DRIVER.run(Context(source, tags, sink, clock, pki)))
    work = asyncio.ensure_future(measure(tally))
    await asyncio.wait([run, work], return_when=asyncio.FIRST_COMPLETED)
    if run.done():
        work.cancel()
        run.result()
    run.cancel()
    await asyncio.wait([run])
    work.result()


async def stock(port: int, items: int, security: str, pki: Path, measure: Callable[[Tally], Any]) -> None:
    """What asyncua's own documentation shows."""
    from asyncua import Client, ua

    from engine.drivers.opcua.identity import own_identity

    clock, tally = SystemClock(), Tally(items)

    class Handler:
        """Called for every change."""

        def datachange_notification(self, node: Any, value: Any, data: Any) -> None:
            """Check one value."""
            source_us = data.monitored_item.Value.SourceTimestamp.timestamp() * 1e6
            tally.one(node.nodeid.Identifier - 1, value, source_us, clock.now_us())

    # With its defaults the overloaded client gives its connection up: its own watchdog gets no turn.
    client = Client(f"opc.tcp://127.0.0.1:{port}/load", timeout=PATIENCE_S, watchdog_intervall=PATIENCE_S)
    if security != "none":
        identity = own_identity(pki, clock.now_us())
        client.application_uri = identity.application_uri
        files = f"{identity.certificate_file},{identity.certificate_file.with_suffix('.pem')}"
        await client.set_security_string(f"Aes256Sha256RsaPss,SignAndEncrypt,{files},{pki / 'server.der'}")
    async with client:
        index = await client.get_namespace_index(NAMESPACE)
        nodes = [client.get_node(ua.NodeId(k, index)) for k in range(1, items + 1)]
        subscription = await client.create_subscription(PUBLISH_MS, Handler())
        for k in range(0, items, 500):
            await subscription.subscribe_data_change(
                nodes[k : k + 500], queuesize=QUEUE, sampling_interval=PUBLISH_MS
            )
        await measure(tally)


CLIENTS = {"stock": stock, "driver": partial(ours, stores=False), "engine": partial(ours, stores=True)}


def client_main(asked: argparse.Namespace) -> None:
    """The client's process: says when it is ready and when the load may stop, then what it counted."""
    logging.disable(logging.ERROR)

    async def measure(tally: Tally) -> None:
        while not tally.complete:
            await asyncio.sleep(0.1)
        say({"ready": True})
        await asyncio.sleep(WARM_UP_S)
        tally.ages_us.clear()
        received, cpu_s, began_s = tally.received, time.process_time(), time.perf_counter()
        await asyncio.sleep(asked.seconds)
        span_s, cpu_s = time.perf_counter() - began_s, time.process_time() - cpu_s
        received, ages = tally.received - received, np.array(tally.ages_us or [0]) / 1000
        say({"measured": True})
        await asyncio.sleep(SETTLE_S)
        p50, p99 = np.percentile(ages, [50, 99])
        say(
            {
                "rate": received / span_s,
                "cpu": 100 * cpu_s / span_s,
                "per_cpu_s": received / cpu_s,
                "p50": p50,
                "p99": p99,
                "max": ages.max(),
                "missing": tally.missing,
                "disorder": tally.disorder,
                "last": [tally.last.min(), tally.last.max()],
            }
        )

    asyncio.run(CLIENTS[asked.client](asked.port, asked.items, asked.security, Path(asked.pki), measure))


def say(words: dict[str, Any]) -> None:
    """A line to whoever started this process."""
    print(json.dumps(words), flush=True)


@dataclass
class Talk:
    """A process that speaks JSON lines."""

    process: subprocess.Popen[str]

    def hear(self, within_s: float) -> dict[str, Any]:
        """The next line; the process is killed if none comes."""
        assert self.process.stdout is not None
        timer = threading.Timer(within_s, self.process.kill)
        timer.start()
        line = self.process.stdout.readline()
        timer.cancel()
        if not line:
            raise RuntimeError(f"{self.process.args} ended with {self.process.wait(10)}")
        return json.loads(line)

    def order(self, do: str) -> dict[str, Any]:
        """Give the load server an order."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do}) + "\n")
        self.process.stdin.flush()
        return self.hear(30)


@contextlib.contextmanager
def started(module: str, *words: str) -> Iterator[Talk]:
    """A process for the length of a with block."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        yield Talk(process)
    finally:
        process.kill()
        process.communicate()


def one_client(name: str, security: str, seconds: float, items: int) -> dict[str, Any]:
    """Measure one client against a fresh load server."""
    with tempfile.TemporaryDirectory() as folder:
        pki = Path(folder)
        words = ["--items", str(items), "--publish-ms", str(PUBLISH_MS), "--pki", folder]
        with started("engine.testing.opcua_load", *words) as server:
            port = server.hear(120)["port"]
            pin(pki, "load", (pki / "server.der").read_bytes())
            asked = [name, str(port), str(items), str(seconds), security, folder]
            with started("tests.bench.drivers_opcua", "--client", *asked) as client:
                client.hear(180)
                before = server.order("start")
                client.hear(seconds + 60)
                after = server.order("stop")
                result = client.hear(60)
    behind = after["tick"] - result["last"][0]
    result["lost"] = int(result["missing"] + max(0, behind) * items)
    result["offered"] = items * 1000 / PUBLISH_MS
    result["server_dropped"] = after["dropped"] - before["dropped"]
    return result


def run(seconds: float, items: int = 5000) -> None:
    """Measure and print a table: all clients, open and encrypted."""
    print(
        f"{items} Double items every {PUBLISH_MS} ms = {items * 1000 // PUBLISH_MS} notifications/s, "
        f"{seconds:g} s each after {WARM_UP_S:g} s of warm-up; one run, not a median"
    )
    print(
        f"{'client':6s} {'security':21s} {'received/s':>10s} {'CPU %':>6s} {'per CPU-s':>10s} {'ratio':>6s} "
        f"{'age p50 / p99 / max ms':>26s} {'lost':>9s} {'disorder':>8s}"
    )
    for security in POLICIES:
        results = {name: one_client(name, security, seconds, items) for name in CLIENTS}
        for name, r in results.items():
            r["ratio"] = r["per_cpu_s"] / results["stock"]["per_cpu_s"]
            ages = f"{r['p50']:.1f} / {r['p99']:.1f} / {r['max']:.1f}"
            print(
                f"{name:6s} {security:21s} {r['rate']:10.0f} {r['cpu']:6.1f} {r['per_cpu_s']:10.0f} "
                f"{r['ratio']:6.1f} {ages:>26s} {r['lost']:9d} {r['disorder']:8d}",
                flush=True,
            )
        mine = results["driver"]
        met = mine["ratio"] >= GOAL_RATIO and mine["cpu"] <= GOAL_CPU and not mine["lost"]
        print(
            f"G7 {security}: ratio {mine['ratio']:.0f} (goal >= {GOAL_RATIO:g}), CPU {mine['cpu']:.1f} % "
            f"(goal <= {GOAL_CPU:g} %), lost {mine['lost']} (goal 0): {'met' if met else 'NOT MET'}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=float, nargs="?", default=20.0)
    parser.add_argument("items", type=int, nargs="?", default=5000)
    parser.add_argument("--client", nargs=6, metavar=("NAME", "PORT", "ITEMS", "SECONDS", "SECURITY", "PKI"))
    asked = parser.parse_args()
    if asked.client is None:
        run(asked.seconds, asked.items)
        return
    name, port, items, seconds, security, pki = asked.client
    client_main(
        argparse.Namespace(
            client=name, port=int(port), items=int(items), seconds=float(seconds), security=security, pki=pki
        )
    )


if __name__ == "__main__":
    main()
