"""One connection from opening to its end: find every tag on the server, keep finding the missing ones."""

from __future__ import annotations

import asyncio
import logging

import numpy as np
from asyncua import ua

from engine.drivers.driver import Context, NotReady
from engine.drivers.opcua.address import parse
from engine.drivers.opcua.decode import to_samples
from engine.drivers.opcua.describe import Found, Limits, content, describe, in_parts, read_all, read_limits
from engine.drivers.opcua.ending import first_to_end, stoppable
from engine.drivers.opcua.link import Link, opened
from engine.drivers.opcua.namespaces import Namespaces, node_id, remember
from engine.drivers.opcua.subscription import Feed, Group, grouped, monitor, subscribe
from engine.types import Status

RETRY_S = 5.0
"""How often tags without a node are looked for again."""
TICK_S = 0.25
SILENCE_S = 3.0
"""Least time without a publish or keep-alive after which the link counts as dead."""
SILENT_KEEP_ALIVES = 4

STATE_NODE = node_id(ua.ObjectIds.Server_ServerStatus_State)
NAMESPACES_NODE = node_id(ua.ObjectIds.Server_NamespaceArray)

log = logging.getLogger(__name__)


async def run(context: Context) -> None:
    """Deliver the tags of one source until cancelled; see ``engine.drivers.driver.Run``."""
    await stoppable(lambda closing: _deliver(context, closing))


async def _deliver(context: Context, closing: asyncio.Event) -> None:
    async with opened(context, closing) as link:
        connection = _Connection(context, link)
        await connection.prepare()
        context.sink.connected(link.security)
        await first_to_end(connection.listen(), connection.reconcile())


