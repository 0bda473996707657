"""The horns of stations: one that cannot be heard is an alarm, and what a test of it gave is on record."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec

from engine.alarms import Alarms, Outside
from engine.app.horn_record import EACH, HOUR_US, HornRecord, Note
from engine.server import Answer, RequestRefused
from engine.store import Journal, StoreError
from engine.typed import convert, unpack
from engine.types import Clock
from engine.wire import HornAnswer, HornBody, HornTestBody

log = logging.getLogger("watchroom.engine")
PLACE = "Station "
SILENT_US = 60_000_000
"""A station says every 20 s how its horn does; one that is silent for so long is not there any more."""
LOOKED_AT, MOST_TESTS = 50_000, 200
"""Events at the journal's end among which tests of earlier runs are sought, and how many are read."""
LONGEST = 120
PRIORITIES = (1, 2, 3, 4)
MOST_STATIONS = 8
"""Stations of one hour; the windows of one computer are one. No login is asked for here, and each name that
is made up would be an alarm more.
"""
CALM_US = 60_000_000
"""An alarm that came or went `EACH` times within an hour follows its station only so often."""
DO = "look at loudspeaker and cable; until it sounds, watch the screen"


def horn_alarm(station: str, why: str, priority: int) -> Outside:
    """What is said of a station whose horn is not heard."""
    return Outside(
        path=PLACE + station,
        kind="device",
        name="horn",
        priority=priority,
        message="The horn does not sound",
        cause=why,
        consequence="nobody hears an alarm at this station; it is only shown",
        response=DO,
        display="system",
    )


@dataclass(slots=True)
class _Station:
    """When it was heard last, and what its sound device says: "" = it is well.

    ``told`` = what its alarm says, since ``told_us``; that changed ``changes`` times since ``hour_us``.
    """

    heard_us: int
    why: str = ""
    is_here: bool = True
    told: str = ""
    told_us: int = 0
    hour_us: int = 0
    changes: int = 0


