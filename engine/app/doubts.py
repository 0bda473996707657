"""What a device says of its tags against what tags.csv says: told to a person as notes on the source."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.drivers.link import Link
from engine.tags import is_measured, is_scaled
from engine.types import SourceNote, Tag, TagInfo

WHAT_TO_DO = {
    "unit": "values are not converted: set factor and offset in tags.csv, or correct the unit there",
    "type": "what the device says counts: correct the type in tags.csv, or leave it empty",
    "factor": "factor and offset are not applied, since this is no measured number: leave them empty",
}


@dataclass(slots=True, eq=False)
class Doubts:
    """The contradictions of one source by kind and tag id, each kind one note on its link."""

    link: Link
    _said: dict[str, dict[int, str]] = field(default_factory=dict[str, dict[int, str]])

    def look(self, tag: Tag, info: TagInfo, now_us: int) -> None:
        """Compare a tag of tags.csv with what the device says; ``tag`` is as written there."""
        where = f"tags.csv:{tag.line}"
        # Who scales a tag states the unit of the result, which the device cannot know.
        units = tag.unit and info.unit and tag.unit != info.unit and not is_scaled(tag)
        types = tag.type and info.type and tag.type != info.type
        useless = is_scaled(tag) and not is_measured(info.type or tag.type, info.states)
        self._set(
            "unit", tag.tag_id, f"{where} says {tag.unit}, the device says {info.unit}" if units else ""
        )
        self._set(
            "type", tag.tag_id, f"{where} says {tag.type}, the device says {info.type}" if types else ""
        )
        kind = "an enumeration" if info.states else info.type or tag.type
        self._set("factor", tag.tag_id, f"{where} scales a tag that is {kind}" if useless else "")
        for about in WHAT_TO_DO:
            self._tell(about, now_us)

    def _set(self, about: str, tag_id: int, sentence: str) -> None:
        said = self._said.setdefault(about, {})
        if sentence:
            said[tag_id] = sentence
        else:
            said.pop(tag_id, None)

    def _tell(self, about: str, now_us: int) -> None:
        """One note for all tags of a kind: a list of thousands helps nobody."""
        said, key = self._said[about], f"tags.csv {about}"
        if not said:
            self.link.notes.pop(key, None)
            return
        first, more = next(iter(said.values())), len(said) - 1
        rest = f", and {more} more tag{'s' if more > 1 else ''} like it" if more else ""
        before = self.link.notes.get(key)
        since_us = now_us if before is None else before.since_us
        self.link.notes[key] = SourceNote(key, first + rest, WHAT_TO_DO[about], since_us)
