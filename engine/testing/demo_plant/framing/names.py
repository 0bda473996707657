"""What is where in the framing line."""

from __future__ import annotations

from engine.testing.demo_plant.switches import Switch

LINE = "Framing line 3"
UNITS = (
    "S10 Underbody load",
    "S20 Geo clamp",
    "S30 Spot weld A",
    "S40 Spot weld B",
    "S50 Roof press",
    "S60 Respot",
    "S70 Stud weld",
    "S80 Inspect",
)
S10, S20, S30, S40, S50, S60, S70, S80 = (f"{LINE}/{unit}" for unit in UNITS)
UNIT_PATHS = (S10, S20, S30, S40, S50, S60, S70, S80)
ROBOT_UNITS = (2, 3, 5)
"""Numbers of the units with four spot welding robots each."""
ROBOTS = tuple(f"{UNIT_PATHS[unit]}/Robot {number}" for unit in ROBOT_UNITS for number in range(1, 5))
CLAMPED_UNITS = (2, 3, 5, 6)
"""Numbers of the units whose fixture holds the body with eight pneumatic clamps."""
FIXTURE_CLAMPS = tuple(
    f"{UNIT_PATHS[unit]}/Fixture/Clamp {number}" for unit in CLAMPED_UNITS for number in range(1, 9)
)
GEO_CLAMPS = tuple(f"{S20}/Clamps/Clamp {number}" for number in range(1, 25))
AIR, WATER, POWER, OIL = (
    f"Utilities/{name}" for name in ("Compressed air", "Cooling water", "Power", "Hydraulic oil")
)


WATER_PUMPS = tuple(f"{WATER}/Pump {number}" for number in range(1, 4))
OIL_COOLER = f"{OIL}/Cooler"

HYDRAULIC_PUMP = Switch((f"{S50}/Hydraulics/Start",), (f"{S50}/Hydraulics/Stop",), react_s=1.5)
VALVES = tuple(
    Switch((f"{unit}/Air supply/Open",), (f"{unit}/Air supply/Close",), react_s=1.0) for unit in UNIT_PATHS
)
MODES_OF = tuple(Switch((f"{unit}/Auto",), (f"{unit}/Manual",), react_s=0.5) for unit in UNIT_PATHS)
RUNS = tuple(
    Switch(
        (f"{unit}/Start",),
        (f"{unit}/Stop", f"{unit}/Manual", *valve.off, *(HYDRAULIC_PUMP.off if unit == S50 else ())),
    )
    for unit, valve in zip(UNIT_PATHS, VALVES, strict=True)
)
"""A unit whose air is shut off, or whose pump stops, must be started again by a person."""
PUMPS_ON = tuple(
    Switch((f"{pump}/Start",), (f"{pump}/Stop",), starts=pump != WATER_PUMPS[2], react_s=1.2)
    for pump in WATER_PUMPS
)
"""Two pumps run, the third stands by."""
COOLER_AUTO = Switch((f"{OIL_COOLER}/Auto",), (f"{OIL_COOLER}/Manual",), react_s=0.5)
HANDS = frozenset(
    [*(path for run in RUNS for path in (*run.on, *run.off)), *(f"{unit}/Reset" for unit in UNIT_PATHS)]
)
"""Commands that change how bodies move through the line."""


def under(name: str) -> tuple[str, ...]:
    """Equipment that every unit has."""
    return tuple(f"{unit}/{name}" for unit in UNIT_PATHS)


def source_of(path: str) -> str:
    """The server that offers a tag: two PLCs share the line, the utilities have their own controller."""
    if path.startswith("Utilities/"):
        return "utilities"
    return "plc-1" if path.startswith((S10, S20, S30, S40)) else "plc-2"
