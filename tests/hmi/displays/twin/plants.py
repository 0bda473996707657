"""A small plant with a press, a robot cell and a utility, for the tests of the twin."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.types import Alarm, AssetType, Part, Plant, Project, Snapshot
from hmi.model import Model, build
from tests.hmi.plant import NOW_US, tag

LINE = "Line 1"
S10, S20, AIR = f"{LINE}/S10 Weld", f"{LINE}/S20 Press", "Utilities/Air"
ROBOT, HYDRAULICS, VALVE = f"{S10}/Robot 1", f"{S20}/Hydraulics", f"{S20}/Hydraulics/Valve 7"
TAGS = (
    tag(f"{S10}/Cycle time", "s", 0, 120, decimals=1),
    tag(f"{S10}/State", "", None, None, type="int16", states={1: "Running", 2: "Stopped"}),
    tag(f"{ROBOT}/Weld current", "kA", 0, 20, criticality="critical"),
    tag(f"{S20}/Cycle time", "s", 0, 120, decimals=1),
    tag(f"{HYDRAULICS}/Pressure", "bar", 0, 315, decimals=1, criticality="critical"),
    tag(f"{HYDRAULICS}/Note", "", None, None, type="string"),
    tag(f"{VALVE}/Open", "", None, None, type="bool"),
    tag(f"{AIR}/Pressure", "bar", 0, 10, decimals=1),
)
VALUES = (59.2, 1.0, 9.6, 58.8, 241.6, np.nan, 1.0, 6.1)
TYPES = (
    AssetType(id="weld", paths=("*/S10 *",), level="unit", cycle="Cycle time", state="State", symbol="robot"),
    AssetType(id="press", paths=("*/S20 *",), level="unit", main="Hydraulics/Pressure", cycle="Cycle time"),
    AssetType(id="robot", paths=("*/*/Robot ?",), symbol="robot"),
    AssetType(id="hydraulics", paths=("*/*/Hydraulics",), symbol="hydraulic-unit"),
    AssetType(id="air", paths=("Utilities/*",), level="utility", symbol="compressor"),
)
PARTS = (
    Part(shape="zone", asset=S10, at=(-3.0, 0.0, 0.0), label=True),
    Part(shape="robot", asset=ROBOT, at=(-3.0, -2.0, 0.0)),
    Part(shape="body", at=(-3.0, 0.0, 0.4)),
    Part(shape="zone", asset=S20, at=(3.0, 0.0, 0.0), label=True),
    Part(shape="press", asset=S20, at=(3.0, 0.0, 0.0)),
    Part(shape="hydraulic unit", asset=HYDRAULICS, at=(4.5, -2.5, 0.0)),
    Part(shape="tank", asset=AIR, at=(0.0, 6.0, 0.0), label=True),
)


def model(**more: Any) -> Model:
    """The plant as the window knows it."""
    facts: dict[str, Any] = {"types": TYPES, "parts": PARTS, **more}
    return build(Project("", Plant(name="Body shop", timezone="UTC"), (), TAGS, **facts))


def snapshot(values: tuple[float, ...] = VALUES, status: dict[int, int] | None = None) -> Snapshot:
    """All tags good and fresh but for those in ``status``."""
    n = len(values)
    made = Snapshot(
        value=np.array(values, np.float64),
        status=np.zeros(n, np.uint32),
        source_time_us=np.full(n, NOW_US - 300_000, np.int64),
        receive_time_us=np.full(n, NOW_US - 250_000, np.int64),
        age_s=np.full(n, 0.2),
        stale=np.zeros(n, np.bool_),
        version=np.full(n, 1, np.uint64),
        torn=0,
        text={},
    )
    for at, code in (status or {}).items():
        made.status[at] = code
        made.stale[at] = code == 0x408F0000
    return made


def alarm(path: str, priority: int, state: Any = "active", since_s: float = 60.0) -> Alarm:
    """An alarm of a tag."""
    since = NOW_US - round(since_s * 1e6)
    return Alarm(path, "hh", priority, state == "active", since, since, 1.0, 1.0)
