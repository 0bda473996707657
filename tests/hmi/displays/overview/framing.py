"""The framing line in small: eight units, four utilities, their types, limits, figures and values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from engine.types import Alarm, AssetType, Kpi, KpiRule, Limit, Plant, Project, Snapshot, Tag
from hmi.model import Model, build
from tests.hmi.plant import NOW_US, tag
from tests.hmi.plant import snapshot as small_snapshot

LINE = "Framing line 3"
STATES = {0: "idle", 1: "running", 2: "blocked", 3: "starved", 4: "stopped", 5: "fault"}
UNITS: tuple[tuple[str, str, str, str, float, float, float], ...] = (
    ("S10 Underbody load", "lift", "Lift force", "kN", 0, 20, 10.0),
    ("S20 Geo clamp", "clamp", "Clamp force", "kN", 0, 20, 11.0),
    ("S30 Spot weld A", "robot", "Weld current", "kA", 0, 14, 11.9),
    ("S40 Spot weld B", "robot", "Weld current", "kA", 0, 14, 9.6),
    ("S50 Roof press", "press", "Pressure", "bar", 0, 260, 241.6),
    ("S60 Respot", "robot", "Axis 4 temp.", "°C", 0, 90, 70.8),
    ("S70 Stud weld", "stud-gun", "Weld current", "kA", 0, 14, 8.8),
    ("S80 Inspect", "inspection", "Gap, worst", "mm", 0, 0.84, 0.42),
)
UTILITIES = (
    ("Compressed air", "compressor", "Pressure", "bar", 4, 8, 6.1),
    ("Cooling water", "pump", "Supply temperature", "°C", 0, 40, 18.4),
    ("Power", "transformer", "Load", "kW", 0, 800, 412.0),
    ("Hydraulic oil", "hydraulic-unit", "Temperature", "°C", 0, 80, 46.2),
)
S30, S50, S60, AIR = (
    f"{LINE}/S30 Spot weld A",
    f"{LINE}/S50 Roof press",
    f"{LINE}/S60 Respot",
    "Utilities/Compressed air",
)
PLANT = Plant(name=LINE, timezone="Europe/Berlin")
RULES = (
    KpiRule(id="oee", kind="oee", title="OEE", unit="%", target=82),
    KpiRule(id="jph", kind="throughput", title="Throughput", unit="/h", target=53.1),
    KpiRule(id="energy", kind="energy", title="Energy per body", unit="kWh", decimals=2, target=4.6),
)


def _unit_tags(name: str, main: str, unit: str, low: float, high: float) -> list[Tag]:
    path = f"{LINE}/{name}"
    span = {"decimals": 2} if high < 1 else {"decimals": 1}
    return [
        tag(f"{path}/State", "", None, None, type="uint16", states=STATES),
        tag(f"{path}/{main}", unit, low, high, criticality="critical", **span),
        tag(f"{path}/{main} setpoint", unit, low, high, **span),
        tag(f"{path}/Cycle time", "s", 0, 120, decimals=1),
        tag(f"{path}/Body", "", None, None, type="uint32"),
        tag(f"{path}/Oil temperature", "°C", 0, 90, decimals=1),
    ]


def _utility_tags(name: str, main: str, unit: str, low: float, high: float) -> list[Tag]:
    path = f"Utilities/{name}"
    decimals = 0 if high > 200 else 1
    return [
        tag(f"{path}/{main}", unit, low, high, decimals=decimals),
        tag(f"{path}/Running", "", None, None, type="bool"),
    ]


def _types() -> tuple[AssetType, ...]:
    made = [
        AssetType(
            id=f"unit-{at}",
            paths=(f"*/{name}",),
            level="unit",
            symbol=symbol,
            main=main,
            setpoint=f"{main} setpoint",
            nominal=(low + (high - low) * 0.3, low + (high - low) * 0.7),
            state="State",
            cycle="Cycle time",
            part="Body",
            trend=(main, "Oil temperature"),
        )
        for at, (name, symbol, main, _, low, high, _) in enumerate(UNITS)
    ]
    made += [
        AssetType(
            id=f"utility-{at}",
            paths=(f"Utilities/{name}",),
            level="utility",
            symbol=symbol,
            main=main,
            nominal=(low + (high - low) * 0.3, low + (high - low) * 0.7),
            state="Running",
            trend=(main,),
        )
        for at, (name, symbol, main, _, low, high, _) in enumerate(UTILITIES)
    ]
    return tuple(made)


def _limits() -> tuple[Limit, ...]:
    found: list[Limit] = []
    for name, _, main, _, low, high, _ in UNITS:
        path, span = f"{LINE}/{name}/{main}", high - low
        found += [
            Limit(path, "l", low + span * 0.12),
            Limit(path, "h", low + span * 0.83, priority=2),
            Limit(path, "hh", low + span * 0.9, priority=1),
        ]
    return tuple(found)


def project(units: int = 8, utilities: int = 4) -> Project:
    """The line with so many of its units and utilities; more than eight are copies."""
    tags: list[Tag] = []
    types = list(_types())
    for at in range(units):
        name, _, main, unit, low, high, _ = UNITS[at % 8]
        if at >= 8:
            name = f"S{(at + 1) * 10} {name.partition(' ')[2]}"
            types.append(
                AssetType(
                    **{
                        **{each: getattr(types[at % 8], each) for each in AssetType.__struct_fields__},
                        "id": f"copy-{at}",
                        "paths": (f"*/{name}",),
                    }
                )
            )
        tags += _unit_tags(name, main, unit, low, high)
    for name, _, main, unit, low, high, _ in UTILITIES[:utilities]:
        tags += _utility_tags(name, main, unit, low, high)
    return Project("", PLANT, (), tuple(tags), tuple(types), _limits(), kpis=RULES)


def model(units: int = 8, utilities: int = 4) -> Model:
    """The model of `project`."""
    return build(project(units, utilities))


_AMOUNTS = {
    **{f"{LINE}/{name}/{main}": value for name, _, main, _, _, _, value in UNITS},
    **{f"Utilities/{name}/{main}": value for name, _, main, _, _, _, value in UTILITIES},
}
_CYCLES = (59.2, 59.2, 56.8, 56.8, 58.8, 56.8, 59.2, 57.6)
_BODIES = (4471, 4470, 4469, 4468, 4467, 4466, 4465, 4464)


def _value(made: Model, at: int) -> float:
    path = made.tags[at].path
    name = path.rpartition("/")[2]
    low, high = made.tags[at].low or 0.0, made.tags[at].high or 0.0
    place = next((n for n, each in enumerate(made.units) if path.startswith(each)), 0)
    if path in _AMOUNTS:
        return _AMOUNTS[path]
    if name in ("State", "Running"):
        return 1.0
    if name == "Cycle time":
        return _CYCLES[place % 8]
    if name == "Body":
        return float(_BODIES[place % 8] - 8 * (place // 8))
    return 46.2 if name == "Oil temperature" else (low + high) / 2


def values_of(
    made: Model,
    changed: dict[str, float] | None = None,
    status: dict[str, int] | None = None,
    alarm: dict[str, int] | None = None,
) -> Snapshot:
    """Every value as in the picture, but for those changed; ``status`` and ``alarm`` by tag path."""
    amounts = tuple((changed or {}).get(each.path, _value(made, at)) for at, each in enumerate(made.tags))
    codes = {made.index[path]: code for path, code in (status or {}).items()}
    found = small_snapshot(amounts, codes)
    alarms = np.zeros(len(amounts), np.uint8)
    for path, priority in (alarm or {}).items():
        alarms[made.index[path]] = priority
    return replace(found, alarm=alarms)


def all_below(made: Model, path: str, code: int) -> dict[str, int]:
    """This status for every tag of an asset."""
    return {made.tags[at].path: code for at in made.assets[path].below}


def alarm(path: str, priority: int = 1, kind: Any = "hh", state: Any = "active", **more: Any) -> Alarm:
    """An alarm of the last minutes."""
    facts: dict[str, Any] = {"since_us": NOW_US - 60_000_000, "changed_us": NOW_US - 60_000_000, **more}
    return Alarm(path=path, kind=kind, priority=priority, active=state == "active", **facts)


ALARMS = (
    alarm(f"{S50}/Pressure", 1, "hh", message="Pressure high-high", value=241.6, limit=240.0),
    alarm(f"{S30}/Weld current", 2, "h", message="Weld current high"),
    alarm(f"{S60}/Axis 4 temp.", 3, "h"),
    alarm(f"{AIR}/Pressure", 2, "l", "returned"),
)
KPIS = (
    Kpi("oee", "OEE", "%", 1, 78.4, 0, 82, "S50 stops 14 min", NOW_US, 0.3),
    Kpi("jph", "Throughput", "/h", 1, 51.2, 0, 53.1, "S50 slow cycle", NOW_US, 0.3),
    Kpi("energy", "Energy per body", "kWh", 2, 4.82, 0, 4.6, "compressed air", NOW_US, 0.3),
)
