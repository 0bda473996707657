"""The displays, in the order of the rail. A display that does not work yet is not in this list."""

from hmi.displays import overview, system
from hmi.displays.display import Display

DISPLAYS: tuple[Display, ...] = (overview.DISPLAY, system.DISPLAY)

__all__ = ["DISPLAYS", "Display"]
