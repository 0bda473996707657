"""An alarm on its whole way: wire, engine, journal, live file, command line; and through a restart."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeGuard

import msgspec
import pytest

from engine import paths
from engine.client import Client, Event
from engine.clock import rfc3339
from engine.store import Journal
from engine.testing.small_plc import NAMESPACE
from engine.types import Alarm
from engine.wire import EventsBody
from tests.faults.plants import write_project
from tests.running import demo_plant, engine, eyes, kill, start_engine, stop, until, watchroom

pytestmark = pytest.mark.system
PRESSURE, GUARD, FLOW = "Line/Press/Pressure", "Line/Press/Guard closed", "Line/Water/Flow"
NAMES = {PRESSURE: "T0", GUARD: "T1", FLOW: "T2"}
NORMAL = {PRESSURE: 220.0, GUARD: 1.0, FLOW: 7.0}
LIMITS = f"""path,kind,limit,priority,deadband,on_delay,message,cause,response
{PRESSURE},hh,240,1,2,,,seal leak,inspect
{PRESSURE},h,232,2,2,,,,
{GUARD},off,1,3,,,Guard open,,
{FLOW},l,1,2,,1.5,Water flow low,,
"""


@dataclass
class Line:
    """A small PLC whose variables a test sets, and the project that reads them."""

    folder: Path
    plc: subprocess.Popen[str]

    def set(self, path: str, value: float) -> None:
        assert self.plc.stdin is not None and self.plc.stdout is not None
        order = {"do": "write", "name": NAMES[path], "value": value}
        self.plc.stdin.write(json.dumps(order) + "\n")
        self.plc.stdin.flush()
        assert json.loads(self.plc.stdout.readline())["done"] == "write"


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    command = [sys.executable, "-m", "engine.testing.small_plc", "--tags", str(len(NAMES))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as plc:
        try:
            assert plc.stdout is not None
            endpoint = f"opc.tcp://127.0.0.1:{json.loads(plc.stdout.readline())['port']}/small-plc"
            source = {"id": "plc", "driver": "opcua", "endpoint": endpoint, "security": "none"}
            rows = [f"{path},plc,nsu={NAMESPACE};s={name},10" for path, name in NAMES.items()]
            made = Line(write_project(tmp_path / "line", [source], rows), plc)
            (made.folder / "alarms.csv").write_text(LIMITS)
            for path, value in NORMAL.items():
                made.set(path, value)
            yield made
        finally:
            plc.terminate()


def listed(folder: Path) -> list[dict[str, Any]]:
    done = watchroom("alarms", folder, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(row) for row in done.stdout.splitlines()]


def journalled(folder: Path) -> list[Alarm]:
    """The alarm events on disk of a project whose engine does not run."""
    journal = Journal(paths.data(folder) / "journal.db", lambda events: None, lambda text: None)
    try:
        return [msgspec.convert(each.body, Alarm) for each in journal.after(0) if each.event == "alarm"]
    finally:
        journal.close()


def test_a_value_beyond_its_limit_is_an_alarm_from_wire_to_command_line(line: Line) -> None:
    with engine(line.folder), eyes(line.folder) as seen:
        until(seen.all_good, 20, "all tags are good")
        assert listed(line.folder) == []
        said = watchroom("alarms", line.folder)
        assert (said.returncode, said.stdout) == (0, "no alarms\n")

        line.set(PRESSURE, 241.5)
        until(lambda: seen.snapshot().alarm[seen.rows[PRESSURE]] == 1, 10, "the live file shows it")
        worst, other = listed(line.folder)
        assert (worst["message"], worst["priority"], worst["state"]) == ("Pressure high-high", 1, "active")
        assert (worst["tag"], worst["value"], worst["limit"]) == (PRESSURE, 241.5, 240.0)
        assert (worst["cause"], worst["response"]) == ("seal leak", "inspect")
        assert (other["kind"], other["message"]) == ("h", "Pressure high")
        said = watchroom("alarms", line.folder).stdout.splitlines()
        assert said[0].startswith(f"1  Pressure high-high  {PRESSURE}  241.5 (limit 240)  active since 2")
        assert said[0].endswith("seal leak: inspect")

        line.set(PRESSURE, 220.0)
        until(lambda: not seen.snapshot().alarm.any(), 10, "the live file shows that it is over")
        assert [each["state"] for each in listed(line.folder)] == ["returned", "returned"]
    changes = [(each.kind, each.state, each.value) for each in journalled(line.folder)]
    assert changes == [
        ("hh", "active", 241.5),
        ("h", "active", 241.5),
        ("hh", "returned", 220.0),
        ("h", "returned", 220.0),
    ]


def test_a_delay_runs_out_though_the_value_never_changes_again(line: Line) -> None:
    with engine(line.folder), eyes(line.folder) as seen:
        until(seen.all_good, 20, "all tags are good")
        line.set(FLOW, 0.0)
        (alarm,) = until(lambda: listed(line.folder), 15, "the delay ran out")
        assert (alarm["message"], alarm["value"]) == ("Water flow low", 0.0)
        row, snapshot = seen.rows[FLOW], seen.snapshot()
        since_us = int(snapshot.source_time_us[row]) + 1_500_000
        assert alarm["since"] == rfc3339(since_us), "1.5 s after the sample, by the clock of the source"


def test_an_alarm_outlives_a_killed_engine_and_keeps_its_time(line: Line) -> None:
    process = start_engine(line.folder)
    try:
        with eyes(line.folder) as seen:
            until(seen.all_good, 20, "all tags are good")
            line.set(GUARD, 0.0)
            client = Client(line.folder, "test")
            try:
                client.request("events", EventsBody(0))
                until(lambda: told(client), 10, "the event is published, so it is on disk")
            finally:
                client.close()
            (before,) = listed(line.folder)
        kill(process.pid)
    finally:
        stop(process)
    with engine(line.folder), eyes(line.folder) as seen:
        until(seen.all_good, 20, "all tags are good")
        assert listed(line.folder) == [before]
        assert seen.snapshot().alarm[seen.rows[GUARD]] == 3
        line.set(GUARD, 1.0)
        (after,) = until(lambda: gone(line.folder), 10, "it returns")
        assert after["since"] == before["since"] < after["changed"]
    states = [(each.state, each.since_us == each.changed_us) for each in journalled(line.folder)]
    assert states == [("active", True), ("returned", False)]


def told(client: Client) -> list[Alarm]:
    return [msgspec.convert(each.body, Alarm) for each in client.drain() if is_alarm(each)]


def is_alarm(item: object) -> TypeGuard[Event]:
    return isinstance(item, Event) and item.event == "alarm"


def gone(folder: Path) -> list[dict[str, Any]]:
    return [each for each in listed(folder) if each["state"] == "returned"]


def test_watch_prints_what_there_is_and_then_each_change_once(line: Line) -> None:
    with engine(line.folder), eyes(line.folder) as seen:
        until(seen.all_good, 20, "all tags are good")
        line.set(GUARD, 0.0)
        until(lambda: listed(line.folder), 10, "there is an alarm")
        watching = subprocess.Popen(
            [sys.executable, "-m", "engine", "alarms", str(line.folder), "--watch", "--json"],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert watching.stdout is not None
            assert next_change(watching.stdout) == ("Guard open", "active")
            line.set(PRESSURE, 235.0)
            assert next_change(watching.stdout) == ("Pressure high", "active")
            line.set(GUARD, 1.0)
            assert next_change(watching.stdout) == ("Guard open", "returned")
        finally:
            watching.terminate()
            watching.wait(10)
            watching.stdout.close()


def next_change(out: IO[str]) -> tuple[str, str]:
    line = json.loads(out.readline())
    return line["message"], line["state"]


def test_without_an_engine_alarms_ends_with_exit_3_and_starts_none(line: Line) -> None:
    done = watchroom("alarms", line.folder)
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.startswith("no engine runs for ")
    assert paths.read_facts(line.folder) is None


def test_worn_tips_of_the_demo_line_raise_the_alarm_of_that_robot_and_no_other(tmp_path: Path) -> None:
    options = ["--fault", "tip-wear:0.95", "--fault-at", "0"]
    with demo_plant(tmp_path / "demo", name="framing", options=options) as plant, engine(plant.folder):
        found = until(lambda: listed(plant.folder), 40, "the alarm comes")
        (alarm,) = [each for each in found if each["message"] == "Weld current high"]
        assert alarm["tag"] == "Framing line 3/S30 Spot weld A/Robot 1/Weld current"
        assert (alarm["priority"], alarm["unit"], alarm["cause"]) == (2, "kA", "tip wear")
        assert {each["tag"].rpartition("/")[0] for each in found} == {alarm["tag"].rpartition("/")[0]}
