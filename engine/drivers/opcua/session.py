"""Opening, sharing and closing the session with a server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Coroutine
from typing import Any

from asyncua import ua
from asyncua.client.ua_client import UaClientState
from asyncua.client.ua_session import SessionState
from asyncua.crypto import security_policies, uacrypto

from engine.drivers.driver import Context, NotReady, Refused
from engine.drivers.opcua.address import POLICY_ROOT, dialled, host_and_port, needs_trust
from engine.drivers.opcua.ending import carried_through, ended
from engine.drivers.opcua.endpoints import choose, no_certificate
from engine.drivers.opcua.failures import Place, explained
from engine.drivers.opcua.hello import greet
from engine.drivers.opcua.identity import Identity, own_identity
from engine.drivers.opcua.link import Link
from engine.drivers.opcua.login import UserClient, check_login, log_in
from engine.drivers.opcua.memory import ServerMemory, of_server
from engine.drivers.opcua.publish import install
from engine.drivers.opcua.server import measure, read_capabilities
from engine.drivers.opcua.trust import Untrusted, check_server, check_uri, expires, judged_server, pinned
from engine.drivers.opcua.watch import keep_up, watch_publishes
from engine.types import Source

CONNECT_S = 10.0
"""One deadline over name lookup, discovery, channel and session."""
HELLO_S = 2.5
"""A device that accepts a connection greets at once, so one that does not is tried again soon."""
REQUEST_S = 4.0
"""Longest wait for the answer to one request, unless the source says otherwise."""
GRACE_S = 0.3
"""A session that has been asked for gets this long to come into being, so that it can be closed."""
CLOSE_S = 0.7
"""A frozen server gets this long to say goodbye; then the socket is cut."""
SESSION_MS = 30_000
"""Short, so that a session we could not close frees its place at the server soon."""

_CLASSES: dict[str, type[security_policies.SecurityPolicy]] = {
    "Aes256_Sha256_RsaPss": security_policies.SecurityPolicyAes256Sha256RsaPss,
    "Aes128_Sha256_RsaOaep": security_policies.SecurityPolicyAes128Sha256RsaOaep,
    "Basic256Sha256": security_policies.SecurityPolicyBasic256Sha256,
}


@contextlib.asynccontextmanager
async def held(context: Context) -> AsyncGenerator[Link]:
    """The session with the context's server, shared with all who hold it.

    Whatever breaks, here or in the body, leaves as ``NotReady`` or ``Refused``. If that was the session's
    own end, whoever comes next gets a new one.
    """
    key = link_key(context)
    try:
        async with context.shared.hold(key, lambda: _opened(context, key)) as link:
            link.holders += 1
            try:
                yield link
            except Exception as error:
                raise _left(context, key, link, error) from error
            finally:
                link.holders -= 1
    except Untrusted as refusal:
        # It may have been opened for another source: this one's own trust is asked.
        host = host_and_port(context.source.endpoint)[0]
        check_server(context.pki, refusal.der, context.source.id, context.clock.now_us(), host)
        raise
    except OSError as error:
        raise explained(error, Place(_where(context.source), context.source.id)) from error


def _left(context: Context, key: str, link: Link, error: Exception) -> NotReady | Refused:
    """The failure of one holder; whether it is the session's own end or only this holder's trouble."""
    failure = explained(error, link.place)
    if not isinstance(error, NotReady | Refused) and not isinstance(failure, Refused) and not failure.busy:
        link.fail(failure)
    if link.failure is not None:
        context.shared.drop(key, link)
    return failure


def link_key(context: Context) -> str:
    """Sources with the same key share a session: endpoint, security, login, and the certificates trusted."""
    source = context.source
    pins = pinned(context.pki, source.id) or [source.id] if needs_trust(source) else []
    login = [context.logins.mark(source)] if source.user and context.logins else []
    return " ".join(["opcua", dialled(source.endpoint), source.security or "best", *login, *pins])


@contextlib.asynccontextmanager
async def _opened(context: Context, key: str) -> AsyncGenerator[Link]:
    """A new session, closed on every way out within ``GRACE_S + CLOSE_S``."""
    source, memory = context.source, of_server(key)
    client = _new_client(source)
    place = Place(_where(source), source.id, before=memory.secured, user=source.user)
    keeping: asyncio.Task[None] | None = None
    try:
        await check_login(context)
        async with asyncio.timeout(CONNECT_S):
            link = await _entered(client, _enter(client, context, place, memory))
        link.heard_us = context.clock.mono_us()
        keeping = asyncio.create_task(keep_up(link, context.clock, source.timeout_s))
        yield link
    except Exception as error:
        failure = explained(error, place)
        raise failure if failure is error else failure from error
    finally:
        await carried_through(_close(client, keeping))


def _where(source: Source) -> str:
    host, port = host_and_port(source.endpoint)
    return f"{host}:{port}"


def _new_client(source: Source) -> UserClient:
    client = UserClient(dialled(source.endpoint), timeout=source.timeout_s or REQUEST_S, auto_reconnect=False)
    client.name = client.description = "Watchroom"
    client.product_uri = "urn:watchroom"
    client.session_timeout = SESSION_MS
    return client


async def _entered(client: UserClient, entering: Coroutine[Any, Any, Link]) -> Link:
    """Await the steps to an open session. On a cancel, one that is being made gets its moment."""
    task = asyncio.create_task(entering)
    try:
        await asyncio.wait([task])
    finally:
        await carried_through(_settled(client, task))
    return task.result()


async def _settled(client: UserClient, task: asyncio.Task[Link]) -> None:
    if client.uaclient.session.state is SessionState.CREATING:
        await asyncio.wait([task], timeout=GRACE_S)
    await ended(task)


async def _enter(client: UserClient, context: Context, place: Place, memory: ServerMemory) -> Link:
    """Discovery, policy, trust, channel, session; then what the server says of itself."""
    source, hello_s, now_us = context.source, max(HELLO_S, context.source.timeout_s), context.clock.now_us()
    offered = await _endpoints(client, place.where, hello_s)
    endpoint = choose(offered, source.security, place.where, source.user)
    policy = endpoint.SecurityPolicyUri.removeprefix(POLICY_ROOT)
    link = Link(client, place, "none" if policy == "None" else policy, memory)
    # Ours is made first: it can be taken to the server while a person still looks at the server's.
    ours = None if policy == "None" else await asyncio.to_thread(own_identity, context.pki, now_us)
    proven = await _proven(link, context, endpoint) if needs_trust(source) else None
    if ours is not None and proven is not None:
        await _secure(link, ours, proven, policy)
    await greet(client, place.where, hello_s)
    place.stage = "securing"
    await client.open_secure_channel()
    place.stage = "entering"
    await log_in(client, context, place, await client.create_session(), proven)
    place.stage = "open"
    memory.secured = place.certificate is not None
    install(client)
    watch_publishes(link, context.clock)
    link.capabilities = await read_capabilities(client)
    link.limits = link.capabilities.limits(memory.most)
    await measure(client, link.clock, context.clock)
    return link


async def _endpoints(client: UserClient, where: str, hello_s: float) -> list[ua.EndpointDescription]:
    """Ask for the endpoints over a connection of its own."""
    try:
        await greet(client, where, hello_s)
        await client.open_secure_channel()
        found = await client.get_endpoints()
        await client.close_secure_channel()
    finally:
        client.disconnect_socket()
    return found


async def _proven(link: Link, context: Context, endpoint: ua.EndpointDescription) -> bytes:
    """The server's certificate, DER, once our own rules let it pass."""
    now_us, source = context.clock.now_us(), context.source
    shown, host = endpoint.ServerCertificate or b"", host_and_port(source.endpoint)[0]
    if not shown and link.security == "none":
        raise no_certificate(link.where)
    server, link.judged = await asyncio.to_thread(judged_server, context.pki, shown, source.id, now_us, host)
    check_uri(server, endpoint.Server.ApplicationUri or "", source.id)
    return server


async def _secure(link: Link, identity: Identity, server: bytes, policy: str) -> None:
    """Encrypt with our certificate for the server's."""
    link.place.certificate = identity.certificate_file
    link.server_expires_us, link.own_expires_us = expires(server), expires(identity.certificate)
    link.client.application_uri = identity.application_uri
    await link.client.set_security(
        _CLASSES[policy],
        uacrypto.CertProperties(identity.certificate, "der"),
        uacrypto.CertProperties(identity.key, "pem"),
        server_certificate=uacrypto.CertProperties(server, "der"),
        mode=ua.MessageSecurityMode.SignAndEncrypt,
    )


async def _close(client: UserClient, keeping: asyncio.Task[None] | None) -> None:
    """Say goodbye within ``CLOSE_S``, then cut the socket."""
    if keeping is not None:
        await ended(keeping)
    protocol = client.uaclient.protocol
    try:
        if client.state not in (UaClientState.CONNECTING, UaClientState.SOCKET_OPEN):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_S):
                    await client.disconnect()
    finally:
        if protocol is not None and protocol.transport is not None:
            protocol.transport.abort()
        client.disconnect_socket()
    await asyncio.sleep(0)
