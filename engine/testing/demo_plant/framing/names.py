"""What is where in the framing line."""

from __future__ import annotations

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


def under(name: str) -> tuple[str, ...]:
    """Equipment that every unit has."""
    return tuple(f"{unit}/{name}" for unit in UNIT_PATHS)


def source_of(path: str) -> str:
    """The server that offers a tag: two PLCs share the line, the utilities have their own controller."""
    if path.startswith("Utilities/"):
        return "utilities"
    return "plc-1" if path.startswith((S10, S20, S30, S40)) else "plc-2"
