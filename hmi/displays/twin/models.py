"""The CAD models of a scene, as they come off the shelf; looked for only while one is missing and seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from engine.types import Part
from hmi.cad.model import CadModel
from hmi.cad.shelf import CadShelf

LOOK_MS = 200


class Models(QObject):
    """``came`` = more of them are in `known`, by file; ``failed`` = one cannot be read, in words."""

    came = Signal()
    failed = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._folder = ""
        self._shelf: CadShelf | None = None
        self._wanted: frozenset[str] = frozenset()
        self._is_seen = False
        self.known: dict[str, CadModel] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)

    @property
    def is_waiting(self) -> bool:
        """A model that is to be drawn has not come yet, and is looked for."""
        return self._timer.isActive()

    def want(self, folder: str, parts: Iterable[Part]) -> Mapping[str, CadModel]:
        """Those of these parts that are known; the others are asked for. ``folder`` = of the project."""
        if folder != self._folder:
            self.close()
            self._folder, self.known = folder, {}
        self._wanted = frozenset(part.file for part in parts if part.shape == "model" and part.file)
        if self._wanted and self._folder:
            if self._shelf is None:
                self._shelf = CadShelf(Path(self._folder))
            # A file that has changed since is read again, so all of them are asked for.
            self._shelf.want(sorted(self._wanted))
        self._need()
        return {file: self.known[file] for file in self._wanted if file in self.known}

    def show(self, is_seen: bool) -> None:
        """Nobody looks: nothing is looked for."""
        self._is_seen = is_seen
        self._need()

    def close(self) -> None:
        """End what reads."""
        self._timer.stop()
        if self._shelf is not None:
            self._shelf.close()
            self._shelf = None

    def _need(self) -> None:
        needs = self._is_seen and self._shelf is not None and self._shelf.is_busy
        if needs != self._timer.isActive():
            self._timer.start() if needs else self._timer.stop()

    def _look(self) -> None:
        found = self._shelf.take() if self._shelf is not None else {}
        self.known.update(found)
        for each in found.values():
            if each.problem:
                self.failed.emit(each.problem)
        self._need()
        if self._wanted.intersection(found):
            self.came.emit()
