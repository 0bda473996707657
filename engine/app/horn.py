"""The horns of stations: one that cannot be heard is an alarm, and what a test of it gave is on record."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from engine.alarms import Alarms, Outside
from engine.server import Answer, RequestRefused
from engine.store import Journal, StoreError
from engine.types import Clock
from engine.wire import HornAnswer, HornBody, HornTestBody

log = logging.getLogger("watchroom.engine")
PLACE = "Station "
SILENT_US = 60_000_000
"""A station says every 20 s how its horn does; one that is silent for so long is not there any more."""
LOOKED_AT, MOST_TESTS = 50_000, 200
"""Events at the journal's end among which tests of earlier runs are sought, and how many are read."""
LONGEST = 120
DO = "look at the loudspeaker and at its cable; until it sounds, watch the alarms on the screen"
Note = Callable[[str, dict[str, Any]], None]


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
    """When it was heard last, and what its sound device says: "" = it is well."""

    heard_us: int
    why: str = ""


class Horns:
    """One thread, that of the engine's loop. ``note`` puts an event on record."""

    def __init__(self, alarms: Alarms, note: Note, clock: Clock) -> None:
        self._alarms, self._note, self._clock = alarms, note, clock
        self._stations: dict[str, _Station] = {}
        self._tests: dict[str, HornAnswer] = {}
        self._is_resumed = False

    def tell(self, body: HornBody) -> HornAnswer:
        """A station says how its horn does.

        Raises:
            RequestRefused: it does not name itself.
        """
        known = self._known(body.station)
        before = known.why
        known.why = "" if body.is_well else (body.why.strip()[:LONGEST] or "the sound device fails")
        if known.why != before:
            facts = {"station": body.station, "by": body.by, "is_well": body.is_well, "why": known.why}
            self._note("horn", facts)
        self._report(body.station, known)
        if body.is_closing:
            self._forget(body.station)
        return self._tests.get(body.station, HornAnswer())

    def tested(self, body: HornTestBody) -> HornAnswer:
        """A person listened to the sounds of a station.

        Raises:
            RequestRefused: the station, the person or what was heard is not named.
        """
        if not body.by.strip() or not body.heard or any(p not in (1, 2, 3, 4) for p, _ in body.heard):
            raise RequestRefused("a test of the horn needs a person and, for each priority, what was heard")
        known = self._known(body.station)
        unheard = tuple(sorted({priority for priority, heard in body.heard if not heard}))
        now_us = self._clock.now_us()
        facts = {"station": body.station, "by": body.by, "time_us": now_us}
        self._note("horn_test", {**facts, "heard": [list(each) for each in body.heard]})
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
                    self._stations.setdefault(name, _Station(now_us, alarm.cause))
        for name, each in tuple(self._stations.items()):
            if now_us - each.heard_us > SILENT_US:
                self._forget(name)

    def _known(self, station: str) -> _Station:
        if not station.strip() or len(station) > LONGEST:
            raise RequestRefused("the station does not say its name")
        known = self._stations.setdefault(station, _Station(0))
        known.heard_us = self._clock.mono_us()
        return known

    def _forget(self, station: str) -> None:
        if self._trouble(station, self._stations.pop(station)):
            self._tell(station, "")
            self._note("horn", {"station": station, "by": "", "is_well": False, "why": "the station closed"})

    def _trouble(self, station: str, known: _Station) -> str:
        unheard = ", ".join(map(str, self._tests.get(station, HornAnswer()).unheard))
        test = f"at its last test the sound of priority {unheard} was not heard" if unheard else ""
        return "; ".join(filter(None, (known.why, test)))

    def _report(self, station: str, known: _Station) -> None:
        self._tell(station, self._trouble(station, known))

    def _tell(self, station: str, why: str) -> None:
        alarm = horn_alarm(station, why, self._alarms.settings.link_priority)
        # A station that never was in trouble has no alarm, and needs no number for one.
        if why or any(each.path == alarm.path for each in self._alarms.reported("device")):
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
        heard = msgspec.convert(each.body.get("heard", ()), tuple[tuple[int, bool], ...])
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
        return horns.tell(msgspec.msgpack.decode(body, type=HornBody))

    async def horn_test(body: msgspec.Raw) -> HornAnswer:
        return horns.tested(msgspec.msgpack.decode(body, type=HornTestBody))

    return {"horn": horn, "horn_test": horn_test}
