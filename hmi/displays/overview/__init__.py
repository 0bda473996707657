"""Overview: every tag as a tile, one tag as a large number, and the trend of the chosen tags."""

from hmi.displays.display import Display

DISPLAY = Display(
    id="overview", title="Overview", icon="overview.svg", view="hmi.displays.overview.view:OverviewView"
)
