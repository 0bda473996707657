"""Handshakes that rows of writes.csv name: what cannot be written over one is told before anything starts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine import paths
from engine.config import read
from engine.drivers import modbus, opcua
from engine.types import HANDSHAKE, Project

DRIVERS = {"opcua": opcua.DRIVER, "modbus": modbus.DRIVER}
PLANT = """\
[[sources]]
id = "press"
driver = "opcua"
endpoint = "opc.tcp://h"
security = "Basic256Sha256"
[[sources]]
id = "oven"
driver = "modbus"
endpoint = "tcp://h"
unsecured_writes = true
"""
SETPOINT, BLOCK = "Line/Press/Setpoint", "Line/Press/Handshake"
PLACES = dict(zip(HANDSHAKE, (0, 2, 4, 6, 20, 22, 24), strict=True))


def tags(over: str = "modbus", **instead: str) -> dict[str, str]:
    """Rows of tags.csv by name; ``instead`` = source, address, type, factor of a part."""
    found = dict[str, str]()
    for name, kinds in HANDSHAKE.items():
        source = f"oven,holding:{PLACES[name]}:{kinds[0]},,"
        found[name] = source if over == "modbus" else f"press,nsu=urn:a;s={name},{kinds[0]},"
    found |= instead
    return {name: f"{BLOCK}/{name},{row}\n" for name, row in found.items() if row}


def said(folder: Path, rows: dict[str, str], writes: str = "") -> tuple[Project | None, list[str]]:
    is_modbus = any(",oven," in row for row in rows.values())
    own = "oven,holding:40:float32,," if is_modbus else "press,nsu=urn:a;s=S,float32,"
    head = f"path,source,address,type,factor\n{SETPOINT},{own}\nLine/Press/Other,{own}\n"
    (folder / "plant.toml").write_text(PLANT)
    (folder / "tags.csv").write_text(head + "".join(rows.values()))
    rules = (writes or f"{SETPOINT},./Handshake\n").replace("\n", ",0,10,0.1\n")
    (folder / "writes.csv").write_text(f"tag,handshake,low,high,tolerance\n{rules}")
    project, problems = read(folder, DRIVERS)
    return project, [each.message for each in problems if each.severity == "error"]


@pytest.mark.parametrize("over", ["modbus", "opcua"])
def test_whole_handshake_is_taken_with_its_path(tmp_path: Path, over: str) -> None:
    project, problems = said(tmp_path, tags(over))
    assert problems == [] and project is not None
    assert [rule.handshake for rule in project.writes] == [BLOCK]


@pytest.mark.parametrize(
    ("over", "instead", "sentence"),
    [
        ("modbus", {"Ack": "", "Clock": ""}, "Answer below it; there is no Clock, Ack"),
        ("modbus", {"Number": "oven,holding:2:int32,,"}, 'Number is int32: it must be "uint32"'),
        ("opcua", {"Number": "press,i=4,,"}, 'Number states no type in tags.csv: it must be "uint32"'),
        ("opcua", {"Value": "press,i=4,float64,"}, 'is float64: it must be "float32", "int32" or "uint32"'),
        ("modbus", {"Clock": "oven,holding:20:uint32,,0.1"}, "Clock has a factor or an offset"),
        ("modbus", {"Clock": "press,i=3,uint32,"}, 'Clock is of source "press", and the tag is of "oven"'),
        (
            "modbus",
            {"Check": "oven,holding:7:uint16,,"},
            "after holding 4, which ends at 5, comes 7",
        ),
        ("modbus", {"Check": "oven,input:6:uint16,,"}, "writes whole holding registers"),
        ("opcua", {"Check": "press,at=Sub.Check;i=3,uint16,"}, "a part of a larger value (at=) cannot be"),
    ],
)
def test_what_cannot_carry_a_write_is_refused(
    tmp_path: Path, over: str, instead: dict[str, str], sentence: str
) -> None:
    project, problems = said(tmp_path, tags(over, **instead))
    assert project is None and len(problems) == 1
    assert problems[0].startswith(f'handshake "{BLOCK}": ') and sentence in problems[0]


def test_registers_may_stand_in_any_order(tmp_path: Path) -> None:
    mixed = {
        "Value": "oven,holding:5:float32:swap,,", "Number": "oven,holding:0:uint32,,",
        "Check": "oven,holding:2:uint16,,", "Expiry": "oven,holding:3:uint32,,",
    }  # fmt: skip
    assert said(tmp_path, tags(**mixed))[1] == []


def test_one_handshake_serves_one_tag_and_its_parts_are_not_written_alone(tmp_path: Path) -> None:
    rows = f"{SETPOINT},./Handshake\nLine/Press/Other,./Handshake\n{BLOCK}/Value,\n"
    _, problems = said(tmp_path, tags(), rows)
    assert len(problems) == 2
    assert "on line 2 already: it serves one tag" in problems[0]
    assert f'is part of the handshake "{BLOCK}": take this row out' in problems[1]


def test_example_of_the_help_page_is_read_without_a_word(tmp_path: Path) -> None:
    page = (paths.resources() / "docs" / "handshake.md").read_text(encoding="utf-8")
    tags_csv, writes_csv = re.findall(r"```\n(.*?)```", page, re.S)
    for name, text in (("plant.toml", PLANT), ("tags.csv", tags_csv), ("writes.csv", writes_csv)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    project, problems = read(tmp_path, DRIVERS)
    assert problems == [] and project is not None
    assert project.writes[0].handshake == "Line/Oven/Handshake"
    assert all(f"| `{name}` |" in page for name in HANDSHAKE)
