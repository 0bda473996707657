"""Orders to the test server about its alarms."""

from __future__ import annotations

import asyncio
from typing import Any

from asyncua import Server, ua

from engine.testing.opcua_conditions import Conditions


class Alarms:
    """``names`` of conditions are node ids s=NAME in the first namespace of the server."""

    def __init__(self, server: Server, space: int) -> None:
        self._conditions = Conditions(server, space)
        self._space = space
        self._is_installed = False

    async def add_alarm(self, order: dict[str, Any]) -> None:
        """``own`` = with methods of its own; ``tag`` = name of the variable that it watches."""
        if not self._is_installed:
            self._is_installed = True
            await self._conditions.install()
        tag = ua.NodeId(order.get("tag", "Pump"), self._space)
        for name in order["names"]:
            condition = await self._conditions.add(name, "Pump", tag, **order.get("options", {}))
            if order.get("own"):
                await self._conditions.add_methods(condition)

    async def set_alarm(self, order: dict[str, Any]) -> None:
        for name in order["names"]:
            await self._conditions.set_active(
                self._conditions.named(name), order["active"], order.get("message", "")
            )
            await asyncio.sleep(0)  # clients are served meanwhile

    async def raw_event(self, order: dict[str, Any]) -> None:
        """``fields``: name -> [value, type]; a node id is written as s=NAME or i=NUMBER."""
        fields: dict[str, ua.Variant] = {}
        for name, (value, kind) in order["fields"].items():
            if kind == "NodeId":
                number = value.startswith("i=")
                value = ua.NodeId(int(value[2:])) if number else ua.NodeId(value[2:], self._space)
            fields[name] = ua.Variant(None) if kind == "Null" else ua.Variant(value, ua.VariantType[kind])
        await self._conditions.tell_raw(fields)

    async def signal(self, order: dict[str, Any]) -> None:
        await self._conditions.signal(order["type"])

    async def endless(self, order: dict[str, Any]) -> None:
        self._conditions.endless = order["on"]
        if not order["on"]:
            await self._conditions.end_refresh()

    async def refuse(self, order: dict[str, Any]) -> None:
        self._conditions.refusing = order["code"]

    async def silent(self, order: dict[str, Any]) -> None:
        self._conditions.silent_s = order["seconds"]

    async def alarm(self, order: dict[str, Any]) -> dict[str, Any]:
        """What the server itself thinks of an alarm, and how often each method was called."""
        one = self._conditions.named(order["name"])
        return {
            "acked": one.acked,
            "confirmed": one.confirmed,
            "comment": one.comment,
            "shelved": one.shelved,
            "calls": self._conditions.calls,
        }
