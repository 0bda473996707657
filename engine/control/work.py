"""Work in progress: a tag on an asset below which nothing is written or suggested until it is taken off.

As with padlocks (lock-out, tag-out) several people may have a tag on one asset and each takes off their own;
the tag of somebody who is not there is taken off by two other people together. Time never takes one off.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import msgspec

from engine.control.intent import recorded, to_finish
from engine.control.refused import Refused
from engine.control.second import Verify, require_another
from engine.control.store import ControlStore
from engine.control.text import clean
from engine.control.words import is_same
from engine.store import StoreError
from engine.typed import convert
from engine.types import Clock, May, PutOnRecord, RecordEntry, Session, WorkTag

LONGEST = {"name": 200, "phone": 60, "order": 100, "text": 2000}
"""Characters of each field."""
Key = tuple[str, str]
"""Asset and owner in lower case: a person has one tag on an asset."""


class WorkTags:
    """The work tags of one project. Calls come in the loop's thread.

    ``is_asset`` says whether there is such an asset; ``given_since`` who else set a secret of somebody since
    then; ``on_change`` is called after each change, with the asset: what is selected below it may be void.
    """

    def __init__(
        self,
        store: ControlStore,
        record: PutOnRecord,
        may: May,
        verify: Verify,
        clock: Clock,
        is_asset: Callable[[str], bool],
        given_since: Callable[[str, int], str] = lambda name, us: "",
        *,
        on_change: Callable[[str], None] = lambda asset: None,
    ) -> None:
        self._store, self._record, self._may, self._verify = store, record, may, verify
        self._clock, self._is_asset, self._on_change = clock, is_asset, on_change
        self._given_since = given_since
        self._turn = asyncio.Lock()
        self._tags: dict[Key, WorkTag] = {}
        self._coming: list[WorkTag] = []
        self._by_asset: dict[str, list[WorkTag]] = {}
        for tag in store.work_tags():
            self._tags[_key(tag)] = tag
        for each in to_finish(store, "work_tag"):
            tag = convert(each.entry.body["tag"], WorkTag)
            self._tags[_key(tag)] = tag
            with suppress(StoreError):  # it is in ``trouble``
                store.put_work_tag(tag)
        self._sort()

    def all(self) -> tuple[WorkTag, ...]:
        """All tags that are on, by asset and owner."""
        return tuple(self._tags[key] for key in sorted(self._tags))

    def due(self) -> tuple[WorkTag, ...]:
        """Those whose time is over: a person should see whether the work is; the tag stays on."""
        now_us = self._clock.now_us()
        return tuple(tag for tag in self.all() if 0 < tag.until_us <= now_us)

    def blocked(self, path: str) -> str:
        """Why nothing is written or suggested at a path, "" = no tag is on it or above it.

        Where nobody can say which tags there are, they may be anywhere.
        """
        if self._store.trouble:
            return f"nobody knows where work is in progress: {self._store.trouble}"
        if not self._by_asset:
            return ""
        at = path
        while True:
            for tag in self._by_asset.get(at, ()):
                return _words(tag)
            if not at:
                return ""
            at = at.rpartition("/")[0]

    async def put_on(self, token: str, session: Session, tag: WorkTag) -> WorkTag:
        """Put a tag on ``tag.asset`` for the person of the session, in the place of their earlier one there.

        ``by`` and ``since_us`` of ``tag`` are not looked at. Nothing is written below the asset from the
        moment this is called.

        Raises:
            Refused: this person may not, there is no such asset, or the text is no good.
            NotRecorded: the ledger does not take it; the tag is not on.
        """
        if why := self._may(token, "work tag", tag.asset):
            raise Refused(why)
        now_us = self._clock.now_us()
        made = _checked(tag, session, now_us)
        if not self._is_asset(made.asset):
            raise Refused(f"there is no asset {made.asset!r}; choose one of the plant")
        coming = made
        self._coming.append(coming)
        self._sort()
        self._on_change(made.asset)
        try:
            async with self._turn:
                earlier = self._tags.get(_key(made))
                if earlier is not None:
                    made = msgspec.structs.replace(made, since_us=earlier.since_us)
                await self._put(made, "put on" if earlier is None else "changed", session)
        finally:
            self._coming = [each for each in self._coming if each is not coming]
            self._sort()
            self._on_change(made.asset)
        return made

    async def regain(
        self,
        known: Callable[[], Awaitable[Sequence[WorkTag]]],
        tell: Callable[[Sequence[WorkTag]], Awaitable[None]],
    ) -> None:
        """Keep again what the file lost: of the tags that are ``known`` elsewhere those that are not here.

        ``tell`` puts them on record first. A tag that its owner put on meanwhile is the newer one and stays.
        A file that cannot be used keeps none of them, but they are seen, and nothing is written there.

        Raises:
            Refused: the disk refuses.
        """
        async with self._turn:  # nobody takes one off between the look and its return
            lost = [tag for tag in await known() if _key(tag) not in self._tags]
            await tell(lost)
            for tag in lost:
                try:
                    if not self._store.trouble:
                        await asyncio.to_thread(self._store.put_work_tag, tag)
                except StoreError as error:
                    raise Refused(str(error)) from error
                self._tags[_key(tag)] = tag
                self._sort()
                self._on_change(tag.asset)

    async def take_off(
        self, token: str, session: Session, asset: str, *, owner: str = "", second: str = "", secret: str = ""
    ) -> WorkTag:
        """Take a tag off: one's own, or that of ``owner`` together with a ``second`` person.

        ``owner`` "" = one's own or, with a second person and none of one's own, the only one there.

        Raises:
            Refused: there is none such, or these people may not.
            NotRecorded: the ledger does not take it; the tag stays on.
        """
        async with self._turn:
            tag = self._wanted(asset, owner, session.person, bool(second))
            if why := self._may(token, "work tag", tag.asset):
                raise Refused(why)
            people = [session.person]
            if not is_same(tag.by, session.person) or self._given_since(tag.by, tag.since_us):
                people.append(await self._second(tag, session, second, secret))
            body = {"what": "taken off", "tag": msgspec.to_builtins(tag), "by": people}
            entry = RecordEntry("work_tag", session.person, body | {"station": session.station})

            def drop(intent: int) -> None:
                self._store.drop_work_tag(tag, intent)

            def count() -> None:
                del self._tags[_key(tag)]
                self._sort()
                self._on_change(tag.asset)

            await recorded(self._store, self._record, entry, drop, count)
        return tag

    async def _put(self, tag: WorkTag, what: str, session: Session) -> None:
        body = {"what": what, "tag": msgspec.to_builtins(tag), "station": session.station}

        def keep(intent: int) -> None:
            self._store.put_work_tag(tag, intent)

        def count() -> None:
            self._tags[_key(tag)] = tag

        entry = RecordEntry("work_tag", session.person, body)
        await recorded(self._store, self._record, entry, keep, count, is_safe=True)

    async def _second(self, tag: WorkTag, session: Session, second: str, secret: str) -> str:
        giver = self._given_since(tag.by, tag.since_us)
        if not second and giver and is_same(tag.by, session.person):
            raise Refused(
                f"{giver} set a password, PIN or badge of {tag.by} after this work tag was put on: a second "
                "person takes it off together with you"
            )
        if not second:
            raise Refused(
                f"this is the work tag of {tag.name} ({tag.by}): its owner takes it off, or two other people "
                "together"
            )
        found = await self._verify(second, secret, "work tag", (tag.asset,))
        require_another(found, session.person)
        return found

    def _wanted(self, asset: str, owner: str, person: str, is_with_second: bool) -> WorkTag:
        here = [tag for tag in self.all() if tag.asset == asset]
        named = [tag for tag in here if is_same(tag.by, owner or person)]
        if named:
            return named[0]
        if owner or not here:
            raise Refused(f"there is no such work tag on {asset} any more")
        if len(here) > 1 and is_with_second:
            raise Refused(f"{len(here)} work tags are on {asset}; say whose is to be taken off")
        return here[0]

    def _sort(self) -> None:
        """Put the tags, also those that are just being put on, where they are looked for by asset."""
        found: dict[str, list[WorkTag]] = {}
        for tag in (*self.all(), *self._coming):
            found.setdefault(tag.asset, []).append(tag)
        self._by_asset = found


def _key(tag: WorkTag) -> Key:
    return tag.asset, tag.by.casefold()


def _checked(tag: WorkTag, session: Session, now_us: int) -> WorkTag:
    """What a person wrote, in full and showing every character.

    Raises:
        Refused: no name, too long, or over already.
    """
    texts = {name: clean(getattr(tag, name)) for name in LONGEST}
    if not texts["name"]:
        raise Refused("a work tag needs the name of who works there")
    for name, most in LONGEST.items():
        if len(texts[name]) > most:
            raise Refused(f"the {name} of a work tag has at most {most} characters, not {len(texts[name])}")
    if tag.until_us and tag.until_us <= now_us:
        raise Refused("the time until which the work lasts is over already; give a later one, or none")
    return WorkTag(tag.asset, session.person, **texts, since_us=now_us, until_us=max(tag.until_us, 0))


def _words(tag: WorkTag) -> str:
    phone = f", phone {tag.phone}" if tag.phone else ""
    order = f", order {tag.order}" if tag.order else ""
    return f"work in progress on {tag.asset or 'the whole plant'}: {tag.name} ({tag.by}){phone}{order}"
