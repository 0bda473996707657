"""Unit: one station at work, its devices, modes, interlocks, trend; and every tag it has."""

from hmi.displays.display import Display

DISPLAY = Display(
    id="unit",
    title="Unit",
    icon="overview.svg",
    view="hmi.displays.unit.view:UnitView",
    rail=False,
    parent="overview",
    faceplate=True,
)
