"""Alarms that an OPC UA server keeps, shown and recorded beside our own. What they are, their server says."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from engine.alarms import life
from engine.alarms.book import Book
from engine.alarms.life import Entry, Step
from engine.alarms.register import Outside, Register
from engine.types import Alarm, ConditionKey, ConditionReport, Service, Shelf, What

BY_SERVER = "its server"
EARLIER = " (earlier)"
"""After the name of a state of a condition that still waits for a person though the condition went on."""
_replace = msgspec.structs.replace


class Mirror:
    """One thread. After a restart an alarm is found again by its path, its name and its server."""

    def __init__(self, book: Book, register: Register) -> None:
        self._book, self._register = book, register
        self._ids: dict[tuple[str, ConditionKey], int] = {}
        self._reports: dict[int, tuple[str, ConditionReport]] = {}

    def report(self, source: str, report: ConditionReport) -> None:
        """What a server says of one of its conditions now."""
        alarm_id = self._number(source, report)
        self._reports[alarm_id] = source, report
        entry = self._book.entry(alarm_id)
        entry = _replace(entry, alarm=self._register.worded(entry.alarm))
        self._book.apply(mirrored(entry, report))
        if not report.retain:
            self._forget(source, report.key)

    def known(self, source: str, keys: frozenset[ConditionKey] | None) -> None:
        """Those are all that it has. None = its link is lost: they are held as they were."""
        if keys is None:
            return
        there = {self._ids[source, each] for each in keys if (source, each) in self._ids}
        for alarm_id, entry in tuple(self._book.entries.items()):
            alarm = entry.alarm
            if alarm.kind == "device" and alarm.source == source and alarm_id not in there:
                self._book.remove(alarm_id, "its server has no such alarm any more")
        for each, key in tuple(self._ids):
            if each == source and key not in keys:
                self._forget(each, key)

    def report_of(self, alarm_id: int) -> tuple[str, ConditionReport] | None:
        """The server that keeps this alarm, and what it said last."""
        return self._reports.get(alarm_id)

    def _forget(self, source: str, key: ConditionKey) -> None:
        self._reports.pop(self._ids.pop((source, key), 0), None)

    def _number(self, source: str, report: ConditionReport) -> int:
        """The alarm of this condition; one of the same name at the same place gets a number in brackets."""
        before, taken = self._ids.get((source, report.key)), set(self._reports)
        count = 1
        while True:
            name = report.name + (EARLIER if report.branch else "") + (f" ({count})" if count > 1 else "")
            alarm_id = self._register.tell(
                Outside(
                    path=report.path,
                    kind="device",
                    priority=report.priority,
                    name=name,
                    source=source,
                    message=report.message or report.name,
                )
            )
            if before in (None, alarm_id) and (before == alarm_id or alarm_id not in taken):
                self._ids[source, report.key] = alarm_id
                return alarm_id
            count += 1


def mirrored(entry: Entry, report: ConditionReport) -> list[Step]:
    """What happened to an alarm of a server, from what it says now."""
    steps = list(_differences(entry.alarm, report))
    last = steps[-1].entry.alarm if steps else entry.alarm
    if not report.retain and last.letter != "A":
        gone = _replace(
            last, active=False, acked=True, latched=False, shelf=None, suppressed="", service=None
        )
        steps.append(_step("removed", gone, text="its server has nothing more to say of it"))
    return steps


def _differences(alarm: Alarm, report: ConditionReport) -> Iterator[Step]:
    """One step for each thing that is other than it was; what sets it aside comes before the rest."""
    by, now_us = report.comment_by or BY_SERVER, report.receive_us
    shelf = _shelf(alarm, report)
    if (shelf is None) != (alarm.shelf is None) or (
        shelf is not None and alarm.shelf is not None and shelf.until_us != alarm.shelf.until_us
    ):
        alarm = life.lettered(_replace(alarm, shelf=shelf))
        yield (
            _step("unshelved", alarm, by)
            if shelf is None
            else _step("shelved", alarm, by, report.comment, shelf.until_us)
        )
    if report.suppressed != bool(alarm.suppressed):
        alarm = life.lettered(_replace(alarm, suppressed=BY_SERVER if report.suppressed else ""))
        yield _step("suppressed" if report.suppressed else "unsuppressed", alarm, text=BY_SERVER)
    if report.out_of_service != (alarm.service is not None):
        service = Service(now_us, by, BY_SERVER) if report.out_of_service else None
        alarm = life.lettered(_replace(alarm, service=service))
        yield _step("out_of_service" if service else "in_service", alarm, by, BY_SERVER if service else "")
    if report.active != alarm.active:
        alarm = _turned(alarm, report)
        yield _step("active" if report.active else "returned", alarm)
    acked = report.acked and report.confirmed
    if acked != alarm.acked:
        alarm = life.lettered(
            _replace(alarm, acked=acked, acked_us=now_us if acked else 0, acked_by=by if acked else "")
        )
        yield _step("acknowledged" if acked else "realarmed", alarm, by if acked else "", report.comment)


def _turned(alarm: Alarm, report: ConditionReport) -> Alarm:
    time_us = report.time_us or report.receive_us
    since_us = (report.since_us or time_us) if report.active else alarm.since_us
    # A new spell brings its acknowledgement along: what was said of the one before is over.
    acked = report.acked and report.confirmed if report.active else alarm.acked
    return life.lettered(
        _replace(
            alarm,
            active=report.active,
            latched=report.latched,
            acked=acked,
            acked_us=0 if report.active else alarm.acked_us,
            acked_by="" if report.active else alarm.acked_by,
            since_us=since_us,
            changed_us=since_us if report.active else time_us,
            times=(1 if alarm.acked else alarm.times + 1) if report.active else alarm.times,
        )
    )


def _shelf(alarm: Alarm, report: ConditionReport) -> Shelf | None:
    """The shelf that the server says; the end may be told a little differently each time."""
    if not report.shelved:
        return None
    before = alarm.shelf
    until_us = report.shelved_until_us
    if before is not None and abs(before.until_us - until_us) < 5_000_000:
        return before
    by = report.comment_by or BY_SERVER
    return Shelf(report.receive_us, until_us, by, report.comment, report.shelved == "one_shot")


def _step(what: What, alarm: Alarm, by: str = "", text: str = "", until_us: int = 0) -> Step:
    return Step(what, Entry(life.lettered(alarm)), by, text, until_us)
