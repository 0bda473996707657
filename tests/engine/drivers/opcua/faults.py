"""What a real server does wrong or runs short of: asyncua's server, patched from inside."""

# ruff: noqa: SLF001 - there is no other way to make it misbehave

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from asyncua import Server, ua
from asyncua.common.utils import ServiceError
from asyncua.server import internal_server
from asyncua.server.internal_session import InternalSession
from asyncua.server.uaprocessor import UaProcessor
from asyncua.ua import uaprotocol_auto

from engine.clock import SystemClock
from engine.drivers.opcua.trust import EPOCH

CREATE = ua.NodeId(ua.ObjectIds.CreateSessionRequest_Encoding_DefaultBinary)
CLOSE = ua.NodeId(ua.ObjectIds.CloseSessionRequest_Encoding_DefaultBinary)


def shift_clock(seconds: float) -> timedelta:
    """Let the server's clock be wrong by so much: its CurrentTime, and the times of its answers."""
    shift = timedelta(seconds=seconds)

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            del tz
            return EPOCH + timedelta(microseconds=SystemClock().now_us()) + shift

    internal_server.datetime = Shifted
    uaprotocol_auto.datetime = Shifted
    return shift


class Faults:
    """Orders that make the server misbehave, and counts of what it was asked."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._created = self._closed = self._losing = self._largest_read = 0
        self._most: dict[str, int] = {}
        self._forget = False
        self._patch_processor()
        self._patch_session()

    def _patch_processor(self) -> None:
        process, forward = UaProcessor._process_message, UaProcessor.forward_publish_response
        faults = self

        async def counted(one: UaProcessor, typeid: Any, header: Any, sequence: Any, body: Any) -> Any:
            if typeid == CREATE and faults._created - faults._closed >= faults._most.get("sessions", 1000):
                raise ServiceError(ua.StatusCodes.BadTooManySessions)
            answer = await process(one, typeid, header, sequence, body)
            faults._created += typeid == CREATE
            faults._closed += typeid == CLOSE
            return answer

        async def losing(one: UaProcessor, result: ua.PublishResult, request: Any) -> None:
            if faults._losing and result.NotificationMessage.NotificationData:
                faults._losing -= 1
                one._publish_requests.appendleft(request)
                if faults._forget:
                    service = faults._server.iserver.subscription_service
                    number = result.NotificationMessage.SequenceNumber
                    service.subscriptions[result.SubscriptionId]._not_acknowledged_results.pop(number)
                return
            await forward(one, result, request)

        UaProcessor._process_message = counted
        UaProcessor.forward_publish_response = losing

    def _patch_session(self) -> None:
        read, create = InternalSession.read, InternalSession.create_monitored_items
        faults = self

        async def limited(one: InternalSession, params: ua.ReadParameters) -> list[ua.DataValue]:
            if one.external:
                faults._largest_read = max(faults._largest_read, len(params.NodesToRead))
                if len(params.NodesToRead) > faults._most.get("read", 100_000):
                    raise ServiceError(ua.StatusCodes.BadTooManyOperations)
            return await read(one, params)

        async def full(one: InternalSession, params: ua.CreateMonitoredItemsParameters) -> Any:
            if not one.external:
                return await create(one, params)
            room = faults._most.get("items", 100_000)
            wanted = params.ItemsToCreate
            params.ItemsToCreate = wanted[:room]
            results = await create(one, params) if params.ItemsToCreate else []
            if "items" in faults._most:
                faults._most["items"] -= len(params.ItemsToCreate)
            over = ua.MonitoredItemCreateResult()
            over.StatusCode = ua.StatusCode(ua.StatusCodes.BadTooManyMonitoredItems)
            return results + [over] * (len(wanted) - len(params.ItemsToCreate))

        InternalSession.read = limited
        InternalSession.create_monitored_items = full

    async def sessions(self, _: dict[str, Any]) -> dict[str, Any]:
        """How many sessions clients made and closed, and how many subscriptions there are."""
        live = [
            s
            for s in self._server.iserver.subscription_service.subscriptions.values()
            if s.pub_request_callback
        ]
        return {"created": self._created, "closed": self._closed, "subscriptions": len(live)}

    async def largest(self, _: dict[str, Any]) -> dict[str, Any]:
        """The most nodes anybody read in one request."""
        return {"read": self._largest_read}

    async def most(self, order: dict[str, Any]) -> None:
        """Give no more than this: ``sessions``, ``subscriptions``, ``items``, nodes in a ``read``."""
        if order["what"] == "subscriptions":
            self._server.iserver.max_subscriptions = order["most"]
        else:
            self._most[order["what"]] = order["most"]

    async def lose(self, order: dict[str, Any]) -> None:
        """Do not send the next notifications; ``forget`` = nor when asked again."""
        self._losing, self._forget = order["count"], order.get("forget", False)

    async def losing(self, _: dict[str, Any]) -> dict[str, Any]:
        """How many notifications are still to be lost."""
        return {"left": self._losing}

    async def slow(self, order: dict[str, Any]) -> None:
        """Publish no more often than every ``ms``."""
        service = self._server.iserver.subscription_service
        create = service.create_subscription

        async def slower(params: ua.CreateSubscriptionParameters, *rest: Any, **named: Any) -> Any:
            params.RequestedPublishingInterval = max(params.RequestedPublishingInterval, order["ms"])
            return await create(params, *rest, **named)

        service.create_subscription = slower

    async def end(self, _: dict[str, Any]) -> None:
        """End all subscriptions of clients, as after their lifetime."""
        for one in list(self._server.iserver.subscription_service.subscriptions.values()):
            if one.pub_request_callback:
                await one.monitored_item_srv.trigger_statuschange(ua.StatusCode(ua.StatusCodes.BadTimeout))
                one._startup = True
