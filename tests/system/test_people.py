"""A new project and its people: from stage look, where nothing can be written, to the first write."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import paths
from engine.client import RequestFailed
from engine.testing.beside import opcua_value
from engine.types import ControlSettings, Session, StageState
from engine.wire import (
    AlarmCommandAnswer,
    AlarmCommandBody,
    SecretBody,
    StageApproveBody,
    StageBody,
    UnlockBody,
)
from tests.people import PASSWORD, SLOW_S, Person, at, entries, steps_of
from tests.running import PRESSURE, Plant, demo_plant, eyes, start_engine, stop, until, watchroom

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]
SETPOINT = "Framing line 3/S50 Roof press/Hydraulics/Pressure setpoint"
NODE = "nsu=urn:watchroom:demo;s=S50.PressureSetpoint"
OIL, WATER = "Framing line 3/S50 Roof press/Hydraulics/Oil temperature", "Utilities/Cooling water/Temperature"
ALARMS = f"path,kind,limit,priority\n{PRESSURE},h,1,2\n{OIL},h,1,2\n{WATER},h,1,2\n"
LIST = """name,full_name,role,area
eva,Eva Engineer,engineer,
olaf,Olaf Operator,operator,Framing line 3
vera,Vera Viewer,viewer,
"""
FIRST_ONE, OWN = "first password of everybody", "another one of their own"
WRITES_MODULES = ("engine.drivers.opcua.write", "engine.drivers.modbus.write", "engine.drivers.writing")


def with_password(*words: str | Path, secret: str = PASSWORD) -> subprocess.CompletedProcess[str]:
    """A verb of the command line with passwords from a pipe."""
    return subprocess.run(
        [sys.executable, "-m", "engine", *map(str, words), "--password-stdin"],
        input=secret + "\n",
        capture_output=True,
        text=True,
        timeout=SLOW_S,
        check=False,
    )


@contextlib.contextmanager
def recorded_engine(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An engine whose interpreter records every import in its output."""
    with monkeypatch.context() as patch:
        patch.setenv("PYTHONPROFILEIMPORTTIME", "1")
        process = start_engine(folder)
    try:
        yield
    finally:
        stop(process)


def loaded(folder: Path) -> list[str]:
    """Which of the modules that write the engine has imported, by the interpreter's own record."""
    record = (paths.log(folder) / "test-engine.out").read_text()
    imported = {line.rpartition("|")[2].strip() for line in record.splitlines() if "import time:" in line}
    assert "engine.drivers.opcua.subscription" in imported, "the record is kept"
    return [each for each in WRITES_MODULES if each in imported]


def acknowledged(person: Person, path: str, by: str = "somebody") -> AlarmCommandAnswer:
    """What becomes of an acknowledgement of the alarm of a tag."""
    alarm = next(each for each in person.alarms() if each.path == path)
    command = AlarmCommandBody("acknowledge", ((alarm.id, alarm.changed_us),), by)
    return person.ask("alarm_command", command, AlarmCommandAnswer)


def acknowledged_by(person: Person, path: str) -> str:
    """Who acknowledged the alarm of a tag, "" = nobody has."""
    alarm = next(each for each in person.alarms() if each.path == path)
    return alarm.acked_by


def alarmed(plant: Plant) -> None:
    with eyes(plant.folder) as seen:
        until(seen.all_good, 60, "values flow")
    with at(plant.folder) as desk:
        until(lambda: {PRESSURE, OIL, WATER} <= {each.path for each in desk.alarms()}, 60, "alarms")


def test_from_a_new_project_to_the_first_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "press"
    with demo_plant(folder) as plant:
        (folder / "alarms.csv").write_text(ALARMS)
        with recorded_engine(folder, monkeypatch):
            alarmed(plant)
            nobody_yet(folder)
            first_people(folder)
            rights_count(folder)
            assert loaded(folder) == [], "what writes is not imported before it may"
            stage_is_raised(folder)
            writes(plant)
            assert set(loaded(folder)) >= {WRITES_MODULES[0], WRITES_MODULES[2]}
            ledger_tells(folder)
        assert watchroom("ledger", "verify", folder).returncode == 0
    secret_nowhere(folder)


def nobody_yet(folder: Path) -> None:
    """As before there were people: alarms under a typed name, and nothing reaches the plant."""
    with at(folder) as desk:
        assert desk.session().is_new and desk.control().stage.stage == "look"
        assert acknowledged(desk, PRESSURE, "Typed Name").refused == ()
        until(lambda: acknowledged_by(desk, PRESSURE) == "Typed Name", 20, "acknowledged under a typed name")
        with pytest.raises(RequestFailed, match="log in first"):
            desk.select(SETPOINT, 180.0)
    assert with_password("write", folder, SETPOINT, "180", "--as", "eva").returncode == 1


