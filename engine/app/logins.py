"""The logins of sources while the engine runs: one try at a time, and none by itself after a refusal."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence

import msgspec

from engine.alarms import Alarms, Outside
from engine.app.login_files import Kept, LoginFiles, State
from engine.drivers.driver import NotReady, Refused
from engine.drivers.login import Login
from engine.drivers.opcua.address import dialled
from engine.store.database import StoreError
from engine.types import Clock, NotRecorded, PutOnRecord, RecordEntry, Source, SourceLogin

ALARM = "login"
SET = 'set it on the source\'s page of the System display (Password…), or run "watchroom secret set DIR {}"'
AGAIN = (
    "set the right password on the source's page of the System display (Password…), or put it right at the "
    "server and press Try now there"
)


class SourceLogins:
    """``engine.drivers.login.Logins`` over the files of a project; one loop. ``sources`` of the project."""

    def __init__(self, files: LoginFiles, sources: Sequence[Source], clock: Clock) -> None:
        self._files, self._clock = files, clock
        self.sources = tuple(each for each in sources if each.user)
        self._turns: dict[tuple[str, str], asyncio.Lock] = {}
        self._known: dict[tuple[str, str], Kept] = {}
        if self.sources:
            self._known = {(each.user, each.endpoint): each for each in files.all() if each.has_password}

    # ------------------------------------------------------------------------------- what drivers ask
    def mark(self, source: Source) -> str:
        """The user and when the password was set."""
        kept = self._known.get(_key(source))
        return f"{source.user}@{kept.set_us if kept else 0}"

    async def check(self, source: Source) -> None:
        """See `engine.drivers.login.Logins`."""
        self._passed(source, await self._find(source))

    @contextlib.asynccontextmanager
    async def used(self, source: Source) -> AsyncGenerator[Login]:
        """See `engine.drivers.login.Logins`. Others with the same login wait for what comes of it."""
        async with self._turns.setdefault(_key(source), asyncio.Lock()):
            kept = self._passed(source, await self._find(source))
            try:
                password = await asyncio.to_thread(self._files.password, kept)
            except StoreError as error:
                raise Refused(str(error), SET.format(source.id)) from error
            if kept.state == "new":
                await self._turn(source, kept, "sent")
            try:
                yield Login(source.user, password)
            except Refused as refusal:
                await self._turn(source, kept, "refused", refusal.what)
                raise
            except NotReady as failure:
                if kept.state == "new":
                    await self._turn(source, kept, "new" if failure.busy else "sent", failure.what)
                raise
            if kept.state != "accepted":
                await self._turn(source, kept, "accepted")

    async def _find(self, source: Source) -> Kept | None:
        try:
            kept = await asyncio.to_thread(self._files.find, source)
        except StoreError as error:
            raise Refused(str(error), SET.format(source.id)) from error
        self._note(source, kept)
        return kept

    def _passed(self, source: Source, kept: Kept | None) -> Kept:
        who = f"user '{source.user}' at {source.endpoint}"
        if kept is None:
            raise Refused(f"no password of {who} is kept here", SET.format(source.id))
        if kept.state == "refused":
            said = kept.why or f"the login of {who} was refused"
            raise Refused(f"{said}; it is not sent again by itself, so that the account is not locked", AGAIN)
        if kept.state == "sent":
            said = kept.why or "no answer came"
            raise Refused(
                f"the first login of {who} did not end well ({said}); it is not sent again by itself, so "
                "that the account is not locked",
                AGAIN,
            )
        return kept

    async def _turn(self, source: Source, kept: Kept, state: State, why: str = "") -> None:
        """Keep what became of a try, unless the password was set anew or removed meanwhile."""
        now = await self._find(source)
        if now is not None and now.set_us == kept.set_us:
            await self._put(source, msgspec.structs.replace(now, state=state, why=why))

    async def _put(self, source: Source, kept: Kept) -> None:
        try:
            await asyncio.to_thread(self._files.put, kept)
        except StoreError as error:
            # What cannot be kept would be tried again after a restart.
            raise Refused(str(error), "see to the disk and the rights of the project folder") from error
        self._note(source, kept)

    def _note(self, source: Source, kept: Kept | None) -> None:
        if kept is None:
            self._known.pop(_key(source), None)
        else:
            self._known[_key(source)] = kept

    # ------------------------------------------------------------------------------- what people ask
    def of(self, source: Source) -> SourceLogin | None:
        """What may be shown of a source's login, None = it names no user."""
        if not source.user:
            return None
        kept = self._known.get(_key(source))
        return SourceLogin(source.user) if kept is None else shown(kept)

    def sharing(self, source: Source) -> list[str]:
        """The ids of all sources with the login of this one, itself among them."""
        return [each.id for each in self.sources if _key(each) == _key(source)]

    async def keep(self, source: Source, password: str, by: str) -> None:
        """Keep a new password. Raises StoreError."""
        now_us = self._clock.now_us()
        self._note(source, await asyncio.to_thread(self._files.keep, source, password, by, now_us))

    async def remove(self, source: Source) -> None:
        """Forget a password. Raises StoreError."""
        kept = await asyncio.to_thread(self._files.find, source)
        if kept is not None:
            await asyncio.to_thread(self._files.remove, kept)
        self._note(source, None)

    def is_held(self, source: Source) -> bool:
        """Whether a password waits for a person before it is sent again."""
        kept = self._known.get(_key(source))
        return kept is not None and kept.state in ("sent", "refused")

    async def release(self, source: Source) -> None:
        """A person wants the same password sent once more. Raises Refused."""
        kept = await self._find(source)
        if kept is not None and kept.state in ("sent", "refused"):
            await self._put(source, msgspec.structs.replace(kept, state="new", why=""))

    async def tell(self, record: PutOnRecord) -> None:
        """Put on record what was set while no engine ran. Raises NotRecorded."""
        for kept in await asyncio.to_thread(self._files.all):
            if not kept.told:
                did = "set" if kept.has_password else "removed"
                what = f"a password for a source was {did} while no engine ran"
                body = {"what": what, "user": kept.user, "endpoint": kept.endpoint}
                await record([RecordEntry("trust", kept.by, body)])
                try:
                    await asyncio.to_thread(self._told, kept)
                except StoreError as error:
                    raise NotRecorded(str(error)) from error

    def _told(self, kept: Kept) -> None:
        """In a thread. What was set or removed meanwhile is told by who did that."""
        now = next((each for each in self._files.all() if each.bound == kept.bound), None)
        if now is not None and now.has_password:
            self._files.put(msgspec.structs.replace(now, told=True))
        elif now is not None:
            self._files.remove(now)

    # ------------------------------------------------------------------------------- what alarms tell
    def alarm(self, alarms: Alarms) -> None:
        """One alarm a source whose login waits for a person; call it once a second, in the loop."""
        if not self.sources:
            return
        now_us = self._clock.now_us()
        held = {each.id: each for each in self.sources if self.is_held(each)}
        for told in alarms.reported("device"):
            if told.name == ALARM and told.active and told.path not in held:
                alarms.report(login_alarm(told.path, "", told.priority), False, now_us)
        for each in held.values():
            why = self._known[_key(each)].why or "no answer came"
            alarms.report(login_alarm(each.id, why, alarms.settings.link_priority), True, now_us)


def login_alarm(source: str, why: str, priority: int) -> Outside:
    """What is said of a source whose login was refused."""
    return Outside(
        path=source,
        kind="device",
        priority=priority,
        name=ALARM,
        message=f"Login refused at {source}",
        cause=why,
        consequence="its values are stale; nobody logs in again by itself, so that no account is locked",
        response=AGAIN,
        display="system",
    )


def shown(kept: Kept) -> SourceLogin:
    """A login without its password."""
    where = "keyring" if kept.ring else "sealed file"
    return SourceLogin(kept.user, kept.set_us, kept.by, kept.state, where)


def _key(source: Source) -> tuple[str, str]:
    return source.user, dialled(source.endpoint)
