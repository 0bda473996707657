"""Demo plants in general: conditions, noise, project files, servers that start, play and stop."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import select
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pymodbus.client import AsyncModbusTcpClient

from engine.drivers.modbus.address import Address, parse_address
from engine.drivers.modbus.decode import decode, plan_block
from engine.drivers.opcua import DRIVER
from engine.drivers.opcua.trust import pin
from engine.testing.demo_plant.addresses import factor, node, slots
from engine.testing.demo_plant.conditions import (
    Conditions,
    Fault,
    Setting,
    above_s,
    exposure_s,
    followed,
    setpoint,
    severity,
)
from engine.testing.demo_plant.modbus import Image, words
from engine.testing.demo_plant.noise import channels, normal, uniform
from engine.testing.demo_plant.orders import NoSuchFault, Orders, parse_fault
from engine.testing.demo_plant.plant import Model
from engine.testing.demo_plant.plants import PLANTS, plant_named
from engine.testing.demo_plant.project import plant_toml, tags_csv, writes_csv
from tests.engine.drivers.opcua.recording import context, running, tag, until

ROOT = Path(__file__).resolve().parents[3]
DEMO = ROOT / "resources" / "demo"
PRESSURE = "Framing line 3/S50 Roof press/Hydraulics/Pressure"
STEPS = np.arange(0.0, 1000.0, 0.5)


@pytest.mark.parametrize("name", PLANTS)
def test_project_in_the_tree_is_what_the_points_say(name: str) -> None:
    plant = plant_named(name)
    assert (DEMO / name / "tags.csv").read_text("utf-8") == tags_csv(plant)
    assert (DEMO / name / "plant.toml").read_text("utf-8") == plant_toml(plant)
    assert (DEMO / name / "writes.csv").read_text("utf-8") == writes_csv(plant)


@pytest.mark.parametrize("name", PLANTS)
def test_paths_and_addresses_of_a_plant_are_unique_and_its_drivers_accept_them(name: str) -> None:
    rows = list(csv.DictReader(io.StringIO(tags_csv(plant_named(name)))))
    assert len({row["path"] for row in rows}) == len(rows)
    assert len({(row["source"], row["address"]) for row in rows}) == len(rows)
    assert max(row["path"].count("/") for row in rows) < 8
    for row in rows:
        if row["address"].startswith("nsu="):
            assert DRIVER.check_address(row["address"]) == []
        else:
            parse_address(row["address"])


@pytest.mark.parametrize("name", PLANTS)
def test_registers_of_a_modbus_server_never_overlap(name: str) -> None:
    plant = plant_named(name)
    for server in (each for each in plant.servers if each.kind == "modbus"):
        places = [parse_address(slot.text) for slot in slots(_points(plant_named(name), server.id))]
        whole = [(p.table, p.start + k) for p in places if p.kind != "bit" for k in range(p.width)]
        bits = {(p.table, p.start) for p in places if p.kind == "bit" and p.table in ("holding", "input")}
        assert len(set(whole)) == len(whole)
        assert not bits & set(whole)


def _points(plant: Any, source: str) -> list[Any]:
    return [point for point in plant.points() if point.source == source]


@pytest.mark.parametrize("name", PLANTS)
def test_what_the_registers_hold_is_what_the_driver_reads(name: str) -> None:
    """Every type and word order of the plant, through the driver's own decoder."""
    plant = plant_named(name)
    values = Model(plant).values(Conditions(), np.array([37.0]))[0]
    for server in (each for each in plant.servers if each.kind == "modbus"):
        points = _points(plant, server.id)
        where = slots(points)
        image = Image(points, where)
        own = np.array([values[point.column] for point in points])
        image.write(own, np.ones(len(points), np.bool_))
        read = _read(image, [parse_address(slot.text) for slot in where])
        for point, raw, expected in zip(points, read, own, strict=True):
            assert raw * factor(point) == pytest.approx(expected, rel=1e-6, abs=1e-9), point.path


def _read(image: Image, places: list[Address]) -> list[float]:
    """What the driver makes of the tables, one tag at a time."""
    read: list[float] = []
    for place in places:
        table = image.tables[place.table]
        if place.table in ("coil", "discrete"):
            read.append(float(table[place.start]))
        else:
            part = table[place.start : place.start + place.width]
            read.append(float(decode(plan_block(place.start, place.width, [place]), part, _no_text)[0]))
    return read


def _no_text(text: str) -> int:
    raise AssertionError(text)


def test_word_orders_are_those_of_the_address_forms() -> None:
    number = np.array([1.5])
    plain = words(number, "float32", swap=False, bswap=False)
    assert plain.tolist() == [[0x3FC0, 0x0000]]
    assert words(number, "float32", swap=True, bswap=False).tolist() == [[0x0000, 0x3FC0]]
    assert words(number, "float32", swap=False, bswap=True).tolist() == [[0xC03F, 0x0000]]
    assert words(number, "float32", swap=True, bswap=True).tolist() == [[0x0000, 0xC03F]]


