"""Opening and closing the connection to one server: discovery, policy, trust, session."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path

from asyncua import Client, ua
from asyncua.client.ua_client import UaClientState
from asyncua.crypto import security_policies, uacrypto

from engine.drivers.driver import Context, Refused
from engine.drivers.opcua.address import POLICIES, POLICY_ROOT, dialled, host_and_port
from engine.drivers.opcua.failures import explained
from engine.drivers.opcua.identity import own_identity
from engine.drivers.opcua.trust import check_server, check_uri

CONNECT_S = 10.0
"""One deadline over name lookup, discovery, channel and session."""
REQUEST_S = 4.0
"""Longest wait for the answer to one request."""
CLOSE_S = 1.0
"""A frozen server gets this long to say goodbye; then the socket is cut."""
SESSION_MS = 30_000
"""Short, so that a session we could not close frees its place at the server soon."""

_CLASSES: dict[str, type[security_policies.SecurityPolicy]] = {
    "Aes256_Sha256_RsaPss": security_policies.SecurityPolicyAes256Sha256RsaPss,
    "Aes128_Sha256_RsaOaep": security_policies.SecurityPolicyAes128Sha256RsaOaep,
    "Basic256Sha256": security_policies.SecurityPolicyBasic256Sha256,
}


@dataclass(frozen=True, slots=True)
class Link:
    """An open session. ``security`` is the policy in words, ``certificate`` our file if secured."""

    client: Client
    where: str
    security: str
    certificate: Path | None


@contextlib.asynccontextmanager
async def opened(context: Context, closing: asyncio.Event) -> AsyncGenerator[Link]:
    """A new session with the server, closed on every way out within ``CLOSE_S``.

    ``closing`` is set when closing begins; see ``stoppable``.

    Whatever breaks inside, here or in the body, leaves as ``NotReady`` or ``Refused``.
    """
    host, port = host_and_port(context.source.endpoint)
    where = f"{host}:{port}"
    client = _new_client(context.source.endpoint)
    secured: Path | None = None
    try:
        async with asyncio.timeout(CONNECT_S):
            endpoint = choose(await client.connect_and_get_server_endpoints(), context.source.security, where)
            policy = endpoint.SecurityPolicyUri.removeprefix(POLICY_ROOT)
            if policy != "None":
                secured = await _secure(client, context, endpoint, policy)
            await client.connect()
        yield Link(client, where, "none" if policy == "None" else policy, secured)
    except Exception as error:
        failure = explained(error, where, secured)
        if failure is error:
            raise
        raise failure from error
    finally:
        closing.set()
        await _close(client)


def _new_client(endpoint: str) -> Client:
    client = Client(dialled(endpoint), timeout=REQUEST_S, watchdog_intervall=REQUEST_S, auto_reconnect=False)
    client.name = client.description = "Watchroom"
    client.product_uri = "urn:watchroom"
    client.session_timeout = SESSION_MS
    return client


def choose(endpoints: Sequence[ua.EndpointDescription], security: str, where: str) -> ua.EndpointDescription:
    """The endpoint to use for what plant.toml asks. Raises ``Refused`` with what to write there."""
    reachable = [e for e in endpoints if (e.EndpointUrl or "").startswith("opc.tcp://")]
    encrypted = {
        str(e.SecurityPolicyUri).removeprefix(POLICY_ROOT): e
        for e in reachable
        if e.SecurityMode == ua.MessageSecurityMode.SignAndEncrypt
    }
    plain = next((e for e in reachable if e.SecurityMode == ua.MessageSecurityMode.None_), None)
    wanted = POLICIES if security == "" else (security,)
    found = plain if security == "none" else next((encrypted[p] for p in wanted if p in encrypted), None)
    if found is None:
        raise Refused(_no_endpoint(where, security, sorted(encrypted), plain is not None))
    if not any(token.TokenType == ua.UserTokenType.Anonymous for token in found.UserIdentityTokens or []):
        raise Refused(f"{where} lets no one in without a user: allow anonymous reading at the server")
    return found


def _no_endpoint(where: str, security: str, encrypted: Sequence[str], has_plain: bool) -> str:
    offers = ", ".join([*encrypted, *(["none"] if has_plain else [])]) or "nothing"
    if security == "none":
        return (
            f'{where} refuses open connections (it offers {offers}): take security = "none" out of plant.toml'
        )
    asked = f"security '{security}'" if security else "a security policy we accept"
    text = f"{where} does not offer {asked} with signing and encryption (it offers {offers})"
    if encrypted and security:
        return f"{text}: leave security out of plant.toml for the best it has"
    if has_plain:
        text += ": switch security on at the server"
        return f'{text}, or write security = "none" in plant.toml to read openly'
    return f"{text}: switch on one of {', '.join(POLICIES)} at the server"


async def _secure(client: Client, context: Context, endpoint: ua.EndpointDescription, policy: str) -> Path:
    """Check the server's certificate, then encrypt with ours; gives our certificate's file."""
    now_us = context.clock.now_us()
    identity = await asyncio.to_thread(own_identity, context.pki, now_us)
    server = check_server(context.pki, endpoint.ServerCertificate or b"", context.source.id, now_us)
    check_uri(server, endpoint.Server.ApplicationUri or "", context.source.id)
    client.application_uri = identity.application_uri
    await client.set_security(
        _CLASSES[policy],
        uacrypto.CertProperties(identity.certificate, "der"),
        uacrypto.CertProperties(identity.key, "pem"),
        server_certificate=uacrypto.CertProperties(server, "der"),
        mode=ua.MessageSecurityMode.SignAndEncrypt,
    )
    return identity.certificate_file


async def _close(client: Client) -> None:
    """Say goodbye within ``CLOSE_S``, then cut the socket, even if cancelled meanwhile."""
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
