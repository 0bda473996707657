"""Moving the eye of a scene from where it is to somewhere else, in less time than a person waits for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from hmi.displays.twin.framing import home_of, near_to, turned_in
from hmi.widgets.scene.camera import Camera
from hmi.widgets.scene_view import SceneView

FLIGHT_MS, STEP_MS = 320, 25


class Flight(QObject):
    """Flies the eye of ``scene``; with ``is_still`` it is there at once. A hand on the scene ends a flight.

    ``landed`` = it is where it was to go, or a hand took over.
    """

    landed = Signal()

    def __init__(self, scene: SceneView) -> None:
        super().__init__(scene)
        self._scene = scene
        self.is_still = False
        self._start = self._end = scene.camera
        self._ends_home = False
        self._wish = ""
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(STEP_MS)
        self._timer.timeout.connect(self._step)
        scene.moved.connect(self.stop)
        scene.built.connect(self._go_on)

    @property
    def is_flying(self) -> bool:
        """Not there yet."""
        return self._timer.isActive() or bool(self._wish)

    @property
    def end(self) -> Camera:
        """Where it leads; where the eye is while it rests."""
        return self._end if self._timer.isActive() else self._scene.camera

    def to_home(self) -> None:
        """All of the scene."""
        self._fly(home_of(self._scene), ends_home=True)

    def to_asset(self, path: str) -> bool:
        """Near to an asset, from the same side; False for one that nothing is drawn of. While the scene is
        being put together it waits for that.
        """
        self._wish = "" if self._scene.is_built else path
        if self._wish:
            return True
        end = near_to(self._scene, path, self.end)
        if end is not None:
            self._fly(end)
        return end is not None

    def to_camera(self, end: Camera) -> None:
        """To a view that was kept."""
        self._fly(end)

    def _go_on(self) -> None:
        path, self._wish = self._wish, ""
        if path and not self.to_asset(path):
            self.landed.emit()

    def stop(self) -> None:
        """Stay where it is now."""
        self._wish = ""
        if self._timer.isActive():
            self._timer.stop()
            self.landed.emit()

    def _fly(self, end: Camera, ends_home: bool = False) -> None:
        self._wish = ""
        self._start, self._end, self._ends_home = self._scene.camera, end, ends_home
        if self.is_still or not self._scene.isVisible() or self._start == end:
            self._timer.stop()
            self._land()
            return
        self._clock.start()
        self._timer.start()

    def _step(self) -> None:
        share = min(1.0, self._clock.elapsed() / FLIGHT_MS)
        if share >= 1:
            self._timer.stop()
            self._land()
            return
        # Off gently and down gently: the eye keeps what it follows.
        _look(self._scene, between(self._start, self._end, share * share * (3 - 2 * share)))

    def _land(self) -> None:
        if self._ends_home:
            self._scene.home()
        else:
            _look(self._scene, self._end)
        self.landed.emit()


def _look(scene: SceneView, camera: Camera) -> None:
    scene.fly_to(camera.target, camera.distance, turned_in(camera.azimuth), camera.elevation)


def between(start: Camera, end: Camera, share: float) -> Camera:
    """A camera ``share`` 0…1 of the way: the target in a straight line, the distance by equal factors, the
    angles the short way round.
    """
    target = np.array(start.target) + (np.array(end.target) - np.array(start.target)) * share
    turn = (end.azimuth - start.azimuth + 180) % 360 - 180
    return replace(
        end,
        target=(float(target[0]), float(target[1]), float(target[2])),
        distance=start.distance * (end.distance / start.distance) ** share,
        azimuth=(start.azimuth + turn * share + 180) % 360 - 180,
        elevation=start.elevation + (end.elevation - start.elevation) * share,
    )
