"""The window's end of the process that reads documents: one thread takes its answers off the pipe."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections import deque
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import msgspec

from engine.paths import SAFE_PATH
from hmi.documents import limits
from hmi.documents.wire import Answer, Request, read_answer, send

GONE_S = 0.5
"""A process that is told to go is gone within milliseconds, unless it waits for a disk that is not there."""


class Pages(Protocol):
    """What answers requests one after the other."""

    pid: int

    def ask(self, request: Request) -> None: ...
    def take(self) -> Answer | None: ...

    @property
    def is_gone(self) -> bool: ...
    def close(self) -> None: ...


class PageProcess:
    """Started with the first request, ended by `close`; whatever it does, nothing here waits for it."""

    def __init__(self, folder: Path) -> None:
        words = [sys.executable, *SAFE_PATH, "-m", "hmi.documents.worker", str(folder)]
        self._process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=limits.flags(),
        )
        self.pid = self._process.pid
        self._answers: deque[Answer] = deque()
        self._is_gone = False
        self._reading = threading.Thread(target=self._read, name="documents", daemon=True)
        self._reading.start()

    def ask(self, request: Request) -> None:
        """Send one request; the one before has been answered, so that the pipe has room for it."""
        with contextlib.suppress(OSError):  # gone: `is_gone` tells
            send(cast("BinaryIO", self._process.stdin), request)

    def take(self) -> Answer | None:
        """An answer, if one has come."""
        return self._answers.popleft() if self._answers else None

    @property
    def is_gone(self) -> bool:
        """It has ended, and all its answers have been taken."""
        return self._is_gone and not self._answers

    def close(self) -> None:
        """End it now."""
        self._process.kill()
        self._reading.join(GONE_S)

    def _read(self) -> None:
        process = self._process
        out = cast("BinaryIO", process.stdout)
        with contextlib.suppress(OSError, EOFError, msgspec.MsgspecError):
            while (answer := read_answer(out)) is not None:
                self._answers.append(answer)
        # Also one that answers nonsense.
        process.kill()
        process.wait()
        out.close()
        with contextlib.suppress(OSError):
            cast("BinaryIO", process.stdin).close()
        self._is_gone = True
