"""A made-up robot cell with types, interlocks, feedback and a drawing, for the tests of the unit display."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.types import (
    AssetType,
    Feedback,
    Interlock,
    Limit,
    Mimic,
    MimicPipe,
    MimicSymbol,
    MimicValue,
    Project,
    Snapshot,
)
from hmi.model import Model, build
from tests.hmi.plant import NOW_US, PLANT, STALE, tag

CELL, PRESS = "Line 3/S30 Spot weld", "Line 3/S50 Press"
AIR = "Utilities/Compressed air"
MODES, STATES = {0: "off", 2: "auto"}, {0: "idle", 1: "running", 5: "fault"}
STEPS = {n: ("pressing" if n == 7 else f"step {n}") for n in range(12)}
TAGS = (
    tag(f"{CELL}/Mode", "", None, None, type="int32", states=MODES),
    tag(f"{CELL}/State", "", None, None, type="int32", states=STATES),
    tag(f"{CELL}/Interlocks/Guard closed", "", None, None, type="bool"),
    tag(f"{CELL}/Interlocks/Door open", "", None, None, type="bool"),
    tag(f"{CELL}/Robot 1/State", "", None, None, type="int32", states=STATES),
    tag(f"{CELL}/Robot 1/Weld current", "kA", 4, 14, criticality="critical", decimals=2),
    tag(f"{CELL}/Robot 1/Weld current setpoint", "kA", 4, 14, decimals=1),
    tag(f"{CELL}/Robot 1/Tip wear", "%", 0, 100, decimals=1),
    tag(f"{CELL}/Robot 2/State", "", None, None, type="int32", states=STATES),
    tag(f"{CELL}/Robot 2/Weld current", "kA", 4, 14, criticality="critical", decimals=2),
    tag(f"{CELL}/Robot 2/Tip wear", "%", 0, 100, decimals=1),
    tag(f"{CELL}/Cabinet/Temperature", "°C", 0, 70),
    tag(f"{PRESS}/Mode", "", None, None, type="int32", states=MODES),
    tag(f"{PRESS}/Step", "", None, None, type="int32", states=STEPS),
    tag(f"{PRESS}/Body", "", 0, 1e7, decimals=0),
    tag(f"{PRESS}/Hydraulics/Pressure", "bar", 160, 260, criticality="critical", decimals=1),
    tag(f"{PRESS}/Hydraulics/Pump start", "", None, None, type="bool"),
    tag(f"{PRESS}/Hydraulics/Pump running", "", None, None, type="bool"),
    tag(f"{PRESS}/Hydraulics/Valve demand", "%", 0, 100, decimals=0),
    tag(f"{PRESS}/Hydraulics/Valve position", "%", 0, 100, decimals=1),
    tag(f"{PRESS}/Hydraulics/Oil level", "%", 0, 100, decimals=0),
    tag(f"{PRESS}/Ram/Force", "kN", 0, 2500, decimals=0),
    tag(f"{AIR}/Pressure", "bar", 4, 8, decimals=1),
)
VALUES = (2, 1, 1, 0, 1, 9.25, 9.0, 53, 5, 9.1, 40, 31, 2, 7, 4467, 218.6, 1, 1, 62, 61.6, 71, 1842, 6.1)
TYPES = (
    AssetType(
        id="cell",
        paths=("*/S30 *",),
        level="unit",
        main="Robot 1/Weld current",
        mode="Mode",
        state="State",
        interlocks=(
            Interlock("Interlocks/Guard closed"),
            Interlock("Interlocks/Door open", ok=False),
            Interlock("Interlocks/Not there"),
        ),
    ),
    AssetType(
        id="press",
        paths=("*/S50 *",),
        level="unit",
        main="Hydraulics/Pressure",
        mode="Mode",
        step="Step",
        part="Body",
        trend=("Hydraulics/Pressure", "Hydraulics/Oil level"),
        feedback=(
            Feedback("Hydraulics/Pump start", "Hydraulics/Pump running", "P-501"),
            Feedback("Hydraulics/Valve demand", "Hydraulics/Valve position", "V-502"),
        ),
    ),
    AssetType(
        id="robot",
        paths=("*/*/Robot ?",),
        symbol="robot",
        main="Weld current",
        setpoint="Weld current setpoint",
        state="State",
        shown=("Tip wear",),
        feedback=(Feedback("Weld current setpoint", "Weld current", "Weld current"),),
    ),
    AssetType(id="air", paths=("Utilities/*",), level="utility", main="Pressure"),
)
MIMIC = Mimic(
    PRESS,
    "Hydraulic circuit",
    (900, 400),
    (
        MimicSymbol("tank", (20, 250), (160, 96), title="Oil tank", level="Hydraulics/Oil level"),
        MimicSymbol(
            "pump",
            (220, 60),
            title="P-501",
            running="Hydraulics/Pump running",
            lines=("Hydraulics/Pressure",),
        ),
        MimicSymbol("press", (700, 40), (180, 180), "Ram", "Ram", lines=("Ram/Force",)),
    ),
    (
        MimicValue("Hydraulics/Pressure", (360, 4), to=(440, 106)),
        MimicValue("Hydraulics/Not there", (360, 100)),
    ),
    (MimicPipe(((100, 250), (100, 106), (220, 106))),),
)
LIMITS = (
    Limit(f"{PRESS}/Hydraulics/Pressure", "hh", 240, 1),
    Limit(f"{PRESS}/Hydraulics/Pressure", "trip", 248, 0),
)
PROJECT = Project("", PLANT, (), TAGS, TYPES, LIMITS, mimics=(MIMIC,))


def model(project: Project = PROJECT) -> Model:
    """The cell, the press and the air as the window knows them."""
    return build(project)


def snapshot(
    now: dict[str, float] | None = None,
    status: dict[str, int] | None = None,
    alarm: dict[str, int] | None = None,
    since: dict[str, int] | None = None,
) -> Snapshot:
    """Everything good but what is named, by path; ``since`` = seconds before `NOW_US` of the source time."""
    index = {each.path: at for at, each in enumerate(TAGS)}
    n = len(TAGS)
    made = Snapshot(
        value=np.array(VALUES, np.float64),
        status=np.zeros(n, np.uint32),
        source_time_us=np.full(n, NOW_US - 300_000, np.int64),
        receive_time_us=np.full(n, NOW_US - 250_000, np.int64),
        age_s=np.full(n, 0.2),
        stale=np.zeros(n, np.bool_),
        version=np.ones(n, np.uint64),
        torn=0,
        alarm=np.zeros(n, np.uint8),
    )
    for path, value in (now or {}).items():
        made.value[index[path]] = value
        made.version[index[path]] += 1
    for path, code in (status or {}).items():
        made.status[index[path]], made.stale[index[path]] = code, code == STALE
        made.age_s[index[path]] = 185.0 if code == STALE else 0.2
    for path, priority in (alarm or {}).items():
        made.alarm[index[path]] = priority
    for path, seconds in (since or {}).items():
        made.source_time_us[index[path]] = NOW_US - seconds * 1_000_000
    return made


def all_stale(before: Snapshot) -> Snapshot:
    """The same with every value three minutes old."""
    n = before.value.size
    return replace(
        before,
        status=np.full(n, STALE, np.uint32),
        stale=np.ones(n, np.bool_),
        age_s=np.full(n, 185.0),
        version=before.version + np.uint64(1),
    )
