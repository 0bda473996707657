"""The displays, in the order of the rail. A display that does not work yet is not in this list."""

from hmi.displays import alarms, overview, system, trends, twin, unit
from hmi.displays.display import Display

DISPLAYS: tuple[Display, ...] = (
    overview.DISPLAY,
    twin.DISPLAY,
    trends.DISPLAY,
    alarms.DISPLAY,
    system.DISPLAY,
    unit.DISPLAY,
)

__all__ = ["DISPLAYS", "Display"]
