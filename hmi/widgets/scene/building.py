"""Scenes are put together in a thread: hundreds of meshes take longer than a window may wait."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping

from engine.types import Part
from hmi.cad.model import CadModel
from hmi.widgets.scene.cad_parts import Cad
from hmi.widgets.scene.model import Scene, scene_of

log = logging.getLogger("watchroom.scene")
Wanted = tuple[tuple[Part, ...], Mapping[str, CadModel]]


class Building:
    """Builds the scene asked for last; its thread lives only while there is something to build."""

    def __init__(self) -> None:
        self._cad = Cad()
        self._lock = threading.Lock()
        self._wanted: Wanted | None = None
        self._built: Scene | None = None
        self._runs = False

    @property
    def is_busy(self) -> bool:
        """Whether a scene asked for has not been taken yet."""
        with self._lock:
            return self._runs or self._built is not None

    def ask(self, parts: tuple[Part, ...], models: Mapping[str, CadModel]) -> None:
        """Build this instead of all that was asked for before."""
        with self._lock:
            self._wanted, self._built = (parts, models), None
            if not self._runs:
                self._runs = True
                threading.Thread(target=self._run, name="scene parts", daemon=True).start()

    def take(self) -> Scene | None:
        """The scene asked for last, once; None while it is not there."""
        with self._lock:
            built, self._built = self._built, None
            return built

    def _run(self) -> None:
        while (wanted := self._next()) is not None:
            scene = self._scene_of(wanted)
            with self._lock:
                # Meanwhile something else may be wanted: then nobody sees this one.
                if self._wanted is None:
                    self._built = scene

    def _next(self) -> Wanted | None:
        with self._lock:
            wanted, self._wanted = self._wanted, None
            self._runs = wanted is not None
            return wanted

    def _scene_of(self, wanted: Wanted) -> Scene | None:
        try:
            return scene_of(*wanted, self._cad)
        except Exception:
            log.exception("the parts of the scene could not be put together; the one before stays")
            return None
