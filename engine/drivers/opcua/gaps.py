"""Notifications that never came: asked for again, and what the server no longer has is counted."""

from __future__ import annotations

from asyncua import ua

from engine.drivers.opcua.decode import decode
from engine.drivers.opcua.failures import SESSION_LOST
from engine.drivers.opcua.feed import Feed
from engine.drivers.opcua.groups import Group
from engine.drivers.opcua.link import Link

MOST_ASKED = 200
"""Notifications asked for again after one gap; of a longer one all items are read anew anyway."""


async def mend(link: Link, feed: Feed, group: Group) -> int:
    """Republish what is missing (OPC 10000-4, 5.14.6) and deliver it; gives how many are lost for good."""
    lost = 0
    while group.gaps:
        first, last = group.gaps[0]
        asked = min(last, first + MOST_ASKED - 1)
        for number in range(first, asked + 1):
            lost += not await _republished(link, feed, group, number)
        lost += last - asked
        group.gaps.pop(0)
    return lost


async def _republished(link: Link, feed: Feed, group: Group, number: int) -> bool:
    """Ask for one notification again and deliver it; False = the server has it no more."""
    session = link.client.uaclient.session
    try:
        message = await session.republish(group.subscription, number)
    except ua.UaStatusCodeError as error:
        if error.code in SESSION_LOST:
            raise
        return False
    if message.SequenceNumber != number:
        # asyncua's own server answers with an empty message instead of BadMessageNotAvailable.
        return False
    result = ua.PublishResult(SubscriptionId=group.subscription, NotificationMessage=message)
    feed.take_old(group, decode(result, group.readers).samples)
    return True
