"""What the alarm journal holds of the tags that somebody looks at, as far as the engine told it. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.types import AlarmChange

MOST_CHANGES = 5000
"""Changes in one answer: of a tag that chattered for days only the newest are seen until one zooms in."""
MOST_TAGS = 200
"""Tags of which anything is kept; those not looked at for longest are forgotten."""
RETRY_US = 5_000_000
AGAIN_US, AGAIN_EACH_US = 1_000_000, 500
"""A tag whose alarms change all the time is asked for so seldom; the longer its answers, the more seldom."""
AT_ONCE = 4
CLOSER = 2
"""Zoomed in so much closer than when too many came, it is worth asking again."""
PLANT = ""
"""In place of a path: when any alarm of the plant came, and nothing else."""


@dataclass(frozen=True, slots=True, eq=False)
class AlarmPast:
    """What is known of the alarms of a tag from ``from_us`` to ``to_us``: ``changes``, oldest first.

    Before them stand those that say what there was at ``from_us``. ``is_cut`` = older ones were too many
    to be told. ``trouble`` = why nothing comes, in words.
    """

    path: str
    from_us: int = 0
    to_us: int = 0
    changes: tuple[AlarmChange, ...] = ()
    is_cut: bool = False
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class AlarmAsk:
    """A question to the journal: the alarms of one tag over a span."""

    path: str
    start_us: int
    end_us: int
    asked_us: int


@dataclass(slots=True, eq=False)
class _Tag:
    past: AlarmPast
    asked: tuple[int, int] = (0, 0)
    asked_us: int = 0
    next_us: int = 0
    is_out: bool = False
    is_old: bool = False


class KnownAlarms:
    """One span for each tag, wider than what is looked at. Asked again once an alarm of the tag changed."""

    def __init__(self) -> None:
        self._tags: dict[str, _Tag] = {}
        self._wanted: dict[str, tuple[int, int]] = {}

    def within(self, paths: Sequence[str], start_us: int, end_us: int) -> tuple[AlarmPast, ...]:
        """What is known of each of these tags now; the rest will be asked for. The same object = no news."""
        for path in paths:
            self._wanted[path] = start_us, end_us
        return tuple(self._tag(path).past for path in paths)

    def next_ask(self, now_us: int) -> AlarmAsk | None:
        """What to ask for now, if anything; `AT_ONCE` questions are out at most."""
        room = AT_ONCE - sum(tag.is_out for tag in self._tags.values())
        while self._wanted and room > 0:
            path = next(iter(self._wanted))
            start_us, end_us = self._wanted.pop(path)
            tag = self._tag(path)
            if tag.is_out or now_us < tag.next_us or not _is_missing(tag, start_us, end_us, now_us):
                continue
            # Zoomed in on what was too much, nothing is asked for beside it.
            length = 0 if tag.past.is_cut else end_us - start_us
            tag.asked, tag.asked_us = (start_us - length, end_us + length), now_us
            tag.is_out, tag.is_old = True, False
            return AlarmAsk(path, *tag.asked, now_us)
        self._wanted.clear()
        return None

    def take(
        self, ask: AlarmAsk, changes: Sequence[AlarmChange], standing: Sequence[AlarmChange], now_us: int
    ) -> None:
        """The answer: changes newest first, and what there was before them, oldest first."""
        tag = self._tag(ask.path)
        tag.is_out, tag.next_us = False, now_us + AGAIN_US + AGAIN_EACH_US * len(changes)
        is_cut = len(changes) >= MOST_CHANGES
        from_us = changes[-1].time_us if is_cut else ask.start_us
        told = tuple(reversed(changes)) if is_cut else (*standing, *reversed(changes))
        # What is noted after it was asked is not in it.
        tag.past = AlarmPast(ask.path, from_us, min(ask.end_us, ask.asked_us), told, is_cut)

    def refuse(self, ask: AlarmAsk, now_us: int, why: str) -> None:
        """No answer will come now."""
        tag = self._tag(ask.path)
        tag.is_out, tag.is_old, tag.next_us = False, True, now_us + RETRY_US
        tag.past = replace(tag.past, trouble=why)

    def renew(self, paths: Sequence[str] | None = None) -> None:
        """Alarms of these tags changed; None = another engine answers."""
        for path in self._tags if paths is None else (*paths, *((PLANT,) if paths else ())):
            tag = self._tags.get(path)
            if tag is not None:
                tag.is_old = True
                if paths is None:
                    tag.next_us = 0

    def _tag(self, path: str) -> _Tag:
        tag = self._tags.pop(path, None) or _Tag(AlarmPast(path))
        self._tags[path] = tag
        while len(self._tags) > MOST_TAGS:
            oldest = next(each for each, kept in self._tags.items() if not kept.is_out)
            del self._tags[oldest]
        return tag


def _is_missing(tag: _Tag, start_us: int, end_us: int, now_us: int) -> bool:
    if tag.past.to_us == 0 or (tag.is_old and end_us > tag.past.to_us):
        return True
    first, last = tag.asked
    if start_us < first or min(end_us, tag.asked_us) > last:
        return True
    is_closer = (end_us - start_us) * CLOSER <= last - first
    return tag.past.is_cut and start_us < tag.past.from_us and is_closer
