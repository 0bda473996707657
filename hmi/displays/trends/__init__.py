"""Trends: any tags over time."""

from hmi.displays.display import Display

DISPLAY = Display(
    id="trends", title="Trends", icon="trends.svg", view="hmi.displays.trends.view:TrendsView", faceplate=True
)