def test_only_registers_that_are_due_change() -> None:
    points = _points(plant_named("press"), "utilities")
    image = Image(points, slots(points))
    image.write(np.full(len(points), 1.0), np.ones(len(points), np.bool_))
    before = image.tables["holding"].copy()
    due = np.zeros(len(points), np.bool_)
    due[-1] = True
    image.write(np.full(len(points), 9.0), due)
    changed = np.flatnonzero(before != image.tables["holding"])
    assert changed.tolist() == [slots(points)[-1].start]


def test_noise_of_a_time_does_not_depend_on_what_else_is_asked() -> None:
    keys = channels(7, 0, 20)
    index = np.arange(5000)[:, np.newaxis]
    whole = normal(keys, index)
    assert np.array_equal(whole[1234], normal(keys, index[1234:1235])[0])
    assert abs(whole.mean()) < 0.02 and abs(whole.std() - 1.0) < 0.02
    assert np.abs(np.corrcoef(whole[:, 0], whole[:, 1])[0, 1]) < 0.05
    even = uniform(keys, index)
    assert 0.0 <= even.min() and even.max() < 1.0 and abs(even.mean() - 0.5) < 0.01


def test_fault_grows_from_its_size_to_one_and_ends_when_repaired() -> None:
    growing = Conditions().with_fault(Fault("leak", 100.0, 400.0, 0.25))
    size = severity(growing, "leak", np.array([99.0, 100.0, 200.0, 400.0, 900.0]))
    assert size.tolist() == [0.0, 0.25, 0.5, 1.0, 1.0]
    repaired = growing.cleared("", 200.0)
    assert severity(repaired, "leak", np.array([150.0, 200.0, 300.0])).tolist() == [0.375, 0.0, 0.0]
    assert severity(growing, "other", STEPS).max() == 0.0


def test_fault_set_again_takes_the_place_of_the_first() -> None:
    again = Conditions().with_fault(Fault("leak", 0.0, 100.0)).with_fault(Fault("leak", 200.0, 100.0, 0.1))
    assert severity(again, "leak", np.array([150.0, 200.0])).tolist() == [1.0, 0.1]


@pytest.mark.parametrize("size", [0.0, 0.3])
def test_what_a_fault_has_done_is_the_integral_of_its_size(size: float) -> None:
    conditions = Conditions().with_fault(Fault("leak", 120.0, 500.0, size)).cleared("leak", 800.0)
    summed = np.cumsum(severity(conditions, "leak", STEPS)) * 0.5
    assert np.abs(exposure_s(conditions, "leak", STEPS) - summed).max() < 1.0
    counted = np.cumsum(severity(conditions, "leak", STEPS) > 0.6) * 0.5
    assert np.abs(above_s(conditions, "leak", 0.6, STEPS) - counted).max() < 1.0


def test_setpoint_steps_and_what_follows_it_lags() -> None:
    conditions = (
        Conditions().with_setting(Setting("sp", 100.0, 30.0)).with_setting(Setting("sp", 200.0, 10.0))
    )
    times = np.array([99.0, 100.0, 199.0, 200.0, 500.0])
    assert setpoint(conditions, "sp", 20.0, times).tolist() == [20.0, 30.0, 30.0, 10.0, 10.0]
    after = followed(conditions, "sp", 20.0, np.array([99.0, 110.0, 199.0, 900.0]), 10.0)
    assert after == pytest.approx([20.0, 30.0 - 10.0 * np.exp(-1), 30.0, 10.0], abs=0.01)
    assert setpoint(conditions, "another", 5.0, times).tolist() == [5.0] * 5


def test_orders_take_effect_when_they_are_written(tmp_path: Path) -> None:
    plant, file = plant_named("framing"), tmp_path / "orders"
    orders = Orders(plant, file)
    conditions = orders.apply(Conditions(), 10.0)
    assert conditions == Conditions()
    file.write_text(
        '{"do": "set", "fault": "seal-leak:0.5"}\nnonsense\n{"do": "set", "fault": "no such"}\n{"do"'
    )
    conditions = orders.apply(conditions, 20.0)
    assert [(fault.name, fault.begin_s, fault.size) for fault in conditions.faults] == [
        ("seal-leak", 20.0, 0.5)
    ]
    with file.open("a") as more:
        more.write(': "clear", "fault": ""}\n')
    conditions = orders.apply(conditions, 30.0)
    assert conditions.faults[0].end_s == 30.0


def test_fault_nobody_knows_is_refused_with_those_there_are() -> None:
    with pytest.raises(NoSuchFault, match=r"seal-leak, tip-wear, air-leak"):
        parse_fault(plant_named("framing"), "flood", 0.0)
    with pytest.raises(NoSuchFault, match="from 0 to 1"):
        parse_fault(plant_named("framing"), "air-leak:7", 0.0)


def test_model_of_the_small_plant_repeats_and_depends_on_its_seed() -> None:
    model = Model(plant_named("press"))
    whole = model.values(Conditions(seed=3), STEPS)
    assert np.array_equal(model.values(Conditions(seed=3), STEPS[700:701])[0], whole[700])
    assert not np.allclose(model.values(Conditions(seed=4), STEPS), whole)


