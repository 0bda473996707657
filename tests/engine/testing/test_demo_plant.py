"""The demo plant: a model that repeats, and two servers that start, play and stop."""

from __future__ import annotations

import asyncio
import csv
import json
import select
import signal
import struct
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pymodbus.client import AsyncModbusTcpClient

from engine.drivers.opcua import DRIVER
from engine.drivers.opcua.trust import pin
from engine.testing.demo_plant.modbus import registers
from engine.testing.demo_plant.model import CYCLE_S, FAULT_BEGINS_S, FAULT_GROWS_S, Plant, readings
from engine.testing.demo_plant.points import REGISTER_POINTS, SERVER_POINTS
from tests.engine.drivers.opcua.recording import context, running, tag, until

ROOT = Path(__file__).resolve().parents[3]
DEMO = ROOT / "resources" / "demo"
HOUR = np.arange(0.0, 3600.0, 0.1)


def tags() -> list[dict[str, str]]:
    with (DEMO / "tags.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_same_seed_gives_the_same_plant_at_any_time_asked() -> None:
    whole = readings(Plant(seed=3), HOUR)
    for k in (0, 1, 20_000):
        one = readings(Plant(seed=3), HOUR[k : k + 1])
        assert {name: value[0] for name, value in one.items()} == {
            name: pytest.approx(value[k]) for name, value in whole.items()
        }
    assert not np.allclose(whole["S50.Vibration"], readings(Plant(seed=4), HOUR)["S50.Vibration"])


def test_healthy_plant_keeps_inside_the_ranges_of_its_tags() -> None:
    day = readings(Plant(), np.arange(0.0, 86_400.0, 1.7))
    by_path = {row["path"]: row for row in tags()}
    assert len(by_path) == len(SERVER_POINTS) + len(REGISTER_POINTS) == len(day)
    for point, row in zip((*SERVER_POINTS, *REGISTER_POINTS), _rows_in_point_order(), strict=True):
        assert float(row["low"]) <= day[point.name].min(), row["path"]
        assert day[point.name].max() <= float(row["high"]), row["path"]


def _rows_in_point_order() -> list[dict[str, str]]:
    rows = {row["address"]: row for row in tags()}
    found = [rows[f"nsu=urn:watchroom:demo;s={point.name}"] for point in SERVER_POINTS]
    for point in REGISTER_POINTS:
        kind = {"bit": f":bit{point.bit}", "bool": ""}.get(point.type, f":{point.type}")
        found.append(rows[f"{point.table}:{point.address}{kind}{':swap' if point.swap else ''}"])
    return found


def test_press_builds_holds_and_releases_pressure_in_every_stroke() -> None:
    values = readings(Plant(), HOUR)
    phase = np.mod(HOUR, CYCLE_S)
    holding = values["S50.Pressure"][(phase > 5) & (phase < 7.5)]
    waiting = values["S50.Pressure"][phase > 11.2]
    assert 178 < holding.min() and holding.max() < 192
    assert waiting.max() < 45
    assert values["S50.Strokes"][-1] == 299


def test_seal_leak_lets_the_held_pressure_droop_and_tremble() -> None:
    late = FAULT_BEGINS_S + FAULT_GROWS_S + HOUR
    sound, leaking = readings(Plant(), late), readings(Plant(fault="seal-leak"), late)
    end = (np.mod(late, CYCLE_S) > 7) & (np.mod(late, CYCLE_S) < 7.9)
    droop = sound["S50.Pressure"][end].mean() - leaking["S50.Pressure"][end].mean()
    assert droop > 20
    assert leaking["S50.Pressure"][end].std() > 3 * sound["S50.Pressure"][end].std()
    assert leaking["AIR.Pressure"].tolist() == sound["AIR.Pressure"].tolist()


def test_fault_is_invisible_before_it_begins() -> None:
    early = np.arange(0.0, FAULT_BEGINS_S, 0.1)
    sound, leaking = readings(Plant(), early), readings(Plant(fault="seal-leak"), early)
    assert all(np.array_equal(sound[name], leaking[name]) for name in sound)


def test_air_leak_keeps_the_compressor_running_longer() -> None:
    late = FAULT_BEGINS_S + FAULT_GROWS_S + np.arange(0.0, 36_000.0, 1.0)
    sound, leaking = readings(Plant(), late), readings(Plant(fault="air-leak"), late)
    assert leaking["AIR.Compressor"].mean() > 1.5 * sound["AIR.Compressor"].mean()
    assert leaking["AIR.Pressure"].mean() < sound["AIR.Pressure"].mean() - 0.3


def test_registers_hold_floats_in_both_word_orders_and_bits_beside_each_other() -> None:
    values = {name: float(value[0]) for name, value in readings(Plant(), np.array([10.0])).items()}
    words = registers(values)
    low, high = words[100]
    assert struct.unpack(">f", struct.pack(">HH", high, low))[0] == pytest.approx(values["AIR.Pressure"])
    assert struct.unpack(">f", struct.pack(">HH", *words[102]))[0] == pytest.approx(
        values["WATER.Temperature"]
    )
    assert words[112] == [8]


def test_demo_project_has_one_source_per_server_and_only_addresses_its_drivers_accept() -> None:
    plant = tomllib.loads((DEMO / "plant.toml").read_text("utf-8"))
    assert [(s["id"], s["driver"]) for s in plant["sources"]] == [("press", "opcua"), ("utilities", "modbus")]
    assert "security" not in plant["sources"][0]
    assert [DRIVER.check_address(row["address"]) for row in tags() if row["source"] == "press"] == [[]] * 10


def start(*options: str) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "engine.testing.demo_plant", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
    )
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], 40)[0], "the demo plant does not say that it is ready"
    return process, json.loads(process.stdout.readline())


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait(5)
    assert process.stdin is not None and process.stdout is not None
    process.stdin.close()
    process.stdout.close()


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, Any]]]:
    process, ready = start("--watch-stdin", "--speed", "6", "--pki", str(tmp_path / "demo"))
    yield process, ready
    end(process)


