"""Attach to an engine from any other process: one socket, one thread, no asyncio.

Answers and events wait in a queue until ``drain`` is called, so that a window takes them on its
own clock. Live values are not sent: they are read from the mapped file through ``live``.
"""

from __future__ import annotations

import itertools
import os
import queue
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from engine import paths
from engine.clock import SystemClock
from engine.live import NO_CURVE, LiveReader
from engine.paths import SAFE_PATH
from engine.typed import unpack
from engine.wire import (
    LENGTH,
    AlarmCommandAnswer,
    AlarmCommandBody,
    AlarmJournalAnswer,
    AlarmJournalBody,
    AlarmsAnswer,
    AlarmsBody,
    AnnotationsAnswer,
    Challenge,
    ControlAnswer,
    ControlBody,
    CurvesAnswer,
    CurvesBody,
    Event,
    Frames,
    GapsAnswer,
    Hello,
    InstantAnswer,
    InstantBody,
    Message,
    OutlooksAnswer,
    OutlooksBody,
    PlantAnswer,
    Proof,
    Reply,
    Request,
    SessionAnswer,
    SessionBody,
    SourceBody,
    SpanBody,
    StatusAnswer,
    TrustBody,
    WireError,
    encode,
    frame,
    from_array,
    join,
    length,
    parse,
    sign,
)

CLOCK = SystemClock()
"""The clock a client compares the live file with."""
CONNECT_S = 2.0
MOST_OUTPUT = 1_000_000
MOST_WAITING = 10_000
"""Answers and events that may wait; then the socket is left to fill and the engine cuts us off."""

Body = TypeVar("Body")
__all__ = [
    "CLOCK",
    "NO_CURVE",
    "AlarmCommandAnswer",
    "AlarmCommandBody",
    "AlarmJournalAnswer",
    "AlarmJournalBody",
    "AlarmsAnswer",
    "AlarmsBody",
    "AnnotationsAnswer",
    "Answered",
    "Client",
    "Closed",
    "ControlAnswer",
    "ControlBody",
    "CurvesAnswer",
    "CurvesBody",
    "EngineAbsent",
    "Event",
    "GapsAnswer",
    "InstantAnswer",
    "InstantBody",
    "OutlooksAnswer",
    "OutlooksBody",
    "PlantAnswer",
    "RequestFailed",
    "SessionAnswer",
    "SessionBody",
    "SourceBody",
    "SpanBody",
    "StatusAnswer",
    "TrustBody",
    "WireError",
    "from_array",
    "start_engine",
]


class EngineAbsent(Exception):
    """No engine answers for this project."""


