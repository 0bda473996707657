"""Writes one tag, or reads it now, through the session that is open: one Write request, once.

Loaded only where the project may write. Only the value is written, in the node's own built-in type: many
servers refuse a status or time with it (OPC 10000-4, 5.11.4). A handshake writes four nodes with the request.
"""

from __future__ import annotations

import asyncio
import logging
import math
from dataclasses import dataclass
from typing import Any

from asyncua import ua
from asyncua.client.ua_client import UASocketProtocol
from asyncua.ua.ua_binary import struct_from_binary

from engine.drivers.driver import Context
from engine.drivers.opcua.address import path_text
from engine.drivers.opcua.decode import plain_number
from engine.drivers.opcua.failures import UNANSWERED, status_name
from engine.drivers.opcua.link import Link, Spot
from engine.drivers.opcua.session import link_key
from engine.drivers.raw import Holds, Unfit, raw_number, seen_number
from engine.drivers.sealing import frame_of
from engine.drivers.writing import (
    READ_S,
    NotSent,
    check_security,
    check_time,
    is_text,
    no_value,
    not_connected,
    rejected,
    reset_on_close,
    unforeseen,
)
from engine.types import SEVERITY_MASK, Reading, Sent, Status, WriteOrder, reason

log = logging.getLogger(__name__)

_C = ua.StatusCodes
_HOLDS: dict[str, Holds] = {
    "Boolean": "bool", "SByte": "int8", "Byte": "uint8", "Int16": "int16", "UInt16": "uint16",
    "Int32": "int32", "UInt32": "uint32", "Int64": "int64", "UInt64": "uint64", "Float": "float32",
    "Double": "float64",
}  # fmt: skip
_BAD = 0x8000_0000
_CODE = 0xFFFF_0000
_LATER = "the server does it later: what comes of it is to be seen"
_CUT = "the server cut the value to what it takes: what it holds now is to be seen"
_GOOD: dict[int, str] = {_C.GoodCompletesAsynchronously: _LATER, _C.GoodClamped: _CUT}
_MAYBE = UNANSWERED | {_C.BadDeviceFailure, _C.BadOperationAbandoned}
"""After these the device behind the server may have done it."""
_LOST = "the server no longer knows our session, which is made anew"
_GONE = "the server no longer has this node"
_NO: dict[int, str] = {
    _C.BadUserAccessDenied: "the server does not allow us to write this",
    _C.BadNotWritable: "the server says that this can only be read",
    _C.BadTypeMismatch: "the server wants another type of number here",
    _C.BadOutOfRange: "the value is outside what the server takes",
    _C.BadInvalidArgument: "the server does not take this value",
    _C.BadWriteNotSupported: "the server does not take a value in this form",
    _C.BadNodeIdUnknown: _GONE,
    _C.BadNodeIdInvalid: _GONE,
    _C.BadAttributeIdInvalid: "this node has no value to write",
    _C.BadNotSupported: "the server does not support this write",
    _C.BadServiceUnsupported: "the server takes no writes at all",
    _C.BadNotImplemented: "the server takes no writes at all",
    _C.BadSecurityModeInsufficient: "the server wants an encrypted link for this",
    _C.BadLocked: "somebody has locked this at the server",
    _C.BadInvalidState: "the device is not in a state in which this can be written",
    _C.BadNoCommunication: "the server has no link to the device",
    _C.BadNotConnected: "the server has no link to the device",
    _C.BadOutOfService: "the device is out of service",
    _C.BadTooManyOperations: "the server is too busy now",
    _C.BadServerTooBusy: "the server is too busy now",
    _C.BadResourceUnavailable: "the server has no resources for it now",
    _C.BadSessionIdInvalid: _LOST,
    _C.BadSessionClosed: _LOST,
    _C.BadSessionNotActivated: _LOST,
}


@dataclass(frozen=True, slots=True)
class _Way:
    """The open session and a tag's place in it."""

    link: Link
    spot: Spot


async def send(context: Context, order: WriteOrder) -> Sent:
    """Write once; see ``engine.drivers.driver.Writes``."""
    end_s = asyncio.get_running_loop().time() + order.deadline_s
    try:
        check_time(order)
        way = _way(context, order.tag_id)
        check_security(context.source, way.link.security)
        return await _sent(way, _request(context, order), end_s)
    except (NotSent, Unfit) as why:
        return rejected(why)
    except Exception as error:
        return rejected(unforeseen(context.source, error))


async def read(context: Context, tag_id: int) -> Reading:
    """The value on the device now; see ``engine.drivers.driver.Writes``."""
    try:
        return await _read(_way(context, tag_id))
    except NotSent as why:
        return no_value(why)
    except Exception as error:
        return no_value(unforeseen(context.source, error))


def _way(context: Context, tag_id: int) -> _Way:
    """Raises NotSent when this source has no session or the tag has no node there."""
    link: Link | None = context.shared.opened(link_key(context))
    tags = None if link is None else link.sources.get(context.source.id)
    if link is None or tags is None or link.failure is not None:
        raise not_connected(context.source)
    spot = tags.spot(tag_id)
    if isinstance(spot, str):
        raise NotSent(f"{link.where}: {spot}; nothing was sent")
    return _Way(link, spot)


def _request(context: Context, order: WriteOrder) -> ua.WriteRequest:
    """The one request for an order. Raises NotSent or Unfit for what cannot be written."""
    spots = dict[int, Spot]()

    def place(tag_id: int, value: float) -> tuple[float, Holds]:
        spot = spots[tag_id] = _way(context, tag_id).spot
        holds = _holds(spot)
        return raw_number(spot.tag, value, holds, spot.info), holds

    request = ua.WriteRequest()
    request.Parameters.NodesToWrite = [_written(spots[tag_id], raw) for tag_id, raw in frame_of(order, place)]
    return request


