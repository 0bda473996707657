"""A value in words: number, unit, quality, age, and how it has to look. Used by every display. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.types import Curve, Plant, Snapshot, Status, Tag, quality_word, reason
from hmi import formats
from hmi.formats import t

MOST_ROOM = 7
MOST_LETTERS = 120
"""More of a text than this never stands on a tile; the number panel shows all of it."""
AGE_SHOWN_S = 3.0
"""Below this the age of a good value is left out of its tile: nothing moves there but the number."""

Kind = Literal["normal", "stale", "bad", "uncertain", "never"]
Look = tuple[str, str, Kind, int | None, int, bool]
"""What of a reading can be seen to change."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of one tag. ``level`` is 0…1 of its range, None = no pointer to draw.

    ``widest`` is the longest number of the range: room kept for it lets the unit stand still. ``whole``
    is all of a text, of which ``value`` is the first line; ``is_words`` = not a plain number; ``alarm`` =
    priority of the tag's worst active alarm, 0 = none; ``is_foreseen`` = it is on its way to a limit.
    """

    name: str
    group: str
    value: str
    unit: str
    quality: str
    age: str
    kind: Kind
    level: float | None
    has_range: bool = False
    widest: str = ""
    whole: str = ""
    is_words: bool = False
    alarm: int = 0
    is_foreseen: bool = False

    @property
    def look(self) -> Look:
        """What can be seen of it on a tile; equal = not worth painting again."""
        level = None if self.level is None else round(self.level * 100)
        return self.value, self.quality, self.kind, level, self.alarm, self.is_foreseen

    @property
    def amount(self) -> str:
        """Value and unit, as they are read aloud."""
        return f"{self.value} {self.unit}".strip()


def name_of(tag: Tag) -> str:
    """The last part of the path."""
    return tag.path.rsplit("/", 1)[-1]


def group_of(tag: Tag) -> str:
    """The equipment the tag belongs to, in words: the path without its last part."""
    return " › ".join(tag.path.split("/")[:-1])


def near_group_of(tag: Tag) -> str:
    """The last two levels of the equipment: what fits on a tile."""
    return near(tag.path.rpartition("/")[0])


def near(path: str) -> str:
    """The last two levels of a path, in words."""
    return " › ".join(path.split("/")[-2:])


def pen_name(tag: Tag) -> str:
    """Equipment and name: enough to tell the pens of two machines apart."""
    return " ".join(tag.path.split("/")[-2:])


def has_curve(tag: Tag) -> bool:
    """Text cannot be drawn as a line."""
    return tag.type != "string"


def kind_of(status: int, age_s: float, stale: bool) -> Kind:
    """How a value has to look. Whatever cannot be trusted comes before whatever is merely old."""
    if status == 0 and not stale and age_s >= 0:
        return "normal"  # what nearly all are, said without looking further
    if status & 0xFFFF0000 == Status.WAITING_FOR_INITIAL_DATA or (np.isnan(age_s) and status == 0):
        return "never"
    word = quality_word(status)
    if word == "bad":
        return "bad"
    if stale or status & 0xFFFF0000 == Status.STALE:
        return "stale"
    return "uncertain" if word == "uncertain" else "normal"


def reading(tag: Tag, snapshot: Snapshot | None, index: int, plant: Plant) -> Reading:
    """Every word of one tile. A bad value is never shown as a number."""
    if snapshot is None:
        words = t("waiting for the engine")
        return Reading(
            name_of(tag), near_group_of(tag), formats.NO_VALUE, "", words, "", "never", None, has_range(tag)
        )
    value, status = float(snapshot.value[index]), int(snapshot.status[index])
    age_s, stale = float(snapshot.age_s[index]), bool(snapshot.stale[index])
    kind = kind_of(status, age_s, stale)
    is_shown = kind in ("normal", "stale", "uncertain")
    whole = snapshot.text.get(index) if is_shown and not has_curve(tag) else None
    text = formats.NO_VALUE
    if is_shown:
        text = value_text(tag, value, plant) if has_curve(tag) else line_of(whole)
    words = quality_text(kind, status, age_s)
    if is_shown and not has_curve(tag) and whole is None:
        words = t("{quality}, but the text is not known", quality=words)
    is_number = tag.type not in ("bool", "string") and not tag.states
    unit = tag.unit if text != formats.NO_VALUE and is_number else ""
    level = level_of(tag, value) if is_shown else None
    return Reading(
        name_of(tag),
        near_group_of(tag),
        text,
        unit,
        words,
        formats.age(age_s),
        kind,
        level,
        has_range(tag),
        widest(tag, plant),
        whole or "",
        bool(tag.states) or not has_curve(tag),
        int(snapshot.alarm[index]) if snapshot.alarm.size else 0,
    )


def line_of(text: str | None) -> str:
    """A text tag on one line of a tile; a dash when it is not known."""
    if text is None:
        return formats.NO_VALUE
    line = formats.one_line(text[: 4 * MOST_LETTERS])
    if not line:
        return t("(empty)")
    return line if len(line) <= MOST_LETTERS else f"{line[:MOST_LETTERS]}…"


def widest(tag: Tag, plant: Plant) -> str:
    """The longer of the two ends of the range as a number; empty without a range, or for a very long one.

    Room for 1 000 000 before a 6 would part it from its name.
    """
    if not has_range(tag) or tag.low is None or tag.high is None:
        return ""
    decimals = formats.decimals_of(tag.decimals, tag.low, tag.high, tag.type)
    return _longest(tag.low, tag.high, decimals, plant.locale)


@lru_cache(maxsize=8192)
def _longest(low: float, high: float, decimals: int | None, locale: str) -> str:
    longest = max((formats.number(end, decimals, locale) for end in (low, high)), key=len)
    return longest if len(longest) <= MOST_ROOM else ""


def value_text(tag: Tag, value: float, plant: Plant) -> str:
    """The number of a tag as the plant writes it; a state with its word."""
    if tag.states:
        return formats.state(value, tag.states)
    if tag.type == "bool":
        return formats.truth(value)
    decimals = formats.decimals_of(tag.decimals, tag.low, tag.high, tag.type)
    return formats.number(value, decimals, plant.locale)


def quality_text(kind: Kind, status: int, age_s: float) -> str:
    """Quality, and age where it matters, in words."""
    why = reason(status)
    if kind == "normal":
        good = t("good")
        return good if age_s < AGE_SHOWN_S else t("good · {age}", age=formats.age(age_s))
    if kind == "uncertain":
        return t("uncertain: {why}", why=why) if why else t("uncertain")
    if kind == "stale":
        return t("stale · {ago}", ago=formats.ago(age_s))
    if kind == "bad":
        return t("bad: {why}", why=why) if why else t("bad")
    return t("no value received yet")


def has_range(tag: Tag) -> bool:
    """There is a scale to draw the value on."""
    return (
        tag.type not in ("bool", "string")
        and not tag.states
        and tag.low is not None
        and tag.high is not None
        and tag.high > tag.low
    )


def trust_text(snapshot: Snapshot | None, index: int) -> str:
    """What stands behind the quality of a value that is not plainly good, in a whole sentence."""
    if snapshot is None:
        return t("The engine has not sent a value yet.")
    status = int(snapshot.status[index])
    kind = kind_of(status, float(snapshot.age_s[index]), bool(snapshot.stale[index]))
    if kind == "stale":
        return t("The source has not confirmed this value since; it may be different by now.")
    if kind == "never":
        return t("The source has not sent a value since the engine started.")
    if kind == "bad":
        return t(
            "The value is not shown because it cannot be trusted. Status 0x{status}.", status=f"{status:08X}"
        )
    if kind == "uncertain":
        return t("Use it with care. Status 0x{status}.", status=f"{status:08X}")
    return ""


def ends_text(tag: Tag, plant: Plant) -> tuple[str, str] | None:
    """Low and high of the range as short numbers, for the ends of an indicator."""
    if not has_range(tag) or tag.low is None or tag.high is None:
        return None
    decimals = formats.decimals_of(tag.decimals, tag.low, tag.high, tag.type)
    low, high = (_trimmed(formats.number(each, decimals, plant.locale)) for each in (tag.low, tag.high))
    return low, high


def level_of(tag: Tag, value: float) -> float | None:
    """Where the value stands in the tag's range, 0…1; None without a range or a number."""
    if tag.low is None or tag.high is None or not has_range(tag) or not np.isfinite(value):
        return None
    return min(1.0, max(0.0, (value - tag.low) / (tag.high - tag.low)))


