"""Monitored items of a demo plant's OPC UA server, sampled and encoded as arrays.

asyncua makes several objects for every value it sends; 1,600 tags a second would take most of a core.
Sessions, security, browsing and the first value of an item stay asyncua's own.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from asyncua import ua
from asyncua.server import subscription_service
from asyncua.server.address_space import AddressSpace
from asyncua.server.internal_subscription import InternalSubscription
from asyncua.server.monitored_item_service import MonitoredItemService
from numpy.typing import NDArray

EPOCH_TICKS = 116_444_736_000_000_000
"""From 1601-01-01, the epoch of OPC UA, to 1970-01-01 in units of 100 ns."""
FORMS = {1: "u1", 4: "<i2", 5: "<u2", 6: "<i4", 7: "<u4", 10: "<f4", 11: "<f8"}
"""Values of built-in types by their number (OPC 10000-6, 5.1.2)."""
_MASK = 0x0F
_OVERFLOW = 0x0480
_CHANGE_ID = 811
_SLACK_US = 50_000
"""A sample that comes this much early still counts as the next one: the plant's ticks are not exact."""


@dataclass(slots=True, eq=False)
class Offer:
    """What a server offers: by node id the column of each variable, and all values with type and time."""

    column: dict[ua.NodeId, int]
    kind: NDArray[np.uint8]
    value: NDArray[np.float64]
    time_us: NDArray[np.int64]


_offers: weakref.WeakKeyDictionary[AddressSpace, Offer] = weakref.WeakKeyDictionary()


def offer(space: AddressSpace, offered: Offer) -> None:
    """Have all subscriptions of a server send these variables as arrays."""
    _offers[space] = offered
    service: Any = subscription_service  # it makes subscriptions by this name
    service.InternalSubscription = PlantSubscription


@dataclass(slots=True, eq=False)
class Rows:
    """The monitored items of one subscription as columns; ``due_us`` = when each may send again.

    ``queue`` = samples of an item that may wait; of more, the oldest are dropped.
    """

    column: NDArray[np.int64]
    handle: NDArray[np.uint32]
    interval_us: NDArray[np.int64]
    queue: NDArray[np.int64]
    due_us: NDArray[np.int64] = field(init=False)
    changed: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.due_us = np.zeros(len(self.column), np.int64)
        self.changed = np.zeros(len(self.column), np.bool_)


@dataclass(frozen=True, slots=True, eq=False)
class Sampled:
    """Samples still to be sent, all [k], in their order for each item."""

    handle: NDArray[np.uint32]
    kind: NDArray[np.uint8]
    value: NDArray[np.float64]
    time_us: NDArray[np.int64]
    status: NDArray[np.uint32]


COLUMNS = ("handle", "kind", "value", "time_us", "status")


class PlantItems(MonitoredItemService):
    """Keeps a row for each item on a variable of the plant."""

    def __init__(self, subscription: InternalSubscription, space: AddressSpace, offered: Offer) -> None:
        super().__init__(subscription, space)
        self._offered = offered
        self._asked: dict[int, tuple[int, int, int, int]] = {}
        self.rows = self._table()

    async def create_monitored_items(
        self, params: ua.CreateMonitoredItemsParameters
    ) -> list[ua.MonitoredItemCreateResult]:
        """As asyncua does it; remembers column, client handle and sampling interval."""
        results = await super().create_monitored_items(params)
        for asked, result in zip(params.ItemsToCreate, results, strict=True):
            node, wanted = asked.ItemToMonitor.NodeId, asked.RequestedParameters
            value = asked.ItemToMonitor.AttributeId == ua.AttributeIds.Value
            if value and node in self._offered.column and result.StatusCode.is_good():
                interval_us = int(max(0.0, wanted.SamplingInterval) * 1000)
                column, queue = self._offered.column[node], max(1, result.RevisedQueueSize)
                row = (column, int(wanted.ClientHandle or 0), interval_us, queue)
                self._asked[result.MonitoredItemId] = row
        self.rows = self._table()
        return results

    def delete_monitored_items(self, ids: list[int]) -> list[ua.StatusCode]:
        """As asyncua does it; forgets their rows."""
        for one in ids:
            self._asked.pop(one, None)
        self.rows = self._table()
        return super().delete_monitored_items(ids)

    def _table(self) -> Rows:
        table = np.array(list(self._asked.values()), np.int64).reshape(-1, 4)
        return Rows(table[:, 0], table[:, 1].astype(np.uint32), table[:, 2], table[:, 3])