def _holds(spot: Spot) -> Holds:
    """Which kind of number a node holds. Raises NotSent where it cannot be written."""
    if spot.info.type == "string":
        raise is_text(spot.tag)
    if spot.path:
        part = path_text(spot.path)
        raise NotSent(
            f"{spot.tag.path} is the part {part} of a larger value, which cannot be written alone: "
            "nothing was sent"
        )
    holds = _HOLDS.get(spot.data_type)
    if holds is None:
        raise NotSent(f"the server does not say which type of number {spot.tag.path} is: nothing was sent")
    return holds


def _written(spot: Spot, raw: float) -> ua.WriteValue:
    is_bool = spot.data_type == "Boolean"
    variant = ua.Variant(bool(raw) if is_bool else raw, ua.VariantType[spot.data_type])
    written: Any = ua.WriteValue()
    written.NodeId, written.AttributeId = spot.node, ua.AttributeIds.Value
    written.Value = ua.DataValue(variant, None)
    return written


async def _sent(way: _Way, request: ua.WriteRequest, end_s: float) -> Sent:
    """Put it on the wire, now, and wait for the answer."""
    where, protocol = way.link.where, way.link.client.uaclient.protocol
    if protocol is None or not _is_clear(protocol):
        raise NotSent(f"{where} takes no more bytes now, the link is stalled: nothing was sent")
    left_s = end_s - asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout_at(end_s):
            answer = await protocol.send_request(request, timeout=left_s)
        response = struct_from_binary(ua.WriteResponse, answer)
        response.ResponseHeader.ServiceResult.check()
        (first, *others) = (
            _judged(result.value, where)
            for _, result in zip(request.Parameters.NodesToWrite, response.Results, strict=True)
        )
        return _together(first, others)
    except BaseException as error:
        # asyncua numbers a request in the step that also hands it to the socket.
        if not request.RequestHeader.RequestHandle:
            if isinstance(error, OSError | TimeoutError):
                raise NotSent(f"the connection to {where} is gone: nothing was sent") from None
            raise
        if isinstance(error, ua.UaStatusCodeError) and _is_open(protocol):
            return _judged(error.code, where)  # the server refused the whole request
        reset_on_close(protocol.transport)
        if not isinstance(error, Exception):
            raise  # a cancel: it is sent, and never again
        return _unknown(error, where)


def _is_open(protocol: UASocketProtocol) -> bool:
    return protocol.transport is not None and not protocol.transport.is_closing()


def _is_clear(protocol: UASocketProtocol) -> bool:
    """Whether what is sent now leaves at once: nothing waits before it."""
    transport = protocol.transport
    return transport is not None and not transport.is_closing() and not transport.get_write_buffer_size()


def _judged(code: int, where: str) -> Sent:
    """What the server's answer means."""
    kind, name = code & _CODE, status_name(code)
    if not code & _BAD:
        words = _GOOD.get(kind, f"{where} answered {name}" if kind else "")
        return Sent("accepted", words, 1)
    if kind in _MAYBE:
        return Sent("unknown", f"{where} answered {name}: it may have been done, or not", 1)
    words = _NO.get(kind)
    return Sent("rejected", f"{words} ({name})" if words else f"{where} refused it with {name}", 1)


def _together(first: Sent, others: list[Sent]) -> Sent:
    """What the answers to all nodes of one request mean. A part of a handshake is no handshake, but what the
    PLC makes of it is to be seen.
    """
    other = next((each for each in others if each.outcome != first.outcome), None)
    if other is None:
        return first
    why = first.why or other.why
    return Sent("unknown", f"the server took only a part of it ({why}): what the PLC did is to be seen", 1)


def _unknown(error: Exception, where: str) -> Sent:
    if isinstance(error, TimeoutError):
        why = f"{where} did not answer the write in time"
    elif isinstance(error, OSError | ua.UaStatusCodeError):
        why = f"the connection to {where} broke before the write was answered"
    else:
        why = f"{where} answered the write in a way we do not understand ({type(error).__name__})"
        log.warning("%s", why, exc_info=error)
    return Sent("unknown", f"{why}: it may have done it, may do it yet, or not at all", 1)


async def _read(way: _Way) -> Reading:
    spot, where = way.spot, way.link.where
    if spot.info.type == "string":
        raise is_text(spot.tag)
    parameters = ua.ReadParameters()
    parameters.MaxAge = 0  # from the device itself, not from the server's memory
    parameters.TimestampsToReturn = ua.TimestampsToReturn.Both
    parameters.NodesToRead = [ua.ReadValueId(NodeId=spot.node, AttributeId=ua.AttributeIds.Value)]
    try:
        async with asyncio.timeout(READ_S):
            (answer,) = await way.link.client.uaclient.read(parameters)
    except TimeoutError:
        return no_value(f"{where} did not answer in time")
    except ua.UaStatusCodeError as error:
        return no_value(f"{where} answers {status_name(error.code)}", error.code)
    except (OSError, ua.UaError, ValueError) as error:
        return no_value(f"the connection to {where} broke ({type(error).__name__})")
    raw, status = (spot.reader or plain_number)(answer)
    value = seen_number(spot.tag, raw, spot.info)
    if status & SEVERITY_MASK & _BAD:
        return no_value(f"{where} says of {spot.tag.path}: {reason(status) or status_name(status)}", status)
    if not math.isfinite(value):
        return no_value(f"{spot.tag.path} holds no number now", Status.BAD)
    return Reading(value, status)
