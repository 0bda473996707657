"""The ledger of the running engine: what others put on record, and what the event journal tells.

One thread has the file. Who puts something on record waits until it is on disk and signed; what waits at
the same time shares one commit. Overload policy: refuse. A ledger that cannot be written refuses what it is
given and is tried again; the engine and what people see go on.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from engine.app.ledger_anew import begin_anew, finish
from engine.app.ledger_follow import Follower
from engine.app.ledger_keeping import Keeping
from engine.app.ledger_key import Keys
from engine.app.ledger_open import KEYS, WentBack, ledger_file, open_or_begin
from engine.app.ledger_outside import Anchors
from engine.app.ledger_queue import ENDED, Queue, Wanted
from engine.ledger import (
    Draft,
    EntryRefused,
    KeyUnreadable,
    Ledger,
    LedgerDamaged,
    LedgerError,
    Receipt,
    WrongKey,
)
from engine.ledger.entry import EntryType
from engine.store import Journal, StoredEvent, StoreError
from engine.store.sealing import Keyring, Passphrase, passphrase, system_keyring
from engine.types import Clock, Project
from engine.types.control import NotRecorded, RecordEntry

log = logging.getLogger("watchroom.ledger")
TICK_S = 5.0
"""So often the thread looks after things while nothing is put on record."""
RETRY_US, SLOW_RETRY_US = 5_000_000, 60_000_000
"""Pause before a refused write or opening is tried again; the longer one where a person must act first."""
ANSWER_S = 10.0
CLOSE_S = 4.0
STARTING = "the ledger is being opened"
Drafts = Sequence[Draft]


class Scribe:
    """Owns data/ledger.db. ``record``, ``rotate`` and ``accept`` in the loop; the rest from any thread.

    ``keyring`` = asked once, in the ledger's thread, for the keyring to use; None = sealed files.
    """

    def __init__(
        self,
        project: Project,
        clock: Clock,
        *,
        keyring: Callable[[], Keyring | None] = system_keyring,
        phrase: Callable[[], Passphrase] = passphrase,
    ) -> None:
        self._folder, self._plant, self._clock = Path(project.folder), project.plant.name, clock
        self._keyring, self._phrase = keyring, phrase
        self._keys: Keys | None = None
        self._ledger: Ledger | None = None
        self.clock = clock
        self._follower = Follower()
        self.keeping = Keeping(self._folder, project, clock)
        self.outside = Anchors(project, clock, self._cosigned)
        self._queue = Queue()
        self._trouble, self._failed_us, self._refused, self._retry_us = STARTING, 0, 0, 0
        self.may_accept = self.may_begin = False
        """Whether the trouble is that it went back, or that its key is lost: a person may help that."""
        self._file: tuple[int, int] | None = None
        self._is_new = False
        self.alarmed: set[str] | None = None
        """Names of the alarms that are told of it; None = those of the run before are not known yet."""
        self._thread = threading.Thread(target=self._run, name="ledger", daemon=True)

    def begin(self, journal: Journal) -> None:
        """Open the ledger behind the start of the engine, and follow the journal from now on."""
        self._is_new = journal.last() == 0
        self._follower.use(journal)
        self._thread.start()
        self.outside.begin()

    def heard(self, events: Sequence[StoredEvent]) -> None:
        """Events that are on disk now. In the journal's thread."""
        if self._follower.heard(events):
            self._queue.wake.set()

    @property
    def trouble(self) -> str:
        """Why nothing can be put on record now and what to do, "" = it can."""
        return self._trouble

    @property
    def is_starting(self) -> bool:
        """Whether it is not known yet if the ledger can be opened."""
        return self._trouble == STARTING

    @property
    def folder(self) -> Path:
        """The project."""
        return self._folder

    @property
    def file(self) -> Path:
        """Where the ledger is."""
        return ledger_file(self._folder)

    @property
    def evidence(self) -> tuple[str, ...]:
        """What was found to be wrong with it, by checks here and by witnesses outside."""
        return (*self.outside.evidence, *self.keeping.checks.evidence)

    async def record(self, entries: Sequence[RecordEntry]) -> None:
        """Put entries in the ledger, together; returns once they are on disk and signed.

        Raises:
            NotRecorded: they are not, or the disk did not say so in time; what they tell of must not be done.
        """
        drafts = [Draft(cast(EntryType, e.type), e.actor, e.body, e.topic) for e in entries]
        await self._do(Wanted(drafts))

    async def rotate(self, by: str, reason: str) -> None:
        """Let a new key sign from now on.

        Raises:
            NotRecorded: the old key goes on.
        """
        await self._do(Wanted(act=lambda: self._rotate(by, reason)))

    async def accept(self, by: str, reason: str) -> None:
        """A person says that an older ledger, or a new one, is right; that is its next entry.

        Raises:
            NotRecorded: there is nothing to accept, or it cannot be opened all the same.
        """
        await self._do(Wanted(act=lambda: self._accept(by, reason)))

    async def begin_anew(self, by: str, reason: str) -> None:
        """A person says that the key is lost for good: end this ledger as it is, and begin a new one.

        Raises:
            NotRecorded: its key is there, or the old one cannot be read.
        """
        await self._do(Wanted(act=lambda: self._begin_anew(by, reason)))

    def close(self) -> None:
        """Put on record what waits, close the file, end the thread. Not in the loop."""
        self._queue.end()
        self.outside.close()
        if self._thread.is_alive():
            self._thread.join(CLOSE_S)  # a disk that hangs must not keep the engine from ending

    def _cosigned(self, note: str, cosigner: str) -> None:
        """Keep a cosignature of ``cosigner`` (a vkey). In another thread than the ledger's.

        Raises:
            LedgerError: it is none of ours, or cannot be kept now.
        """
        wanted = Wanted(act=lambda: self._opened().add_cosignature(note, cosigner))
        try:
            self._queue.put(wanted, self._thread.is_alive())
            wanted.done.result(ANSWER_S)
        except (NotRecorded, TimeoutError) as error:
            raise LedgerError(f"a cosignature was not kept: {error}") from error

    async def _do(self, wanted: Wanted) -> None:
        self._queue.put(wanted, self._thread.is_alive())
        try:
            async with asyncio.timeout(ANSWER_S):
                await asyncio.wrap_future(wanted.done)
        except TimeoutError:
            raise NotRecorded(
                f"this was not put on record within {ANSWER_S:.0f} s, so it is not done: look at the disk"
            ) from None

    # ------------------------------------------------------------------ in the ledger's thread

    def _run(self) -> None:
        while True:
            self._queue.wake.clear()
            closing = self._queue.is_ended
            try:
                more = self._turn()
            except Exception as error:  # a fault of ours must not end the record
                log.exception("the ledger's thread")
                self._fail(LedgerError(f"the ledger stumbled over {error!r}; see data/log/engine.log"))
                more = False
            if closing and not more:
                break
            if not more:
                self._queue.wake.wait(TICK_S)
        for each in self._queue.take():
            self._refuse_one(each, ENDED)
        self.keeping.anchor(self._ledger, at_once=True)
        if self._ledger is not None:
            self._ledger.close()

    def _turn(self) -> bool:
        """Whatever there is to do now; whether there is more."""
        self._look_at_file()
        if self._ledger is None and (self.is_starting or self._is_due()):
            self._open()
        self._serve()
        more = False
        if self._ledger is not None and (not self._trouble or self._is_due()):
            more = self._follow()
        self.keeping.look(self._ledger)
        return more

    def _is_due(self) -> bool:
        return self._clock.mono_us() >= self._retry_us or self._queue.is_ended

    def _open(self, accepted: bool = False) -> None:
        try:
            if self._keys is None:
                self._keys = Keys(self._folder / "data" / KEYS, self._keyring(), self._phrase)
            finish(self._folder)
            self._ledger = open_or_begin(
                self._folder, self._plant, self._keys, self._clock, is_new=self._is_new, accepted=accepted
            )
            facts = self.file.stat()
            self._file = facts.st_dev, facts.st_ino
            self._follower.resume(self._ledger.reading)
        except (LedgerError, StoreError, OSError) as error:
            self.may_accept = isinstance(error, WentBack)
            self.may_begin = isinstance(error, KeyUnreadable | WrongKey)
            self._drop()
            self._fail(error if isinstance(error, LedgerError) else LedgerError(str(error)))
            if accepted:
                raise
        else:
            self.may_accept = self.may_begin = False
            if self._refused or self._failed_us:
                return  # it works once it takes the entry that says so
            self._trouble = ""

    def _drop(self) -> None:
        if self._ledger is not None:
            self._ledger.close()
            self._ledger = None

    def _look_at_file(self) -> None:
        """A file that was removed or replaced goes on taking entries that nobody will ever see."""
        if self._ledger is None:
            return
        try:
            facts = self.file.stat()
            if (facts.st_dev, facts.st_ino) == self._file:
                return
        except OSError:
            pass
        self.keeping.anchor(self._ledger, at_once=True)
        self._drop()
        self._fail(LedgerError(f"{self.file} was removed or replaced while the engine ran"))
        self._open()

    def _serve(self) -> None:
        """Records first, in one commit; then what else was asked for."""
        wanted = self._queue.take()
        if not wanted:
            return
        self._append_all([each for each in wanted if each.act is None])
        for each in wanted:
            if each.act is not None:
                self._answer(each, each.act)

    def _append_all(self, wanted: Sequence[Wanted]) -> None:
        if not wanted:
            return
        try:
            self._append([draft for each in wanted for draft in each.drafts])
        except EntryRefused as error:
            if len(wanted) == 1:  # it is this one
                self._refuse_one(wanted[0], str(error))
                return
            for each in wanted:
                self._append_all([each])
        except LedgerError as error:
            for each in wanted:
                self._refuse_one(each, str(error))
        else:
            for each in wanted:
                each.done.set_result(None)

    def _answer(self, wanted: Wanted, act: Callable[[], object]) -> None:
        try:
            wanted.done.set_result(act())
        except Exception as error:
            self._refuse_one(wanted, str(error))

    def _append(self, drafts: Drafts) -> tuple[Receipt, ...]:
        """All of these, and first that the ledger could not be written before.

        Raises:
            LedgerError: they are not on record.
        """
        ledger = self._opened()
        try:
            receipts = ledger.append([*self._gap(), *drafts])
        except EntryRefused:
            raise
        except LedgerError as error:
            self._fail(error)
            raise
        if self._trouble or self._refused:
            log.warning("the ledger is written again")
        self._trouble, self._failed_us, self._refused = "", 0, 0
        self.keeping.anchor(ledger)
        return receipts

    def _gap(self) -> list[Draft]:
        if not self._failed_us:
            return []
        body = {"event": "ledger_not_written", "since_us": self._failed_us, "refused": self._refused}
        return [Draft("gap", "ledger", body | {"why": self._trouble[:500]})]

    def _follow(self) -> bool:
        def append(drafts: Drafts) -> None:
            if drafts:
                self._append(drafts)

        try:
            more = self._follower.enter(append)
            if self._trouble and not more:
                self._append(())  # only the entry that says that it works again
        except StoreError as error:
            log.error("the ledger cannot follow the event journal: %s", error)
            return False
        except LedgerError:
            return False
        return more

    def _rotate(self, by: str, reason: str) -> None:
        ledger, keys = self._opened(), self._keys
        if keys is None:
            raise LedgerError(self._trouble)
        new = keys.prepare(ledger.origin)
        ledger.rotate(new, by, reason)
        self.keeping.anchor(ledger, at_once=True)
        keys.settle(new)

    def _accept(self, by: str, reason: str) -> None:
        if not self.may_accept:
            raise LedgerError(
                "there is nothing to accept: " + (self._trouble or "the ledger goes on as it is")
            )
        why, lost = self._trouble, self.keeping.other_anchors()
        self._open(accepted=True)
        ledger = self._opened()
        body: dict[str, Any] = {"reason": reason, "why": why, "checkpoints": [each.note for each in lost]}
        self._append([Draft("restore", by, body)])
        self.keeping.accepted(ledger)

    def _begin_anew(self, by: str, reason: str) -> None:
        if not self.may_begin or self._keys is None:
            raise LedgerError(
                "a new ledger is begun only where the key of this one is lost: "
                + (self._trouble or "this one goes on as it is")
            )
        try:
            begin_anew(self._folder, self._plant, self._keys, self._clock, by, reason)
        finally:
            self._open()
        self.keeping.renewed(self._opened())
        self.outside.forget()
        self._append(())

    def _opened(self) -> Ledger:
        if self._ledger is None:
            raise LedgerError(self._trouble)
        return self._ledger

    def _fail(self, error: LedgerError) -> None:
        if self._trouble != str(error):
            log.critical("%s", error)
        if not self._failed_us:
            self._failed_us = self._clock.now_us()
        self._trouble = str(error)
        needs_person = isinstance(error, LedgerDamaged | WrongKey | KeyUnreadable | WentBack)
        self._retry_us = self._clock.mono_us() + (SLOW_RETRY_US if needs_person else RETRY_US)
        if needs_person:
            self._drop()

    def _refuse_one(self, wanted: Wanted, why: str) -> None:
        self._refused += bool(self._trouble)
        wanted.refuse(why)