class _Connection:
    """The desired tags of a source against what one session really has."""

    def __init__(self, context: Context, link: Link) -> None:
        tags = context.tags
        self._context = context
        self._link = link
        self._client = link.client
        self._addresses = [parse(tag.address) for tag in tags]
        self._groups = grouped([tag.rate for tag in tags])
        self._group_of: dict[int, Group] = {int(h): g for g in self._groups for h in g.handles}
        ids = np.array([tag.tag_id for tag in tags], np.int32)
        self._feed = Feed(ids, context.sink, context.clock, context.source.id)
        self._missing = list(range(len(tags)))
        self._told: set[int] = set()
        self._items: dict[int, int] = {}
        self._audit_from = 0
        self._limits = Limits(1, 1, 1)
        self._namespaces = Namespaces((), {})

    async def prepare(self) -> None:
        """Read the namespace table and the server's limits and state, create the subscriptions."""
        self._limits = await read_limits(self._client)
        await self._read_server()
        for group in self._groups:
            await subscribe(self._client, self._feed, group)
            self._context.sink.period(self._feed.tag_ids[group.handles], group.keep_alive_s)
        await monitor(self._client, self._groups[0], [(self._feed.state_handle, STATE_NODE)])

    async def listen(self) -> None:
        """Raise when the link is dead: broken, silent, or ended by the server."""
        while True:
            if self._client.uaclient.protocol is None or self._client.uaclient.protocol.is_closed:
                raise NotReady(f"the connection to {self._link.where} broke")
            if self._feed.failure is not None:
                raise self._feed.failure
            now_us = self._context.clock.mono_us()
            for group in self._groups:
                silent_s = (now_us - group.heard_us) / 1e6
                if silent_s > max(SILENCE_S, SILENT_KEEP_ALIVES * group.keep_alive_s):
                    raise NotReady(f"{self._link.where} has been silent for {silent_s:.1f} s")
            await self._context.clock.sleep(TICK_S)

    async def reconcile(self) -> None:
        """Bring what the session has to what the tags ask, now and every ``RETRY_S``."""
        await self._adopt()
        due_us = self._context.clock.mono_us() + int(RETRY_S * 1e6)
        while True:
            await self._context.clock.sleep(TICK_S)
            for group in self._groups:
                if group.gap:
                    await self._read_again(group)
            if self._context.clock.mono_us() >= due_us:
                await self._read_server()
                await self._audit()
                await self._release_gone()
                await self._adopt()
                due_us = self._context.clock.mono_us() + int(RETRY_S * 1e6)

    async def _read_server(self) -> None:
        """Namespace table and state. A table that changed under us ends the connection."""
        asked = [(NAMESPACES_NODE, ua.AttributeIds.Value), (STATE_NODE, ua.AttributeIds.Value)]
        table, state = await read_all(self._client, self._limits, asked)
        uris = tuple(str(uri) for uri in content(table) or ())
        if not uris:
            raise NotReady(f"{self._link.where} does not show its namespace table")
        before = self._namespaces.uris
        if uris[: len(before)] != before:
            raise NotReady(f"{self._link.where} changed its namespace table: connecting anew")
        source = self._context.source
        self._namespaces = remember(f"{self._context.pki}|{source.id}|{source.endpoint}", uris)
        self._feed.server_state(int(content(state) or 0))

    async def _adopt(self) -> None:
        """Look for the missing tags on the server and monitor those that are there."""
        nodes: dict[int, ua.NodeId] = {}
        for handle in self._missing:
            node = self._namespaces.node_id(self._addresses[handle])
            if node is None:
                self._refuse(handle, "its namespace is not on the server, or has another number than before")
            else:
                nodes[handle] = node
        for part in in_parts(list(nodes), self._limits.read):
            found = await describe(self._client, self._limits, [nodes[handle] for handle in part])
            ready = [h for h, f in zip(part, found, strict=True) if self._describe(h, f)]
            for group in self._groups:
                await self._monitor(group, [(h, nodes[h]) for h in ready if self._group_of[h] is group])
        self._missing = [handle for handle in self._missing if handle not in self._items]

    def _describe(self, handle: int, found: Found) -> bool:
        """Tell the sink what the server says of a tag; whether it can be read."""
        if found.exists:
            self._context.sink.describe(int(self._feed.tag_ids[handle]), found.info)
        if not found.readable:
            self._refuse(handle, found.problem)
        return found.readable

    def _refuse(self, handle: int, why: str) -> None:
        """Mark a tag that cannot be read, once, and log the reason."""
        if handle in self._told:
            return
        self._told.add(handle)
        tag = self._context.tags[handle]
        log.warning("tags.csv:%d: tag '%s' (%s): %s", tag.line, tag.path, tag.address, why)
        self._context.sink.mark(np.array([tag.tag_id], np.int32), Status.CONFIGURATION_ERROR)

    async def _monitor(self, group: Group, items: list[tuple[int, ua.NodeId]]) -> None:
        for part in in_parts(items, self._limits.monitor):
            results = await monitor(self._client, group, part)
            for (handle, _), result in zip(part, results, strict=True):
                if result.StatusCode.is_good():
                    self._items[handle] = result.MonitoredItemId
                    self._told.discard(handle)
                else:
                    self._refuse(handle, f"the server does not monitor it ({result.StatusCode.name})")

    async def _read_again(self, group: Group) -> None:
        """After lost notifications: read every item of the group, then count keep-alives again."""
        group.gap = False
        handles = [int(h) for h in group.handles if int(h) in self._items]
        try:
            values = await self._read(handles, ua.AttributeIds.Value)
        except BaseException:
            group.gap = True
            raise
        self._feed.take(group, to_samples(handles, values))

    async def _audit(self) -> None:
        """Ask a few of the monitored nodes whether they still exist: not every server says so itself."""
        handles = sorted(self._items)
        part = handles[self._audit_from : self._audit_from + self._limits.read]
        self._audit_from = self._audit_from + len(part) if len(part) == self._limits.read else 0
        answers = await self._read(part, ua.AttributeIds.NodeClass)
        for handle, answer in zip(part, answers, strict=True):
            if answer.StatusCode is not None and answer.StatusCode.value in (
                ua.StatusCodes.BadNodeIdUnknown,
                ua.StatusCodes.BadNodeIdInvalid,
            ):
                self._feed.lose(self._group_of[handle], np.array([handle], np.int32))

    async def _read(self, handles: list[int], attribute: ua.AttributeIds) -> list[ua.DataValue]:
        nodes = [self._namespaces.node_id(self._addresses[handle]) for handle in handles]
        asked = [(ua.NodeId() if node is None else node, attribute) for node in nodes]
        return await read_all(self._client, self._limits, asked)

    async def _release_gone(self) -> None:
        """Stop monitoring nodes that left the server, so that they can be found anew."""
        gone = [handle for handle in self._feed.gone if handle in self._items]
        self._feed.gone.clear()
        for handle in gone:
            parameters = ua.DeleteMonitoredItemsParameters()
            parameters.SubscriptionId = self._group_of[handle].subscription
            parameters.MonitoredItemIds = [self._items.pop(handle)]
            await self._client.uaclient.delete_monitored_items(parameters)
            self._missing.append(handle)
            self._told.add(handle)
