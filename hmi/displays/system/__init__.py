"""System: every source with its state, what is wrong with it and what to do; and the engine's own figures."""

from hmi.displays.display import Display

DISPLAY = Display(id="system", title="System", icon="system.svg", view="hmi.displays.system.view:SystemView")
