"""Writes on the running engine against real servers: what goes out, is seen and stands in the ledger."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import paths
from engine.client import RequestFailed
from engine.testing.beside import opcua_value, set_opcua
from engine.types import Session, Write
from engine.wire import WriteBody
from tests.faults.gate_rig import selected
from tests.people import ADA, OLAF, SHIRIN, VERA, Person, at, entries, operated, steps_of
from tests.running import (
    CLOCK,
    PRESSURE,
    Plant,
    demo_plant,
    engine,
    eyes,
    start_engine,
    stop,
    until,
    watchroom,
)
from tests.shifted import set_clock

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]
SETPOINT = "Framing line 3/S50 Roof press/Hydraulics/Pressure setpoint"
NODE = "nsu=urn:watchroom:demo;s=S50.PressureSetpoint"
ALL_STEPS = ["proposed", "checked", "selected", "confirmed", "sent", "verified"]


def at_the_device(plant: Plant) -> float:
    """The setpoint as a client that has nothing to do with us reads it."""
    return asyncio.run(opcua_value(plant.ports["press"], NODE))


def order(plant: Plant, do: str, fault: str) -> None:
    """Have writes to the plant go wrong, or not any more."""
    with (plant.folder / "orders").open("a") as file:
        file.write(json.dumps({"do": do, "fault": fault}) + "\n")


@contextlib.contextmanager
def press(folder: Path) -> Iterator[Plant]:
    """The small plant, which takes orders from a test."""
    folder.mkdir(parents=True)
    with demo_plant(folder, options=("--orders", str(folder / "orders"))) as plant:
        rules = folder / "writes.csv"  # no limit of the rate: a test writes often
        rules.write_text(rules.read_text().replace(",0.5,30,", ",0.5,,"))
        yield plant


def connected(folder: Path) -> None:
    with eyes(folder) as seen:
        until(seen.all_good, 60, "values flow")


def chosen(person: Person, value: float) -> Write:
    """The setpoint selected, as soon as its value is fresh."""
    return selected(person, SETPOINT, value)


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory, short_folder: Path) -> Iterator[Plant]:
    """The small plant, operated by its people; for tests that leave it as it was."""
    with press(tmp_path_factory.mktemp("writes") / "press") as made, engine(made.folder):
        operated(made.folder)
        connected(made.folder)
        yield made


def test_write_is_on_the_device_and_every_step_of_it_in_the_ledger(plant: Plant) -> None:
    with at(plant.folder, OLAF) as olaf:
        write = chosen(olaf, 171.0)
        assert (write.old, write.unit, write.low, write.high) == (at_the_device(plant), "bar", 120.0, 200.0)
        done = olaf.confirm(write, "quality", "trial")
        assert (done.step, done.seen, done.why) == ("verified", 171.0, "")
        assert at_the_device(plant) == 171.0
        with eyes(plant.folder) as seen:
            until(lambda: seen.value(SETPOINT) == 171.0, 20, "it is shown")
    assert steps_of(plant.folder, write.id) == ALL_STEPS
    (confirmed,) = [e for e in entries(plant.folder, "write_confirmed") if e["body"]["id"] == write.id]
    assert (confirmed["actor"], confirmed["body"]["reason"], confirmed["body"]["note"]) == (
        OLAF, "quality", "trial",
    )  # fmt: skip
    (sent,) = [e for e in entries(plant.folder, "write_sent") if e["body"]["id"] == write.id]
    assert sent["body"]["device_had"] == write.old and all(each["ok"] for each in sent["body"]["checks"])
    assert watchroom("ledger", "verify", plant.folder).returncode == 0


def test_write_is_taken_back_with_all_checks_and_only_while_the_value_is_still_there(plant: Plant) -> None:
    """W9, W8."""
    with at(plant.folder, OLAF) as olaf:
        before = at_the_device(plant)
        done = olaf.confirm(chosen(olaf, before + 3.0))
        assert done.rollback_until_us > CLOCK.now_us()
        back = olaf.select(SETPOINT, kind="rollback", of=done.id)
        assert (back.step, back.new, back.kind) == ("selected", before, "rollback")
        assert olaf.confirm(back).step == "verified" and at_the_device(plant) == before
        done = olaf.confirm(chosen(olaf, before + 4.0))
        asyncio.run(set_opcua(plant.ports["press"], NODE, before + 5.0))
        back = olaf.select(SETPOINT, kind="rollback", of=done.id)
        assert back.step == "rejected" and "Nothing changed since" in back.why
        assert at_the_device(plant) == before + 5.0
        olaf.write(SETPOINT, before)


def test_value_that_changed_since_it_was_selected_is_not_written_over(plant: Plant) -> None:
    """W8, at the device itself."""
    with at(plant.folder, OLAF) as olaf:
        write = chosen(olaf, 150.0)
        asyncio.run(set_opcua(plant.ports["press"], NODE, 163.5))
        refused = olaf.confirm(write)
        assert refused.step == "rejected" and "163.5 bar now" in refused.why
        assert at_the_device(plant) == 163.5 and "sent" not in steps_of(plant.folder, write.id)


@pytest.mark.parametrize("how", ["lock", "log over", "log out", "another name, same session"])
def test_selection_ends_with_what_it_rests_on(plant: Plant, how: str) -> None:
    """W14: nothing is sent for somebody who is not there any more."""
    with at(plant.folder, OLAF, "desk 3") as olaf:
        before, write = at_the_device(plant), chosen(olaf, 155.0)
        if how == "lock":
            olaf.ask("lock", None, Session)
        elif how == "log out":
            olaf.ask("logout", None, bool)
        elif how == "log over":
            with at(plant.folder, SHIRIN, "desk 3"):
                pass
        else:
            with at(plant.folder, VERA, "desk 4") as vera, pytest.raises(RequestFailed, match="alone"):
                vera.confirm(write)
            olaf.ask("cancel", WriteBody(write.id), Write)
        assert olaf.becomes(write.id, "rejected").sent_us == 0
        with pytest.raises(RequestFailed):
            olaf.confirm(write)
        assert at_the_device(plant) == before


def test_viewer_and_administrator_select_nothing(plant: Plant) -> None:
    for name in (VERA, ADA):
        with at(plant.folder, name, "desk 5") as person:
            assert "You may do this" in person.select(SETPOINT, 160.0).why


def test_device_that_says_no_is_rejected_and_nothing_is_changed(plant: Plant) -> None:
    with at(plant.folder, OLAF) as olaf:
        before = at_the_device(plant)
        with at(plant.folder, SHIRIN, "desk 6") as shirin:
            write = chosen(olaf, before + 1.0)
            taken = shirin.select(SETPOINT, before + 2.0)
            assert taken.step == "rejected" and "Olaf Operator at desk has" in taken.why, "one at a time"
        done = olaf.confirm(write)
        assert done.step == "verified"
        olaf.write(SETPOINT, before)


def test_polite_stop_sees_a_write_on_its_way_to_its_end_and_sessions_end_with_words(tmp_path: Path) -> None:
    with press(tmp_path / "press") as plant:
        first = start_engine(plant.folder)
        try:
            operated(plant.folder)
            connected(plant.folder)
            with at(plant.folder, OLAF) as olaf:
                token, write = olaf.token, chosen(olaf, 144.0)
                order(plant, "set", "write-slow:=1.0")
                until(lambda: orders_read(plant), 20, "the plant knows its orders")
                olaf.begin_confirm(write)
                olaf.becomes(write.id, "sent")
                stop(first)
        finally:
            stop(first)
        # A machine that is too busy to answer within the deadline makes it unknown first, and looks then.
        steps = [step for step in steps_of(plant.folder, write.id) if step != "unknown"]
        assert steps == ALL_STEPS, "seen to its end"
        assert at_the_device(plant) == 144.0
        with engine(plant.folder), at(plant.folder) as desk:
            desk.client.session = token
            said = desk.session()
            assert said.session is None and "started anew" in said.ended and not said.is_new
            with pytest.raises(RequestFailed, match="log in"):
                desk.select(SETPOINT, 150.0)
            assert desk.control().stage.stage == "control", "the stage is kept"
            assert desk.seen(write.id).step == "verified", "and so is what was done"


def orders_read(plant: Plant) -> bool:
    """Whether orders count: the plant reads its file each tick, and a second is many ticks."""
    return CLOCK.now_us() - (plant.folder / "orders").stat().st_mtime_ns // 1000 > 1_000_000


def test_clock_that_is_set_voids_what_is_selected(tmp_path: Path) -> None:
    """W14, in an engine whose clock really jumps."""
    with press(tmp_path / "press") as plant:
        clock = tmp_path / "clock"
        set_clock(clock, 0.0)
        with shifted_engine(plant.folder, clock):
            operated(plant.folder)
            connected(plant.folder)
            with at(plant.folder, OLAF) as olaf:
                before, write = at_the_device(plant), chosen(olaf, 140.0)
                set_clock(clock, 3600.0)
                shown = olaf.becomes(write.id, "rejected")
                assert "the computer's clock was set" in shown.why
                with pytest.raises(RequestFailed):
                    olaf.confirm(write)
                assert at_the_device(plant) == before
                write = chosen(olaf, 141.0)
                assert olaf.confirm(write).step == "verified", "the session goes on, by the monotonic clock"
        kinds = [each["type"] for each in entries(plant.folder)]
        assert "clock_step" in kinds


@contextlib.contextmanager
def shifted_engine(folder: Path, clock: Path) -> Iterator[None]:
    """An engine whose clock a test sets."""
    words = [sys.executable, "-m", "tests.shifted", str(clock), "engine", "engine", str(folder)]
    with (paths.log(folder) / "test-engine.out").open("w") as errors:
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        assert process.stdout is not None and process.stdout.readline(), "it did not start"
        yield
    finally:
        stop(process)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with room for a little."""
    folder, mount = tmp_path / "disk", shutil.which("mount")
    folder.mkdir()
    command = [mount or "", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this needs the right to mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def test_full_disk_under_the_ledger_refuses_writes_and_leaves_the_view(
    tmp_path: Path, small_disk: Path
) -> None:
    """The audit fails closed (IEC 62443-4-2 CR 2.10): nothing is written, everything is seen."""
    with press(tmp_path / "press") as plant:
        folder = plant.folder
        (paths.data(folder) / "ledger.db").symlink_to(small_disk / "ledger.db")
        with engine(folder):
            operated(folder)
            connected(folder)
            with at(folder, OLAF) as olaf, eyes(folder) as seen:
                assert olaf.confirm(chosen(olaf, 150.0)).step == "verified"
                fill(small_disk / "filling")
                last, why = written_until_refused(olaf, 150.0)
                assert "nothing was sent" in why
                assert at_the_device(plant) == last, "all that was verified, and nothing else"
                assert "ledger" in olaf.control().refusing
                before = seen.value(PRESSURE)
                until(lambda: seen.value(PRESSURE) != before, 20, "values go on")
                until(lambda: any("record" in each.message for each in olaf.alarms()), 30, "it is an alarm")
                (small_disk / "filling").unlink()
                until(lambda: not olaf.control().refusing, 60, "it goes on by itself")
                assert olaf.confirm(chosen(olaf, 152.0)).step == "verified"
                assert at_the_device(plant) == 152.0
        assert watchroom("ledger", "verify", folder).returncode == 0


def written_until_refused(person: Person, last: float) -> tuple[float, str]:
    """The value of the last write that the ledger had room for, and how it refused the next."""
    for k in range(200):
        try:
            answer = person.write(SETPOINT, 150.0 + k % 2)
        except RequestFailed as error:
            return last, str(error)
        if "the ledger" in answer.why:
            return last, answer.why
        last = answer.new if answer.step == "verified" else last
    raise AssertionError("a full disk took every entry")


def fill(path: Path) -> None:
    """Until nothing more fits."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(512))
        except OSError:
            return
