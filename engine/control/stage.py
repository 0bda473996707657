"""How far a project may go: look, then advise, then control.

Up one step at a time, by two people, with every line of the checklist answered. Down to any lower stage by
one person, who holds the right "stage" or "approve"; nothing is written from the moment it is asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import get_args

import msgspec

from engine.control.intent import recorded, to_finish
from engine.control.refused import Refused
from engine.control.second import Verify, require_another
from engine.control.store import ControlStore, KeptStage
from engine.store import StoreError
from engine.typed import convert
from engine.types import (
    Action,
    Clock,
    ControlSettings,
    May,
    PutOnRecord,
    RecordEntry,
    Session,
    Stage,
    StageState,
)

STAGES: tuple[Stage, ...] = get_args(Stage)
"""From the lowest."""
ASKED_FOR_S = 600.0
"""How long a request to raise the stage waits for the second person."""


@dataclass(slots=True)
class _Asked:
    """A request: of whom, and when by the monotonic clock."""

    to: Stage
    session: Session
    token: str = field(repr=False)
    checklist: tuple[str, ...]
    asked_us: int
    asked_mono_us: int


class ProjectStage:
    """The stage of one project. Calls come in the loop's thread.

    ``settings`` gives the checklist as it is now; ``on_change`` is called after each change, and
    ``on_lowered`` as soon as a lower stage is asked for: what is selected is void.
    """

    def __init__(
        self,
        store: ControlStore,
        record: PutOnRecord,
        may: May,
        verify: Verify,
        clock: Clock,
        settings: Callable[[], ControlSettings],
        *,
        on_lowered: Callable[[], None] = lambda: None,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._store, self._record, self._may, self._verify = store, record, may, verify
        self._clock, self._settings = clock, settings
        self._on_lowered, self._on_change = on_lowered, on_change
        self._turn = asyncio.Lock()
        self._asked: _Asked | None = None
        self._lowering: list[Stage] = []
        kept = store.stage()
        self._is_new = kept is None and not store.trouble
        self._kept = kept or KeptStage(StageState())
        for each in to_finish(store, "stage"):
            self._kept = convert(each.entry.body["kept"], KeptStage)
            with suppress(StoreError):  # it is in ``trouble``
                store.set_stage(self._kept)

    @property
    def now(self) -> Stage:
        """The stage that counts; the lowest of all that are asked for while one is being lowered."""
        return min([self._kept.state.stage, *self._lowering], key=STAGES.index)

    @property
    def is_new(self) -> bool:
        """This project never had a stage: it is at "look" because nobody said otherwise."""
        return self._is_new

    @property
    def refusing(self) -> str:
        """Why nothing at all can be written, "" = the stage lets it."""
        if self._store.trouble:
            return self._store.trouble
        return (
            "" if self.now == "control" else f'this project is at the stage "{self.now}": nothing is written'
        )

    @property
    def is_checklist_changed(self) -> bool:
        """The checklist is another one than was answered when the stage was raised."""
        kept = self._kept
        return kept.state.stage != "look" and kept.checklist != tuple(self._settings().checklist)

    def state(self) -> StageState:
        """The stage, with a request that waits for its second person."""
        state = msgspec.structs.replace(self._kept.state, stage=self.now)
        asked = self._waiting()
        if asked is None:
            return state
        return msgspec.structs.replace(
            state, asked=asked.to, asked_by=asked.session.person, asked_us=asked.asked_us
        )

    async def ask(self, token: str, session: Session, to: Stage, answers: Sequence[str] = ()) -> StageState:
        """Lower the stage, or ask for the next higher one; for the present one, take one's request back.

        Raises:
            Refused: this person may not, it is more than one step up, or a line is not answered.
            NotRecorded: the ledger does not take it; the stage is as it was.
        """
        if not self._is_lower(to):
            async with self._turn:
                if not self._is_lower(to):  # nor has it been raised while we waited
                    return await self._ask(token, session, to, answers)
        return await self._lower(token, session, to)

    async def approve(self, session: Session, name: str, secret: str) -> StageState:
        """The second person raises the stage, at any station (``session``), with their own secret.

        Raises:
            Refused: nothing is asked for any more, or this is not a second person who may.
            NotRecorded: the ledger does not take it; the stage is as it was.
        """
        asked = self._require_asked()
        second = await self._verify(name, secret, "stage", ("",))
        require_another(second, asked.session.person)
        async with self._turn:
            if self._require_asked() is not asked:  # the secret took its time
                raise Refused("this was asked for anew meanwhile; look at it once more")
            by = (asked.session.person, second)
            kept = KeptStage(StageState(asked.to, self._clock.now_us(), by), asked.checklist)
            await self._count("raised", kept, asked.session.person, session.station)
            self._asked = None
        self._on_change()
        return self.state()

    async def begin_at(self, stage: Stage) -> StageState:
        """A project that never had a stage begins at this one: for the demo, whose plant is not real.

        Raises:
            Refused: it had a stage already.
            NotRecorded: the ledger does not take it; the stage is "look".
        """
        async with self._turn:
            if not self._is_new:
                raise Refused(f'this project has its stage already, "{self.now}"; people change it')
            state = StageState(stage, self._clock.now_us(), ("demo",))
            await self._count("begun", KeptStage(state, tuple(self._settings().checklist)), "demo", "")
        self._on_change()
        return self.state()

    def ended(self, session_id: str) -> None:
        """A session ended: what its person asked for is void."""
        if self._asked is not None and self._asked.session.id == session_id:
            self._asked = None
            self._on_change()

    async def _ask(self, token: str, session: Session, to: Stage, answers: Sequence[str]) -> StageState:
        self._require("stage", token)
        if self._store.trouble:
            raise Refused(self._store.trouble)
        if to == self.now:
            self._take_back(session)
            return self.state()
        checklist = self._require_step(to, answers)
        body = {"what": "asked for", "from": self.now, "to": to, "station": session.station}
        await self._record([RecordEntry("stage", session.person, body | {"checklist": list(checklist)})])
        now_us, mono_us = self._clock.now_us(), self._clock.mono_us()
        self._asked = _Asked(to, session, token, checklist, now_us, mono_us)
        self._on_change()
        return self.state()

    async def _lower(self, token: str, session: Session, to: Stage) -> StageState:
        if self._may(token, "approve", ""):
            self._require("stage", token)
        self._lowering.append(to)
        self._asked = None
        self._on_lowered()
        try:
            async with self._turn:
                self._asked = None  # also what was just being asked for
                if self._kept.state.stage != to and to == self.now:
                    state = StageState(to, self._clock.now_us(), (session.person,))
                    kept = KeptStage(state, self._kept.checklist)
                    await self._count("lowered", kept, session.person, session.station, is_safe=True)
        finally:
            self._lowering.remove(to)
            self._on_change()
        return self.state()

    async def _count(
        self, what: str, kept: KeptStage, actor: str, station: str, *, is_safe: bool = False
    ) -> None:
        body = {
            "what": what,
            "from": self._kept.state.stage,
            "to": kept.state.stage,
            "by": list(kept.state.by),
            "station": station,
            "kept": msgspec.to_builtins(kept),
        }

        def keep(intent: int) -> None:
            self._store.set_stage(kept, intent)

        def count() -> None:
            self._kept, self._is_new = kept, False

        entry = RecordEntry("stage", actor, body)
        await recorded(self._store, self._record, entry, keep, count, is_safe=is_safe)

    def _is_lower(self, to: Stage) -> bool:
        return STAGES.index(to) < STAGES.index(self.now)

    def _waiting(self) -> _Asked | None:
        asked = self._asked
        if asked is None or self._clock.mono_us() - asked.asked_mono_us > ASKED_FOR_S * 1e6:
            return None
        is_next = STAGES.index(asked.to) == STAGES.index(self.now) + 1
        return asked if is_next and asked.checklist == tuple(self._settings().checklist) else None

    def _require_asked(self) -> _Asked:
        asked = self._waiting()
        if asked is None:
            raise Refused(
                "no higher stage is asked for any more: a request waits for 10 minutes, while its person is "
                "logged in and the checklist stays as it is; ask for it again"
            )
        self._require("stage", asked.token)
        return asked

    def _require_step(self, to: Stage, answers: Sequence[str]) -> tuple[str, ...]:
        following = STAGES[STAGES.index(self.now) + 1]
        if to != following:
            raise Refused(f'one step at a time: "{following}" comes before "{to}"')
        checklist = tuple(self._settings().checklist)
        missing = [line for line in checklist if line not in answers]
        if missing:
            raise Refused(f"this line of the checklist is not answered: {missing[0]}")
        if set(answers) - set(checklist):
            raise Refused("the checklist was changed meanwhile; read it and answer it again")
        return checklist

    def _take_back(self, session: Session) -> None:
        asked = self._waiting()
        if asked is None or asked.session.person.casefold() != session.person.casefold():
            raise Refused(f'the stage is "{self.now}" already')
        self._asked = None
        self._on_change()

    def _require(self, action: Action, token: str) -> None:
        if why := self._may(token, action, ""):
            raise Refused(why)
