"""The engine's socket: requests answered, events published, windows watched.

Overload: a client that does not read is cut off (*refuse*); it comes back and resumes its events
from the last seq it saw, so nothing is lost.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import msgspec

from engine.paths import PROTOCOL, replace_file
from engine.store import StoredEvent
from engine.typed import unpack
from engine.types import Clock
from engine.wire import (
    LENGTH,
    TOKEN_BYTES,
    Challenge,
    Event,
    EventsBody,
    Hello,
    Message,
    Proof,
    Reply,
    Request,
    WireError,
    frame,
    length,
    parse,
    replies,
    signed,
)

log = logging.getLogger("watchroom.server")
GREETING_S = 5.0
MOST_UNSENT = 32 * 1024 * 1024
FROZEN_S = 2.0

Answer = Callable[[msgspec.Raw], Awaitable[object]]
SESSION: ContextVar[str] = ContextVar("session", default="")
"""Token of the session that asked what is being answered, "" = nobody; each request has its own task."""


class RequestRefused(Exception):
    """The request cannot be done; the text is what the person at the screen reads."""


@dataclass(slots=True, eq=False)
class _Client:
    writer: asyncio.StreamWriter
    role: str = ""
    pid: int = 0
    seen_mono_us: int = 0
    frozen: bool = False
    left: bool = False
    event_seq: int | None = None
    brief: tuple[str, ...] = ()
    backlog: list[StoredEvent] | None = None
    tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])


class Server:
    """One listening socket. ``answers`` maps an op to the coroutine that answers it."""

    def __init__(
        self,
        hello: Hello,
        answers: Mapping[str, Answer],
        events_after: Callable[[int], Sequence[StoredEvent]],
        last_event: Callable[[], int],
        clock: Clock,
        last_left: Callable[[], None],
    ) -> None:
        self._hello, self._answers = hello, answers
        self._events_after, self._last_event = events_after, last_event
        self._clock, self._last_left = clock, last_left
        self._clients: set[_Client] = set()
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._token: bytes | None = None
        self.frozen_windows = 0
        """How often an attached window stopped answering for more than 2 s."""

    async def open(self, runtime: Path, *, loopback: bool = sys.platform == "win32") -> str:
        """Listen; returns the address for engine.json. ``loopback`` uses TCP with a token file."""
        if loopback:
            self._token = secrets.token_bytes(TOKEN_BYTES)
            replace_file(runtime / "token", self._token)
            (runtime / "token").chmod(0o600)
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
            return f"tcp:127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        path = runtime / "engine.sock"
        path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, path)
        path.chmod(0o600)
        return f"unix:{path}"

    async def close(self) -> None:
        """Stop listening, cut every client off and wait for their tasks."""
        if self._server is not None:
            self._server.close()
        for client in tuple(self._clients):
            client.writer.transport.abort()
        for task in tuple(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def windows(self) -> int:
        """Attached windows."""
        return sum(client.role == "hmi" for client in self._clients)

    def publish(self, events: Sequence[StoredEvent]) -> None:
        """Send committed events to every client that asked for them. Call in the loop's thread."""
        frames: list[bytes] | None = None
        for client in tuple(self._clients):
            if client.backlog is not None:
                client.backlog.extend(events)
            elif client.event_seq is not None:
                if not client.brief:
                    frames = frames or _frames(events)
                self._send_events(client, events, frames)

    def watch_windows(self) -> Sequence[int]:
        """Note windows that stopped beating (a frozen screen) and those that thawed.

        Gives the process ids of those that froze since the last call.
        """
        fresh: list[int] = []
        now = self._clock.mono_us()
        for client in self._clients:
            frozen = client.role == "hmi" and now - client.seen_mono_us > FROZEN_S * 1e6
            if frozen and not client.frozen:
                self.frozen_windows += 1
                fresh.append(client.pid)
                log.warning("the window of process %d has not answered for %.0f s", client.pid, FROZEN_S)
            elif client.frozen and not frozen:
                log.info("the window of process %d answers again", client.pid)
            client.frozen = frozen
        return fresh

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = cast("asyncio.Task[None]", asyncio.current_task())
        self._connections.add(task)
        client = _Client(writer)
        try:
            async with asyncio.timeout(GREETING_S):
                await self._greet(client, reader)
            self._clients.add(client)
            while True:
                message = await _receive(reader)
                if not isinstance(message, Request):
                    raise WireError(f"expected a request, got {type(message).__name__}")
                self._take(client, message)
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
            pass  # the client went away; that is its right
        except asyncio.CancelledError:
            pass  # by ``close`` alone; asyncio logs a connection's task that ends cancelled as a fault
        except WireError as error:
            log.warning("closed a client: %s", error)
        finally:
            self._clients.discard(client)
            self._connections.discard(task)
            for each in client.tasks:
                each.cancel()
            writer.close()
            if client.left and not self.windows():
                self._last_left()

    async def _greet(self, client: _Client, reader: asyncio.StreamReader) -> None:
        if self._token is not None:
            nonce = secrets.token_bytes(TOKEN_BYTES)
            client.writer.write(frame(Challenge(nonce)))
            proof = await _receive(reader)
            if not isinstance(proof, Proof) or not signed(self._token, nonce, proof.digest):
                raise WireError("the client does not know this engine's token")
        hello = await _receive(reader)
        if not isinstance(hello, Hello):
            raise WireError(f"expected hello, got {type(hello).__name__}")
        client.writer.write(frame(self._hello))
        if hello.protocol != PROTOCOL:
            raise WireError(f"process {hello.pid} speaks protocol {hello.protocol}, this engine {PROTOCOL}")
        client.role, client.pid, client.seen_mono_us = hello.role, hello.pid, self._clock.mono_us()

    def _take(self, client: _Client, request: Request) -> None:
        client.seen_mono_us = self._clock.mono_us()
        if request.op == "leave":
            client.left = client.role == "hmi"
        if request.op in ("beat", "leave"):
            self._send(client, [Reply(request.id)])
            return
        work = self._events(client, request) if request.op == "events" else self._answer(client, request)
        task = asyncio.create_task(work, name=f"request {request.op}")
        client.tasks.add(task)
        task.add_done_callback(client.tasks.discard)

    async def _answer(self, client: _Client, request: Request) -> None:
        answer = self._answers.get(request.op)
        if answer is None:
            text = f"this engine does not know the request {request.op!r}"
            self._send(client, [Reply(request.id, error=text)])
            return
        SESSION.set(request.session)
        try:
            body = await answer(request.body)
        except (RequestRefused, msgspec.ValidationError) as error:
            self._send(client, [Reply(request.id, error=str(error))])
        except Exception:
            log.exception("request %s failed", request.op)
            text = f"the engine could not answer {request.op!r}; see data/log/engine.log"
            self._send(client, [Reply(request.id, error=text)])
        else:
            self._send(client, replies(request.id, body))

    async def _events(self, client: _Client, request: Request) -> None:
        try:
            wanted = unpack(request.body, EventsBody)
        except msgspec.MsgspecError as error:
            self._send(client, [Reply(request.id, error=str(error))])
            return
        try:
            client.brief = wanted.brief
            await self._catch_up(client, request.id, wanted.after)
        except Exception:
            log.exception("old events could not be read")
            text = "the event journal could not be read; see data/log/engine.log"
            self._send(client, [Reply(request.id, error=text)])
        finally:
            client.backlog = None

    async def _catch_up(self, client: _Client, request_id: int, seq: int | None) -> None:
        """Send what happened after ``seq``, then leave the client at the newest event."""
        # New events wait in the backlog while the old ones are read, so that none falls between.
        client.backlog, client.event_seq = [], self._last_event() if seq is None else seq
        while old := await asyncio.to_thread(self._events_after, client.event_seq):
            self._send_events(client, old)
        self._send(client, [Reply(request_id)])
        waiting, client.backlog = client.backlog, None
        self._send_events(client, waiting)

    def _send_events(
        self, client: _Client, events: Sequence[StoredEvent], frames: Sequence[bytes] | None = None
    ) -> None:
        """Those that are new to a client; ``frames`` = the same events, ready to send."""
        seen = client.event_seq or 0
        first = next((at for at, event in enumerate(events) if event.seq > seen), None)
        if first is not None:
            client.event_seq = events[-1].seq
            if client.brief:
                self._write(client, _frames(_in_brief(events[first:], client.brief)))
            else:
                self._write(client, (_frames(events) if frames is None else frames)[first:])

    def _send(self, client: _Client, messages: Iterable[Message]) -> None:
        self._write(client, [frame(message) for message in messages])

    def _write(self, client: _Client, frames: Sequence[bytes]) -> None:
        transport = client.writer.transport
        if transport.is_closing():
            return
        client.writer.write(b"".join(frames))
        if transport.get_write_buffer_size() > MOST_UNSENT:
            log.warning("process %d does not read what it asked for; cut off", client.pid)
            transport.abort()


def _in_brief(events: Sequence[StoredEvent], names: Sequence[str]) -> list[StoredEvent]:
    """Of the events of these names the last alone, empty; all others as they are."""
    last = next((each for each in reversed(events) if each.event in names), None)
    kept = [each for each in events if each.event not in names or each is last]
    return [msgspec.structs.replace(each, body={}) if each is last else each for each in kept]


def _frames(events: Sequence[StoredEvent]) -> list[bytes]:
    return [frame(Event(each.seq, each.event, each.time_us, each.body)) for each in events]


async def _receive(reader: asyncio.StreamReader) -> Message:
    return parse(await reader.readexactly(length(await reader.readexactly(LENGTH.size))))
