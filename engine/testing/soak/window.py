"""A window on the soak's project, off screen, that tells how late its own event loop is."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

from engine.paths import SAFE_PATH
from engine.testing.soak.rig import end, is_alive

TICK_MS = 20
MOST_KEPT = 5_000_000
# The window is another program: the engine's packages never import it, nor Qt.
PROGRAM = f"""
import sys, time
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication
import hmi.app
class Timed(QApplication):
    def __init__(self, words):
        super().__init__(words)
        self.last, self.late = time.monotonic(), []
        self.timer = QTimer(self)
        self.timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.timer.timeout.connect(self.tick)
        self.timer.start({TICK_MS})
    def tick(self):
        now = time.monotonic()
        self.late.append(f"{{max(0.0, (now - self.last) * 1000 - {TICK_MS}):.1f}}")
        self.last = now
        if len(self.late) >= 50:
            print(" ".join(self.late), flush=True)
            self.late.clear()
hmi.app.QApplication = Timed
sys.exit(hmi.app.main(["hmi", sys.argv[1]]))
"""


@dataclass
class Window:
    """One window process. ``late_ms`` = how late each of its 20 ms ticks came, once it had opened."""

    project: Path
    home: Path
    log: Path
    late_ms: list[float] = field(default_factory=list[float])
    process: subprocess.Popen[str] | None = None
    _reader: threading.Thread | None = None

    def open(self) -> None:
        """Start it; its settings go to a folder of the soak, not to the user's own."""
        own = {name: str(self.home) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
        with self.log.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, *SAFE_PATH, "-c", PROGRAM, str(self.project)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={**os.environ, **own, "QT_QPA_PLATFORM": "offscreen"},
            )
        self._reader = threading.Thread(target=self._read, name="window", daemon=True)
        self._reader.start()

    @property
    def is_open(self) -> bool:
        """Whether it runs, and its event loop has spoken."""
        return self.process is not None and is_alive(self.process.pid) and bool(self.late_ms)

    def close(self) -> str:
        """As a person closes it; what was the matter, "" = nothing."""
        process, self.process = self.process, None
        if process is None:
            return ""
        crashed = process.poll()
        trouble = f"a window ended by itself (code {crashed})" if crashed is not None else end(process.pid)
        process.wait()
        if self._reader is not None:
            self._reader.join()
        if process.stdout is not None:
            process.stdout.close()
        return trouble

    def _read(self) -> None:
        lines = self.process.stdout if self.process is not None else None
        for number, line in enumerate(lines or ()):
            if number and len(self.late_ms) < MOST_KEPT:  # the first second is spent on opening
                self.late_ms.extend(map(float, line.split()))