class Horns:
    """One thread, that of the engine's loop. ``note`` puts an event on record."""

    def __init__(self, alarms: Alarms, note: Note, clock: Clock) -> None:
        self._alarms, self._clock = alarms, clock
        self._record = HornRecord(note, clock)
        self._stations: dict[str, _Station] = {}
        self._tests: dict[str, HornAnswer] = {}
        self._is_resumed = False

    def tell(self, body: HornBody) -> HornAnswer:
        """A station says how its horn does.

        Raises:
            RequestRefused: it does not name itself, or there are too many.
        """
        known = self._known(body.station)
        before = known.why
        known.why = "" if body.is_well else (body.why.strip()[:LONGEST] or "the sound device fails")
        if known.why != before:
            by, is_well = body.by[:LONGEST], body.is_well
            facts = {"station": body.station, "by": by, "is_well": is_well, "why": known.why}
            self._record.note("horn", body.station, facts)
        self._report(body.station, known)
        if body.is_closing:
            self._leave(body.station, known)
        return self._tests.get(body.station, HornAnswer())

    def tested(self, body: HornTestBody) -> HornAnswer:
        """A person listened to the sounds of a station.

        Raises:
            RequestRefused: the station, the person or what was heard is not named, or there are too many.
        """
        named = [priority for priority, _ in body.heard]
        if not body.by.strip() or not named or len(named) > len(PRIORITIES) or set(named) - set(PRIORITIES):
            raise RequestRefused("a test of the horn needs a person and, for each priority, what was heard")
        known = self._known(body.station)
        unheard = tuple(sorted({priority for priority, heard in body.heard if not heard}))
        now_us = self._clock.now_us()
        facts = {"station": body.station, "by": body.by[:LONGEST], "time_us": now_us}
        heard = [list(each) for each in body.heard]
        self._record.note("horn_test", body.station, {**facts, "heard": heard})
        self._tests[body.station] = HornAnswer(now_us, unheard)
        self._report(body.station, known)
        return self._tests[body.station]

    def recall(self, tests: Mapping[str, HornAnswer]) -> None:
        """What earlier runs of the engine know of tests."""
        self._tests = {**tests, **self._tests}

    def passed(self) -> None:
        """End the alarms of stations that are not there any more; call it once a second."""
        now_us = self._clock.mono_us()
        if not self._is_resumed:
            self._is_resumed = True
            for alarm in self._alarms.reported("device"):
                if alarm.active and alarm.path.startswith(PLACE):
                    # It came before the engine started again: its station says soon how it is.
                    name = alarm.path.removeprefix(PLACE)
                    self._stations.setdefault(name, _Station(now_us, alarm.cause, told=alarm.cause))
        for name, each in tuple(self._stations.items()):
            if each.is_here and now_us - each.heard_us > SILENT_US:
                self._leave(name, each)
            self._report(name, each)
            if not each.told and now_us - each.heard_us > HOUR_US:
                del self._stations[name]
        self._record.tick()

    def end(self) -> None:
        """Put on record what was only counted; call it before the journal closes."""
        self._record.end()

    def _known(self, station: str) -> _Station:
        if not station.strip() or len(station) > LONGEST:
            raise RequestRefused("the station does not say its name")
        known = self._stations.get(station)
        if known is None and len(self._stations) >= MOST_STATIONS:
            why = f"{MOST_STATIONS} stations told of a horn within an hour: no other one is watched"
            self._record.note("horn", "", {"station": station, "by": "", "is_well": False, "why": why})
            raise RequestRefused(f"{why} until one of them is silent for an hour")
        if known is None:
            known = self._stations[station] = _Station(0, told=self._said(station))
        known.heard_us, known.is_here = self._clock.mono_us(), True
        return known

    def _said(self, station: str) -> str:
        """What its alarm says, "" = none is active."""
        found = [each for each in self._alarms.reported("device") if each.path == PLACE + station]
        return next((each.cause for each in found if each.active), "")

    def _leave(self, station: str, known: _Station) -> None:
        if self._trouble(station, known):
            facts = {"station": station, "by": "", "is_well": False, "why": "the station closed"}
            self._record.note("horn", station, facts)
        known.is_here, known.why = False, ""
        self._report(station, known)

    def _trouble(self, station: str, known: _Station) -> str:
        unheard = ", ".join(map(str, self._tests.get(station, HornAnswer()).unheard))
        test = f"at its last test the sound of priority {unheard} was not heard" if unheard else ""
        return "; ".join(filter(None, (known.why, test)))

    def _report(self, station: str, known: _Station) -> None:
        """Let the alarm say what the station says; one that changes without end is slow to follow."""
        why, now_us = self._trouble(station, known) if known.is_here else "", self._clock.mono_us()
        if now_us - known.hour_us >= HOUR_US:
            known.hour_us, known.changes = now_us, 0
        if why == known.told or (known.changes >= EACH and now_us - known.told_us < CALM_US):
            return
        known.told, known.told_us, known.changes = why, now_us, known.changes + 1
        alarm = horn_alarm(station, why, self._alarms.settings.link_priority)
        self._alarms.report(alarm, bool(why), self._clock.now_us())


def past_tests(journal: Journal) -> Mapping[str, HornAnswer]:
    """The last test of every station, as the newest events of the journal have it. Not in the loop."""
    found: dict[str, HornAnswer] = {}
    try:
        events = journal.newest("horn_test", LOOKED_AT, MOST_TESTS)
    except StoreError as error:
        log.warning("when horns were tested is not known: %s", error)
        return found
    for each in events:
        heard = convert(each.body.get("heard", ()), tuple[tuple[int, bool], ...])
        unheard = tuple(sorted(priority for priority, is_heard in heard if not is_heard))
        found.setdefault(str(each.body.get("station", "")), HornAnswer(each.time_us, unheard))
    return found


def horn_answers(horns: Horns, journal: Callable[[], Journal | None]) -> Mapping[str, Answer]:
    """The coroutine that answers each op about horns."""
    is_recalled = False

    async def horn(body: msgspec.Raw) -> HornAnswer:
        nonlocal is_recalled
        record = journal()
        if not is_recalled and record is not None:
            horns.recall(await asyncio.to_thread(past_tests, record))
            is_recalled = True
        return horns.tell(unpack(body, HornBody))

    async def horn_test(body: msgspec.Raw) -> HornAnswer:
        return horns.tested(unpack(body, HornTestBody))

    return {"horn": horn, "horn_test": horn_test}
