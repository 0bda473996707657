"""One source from opening its connection to the end of it."""

from __future__ import annotations

import asyncio

from engine.drivers.driver import Context, NotReady, Refused
from engine.drivers.opcua.clock import clock_note
from engine.drivers.opcua.connection import Connection
from engine.drivers.opcua.ending import carried_through, first_to_end, stoppable
from engine.drivers.opcua.link import Link
from engine.drivers.opcua.session import SESSION_MS, held
from engine.drivers.opcua.trust import expiry_note
from engine.drivers.opcua.watch import TICK_S, silent

RETRY_S = 5.0
"""How often tags without a node are looked for again."""
FILL_S = 1.0
"""How often it is looked whether there is a past to read back."""
SILENCE_S = 3.0
"""Least time without a publish or keep-alive after which a subscription counts as dead."""
SILENT_KEEP_ALIVES = 2.5


async def run(context: Context) -> None:
    """Deliver the tags of one source until cancelled; see ``engine.drivers.driver.Run``."""
    await stoppable(lambda closing: _deliver(context, closing))


async def _deliver(context: Context, closing: asyncio.Event) -> None:
    async with held(context) as link:
        connection = Connection(context, link)
        try:
            for about in ("server state", "strangers", "64-bit"):
                context.sink.note(about, "")
            await connection.read_server()
            _tell_session(context, link)
            await first_to_end(
                _listen(context, link, connection),
                _reconcile(context, link, connection),
                _prove(context, connection),
                _fill(context, connection),
            )
        finally:
            closing.set()
            await carried_through(connection.leave())


async def _listen(context: Context, link: Link, connection: Connection) -> None:
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
            _check_silence(context, link, connection)
            if link.clock.measured != measured:
                measured = link.clock.measured
                context.sink.clock_offset(link.clock.offset_s or 0.0)
                context.sink.note("clock", *clock_note(link.clock, link.where))
            await context.clock.sleep(TICK_S)


def _again(failure: NotReady | Refused) -> Exception:
    """The session's failure for one more of its holders."""
    if isinstance(failure, Refused):
        return Refused(failure.what, failure.do)
    return NotReady(failure.what, failure.do, busy=failure.busy, again_s=failure.again_s)


def _check_silence(context: Context, link: Link, connection: Connection) -> None:
    now_us = context.clock.mono_us()
    for group in connection.feed.groups:
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
    sink.note("own certificate", *own)
