"""The first words over a new connection: whoever does not answer them in OPC UA is another service."""

from __future__ import annotations

import asyncio
import struct

from asyncua import Client
from asyncua.client.ua_client import UASocketProtocol

from engine.drivers.driver import NotReady

ANSWERS = (b"ACKF", b"ERRF")
"""How an answer to our hello begins (OPC 10000-6, 7.1.2)."""
LONGEST_ANSWER = 16_384
"""Bytes; an Error message holds a text of at most 4096."""
_PORT = "check the port in plant.toml; OPC UA servers mostly use 4840"


async def greet(client: Client, where: str, hello_s: float) -> None:
    """Connect and exchange hellos. Raises ``NotReady`` when none comes back, or what asyncua raises."""
    await client.connect_socket()
    protocol = client.uaclient.protocol
    if protocol is None or protocol.is_closed:
        raise _closed(where)
    first = FirstWords(protocol)
    try:
        async with asyncio.timeout(hello_s):
            await client.send_hello()
    except (OSError, TimeoutError) as error:
        if first.strange:
            raise NotReady(f"something answers at {where}, but it does not speak OPC UA", _PORT) from error
        if protocol.is_closed and not first.seen:
            raise _closed(where) from error
        if not isinstance(error, TimeoutError):
            raise
        raise NotReady(
            f"no answer from {where} in time: it accepts the connection and stays silent",
            "check that the OPC UA server on it runs and is not overloaded, restart it if it hangs, or that "
            f"the port is not that of another service: {_PORT}",
        ) from error
    finally:
        first.forget()


def _closed(where: str) -> NotReady:
    return NotReady(
        f"{where} closed the connection at once",
        f"check that the OPC UA server there takes connections from this computer; {_PORT}",
    )


class FirstWords:
    """Looks at what comes before asyncua does, which would keep any number of bytes of a nonsense message.

    ``seen`` = something came; ``strange`` = it is no answer to a hello, and the connection is cut.
    """

    def __init__(self, protocol: UASocketProtocol) -> None:
        self.seen = self.strange = False
        self._protocol = protocol
        self._receive = protocol.data_received
        protocol.data_received = self._received
        if protocol.receive_buffer:
            self._look(protocol.receive_buffer)

    def forget(self) -> None:
        """The rest goes to asyncua alone."""
        self._protocol.data_received = self._receive

    def _received(self, data: bytes) -> None:
        self._look((self._protocol.receive_buffer or b"") + data)
        if not self.strange:
            self._receive(data)

    def _look(self, begin: bytes) -> None:
        self.seen = True
        self.strange = self.strange or not answers_hello(begin)
        if self.strange and self._protocol.transport is not None:
            self._protocol.transport.abort()


def answers_hello(begin: bytes) -> bool:
    """Whether bytes can be the beginning of an answer to a hello."""
    if not any(begin[:4] == answer[: len(begin[:4])] for answer in ANSWERS):
        return False
    return len(begin) < 8 or 8 <= struct.unpack_from("<I", begin, 4)[0] <= LONGEST_ANSWER
