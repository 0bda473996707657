"""The stored past for displays, by live position: what is known of it by tag id. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.types import Annotation, Curve, Gap, Tag
from hmi.formats import t
from hmi.history import NO_CURVE, Detail
from hmi.known_alarms import AlarmPast, KnownAlarms
from hmi.known_gaps import KnownGaps
from hmi.known_notes import KnownNotes
from hmi.past import Memory, Past


class Recall:
    """A `Stored`. The bridge sends what its parts want to know and brings the answers.

    ``is_reached`` = the engine answers. ``oldest`` = UTC microseconds of the oldest sample, as the
    engine last told.
    """

    def __init__(self) -> None:
        self.past, self.known_gaps, self.known_notes = Past(), KnownGaps(), KnownNotes()
        self.known_alarms = KnownAlarms()
        self.is_reached = False
        self.oldest: int | None = None
        self.now_us = 0
        self._tags: tuple[Tag, ...] = ()

    def set_tags(self, tags: Sequence[Tag]) -> None:
        """A new list of live tags. Curves are kept by id and outlive it."""
        self._tags = tuple(tags)

    def curve(self, index: int, start_us: int, end_us: int, pixels: int, memory: Memory | None) -> Curve:
        """The best that is known at once; ``memory`` is what the live ring holds of the tag."""
        memory = memory or _no_memory
        if index >= len(self._tags):
            return memory(start_us, end_us, pixels)
        return self.past.curve(self.id_of(index), start_us, end_us, pixels, self.now_us, memory)

    def detail(self, indices: Sequence[int], pixels: int) -> Detail:
        """How much of the curves last asked for at that width is there."""
        found = self.past.detail(self._ids(indices), pixels, self.now_us)
        if self.is_reached or found.part == 1:
            return found
        return replace(found, trouble=t("the engine does not answer"))

    def gaps(self, indices: Sequence[int], start_us: int, end_us: int) -> tuple[Gap, ...]:
        """Known stretches in which samples of one of the tags are missing, oldest first."""
        tags = [self._tags[index] for index in indices if index < len(self._tags)]
        ids, sources = {tag.tag_id for tag in tags}, {"", *(tag.source for tag in tags)}
        return tuple(
            gap
            for gap in self.known_gaps.within(start_us, end_us)
            if (gap.tag_id in ids if gap.tag_id is not None else gap.source in sources)
        )

    def notes(self, start_us: int, end_us: int) -> tuple[Annotation, ...]:
        """What people noted on a span, oldest first, as far as it is known."""
        return self.known_notes.within(start_us, end_us)

    def alarms(self, paths: Sequence[str], start_us: int, end_us: int) -> tuple[AlarmPast, ...]:
        """What the alarms of these tags did, as far as it is known."""
        return self.known_alarms.within(paths, start_us, end_us)

    def renew_notes(self) -> None:
        """A note was made or removed here: ask for them again."""
        self.known_notes.renew()

    def oldest_us(self) -> int | None:
        """UTC microseconds of the oldest sample of the plant; None = none, or not known yet."""
        return self.oldest

    def stop_loading(self, indices: Sequence[int]) -> None:
        """Wait no longer for the curves of these tags in the window that they have now."""
        self.past.stop(self._ids(indices))

    def load_again(self, indices: Sequence[int]) -> None:
        """Take back `stop_loading`, and ask at once after trouble."""
        self.past.resume(self._ids(indices))

    def _ids(self, indices: Sequence[int]) -> tuple[int, ...]:
        return tuple(self.id_of(index) for index in indices if index < len(self._tags))

    def id_of(self, index: int) -> int:
        """The id of the tag at a live position. Raises: IndexError where there is none."""
        return self._tags[index].tag_id


def _no_memory(start_us: int, end_us: int, pixels: int) -> Curve:
    return NO_CURVE