@pytest.mark.system
async def test_demo_press_is_read_encrypted_once_its_certificate_is_pinned(
    plant: tuple[subprocess.Popen[bytes], dict[str, Any]], tmp_path: Path
) -> None:
    _, ready = plant
    pki = tmp_path / "pki"
    pin(pki, "press", Path(ready["certificate"]).read_bytes())
    wanted = [tag(k, f"nsu=urn:watchroom:demo;s={p.name}", p.rate) for k, p in enumerate(SERVER_POINTS)]
    endpoint = f"opc.tcp://127.0.0.1:{ready['opcua']}"
    async with running(context(pki, endpoint, *wanted, security="")) as (sink, task):
        await until(lambda: len(sink.samples) == len(wanted), 10, task)
        assert sink.security == ["Aes256_Sha256_RsaPss"]
        assert sink.marks == {}
        for k, point in enumerate(SERVER_POINTS):
            assert sink.infos[k].unit == point.unit
        assert (sink.infos[0].type, sink.infos[0].low, sink.infos[0].high) == ("float64", 0.0, 220.0)
        await until(lambda: max(seen.value for seen in sink.samples[0]) > 170, 6, task)
        await until(lambda: sink.samples[8][-1].value >= 1, 6, task)


@pytest.mark.system
async def test_demo_utilities_answer_on_modbus_and_change(
    plant: tuple[subprocess.Popen[bytes], dict[str, Any]],
) -> None:
    _, ready = plant
    client = AsyncModbusTcpClient("127.0.0.1", port=ready["modbus"])
    assert await client.connect()
    try:
        read: list[float] = []

        async def air() -> float:
            answer = await client.read_holding_registers(100, count=2, device_id=1)
            low, high = answer.registers
            return struct.unpack(">f", struct.pack(">HH", high, low))[0]

        async with asyncio.timeout(20):
            while len(set(read)) < 3:
                read.append(await air())
        assert 6.0 < min(read) and max(read) < 7.5
        coil = await client.read_coils(0, count=1, device_id=1)
        assert coil.bits[0] is True
        power = await client.read_holding_registers(110, count=1, device_id=1)
        assert 60 < power.registers[0] < 180
    finally:
        client.close()


@pytest.mark.system
def test_demo_plant_ends_with_its_parent(plant: tuple[subprocess.Popen[bytes], dict[str, Any]]) -> None:
    process, _ = plant
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(5) == 0


@pytest.mark.system
def test_demo_plant_stops_cleanly_when_told_and_keeps_its_certificate(tmp_path: Path) -> None:
    options = ("--pki", str(tmp_path / "demo"))
    process, ready = start(*options)
    certificate = Path(ready["certificate"]).read_bytes()
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 0
    end(process)
    process, again = start(*options)
    assert Path(again["certificate"]).read_bytes() == certificate
    end(process)


@pytest.mark.system
def test_demo_plant_says_why_it_cannot_start(plant: tuple[subprocess.Popen[bytes], dict[str, Any]]) -> None:
    _, ready = plant
    command = [sys.executable, "-m", "engine.testing.demo_plant", "--opcua-port", str(ready["opcua"])]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=40, check=False)
    assert done.returncode == 1
    assert "the demo plant cannot start" in done.stderr
