"""The gate of a running project: stage, work tags, areas, sets of setpoints and every write, put together."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import msgspec

from engine import paths
from engine.alarms import Outside as OutsideAlarm
from engine.app.plant import Running
from engine.app.reach import Reach
from engine.app.unsecured import Unsecured
from engine.control.areas import Areas
from engine.control.gate import Gate
from engine.control.intent import settle
from engine.control.outside import Outside
from engine.control.refused import Refused
from engine.control.set_values import Writable, writable
from engine.control.sets import SetpointSets
from engine.control.stage import ProjectStage
from engine.control.store import ControlStore
from engine.control.work import WorkTags
from engine.security.errors import Denied
from engine.security.security import Security
from engine.server import SESSION
from engine.types import (
    Action,
    Interlock,
    Live,
    Person,
    Project,
    PutOnRecord,
    Session,
    Write,
    fits,
)
from engine.wire import ControlAnswer

TICK_S = 0.2
PRIORITY = 2
NOT_OPEN = "the engine has not taken up yet what became of the last writes; nothing is written before that"
STOPS = "the engine stops; nothing is written any more"


class PlantControl:
    """All calls come in the loop's thread. ``open`` before anything else; ``run`` until the engine stops."""

    def __init__(self, running: Running, security: Security, record: PutOnRecord) -> None:
        project, self._running, self._security = running.project, running, security
        self._record = record
        self.restores: set[Future[Any]] = set()
        """Sets that are being restored now."""
        self.store = ControlStore(paths.data(Path(project.folder)) / "control.db")
        self._revision, self._version = running.revision, running.clock.now_us()
        self._told: tuple[object, ...] = ()
        self._seconds: dict[str, Person] = {}
        self._shut = NOT_OPEN
        self._paths = _all_paths(project)
        self._ids: Mapping[str, int] = {tag.path: tag.tag_id for tag in project.tags}
        may, clock, settings = security.may, running.clock, project.plant.control
        common = self.store, record, may
        self.stage = ProjectStage(
            *common, self._verify, clock, lambda: settings,
            on_lowered=lambda: self.gate.void("", "the stage of the project was lowered"),
        )  # fmt: skip
        self.work = WorkTags(
            *common, self._verify, clock, self._is_place, security.given_since, on_change=self._void_below
        )
        self.unsecured = Unsecured(project, security, record)
        self.areas = Areas(*common, self._is_place, on_change=self._void_below)
        reach = Reach(running, lambda: self.stage.now)
        self.gate = Gate(
            project.writes,
            project.commands,
            running.tags,
            settings,
            Outside(
                clock=clock,
                live=reach.live,
                send=reach.send,
                read=reach.read,
                record=record,
                may=may,
                person_may=self._person_may,
                session=security.session_of,
                second=self._second,
                blocked=self.blocked,
                keep=self.store,
                alarm=self._alarm,
                interlocks=interlocks(project),
            ),
        )
        self.sets = SetpointSets(
            *common, self._verify, clock, self._writable, self._live_of, lambda: settings
        )
        self._reach = reach
        security.on_end.append(self._session_ended)

    async def open(self) -> None:
        """Take up what the last run left; nothing is sent again. Until it is done nothing is written.

        Raises:
            NotRecorded, Refused: the ledger or the disk refuses; call it again.
        """
        await settle(self.store, self._record)
        await self.gate.open()
        self._shut = ""

    async def run(self) -> None:
        """What time brings, until cancelled."""
        while True:
            self._retarget()
            await self.gate.tick()
            await self._running.clock.sleep(TICK_S)

    async def settle(self) -> None:
        """Void what is selected and wait for what is on its way, while there still are links to see it on."""
        self._shut = STOPS
        for each in tuple(self.restores):
            each.cancel()  # its thread waits for this loop, which is about to end
        await self.gate.close()

    async def close(self) -> None:
        """The same, and give the file back."""
        await self.settle()
        await asyncio.to_thread(self.store.close)

    def blocked(self, path: str, station: str) -> str:
        """Why nothing is written at a path from a station: the stage, a work tag, an area; "" = nothing."""
        everywhere = self._shut or self.stage.refusing
        place = self.work.blocked(path) or self.areas.refused(path, station)
        return everywhere or place or self.unsecured.blocked(path)

    @property
    def refusing(self) -> str:
        """Why nothing at all can be written now, "" = it can."""
        scribe = self._running.scribe
        ledger = "" if scribe is None else scribe.trouble
        return self._security.trouble or self.stage.refusing or ledger or self._shut

    def clock_stepped(self) -> None:
        """The computer's clock was set: what is selected is void (W14)."""
        self.gate.void("", "the computer's clock was set")

    def shown(self, version: int) -> ControlAnswer:
        """All that people see of control, where it is different from ``version``."""
        refusing = self.refusing
        told = self.gate.version, self.stage.state(), self.work.all(), self.areas.held(), refusing
        if told != self._told:
            self._told, self._version = told, self._version + 1
        if version == self._version:
            return ControlAnswer(version, False)
        writes = self.gate.shown(-1).writes
        return ControlAnswer(self._version, True, told[1], writes, told[2], told[3], refusing)

    async def write_one(
        self, token: str, path: str, value: float, kind: str, reason: str, second: str
    ) -> Write:
        """One tag of a set through the gate, for the session of ``token``."""
        person = self._seconds.get(second)
        return await self.gate.write_for(
            token, path, value, reason=reason, kind="rollback" if kind == "rollback" else "restore",
            second=person,
        )  # fmt: skip

    def _session_ended(self, session: Session, why: str) -> None:
        self.gate.void(session.id, why)
        self.stage.ended(session.id)

    def _void_below(self, place: str) -> None:
        """A work tag or an area is another: what is selected there may not be sent any more."""
        self.gate.void_where(
            lambda write: bool(self.blocked(write.asset or write.path, write.station)),
            f"{place or 'the plant'} is in other hands now",
        )

    def _is_place(self, path: str) -> bool:
        return not path or path in self._paths

    def _retarget(self) -> None:
        """Devices told more of their tags: types and ranges count for what is written from now on."""
        if self._revision != self._running.revision:
            self._revision = self._running.revision
            self.gate.retarget(self._running.tags)

    async def _second(self, name: str, secret: str, station: str, first: str) -> Person:
        try:
            person = await self._security.verify_second(name, secret, station, first)
        except Denied as error:
            raise Refused(str(error)) from error
        self._seconds[person.name] = person
        return person

    async def _verify(self, name: str, secret: str, action: Action, paths: Sequence[str]) -> str:
        asks = self._security.session_of(SESSION.get())
        if asks is None:
            raise Refused("nobody is logged in here any more; log in first")
        # The stage is approved at any station, also where the second person is logged in. All else is asked
        # for here and now, also behind a break-glass code.
        first = self.stage.state().asked_by if action == "stage" else asks.person
        person = await self._second(name, secret, asks.station, first)
        for path in paths or ("",):
            if why := self._security.may_person(person, action, path):
                raise Refused(why)
        return person.name

    def _person_may(self, name: str, action: Action, path: str) -> str:
        person = self._seconds.get(name)
        if person is None:
            return f"{name} has not shown who it is"
        return self._security.may_person(person, action, path)

    def _alarm(self, write: Write, text: str) -> None:
        """Comes and goes at once: it stands until a person acknowledges it."""
        told = OutsideAlarm(
            path=write.path,
            kind="device",
            priority=PRIORITY,
            name="write",
            message="What was written is in doubt" if write.step == "unknown" else "A write came late",
            cause=text,
            consequence="the plant may not be as the screen says it was left",
            response="look at the value and at the machine; then resolve the write on the faceplate",
            display="unit",
        )
        now_us = self._running.clock.now_us()
        self._running.alarms.report(told, True, now_us, write.seen)
        self._running.alarms.report(told, False, now_us, write.seen)

    def _writable(self) -> Writable:
        return writable(msgspec.structs.replace(self._running.project, tags=tuple(self._running.tags)))

    def _live_of(self, places: Sequence[str]) -> Sequence[Live]:
        return self._reach.lives([self._ids[path] for path in places])


def interlocks(project: Project) -> dict[str, tuple[Interlock, ...]]:
    """The interlocks of each asset by its type, with whole paths; what an asset does not have is left out."""
    known = {tag.path for tag in project.tags}
    found: dict[str, tuple[Interlock, ...]] = {}
    for asset in _all_paths(project) - known:
        kind = next((each for each in project.types if any(fits(asset, at) for at in each.paths)), None)
        if kind is not None and kind.interlocks:
            rows = (msgspec.structs.replace(each, tag=f"{asset}/{each.tag}") for each in kind.interlocks)
            found[asset] = tuple(each for each in rows if each.tag in known)
    return found


def _all_paths(project: Project) -> frozenset[str]:
    """Every tag, and every asset and area above one."""
    found = set[str]()
    for tag in project.tags:
        path = tag.path
        while path and path not in found:
            found.add(path)
            path = path.rpartition("/")[0]
    return frozenset(found)
