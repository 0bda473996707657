"""Project folders for the tests of this package, and driver rules that are easy to reason about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.config import read
from engine.types import Problem, Project, Source

PLANT = """\
[plant]
name = "Bottling line"

[[sources]]
id = "plc1"
driver = "opcua"
endpoint = "opc.tcp://10.0.0.5:4840"

[[sources]]
id = "meters"
driver = "modbus"
endpoint = "tcp://10.0.0.6:502"
"""
TAGS = """\
path,source,address
Line 1/Press/Pressure,plc1,ns=2;s=Pressure
Line 1/Meter/Power,meters,holding:100:float32
"""


@dataclass(frozen=True)
class Rules:
    """A driver: endpoints begin with ``scheme``, addresses hold ``mark`` and may end in a type."""

    scheme: str
    mark: str

    def check_source(self, source: Source) -> Sequence[str]:
        found: list[str] = []
        if not source.endpoint.startswith(self.scheme):
            found.append(f"endpoint must begin with {self.scheme}")
        if source.security == "weak":
            found.append("security weak is not allowed at this endpoint")
        return found

    def check_address(self, address: str) -> Sequence[str]:
        return [] if self.mark in address else [f'address "{address}" needs a {self.mark}']

    def tag_type(self, address: str) -> str:
        last = address.rpartition(":")[2]
        return last if last in ("float32", "uint64", "bool") else ""

    def check_frame(self, addresses: Sequence[str]) -> str:
        return "they are too far apart" if any("far" in each for each in addresses) else ""


RULES = {"opcua": Rules("opc.tcp://", "="), "modbus": Rules("tcp://", ":")}


def check(
    folder: Path, plant: str | bytes | None = PLANT, tags: str | bytes | None = TAGS
) -> tuple[Project | None, list[Problem]]:
    """Write the two files (None = leave it out) and read the folder."""
    for name, content in (("plant.toml", plant), ("tags.csv", tags)):
        if content is not None:
            (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return read(folder, RULES)


LINE = """\
path,source,address,type,unit,low,high,states
Line 3/S10 Load/State,plc1,i=1,int32,,,,0 idle|1 running|4 stopped
Line 3/S10 Load/Cycle time,plc1,i=2,float32,s,0,120,
Line 3/S10 Load/Guard closed,plc1,i=3,bool,,,,
Line 3/S10 Load/Name,plc1,i=4,string,,,,
Line 3/S50 Press/State,plc1,i=5,int32,,,,0 idle|1 running|4 stopped
Line 3/S50 Press/Cycle time,plc1,i=6,float32,s,0,120,
Line 3/S50 Press/Guard closed,plc1,i=7,bool,,,,
Line 3/S50 Press/Hydraulics/Pressure,plc1,i=8,float64,bar,0,260,
Line 3/S50 Press/Hydraulics/Setpoint,plc1,i=9,float64,bar,0,260,
Line 3/S50 Press/Good,plc1,i=10,uint32,,,,
Line 3/S50 Press/Rejects,plc1,i=11,uint32,,,,
Utilities/Air/Energy,meters,holding:1:float32,,kWh,,,
Utilities/Water/Energy,meters,holding:3:float32,,kWh,,,
"""
"""A small line: two units, one with hydraulics, and two meters."""


def check_line(folder: Path, files: Mapping[str, str]) -> tuple[Project | None, list[Problem]]:
    """Write these files beside the tags of a small line, and read the folder."""
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return check(folder, PLANT, LINE)


def said(problems: Sequence[Problem]) -> list[str]:
    """The problems as ``watchroom check`` prints them."""
    return [str(problem) for problem in problems]