def range_text(tag: Tag, plant: Plant) -> str:
    """The range in words, or what to do to get one."""
    if tag.states:
        return ", ".join(f"{number} {word}" for number, word in sorted(tag.states.items()))
    if tag.type == "bool":
        return t("off or on")
    if tag.type == "string":
        return t("text")
    ends = ends_text(tag, plant)
    if ends is None:
        return t("not known; give low and high in tags.csv")
    return t("{low} to {high} {unit}", low=ends[0], high=ends[1], unit=tag.unit).strip()


def extent_text(tag: Tag, extent: tuple[float, float] | None, is_drawn: bool, plant: Plant) -> str:
    """Lowest and highest value of the stretch of time on show, in words."""
    if extent is None:
        return t("no history yet") if is_drawn else t("not drawn")
    low, high = (value_text(tag, end, plant) for end in extent)
    words = low if low == high else t("{low} to {high}", low=low, high=high)
    return words if tag.type == "bool" or not tag.unit else f"{words} {tag.unit}"


def _trimmed(text: str) -> str:
    # A limit is a round number; its zeros after the separator say nothing.
    return text.rstrip("0").rstrip(".,") if "." in text or "," in text else text


def changed(before: Snapshot | None, now: Snapshot) -> NDArray[np.bool_]:
    """bool[n]: tags whose tile may look different. A good value that stays the same is not among them."""
    if before is None or before.value.size != now.value.size:
        return np.ones(now.value.size, np.bool_)
    differs = (before.version != now.version) | (before.status != now.status) | (before.stale != now.stale)
    if before.alarm.size == now.alarm.size == now.value.size:
        differs |= before.alarm != now.alarm
    # A text may come a moment after the number that stands for it.
    for index, text in now.text.items():
        differs[index] |= before.text.get(index) != text
    old = ~(now.age_s < AGE_SHOWN_S)
    return differs | (old & (np.floor(before.age_s) != np.floor(now.age_s)))


def with_proof(curve: Curve, snapshot: Snapshot, index: int, snapshot_us: int, end_us: int) -> Curve:
    """The curve drawn on to the moment the source last proved its value current, and not further.

    A value inside its deadband is not sent again; without this its line would seem to have stopped.
    In a window that ends before that moment the last value held to the end: any other is in the curve.
    """
    value, age_s = float(snapshot.value[index]), float(snapshot.age_s[index])
    is_proven = kind_of(int(snapshot.status[index]), age_s, bool(snapshot.stale[index])) == "normal"
    if not is_proven or not np.isfinite(value) or np.isnan(age_s) or curve.time_us.size == 0:
        return curve
    proven_us = snapshot_us - round(age_s * 1e6)
    until_us = min(proven_us, end_us)
    if not curve.time_us[-1] < until_us or not np.isfinite(curve.high[-1]):
        return curve
    ends_now = proven_us <= end_us
    return Curve(
        np.append(curve.time_us, np.int64(until_us)),
        np.append(curve.low, value if ends_now else curve.low[-1]),
        np.append(curve.high, value if ends_now else curve.high[-1]),
        np.append(curve.uncertain, np.False_ if ends_now else curve.uncertain[-1]),
    )
