"""The alarms of an OPC UA server, shown beside our own: a subscription to its events for as long as it lives.

All events are asked for and sorted here. A filter on the types at the server would save it little, and one
that it evaluates wrongly (asyncua's knows no subtypes) would lose alarms without a word.
"""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
from asyncua import ua

from engine.drivers.driver import Context
from engine.drivers.opcua.address import parse
from engine.drivers.opcua.condition_list import MOST, ConditionList
from engine.drivers.opcua.conditions import CONDITION, FIELDS, Reading
from engine.drivers.opcua.connection import Connection
from engine.drivers.opcua.events import events_of
from engine.drivers.opcua.failures import ended, status_name
from engine.drivers.opcua.feed import missed
from engine.drivers.opcua.groups import Group
from engine.drivers.opcua.link import Link, fitted
from engine.drivers.opcua.namespaces import node_id
from engine.drivers.opcua.reading import content, read_all
from engine.drivers.opcua.subscription import Granted, subscribe, unsubscribe
from engine.drivers.opcua.watch import TICK_S

SERVER_NODE = node_id(ua.ObjectIds.Server)
REFRESH_METHOD = node_id(ua.ObjectIds.ConditionType_ConditionRefresh)
PUBLISH_MS = 200.0
QUEUE = 10_000
"""Events the server shall keep between two deliveries: as many as there can be conditions."""
MOST_EVENTS = 200
"""In one delivery, so that a flood never holds up the values for long."""
LIST_S = 10.0
"""How long a server may be silent while it tells its list."""
SOON_S, LATE_S = 1.0, 60.0
"""Before the list is asked for again: after the first failure, and at most."""
SUBSCRIBE_TO_EVENTS = 1
"""Bit of EventNotifier (OPC 10000-3, 8.59)."""
_BAD = 0x8000_0000
_MAY = "let this client subscribe to events at the server, or set conditions = false in plant.toml"
_LOG = "look at the log of the server, or at how many alarms it has"
_ENDLESS = "update the server: alarms that ended while the link was down stay shown until they come anew"
_C = ua.StatusCodes
_NO_CONDITIONS = frozenset(
    (
        _C.BadMethodInvalid,
        _C.BadNodeIdUnknown,
        _C.BadNodeIdInvalid,
        _C.BadNotImplemented,
        _C.BadNotSupported,
        _C.BadServiceUnsupported,
        _C.BadNotExecutable,
        _C.BadNothingToDo,
    )
)
"""What a server without Alarms & Conditions answers to a refresh."""


