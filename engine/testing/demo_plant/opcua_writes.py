"""What clients write to a demo plant's OPC UA server: judged by its controller, one answer a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asyncua import Server, ua
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.server.address_space import AttributeService

from engine.testing.demo_plant.controller import Taken, Write
from engine.testing.demo_plant.opcua_tree import KINDS
from engine.testing.demo_plant.plant import Point

ADMIN = User(role=UserRole.Admin)

ANSWERS: dict[Taken, int] = {
    "done": ua.StatusCodes.Good,
    "out of range": ua.StatusCodes.BadOutOfRange,
    "not allowed": ua.StatusCodes.BadUserAccessDenied,
    "failed": ua.StatusCodes.BadDeviceFailure,
}


class PlantWrites(AttributeService):
    """asyncua's own service, but for values of the plant's writable variables.

    A connection waits for a slow write, as on a controller that does one thing after the other.
    """

    def __init__(self, space: Any, writable: Mapping[ua.NodeId, Point], take: Write) -> None:
        super().__init__(space)
        self._writable, self._take = writable, take

    async def write(self, params: ua.WriteParameters, user: User = ADMIN) -> list[ua.StatusCode]:
        """One answer for each value, in their order."""
        found: list[ua.StatusCode] = []
        for each in params.NodesToWrite:
            point = self._writable.get(each.NodeId)
            if point is None or each.AttributeId != ua.AttributeIds.Value:
                one: Any = ua.WriteParameters
                found += await super().write(one(NodesToWrite=[each]), user)
            else:
                found.append(_code(await self._written(point, each)))
        return found

    async def _written(self, point: Point, each: ua.WriteValue) -> int:
        content = each.Value.Value if each.Value is not None else None
        if each.IndexRange:
            return ua.StatusCodes.BadIndexRangeInvalid
        if content is None or content.VariantType is not KINDS[point.spec.wire] or content.is_array:
            return ua.StatusCodes.BadTypeMismatch
        return ANSWERS[await self._take(point, float(content.Value))]


def _code(number: int) -> ua.StatusCode:
    make: Any = ua.StatusCode
    return make(number)


def take_writes(server: Server, writable: Mapping[ua.NodeId, Point], take: Write) -> None:
    """Have a server that does not run yet give what is written to these variables to ``take``."""
    iserver: Any = server.iserver
    iserver.attribute_service = PlantWrites(iserver.aspace, writable, take)
