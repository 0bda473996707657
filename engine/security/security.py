"""People, sessions and rights of one plant: what the rest of the engine asks and tells.

Until there is anybody (``is_new``) nothing here allows anything. Seeing never comes here at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import argon2

from engine.security.break_glass import is_same_person
from engine.security.changes import person_entries, told
from engine.security.credentials import Credentials, Shown
from engine.security.desk import Desk, station_of
from engine.security.directory import Directory
from engine.security.errors import Denied
from engine.security.glass import Alarm, Glass
from engine.security.guesses import Guesses, device_of
from engine.security.passwords import Hasher, password_problem
from engine.security.people import edit_problems, edited, key_of, public, to_change
from engine.security.record import Record
from engine.security.refusals import Refusals
from engine.security.register import Register
from engine.security.renewal import Renewal
from engine.security.rights import refusal
from engine.security.sessions import Sessions
from engine.security.staff import Staff
from engine.store.database import StoreError
from engine.types import Clock
from engine.types.control import PutOnRecord, RecordEntry
from engine.types.people import Action, Person, RoleAt, SecuritySettings, Session
from engine.wire.people import (
    BreakGlassBody,
    Face,
    FirstBody,
    LoginAnswer,
    LoginBody,
    MayAnswer,
    MayBody,
    PeopleAnswer,
    PeopleChangeBody,
    PersonEdit,
    ReviewBody,
    SealAnswer,
    SealBody,
    SecretBody,
    SessionAnswer,
    TryBody,
    UnlockBody,
)

T = TypeVar("T")


class Security:
    """All of a project's people. One thread: the engine's loop; hashes and the disk are off it.

    ``path`` = data/security.db. A file that cannot be used keeps nobody from seeing: ``trouble`` says what is
    wrong and what to do, and nobody can log in. ``alarm`` is told (area, text) when a break-glass code was
    used and when a login is closed after too many wrong tries. ``areas`` and ``words`` are the plant's own.
    """

    def __init__(
        self,
        path: Path,
        settings: SecuritySettings,
        shifts: tuple[str, ...],
        zone: str,
        clock: Clock,
        record: PutOnRecord,
        alarm: Alarm,
        directory: Directory | None = None,
        hardness: argon2.PasswordHasher | None = None,
        *,
        areas: Sequence[str] = (),
        words: Sequence[str] = (),
    ) -> None:
        self._settings, self._alarm = settings, alarm
        self._register = register = Register(path)
        self._record = Record(record)
        stations = register.fact("stations", list[str]) or ()
        devices = register.fact("devices", dict[str, tuple[str, ...]])
        guesses = Guesses(register.tries, clock, register.save_rows, self._closed, stations, devices)
        sessions = Sessions(clock, settings, shifts, zone)
        self._desk = desk = Desk(register, sessions, self._record, guesses, Hasher(hardness), clock)
        desk.words, desk.second_after_days = (*areas, *words), settings.second_after_days
        self._refusals = refusals = Refusals(self._record.owe, lambda text: alarm("", text), clock)
        days = settings.ldap.offline_days if settings.ldap else 7.0
        self._credentials = Credentials(
            register, desk.hasher, guesses, self._record, refusals, clock, directory, days
        )
        self._glass = Glass(desk, alarm, refusals)
        self._staff = Staff(desk, areas, settings.ldap.url if settings.ldap else "")
        self._renewal = Renewal(desk, self._credentials)
        self._faces: dict[str, tuple[Face, ...]] = {}
        self._faces_version = 0

    @property
    def is_new(self) -> bool:
        """Whether there is nobody yet, so that the first administrator can be made."""
        return self._register.is_new

    @property
    def trouble(self) -> str:
        """Why the file of people cannot be used, "" = it can."""
        return self._register.trouble

    @property
    def on_end(self) -> list[Callable[[Session, str], None]]:
        """Called with a session and why, when it ends, is locked, or goes over to trying."""
        return self._desk.on_end

    # -------------------------------------------------------------------------------- log in and out
    async def first_administrator(self, body: FirstBody) -> LoginAnswer:
        """Make the first person, who is administrator of the whole plant, and log them in.

        Raises:
            Denied: there is somebody already, the name or password will not do, or it cannot be recorded.
        """
        desk, station = self._desk, station_of(body.station)
        self._require_nobody()
        edit = PersonEdit(body.name, body.full_name, (RoleAt("administrator"),), must_change=False)
        problems = edit_problems(edit, None)
        if problem := password_problem(body.password, (body.name, body.full_name, *desk.words)):
            problems.append(problem)
        if problems:
            raise Denied(told(problems))
        password = await desk.hasher.make(body.password)
        async with self._register.changing:
            self._require_nobody()
            kept = edited(edit, None, password, desk.clock.now_us())
            await self._record.must(person_entries(kept.person.name, {}, [kept]))
            await self._register.keep([kept])
        return await self._begin(Shown(public(kept), "password"), station)

    def _require_nobody(self) -> None:
        if not self.is_new:
            raise Denied(self.trouble or "There are people here already: an administrator makes others.")

    async def login(self, body: LoginBody) -> LoginAnswer:
        """Log somebody in at a station; the session that it had ends (log-over).

        Raises:
            Denied: not them, too soon after a wrong try, closed, or disabled.
        """
        if self.trouble:
            raise Denied(f"Nobody can log in: {self.trouble}. Seeing needs no login.")
        station, device = station_of(body.station), device_of(body.device)
        try:
            if body.kind == "badge":
                shown = await self._credentials.badge(body.secret, body.pin, station)
            elif body.kind == "pin":
                shown = await self._credentials.pin(body.name, body.secret, station)
            elif body.kind == "break glass":
                raise Denied("A break-glass code is typed where it says so, with your name and a reason.")
            else:
                shown = await self._credentials.password(body.name, body.secret, station, device)
        finally:
            await self._record.pay()
        return await self._begin(shown, station, device=device)

    async def break_glass(self, body: BreakGlassBody) -> LoginAnswer:
        """Open an area with its sealed code, for a while.

        Raises:
            Denied: it does not open, or the name or reason is missing.
        """
        try:
            person = await self._glass.open(body)
        finally:
            await self._record.pay()
        return await self._begin(
            Shown(person, "break glass"), station_of(body.station), self._settings.break_glass_min
        )

    async def _begin(
        self, shown: Shown, station: str, minutes: float | None = None, *, device: str = ""
    ) -> LoginAnswer:
        desk, person = self._desk, shown.person
        entry = {"station": station, "kind": shown.kind, "is_offline": shown.is_offline}
        # A ledger that takes nothing keeps nobody from logging in, only from doing what must be in it.
        self._record.owe(RecordEntry("login", person.name, entry))
        await self._record.pay()
        is_first_pin = False
        if kept := self._register.find(person.name):
            is_first_pin = to_change(kept, shown.kind, station) == "pin"
            if kept.person.is_disabled:
                raise Denied(f"Not logged in: {person.name} was just disabled.")
            person = person if shown.is_offline else kept.person
        token, session, over = desk.sessions.begin(
            person, station, shown.kind, minutes, is_offline=shown.is_offline, device=device,
            is_first_pin=is_first_pin,
        )  # fmt: skip
        desk.turned(over)
        await self._record.pay()
        warnings = [shown.warning, self._record.trouble and f"Only seeing works: {self._record.trouble}"]
        return LoginAnswer(token, session, desk.actions(session), " ".join(each for each in warnings if each))

    def logout(self, token: str) -> None:
        """End a session; one that has ended already is no mistake."""
        self._desk.turned([self._desk.sessions.end(token, "Logged out.")])

    def lock(self, token: str) -> Session:
        """Take the commands away until the person shows who it is; seeing goes on.

        Raises:
            Denied: there is no session, or it has nothing to unlock with.
        """
        held = self._desk.held(token)
        if held.session.kind == "break glass":
            raise Denied("A session that a code opened cannot be unlocked again: log out instead.")
        self._desk.turned([self._desk.sessions.lock(held, "Locked by hand: commands are off.")])
        return held.session

    async def unlock(self, token: str, body: UnlockBody) -> Session:
        """Give the commands back to the person of the session.

        Raises:
            Denied: not them, too soon after a wrong try, or the session has ended.
        """
        held = self._desk.held(token)
        session = held.session
        try:
            if body.kind == "pin":
                await self._credentials.pin(session.person, body.secret, session.station)
            elif body.kind in ("password", "ldap"):
                await self._credentials.password(session.person, body.secret, session.station, held.device)
            else:
                raise Denied("Unlock with the PIN or the password; with a badge, log in anew.")
        finally:
            await self._record.pay()
        return self._desk.sessions.unlock(self._desk.held(token))

    def touch(self, token: str) -> None:
        """A hand moved at the station of this session: its idle time begins again."""
        self._desk.sessions.touch(token)

    def tick(self) -> None:
        """End and lock what is due, and bring the ledger what is owed. Call it once a second, on the loop."""
        self._desk.turned(self._desk.sessions.tick())
        self._refusals.tick()
        self._record.pay_soon()

    # ------------------------------------------------------------------------------------- who may
    def session_of(self, token: str) -> Session | None:
        """The session of a token as it is now, None = it has none."""
        return self._desk.sessions.of(token)

    def may(self, token: str, action: Action, path: str) -> str:
        """Whether a token's session may do something at a path ("" = the whole plant): "" or why not."""
        return self._desk.may(token, action, path)

    def may_person(self, person: Person, action: Action, path: str) -> str:
        """The same of somebody whom `verify_second` gave: by rights alone, whether or not logged in."""
        why = refusal(person.roles, self._register.rights, action, path)
        return f"{person.full_name} is not allowed: {why}." if why else ""

    async def verify_second(self, name: str, secret: str, station: str, not_person: str) -> Person:
        """Who the second person of two is, by password only (W4); never ``not_person``, who asked.

        Raises:
            Denied: not them, the same person, disabled, their password is not their own yet, or one of the
                two set a secret of the other lately.
        """
        kept = self._register.find(name)
        if key_of(name) == key_of(not_person) or (
            kept and is_same_person(not_person, kept.person.name, kept.person.full_name)
        ):
            raise Denied("A second person must do this: you asked for it yourself.")
        try:
            device = self._desk.sessions.device_at(station)
            shown = await self._credentials.password(name, secret, station_of(station), device)
        except Denied as denied:  # nobody logs in here, and the session of whoever asked goes on
            raise Denied(str(denied).replace("Not logged in", "Not confirmed", 1)) from denied
        finally:
            await self._record.pay()
        if shown.person.must_change:
            raise Denied(f"{shown.person.full_name} must choose a password of their own first: log in once.")
        if why := self._desk.why_one(not_person, shown.person.name):
            raise Denied(why)
        return shown.person

    def given_since(self, name: str, us: int) -> str:
        """Who set a password, PIN or badge of somebody since then, but so lately that it may not be the owner
        who acts; "" = nobody did.
        """
        return self._desk.given_since(name, us)

    def answer(self, token: str, station: str) -> SessionAnswer:
        """What a window at a station asks each second. Cheap."""
        desk, is_new = self._desk, self.is_new
        session = desk.sessions.of(token)
        if session and session.station != station:
            return SessionAnswer(is_new, None, "This session belongs to another station.", self._at(station))
        if session is None:
            ended = self.trouble or desk.sessions.why_ended(token)
            return SessionAnswer(is_new, None, ended, self._at(station))
        return SessionAnswer(is_new, session, "", self._at(station), desk.actions(session))

    def _at(self, station: str) -> tuple[Face, ...]:
        """Who may log in quickly at a station, by full name."""
        if self._faces_version != self._register.version or len(self._faces) > 100:
            self._faces, self._faces_version = {}, self._register.version
        if station not in self._faces:
            people = [kept for kept in self._register.people.values() if not kept.person.is_disabled]
            faces = [
                Face(
                    kept.person.name,
                    kept.person.full_name,
                    has_pin,
                    kept.person.is_demo,
                    ", ".join(dict.fromkeys(each.role for each in kept.person.roles)),
                )
                for kept in people
                if (has_pin := station in kept.pins or (kept.person.is_demo and "" in kept.pins))
                or kept.person.is_demo
            ]
            self._faces[station] = tuple(sorted(faces, key=lambda face: face.full_name.casefold()))
        return self._faces[station]

    # -------------------------------------------------------------------------------------- people
    def people(self, token: str) -> PeopleAnswer:
        """Everybody, for who has the right "people" or "ledger". Raises Denied."""
        return self._staff.answer(token)

    async def change(self, token: str, body: PeopleChangeBody) -> PeopleAnswer:
        """Change people and rights, all or nothing. Raises Denied, with every mistake."""
        return await self._staff.change(token, body)

    async def secret_change(self, token: str, body: SecretBody) -> None:
        """Give somebody a new password, PIN or badge. Raises Denied."""
        try:
            await self._renewal.change(token, body)
        finally:
            await self._record.pay()

    def allowed(self, token: str, body: MayBody) -> MayAnswer:
        """What a person may do at a path, and by which role. Raises Denied."""
        return self._staff.allowed(token, body)

    def try_as(self, token: str, body: TryBody) -> Session:
        """Look at the window as another person; nothing is done until name "" ends it.

        Raises:
            Denied: the session has not the right "people", or there is nobody of that name.
        """
        held = self._desk.held(token)
        if not body.name:
            return self._desk.sessions.change(held, trying="")
        self._desk.sessions.change(held, trying="")  # who looks as one may look as another
        self._desk.doing(token, "people")
        kept = self._register.find(body.name)
        if kept is None:
            raise Denied(f'There is nobody called "{body.name}".')
        session = self._desk.sessions.change(held, trying=kept.person.name)
        self._desk.tell(session, f"Looks at the window as {kept.person.full_name}: nothing is done.")
        return session

    async def seal(self, token: str, body: SealBody) -> SealAnswer:
        """A new break-glass code for an area, told once. Raises Denied."""
        return await self._glass.seal(token, body)

    async def review(self, token: str, body: ReviewBody) -> None:
        """Somebody else looked at what was done under a code. Raises Denied."""
        await self._glass.review(token, body)

    async def add_demo(self, people: Sequence[tuple[PersonEdit, str]]) -> None:
        """Make people of a demo, each with a PIN for all stations. Raises Denied where real ones are."""
        await self._staff.add_demo(people)

    # --------------------------------------------------------------------------------------- facts
    def fact(self, name: str, kind: type[T]) -> T | None:
        """Something small that is kept beside the people, None = it never was. Reads the disk."""
        return self._register.fact(name, kind)

    async def keep_fact(self, name: str, fact: object) -> None:
        """Keep it in the place of what it was. Raises Denied."""
        try:
            await asyncio.to_thread(self._register.save_rows, [("facts", name, fact)])
        except StoreError as error:
            raise Denied(f"Not done: {error}") from error

    # ----------------------------------------------------------------------------------------- end
    async def settle(self) -> None:
        """Bring the ledger what is owed, before closing."""
        self._refusals.end()
        await self._record.settle()

    def close(self) -> None:
        """Give the file back; sessions are over, and windows are told so by the next engine."""
        self._record.close()
        self._register.close()

    def _closed(self, way: str, name: str) -> None:
        self._alarm("", f"The {way} of {name} was wrong too many times in a row and opens no more")
