"""People on a running engine: two are two, guesses keep no owner out, and a lost file loses no work tag."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.client import RequestFailed
from engine.types import ControlSettings, RoleAt, StageState, WorkTag
from engine.wire import (
    LoginAnswer,
    LoginBody,
    PeopleAnswer,
    PeopleChangeBody,
    PersonEdit,
    SecretBody,
    StageApproveBody,
    StageBody,
    WorkTagBody,
)
from tests.people import ADA, OLAF, PASSWORD, Person, at, entries, make_people
from tests.running import engine, until

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]
PLANT = """[plant]
name = "Alone"
[[sources]]
id = "plc"
driver = "modbus"
endpoint = "tcp://127.0.0.1:9"
"""
ASSET, OWN, SECRET = "Line/Press", "a copper kettle by the window", "of this computer alone " * 2
CHECKLIST = ControlSettings().checklist


@pytest.fixture
def folder(tmp_path: Path, short_folder: Path) -> Iterator[Path]:
    """A project whose device is not there: people need none."""
    made = tmp_path / "alone"
    made.mkdir()
    (made / "plant.toml").write_text(PLANT)
    (made / "tags.csv").write_text(f"path,source,address\n{ASSET}/Pressure,plc,holding:0\n")
    yield made


def test_one_person_with_two_accounts_does_not_raise_the_stage(folder: Path) -> None:
    with engine(folder), at(folder) as ada:
        make_people(folder)
        ada.log_in(ADA)
        edit = PersonEdit("pat", "Pat Puppet", (RoleAt("engineer"),), password=PASSWORD)
        ada.ask("people_change", PeopleChangeBody((edit,)), PeopleAnswer)
        with at(folder, station="a quiet corner") as pat:
            pat.log_in("pat")
            pat.ask("secret_change", SecretBody("pat", "password", OWN, PASSWORD), bool)
        ada.ask("stage_ask", StageBody("advise", CHECKLIST), StageState)
        with pytest.raises(RequestFailed, match="set the password, PIN or badge of Pat Puppet"):
            ada.ask("stage_approve", StageApproveBody("pat", OWN), StageState)
        assert ada.control().stage.stage == "look"


def test_who_guesses_under_made_up_names_keeps_nobody_out_and_fills_no_ledger(folder: Path) -> None:
    with engine(folder):
        make_people(folder)
        with at(folder) as olaf:
            body = LoginBody("desk", OLAF, PASSWORD, device=SECRET)
            olaf.ask("login", body, LoginAnswer)
            with at(folder, station="x") as guesser:
                looked_at = 0
                for k in range(100):
                    with pytest.raises(RequestFailed) as told:
                        station = "desk" if k % 2 else f"made up {k}"
                        guesser.ask("login", LoginBody(station, OLAF, f"guess {k}"), LoginAnswer)
                    looked_at += "do not fit" in str(told.value)
                assert looked_at <= 6, "the wait is one for all of them"
                for k in range(26):
                    with pytest.raises(RequestFailed):
                        guesser.ask("login", LoginBody("x", f"nobody {k}", "x"), LoginAnswer)
                    assert guesser.session().ended == "", "seeing goes on"
            answer = olaf.ask("login", body, LoginAnswer)
            assert answer.session.person == OLAF
        refused = entries(folder, "login_refused")
        assert len([each for each in refused if each["actor"] == "unknown"]) == 20, "the rest is summed up"
    summed = [each["body"]["times"] for each in entries(folder, "login_refused") if "times" in each["body"]]
    assert sum(summed) == 6


def named_in(eyes: Person) -> bool:
    """Whether an alarm tells of the lost file and names the work tag."""
    lost = [each.cause for each in eyes.alarms() if each.name == "control lost"]
    return any(f"{ASSET} ({OLAF})" in cause for cause in lost)


def test_a_damaged_control_db_is_told_with_the_names_of_its_work_tags(folder: Path) -> None:
    with engine(folder):
        make_people(folder)
        with at(folder, OLAF) as olaf:
            olaf.ask("work_tag", WorkTagBody(ASSET, "Olaf, seal"), WorkTag)
    file = folder / "data" / "control.db"
    file.write_bytes(file.read_bytes()[:200])
    for is_damaged in (True, False):
        with engine(folder), at(folder) as eyes:
            until(lambda: eyes.control().work_tags, 30, "the work tag is seen")
            (tag,) = eyes.control().work_tags
            assert (tag.asset, tag.by) == (ASSET, OLAF)
            assert bool("control.db" in eyes.control().refusing) == is_damaged
            until(lambda: named_in(eyes), 20, "the alarm names it")
        file.unlink(missing_ok=True)
