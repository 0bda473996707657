"""Modbus TCP: registers per CPU-second of the client, our driver beside two others (goal G8).

``python -m tests.bench.drivers_modbus [SECONDS]`` (a C compiler and libmodbus-dev are needed). All
three read the same registers of one libmodbus server in C, in turns of a second, as fast as they can,
with one question in flight: (a) our driver, 500 uint16 and 500 float32 tags in blocks, through decoding
to batches; (b) a plain pymodbus client that reads the same tags one request each; (c) a libmodbus
client in C that reads blocks of 125 registers. CPU is that of the client's process alone.
"""

from __future__ import annotations

import asyncio
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pymodbus.client import AsyncModbusTcpClient

from engine.drivers.modbus import DRIVER
from engine.types import Batch, Tag
from tests.engine.drivers.recording import RecordingSink, context

PEER = Path(__file__).parent.parent / "peers" / "libmodbus"
FIRST, TAGS, BLOCKS = 1000, 500, 12
REGISTERS = TAGS + 2 * TAGS
FASTEST = 10_000.0
"""A rate no link holds: the driver then asks one question after the other."""


@dataclass(frozen=True)
class Result:
    """One client's run. ``times_ms`` = p50, p99 and max of the answer times."""

    name: str
    requests: int
    registers: int
    seconds: float
    cpu_s: float
    times_ms: tuple[float, float, float]
    lost: int = 0

    @property
    def per_cpu(self) -> float:
        return self.registers / self.cpu_s


class CountingSink(RecordingSink):
    """Keeps only how many batches and values came."""

    requests = 0
    wrong = 0

    def batch(self, batch: Batch) -> None:
        self.requests += 1
        if self.requests % 100 == 0:
            self.wrong += int(np.isnan(batch.value).any())

    def alive(self, tags: object) -> None:
        """Nothing to keep."""

    def lost(self, samples: int, why: str) -> None:
        """The rate is one that no link holds."""


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def tags() -> list[Tag]:
    numbers = [f"holding:{FIRST + place}" for place in range(TAGS)]
    floats = [f"holding:{FIRST + TAGS + 2 * place}:float32" for place in range(TAGS)]
    return [
        Tag(number, f"A/{number}", "plc", address, rate=FASTEST)
        for number, address in enumerate(numbers + floats)
    ]


async def our_driver(port: int, seconds: float) -> Result:
    sink = CountingSink()
    source = context(f"tcp://127.0.0.1:{port}?unit=7", tags(), sink)
    run = asyncio.ensure_future(DRIVER.run(source))
    while not sink.requests:
        await asyncio.sleep(0.01)
    began, began_cpu, requests = time.monotonic(), cpu_s(), sink.requests
    await asyncio.sleep(seconds)
    took, used = time.monotonic() - began, cpu_s() - began_cpu
    requests = sink.requests - requests
    run.cancel()
    await asyncio.wait({run})
    from engine.drivers.modbus.endpoint import parse_endpoint
    from engine.drivers.modbus.memory import remembered

    place = parse_endpoint(source.source.endpoint).place
    times = np.array(remembered(source.shared, place.key).unit(7).answers_s) * 1e3
    registers = requests * REGISTERS // BLOCKS
    p50, p99 = np.percentile(times, [50, 99])
    return Result(
        "(a) our driver, 1,000 tags in blocks",
        requests,
        registers,
        took,
        used,
        (float(p50), float(p99), float(times.max())),
        sink.wrong,
    )


async def one_tag_per_request(port: int, seconds: float) -> Result:
    client = AsyncModbusTcpClient("127.0.0.1", port=port)
    await client.connect()
    places = [(int(tag.address.split(":")[1]), 2 if "float32" in tag.address else 1) for tag in tags()]
    requests = registers = lost = 0
    times: list[float] = []
    began, began_cpu = time.monotonic(), cpu_s()
    while (now := time.monotonic()) < began + seconds:
        start, count = places[requests % len(places)]
        answer = await client.read_holding_registers(start, count=count, device_id=7)
        lost += len(answer.registers) != count
        times.append(time.monotonic() - now)
        requests += 1
        registers += count
    took, used = time.monotonic() - began, cpu_s() - began_cpu
    client.close()
    p50, p99 = np.percentile(np.array(times) * 1e3, [50, 99])
    worst = max(times) * 1e3
    return Result(
        "(b) pymodbus, one tag a request",
        requests,
        registers,
        took,
        used,
        (float(p50), float(p99), worst),
        lost,
    )


