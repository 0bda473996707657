"""The seam between asyncua's event notifications and plain values; see ``event_bytes``."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from asyncua import ua

from engine.drivers.opcua.event_bytes import Code, Event, Field, Node, Time
from engine.drivers.opcua.namespaces import KINDS
from engine.drivers.opcua.trust import EPOCH


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """All events of one publish, decoded from its bytes; stands in its NotificationData."""

    events: tuple[Event, ...]


def events_of(result: ua.PublishResult) -> tuple[list[Event], int]:
    """The events of one publish, and the StatusCode with which the server ended the subscription, 0 = not."""
    events: list[Event] = []
    ended = 0
    notifications: Sequence[object] = result.NotificationMessage.NotificationData or []
    for notification in notifications:
        if isinstance(notification, Events):
            events += notification.events
        elif isinstance(notification, ua.EventNotificationList):
            for one in notification.Events or []:
                events.append((one.ClientHandle, tuple(plain(field) for field in one.EventFields or [])))
        elif isinstance(notification, ua.StatusChangeNotification):
            ended = notification.Status.value
    return events, ended


def plain(field: object) -> Field:
    """A Variant of asyncua as a plain value; None = nothing, or something that no field of ours is."""
    value = field.Value if isinstance(field, ua.Variant) else field
    if isinstance(value, ua.LocalizedText):
        value = value.Text
    elif isinstance(value, ua.QualifiedName):
        value = value.Name
    elif isinstance(value, ua.StatusCode):
        return Code(value.value)
    elif isinstance(value, ua.NodeId):
        return Node(value.NamespaceIndex, KINDS[value.NodeIdType], value.Identifier)
    elif isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=EPOCH.tzinfo)
        return Time(max(0, (aware - EPOCH) // timedelta(microseconds=1)))
    return value if isinstance(value, bool | int | float | str | bytes | uuid.UUID) else None
