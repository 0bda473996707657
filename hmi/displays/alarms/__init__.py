"""Alarms: what waits for a person, what was set aside and why."""

from hmi.displays.display import Display

DISPLAY = Display(id="alarms", title="Alarms", icon="alarms.svg", view="hmi.displays.alarms.view:AlarmsView")
