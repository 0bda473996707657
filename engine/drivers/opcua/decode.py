"""The seam between asyncua's objects and arrays: one publish in, arrays out.

Everything behind ``decode`` is arrays, so a decoder that reads the bytes of a PublishResponse
directly can take its place; ``decode`` then stays as the fallback and the reference to test it by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from asyncua import ua

from engine.drivers.opcua.samples import Samples
from engine.drivers.opcua.trust import EPOCH
from engine.types import Status

_NAN = float("nan")


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


def decode(result: ua.PublishResult) -> Publish:
    """The stock decoder: asyncua has parsed the response, this lays it out as arrays."""
    handles: list[int] = []
    values: list[ua.DataValue] = []
    ended = 0
    notifications = result.NotificationMessage.NotificationData or []
    for notification in notifications:
        if isinstance(notification, ua.DataChangeNotification):
            for item in notification.MonitoredItems or []:
                handles.append(item.ClientHandle)
                values.append(item.Value)
        elif isinstance(notification, ua.StatusChangeNotification):
            ended = notification.Status.value
    return Publish(
        sequence=result.NotificationMessage.SequenceNumber,
        holds_data=bool(notifications),
        more=bool(result.MoreNotifications),
        ended=ended,
        samples=to_samples(handles, values),
    )


def to_samples(handles: Sequence[int], values: Sequence[ua.DataValue]) -> Samples:
    """DataValues as arrays. What is no single number becomes NaN with ``CONFIGURATION_ERROR``."""
    count = len(values)
    number = np.empty(count, np.float64)
    status = np.empty(count, np.uint32)
    for k, value in enumerate(values):
        number[k], status[k] = _number(value)
    return Samples(
        handle=np.array(handles, np.int32),
        value=number,
        status=status,
        source_us=np.fromiter((_microseconds(v.SourceTimestamp) for v in values), np.int64, count),
        server_us=np.fromiter((_microseconds(v.ServerTimestamp) for v in values), np.int64, count),
    )


def _number(value: ua.DataValue) -> tuple[float, int]:
    """Value as a number and its StatusCode. Booleans are 0 and 1, integers exact to 2^53."""
    status = 0 if value.StatusCode is None else value.StatusCode.value
    content = None if value.Value is None else value.Value.Value
    if isinstance(content, bool | int | float):
        return float(content), status
    if status & Status.BAD:
        return _NAN, status
    return _NAN, Status.WAITING_FOR_INITIAL_DATA if content is None else Status.CONFIGURATION_ERROR


def _microseconds(time: datetime | None) -> int:
    """UTC microseconds, exact; 0 = none. asyncua gives aware UTC, a naive time is taken as UTC."""
    if time is None:
        return 0
    span = (time if time.tzinfo else time.replace(tzinfo=EPOCH.tzinfo)) - EPOCH
    return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds
