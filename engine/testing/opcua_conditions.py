"""Alarms on a real OPC UA server of asyncua, which has events and no state machine of its own.

Each condition goes through the states of OPC 10000-9 (5.5 to 5.8, Annex B.1) and tells every change as an
event. Its methods are answered at its own nodes or, without such, at those of the types.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from asyncua import Server, ua
from asyncua.common.events import Event

from engine.clock import SystemClock
from engine.drivers.opcua.namespaces import node_id

ALARM_TYPE = 9341
"""ExclusiveLimitAlarmType."""
UNSHELVED, TIMED, ONE_SHOT = 2930, 2932, 2933
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_C = ua.StatusCodes
_T = ua.VariantType


@dataclass
class Condition:
    """One condition. ``told`` = the fields of its last event; ``branches`` = earlier ones that still wait."""

    node: ua.NodeId
    name: str
    source: str
    source_node: ua.NodeId
    severity: int = 700
    confirms: bool = True
    longest_shelf_s: float = 3600.0
    active: bool = False
    acked: bool = True
    confirmed: bool = True
    shelved: int = UNSHELVED
    until_us: int = 0
    comment: str = ""
    message: str = ""
    became: datetime | None = None
    told: dict[str, ua.Variant] = field(default_factory=dict[str, ua.Variant])
    branches: list[dict[str, ua.Variant]] = field(default_factory=list[dict[str, ua.Variant]])

    @property
    def retain(self) -> bool:
        """Whether it is still of interest (5.5.2)."""
        return self.active or not self.acked or not self.confirmed


class Conditions:
    """The conditions of one server. ``calls`` counts what clients asked for, by method.

    ``refusing`` = a StatusCode that every method answers, 0 = none; ``silent_s`` = they answer only after so
    long; ``endless`` = a refresh does not end until ``end_refresh``.
    """

    def __init__(self, server: Server, space: int) -> None:
        self.calls: dict[str, int] = {}
        self.refusing = 0
        self.silent_s = 0.0
        self.endless = False
        self._server, self._space = server, space
        self._clock = SystemClock()
        self._all: dict[ua.NodeId, Condition] = {}
        self._unfinished: list[int] = []
        self._timers: set[asyncio.Task[None]] = set()

    async def install(self) -> None:
        """Answer the methods of the types."""
        ids = ua.ObjectIds
        self._link(ids.ConditionType_ConditionRefresh, self._refresh)
        for number, name in (
            (ids.AcknowledgeableConditionType_Acknowledge, "Acknowledge"),
            (ids.AcknowledgeableConditionType_Confirm, "Confirm"),
            (ids.ConditionType_AddComment, "AddComment"),
            (ids.ShelvedStateMachineType_TimedShelve, "TimedShelve"),
            (ids.ShelvedStateMachineType_OneShotShelve, "OneShotShelve"),
            (ids.ShelvedStateMachineType_Unshelve, "Unshelve"),
        ):
            self._link(number, self._method(name))

    async def add(self, name: str, source: str, source_node: ua.NodeId, **options: Any) -> Condition:
        """A condition that is no node of its own: only the methods of the types reach it."""
        condition = Condition(node_id(name, self._space), name, source, source_node, **options)
        self._all[condition.node] = condition
        await self._server.nodes.objects.add_object(condition.node, ua.QualifiedName(name, self._space))
        return condition

    async def add_methods(self, condition: Condition) -> None:
        """Give it methods of its own, as a server that shows its conditions in the address space."""
        node = self._server.get_node(condition.node)
        for name in ("Acknowledge", "Confirm", "AddComment"):
            await node.add_method(
                node_id(f"{condition.name}.{name}", self._space),
                ua.QualifiedName(name, 0),
                self._method(name),
                [ua.VariantType.ByteString, ua.VariantType.LocalizedText],
                [],
            )
        shelving = node_id(f"{condition.name}.ShelvingState", self._space)
        machine = await node.add_object(shelving, ua.QualifiedName("ShelvingState", 0))
        self._all[shelving] = condition
        for name, takes in (("TimedShelve", [_T.Double]), ("OneShotShelve", []), ("Unshelve", [])):
            await machine.add_method(
                node_id(f"{condition.name}.{name}", self._space),
                ua.QualifiedName(name, 0),
                self._method(name),
                takes,
                [],
            )

    def named(self, name: str) -> Condition:
        """The condition of this name."""
        return self._all[node_id(name, self._space)]

    async def set_active(self, condition: Condition, active: bool, message: str = "") -> None:
        """It becomes active, or inactive. One that comes again unacknowledged leaves a branch behind."""
        if active and not condition.active and condition.retain and condition.told:
            branch = dict(condition.told)
            branch["BranchId"] = ua.Variant(node_id(uuid.uuid4().hex, self._space), _T.NodeId)
            branch["EventId"] = ua.Variant(uuid.uuid4().bytes, _T.ByteString)
            condition.branches.append(branch)
            await self._tell(branch)
        condition.active = active
        condition.message = message or f"{condition.name} is {'active' if active else 'normal'}"
        condition.became = self._now() if active else condition.became
        if active:
            condition.acked, condition.confirmed = False, True
        elif condition.shelved == ONE_SHOT:
            condition.shelved = UNSHELVED
        await self._changed(condition)

    async def tell_raw(self, fields: dict[str, ua.Variant]) -> None:
        """An event with exactly these fields."""
        await self._tell(fields)

    async def signal(self, number: int) -> None:
        """RefreshRequired or EventQueueOverflow."""
        await self._tell(_system(number, self._now()))

    async def end_refresh(self) -> None:
        """End what ``endless`` left open."""
        for subscription in self._unfinished:
            await self._tell(_system(ua.ObjectIds.RefreshEndEventType, self._now()), subscription)
        self._unfinished.clear()

    def _now(self) -> datetime:
        return _EPOCH + timedelta(microseconds=self._clock.now_us())

    def _link(self, number: int, answer: Any) -> None:
        self._server.link_method(self._server.get_node(node_id(number)), answer)

    async def _refresh(self, parent: ua.NodeId, subscription: ua.Variant) -> ua.StatusCode:
        del parent
        self._count("ConditionRefresh")
        number = subscription.Value
        await self._tell(_system(ua.ObjectIds.RefreshStartEventType, self._now()), number)
        for condition in {id(one): one for one in self._all.values()}.values():
            for told in [*condition.branches, *([condition.told] if condition.retain else [])]:
                await self._tell(told, number)
        if self.endless:
            self._unfinished.append(number)
        else:
            await self._tell(_system(ua.ObjectIds.RefreshEndEventType, self._now()), number)
        return ua.StatusCode()

    def _method(self, name: str) -> Any:
        async def answer(parent: ua.NodeId, *arguments: ua.Variant) -> ua.StatusCode:
            self._count(name)
            if self.silent_s:
                await asyncio.sleep(self.silent_s)
            if self.refusing:
                return _status(self.refusing)
            condition = self._all.get(parent)
            if condition is None:
                return _status(_C.BadNodeIdUnknown)
            values = [argument.Value for argument in arguments]
            if name in ("Acknowledge", "Confirm", "AddComment"):
                return _status(await self._judged(name, condition, *values))
            return _status(await self._shelved(name, condition, *values))

        return answer

    def _count(self, name: str) -> None:
        self.calls[name] = self.calls.get(name, 0) + 1

    async def _judged(self, name: str, condition: Condition, event: bytes, comment: ua.LocalizedText) -> int:
        for branch in condition.branches:
            if branch["EventId"].Value == event:
                return await self._judged_branch(name, condition, branch)
        if not condition.told or condition.told["EventId"].Value != event:
            return _C.BadEventIdUnknown
        if name == "Acknowledge" and condition.acked:
            return _C.BadConditionBranchAlreadyAcked
        if name == "Confirm" and condition.confirmed:
            return _C.BadConditionBranchAlreadyConfirmed
        if name == "Acknowledge":
            condition.acked, condition.confirmed = True, not condition.confirms
        elif name == "Confirm":
            condition.confirmed = True
        condition.comment = comment.Text or condition.comment
        await self._changed(condition)
        return 0

    async def _judged_branch(self, name: str, condition: Condition, branch: dict[str, ua.Variant]) -> int:
        """A branch that is acknowledged is done with: it needs no confirming here."""
        if name == "Acknowledge":
            condition.branches.remove(branch)
            done = {"AckedState/Id": True, "Retain": False}
            branch |= {key: ua.Variant(value, _T.Boolean) for key, value in done.items()}
        branch["EventId"] = ua.Variant(uuid.uuid4().bytes, _T.ByteString)
        await self._tell(branch)
        return 0

    async def _shelved(self, name: str, condition: Condition, milliseconds: float = 0.0) -> int:
        if name == "Unshelve":
            if condition.shelved == UNSHELVED:
                return _C.BadConditionNotShelved
            condition.shelved, condition.until_us = UNSHELVED, 0
        elif condition.shelved != UNSHELVED:
            return _C.BadConditionAlreadyShelved
        elif name == "OneShotShelve":
            condition.shelved = ONE_SHOT
        elif not 0 < milliseconds <= condition.longest_shelf_s * 1000:
            return _C.BadShelvingTimeOutOfRange
        else:
            condition.shelved = TIMED
            condition.until_us = self._clock.now_us() + round(milliseconds * 1000)
            timer = asyncio.create_task(self._expire(condition, milliseconds / 1000))
            self._timers.add(timer)
            timer.add_done_callback(self._timers.discard)
        await self._changed(condition)
        return 0

    async def _expire(self, condition: Condition, seconds: float) -> None:
        until_us = condition.until_us
        await asyncio.sleep(seconds)
        if condition.shelved == TIMED and condition.until_us == until_us:
            condition.shelved, condition.until_us = UNSHELVED, 0
            await self._changed(condition)

    async def _changed(self, condition: Condition) -> None:
        condition.told = self._fields(condition)
        await self._tell(condition.told)

    def _fields(self, condition: Condition) -> dict[str, ua.Variant]:
        rest_ms = max(0.0, (condition.until_us - self._clock.now_us()) / 1000)
        confirmed = ua.Variant(condition.confirmed, _T.Boolean) if condition.confirms else ua.Variant(None)
        return {
            "EventId": ua.Variant(uuid.uuid4().bytes, _T.ByteString),
            "EventType": ua.Variant(node_id(ALARM_TYPE), _T.NodeId),
            "SourceNode": ua.Variant(condition.source_node, _T.NodeId),
            "SourceName": ua.Variant(condition.source, _T.String),
            "Time": ua.Variant(self._now(), _T.DateTime),
            "Message": ua.Variant(ua.LocalizedText(condition.message), _T.LocalizedText),
            "Severity": ua.Variant(condition.severity, _T.UInt16),
            "NodeId": ua.Variant(condition.node, _T.NodeId),
            "BranchId": ua.Variant(ua.NodeId(), _T.NodeId),
            "ConditionName": ua.Variant(condition.name, _T.String),
            "Retain": ua.Variant(condition.retain, _T.Boolean),
            "EnabledState/Id": ua.Variant(True, _T.Boolean),
            "Quality": ua.Variant(ua.StatusCode(), _T.StatusCode),
            "Comment": ua.Variant(ua.LocalizedText(condition.comment), _T.LocalizedText),
            "AckedState/Id": ua.Variant(condition.acked, _T.Boolean),
            "ConfirmedState/Id": confirmed,
            "ActiveState/Id": ua.Variant(condition.active, _T.Boolean),
            "ActiveState/TransitionTime": ua.Variant(condition.became, _T.DateTime),
            "ShelvingState/CurrentState/Id": ua.Variant(node_id(condition.shelved), _T.NodeId),
            "ShelvingState/UnshelveTime": ua.Variant(rest_ms, _T.Double),
            "MaxTimeShelved": ua.Variant(condition.longest_shelf_s * 1000, _T.Double),
        }

    async def _tell(self, fields: dict[str, ua.Variant], subscription: int | None = None) -> None:
        event = Event()
        for name, value in fields.items():
            event.add_property(name, value.Value, value.VariantType)
        subscriptions = self._server.iserver.subscription_service.subscriptions
        for number, one in list(subscriptions.items()):
            if subscription in (None, number):
                await one.monitored_item_srv.trigger_event(event)


def _system(number: int, now: datetime) -> dict[str, ua.Variant]:
    return {
        "EventId": ua.Variant(uuid.uuid4().bytes, _T.ByteString),
        "EventType": ua.Variant(node_id(number), _T.NodeId),
        "SourceNode": ua.Variant(node_id(ua.ObjectIds.Server), _T.NodeId),
        "Time": ua.Variant(now, _T.DateTime),
        "Severity": ua.Variant(1, _T.UInt16),
    }


def _status(code: int) -> ua.StatusCode:
    make: Any = ua.StatusCode
    return make(code)
