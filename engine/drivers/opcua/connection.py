"""The wanted tags of a source against what one session really has, brought together again and again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from asyncua import ua

from engine.drivers.driver import Context, NotReady
from engine.drivers.opcua.address import dialled
from engine.drivers.opcua.audit import Suspects
from engine.drivers.opcua.decode import to_samples
from engine.drivers.opcua.describe import Found, describe
from engine.drivers.opcua.feed import DEAD_WHY, GONE_WHY, Feed
from engine.drivers.opcua.gaps import mend
from engine.drivers.opcua.groups import MOST_GROUPS, Group, place, planned, sampling_ms
from engine.drivers.opcua.history import Span, backfill
from engine.drivers.opcua.link import Link, Spot, fitted
from engine.drivers.opcua.memory import of_source
from engine.drivers.opcua.namespaces import Namespaces, remember
from engine.drivers.opcua.proof import (
    Proof,
    keep_alive_note,
    needs_proof,
    patience_s,
    proof_period_s,
    unreported,
)
from engine.drivers.opcua.reading import content, in_parts, read_all
from engine.drivers.opcua.server import NAMESPACES_NODE, STATE_NODE
from engine.drivers.opcua.subscription import Granted, Item, monitor, release, subscribe, tell, unsubscribe
from engine.drivers.opcua.wanted import NO_NAMESPACE, Row, Wanted

MOST_LOOKED_FOR = 1_000
"""Missing tags looked for in one round; the others have their turn in the next ones."""
MOST_LOOKED_AT = 1_000
"""Monitored nodes looked at in one round."""
_NONE = np.empty(0, np.int32)


class Connection:
    """One source's part of a session: its tags, subscriptions and what it still misses."""

    def __init__(self, context: Context, link: Link) -> None:
        source, tags = context.source, context.tags
        self._context, self._sink, self._link = context, context.sink, link
        self.memory = of_source(f"{context.pki}|{source.id}|{dialled(source.endpoint)}")
        self._wanted = Wanted(tags, self.memory, context.sink, link.where)
        ids = np.array([tag.tag_id for tag in tags], np.int32)
        self.feed = Feed(ids, context.sink, context.clock, link.place, link.clock)
        self._most = _most_groups(link)
        self._plan = planned([tag.rate for tag in tags], self._most)
        self.namespaces = Namespaces((), {})
        self._granted = Granted()
        self._full = 0
        self._next_missing = self._next_audit = 0
        self._suspects = Suspects()
        self._proofs: dict[int, Proof] = {}
        last = self.memory.last_us
        self._resume = {k: last[tag.tag_id] for k, tag in enumerate(tags) if tag.tag_id in last}
        self._spans: list[Span] = []

    async def read_server(self) -> None:
        """Namespace table and state. A table that changed under us ends the connection."""
        asked = [(NAMESPACES_NODE, ua.AttributeIds.Value), (STATE_NODE, ua.AttributeIds.Value)]
        table, state = await fitted(self._link, lambda limits: read_all(self._link.client, limits, asked))
        uris = tuple(str(uri) for uri in content(table) or ())
        where = self._link.where
        if not uris:
            raise self._link.fail(
                NotReady(f"{where} does not show its namespace table", "look at the log of the server")
            )
        before = self.namespaces.uris
        if uris[: len(before)] != before:
            raise self._link.fail(
                NotReady(f"{where} changed its namespace table", "nothing, the tags are looked for anew")
            )
        self.namespaces = remember(self.memory.meant, uris)
        self.feed.server_state(int(content(state) or 0))

    async def adopt(self) -> None:
        """Look for missing tags on the server and monitor those that are there."""
        self._full = 0
        located: list[Row] = []
        for row in self._turn():
            row.node = self.namespaces.node_id(row.address)
            if row.node is None:
                self._wanted.refuse(row, NO_NAMESPACE)
            else:
                located.append(row)
        for part in in_parts(located, self._link.limits.read):
            self._sink.alive(_NONE)
            found = await self._described(part)
            pairs = zip(part, found, strict=True)
            await self._monitor([(row, one) for row, one in pairs if self._wanted.accepts(row, one)])
        if not self.feed.groups:
            await self._new_group(0, "")
        self._tell()

    def _turn(self) -> list[Row]:
        missing = self._wanted.missing
        start = self._next_missing if self._next_missing < len(missing) else 0
        turn = missing[start : start + MOST_LOOKED_FOR] if any(r.trouble for r in missing) else missing
        self._next_missing = start + len(turn)
        return turn

    async def _described(self, rows: Sequence[Row]) -> list[Found]:
        client, intern = self._link.client, self._context.intern
        nodes = [row.node or ua.NodeId() for row in rows]
        paths = [row.address.at for row in rows]
        return await fitted(self._link, lambda limits: describe(client, limits, nodes, paths, intern))

    async def _monitor(self, ready: list[tuple[Row, Found]]) -> None:
        by_group: dict[int, list[Row]] = {}
        for row, found in ready:
            group = await self._group_for(row, found.data_type)
            if group is None:
                self._over(row)
                continue
            if found.reader is not None:
                group.readers[row.handle] = found.reader
            by_group.setdefault(group.number, []).append(row)
            group.items[row.handle] = 0  # counts at once, so that no group gets more than it may have
            group.monitored[row.handle] = True  # its first sample may come before the server's answer
        for number, rows in by_group.items():
            group = self.feed.groups[number]
            for row in rows:
                del group.items[row.handle]
            await self._create(group, rows)

    async def _create(self, group: Group, rows: list[Row]) -> None:
        """Create monitored items, as many in a request as the server takes."""
        while rows:
            items = [Item(r.handle, r.node or ua.NodeId(), sampling_ms(r.tag.rate)) for r in rows]
            try:
                results = await fitted(
                    self._link,
                    lambda limits, items=items: monitor(
                        self._link, group, items[: limits.monitor], self._granted
                    ),
                )
            except ua.uaerrors.BadTooManyMonitoredItems:
                results = []
            done = [
                row for row, result in zip(rows, results, strict=False) if self._settle(row, group, result)
            ]
            ids = self.feed.tag_ids[[row.handle for row in done]]
            self._sink.period(ids, proof_period_s(group, len(self._wanted.rows), self._slowest_s()))
            rows = rows[len(results) :]
            if self._full or not results:
                for row in rows:
                    self._unmonitored(row, group)
                    self._over(row)
                return

    def _settle(self, row: Row, group: Group, result: ua.MonitoredItemCreateResult) -> bool:
        if result.StatusCode.is_good():
            self._wanted.adopt(row, group, result.MonitoredItemId)
            return True
        self._unmonitored(row, group)
        if result.StatusCode.value == ua.StatusCodes.BadTooManyMonitoredItems:
            self._over(row)
        else:
            self._wanted.refuse(row, f"the server does not monitor it ({result.StatusCode.name})")
        return False

    def _unmonitored(self, row: Row, group: Group) -> None:
        """The server does not monitor it after all; a value that came all the same does not count."""
        group.readers.pop(row.handle, None)
        group.monitored[row.handle] = False
        if group.live[row.handle]:
            self.feed.set_live(group, np.array([row.handle], np.int32), False)
            row.trouble = ""

    def _over(self, row: Row) -> None:
        """A tag beyond what the server can monitor."""
        self._full += 1
        self._wanted.refuse(row, "the server monitors no more items; raise its limit or ask for fewer tags")

    async def _group_for(self, row: Row, data_type: str) -> Group | None:
        groups, most_items = self.feed.groups, self._link.capabilities.subscription_items
        slot = self._plan.slot_of[row.tag.rate]
        while True:
            number = place(groups, self._plan, slot, data_type, self._most, most_items)
            if number is None or number < len(groups):
                return None if number is None else groups[number]
            try:
                return await self._new_group(slot, data_type)
            except ua.uaerrors.BadTooManySubscriptions:
                if not groups:
                    raise
                self._most = len(groups)

    async def _new_group(self, slot: int, data_type: str) -> Group:
        live = np.zeros(len(self.feed.tag_ids), np.bool_)
        number = len(self.feed.groups)
        group = Group(number, slot, data_type, self._plan.publish_ms[slot], live)
        try:
            await subscribe(
                self._link, group, self._granted, lambda result: self.feed.on_publish(group, result)
            )
        except ua.uaerrors.BadTooManySubscriptions as error:
            if number or not self._link.subscriptions:
                raise
            raise _none_left(self._link) from error
        self.feed.add(group)
        if number == 0:
            self._sink.connected(self._link.security)
        if number == 0:
            state = Item(self.feed.state_handle, STATE_NODE, 1000.0)
            await monitor(self._link, group, [state], Granted())
        return group

    def _tell(self) -> None:
        self._wanted.tell(self.feed.last_value)
        tell(self._sink, self._granted, self._link.where)
        self._sink.note("keep-alive", *keep_alive_note(self.feed.groups, self._link.where))
        self._sink.fact("subscriptions", str(len(self.feed.groups)))
        rows, limit = len(self._wanted.rows), self._link.capabilities.items
        states = f", it says {limit} items are its limit" if limit else ""
        monitored = rows - len(self._wanted.missing)
        self._sink.note(
            "items",
            f"{self._link.where} monitors {monitored} of {rows} tags and no more{states}"
            if self._full
            else "",
            "raise the limit of monitored items at the server, close other clients of it, or take tags out "
            "of tags.csv",
        )

    async def mend(self) -> None:
        """Catch up after lost notifications: ask for them again, else read all items of the group."""
        for group in self.feed.groups:
            if group.gaps:
                lost = await mend(self._link, self.feed, group)
                if lost:
                    self._sink.lost(lost, f"{lost} notifications of {self._link.where} never came")
                    group.stale = True
                elif not group.stale:
                    group.before_us = None
            if group.stale:
                await self._read_again(group)

    async def _read_again(self, group: Group) -> None:
        group.stale = False
        handles = [int(handle) for handle in group.items]
        try:
            values = await self._read(handles, ua.AttributeIds.Value)
        except BaseException:
            group.stale = True
            raise
        self.feed.take(group, to_samples(handles, values, group.readers))
        before, group.before_us = group.before_us, None
        if before is not None:
            self._spans += [
                self._span(group, handle, int(before[handle]), int(self.feed.last_us[handle]))
                for handle in handles
                if before[handle] > 0
            ]

    async def audit(self) -> None:
        """Read a few of the monitored nodes: do they still exist, and do their items still report?"""
        handles = [row.handle for row in self._wanted.rows if row.group is not None]
        part = handles[self._next_audit : self._next_audit + MOST_LOOKED_AT]
        self._next_audit = self._next_audit + len(part) if part else 0
        part = [k for k in dict.fromkeys([*self._suspects.handles, *part]) if self._wanted.rows[k].group]
        answers = await self._read(part, ua.AttributeIds.Value)
        present: list[tuple[int, ua.DataValue]] = []
        for handle, answer in zip(part, answers, strict=True):
            code = 0 if answer.StatusCode is None else answer.StatusCode.value
            if code in (ua.StatusCodes.BadNodeIdUnknown, ua.StatusCodes.BadNodeIdInvalid):
                self._lose(handle, GONE_WHY)
            else:
                present.append((handle, answer))
        readers = {k: reader for group in self.feed.groups for k, reader in group.readers.items()}
        read = to_samples([k for k, _ in present], [value for _, value in present], readers)
        slowest_s = self._slowest_s()
        for handle in self._suspects.dead(self.feed, read, self._context.clock.mono_us(), slowest_s).tolist():
            self._sink.lost(1, f"{self._link.where} changed a value and did not report it")
            self._lose(handle, DEAD_WHY)

    def _slowest_s(self) -> float:
        """The slowest sampling granted."""
        return max((granted for _, granted in self._granted.sampling_s), default=0.0)

    async def prove(self) -> None:
        """Read the values whose subscription gives too few signs of life. One that died is a failure."""
        clock = self._context.clock
        for group in self.feed.groups:
            proof = self._proofs.setdefault(group.number, Proof())
            if not needs_proof(group) or clock.mono_us() < proof.due_us:
                continue
            handles = proof.turn(group, clock.mono_us())
            read = to_samples(handles, await self._read(handles, ua.AttributeIds.Value), group.readers)
            waited_s = proof.judge(self.feed, group, read, self._sink, clock.mono_us())
            if waited_s > patience_s(group, self._slowest_s()):
                raise self._link.fail(unreported(self._link.where, waited_s))

    def _lose(self, handle: int, why: str) -> None:
        group = self._wanted.rows[handle].group
        if group is not None:
            self.feed.lose(group, np.array([handle], np.int32), why)

    async def _read(self, handles: list[int], attribute: ua.AttributeIds) -> list[ua.DataValue]:
        asked = [(self._wanted.rows[handle].node or ua.NodeId(), attribute) for handle in handles]
        return await fitted(self._link, lambda limits: read_all(self._link.client, limits, asked))

    async def release_gone(self) -> None:
        """Stop monitoring nodes that left the server, so that they can be found anew."""
        for group in self.feed.groups:
            gone = [handle for handle in self.feed.gone if handle in group.items]
            if gone:
                await release(self._link, group, gone)
            for handle in gone:
                self._wanted.lose(self._wanted.rows[handle], GONE_WHY)
        self.feed.gone.clear()

    def _span(self, group: Group, handle: int, from_us: int, to_us: int) -> Span:
        return Span(group, handle, self._wanted.rows[handle].node or ua.NodeId(), from_us, to_us)

    async def fill(self) -> None:
        """Read back what the server kept while the link was down or notifications were lost."""
        for handle in list(self._resume):
            group, first_us = self._wanted.rows[handle].group, int(self.feed.first_us[handle])
            if group is not None and first_us:
                self._spans.append(self._span(group, handle, self._resume.pop(handle), first_us))
        spans = [span for span in self._spans if span.to_us > span.from_us + 1]
        self._spans = []
        if not spans:
            return
        filled = await backfill(self._link, self.feed, spans, self._context.clock)
        if filled.samples or filled.cut:
            cut = f"; {filled.cut} tags had more than is read back" if filled.cut else ""
            self._sink.fact("history", f"{filled.samples} samples of {filled.tags} tags read back{cut}")

    def spot(self, tag_id: int) -> Spot | str:
        """Where a tag is on the server now, or in words why it is nowhere; see ``link.Spots``."""
        row = self._wanted.by_id.get(tag_id)
        if row is None:
            return f"it has no tag number {tag_id}"
        known = self.memory.known.get(tag_id)
        if row.group is None or row.node is None or known is None or row.handle in self.feed.gone:
            return f"{row.tag.path} is not to be had: {row.trouble or GONE_WHY}"
        reader = row.group.readers.get(row.handle)
        return Spot(row.tag, row.node, row.address.at, known.data_type, known.info, reader)

    async def leave(self) -> None:
        """Keep what the next connection needs; end the subscriptions if others go on using the session."""
        ids = self.feed.tag_ids.tolist()
        last = zip(ids, self.feed.last_us.tolist(), strict=True)
        self.memory.last_us.update({tag: time_us for tag, time_us in last if time_us})
        if self._link.failure is None and self._link.holders > 1:
            await unsubscribe(self._link, self.feed.groups)


def _none_left(link: Link) -> NotReady:
    """Our other sources in the same session have all subscriptions."""
    return NotReady(
        f"{link.where} allows {link.subscriptions} subscriptions and our other sources in the same session "
        "hold them",
        "put the tags of these sources into one source, or raise the limit of subscriptions at the server",
        busy=True,
    )


def _most_groups(link: Link) -> int:
    """Subscriptions this source may have, by what the server says and others in the session use."""
    limits = (link.capabilities.session_subscriptions, link.capabilities.subscriptions)
    return max(1, min([MOST_GROUPS, *(limit - link.subscriptions for limit in limits if limit)]))