def test_press_builds_holds_and_releases_pressure_in_every_stroke() -> None:
    model = Model(plant_named("press"))
    column = next(point.column for point in model.points if point.path == PRESSURE)
    time = np.arange(0.0, 3600.0, 0.1)
    pressure, phase = model.values(Conditions(), time)[:, column], np.mod(time, 12.0)
    holding, waiting = pressure[(phase > 5) & (phase < 7.5)], pressure[phase > 11.2]
    assert 178 < holding.min() and holding.max() < 192
    assert waiting.max() < 45


def test_node_ids_name_the_unit_and_spell_the_rest_in_one_word() -> None:
    plant = plant_named("framing")
    assert node(plant, f"{PRESSURE} setpoint") == "S50.Hydraulics.PressureSetpoint"
    assert node(replace(plant, fixed={PRESSURE: "P1"}), PRESSURE) == "P1"


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
def press(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, Any]]]:
    options = ("--plant", "press", "--watch-stdin", "--speed", "6", "--pki", str(tmp_path / "demo"))
    process, ready = start(*options)
    yield process, ready
    end(process)


def port_of(ready: dict[str, Any], source: str) -> int:
    return int(ready["endpoints"][source].rpartition(":")[2])


@pytest.mark.system
async def test_demo_press_is_read_encrypted_once_its_certificate_is_pinned(
    press: tuple[subprocess.Popen[bytes], dict[str, Any]], tmp_path: Path
) -> None:
    _, ready = press
    pki, plant = tmp_path / "pki", plant_named("press")
    pin(pki, "press", Path(ready["certificates"]["press"]).read_bytes())
    points = _points(plant, "press")
    address = {point.path: f"nsu=urn:watchroom:demo;s={node(plant, point.path)}" for point in points}
    wanted = [tag(k, address[point.path], point.spec.rate) for k, point in enumerate(points)]
    async with running(context(pki, ready["endpoints"]["press"], *wanted, security="")) as (sink, task):
        await until(lambda: len(sink.samples) == len(wanted), 10, task)
        assert sink.security == ["Aes256_Sha256_RsaPss"]
        assert sink.marks == {}
        assert [sink.infos[k].unit for k in range(len(points))] == [point.spec.unit for point in points]
        assert (sink.infos[0].type, sink.infos[0].low, sink.infos[0].high) == ("float64", 0.0, 220.0)
        await until(lambda: max(seen.value for seen in sink.samples[0]) > 170, 6, task)
        await until(lambda: sink.samples[8][-1].value >= 1, 6, task)


@pytest.mark.system
async def test_demo_utilities_answer_on_modbus_change_and_take_no_orders(
    press: tuple[subprocess.Popen[bytes], dict[str, Any]],
) -> None:
    _, ready = press
    client = AsyncModbusTcpClient("127.0.0.1", port=port_of(ready, "utilities"))
    assert await client.connect()
    try:
        read: set[float] = set()
        async with asyncio.timeout(20):
            while len(read) < 3:
                answer = await client.read_holding_registers(0, count=2, device_id=1)
                low, high = answer.registers
                read.add(struct.unpack(">f", struct.pack(">HH", high, low))[0])
        assert 6.0 < min(read) and max(read) < 7.5
        coil = await client.read_coils(0, count=1, device_id=1)
        assert coil.bits[0] is True
        assert (await client.write_register(10, 5, device_id=1)).isError()
        power = await client.read_holding_registers(10, count=1, device_id=1)
        assert 60 < power.registers[0] < 180
    finally:
        client.close()


@pytest.mark.system
def test_demo_plant_ends_with_its_parent(press: tuple[subprocess.Popen[bytes], dict[str, Any]]) -> None:
    process, _ = press
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(5) == 0


@pytest.mark.system
def test_demo_plant_stops_cleanly_when_told_and_keeps_its_certificates(tmp_path: Path) -> None:
    options = ("--plant", "press", "--pki", str(tmp_path / "demo"))
    process, ready = start(*options)
    certificate = Path(ready["certificates"]["press"]).read_bytes()
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 0
    end(process)
    process, again = start(*options)
    assert Path(again["certificates"]["press"]).read_bytes() == certificate
    end(process)


@pytest.mark.system
@pytest.mark.parametrize("source", ["press", "utilities"])
def test_demo_plant_says_why_it_cannot_start(
    press: tuple[subprocess.Popen[bytes], dict[str, Any]], source: str
) -> None:
    _, ready = press
    words = ["--plant", "press", "--port", f"{source}={port_of(ready, source)}"]
    done = _run(words)
    assert done.returncode == 1
    assert "the demo plant cannot start" in done.stderr


@pytest.mark.system
def test_fault_that_does_not_exist_keeps_the_plant_from_starting() -> None:
    done = _run(["--plant", "press", "--fault", "flood"])
    assert done.returncode == 1
    assert "seal-leak, air-leak" in done.stderr


def _run(words: list[str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "engine.testing.demo_plant", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=40, check=False)
