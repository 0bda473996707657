"""Keeping an open session alive, and finding out that it is dead though nobody said so."""

from __future__ import annotations

import asyncio

from asyncua import ua
from asyncua.ua.uaerrors import UaStructParsingError

from engine.drivers.driver import NotReady
from engine.drivers.opcua.ending import first_to_end
from engine.drivers.opcua.link import Link
from engine.drivers.opcua.server import measure
from engine.types import Clock

TICK_S = 0.25
STATUS_S = 30.0
"""How often the server's clock is measured while all is well."""
DOUBTED_S = 2.0
"""How soon again when a sample's time does not fit the last measurement."""
QUIET_S = 1.5
"""After so long without a word the server is asked for one; with ``ANSWER_S`` a frozen one is found
within 5 s, however slow its keep-alives are."""
ANSWER_S = 2.5
RENEW_AT = 0.75
"""When a security token is renewed, as a part of its life (OPC 10000-4, 5.5.2.1)."""


async def keep_up(link: Link, clock: Clock, timeout_s: float) -> None:
    """Renew the channel and watch the server until cancelled or until ``link.failure`` is set."""
    try:
        await first_to_end(_renew(link, clock), _watch(link, clock, max(ANSWER_S, timeout_s)))
    except Exception as error:
        link.fail(error)


async def _renew(link: Link, clock: Clock) -> None:
    while True:
        await clock.sleep(link.client.secure_channel_timeout / 1000 * RENEW_AT)
        await link.client.open_secure_channel(renew=True)
        link.client.uaclient.revolve_security_token()


async def _watch(link: Link, clock: Clock, answer_s: float) -> None:
    asked_us = clock.mono_us()
    while link.failure is None:
        now_us = clock.mono_us()
        rest_s = DOUBTED_S if link.clock.doubted else STATUS_S
        if now_us - asked_us >= rest_s * 1e6 or now_us - link.heard_us > QUIET_S * 1e6:
            asked_us = now_us
            await _ask(link, clock, answer_s)
        await clock.sleep(TICK_S)


async def _ask(link: Link, clock: Clock, answer_s: float) -> None:
    """Read the server's time, and note that it answers."""
    heard_us = link.heard_us
    try:
        async with asyncio.timeout(answer_s):
            await measure(link.client, link.clock, clock)
    except TimeoutError as error:
        silent_s = (clock.mono_us() - heard_us) / 1e6
        raise silent(link.where, silent_s) from error
    link.heard_us = clock.mono_us()


def silent(where: str, seconds: float) -> NotReady:
    """The server said nothing for so long."""
    return NotReady(
        f"{where} has been silent for {seconds:.1f} s though the connection stands",
        "check that the device runs and is not overloaded; if it hangs, restart it",
    )


def watch_publishes(link: Link, clock: Clock) -> None:
    """Note when publishes come and why they no longer do: asyncua would try for ever without a word."""
    session = link.client.uaclient.session
    ask = session.publish

    async def publish(acks: list[ua.SubscriptionAcknowledgement]) -> ua.PublishResponse:
        try:
            response = await ask(acks)
        except (ua.uaerrors.BadTimeout, UaStructParsingError):
            link.heard_us = clock.mono_us()
            raise
        except ua.uaerrors.BadNoSubscription as error:
            if link.subscriptions:
                link.fail(error)
            raise
        except Exception as error:
            link.fail(error)
            raise
        link.heard_us = clock.mono_us()
        return response

    session.publish = publish
