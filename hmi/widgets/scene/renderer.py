"""The render thread: it alone touches VTK. Orders go in, pictures come out; nobody waits for it."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.types import Plan
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.scene.asset_look import AssetLook, Sight
from hmi.widgets.scene.camera import Camera, Frame
from hmi.widgets.scene.floor_plan import read_plan
from hmi.widgets.scene.looks import dressed
from hmi.widgets.scene.model import Scene
from hmi.widgets.scene.poses import Pose

if TYPE_CHECKING:
    from hmi.widgets.scene.stage import Stage

log = logging.getLogger("watchroom.scene")
STATE_S = 0.1
"""States change the picture at most this often."""
REST_S = 0.12
"""So long after the last move of the camera the fine picture follows the quick one."""
MOTION_REST_S = 1.0
"""The same after the last move of a part."""
FAST_S = 0.2
"""A computer that draws the fine picture as quickly as this does so while parts move, too."""
SHARE, BURST_S = 2.0, 1.0
"""For a picture that took n seconds, states rest SHARE · n: a slow computer is not kept busy by them. So much
of it they may owe, so that the first change after a while is drawn at once.
"""
CLOSE_S = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """``pixels`` uint8[h, w, 4] seen by ``camera`` in ``frame``; ``is_final`` = the fine one.

    ``took_s`` = what drawing it took; ``pose`` = where its moving parts are, None = at rest.
    """

    pixels: NDArray[np.uint8]
    camera: Camera
    frame: Frame
    is_final: bool
    took_s: float
    pose: Pose | None = None


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
    pose: Pose | None = None
    plan: tuple[Path, Plan] | None = None
    is_new_pose: bool = False
    is_new_plan: bool = False
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
            if scene is not self._orders.scene:
                self._orders.pose = None
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

    def stand(self, pose: Pose, at_once: bool = False) -> None:
        """Where every link of the scene is. ``at_once`` = a person moves it and waits."""
        with self._awake:
            self._orders.pose, self._orders.is_new_pose = pose, True
            self._orders.is_urgent |= at_once
            self._wake()

    def lay_plan(self, plan: tuple[Path, Plan] | None) -> None:
        """A picture of the ground plan for the floor; it is read in the render thread."""
        with self._awake:
            self._orders.plan, self._orders.is_new_plan = plan, True
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
            _prepare(stage, orders)
            if orders.view is None or orders.scene is None:
                continue
            camera, frame = orders.view
            # Where only colours change the fine picture costs hardly more than the quick one.
            is_kept = stage.is_kept(camera, frame, True, orders.sight.cut)
            is_final = is_kept or turn.may_be_fine(orders, begun)
            pixels = stage.picture(camera, frame, is_final, orders.sight.cut)
            turn.done(begun, monotonic(), is_final, is_kept)
            self._answers.put(Picture(pixels, camera, frame, is_final, turn.took, orders.pose))

    def _next(self, turn: _Turn) -> _Orders | None:
        """Wait until something is worth drawing; None = the end."""
        with self._awake:
            while not self._stops:
                wait = self._wait(turn, monotonic())
                if wait is not None and wait <= 0:
                    orders = self._orders
                    self._orders = replace(
                        orders,
                        is_new_stage=False,
                        is_new_dress=False,
                        is_new_view=False,
                        is_new_pose=False,
                        is_new_plan=False,
                        is_urgent=False,
                    )
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
        if orders.is_new_dress or orders.is_new_pose or orders.is_new_plan:
            return max(0.0, turn.ended + STATE_S - now, turn.paid - BURST_S - now)
        return None if turn.is_fine else max(0.0, turn.rests_from() - now)


def _prepare(stage: Stage, orders: _Orders) -> None:
    """Tell the stage what is new."""
    if orders.scene is None or orders.theme is None:
        return
    if orders.is_new_stage:
        stage.show_scene(orders.scene, orders.theme)
    if orders.is_new_plan or orders.is_new_stage:
        stage.show_plan(None if orders.plan is None else read_plan(*orders.plan, orders.theme))
    if (orders.is_new_pose or orders.is_new_stage) and orders.pose is not None:
        stage.stand(orders.pose)
    if orders.is_new_dress or orders.is_new_stage:
        stage.dress(dressed(orders.scene, orders.looks, orders.sight, orders.theme))


class _Turn:
    """When the last picture was drawn, what it took, and whether it was the fine one."""

    def __init__(self) -> None:
        self.ended, self.took, self.fine_took = -1e9, 0.0, 0.0
        self.is_fine, self.drawn = True, 0
        self.paid = -1e9
        self._moved = -1e9

    def may_be_fine(self, orders: _Orders, now: float) -> bool:
        """The first picture, and those of what moves, are quick; the fine one follows at rest."""
        if orders.is_new_pose:
            self._moved = now
        changes = orders.is_new_dress or now - self._moved < MOTION_REST_S
        return bool(self.drawn) and not orders.is_new_view and not (changes and self.fine_took > FAST_S)

    def rests_from(self) -> float:
        """When the fine picture is due after a quick one."""
        return max(self.ended + REST_S, self._moved + MOTION_REST_S)

    def done(self, begun: float, ended: float, is_final: bool, is_kept: bool) -> None:
        """Note a picture; ``is_kept`` = only its colours are new."""
        self.ended, self.took, self.is_fine = ended, ended - begun, is_final
        self.fine_took = self.took if is_final and not is_kept else self.fine_took
        # The fine picture comes once, when all is at rest: it owes nothing.
        self.paid = (
            max(self.paid, begun)
            + (1 + (0 if is_final and not is_kept and self.fine_took > FAST_S else SHARE)) * self.took
        )
        self.drawn += 1
