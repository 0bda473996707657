"""Twin: the plant in space, tinted where something is wrong."""

from hmi.displays.display import Display

DISPLAY = Display(
    id="twin", title="Twin", icon="twin.svg", view="hmi.displays.twin.view:TwinView", faceplate=True
)
