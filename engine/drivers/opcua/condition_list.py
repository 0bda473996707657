"""The conditions of one server, kept in step with it: what its events say, what a refresh does not repeat.

A server tells only of changes. ConditionRefresh (OPC 10000-9, 5.5.7) makes it tell of every condition that
it retains, between two events of its own; what is not told between them is gone.
"""

from __future__ import annotations

from engine.drivers.opcua.conditions import Reading, report_of, signal_of, since
from engine.drivers.opcua.event_bytes import Field
from engine.types import ConditionKey, ConditionReport, Sink

MOST = 10_000
"""Conditions kept of one source; further ones are counted and not shown (refuse)."""


class ConditionList:
    """Turns the events of one connection into calls of the sink, at once and in place.

    ``held`` = the last report of each condition, kept from one connection to the next. ``due`` = the list
    must be asked for (again). ``listing`` = the server is telling it. ``refused`` = conditions too many.
    """

    def __init__(self, held: dict[ConditionKey, ConditionReport], sink: Sink) -> None:
        self.held = held
        self.due = True
        self.refused: set[ConditionKey] = set()
        self.ended = 0
        """How many lists came to their end, whole or not."""
        self._sink = sink
        self._told: set[ConditionKey] = set()
        self._listed: set[ConditionKey] | None = None
        self._is_whole = True

    @property
    def listing(self) -> bool:
        """Whether a list has begun and not ended."""
        return self._listed is not None

    def take(self, fields: tuple[Field, ...], reading: Reading, now_us: int) -> None:
        """One event."""
        signal = signal_of(fields)
        if signal == "start":
            self._listed, self._is_whole = set(), True
        elif signal == "end":
            self._end()
        elif signal == "required":
            self.due = True
        elif signal == "overflow":
            self.lose()
        elif (report := report_of(fields, reading, now_us)) is not None:
            self._report(report)

    def lose(self) -> None:
        """Events are missing: nothing counts as gone by this list, and another one is needed."""
        self.due, self._is_whole = True, False

    def settle(self) -> None:
        """Take what came so far as all there is: this server ends no list."""
        self._listed = None
        self._sink.conditions(frozenset(self.held))

    def clear(self) -> None:
        """The server has no conditions."""
        self.held.clear()
        self._sink.conditions(frozenset())

    def _end(self) -> None:
        listed, self._listed = self._listed, None
        if listed is None:
            return
        self.ended += 1
        if self._is_whole:
            for key in self.held.keys() - listed:
                del self.held[key]
            self.refused &= listed
        self._sink.conditions(frozenset(self.held))

    def _report(self, report: ConditionReport) -> None:
        key = report.key
        before = self.held.get(key)
        if not report.retain:
            self.held.pop(key, None)
            self.refused.discard(key)
            if self._listed is not None:
                self._listed.discard(key)
            self._sink.condition(since(report, before))
            return
        if self._listed is not None:
            self._listed.add(key)
        if before is None and len(self.held) >= MOST:
            self.refused.add(key)
            return
        report = self.held[key] = since(report, before)
        if before is None or key not in self._told or not report.says_the_same(before):
            self._told.add(key)
            self._sink.condition(report)