class RequestFailed(Exception):
    """The engine refused or could not answer; the text is for a person."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to the request ``id``: msgpack ``body``, or ``error`` for a person."""

    id: int
    body: bytes
    error: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The connection ended; nothing follows."""

    why: str


class Client:
    """A connection to the engine of a project folder, with its live values.

    Raises:
        EngineAbsent: no engine runs, or it does not answer within 2 s.
        WireError: it speaks another protocol.
    """

    def __init__(self, folder: Path, role: str) -> None:
        facts = paths.read_facts(folder)
        if facts is None:
            raise EngineAbsent(f"no engine runs for {folder}; start one with: watchroom engine {folder}")
        self._socket = _connect(folder, facts.socket)
        try:
            self.hello = self._greet(folder, role, secured=facts.socket.startswith("tcp:"))
            if self.hello.layout is None:
                raise WireError("the engine did not say how its live values are laid out")
            self.live = LiveReader(Path(self.hello.live), self.hello.layout)
        except (OSError, ValueError) as error:
            self._socket.close()
            raise EngineAbsent(f"the engine of {folder} went away while we attached: {error}") from error
        except BaseException:
            self._socket.close()
            raise
        self.session = ""
        """Token of the person for whom everything is asked from now on, "" = nobody."""
        self._ids = itertools.count(1)
        self._waiting: queue.Queue[Answered | Event | Closed] = queue.Queue(MOST_WAITING)
        self._closing = False
        self._socket.settimeout(None)
        self._thread = threading.Thread(target=self._read, name="engine client", daemon=True)
        self._thread.start()

    def request(self, op: str, body: object = None, session: str = "") -> int:
        """Send a request; the answer comes with the same id from ``drain``. Never blocks long.

        ``session`` = the token of the person who asks, "" = that of the whole connection, if it has one.

        Raises:
            EngineAbsent: the connection is gone.
        """
        request_id = next(self._ids)
        content = encode({} if body is None else body)
        try:
            self._socket.sendall(frame(Request(request_id, op, content, session or self.session)))
        except OSError as error:
            raise EngineAbsent("the engine went away") from error
        return request_id

    def drain(self, most: int = 1000) -> list[Answered | Event | Closed]:
        """What has arrived since, oldest first, at most ``most``."""
        arrived: list[Answered | Event | Closed] = []
        while len(arrived) < most:
            try:
                arrived.append(self._waiting.get_nowait())
            except queue.Empty:
                break
        return arrived

    def call(
        self, op: str, body: object, answer: type[Body], timeout_s: float = 5.0, session: str = ""
    ) -> Body:
        """Ask and wait for the answer. For programs without a screen only.

        Raises:
            RequestFailed: the engine said no, or not in time.
            EngineAbsent: the connection ended.
        """
        wanted = self.request(op, body, session)
        while True:
            try:
                item = self._waiting.get(timeout=timeout_s)
            except queue.Empty:
                raise RequestFailed(f"the engine did not answer {op!r} within {timeout_s:g} s") from None
            if isinstance(item, Closed):
                raise EngineAbsent(item.why)
            if isinstance(item, Answered) and item.id == wanted:
                if item.error:
                    raise RequestFailed(item.error)
                return unpack(item.body, answer)

    def close(self) -> None:
        """End the connection and its thread; the engine goes on."""
        self._closing = True
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the other side was faster
        while self._thread.is_alive():
            self.drain()  # frees a thread that waits for room
            self._thread.join(0.05)
        self._socket.close()
        self.live.close()

    def _greet(self, folder: Path, role: str, *, secured: bool) -> Hello:
        if secured:
            challenge = self._receive()
            if not isinstance(challenge, Challenge):
                raise WireError("the program on the engine's port is not an engine")
            token = (paths.runtime(folder) / "token").read_bytes()
            self._socket.sendall(frame(Proof(sign(token, challenge.nonce))))
        self._socket.sendall(frame(Hello(paths.PROTOCOL, paths.version(), role=role, pid=os.getpid())))
        message = self._receive()
        if not isinstance(message, Hello):
            raise WireError(f"the engine said {type(message).__name__} where hello was due")
        if message.protocol != paths.PROTOCOL:
            raise WireError(
                f"the engine speaks protocol {message.protocol} and this program {paths.PROTOCOL}; "
                "stop the engine and start it again with this version"
            )
        return message

    def _receive(self) -> Message:
        return parse(self._exactly(length(self._exactly(LENGTH.size))))

    def _exactly(self, size: int) -> bytes:
        content = bytearray()
        while len(content) < size:
            piece = self._socket.recv(size - len(content))
            if not piece:
                raise ConnectionResetError("the connection was closed")
            content += piece
        return bytes(content)

    def _read(self) -> None:
        frames = Frames()
        parts: dict[int, list[Reply]] = {}
        why = "the engine closed the connection"
        try:
            while data := self._socket.recv(1 << 16):
                for message in frames.feed(data):
                    self._take(message, parts)
        except (OSError, WireError) as error:
            why = f"the connection to the engine broke: {error}"
        self._put(Closed(why))

    def _take(self, message: Message, parts: dict[int, list[Reply]]) -> None:
        if isinstance(message, Event):
            self._put(message)
        elif isinstance(message, Reply):
            parts.setdefault(message.id, []).append(message)
            if not message.more:
                self._put(Answered(message.id, join(parts.pop(message.id)), message.error))

    def _put(self, item: Answered | Event | Closed) -> None:
        while not self._closing:
            try:
                self._waiting.put(item, timeout=0.1)
                return
            except queue.Full:
                continue


def _connect(folder: Path, address: str) -> socket.socket:
    kind, _, where = address.partition(":")
    unix = kind == "unix"
    made = socket.socket(socket.AF_UNIX if unix else socket.AF_INET, socket.SOCK_STREAM)
    made.settimeout(CONNECT_S)
    try:
        host, _, port = where.rpartition(":")
        made.connect(where if unix else (host, int(port)))
    except (ConnectionRefusedError, FileNotFoundError, ValueError, OverflowError):
        made.close()
        raise EngineAbsent(
            f"no engine runs for {folder}; start one with: watchroom engine {folder}"
        ) from None
    except PermissionError as error:
        made.close()
        raise EngineAbsent(f"the engine of {folder} belongs to another user of this computer") from error
    except OSError as error:
        made.close()
        raise EngineAbsent(f"the engine of {folder} does not answer ({error})") from error
    return made


def start_engine(folder: Path, started_by: str) -> subprocess.Popen[bytes]:
    """Start the project's engine as a process of its own that outlives us; output to data/log.

    One that was started by "hmi" stops when the last window closes. Several windows may try at
    once: the project's lock lets one engine win.
    """
    file = paths.log(folder) / "engine.out"
    if file.exists() and file.stat().st_size > MOST_OUTPUT:
        file.replace(file.with_suffix(".out.1"))
    with file.open("ab") as out:
        return subprocess.Popen(
            [sys.executable, *SAFE_PATH, "-m", "engine", "engine", str(folder), "--started-by", started_by],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            creationflags=getattr(subprocess, "DETACHED_PROCESS", 0),
        )