def c_client(program: Path, port: int, seconds: float) -> Result:
    answer = subprocess.run(
        [str(program), str(port), str(seconds), str(BLOCKS)], capture_output=True, text=True, check=True
    ).stdout.split()
    p50, p99, worst = map(float, answer[3:])
    requests = int(answer[0])
    return Result(
        "(c) libmodbus client in C",
        requests,
        requests * 125,
        float(answer[1]),
        float(answer[2]),
        (p50, p99, worst),
    )


def compiled(folder: Path, name: str) -> Path:
    """A program of the libmodbus peer; raises CalledProcessError with the compiler's words."""
    program = folder / name
    compiler = shutil.which("cc") or "cc"
    flags = ["-O2", "-Wno-overflow", "-I/usr/include/modbus", "-I/usr/local/include/modbus"]
    subprocess.run(
        [compiler, *flags, "-o", str(program), str(PEER / f"{name}.c"), "-lmodbus"], check=True, text=True
    )
    return program


@contextmanager
def server(program: Path) -> Iterator[int]:
    with subprocess.Popen(
        [str(program), "tcp", "0", "10000"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()
            process.wait(5)


def told(result: Result) -> None:
    """One line of the table."""
    p50, p99, worst = result.times_ms
    print(
        f"{result.name:38s} {result.per_cpu / 1e3:9.1f} k {result.requests / result.seconds:9.0f} "
        f"{result.registers / result.seconds / 1e3:9.1f} k {100 * result.cpu_s / result.seconds:5.0f} % "
        f"{p50:7.3f} / {p99:.3f} / {worst:.2f} ms {result.lost:5d}"
    )


def together(rounds: Sequence[Result]) -> Result:
    """Sums over the rounds, the medians of their p50 and p99, and the largest answer time."""
    p50, p99, worst = zip(*(result.times_ms for result in rounds), strict=True)
    return Result(
        rounds[0].name,
        sum(result.requests for result in rounds),
        sum(result.registers for result in rounds),
        sum(result.seconds for result in rounds),
        sum(result.cpu_s for result in rounds),
        (float(np.median(p50)), float(np.median(p99)), max(worst)),
        sum(result.lost for result in rounds),
    )


def run(seconds: float) -> None:
    """All three in turns of about a second, for ``seconds`` each, and the ratios of goal G8."""
    rounds = max(1, round(seconds))
    turn_s = seconds / rounds
    results: list[tuple[Result, Result, Result]] = []
    with tempfile.TemporaryDirectory() as folder:
        programs = {name: compiled(Path(folder), name) for name in ("server", "client")}
        with server(programs["server"]) as port:
            for _ in range(rounds):
                one = asyncio.run(our_driver(port, turn_s))
                two = asyncio.run(one_tag_per_request(port, turn_s))
                results.append((one, two, c_client(programs["client"], port, turn_s)))
    ours, single, in_c = (together(of_one) for of_one in zip(*results, strict=True))
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"{seconds:g} s each in turns, {2 * TAGS} tags = {REGISTERS} registers, "
        "one question in flight, server: libmodbus in C"
    )
    print(
        f"{'client':38s} {'registers/CPU-s':>11s} {'req/s':>9s} {'registers/s':>11s} {'CPU':>7s} "
        "answer p50 / p99 / max       lost"
    )
    for result in (ours, single, in_c):
        told(result)
    print(
        f"ours ÷ one tag a request: {ours.per_cpu / single.per_cpu:.0f} (goal ≥ 60)   "
        f"ours ÷ libmodbus in C: {ours.per_cpu / in_c.per_cpu:.2f} (goal ≥ 0.1)"
    )


if __name__ == "__main__":
    run(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)
