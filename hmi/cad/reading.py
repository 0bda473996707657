"""One process that reads one file: started, looked at, ended; nothing here waits for it."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

import psutil

from engine.paths import SAFE_PATH
from hmi.cad import limits

log = logging.getLogger("watchroom.cad")

GONE_S = 0.5
"""A process that is killed is gone within milliseconds, unless it waits for a disk that is not there."""
ENDED = "the reader of CAD files gave up on it ({why}); export it again, coarser or as GLB"


class Reading:
    """The process that reads ``file``; `problem` is "" while it runs and when all went well."""

    def __init__(self, models: Path, file: str, cache: Path) -> None:
        self.file, self.problem, self.is_done = file, "", False
        self._errors = _errors_file(cache)
        asked = (str(models), file, str(cache), str(os.getpid()))
        words = [sys.executable, *SAFE_PATH, "-m", "hmi.cad.worker", *asked]
        self._process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors or subprocess.DEVNULL,
            creationflags=limits.flags(),
        )
        self.pid = self._process.pid
        self._until = time.monotonic() + limits.WALL_S

    def look(self) -> bool:
        """Whether it has ended; ends it itself when it takes too long or too much."""
        if self.is_done:
            return True
        if self._process.poll() is None:
            self._watch()
            return False
        self._finish()
        return True

    def close(self) -> None:
        """End it now."""
        if self.is_done:
            return
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(GONE_S)
        self._finish()

    def _watch(self) -> None:
        if time.monotonic() > self._until:
            self.problem = ENDED.format(why=f"more than {limits.WALL_S} s")
            self._process.kill()
        with contextlib.suppress(psutil.Error):
            if psutil.Process(self.pid).memory_info().rss > limits.MEMORY_BYTES:
                self.problem = ENDED.format(why=f"more than {limits.MEMORY_BYTES / 1024**3:.0f} GB of memory")
                self._process.kill()

    def _finish(self) -> None:
        self.is_done = True
        # One short line (see the worker), so the pipe holds it whole and reading it never waits.
        answer = b""
        if self._process.stdout is not None:
            if self._process.returncode is not None:
                answer = self._process.stdout.read(10_000)
            self._process.stdout.close()
        last = answer.decode("utf-8", "replace").strip().rpartition("\n")[2]
        if last.startswith("no "):
            self.problem = last[3:]
        elif last != "ok" and not self.problem:
            self.problem = ENDED.format(why=_why(self._process.returncode))
        self._log()

    def _log(self) -> None:
        if self._errors is None:
            return
        with contextlib.suppress(OSError, ValueError):
            self._errors.seek(0)
            text = self._errors.read(4000).decode("utf-8", "replace").strip()
            if text:
                log.warning("reading %s: %s", self.file, text)
            self._errors.close()


def _errors_file(cache: Path) -> IO[bytes] | None:
    try:
        return tempfile.TemporaryFile(dir=cache)
    except OSError:
        return None


def _why(code: int | None) -> str:
    if code is None:
        return "it does not end"
    return f"signal {-code}" if code < 0 else f"exit {code}"
