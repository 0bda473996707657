"""Puts the array decoder under asyncua's publish loop, with asyncua's own decoder as the fallback."""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
from asyncua import Client, ua
from asyncua.client.ua_client import UASocketProtocol
from asyncua.client.ua_session import UaSession
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_from_binary, struct_to_binary
from asyncua.ua.uaerrors import UaStructParsingError

from engine.drivers.opcua.arrays import parse_response
from engine.drivers.opcua.decode import Change, decode
from engine.drivers.opcua.event_bytes import parse_events
from engine.drivers.opcua.events import Events
from engine.drivers.opcua.frame import Frame, Unexpected

log = logging.getLogger(__name__)


def install(client: Client) -> bool:
    """Decode this client's publishes straight into arrays, from now on; whether that is possible.

    To be called once, when the session is open. A publish that is not the common case (texts, arrays,
    status changes, keep-alives, anything damaged) is decoded by asyncua from the same bytes. If asyncua
    is not the one we know, nothing is changed and this is logged once.
    """
    if not fits():
        return False
    transport = client.uaclient

    async def publish(acks: list[ua.SubscriptionAcknowledgement]) -> ua.PublishResponse:
        request = ua.PublishRequest()
        request.Parameters.SubscriptionAcknowledgements = acks or []
        if transport.protocol is None:
            raise ConnectionError("Connection is not open")
        return response_of(await transport.protocol.send_request(request, timeout=0))

    transport.session.publish = publish
    return True


def response_of(data: Buffer) -> ua.PublishResponse:
    """Decode a PublishResponse: as arrays (``Change``) if it holds only numbers, as plain values (``Events``)
    if it holds only events, else by asyncua.

    Raises:
        UaStructParsingError: it cannot be read; asyncua's loop then asks for the next one, and the gap in
            the sequence numbers tells that this one is missing.
    """
    raw = data.copy().read(len(data))
    try:
        parsed = parse_response(raw)
    except Unexpected:
        return _of_events(raw)
    change = Change(parsed.samples, lambda: _stock(raw).Parameters)
    return _response(parsed.frame, parsed.results, change)


def _of_events(raw: bytes) -> ua.PublishResponse:
    try:
        parsed = parse_events(raw)
    except Unexpected:
        return _stock(raw)
    return _response(parsed.frame, parsed.results, Events(parsed.events))


def _stock(raw: bytes) -> ua.PublishResponse:
    try:
        return struct_from_binary(ua.PublishResponse, Buffer(raw))
    except Exception as error:
        log.warning("a notification of the server cannot be read and is asked for again: %s", error)
        raise UaStructParsingError from error


def _response(frame: Frame, results: Sequence[int], notification: Change | Events) -> ua.PublishResponse:
    result: Any = ua.PublishResult()
    result.SubscriptionId = frame.subscription
    result.AvailableSequenceNumbers = list(frame.available)
    result.MoreNotifications = frame.more
    result.Results = [_status_code(code) for code in results]
    result.NotificationMessage.SequenceNumber = frame.sequence
    result.NotificationMessage.PublishTime = ua.win_epoch_to_datetime(frame.publish_ticks)
    result.NotificationMessage.NotificationData = [notification]
    response = ua.PublishResponse()
    response.Parameters = result
    return response


def _status_code(code: int) -> ua.StatusCode:
    make: Any = ua.StatusCode
    return make(code)


@functools.cache
def fits() -> bool:
    """Whether asyncua publishes the way we know and both decoders agree on a sample; logs a no, once."""
    why = _parameters(UaSession.publish, ["self", "acks"])
    why = why or _parameters(UASocketProtocol.send_request, ["self", "request", "timeout", "message_type"])
    why = why or _disagreement()
    if why:
        log.warning(
            "asyncua is not the one we know (%s): values are decoded one by one, which is slower", why
        )
    return not why


def _parameters(function: Any, names: Sequence[str]) -> str:
    found = list(inspect.signature(function).parameters)
    known = inspect.iscoroutinefunction(function) and found == list(names)
    return "" if known else f"{function.__qualname__} takes {', '.join(found)}"


def _disagreement() -> str:
    """Decode a small publish both ways."""
    raw = struct_to_binary(_example())
    try:
        fast = decode(response_of(Buffer(raw)).Parameters)
        stock = decode(_stock(raw).Parameters)
    except Exception as error:
        return f"an example cannot be decoded: {error!r}"
    same = (fast.sequence, fast.more, fast.holds_data) == (stock.sequence, stock.more, stock.holds_data)
    for name in ("handle", "value", "status", "source_us", "server_us"):
        same &= np.array_equal(getattr(fast.samples, name), getattr(stock.samples, name), equal_nan=True)
    return "" if same else "an example decodes differently"


def _example() -> ua.PublishResponse:
    item: Any = ua.MonitoredItemNotification
    time: Any = ua.win_epoch_to_datetime(133_000_000_123_456_780)
    variants = [
        ua.Variant(1.5, ua.VariantType.Double),
        ua.Variant(-7, ua.VariantType.Int32),
        ua.Variant(True, ua.VariantType.Boolean),
    ]
    response: Any = ua.PublishResponse()
    response.Parameters.SubscriptionId = 1
    response.Parameters.NotificationMessage.SequenceNumber = 7
    values = [
        ua.DataValue(v, _status_code(0x400), SourceTimestamp=time, ServerTimestamp=time) for v in variants
    ]
    change: Any = ua.DataChangeNotification()
    change.MonitoredItems = [item(ClientHandle=k, Value=value) for k, value in enumerate(values)]
    response.Parameters.NotificationMessage.NotificationData = [change]
    return response
