"""Sets of setpoints: saved, listed, compared with the plant and restored tag by tag."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from engine.control.intent import recorded
from engine.control.refused import Refused
from engine.control.restore import Row, Watch, WriteOne, written
from engine.control.second import Verify, require_another
from engine.control.set_values import (
    DIGEST,
    LiveOf,
    SavedValues,
    Writable,
    compared,
    sealed,
    take,
    unsealed,
)
from engine.control.store import ControlStore
from engine.control.text import clean
from engine.store import StoreError
from engine.types import (
    Clock,
    ControlSettings,
    May,
    NotRecorded,
    PutOnRecord,
    RecordEntry,
    Session,
    SetDifference,
    SetInfo,
    WriteKind,
)

LONGEST_NAME = 200
AT_ONCE = 500
"""So many tags are looked at in one go: the loop has other work between two."""
MOST_SETS, MOST_BEFORE = 500, 100
"""Sets that people may keep, and beyond these those of what was there before a restore."""


class RestoreOrder(msgspec.Struct, frozen=True):
    """What is to be restored: these tags of a set. ``reason`` is for all.

    ``second`` and ``secret`` = the second person, where one of the tags is critical.
    """

    id: int
    paths: tuple[str, ...]
    reason: str = ""
    second: str = ""
    secret: str = ""
    is_rollback: bool = False

    def __repr__(self) -> str:
        return f"RestoreOrder(id={self.id}, {len(self.paths)} tags, second={self.second!r})"


class SetpointSets:
    """The sets of one project. Calls come in the loop's thread, but for `compare`, which any may call.

    ``plan`` gives what may be written, ``live_of`` the values of tags.
    """

    def __init__(
        self,
        store: ControlStore,
        record: PutOnRecord,
        may: May,
        verify: Verify,
        clock: Clock,
        plan: Callable[[], Writable],
        live_of: LiveOf,
        settings: Callable[[], ControlSettings],
    ) -> None:
        self._store, self._record, self._may, self._verify = store, record, may, verify
        self._clock, self._plan, self._live_of, self._settings = clock, plan, live_of, settings
        self._is_restoring, self._turn = False, asyncio.Lock()

    def all(self) -> tuple[SetInfo, ...]:
        """All sets, the newest first.

        Raises:
            Refused: the file cannot be read.
        """
        self._require_store()
        return tuple(self._store.sets())

    async def save(self, token: str, session: Session, name: str, scope: str = "") -> SetInfo:
        """Save every setpoint below ``scope`` as it is now. What is not Good is in ``left_out``, with why.

        Raises:
            Refused: this person may not, there is nothing to save, or the disk refuses.
            NotRecorded: the ledger does not take it; nothing was saved.
        """
        if self._may(token, "restore", scope) and (why := self._may(token, "write", scope)):
            raise Refused(why)
        self._require_room(MOST_SETS)
        plan = self._plan()
        paths = plan.below(scope)
        if not paths:
            raise Refused(
                f"writes.csv has no setpoint below {scope or 'the plant'}; there is nothing to save"
            )
        return await self._keep(session, name, scope, take(plan, self._live_of, paths))

    async def remove(self, token: str, session: Session, set_id: int) -> None:
        """Remove a set for good. What it was, and the hash of its values, stay on record.

        Raises:
            Refused: this person may not, there is no such set, or the disk refuses.
            NotRecorded: the ledger does not take it; the set is still there.
        """
        async with self._turn:
            self._require_store()
            info, body = await asyncio.to_thread(self._found, set_id)
            if why := self._may(token, "restore", info.scope):
                raise Refused(why)
            facts = {"what": "set of setpoints removed", "set": info.id, "name": info.name}
            more = {"scope": info.scope, "tags": info.size, "by": info.by, "saved_us": info.saved_us}
            seal = {"sha256": body[:DIGEST].hex(), "station": session.station}
            entry = RecordEntry("configuration", session.person, facts | more | seal)
            await recorded(
                self._store, self._record, entry, lambda intent: self._store.drop_set(set_id, intent)
            )

    def left_out(self, set_id: int) -> tuple[tuple[str, str], ...]:
        """The tags that a set lacks since they had no Good value when it was saved, and why.

        Raises:
            Refused: there is no such set, or it is damaged.
        """
        return self._wanted(set_id)[1].left_out

    def compare(self, set_id: int) -> tuple[SetDifference, ...]:
        """Every tag of a set beside what it is now, what differs first.

        Raises:
            Refused: there is no such set, or it is damaged.
        """
        return compared(self._plan(), self._live_of, self._wanted(set_id)[1].values)

    async def restore(
        self, token: str, session: Session, order: RestoreOrder, write_one: WriteOne, watch: Watch
    ) -> tuple[tuple[Row, ...], int]:
        """Write those tags of a set that differ, each once; a result per tag, in the order asked.

        What they are now is saved first, as a set whose number is returned too, 0 = nothing differs.
        ``write_one`` is the gate for this session. One restore at a time.

        Raises:
            Refused: it cannot be begun; nothing was written.
            NotRecorded: the ledger does not take that it is begun; nothing was written.
        """
        if self._is_restoring:
            raise Refused("a set is being restored already; wait until it is done, or cancel it")
        self._is_restoring = True
        try:
            return await self._restore(token, session, order, write_one, watch)
        finally:
            self._is_restoring = False

    async def _restore(
        self, token: str, session: Session, order: RestoreOrder, write_one: WriteOne, watch: Watch
    ) -> tuple[tuple[Row, ...], int]:
        info, saved, digest = await asyncio.to_thread(self._read, order.id)
        paths = _asked(order.paths, info, saved)
        second = await self._require_allowed(token, session, order, paths)
        await asyncio.sleep(0)
        plan, wanted = self._plan(), frozenset(paths)
        found = compared(plan, self._live_of, [each for each in saved.values if each.path in wanted])
        by_path = {row.path: row for row in found}
        rows = [by_path[path] for path in paths]
        differ = [row.path for row in rows if not row.is_equal and not row.why]
        await asyncio.sleep(0)
        before = await self._keep_before(session, info, take(plan, self._live_of, differ))
        kind: WriteKind = "rollback" if order.is_rollback else "restore"
        facts = {
            "set": info.id,
            "name": info.name,
            "sha256": digest,
            "kind": kind,
            "station": session.station,
        }
        begun = {"what": "begun", "tags": len(differ), "second": second, "reason": order.reason}
        await self._record([RecordEntry("restore", session.person, facts | begun | {"before": before})])
        source_of = {path: plan.tags[path].source for path in differ}
        results = await written(
            rows, source_of, write_one, kind, reason=order.reason, second=second, watch=watch
        )
        counts = dict(Counter(step for _, step, _ in results))
        await self._tell_end(RecordEntry("restore", session.person, facts | {"what": "ended"} | counts))
        return results, before

    async def _require_allowed(
        self, token: str, session: Session, order: RestoreOrder, paths: Sequence[str]
    ) -> str:
        """The second person where one is needed, "" = none is."""
        for number, path in enumerate(paths):
            if not number % AT_ONCE:
                await asyncio.sleep(0)
            if why := self._may(token, "restore", path):
                raise Refused(why)
        rules = self._plan().rules
        classes = {path: rules[path].write_class for path in paths if path in rules}
        asking = [path for path in classes if classes[path] in self._settings().reason_for]
        if asking and not order.reason.strip():
            raise Refused(f"say why: {asking[0]} is not written without a reason")
        critical = tuple(path for path in paths if classes.get(path) == "critical")
        if not critical:
            return ""
        if not order.second:
            raise Refused(
                f"{len(critical)} of these tags are critical ({critical[0]}): a second person has to agree"
            )
        second = await self._verify(order.second, order.secret, "approve", critical)
        require_another(second, session.person)
        return second

    async def _keep_before(self, session: Session, info: SetInfo, values: SavedValues) -> int:
        if not values.values:
            return 0
        self._require_room(MOST_SETS + MOST_BEFORE)
        kept = await self._keep(session, f"before {info.name}"[:LONGEST_NAME], info.scope, values)
        return kept.id

    async def _keep(self, session: Session, name: str, scope: str, values: SavedValues) -> SetInfo:
        shown = clean(name)
        if not shown or len(shown) > LONGEST_NAME:
            raise Refused(f"a set needs a name of at most {LONGEST_NAME} characters")
        if not values.values:
            raise Refused(f"no tag has a good value now; {values.left_out[0][0]}: {values.left_out[0][1]}")
        body = sealed(values)
        size, now_us = len(values.values), self._clock.now_us()
        info = SetInfo(0, shown, scope, session.person, now_us, size, values.left_out)
        facts = {"what": "set of setpoints saved", "name": shown, "scope": scope, "tags": size}
        more = {"left_out": len(values.left_out), "sha256": body[:DIGEST].hex(), "station": session.station}
        entry = RecordEntry("configuration", session.person, facts | more)
        number = await recorded(
            self._store, self._record, entry, lambda intent: self._store.add_set(info, body, intent)
        )
        return msgspec.structs.replace(info, id=number)

    async def _tell_end(self, entry: RecordEntry) -> None:
        try:
            await self._record([entry])
        except NotRecorded:
            pass  # every write of it is on record, or was not done; its result is still for the person

    def _wanted(self, set_id: int) -> tuple[SetInfo, SavedValues]:
        info, values, _ = self._read(set_id)
        return info, values

    def _read(self, set_id: int) -> tuple[SetInfo, SavedValues, str]:
        self._require_store()
        info, body = self._found(set_id)
        return info, unsealed(info, body), body[:DIGEST].hex()

    def _found(self, set_id: int) -> tuple[SetInfo, bytes]:
        try:
            found = self._store.set_body(set_id) if 0 < set_id < 2**62 else None
        except StoreError as error:
            raise Refused(str(error)) from error
        if found is None:
            raise Refused(f"there is no set number {set_id}")
        return found

    def _require_room(self, most: int) -> None:
        if len(self._store.sets()) >= most:
            raise Refused(f"{most} sets are kept already; remove some that nobody needs any more")

    def _require_store(self) -> None:
        if self._store.trouble:
            raise Refused(self._store.trouble)


def _asked(paths: Sequence[str], info: SetInfo, saved: SavedValues) -> list[str]:
    """The paths asked for, each once.

    Raises:
        Refused: none, or one that the set does not have.
    """
    known = {each.path for each in saved.values}
    if missing := [path for path in paths if path not in known]:
        raise Refused(f"{missing[0]} is not in the set {info.name!r}")
    if not paths:
        raise Refused("choose what is to be restored")
    return list(dict.fromkeys(paths))
