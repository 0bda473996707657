"""Overview: the line in process order, its utilities, its figures, and the trend of what matters most."""

from hmi.displays.display import Display

DISPLAY = Display(
    id="overview", title="Overview", icon="overview.svg", view="hmi.displays.overview.view:OverviewView"
)
