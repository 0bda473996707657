"""Writes to the plant as the engine told them: those open, those locked, those just done. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from engine.types import StageState, WorkTag, Write

OPEN = ("proposed", "checked", "selected", "confirmed", "sent")
"""Steps after which more is to come."""


class Told(Protocol):
    """The answer to ``control`` (`engine.wire.control.ControlAnswer`)."""

    @property
    def version(self) -> int: ...
    @property
    def is_whole(self) -> bool: ...
    @property
    def stage(self) -> StageState: ...
    @property
    def writes(self) -> Sequence[Write]: ...
    @property
    def work_tags(self) -> Sequence[WorkTag]: ...
    @property
    def held(self) -> Sequence[tuple[str, str]]: ...
    @property
    def refusing(self) -> str: ...


class ControlBook:
    """All windows of a station read the same one. ``version`` is what to ask with next, 0 = the whole.

    ``writes`` by id, newest first; ``is_known`` = the engine told of it at least once; ``refusing`` = why
    nothing can be written at all now. ``held`` = the station that holds each area. ``work_tags`` by asset:
    several people may have one there.
    """

    def __init__(self) -> None:
        self.version = 0
        self.is_known = False
        self.stage = StageState()
        self.refusing = ""
        self.held: Mapping[str, str] = {}
        self.writes: Mapping[str, Write] = {}
        self.work_tags: Mapping[str, tuple[WorkTag, ...]] = {}
        self._newest: dict[str, Write] = {}
        self._locked: dict[str, Write] = {}
        self._given: dict[str, Write] = {}

    def take(self, answer: Told) -> bool:
        """Bring it up to date with an answer; whether anything that can be seen differs."""
        self.version = answer.version
        was_known, self.is_known = self.is_known, True
        if not answer.is_whole:
            return not was_known
        before = self._all()
        self.stage, self.refusing, self.held = answer.stage, answer.refusing, dict(answer.held)
        known = self.writes
        # Told again and unchanged it stays the same object.
        self.writes = {
            each.id: known[each.id] if known.get(each.id) == each else each for each in answer.writes
        }
        work: dict[str, tuple[WorkTag, ...]] = {}
        for each in answer.work_tags:
            work[each.asset] = (*work.get(each.asset, ()), each)
        self.work_tags = work
        self._sort()
        return not was_known or before != self._all()

    def forget(self, why: str = "") -> bool:
        """Another engine, or one that does not tell: what was told stays, and all is asked for again."""
        self.version = 0
        return False

    def write_of(self, path: str) -> Write | None:
        """What to say of a tag: the write that locks it, else its newest; None = there is nothing."""
        return self._locked.get(path) or self._newest.get(path)

    def command_of(self, asset: str) -> Write | None:
        """The same of the commands of an asset."""
        return self._given.get(asset)

    def locked(self, path: str) -> Write | None:
        """The write of this tag whose outcome nobody knows; nothing else is written there."""
        return self._locked.get(path)

    def work_at(self, path: str) -> tuple[WorkTag, ...]:
        """The work in progress on an asset and above it, or on that of a tag, the nearest first."""
        found = list(self.work_tags.get(path, ()))
        while path:
            path = path.rpartition("/")[0]
            found += self.work_tags.get(path, ())
        return tuple(found)

    def _sort(self) -> None:
        self._newest, self._locked, self._given = {}, {}, {}
        for each in self.writes.values():
            self._newest.setdefault(each.path, each)
            if each.is_locked:
                self._locked.setdefault(each.path, each)
            if each.verb:
                before = self._given.get(each.asset)
                if before is None or (each.is_locked and not before.is_locked):
                    self._given[each.asset] = each

    def _all(self) -> tuple[object, ...]:
        return self.stage, self.refusing, self.held, self.writes, self.work_tags
