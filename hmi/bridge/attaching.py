"""Finding the engine of a project, and starting it where there is none."""

from __future__ import annotations

import contextlib
import logging
import queue
import subprocess
import threading
from pathlib import Path

from engine import paths
from engine.client import CLOCK, Client, EngineAbsent, WireError, start_engine

log = logging.getLogger("watchroom.bridge")
ENGINE_START_S = 10.0
LONGEST_WAIT_S = 30.0


class Attaching:
    """A thread that attaches to the project's engine, starting it where there is none.

    The first start is at once, later ones after 1 to 30 s. Several windows may do this together:
    the project's lock lets one engine win and the others attach to it.
    """

    def __init__(self, folder: Path, attempt: int = 0) -> None:
        self.found: queue.SimpleQueue[Client] = queue.SimpleQueue()
        self.attempt = attempt
        self.trouble = ""
        self.process: subprocess.Popen[bytes] | None = None
        self._folder = folder
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="attach", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; a client it found and nobody took says goodbye."""
        self._stop.set()
        self._thread.join()
        while not self.found.empty():
            leave(self.found.get())

    def _run(self) -> None:
        wait_s = self._wait_s()
        while not self._stop.wait(wait_s):
            if self._found():
                return
            if self.process is None or self.process.poll() is not None:
                self.attempt += 1
                log.info("starting the engine, attempt %d", self.attempt)
                self.process = start_engine(self._folder, "hmi")
            deadline = CLOCK.mono_us() + ENGINE_START_S * 1e6
            while self.process.poll() is None and CLOCK.mono_us() < deadline:
                if self._stop.wait(0.05) or self._found():
                    return
            if self.process.poll() is not None:
                self.trouble = self._last_words()
            wait_s = self._wait_s()

    def _wait_s(self) -> float:
        """None before the first start, then 1, 2, 4 … 30 s."""
        return min(2.0 ** (self.attempt - 1), LONGEST_WAIT_S) if self.attempt else 0.0

    def _found(self) -> bool:
        client = self._try()
        if client is not None:
            self.found.put(client)
        return client is not None

    def _try(self) -> Client | None:
        try:
            return Client(self._folder, "hmi")
        except EngineAbsent:
            return None
        except WireError as error:
            self.trouble = str(error)
            return None

    def _last_words(self) -> str:
        """What the engine said last on stderr: the reason why it did not start."""
        try:
            lines = (paths.log(self._folder) / "engine.out").read_text("utf-8", "replace").splitlines()
        except OSError:
            return ""
        return next((line for line in reversed(lines) if line.strip()), "")


def leave(client: Client) -> None:
    """Say goodbye to the engine, which may be gone already, and close."""
    with contextlib.suppress(EngineAbsent):  # it left first
        client.request("leave")
    client.close()
