"""The seam between asyncua's objects and arrays: one publish in, arrays out.

``decode(result, readers)`` gives a ``Publish`` and ``to_samples(handles, values, readers)`` gives
``Samples``. ``readers`` has an entry, by handle, only for tags that are no plain number or boolean
(``Found.reader``); give each subscription the readers of its own tags, so that subscriptions of numbers
stay on the fast way. Where ``publish.install`` is at work, the numbers of a publish come as arrays
already (``Change``); whatever a reader must see is decoded from the same bytes by asyncua.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from asyncua import ua

from engine.drivers.opcua.samples import EXACT, Samples
from engine.drivers.opcua.trust import EPOCH
from engine.types import SEVERITY_MASK, Status

_NAN = float("nan")
LAST_HANDLE = 0x7FFFFFFF
STRANGER = -1
"""Stands for every handle beyond ``LAST_HANDLE``: we give out none of those."""

Reader = Callable[[ua.DataValue], tuple[float, int]]
"""A DataValue as (value or interned code of a text, StatusCode); NaN = no value. Never raises."""
NO_READERS: Mapping[int, Reader] = {}


@dataclass(frozen=True, slots=True, eq=False)
class Publish:
    """One publish of a subscription. ``sequence`` numbers it if ``holds_data``, else it is the next number.

    ``more`` = the server has further samples queued. ``ended`` = StatusCode with which the server
    ended the subscription, 0 while it lives.
    """

    sequence: int
    holds_data: bool
    more: bool
    ended: int
    samples: Samples


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """All notifications of one publish, decoded from its bytes; stands in its NotificationData.

    ``stock`` decodes the same bytes with asyncua.
    """

    samples: Samples
    stock: Callable[[], ua.PublishResult]


def decode(result: ua.PublishResult, readers: Mapping[int, Reader] = NO_READERS) -> Publish:
    """One publish as arrays. Tags in ``readers`` (by handle) are read by those."""
    notifications: Sequence[object] = result.NotificationMessage.NotificationData or []
    ended = 0
    handles: list[int] = []
    values: list[ua.DataValue] = []
    for notification in notifications:
        if isinstance(notification, Change):
            if readers and not readers.keys().isdisjoint(notification.samples.handle.tolist()):
                return decode(notification.stock(), readers)
            return _publish(result, 0, notification.samples)
        if isinstance(notification, ua.DataChangeNotification):
            for item in notification.MonitoredItems or []:
                handles.append(item.ClientHandle)
                values.append(item.Value)
        elif isinstance(notification, ua.StatusChangeNotification):
            ended = notification.Status.value
    return _publish(result, ended, to_samples(handles, values, readers))


def _publish(result: ua.PublishResult, ended: int, samples: Samples) -> Publish:
    message = result.NotificationMessage
    return Publish(
        sequence=message.SequenceNumber,
        holds_data=bool(message.NotificationData),
        more=bool(result.MoreNotifications),
        ended=ended,
        samples=samples,
    )


def to_samples(
    handles: Sequence[int], values: Sequence[ua.DataValue], readers: Mapping[int, Reader] = NO_READERS
) -> Samples:
    """DataValues as arrays. Without a reader, what is no single number becomes NaN and bad.

    A handle that cannot be one of ours becomes ``STRANGER``.
    """
    count = len(values)
    number = np.empty(count, np.float64)
    status = np.empty(count, np.uint32)
    known = [handle if 0 <= handle <= LAST_HANDLE else STRANGER for handle in handles]
    for k, (handle, value) in enumerate(zip(handles, values, strict=True)):
        number[k], status[k] = readers.get(handle, plain_number)(value)
    return Samples(
        handle=np.array(known, np.int32),
        value=number,
        status=status,
        source_us=np.fromiter((_microseconds(v.SourceTimestamp) for v in values), np.int64, count),
        server_us=np.fromiter((_server_us(v) for v in values), np.int64, count),
    )


def plain_number(value: ua.DataValue) -> tuple[float, int]:
    """Value as a number and its StatusCode. Booleans are 0 and 1.

    Integers beyond 2^53 are rounded, which makes good ones uncertain.
    No value = ``WAITING_FOR_INITIAL_DATA``, another type = ``CONFIGURATION_ERROR``, both only where
    the server did not call the value bad itself.
    """
    status = 0 if value.StatusCode is None else value.StatusCode.value
    content = None if value.Value is None else value.Value.Value
    if isinstance(content, bool | int | float):
        if isinstance(content, int) and abs(content) > EXACT and not status & SEVERITY_MASK:
            status |= Status.UNCERTAIN
        return float(content), status
    return _NAN, worse(status, content is None)


def worse(status: int, missing: bool) -> int:
    """The status of a sample that has no usable value: the server's own if that is bad."""
    if status & Status.BAD:
        return status
    return Status.WAITING_FOR_INITIAL_DATA if missing else Status.CONFIGURATION_ERROR


def _server_us(value: ua.DataValue) -> int:
    # asyncua 2.1 reads SourcePicoseconds behind ServerTimestamp, the standard puts them before it
    # (OPC 10000-6, 5.2.2.17): with both present its ServerTimestamp is made of the wrong bytes.
    return 0 if value.SourcePicoseconds is not None else _microseconds(value.ServerTimestamp)


def _microseconds(time: datetime | None) -> int:
    """UTC microseconds, exact; 0 = none. asyncua gives aware UTC, a naive time is taken as UTC."""
    if time is None:
        return 0
    span = (time if time.tzinfo else time.replace(tzinfo=EPOCH.tzinfo)) - EPOCH
    return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds
