"""What is foreseen of assets, as the engine told it, and what of it may be shown as current. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from engine.types import Crossing, Outlook, Tier


class Told(Protocol):
    """The answer to ``outlooks`` (`engine.wire.prediction.OutlooksAnswer`)."""

    @property
    def version(self) -> int: ...
    @property
    def outlooks(self) -> Sequence[Outlook]: ...
    @property
    def is_whole(self) -> bool: ...
    @property
    def trouble(self) -> str: ...
    @property
    def crossings(self) -> Sequence[Crossing]: ...


class OutlookBook:
    """All windows of a station read the same one. ``version`` is what to ask with next, 0 = all.

    ``outlooks`` by asset; ``crossings`` by tag, the soonest first; ``is_known`` = this engine told of them;
    ``trouble`` = what is wrong with predictions as a whole, or why the engine does not tell.
    """

    def __init__(self) -> None:
        self.version, self.is_known, self.trouble = 0, False, ""
        self.outlooks: Mapping[str, Outlook] = {}
        self.crossings: Mapping[str, Crossing] = {}

    def take(self, answer: Told) -> bool:
        """Bring it up to date with an answer; whether anything that can be seen differs."""
        before = self._seen
        told = {each.asset: each for each in answer.outlooks}
        if answer.is_whole:
            self.outlooks = told
        elif told:
            self.outlooks = {**self.outlooks, **told}
        soonest = sorted(answer.crossings, key=lambda each: (each.crosses_us, each.path))
        self.crossings = {each.path: each for each in soonest}
        self.version, self.is_known, self.trouble = answer.version, True, answer.trouble
        return before != self._seen

    def forget(self, why: str = "") -> bool:
        """Nothing is known any more: another engine, or one that does not tell, and why."""
        before = self._seen
        self.version, self.is_known, self.trouble, self.outlooks, self.crossings = 0, False, why, {}, {}
        return before != self._seen

    @property
    def _seen(self) -> tuple[object, ...]:
        return self.is_known, self.trouble, self.outlooks, self.crossings

    def tiers(self, now_us: int) -> dict[str, Tier]:
        """The assets that trouble is foreseen of now, by path."""
        return {
            asset: each.tier
            for asset, each in self.outlooks.items()
            if each.tier and is_current(each, now_us)
        }


def is_current(outlook: Outlook | Crossing, now_us: int) -> bool:
    """Whether it may be shown as a prediction.

    What claims to be from the future, after a step of the clock, may be so no more than what is too old.
    """
    return abs(now_us - outlook.issued_us) <= outlook.valid_s * 1e6
