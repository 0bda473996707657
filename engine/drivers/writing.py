"""What all drivers that write have in common: when nothing is sent, and what is never sent late."""

from __future__ import annotations

import asyncio
import logging
import math
import socket
import struct
from typing import Any

from engine.types import Reading, Sent, Source, Status, Tag, WriteOrder

log = logging.getLogger(__name__)

READ_S = 2.0
"""Longest wait for a value that is asked for now."""
LEAST_S = 0.05
"""With less time left than that nothing is sent: the answer could not come in time."""


class NotSent(Exception):
    """Nothing was put on the wire, and nothing will be; the text says why."""


def rejected(why: object) -> Sent:
    """It was never sent."""
    return Sent("rejected", str(why), 0)


def no_value(why: object, status: int = Status.NO_COMMUNICATION) -> Reading:
    """There is none to be had now."""
    return Reading(None, int(status), str(why))


def unforeseen(source: Source, error: Exception) -> NotSent:
    """A fault of ours before anything was sent, on record."""
    log.error("A write to %s failed before it was sent.", source.id, exc_info=error)
    return NotSent(f"{source.id}: an error in the driver ({type(error).__name__}): nothing was sent")


def not_connected(source: Source) -> NotSent:
    """There is no link, and none is made for this."""
    return NotSent(f"{source.id} is not connected: nothing was sent, and nothing waits to be sent")


def check_time(order: WriteOrder) -> None:
    """Raises NotSent for an order that leaves no time."""
    if not (math.isfinite(order.deadline_s) and order.deadline_s >= LEAST_S):
        raise NotSent(f"there is no time for an answer within {order.deadline_s:g} s: nothing was sent")


def check_security(source: Source, security: str) -> None:
    """Raises NotSent for a link without security over which nobody allowed to write."""
    if security == "none" and not source.unsecured_writes:
        raise NotSent(
            f"the link to {source.id} is not encrypted, so nothing is written over it: use security, or set "
            "unsecured_writes = true for it in plant.toml"
        )


def no_such_tag(source: Source, tag_id: int) -> NotSent:
    """The source has no tag with this id."""
    return NotSent(f"{source.id} has no tag number {tag_id}: nothing was sent")


def is_text(tag: Tag) -> NotSent:
    """Only numbers are written."""
    return NotSent(f"{tag.path} holds text, and only numbers can be written: nothing was sent")


def reset_on_close(transport: asyncio.BaseTransport | None) -> None:
    """What has not left this machine when this connection is closed never will.

    Without it the system goes on sending what it holds for minutes after a close, so a write that was given
    up could reach the device long after. Serial lines have no such store.
    """
    held: Any = None if transport is None else transport.get_extra_info("socket")
    if held is not None and not transport.is_closing():  # pyright: ignore[reportOptionalMemberAccess]
        held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