class PlantSubscription(InternalSubscription):
    """A subscription that sends the plant's variables as numpy-encoded notifications.

    Overload: of more samples of an item than it may queue, the oldest are dropped and the next one carries
    the Overflow bit.
    """

    def __init__(self, data: Any, aspace: AddressSpace, *args: Any, **options: Any) -> None:
        super().__init__(data, aspace, *args, **options)
        self._offered = _offers.get(aspace)
        self._waiting: list[Sampled] = []
        self._held = 0
        if self._offered is not None:
            self.monitored_item_srv = self._items = PlantItems(self, aspace, self._offered)

    def sample(self, changed: NDArray[np.bool_], now_us: int) -> None:
        """Take what changed of the plant's variables, bool[variables], at each item's own pace."""
        if self._offered is None:
            return
        rows = self._items.rows
        rows.changed |= changed[rows.column]
        send = rows.changed & (rows.due_us <= now_us + _SLACK_US)
        if not send.any():
            return
        rows.changed[send] = False
        rows.due_us[send] = now_us + rows.interval_us[send]
        column, offered = rows.column[send], self._offered
        self._hold(rows.handle[send], column, offered.value[column], offered.time_us[column])

    def block(self, column: int, value: NDArray[np.float64], time_us: NDArray[np.int64]) -> None:
        """Take samples [k] of one variable, every one of them, or as many as an item's interval asks for."""
        if self._offered is None:
            return
        rows = self._items.rows
        for row in np.flatnonzero(rows.column == column).tolist():
            interval_us = max(1, int(rows.interval_us[row]))
            turn = np.concatenate(([rows.due_us[row]], time_us // interval_us))
            rows.due_us[row] = turn[-1]  # the last turn that was sent
            send = np.diff(turn) != 0
            count = int(np.count_nonzero(send))
            handle = np.full(count, rows.handle[row], np.uint32)
            self._hold(handle, np.full(count, column), value[send], time_us[send])

    def _hold(
        self,
        handle: NDArray[np.uint32],
        column: NDArray[np.int64],
        value: NDArray[np.float64],
        time_us: NDArray[np.int64],
    ) -> None:
        assert self._offered is not None
        status = np.zeros(len(handle), np.uint32)
        self._waiting.append(Sampled(handle, self._offered.kind[column], value, time_us, status))
        self._held += len(handle)
        if self._held > 2 * int(self._items.rows.queue.sum()):
            self._trim()

    def _trim(self) -> None:
        """Make one of all that waits, and drop what is more than the items may queue."""
        rows = self._items.rows
        self._waiting = [fitting(joined(self._waiting), rows.handle, rows.queue)]
        self._held = len(self._waiting[0].handle)

    def has_published_results(self) -> bool:
        """Whether samples, or something of asyncua's own, wait to be sent."""
        return bool(self._publishing_enabled and self._held) or super().has_published_results()

    def _pop_triggered_datachanges(self, result: ua.PublishResult) -> None:
        super()._pop_triggered_datachanges(result)
        if not self._held:
            return
        self._trim()
        body = encoded(self._waiting[0])
        self._waiting.clear()
        self._held = 0
        make: Any = ua.ExtensionObject
        type_id: Any = ua.FourByteNodeId
        result.NotificationMessage.NotificationData.append(make(TypeId=type_id(_CHANGE_ID), Body=body))


def joined(parts: Sequence[Sampled]) -> Sampled:
    """Samples one after the other."""
    return Sampled(*(np.concatenate([getattr(part, name) for part in parts]) for name in COLUMNS))


def fitting(samples: Sampled, handle: NDArray[np.uint32], queue: NDArray[np.int64]) -> Sampled:
    """The newest ``queue`` samples of each of these items; the first after a dropped one says Overflow.

    What belongs to no item (its client no longer wants it) goes.
    """
    by_handle = np.argsort(handle)
    ordered = handle[by_handle]
    samples = _picked(samples, np.isin(samples.handle, ordered))
    row = by_handle[np.searchsorted(ordered, samples.handle)]
    order = np.argsort(row, kind="stable")
    ends = np.searchsorted(row[order], np.arange(len(handle)), "right")
    newer = np.empty(len(row), np.int64)  # how many of the same item came after each
    newer[order] = ends[row[order]] - 1 - np.arange(len(row))
    after_dropped = (newer == queue[row] - 1) & (np.bincount(row, minlength=len(queue)) > queue)[row]
    samples.status[after_dropped] = _OVERFLOW
    return _picked(samples, newer < queue[row])


def _picked(samples: Sampled, chosen: NDArray[np.bool_]) -> Sampled:
    return Sampled(*(getattr(samples, name)[chosen] for name in COLUMNS))


def encoded(samples: Sampled) -> bytes:
    """A DataChangeNotification (OPC 10000-4, 7.25.2) of samples, in their order for each item."""
    blocks: list[bytes] = []
    for kind in np.unique(samples.kind).tolist():
        own = samples.kind == kind
        table = np.empty(int(own.sum()), _layout(kind))
        table["handle"], table["mask"], table["kind"] = samples.handle[own], _MASK, kind
        table["value"], table["status"] = samples.value[own], samples.status[own]
        table["source"] = table["server"] = samples.time_us[own] * 10 + EPOCH_TICKS
        blocks.append(table.tobytes())
    return np.int32(len(samples.handle)).tobytes() + b"".join(blocks) + np.int32(-1).tobytes()


def _layout(kind: int) -> np.dtype[np.void]:
    """A MonitoredItemNotification with a scalar, its status and both times (OPC 10000-6, 5.2.2.17)."""
    times = [("status", "<u4"), ("source", "<i8"), ("server", "<i8")]
    return np.dtype([("handle", "<u4"), ("mask", "u1"), ("kind", "u1"), ("value", FORMS[kind]), *times])
