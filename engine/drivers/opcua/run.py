"""One source from opening its connection to the end of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from engine.drivers.driver import Context, NotReady, Refused
from engine.drivers.opcua.clock import clock_note
from engine.drivers.opcua.connection import Connection
from engine.drivers.opcua.ending import carried_through, first_to_end, stoppable
from engine.drivers.opcua.groups import Group
from engine.drivers.opcua.link import Link
from engine.drivers.opcua.mirror import Mirror
from engine.drivers.opcua.session import SESSION_MS, held
from engine.drivers.opcua.trust import EPOCH, expiry_note
from engine.drivers.opcua.watch import TICK_S, silent

RETRY_S = 5.0
"""How often tags without a node are looked for again."""
FILL_S = 1.0
"""How often it is looked whether there is a past to read back."""
SILENCE_S = 3.0
"""Least time without a publish or keep-alive after which a subscription counts as dead."""
SILENT_KEEP_ALIVES = 2.5
CRL_ADVICE = "get the revocation list from who runs the CA and put it into data/pki/crl as a file *.crl"
CA_ADVICE = "get the new CA certificate and trust it for the source before that day: watchroom trust --ca"


async def run(context: Context) -> None:
    """Deliver the tags of one source until cancelled; see ``engine.drivers.driver.Run``."""
    await stoppable(lambda closing: _deliver(context, closing))


async def _deliver(context: Context, closing: asyncio.Event) -> None:
    async with held(context) as link:
        connection = Connection(context, link)
        mirror = Mirror(context, link, connection)
        try:
            for about in ("server state", "strangers", "64-bit", "alarms"):
                context.sink.note(about, "")
            await connection.read_server()
            link.sources[context.source.id] = connection
            _tell_session(context, link)
            await first_to_end(
                _listen(context, link, connection, mirror),
                _reconcile(context, link, connection),
                _prove(context, connection),
                _fill(context, connection),
                mirror.run(),
            )
        finally:
            closing.set()
            if link.sources.get(context.source.id) is connection:
                del link.sources[context.source.id]
            await carried_through(_leave(connection, mirror))


async def _leave(connection: Connection, mirror: Mirror) -> None:
    await mirror.leave()
    await connection.leave()


async def _listen(context: Context, link: Link, connection: Connection, mirror: Mirror) -> None:
    """Raise when the session is dead: broken, silent, or ended by the server. Tell the server's clock."""
    measured = 0
    while True:
        if link.failure is not None:
            raise _again(link.failure)
        protocol = link.client.uaclient.protocol
        if protocol is None or protocol.is_closed:
            link.fail(ConnectionResetError(f"{link.where} closed it"))
        elif connection.feed.failure is not None:
            link.fail(connection.feed.failure)
        else:
            _check_silence(context, link, [*connection.feed.groups, *mirror.groups])
            if link.clock.measured != measured:
                measured = link.clock.measured
                if link.clock.offset_s is not None:
                    context.sink.clock_offset(link.clock.offset_s, link.clock.error_s)
                context.sink.note("clock", *clock_note(link.clock, link.where))
            await context.clock.sleep(TICK_S)


def _again(failure: NotReady | Refused) -> Exception:
    """The session's failure for one more of its holders."""
    if isinstance(failure, Refused):
        return Refused(failure.what, failure.do)
    return NotReady(failure.what, failure.do, busy=failure.busy, again_s=failure.again_s)


def _check_silence(context: Context, link: Link, groups: Sequence[Group]) -> None:
    now_us = context.clock.mono_us()
    for group in groups:
        silent_s = (now_us - group.heard_us) / 1e6
        if silent_s > max(SILENCE_S, SILENT_KEEP_ALIVES * group.keep_alive_s):
            link.fail(silent(link.where, silent_s))


async def _reconcile(context: Context, link: Link, connection: Connection) -> None:
    """Bring what the session has to what the tags ask, now and every ``RETRY_S``."""
    clock = context.clock
    await connection.adopt()
    due_us = clock.mono_us() + int(RETRY_S * 1e6)
    while True:
        await clock.sleep(TICK_S)
        await connection.mend()
        if clock.mono_us() >= due_us:
            await connection.read_server()
            await connection.audit()
            await connection.release_gone()
            await connection.adopt()
            _tell_certificates(context, link)
            due_us = clock.mono_us() + int(RETRY_S * 1e6)


async def _prove(context: Context, connection: Connection) -> None:
    while True:
        await context.clock.sleep(TICK_S)
        await connection.prove()


async def _fill(context: Context, connection: Connection) -> None:
    while True:
        await context.clock.sleep(FILL_S)
        await connection.fill()


def _tell_session(context: Context, link: Link) -> None:
    granted_s, asked_s = link.client.session_timeout / 1000, SESSION_MS / 1000
    same = granted_s == asked_s
    context.sink.fact("security", link.security)
    if context.source.user:
        context.sink.fact("user", context.source.user)
    context.sink.fact("session timeout", f"{granted_s:g} s" + ("" if same else f" (asked {asked_s:g} s)"))
    context.sink.fact("operations per request", f"{link.limits.read} read, {link.limits.monitor} monitored")
    _tell_certificates(context, link)


def _tell_certificates(context: Context, link: Link) -> None:
    """Remind of certificates that end soon; an open link has none and takes the reminder back."""
    now_us, sink, place = context.clock.now_us(), context.sink, link.place
    server = own = ("", "")
    if place.certificate is not None:
        renew = "renew it at the server, and trust the new one here before that day"
        server = expiry_note(f"the certificate of {link.where}", renew, link.server_expires_us, now_us)
        folder = place.certificate.parent
        renew = f"remove the folder {folder}, restart the engine and make every server trust the new one"
        own = expiry_note("our own certificate", renew, link.own_expires_us, now_us)
    sink.note("server certificate", *server)
    sink.note("revocation", "; ".join(link.judged.notes), CRL_ADVICE if link.judged.notes else "")
    sink.note("CA certificate", *_ca_note(link, now_us))
    sink.note("own certificate", *own)


def _ca_note(link: Link, now_us: int) -> tuple[str, str]:
    """The end of the first CA certificate above the server's that ends soon."""
    for each in link.judged.above:
        ends_us = int((each.not_valid_after_utc - EPOCH).total_seconds()) * 1_000_000
        found = expiry_note(f"the CA certificate {each.subject.rfc4514_string()}", CA_ADVICE, ends_us, now_us)
        if found[0]:
            return found
    return "", ""
