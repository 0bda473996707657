"""An OPC UA server whose variables can be written, which counts what it was asked and may answer anything."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import msgspec
from asyncua import Server, ua
from asyncua.common.utils import ServiceError
from asyncua.server.internal_server import InternalServer
from asyncua.server.internal_session import InternalSession, SessionState, User

from engine.drivers.driver import Context, Writes
from engine.drivers.opcua import DRIVER
from engine.types import Tag
from tests.engine.drivers.opcua.recording import context, sink_of, stopped, until

SPACE = "urn:test:writable"
READ_ONLY = ("Measured",)
"""Variables that clients may not write."""


@dataclass
class WritablePlc:
    """A running server. ``writes`` = every WriteValue of a client, as it came.

    ``answers`` = a status for writes instead of doing them, ``fault`` = one for the whole request;
    ``go`` is cleared to let writes wait before they are done, ``reply`` before they are answered.
    """

    server: Server
    writes: list[ua.WriteValue] = field(default_factory=list)
    reads: list[float] = field(default_factory=list)
    answers: int | None = None
    fault: int | None = None
    go: asyncio.Event = field(default_factory=asyncio.Event)
    reply: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def port(self) -> int:
        assert self.server.bserver is not None
        return self.server.bserver.port

    async def value(self, name: str) -> Any:
        """What a variable holds."""
        return await self.server.get_node(node(name)).read_value()

    async def kind(self, name: str) -> ua.VariantType:
        """As what a variable holds it."""
        return (await self.server.get_node(node(name)).read_data_value()).Value.VariantType


class _Server(InternalServer):
    plc: WritablePlc

    def __init__(self) -> None:
        super().__init__()
        self.made: list[InternalSession] = []

    def create_session(self, name: str, user: User | None = None, external: bool = False) -> InternalSession:
        session = _Session(self, name, user or User(), external)
        if external:
            self.made.append(session)
        return session


class _Session(InternalSession):
    def __init__(self, server: _Server, name: str, user: User, external: bool) -> None:
        super().__init__(server, server.aspace, server.subscription_service, name, user, external)
        self.owner = server

    async def read(self, params: ua.ReadParameters) -> list[ua.DataValue]:
        if self.external:
            self.owner.plc.reads.append(params.MaxAge)
        return await super().read(params)

    async def write(self, params: ua.WriteParameters) -> list[ua.StatusCode]:
        if not self.external:
            return await super().write(params)
        plc = self.owner.plc
        plc.writes += params.NodesToWrite
        await plc.go.wait()
        if plc.fault is not None:
            raise ServiceError(plc.fault)
        done = await super().write(params) if plc.answers is None else [ua.StatusCode(cast(Any, plc.answers))]
        await plc.reply.wait()
        return done


def node(name: str) -> ua.NodeId:
    return ua.NodeId(cast(Any, name), cast(Any, 2))


@contextlib.asynccontextmanager
async def writable_plc(**values: tuple[ua.VariantType, Any]) -> AsyncGenerator[WritablePlc]:
    """A server with these variables."""
    inner = _Server()
    server = Server(iserver=inner)
    plc = inner.plc = WritablePlc(server)
    plc.go.set()
    plc.reply.set()
    await server.init()
    server.set_endpoint("opc.tcp://127.0.0.1:0/writable")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    assert await server.register_namespace(SPACE) == 2
    for name, (kind, value) in values.items():
        browse_name = ua.QualifiedName(name, cast(Any, 2))
        one = await server.nodes.objects.add_variable(node(name), browse_name, ua.Variant(value, kind))
        if name not in READ_ONLY:
            await one.set_writable()
    await server.start()
    try:
        yield plc
    finally:
        plc.go.set()
        plc.reply.set()
        for session in inner.made:  # those whose link broke would wait for their timeout
            if session.state != SessionState.Closed:
                await session.close_session(True)
        await server.stop()


def tag_of(number: int, name: str, **more: Any) -> Tag:
    return Tag(number, f"Line/Press/{name}", "press", f"nsu={SPACE};s={name}", rate=10.0, **more)


def source_of(pki: Path, port: int, *tags: Tag, unsecured_writes: bool = True) -> Context:
    """Tags of the server, read through ``port``."""
    one = context(pki, f"opc.tcp://127.0.0.1:{port}", *tags)
    source = msgspec.structs.replace(one.source, unsecured_writes=unsecured_writes)
    return Context(source, one.tags, one.sink, one.clock, one.pki)


@contextlib.asynccontextmanager
async def monitored(one: Context) -> AsyncGenerator[tuple[Writes, asyncio.Task[None]]]:
    """The source at work, a value of every tag seen; what writes to it, and its run."""
    assert DRIVER.load_writes is not None
    sink, task = sink_of(one), asyncio.ensure_future(DRIVER.run(one))
    try:
        await until(lambda: len(sink.samples.keys() | sink.marks.keys()) == len(one.tags), 15, task)
        yield DRIVER.load_writes(), task
    finally:
        await stopped(task)
