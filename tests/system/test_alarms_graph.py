"""On a real engine: an alarm of a pump, then one downstream of it, which names the pump."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.client import Client
from engine.types import Alarm
from engine.wire import AlarmsAnswer
from tests.running import engine, eyes, until
from tests.system.test_alarms import listed, running_line

pytestmark = pytest.mark.system
PUMP, FORCE, OTHER = (
    "Line/S50 Press/Hydraulics/Vibration",
    "Line/S50 Press/Ram/Force",
    "Line/S60 Weld/Current",
)
LIMITS = f"""path,kind,limit,priority,message
{PUMP},h,5,2,Pump shakes
{FORCE},l,10,2,Force low
{OTHER},h,9,2,Hot
"""
ASSETS = "path,title\nLine/S50 Press/Hydraulics/P-501,Main pump\n"
RELATIONS = f"""subject,relation,object,medium
Line/S50 Press/Hydraulics/P-501,measured by,{PUMP},
Line/S50 Press/Hydraulics/P-501,feeds,Line/S50 Press/Ram,oil
"""


def alarms(folder: Path) -> dict[str, Alarm]:
    client = Client(folder, "test")
    try:
        return {each.path: each for each in client.call("alarms", None, AlarmsAnswer).alarms}
    finally:
        client.close()


def test_an_alarm_downstream_of_the_pump_names_the_pump_and_none_is_hidden(tmp_path: Path) -> None:
    names = {PUMP: "T0", FORCE: "T1", OTHER: "T2"}
    with running_line(tmp_path / "line", names, LIMITS) as line:
        (line.folder / "assets.csv").write_text(ASSETS)
        (line.folder / "relations.csv").write_text(RELATIONS)
        for path, value in ((PUMP, 1.0), (FORCE, 50.0), (OTHER, 1.0)):
            line.set(path, value)
        with engine(line.folder), eyes(line.folder) as seen:
            until(seen.all_good, 20, "all tags are good")
            for count, (path, value) in enumerate(((PUMP, 8.0), (FORCE, 2.0), (OTHER, 12.0)), 1):
                line.set(path, value)
                until(lambda n=count: len(listed(line.folder)) == n, 15, f"{path} is an alarm")
            found = alarms(line.folder)
        assert set(found) == {PUMP, FORCE, OTHER}
        pump, force, other = found[PUMP], found[FORCE], found[OTHER]
        assert (force.cause_id, force.cause_why) == (pump.id, "S50 P-501 feeds S50 Ram.")
        assert (pump.cause_id, other.cause_id) == (0, 0)
        assert all(each.is_annunciated for each in found.values())