def first_people(folder: Path) -> None:
    """The first administrator at the command line, and the others from a list."""
    words = [sys.executable, "-m", "engine", "people", str(folder), "--first", "ada"]
    no_terminal = {"stdin": subprocess.DEVNULL, "start_new_session": True}
    asked = subprocess.run(words, capture_output=True, text=True, check=False, **no_terminal)
    assert asked.returncode == 1 and "nobody can be asked for the password of ada" in asked.stderr
    assert "--password-stdin" in asked.stderr and "Traceback" not in asked.stderr
    weak = with_password("people", folder, "--first", "ada", secret="short")
    assert weak.returncode == 1 and "at least 12 characters" in weak.stderr
    made = with_password("people", folder, "--first", "ada", "--full-name", "Ada Admin")
    assert made.returncode == 0, made.stderr
    again = with_password("people", folder, "--first", "eve")
    assert again.returncode != 0 and "people here already" in again.stderr
    table = folder / "people.csv"
    table.write_text(LIST.replace("viewer,", "king,"))
    trial = with_password("people", folder, "--import", table, "--as", "ada")
    assert trial.returncode != 0 and '"king" is no role' in trial.stderr
    table.write_text(LIST)
    imported = with_password("people", folder, "--import", table, "--as", "ada")
    assert imported.returncode == 0, imported.stderr
    assert "operator at Framing line 3" in imported.stdout
    table.unlink()
    with at(folder, "ada", "office") as ada:
        for name in ("eva", "olaf", "vera"):
            ada.ask("secret_change", SecretBody(name, "password", FIRST_ONE), bool)


def rights_count(folder: Path) -> None:
    """Everybody chooses a password of their own first; then rights and areas count."""
    with at(folder) as desk:
        with pytest.raises(RequestFailed):
            desk.log_in("olaf", PASSWORD)
        assert "log in first" in acknowledged_error(desk)
        for name in ("eva", "vera", "olaf"):
            until(lambda name=name: logs_in(desk, name, FIRST_ONE), 30, "no wait is left")
            assert desk.session().session is not None
            desk.ask("secret_change", SecretBody(name, "password", OWN, FIRST_ONE), bool)
        done = acknowledged(desk, OIL)
        assert done.refused == () and len(done.done) == 1
        until(lambda: acknowledged_by(desk, OIL) == "Olaf Operator", 20, "acknowledged by who is logged in")
        (refused,) = acknowledged(desk, WATER).refused
        assert "Utilities" in refused[1], "his right ends with his area"
        locked_and_unlocked(desk)
        desk.log_in("vera", OWN)
        assert len(acknowledged(desk, WATER).refused) == 1, "a viewer views"


def acknowledged_error(desk: Person) -> str:
    with pytest.raises(RequestFailed) as told:
        acknowledged(desk, OIL)
    return str(told.value)


def logs_in(desk: Person, name: str, secret: str) -> bool:
    """Whether they can log in now: after a wrong try one waits."""
    try:
        desk.log_in(name, secret)
    except RequestFailed:
        return False
    return True


def locked_and_unlocked(desk: Person) -> None:
    desk.ask("lock", None, Session)
    assert len(acknowledged(desk, PRESSURE).refused) == 1, "locked: commands are off"
    assert desk.alarms() and desk.control(), "and the view is not"
    assert not desk.ask("unlock", UnlockBody(OWN), Session).is_locked


def stage_is_raised(folder: Path) -> None:
    """Look to control takes two people twice, and the checklist."""
    with at(folder, station="stage desk") as desk:
        desk.log_in("eva", OWN)
        write = desk.select(SETPOINT, 180.0)
        assert write.step == "rejected" and 'stage "look"' in write.why
        answers = ControlSettings().checklist
        with pytest.raises(RequestFailed, match="not answered"):
            desk.ask("stage_ask", StageBody("advise", answers[1:]), StageState)
        for stage in ("advise", "control"):
            desk.ask("stage_ask", StageBody(stage, answers), StageState)
            with pytest.raises(RequestFailed):
                desk.ask("stage_approve", StageApproveBody("eva", OWN), StageState)
            state = desk.ask("stage_approve", StageApproveBody("ada", PASSWORD), StageState)
            assert (state.stage, state.by) == (stage, ("eva", "ada"))


def writes(plant: Plant) -> None:
    """At the command line: only the value that was confirmed, and seen by another client of the server."""
    folder = plant.folder
    unconfirmed = with_password("write", folder, SETPOINT, "182", "--as", "olaf", secret=OWN)
    assert unconfirmed.returncode == 1 and "not confirmed" in unconfirmed.stderr
    assert asyncio.run(opcua_value(plant.ports["press"], NODE)) == 185.0
    words = ("write", folder, SETPOINT, "182", "--confirm", "182", "--as", "olaf")
    written = with_password(*words, secret=OWN)
    assert written.returncode == 0 and f"verified  {SETPOINT}  182 bar" in written.stdout, written.stderr
    assert asyncio.run(opcua_value(plant.ports["press"], NODE)) == 182.0
    words = ("write", folder, SETPOINT, "300", "--confirm", "300", "--as", "olaf")
    over = with_password(*words, secret=OWN)
    assert over.returncode == 1 and "the most is 200 bar" in over.stderr
    assert asyncio.run(opcua_value(plant.ports["press"], NODE)) == 182.0


def ledger_tells(folder: Path) -> None:
    done = entries(folder, "write_verified")
    assert [(each["actor"], each["body"]["new"]) for each in done] == [("engine", 182.0)]
    steps = ["proposed", "checked", "selected", "confirmed", "sent", "verified"]
    assert steps_of(folder, done[0]["body"]["id"]) == steps
    raised = [each["body"]["to"] for each in entries(folder, "stage") if each["body"]["what"] == "raised"]
    assert raised == ["advise", "control"]
    assert {each["actor"] for each in entries(folder, "alarm_action")} >= {"Typed Name", "Olaf Operator"}


def secret_nowhere(folder: Path) -> None:
    """No file of the project holds a password."""
    for file in (each for each in folder.rglob("*") if each.is_file()):
        content = file.read_bytes()
        for secret in (PASSWORD, FIRST_ONE, OWN):
            assert secret.encode() not in content, file
