"""A small plant with two units, a text, states and limits, for the tests of Trends."""

from __future__ import annotations

from engine.types import AssetType, Limit, Project
from hmi.model import build
from tests.hmi.plant import PLANT, tag

PRESS, RESPOT = "Body shop/S50 Roof press", "Body shop/S60 Respot"
PRESSURE, OIL = f"{PRESS}/Hydraulics/Pressure", f"{PRESS}/Hydraulics/Oil temperature"
PUMP, STATE = f"{PRESS}/Hydraulics/Pump running", f"{PRESS}/State"
FORCE, SERIAL = f"{RESPOT}/Robot 1/Force", f"{RESPOT}/Serial"
MANY = tuple(f"{RESPOT}/Motor {n}/Current" for n in range(40))
TAGS = (
    tag(PRESSURE, criticality="critical", decimals=1),
    tag(OIL, "°C", 0, 90, decimals=1),
    tag(PUMP, "", None, None, type="bool"),
    tag(STATE, "", None, None, type="uint16", states={0: "Off", 1: "Running"}),
    tag(FORCE, "kN", 0, 20),
    tag(SERIAL, "", None, None, type="string"),
    *(tag(path, "A", 0, 40) for path in MANY),
)
TYPES = (
    AssetType(
        id="press",
        paths=("*/S50 *",),
        level="unit",
        trend=("Hydraulics/Pressure", "Hydraulics/Oil temperature"),
    ),
    AssetType(id="cell", paths=("*/S60 *",), level="unit"),
)
LIMITS = (Limit(PRESSURE, "hh", 240.0, 1),)
MODEL = build(Project("", PLANT, (), TAGS, types=TYPES, limits=LIMITS))
VALUES = (217.0, *(float(n) for n in range(1, len(TAGS))))
