"""Safe hands: the people of a running project and the gate they act through, opened and closed together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import argon2

from engine import paths
from engine.alarms import Outside
from engine.app.certificates import Certificates
from engine.app.control import PlantControl
from engine.app.control_answers import control_answers, control_kinds
from engine.app.control_lost import regain
from engine.app.demo_people import add_people, is_demo
from engine.app.directory import open_directory
from engine.app.guard import guarded
from engine.app.jobs import Kind
from engine.app.ledger import Scribe
from engine.app.people_answers import people_answers
from engine.app.people_keep_answers import keep_answers, tell_restored
from engine.app.plant import Running
from engine.app.restore_cut import tell_cut
from engine.control.refused import Refused
from engine.security.errors import Denied
from engine.security.security import Security
from engine.server import Answer
from engine.types import NotRecorded, Project, RecordEntry, SecuritySettings

if TYPE_CHECKING:
    from engine.security.ldap import LdapDirectory

log = logging.getLogger("watchroom.engine")
PRIORITY = 2
AGAIN_S = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Hands:
    """Who may do what, and the gate through which it is done."""

    running: Running
    security: Security
    control: PlantControl
    directory: LdapDirectory | None = None
    certificates: Certificates | None = None

    def answers(self) -> Mapping[str, Answer]:
        """The answers about people and control."""
        known = dict(people_answers(self.security)) | dict(control_answers(self.control, self.security))
        if self.running.scribe is not None:
            known |= keep_answers(self.running, self.security, self.running.scribe.record)
        return known

    def guarded(self, answers: Mapping[str, Answer]) -> Mapping[str, Answer]:
        """All answers of the engine behind the guard."""

        def path_of(alarm_id: int) -> str:
            alarm = self.running.alarms.alarm(alarm_id)
            return "" if alarm is None else alarm.path

        return guarded(answers, self.security, path_of)

    def kinds(self) -> Mapping[str, Kind]:
        """The long work about control."""
        return control_kinds(self.control, self.security, asyncio.get_running_loop())

    async def begin(self) -> None:
        """Take up what the last run left; a demo gets its people, and may be operated.

        A ledger or disk that refuses keeps nobody from seeing: it is tried again until it does not.
        """
        while True:
            try:
                await self.control.open()
                if self.running.scribe is not None:
                    await self._tell_days(self.running.scribe)
                    await self._regain(self.running.scribe)
                    await self._tell_cut(self.running.scribe)
                    await tell_restored(Path(self.running.project.folder), self.running.scribe.record)
                    if self.running.logins is not None:
                        await self.running.logins.tell(self.running.scribe.record)
                break
            except (NotRecorded, Refused) as error:
                log.error("nothing is written to the plant yet: %s", error)
            await self.running.clock.sleep(AGAIN_S)
        if is_demo(Path(self.running.project.folder)):
            try:
                await self._begin_demo()
            except (Denied, Refused, NotRecorded) as error:
                log.error("the demo cannot be operated: %s", error)

    async def _tell_days(self, scribe: Scribe) -> None:
        """Put on record that plant.toml asks for more or less of a second person than before."""
        key, days = "second_after_days", self.running.project.plant.security.second_after_days
        before = await asyncio.to_thread(self.security.fact, key, float)
        before = SecuritySettings().second_after_days if before is None else before
        if before != days and not self.security.is_new:
            await scribe.record(
                [RecordEntry("configuration", "engine", {"what": key, "changed": [before, days]})]
            )
            await self.security.keep_fact(key, days)

    async def _regain(self, scribe: Scribe) -> None:
        control, running = self.control, self.running
        ledger, record = scribe.file, scribe.record
        await regain(control.store, control.work, ledger, record, running.alarms, running.clock)

    async def _tell_cut(self, scribe: Scribe) -> None:
        def paths_of(set_id: int) -> list[str]:
            return [row.path for row in self.control.sets.compare(set_id)]

        folder, alarms, clock = Path(self.running.project.folder), self.running.alarms, self.running.clock
        await tell_cut(folder, scribe.file, scribe.record, paths_of, alarms, clock)

    async def _begin_demo(self) -> None:
        await self.control.unsecured.confirm_all("demo")
        if self.security.is_new:
            await add_people(self.security)
            if self.control.stage.is_new:
                await self.control.stage.begin_at("control")

    async def run(self) -> None:
        """Begin, and go on until cancelled."""
        await self.begin()
        await self.control.run()

    def second(self) -> None:
        """What is to be looked at each second."""
        self.security.tick()
        if self.certificates is not None:
            self.certificates.second()

    async def settle(self) -> None:
        """The engine is about to stop: void what is selected, and let what is on its way arrive."""
        await self.control.settle()

    async def close(self) -> None:
        """Void what is selected and wait for what is on its way; give the files back."""
        await self.control.close()
        await self.security.settle()
        await asyncio.to_thread(self.security.close)
        if self.directory is not None:
            self.directory.close()
        if self.certificates is not None:
            await asyncio.to_thread(self.certificates.close)


def open_hands(running: Running, scribe: Scribe, hardness: argon2.PasswordHasher | None = None) -> Hands:
    """The people and the gate of a project. What is wrong with their files keeps nobody from seeing.

    ``hardness`` = how hard passwords are hashed; the library's own choice without it.
    """
    project = running.project

    def alarm(area: str, text: str) -> None:
        told = Outside(
            path=area or "People",
            kind="device",
            priority=PRIORITY,
            name="people",
            message=text,
            consequence="somebody may do what they should not",
            response="find out who it was; System, People and System, Ledger tell more",
            display="system",
        )
        now_us = running.clock.now_us()
        running.alarms.report(told, True, now_us)
        running.alarms.report(told, False, now_us)

    directory = open_directory(project.plant.security.ldap)
    security = Security(
        paths.data(Path(project.folder)) / "security.db",
        project.plant.security,
        project.alarm_settings.shifts,
        project.plant.timezone,
        running.clock,
        scribe.record,
        alarm,
        directory,
        hardness,
        areas=areas(project),
        words=(project.plant.name,),
    )
    pki = paths.pki(Path(project.folder))
    certificates = Certificates(pki, project.sources, running.alarms, running.clock)
    control = PlantControl(running, security, scribe.record)
    return Hands(running, security, control, directory, certificates)


def areas(project: Project) -> tuple[str, ...]:
    """The areas and units of a plant, as roles are given for them: first and second segments of its paths."""
    found = dict[str, None]()
    for tag in project.tags:
        segments = tag.path.split("/")
        for end in range(1, min(len(segments) - 1, 2) + 1):
            found["/".join(segments[:end])] = None
    return tuple(found)
