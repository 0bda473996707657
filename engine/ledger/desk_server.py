"""The witness over HTTP: one call, ``POST /add-checkpoint``. TLS is for a proxy in front of it.

What is sent is signed by the ledger, and what is answered by the witness, so nobody between can forge either.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from typing import Any

from engine.ledger.desk import Desk, DeskAnswer
from engine.ledger.submission import CALL, LONGEST

log = logging.getLogger("watchroom.ledger")
WAIT_S = 10.0
"""A connection that says nothing for so long is closed."""
WHOLE_S = 30.0
"""A connection is closed after so long, whatever it says: nobody keeps the room full byte by byte."""
LONGEST_LENGTH = 9
"""Digits of a Content-Length."""
MOST_AT_ONCE = 32
"""Connections at once; more are closed (overload policy refuse)."""


class DeskServer(ThreadingHTTPServer):
    """Listens once it is made; `serve_forever` answers until `shutdown` is called from another thread."""

    def __init__(self, desk: Desk, host: str, port: int) -> None:
        self.desk = desk
        self._room = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._since: dict[socket, float] = {}
        super().__init__((host, port), _Handler)

    @property
    def url(self) -> str:
        """Where it listens: the ``url`` of a witness in plant.toml."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def process_request(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:
        """A thread for each connection, while there is room."""
        if isinstance(request, socket) and self._room.acquire(blocking=False):
            self._since[request] = time.monotonic()
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:
        """In the connection's own thread."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            if isinstance(request, socket):
                self._since.pop(request, None)
            self._room.release()

    def service_actions(self) -> None:
        """Some twice a second: end the connections whose time is over."""
        end = time.monotonic() - WHOLE_S
        for request, since in list(self._since.items()):
            if since < end:
                with suppress(OSError):
                    request.shutdown(SHUT_RDWR)

    def handle_error(self, request: object, client_address: Any) -> None:
        """A client that goes in the middle is nothing to worry about."""
        log.info("%s: the connection ended early", client_address[0], exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "watchroom-witness", ""
    timeout = WAIT_S
    server: DeskServer  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_POST(self) -> None:  # noqa: N802 - the name that http.server calls
        length = self.headers.get("Content-Length", "")
        if self.path.rstrip("/") != CALL:
            self._send(DeskAnswer(404, f"this witness answers to POST {CALL}\n"), is_last=True)
        elif not length.isdecimal() or len(length) > LONGEST_LENGTH or int(length) > LONGEST:
            self._send(DeskAnswer(413, f"a request has at most {LONGEST} bytes\n"), is_last=True)
        else:
            body = self.rfile.read(int(length))
            try:
                self._send(self.server.desk.answer(body))
            except OSError as error:
                log.error("nothing is cosigned: %s", error)
                self._send(DeskAnswer(500, "this witness cannot write what it saw\n"), is_last=True)

    def _send(self, answer: DeskAnswer, *, is_last: bool = False) -> None:
        content = answer.text.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(content)))
        if is_last:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        log.info("%s %s", self.address_string(), format % args)
