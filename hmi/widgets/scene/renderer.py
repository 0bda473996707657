"""The render thread: it alone touches VTK. Orders go in, pictures come out; nobody waits for it."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.scene.asset_look import AssetLook, Sight
from hmi.widgets.scene.camera import Camera, Frame
from hmi.widgets.scene.looks import dressed
from hmi.widgets.scene.model import Scene

if TYPE_CHECKING:
    from hmi.widgets.scene.stage import Stage

log = logging.getLogger("watchroom.scene")
STATE_S = 0.1
"""States change the picture at most this often."""
REST_S = 0.12
"""So long after the last move of the camera the fine picture follows the quick one."""
SHARE = 2.0
"""After a picture that took n seconds, states wait SHARE · n: a slow computer is not kept busy by them."""
CLOSE_S = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """``pixels`` uint8[h, w, 4] seen by ``camera`` in ``frame``; ``is_final`` = the fine one.

    ``took_s`` = what drawing it took.
    """

    pixels: NDArray[np.uint8]
    camera: Camera
    frame: Frame
    is_final: bool
    took_s: float


@dataclass(frozen=True, slots=True)
class Failed:
    """No picture can be drawn here, and why, for a person."""

    text: str


@dataclass(slots=True)
class _Orders:
    """The latest of everything asked for; older ones are overwritten, never queued."""

    scene: Scene | None = None
    theme: Theme | None = None
    looks: Mapping[str, AssetLook] = field(default_factory=dict[str, AssetLook])
    sight: Sight = Sight()
    view: tuple[Camera, Frame] | None = None
    is_new_stage: bool = False
    is_new_dress: bool = False
    is_new_view: bool = False
    is_urgent: bool = False


class Renderer:
    """A thread that draws one scene. Every call returns at once; pictures are taken with `take`.

    Overload: an order overwrites the one before it, so that a slow computer draws fewer pictures, not
    later ones.
    """

    def __init__(self) -> None:
        self._orders = _Orders()
        self._awake = threading.Condition()
        self._stops, self._is_shown = False, True
        self._answers: queue.SimpleQueue[Picture | Failed] = queue.SimpleQueue()
        self._busy = True
        self._thread = threading.Thread(target=self._run, name="scene", daemon=True)
        self._thread.start()

    def show_scene(self, scene: Scene, theme: Theme) -> None:
        """Draw these parts in this theme."""
        with self._awake:
            self._orders.scene, self._orders.theme = scene, theme
            self._orders.is_new_stage = self._orders.is_new_dress = True
            self._wake()

    def dress(self, looks: Mapping[str, AssetLook], sight: Sight, at_once: bool) -> None:
        """Give the parts their looks by asset path. ``at_once`` = a person did this and waits for it."""
        with self._awake:
            self._orders.looks, self._orders.sight = looks, sight
            self._orders.is_new_dress = True
            self._orders.is_urgent |= at_once
            self._wake()

    def look(self, camera: Camera, frame: Frame) -> None:
        """See it from here."""
        with self._awake:
            self._orders.view, self._orders.is_new_view = (camera, frame), True
            self._wake()

    def show(self, is_shown: bool) -> None:
        """While it cannot be seen nothing is drawn; what was asked for meanwhile is drawn later."""
        with self._awake:
            self._is_shown = is_shown
            self._wake()

    def take(self) -> list[Picture | Failed]:
        """What has been drawn since the last call."""
        found: list[Picture | Failed] = []
        while not self._answers.empty():
            found.append(self._answers.get())
        return found

    @property
    def is_busy(self) -> bool:
        """Whether a picture is still to come."""
        return self._busy and self._thread.is_alive()

    def close(self) -> None:
        """End the thread and free what it holds in the graphics driver."""
        with self._awake:
            self._stops = True
            self._awake.notify()
        self._thread.join(CLOSE_S)

    def _wake(self) -> None:
        self._busy = self._is_shown
        self._awake.notify()

    # In the render thread

    def _run(self) -> None:
        try:
            # Loaded here: it takes a second, and a computer without it still shows all the rest.
            from hmi.widgets.scene.stage import NoPicture, Stage

            try:
                stage = Stage()
            except NoPicture as error:
                log.warning("no 3D picture: %s", error)
                self._fail()
                return
            try:
                self._draw_on(stage)
            finally:
                stage.close()
        except Exception:
            log.exception("the 3D picture failed")
            self._fail()

    def _fail(self) -> None:
        self._busy = False
        self._answers.put(
            Failed(
                t(
                    "This computer cannot draw the scene: OpenGL 3.2 is missing, even in software. "
                    "Install the graphics driver or Mesa (libegl1, libgl1-mesa-dri) and start again; "
                    "the list on the left shows the same assets."
                )
            )
        )

    def _draw_on(self, stage: Stage) -> None:
        turn = _Turn()
        while (orders := self._next(turn)) is not None:
            begun = monotonic()
            if orders.is_new_stage and orders.scene and orders.theme:
                stage.show_scene(orders.scene, orders.theme)
            if orders.is_new_dress and orders.scene and orders.theme:
                stage.dress(dressed(orders.scene, orders.looks, orders.sight, orders.theme))
            if orders.view is None or orders.scene is None:
                continue
            camera, frame = orders.view
            # The first picture and those of a camera on the move are quick; the fine one follows at rest.
            is_final = bool(turn.drawn) and not orders.is_new_view
            pixels = stage.picture(camera, frame, is_final)
            turn.done(begun, monotonic(), is_final)
            self._answers.put(Picture(pixels, camera, frame, is_final, turn.took))

    def _next(self, turn: _Turn) -> _Orders | None:
        """Wait until something is worth drawing; None = the end."""
        with self._awake:
            while not self._stops:
                wait = self._wait(turn, monotonic())
                if wait is not None and wait <= 0:
                    orders, kept = self._orders, _Orders()
                    kept.scene, kept.theme, kept.view = orders.scene, orders.theme, orders.view
                    kept.looks, kept.sight = orders.looks, orders.sight
                    self._orders = kept
                    return orders
                self._busy = wait is not None
                self._awake.wait(wait)
        return None

    def _wait(self, turn: _Turn, now: float) -> float | None:
        """Seconds until the next picture; None = until somebody asks for one."""
        orders = self._orders
        if not self._is_shown or orders.scene is None or orders.view is None:
            return None
        if orders.is_new_view or orders.is_new_stage or orders.is_urgent:
            return 0.0
        if orders.is_new_dress:
            return max(0.0, turn.ended + max(STATE_S, SHARE * turn.took) - now)
        return None if turn.is_fine else max(0.0, turn.ended + REST_S - now)


class _Turn:
    """When the last picture was drawn, what it took, and whether it was the fine one."""

    def __init__(self) -> None:
        self.ended, self.took = -1e9, 0.0
        self.is_fine, self.drawn = True, 0

    def done(self, begun: float, ended: float, is_final: bool) -> None:
        """Note a picture."""
        self.ended, self.took, self.is_fine = ended, ended - begun, is_final
        self.drawn += 1
