"""A model in a process of its own: unsigned and new ones. Whatever it does there, the engine goes on.

Every call has a deadline and is the process's heartbeat. One that crashes, hangs, or takes too much is ended
and said so; after `RESTARTS` of these within `WITHIN_S` the model is refused until it is opened anew.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from typing import IO, cast

import msgspec
import numpy as np
import psutil
from numpy.typing import NDArray

from engine.paths import SAFE_PATH
from engine.prediction import guarded, limits
from engine.prediction.card import feature_names
from engine.prediction.package import Checked, PackageRefused
from engine.types import ModelCard

log = logging.getLogger("watchroom.prediction")

START_S = 30.0
"""For the interpreter and onnxruntime on a slow, busy computer, before any model is in it."""
ANSWER_S = 5.0
"""For loading the model, and for each answer."""
RESTARTS, WITHIN_S = 3, 600.0
LOOK_S = 0.05
GONE_S = 2.0
MEMORY_BYTES = limits.MEMORY_BYTES + 256 * 1024**2
"""Resident, all in all: what the process itself takes is about 100 MB of it."""
KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "PYTHONPATH", "VIRTUAL_ENV", "TEMP", "TMPDIR")


class ModelFailed(Exception):
    """A model gave no answer this time; the text says what happened to it."""


class GuardedModel:
    """A model that runs in a guarded process; as `package.Package` from outside. Not for two threads at once.

    Raises:
        PackageRefused: on making it, when the model cannot be loaded within its limits.
    """

    def __init__(self, checked: Checked) -> None:
        self._checked = checked
        self._failures = deque[float]()
        self._refused = ""
        self._process = _Process(checked)

    @property
    def card(self) -> ModelCard:
        """The card that it was loaded with."""
        return self._checked.card

    @property
    def pid(self) -> int:
        """Of the process it runs in."""
        return self._process.pid

    def run(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """As `package.Package.run`; 0 rows ask whether it is there.

        Raises:
            ModelFailed: no answer this time. The next call starts the process again.
            PackageRefused: it failed too often.
            ValueError: the features are not as many as the card's.
        """
        wide = len(feature_names(self.card))
        if features.ndim != 2 or features.shape[1] != wide:
            raise ValueError(f"{self.card.id} takes features float32[n, {wide}], not {features.shape}")
        if self._refused:
            raise PackageRefused(self._refused)
        try:
            if self._process.is_gone:
                self._process = _Process(self._checked)
            return self._process.ask(np.ascontiguousarray(features, np.float32))
        except (ModelFailed, PackageRefused) as error:
            self._count(str(error))
            raise

    def close(self) -> None:
        """End its process."""
        self._refused = self._refused or f"{self._checked.where} is closed"
        self._process.close()

    def _count(self, why: str) -> None:
        log.warning("model %s %s: %s", self.card.id, self.card.version, why)
        now = time.monotonic()
        self._failures.append(now)
        while now - self._failures[0] > WITHIN_S:
            self._failures.popleft()
        if len(self._failures) > RESTARTS:
            self._process.close()
            self._refused = (
                f"{self._checked.where} failed {len(self._failures)} times in {WITHIN_S / 60:.0f} min and "
                f"is not started again; lastly: {why}"
            )


class _Process:
    """The process, and the one thread that speaks with it so that nobody waits beyond a deadline."""

    def __init__(self, checked: Checked) -> None:
        self._where, self.is_gone = checked.where, False
        self._folder = tempfile.TemporaryDirectory(prefix="watchroom-model-", ignore_cleanup_errors=True)
        root = os.pathsep.join(each for each in sys.path if each)
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, *SAFE_PATH, "-m", "engine.prediction.guarded"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self._folder.name,
            env={**kept, "PYTHONPATH": root, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            creationflags=limits.flags(),
        )
        self.pid = self._process.pid
        self._asked = queue.SimpleQueue[tuple[bytes, ...] | None]()
        self._answers = queue.SimpleQueue[bytes | None]()
        self._speaker = threading.Thread(target=self._speak, name="guarded model", daemon=True)
        self._speaker.start()
        try:
            self._exchange((), START_S)
            self._exchange(
                (checked.where.encode(), msgspec.json.encode(checked.card), checked.model), ANSWER_S
            )
        except ModelFailed as error:
            self.close()
            raise PackageRefused(str(error)) from error

    def ask(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Its answer, float64[n, outputs]."""
        rows, columns = features.shape
        answer = self._exchange((guarded.SHAPE.pack(rows, columns) + features.tobytes(),), ANSWER_S)
        given = guarded.SHAPE.unpack_from(answer)
        values = np.frombuffer(answer, np.float64, offset=guarded.SHAPE.size)
        if given[0] != rows or values.size != given[0] * given[1]:
            raise self._ended("it answered another number of rows than it was asked for")
        return values.reshape(given).copy()

    def close(self) -> None:
        """End it and wait until it is gone."""
        self.is_gone = True
        with contextlib.suppress(OSError):
            self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(GONE_S)
        self._asked.put(None)
        self._speaker.join(GONE_S)
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()
        self._folder.cleanup()

    def _speak(self) -> None:
        given = cast("IO[bytes]", self._process.stdin)
        taken = cast("IO[bytes]", self._process.stdout)
        while (bodies := self._asked.get()) is not None:
            self._answers.put(_exchanged(given, taken, bodies))

    def _exchange(self, bodies: tuple[bytes, ...], seconds: float) -> bytes:
        self._asked.put(bodies)
        until = time.monotonic() + seconds
        while True:
            try:
                answer = self._answers.get(timeout=LOOK_S)
                break
            except queue.Empty:
                if time.monotonic() > until:
                    raise self._ended(f"no answer within {seconds:.0f} s") from None
                if self._resident() > MEMORY_BYTES:
                    raise self._ended(f"more than {MEMORY_BYTES / 1024**2:.0f} MB of memory") from None
        if answer is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(GONE_S)
            raise self._ended(_why(self._process.returncode))
        if answer[:1] == guarded.NO:
            raise ModelFailed(answer[1:].decode("utf-8", "replace"))
        return answer[1:]

    def _resident(self) -> int:
        with contextlib.suppress(psutil.Error):
            return int(psutil.Process(self.pid).memory_info().rss)
        return 0

    def _ended(self, why: str) -> ModelFailed:
        self.close()
        return ModelFailed(f"{self._where} was stopped in its guarded process: {why}")


def _exchanged(given: IO[bytes], taken: IO[bytes], bodies: tuple[bytes, ...]) -> bytes | None:
    try:
        for body in bodies:
            guarded.write_frame(given, body)
        return guarded.read_frame(taken)
    except (OSError, ValueError):  # it is gone, or the pipe was closed meanwhile
        return None


def _why(code: int | None) -> str:
    if code is None:
        return "it answers nothing and does not end"
    if code < 0:
        too_long = "it took too much processor time" if -code == getattr(signal, "SIGXCPU", 24) else ""
        return too_long or f"it crashed (signal {-code})"
    return f"it ended (exit {code})"
