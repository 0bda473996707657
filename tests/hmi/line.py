"""A made-up line with types, limits and alarms: what the shell needs to show all it can."""

from __future__ import annotations

from engine.types import Alarm, AssetType, Limit, Project
from tests.hmi.plant import NOW_US, PLANT, tag

PRESS = "Framing/S50 Roof press"
PRESSURE = f"{PRESS}/Hydraulics/Pressure"
SETPOINT = f"{PRESS}/Hydraulics/Pressure setpoint"
PUMP = f"{PRESS}/Hydraulics/Pump running"
FORCE = f"{PRESS}/Ram/Force"
WELD = "Framing/S30 Spot weld A/Robot 1/Weld current"
AIR = "Utilities/Compressed air/Header pressure"

TAGS = (
    tag(WELD, "kA", 0, 20, criticality="critical"),
    tag(PRESSURE, "bar", 160, 260, criticality="critical", decimals=1),
    tag(SETPOINT, "bar", 160, 260, decimals=1),
    tag(f"{PRESS}/Hydraulics/Oil temperature", "°C", 0, 80),
    tag(PUMP, "", None, None, type="bool"),
    tag(FORCE, "kN", 0, 2500, decimals=0),
    tag(f"{PRESS}/Mode", "", None, None, type="int32", states={1: "manual", 2: "auto"}),
    tag(f"{PRESS}/Recipe", "", None, None, type="string"),
    tag(AIR, "bar", 4, 8, decimals=1),
)
VALUES = (11.9, 241.6, 220.0, 46.2, 1.0, 1842.0, 2.0, 1.0, 6.1)
TYPES = (
    AssetType(
        id="press",
        title="Hydraulic press",
        paths=("*/S50 *",),
        level="unit",
        main="Hydraulics/Pressure",
        mode="Mode",
    ),
    AssetType(
        id="hydraulics",
        title="Hydraulics",
        paths=("*/*/Hydraulics",),
        main="Pressure",
        setpoint="Pressure setpoint",
        shown=("Oil temperature", "Pump running"),
        nominal=(180, 232),
    ),
    AssetType(id="air", paths=("Utilities/*",), level="utility", main="Header pressure"),
)
LIMITS = (
    Limit(PRESSURE, "hh", 240, 1, message="Pressure high-high"),
    Limit(PRESSURE, "h", 232, 2),
    Limit(PRESSURE, "l", 180, 3),
    Limit(PRESSURE, "trip", 248, 0),
    Limit(WELD, "h", 11.5, 2),
    Limit(AIR, "l", 6.0, 2),
    Limit(PUMP, "off", None, 3),
)
LINE = Project("", PLANT, (), TAGS, TYPES, LIMITS)


def alarm(
    path: str = PRESSURE, priority: int = 1, state: str = "active", ago_s: int = 25, **more: object
) -> Alarm:
    """An alarm that began ``ago_s`` seconds before `NOW_US`; a returned one returned half that long ago."""
    facts: dict[str, object] = {
        "kind": "hh",
        "value": 241.6,
        "limit": 240.0,
        "message": "Pressure high-high",
        "cause": "seal leak",
        "response": "lower setpoint, inspect",
        "changed_us": NOW_US - ago_s * (500_000 if state == "returned" else 1_000_000),
        "letter": "D" if state == "returned" else "B",
        "id": next((at for at, each in enumerate(TAGS, start=1) if each.path == path), len(TAGS) + 1),
    }
    made = {
        **facts,
        "path": path,
        "priority": priority,
        "active": state == "active",
        "since_us": NOW_US - ago_s * 1_000_000,
    }
    return Alarm(**{**made, **more})  # pyright: ignore[reportArgumentType]


HIGH = alarm()
TIPS = alarm(
    WELD,
    2,
    ago_s=358,
    kind="h",
    value=11.9,
    limit=11.5,
    message="Weld current high",
    cause="tip wear",
    response="dress tips",
)
LOW_AIR = alarm(
    AIR,
    2,
    "returned",
    431,
    kind="l",
    value=5.8,
    limit=6.0,
    message="Header pressure low",
    cause="air leak",
    response="check dryer",
)