class Mirror:
    """One connection's subscription to the events of a server."""

    def __init__(self, context: Context, link: Link, connection: Connection) -> None:
        self._context, self._link, self._connection = context, link, connection
        self._sink, self._clock = context.sink, context.clock
        self._list = ConditionList(connection.memory.conditions, context.sink)
        self._group = _group()
        self._failure: Exception | None = None
        self._event_us = 0
        self._counted = (-1, 0)
        self._reading = Reading(context.source.id, (), {}, context.source.severities)

    @property
    def groups(self) -> list[Group]:
        """The subscription while there is one: its silence means the same as that of the values."""
        return [self._group] if self._group.subscription else []

    async def run(self) -> None:
        """Keep the sink in step with the server's conditions until cancelled. Never returns."""
        while True:
            why = await self._mirrored() if self._context.source.conditions else ""
            self._tell(why, _MAY)
            if not why:
                self._list.clear()
                await asyncio.Event().wait()
            await self._clock.sleep(LATE_S)

    async def leave(self) -> None:
        """What is known is no longer current; end the subscription if others go on using the session."""
        if self._context.source.conditions:
            self._sink.conditions(None)
        if self._link.failure is None and self._link.holders > 1:
            await unsubscribe(self._link, self.groups)

    async def _mirrored(self) -> str:
        """Mirror while the server has conditions; gives why it cannot be done, "" = it has none."""
        while not self._connection.feed.groups:  # values come first
            await self._clock.sleep(TICK_S)
        if not await self._offers_events():
            return ""
        try:
            await subscribe(self._link, self._group, Granted(), self.take, MOST_EVENTS)
            self._group.heard_us = self._clock.mono_us()
            code = await self._monitor()
        except ua.UaStatusCodeError as error:
            code = error.code
        if code & _BAD:
            await self._end()
            return f"{self._link.where} does not let us watch its alarms ({status_name(code)})"
        return await self._keep()

    async def _offers_events(self) -> bool:
        asked = [(SERVER_NODE, ua.AttributeIds.EventNotifier)]
        (bits,) = await fitted(self._link, lambda limits: read_all(self._link.client, limits, asked))
        notifier = content(bits)
        return isinstance(notifier, int) and bool(notifier & SUBSCRIBE_TO_EVENTS)

    async def _monitor(self) -> int:
        """Watch the events of the server; gives the StatusCode."""
        most = self._link.capabilities.queue or QUEUE
        asked = ua.MonitoringParameters(ClientHandle=1, QueueSize=min(QUEUE, most), DiscardOldest=True)
        asked.Filter = event_filter()
        parameters = ua.CreateMonitoredItemsParameters()
        parameters.SubscriptionId = self._group.subscription
        parameters.TimestampsToReturn = ua.TimestampsToReturn.Neither
        parameters.ItemsToCreate = [
            ua.MonitoredItemCreateRequest(
                ItemToMonitor=ua.ReadValueId(NodeId=SERVER_NODE, AttributeId=ua.AttributeIds.EventNotifier),
                MonitoringMode=ua.MonitoringMode.Reporting,
                RequestedParameters=asked,
            )
        ]
        (result,) = await self._link.client.uaclient.create_monitored_items(parameters)
        return result.StatusCode.value

    def take(self, result: ua.PublishResult) -> None:
        """Callback of every publish and keep-alive. asyncua would swallow an error, so it is kept."""
        try:
            self._take(result)
        except Exception as error:
            self._failure = self._failure or error

    def _take(self, result: ua.PublishResult) -> None:
        now_us = self._clock.now_us()
        self._group.heard_us = self._clock.mono_us()
        events, code = events_of(result)
        if code:
            self._failure = ended(code, self._link.place)
            return
        message = result.NotificationMessage
        if missed(self._group, message.SequenceNumber, bool(message.NotificationData)):
            self._list.lose()
        for _, fields in events:
            self._list.take(fields, self._reading, now_us)
        if events:
            self._event_us = self._group.heard_us

    async def _keep(self) -> str:
        """Ask for the list whenever it is due. Returns only if the server has no conditions."""
        pause_s, not_before_us = SOON_S, 0
        while True:
            if self._failure is not None:
                raise self._link.fail(self._failure)
            if self._list.due and self._clock.mono_us() >= not_before_us:
                if not await self._refresh():
                    await self._end()
                    return ""
                not_before_us = self._clock.mono_us() + round(pause_s * 1e6)
                pause_s = min(LATE_S, 2 * pause_s) if self._list.due else SOON_S
            self._tell_count()
            await self._clock.sleep(TICK_S)

    async def _refresh(self) -> bool:
        """Have the server tell its list to the end; whether it has conditions at all."""
        self._read_names()
        self._list.due = False
        before, self._event_us = self._list.ended, self._clock.mono_us()
        code = await self._ask()
        if code in _NO_CONDITIONS:
            return False
        if code & _BAD:
            self._list.due = True
            if code == _C.BadInternalError and not self._list.held:
                # node-opcua says so where it has no alarms: asked again now and then, and no word about it.
                self._list.settle()
            elif code != _C.BadRefreshInProgress:
                self._tell(f"{self._link.where} does not list its alarms ({status_name(code)})", _LOG)
            return True
        while self._list.ended == before and self._failure is None:
            if self._clock.mono_us() - self._event_us > LIST_S * 1e6:
                self._list.settle()
                self._tell(f"{self._link.where} does not say where the list of its alarms ends", _ENDLESS)
                return True
            await self._clock.sleep(TICK_S)
        self._tell("", "")
        return True

    async def _ask(self) -> int:
        request: Any = ua.CallMethodRequest()
        request.ObjectId, request.MethodId = node_id(CONDITION), REFRESH_METHOD
        request.InputArguments = [ua.Variant(self._group.subscription, ua.VariantType.UInt32)]
        try:
            (result,) = await self._link.client.uaclient.call([request])
        except ua.UaStatusCodeError as error:
            return error.code
        return result.StatusCode.value

    async def _end(self) -> None:
        """Leave nothing behind at a server that has no alarms for us."""
        await unsubscribe(self._link, self.groups)
        self._group = _group()

    def _read_names(self) -> None:
        """What it takes to read events, as the server names things now."""
        namespaces, source = self._connection.namespaces, self._context.source
        tags: dict[str, str] = {}
        for tag in self._context.tags:
            node = namespaces.node_id(parse(tag.address))
            if node is not None:
                tags.setdefault(namespaces.text(node), tag.path)
        clock = self._link.clock
        offset_us = clock.offset_us if clock.wrong else 0
        self._reading = Reading(source.id, namespaces.uris, tags, source.severities, offset_us)

    def _tell(self, what: str, do: str) -> None:
        self._sink.note("alarms", what, do)

    def _tell_count(self) -> None:
        count, refused = counted = len(self._list.held), len(self._list.refused)
        if counted == self._counted:
            return
        self._counted = counted
        self._sink.fact("alarms", f"{count} mirrored")
        if refused:
            self._tell(f"{self._link.where} has more than {MOST} alarms; {refused} are not shown", _LOG)


def _group() -> Group:
    return Group(-1, 0, "", PUBLISH_MS, np.zeros(0, np.bool_))


def event_filter() -> ua.EventFilter:
    """The fields of ``FIELDS`` of every event."""
    make: Any = ua.SimpleAttributeOperand
    clauses: list[Any] = []
    for kind, path in FIELDS:
        clause = make(TypeDefinitionId=node_id(kind), AttributeId=ua.AttributeIds.Value)
        clause.BrowsePath = [ua.QualifiedName(name, 0) for name in path.split("/") if name]
        if not path:
            clause.AttributeId = ua.AttributeIds.NodeId
        clauses.append(clause)
    chosen: Any = ua.EventFilter()
    chosen.SelectClauses = clauses
    return chosen
