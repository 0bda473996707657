"""An alarm on its whole way: wire, engine, journal, live file, command line; and through a restart."""

from __future__ import annotations

import io
import itertools
import json
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest

from engine import paths
from engine.cli.alarms import listed as alarm_list
from engine.cli.main import main
from engine.client import Client
from engine.clock import SystemClock, rfc3339
from engine.store.alarm_journal import AlarmJournal
from engine.testing.small_plc import NAMESPACE
from engine.types import Alarm, AlarmChange, CommandName
from engine.wire import AlarmCommandAnswer, AlarmCommandBody, AlarmJournalBody
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
    names: Mapping[str, str]

    def set(self, path: str, value: float) -> None:
        assert self.plc.stdin is not None and self.plc.stdout is not None
        order = {"do": "write", "name": self.names[path], "value": value}
        self.plc.stdin.write(json.dumps(order) + "\n")
        self.plc.stdin.flush()
        assert json.loads(self.plc.stdout.readline())["done"] == "write"


@contextmanager
def running_line(folder: Path, names: Mapping[str, str], limits: str) -> Generator[Line]:
    """A small PLC with these variables by path, and a project on it."""
    command = [sys.executable, "-m", "engine.testing.small_plc", "--tags", str(len(names))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as plc:
        try:
            assert plc.stdout is not None
            endpoint = f"opc.tcp://127.0.0.1:{json.loads(plc.stdout.readline())['port']}/small-plc"
            source = {"id": "plc", "driver": "opcua", "endpoint": endpoint, "security": "none"}
            rows = [f"{path},plc,nsu={NAMESPACE};s={name},10" for path, name in names.items()]
            made = Line(write_project(folder, [source], rows), plc, names)
            (made.folder / "alarms.csv").write_text(limits)
            yield made
        finally:
            plc.kill()


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    with running_line(tmp_path / "line", NAMES, LIMITS) as made:
        for path, value in NORMAL.items():
            made.set(path, value)
        yield made


@dataclass
class Said:
    """How a verb ended, and what it printed."""

    code: int
    out: str
    err: str


def ran(*words: str | Path) -> Said:
    """A verb run in this process: a test may need many."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = main([str(each) for each in words])
        except SystemExit as end:
            code = int(str(end.code))
    return Said(code, out.getvalue(), err.getvalue())


def listed(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(row) for row in done(ran("alarms", folder, "--json")).splitlines()]


def done(said: Said) -> str:
    assert (said.code, said.err) == (0, ""), said
    return said.out


def changes(folder: Path) -> list[AlarmChange]:
    """The alarm journal of a project, oldest first."""
    return AlarmJournal(paths.data(folder) / "journal.db").changes(AlarmJournalBody(0, 2**62, most=100_000))[
        ::-1
    ]


def test_a_value_beyond_its_limit_is_an_alarm_from_wire_to_command_line(line: Line) -> None:
    with engine(line.folder), eyes(line.folder) as seen:
        until(seen.all_good, 20, "all tags are good")
        assert listed(line.folder) == []
        said = watchroom("alarms", line.folder)
        assert (said.returncode, said.stdout) == (0, "no alarms\n")

        line.set(PRESSURE, 241.5)
        until(lambda: seen.snapshot().alarm[seen.rows[PRESSURE]] == 1, 10, "the live file shows it")
        worst, other = listed(line.folder)
        assert (worst["message"], worst["priority"]) == ("Pressure high-high", 1)
        assert (worst["state"], worst["letter"], worst["active"]) == ("unacknowledged", "B", True)
        assert (worst["tag"], worst["value"], worst["limit"]) == (PRESSURE, 241.5, 240.0)
        assert (worst["cause"], worst["response"]) == ("seal leak", "inspect")
        assert (other["kind"], other["message"]) == ("h", "Pressure high")
        said = watchroom("alarms", line.folder).stdout.splitlines()
        words = f"{worst['id']}  1  Pressure high-high  {PRESSURE}  241.5 (limit 240)  unacknowledged, active"
        assert said[0].startswith(f"{words} since 2")
        assert said[0].endswith("seal leak: inspect")

        line.set(PRESSURE, 220.0)
        until(lambda: not seen.snapshot().alarm.any(), 10, "the live file shows that it is over")
        assert [each["state"] for each in listed(line.folder)] == ["returned", "returned"]
    assert [(each.what, each.kind, each.letter, each.value) for each in changes(line.folder)] == [
        ("active", "hh", "B", 241.5),
        ("active", "h", "B", 241.5),
        ("returned", "hh", "D", 220.0),
        ("returned", "h", "D", 220.0),
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


def test_an_alarm_outlives_a_killed_engine_with_all_that_people_did(line: Line) -> None:
    process = start_engine(line.folder)
    try:
        with eyes(line.folder) as seen:
            until(seen.all_good, 20, "all tags are good")
            line.set(GUARD, 0.0)
            line.set(PRESSURE, 245.0)
            until(lambda: len(listed(line.folder)) == 3, 10, "all are shown, so on disk")
            done(ran("alarms", "ack", line.folder, GUARD, "--by", "Ann"))
            shelve = ("alarms", "shelve", line.folder, PRESSURE, "--for", "30m", "--reason", "gauge drifts")
            done(ran(*shelve, "--by", "Bob"))
            before = listed(line.folder)
        kill(process.pid)
    finally:
        stop(process)
    assert [(each["letter"], each["acknowledged_by"], each["shelved_by"]) for each in before] == [
        ("C", "Ann", ""),
        ("E", "", "Bob"),
        ("E", "", "Bob"),
    ]
    with engine(line.folder), eyes(line.folder) as seen:
        until(seen.all_good, 20, "all tags are good")
        assert listed(line.folder) == before
        assert seen.snapshot().alarm[seen.rows[GUARD]] == 3
        assert seen.snapshot().alarm[seen.rows[PRESSURE]] == 0
        line.set(GUARD, 1.0)
        until(lambda: len(listed(line.folder)) == 2, 10, "it is normal")
    assert [each.what for each in changes(line.folder)][-1] == "returned"


def test_people_work_on_alarms_from_the_command_line(line: Line) -> None:
    with engine(line.folder), eyes(line.folder) as seen:
        until(seen.all_good, 20, "all tags are good")
        line.set(GUARD, 0.0)
        (alarm,) = until(lambda: listed(line.folder), 10, "there is an alarm")
        number = str(alarm["id"])

        def on(verb: str, *more: str) -> Said:
            return ran("alarms", verb, line.folder, number, *more, "--by", "Ann")

        assert done(on("ack")) == f"{number}  Guard open of {GUARD}  acknowledged\n"
        again = on("ack")
        assert (again.code, again.out) == (1, "")
        assert again.err == f"Guard open of {GUARD}: it was acknowledged by Ann already\n"
        assert on("shelve").code == 2
        assert "needs a reason" in on("shelve", "--for", "1h").err
        assert "for 8 h at most" in on("shelve", "--for", "9h", "--reason", "x").err
        done(on("note", "--text", "door switch ordered"))
        done(on("shelve", "--for", "1h", "--reason", "switch sticks"))
        (line_,) = done(ran("alarms", line.folder)).splitlines()
        assert "shelved by Ann until 2" in line_
        assert "Z: switch sticks, active since 2" in line_
        assert "note: door switch ordered" in line_
        done(on("unshelve"))
        done(on("out", "--permit", "PTW 4711"))
        (row,) = listed(line.folder)
        assert (row["state"], row["reason"], row["out_of_service_by"]) == (
            "out of service",
            "PTW 4711",
            "Ann",
        )
        done(on("in"))
        (row,) = listed(line.folder)
        assert (row["letter"], row["acknowledged_by"]) == ("B", ""), "it begins anew"
        assert "does not latch" in on("reset").err
        unknown = ran("alarms", "ack", line.folder, "Line/Nothing")
        assert (unknown.code, unknown.out) == (1, "")
        assert unknown.err.startswith("'Line/Nothing' has no alarm now")
    assert [(each.what, each.by, each.text) for each in changes(line.folder)] == [
        ("active", "", ""),
        ("acknowledged", "Ann", ""),
        ("note", "Ann", "door switch ordered"),
        ("shelved", "Ann", "switch sticks"),
        ("unshelved", "Ann", ""),
        ("out_of_service", "Ann", "PTW 4711"),
        ("in_service", "Ann", ""),
    ]


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
            assert next_change(watching.stdout) == ("Guard open", "unacknowledged")
            line.set(PRESSURE, 235.0)
            assert next_change(watching.stdout) == ("Pressure high", "unacknowledged")
            line.set(GUARD, 1.0)
            assert next_change(watching.stdout) == ("Guard open", "returned")
            done(ran("alarms", "ack", line.folder, GUARD))
            assert next_change(watching.stdout) == ("Guard open", "normal")
        finally:
            watching.terminate()
            watching.communicate(timeout=10)


def test_a_source_that_is_lost_is_one_alarm_and_its_process_alarms_hold(line: Line) -> None:
    with engine(line.folder), eyes(line.folder) as seen:
        until(seen.all_good, 20, "all tags are good")
        line.set(GUARD, 0.0)
        until(lambda: listed(line.folder), 10, "there is an alarm")
        line.plc.kill()
        link, guard = until(lambda: both(line.folder), 20, "the link is missed")
        assert (link["tag"], link["kind"], link["priority"]) == ("plc", "link", 2)
        assert (link["message"], guard["message"]) == ("No connection to plc", "Guard open")
        assert guard["letter"] == "B"


def both(folder: Path) -> list[dict[str, Any]]:
    found = listed(folder)
    return found if len(found) == 2 else []


def next_change(out: IO[str]) -> tuple[str, str]:
    line = json.loads(out.readline())
    return line["message"], line["state"]


MANY = 240


def test_a_kill_in_the_middle_of_a_flood_loses_nothing_that_was_shown(tmp_path: Path) -> None:
    names = {f"Line/Unit {k}/Level": f"T{k}" for k in range(MANY)}
    limits = "path,kind,limit,priority\n" + "".join(
        f"{path},h,50,{1 + k % 4}\n" for k, path in enumerate(names)
    )
    with running_line(tmp_path / "line", names, limits) as line:
        process = start_engine(line.folder)
        client = Client(line.folder, "test")
        flood = threading.Thread(target=swing, args=(line,), daemon=True)
        flood.start()
        try:
            until(lambda: len(alarms_shown(client)) > MANY // 2, 30, "the flood is there")
            commanded = {
                "acknowledge": commanding(client, "acknowledge", 0),
                "shelve": commanding(client, "shelve", 1),
                "out_of_service": commanding(client, "out_of_service", 2),
            }
            until(lambda: len(changes(line.folder)) > 3 * MANY, 60, "it goes on")
            before = alarms_shown(client)
            kill(process.pid)
        finally:
            client.close()
            stop(process)
            line.plc.kill()
            flood.join(10)
        disk = {each.id: each for each in AlarmJournal(paths.data(line.folder) / "journal.db").states()}
        noted = changes(line.folder)
        with engine(line.folder):
            client = Client(line.folder, "test")
            try:
                after = alarms_shown(client)
            finally:
                client.close()
    assert {number: each for number, each in after.items() if each.kind == "h"} == {
        n: a for n, a in disk.items() if a.kind == "h"
    }
    happened = {(each.alarm, each.letter, each.source_us) for each in noted}
    shown = {(n, a.letter, a.changed_us) for n, a in before.items() if a.is_recorded and a.letter in "BD"}
    assert shown - happened == set(), "what was shown is on disk"
    for what, numbers in commanded.items():
        said = WHATS[what]
        assert {each.alarm for each in noted if each.what == said and each.by == "Ann"} == numbers
    assert {n for n, a in disk.items() if a.shelf is not None} == commanded["shelve"]
    assert {n for n, a in disk.items() if a.service is not None} == commanded["out_of_service"]


WHATS = {"acknowledge": "acknowledged", "shelve": "shelved", "out_of_service": "out_of_service"}


def swing(line: Line) -> None:
    """All values up and down until the PLC is gone."""
    try:
        for value in itertools.cycle((100.0, 0.0, 90.0, 10.0)):
            for path in line.names:
                line.set(path, value)
    except (OSError, ValueError):
        pass  # it was killed, which is how this ends


def alarms_shown(client: Client) -> dict[int, Alarm]:
    return {each.id: each for each in alarm_list(client)}


def commanding(client: Client, what: CommandName, third: int) -> set[int]:
    """Ann does it to every third alarm; those that came again meanwhile are not done."""
    seen = tuple(
        (n, a.changed_us) for n, a in alarms_shown(client).items() if n % 3 == third and a.kind == "h"
    )
    until_us = SystemClock().now_us() + 3_600_000_000
    body = AlarmCommandBody(what, seen, "Ann", "flood", until_us if what == "shelve" else 0)
    return set(client.call("alarm_command", body, AlarmCommandAnswer, timeout_s=20.0).done)


def test_without_an_engine_alarms_ends_with_exit_3_and_starts_none(line: Line) -> None:
    done = watchroom("alarms", line.folder)
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.startswith("no engine runs for ")
    assert paths.read_facts(line.folder) is None


def test_worn_tips_of_the_demo_line_raise_the_alarm_of_that_robot_and_no_other(tmp_path: Path) -> None:
    options = ["--fault", "tip-wear:0.95", "--fault-at", "0"]
    with demo_plant(tmp_path / "demo", name="framing", options=options) as plant, engine(plant.folder):

        def too_high() -> list[dict[str, Any]]:
            return [each for each in listed(plant.folder) if each["message"] == "Weld current high"]

        (alarm,) = until(too_high, 40, "the alarm comes")
        # Alarms of links have no asset: on a busy computer one may come and go.
        found = [each for each in listed(plant.folder) if "/" in each["tag"]]
        assert alarm["tag"] == "Framing line 3/S30 Spot weld A/Robot 1/Weld current"
        assert (alarm["priority"], alarm["unit"], alarm["cause"]) == (2, "kA", "tip wear")
        assert {each["tag"].rpartition("/")[0] for each in found} == {alarm["tag"].rpartition("/")[0]}
