"""What stands beside a device, an interlock and a command: mode, state, true or false, at or apart. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from engine.types import Alarm, Snapshot, Tag
from hmi import formats, values
from hmi.displays.unit.state import Arrangement, Check, Device, Pair
from hmi.formats import t
from hmi.model import Model
from hmi.pens import names_of
from hmi.values import Kind

APART = 0.05
"""A command and its answer this part of the range from each other differ."""
SETTLE_US = 2_000_000
"""A device gets this long to follow before "differs" is said."""
_FRESH = ("normal", "uncertain")
Holds = Literal["holds", "broken", "unknown"]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A few words and how the value behind them has to look; ``age`` = since when they are not current."""

    text: str
    kind: Kind
    age: str = ""

    @property
    def whole(self) -> str:
        """The words with their age."""
        return f"{self.text}, {self.age}" if self.age else self.text


@dataclass(frozen=True, slots=True)
class CheckLook:
    """An interlock in words. ``since`` = when it went false, or why it is not known."""

    text: str
    word: str
    holds: Holds
    kind: Kind
    is_first: bool = False
    since: str = ""
    alarm: int = 0

    @property
    def spoken(self) -> str:
        """For those who hear it."""
        first = t("first out") if self.is_first else ""
        return ", ".join(each for each in (f"{self.text}: {self.word}", first, self.since) if each)


@dataclass(frozen=True, slots=True)
class PairLook:
    """A command and its answer in words."""

    text: str
    words: str
    differs: bool
    kind: Kind
    alarm: int = 0


def kind_at(snapshot: Snapshot | None, at: int | None) -> Kind:
    """How the value at a position has to look; "normal" for no position."""
    if at is None:
        return "normal"
    if snapshot is None:
        return "never"
    return values.kind_of(int(snapshot.status[at]), float(snapshot.age_s[at]), bool(snapshot.stale[at]))


def word_at(model: Model, snapshot: Snapshot | None, at: int) -> str:
    """A state as one word, ``running``, where the tag has one; else its value. Empty when not known."""
    kind = kind_at(snapshot, at)
    if snapshot is None or kind in ("bad", "never"):
        return ""
    tag, value = model.tags[at], float(snapshot.value[at])
    if tag.states and value in tag.states:
        word = tag.states[int(value)]
        return word[:1].lower() + word[1:] if word[1:2].islower() else word
    shown = values.reading(tag, snapshot, at, model.plant)
    return shown.amount


def phrase(model: Model, snapshot: Snapshot | None, at: int, name: str) -> Phrase:
    """A state in words with what is wrong with it: ``auto``, ``auto, 3 min ago``, ``mode not known``."""
    kind = kind_at(snapshot, at)
    word = word_at(model, snapshot, at)
    if not word or snapshot is None:
        return Phrase(t("{name} not known", name=t(name)), kind)
    if kind == "stale":
        return Phrase(word, kind, formats.ago(float(snapshot.age_s[at])))
    return Phrase(t("{word} ?", word=word) if kind == "uncertain" else word, kind)


def is_running(snapshot: Snapshot | None, at: int | None, running: Sequence[int]) -> bool | None:
    """Whether it works; None where nobody knows now."""
    if at is None or snapshot is None or kind_at(snapshot, at) not in _FRESH:
        return None
    return float(snapshot.value[at]) in running


def device_words(model: Model, snapshot: Snapshot | None, device: Device) -> Phrase:
    """Mode and state of a device: ``auto · running``; empty where it has neither."""
    told: list[Phrase] = []
    if device.mode is not None:
        told.append(phrase(model, snapshot, device.mode, "mode"))
    if device.state is not None:
        state = phrase(model, snapshot, device.state, "state")
        if model.tags[device.state].type == "bool" and state.kind in _FRESH:
            word = _flag_word(model, device.state, is_running(snapshot, device.state, device.running))
            state = Phrase(word if state.kind == "normal" else f"{word} ?", state.kind)
        told.append(state)
    return joined(told)


def _flag_word(model: Model, at: int, is_so: bool | None) -> str:
    """A bool that stands for a state: ``running`` or ``stopped``, ``valve open`` or ``not valve open``."""
    name = values.name_of(model.tags[at])
    if "running" in name.lower():
        return t("running") if is_so else t("stopped")
    name = name[:1].lower() + name[1:]
    return name if is_so else t("not {name}", name=name)


def joined(told: Sequence[Phrase]) -> Phrase:
    """Phrases as one line; it looks as the worst of them."""
    worst = _ORDER[max((_ORDER.index(each.kind) for each in told), default=0)]
    ages = {each.age for each in told}
    if len(ages) == 1:
        # All of one age, as after a lost link: it is said once.
        return Phrase(" · ".join(each.text for each in told if each.text), worst, ages.pop())
    return Phrase(" · ".join(each.whole for each in told if each.text), worst)


_ORDER: tuple[Kind, ...] = ("normal", "uncertain", "stale", "never", "bad")


def headline(model: Model, snapshot: Snapshot | None, shown: Arrangement) -> Phrase:
    """What the asset does now: ``auto · sequence step 7 of 11: pressing · body 4467 · cycle 58.8 s``."""
    told: list[Phrase] = []
    if shown.mode is not None:
        told.append(phrase(model, snapshot, shown.mode, "mode"))
    works = is_running(snapshot, shown.state, shown.asset.type.running)
    if shown.state is not None and (shown.step is None or not works):
        own = Device("", "", "", shown.state, None, shown.asset.type.running, None, None, ())
        told.append(device_words(model, snapshot, own))
    if shown.step is not None:
        told.append(_step(model, snapshot, shown.step))
    for at, name in ((shown.part, "body"), (shown.cycle, "cycle")):
        if at is not None:
            said = phrase(model, snapshot, at, name)
            known = word_at(model, snapshot, at)
            if at == shown.part:
                # A name that happens to be a number: no space between thousands.
                said = replace(said, text=said.text.replace(formats.THIN, ""))
            name = values.name_of(model.tags[at]).lower()
            told.append(replace(said, text=f"{name} {said.text}") if known else said)
    return joined(told)


def _step(model: Model, snapshot: Snapshot | None, at: int) -> Phrase:
    tag = model.tags[at]
    said = phrase(model, snapshot, at, "step")
    if snapshot is None or not word_at(model, snapshot, at):
        return said
    number = formats.number(float(snapshot.value[at]), 0)
    if not tag.states:
        return replace(said, text=t("sequence step {step}", step=said.text))
    words = t("sequence step {n} of {last}: {word}", n=number, last=max(tag.states), word=said.text)
    return replace(said, text=words)


def since_us(snapshot: Snapshot, at: int, path: str, alarms: Sequence[Alarm]) -> int:
    """Since when a value is as it is: its alarm knows best, else the time its source gave it."""
    active = (each.since_us for each in alarms if each.path == path and each.active)
    return min(active, default=int(snapshot.source_time_us[at]))


def first_out(
    model: Model,
    snapshot: Snapshot | None,
    checks: Sequence[Check],
    alarms: Sequence[Alarm] = (),
    before: int | None = None,
) -> int | None:
    """Live position of the interlock that went false first; None while all hold, or where two went together.

    Who was first stays first for as long as it is false: a source may send an old value with a new time.
    """
    if snapshot is None:
        return None
    broken = [each.tag for each in checks if _holds(snapshot, each) == "broken"]
    if before in broken:
        return before
    times = [(since_us(snapshot, at, model.tags[at].path, alarms), at) for at in broken]
    earliest = min(times, default=(0, None))
    return earliest[1] if sum(each[0] == earliest[0] for each in times) == 1 else None


def _holds(snapshot: Snapshot | None, check: Check) -> Holds:
    if snapshot is None or kind_at(snapshot, check.tag) not in _FRESH:
        return "unknown"
    return "holds" if bool(snapshot.value[check.tag]) == check.ok else "broken"


def check_look(
    model: Model, snapshot: Snapshot | None, check: Check, first: int | None, alarms: Sequence[Alarm] = ()
) -> CheckLook:
    """An interlock in words. What is not current is neither true nor false."""
    holds, kind = _holds(snapshot, check), kind_at(snapshot, check.tag)
    tag = model.tags[check.tag]
    if snapshot is None or holds == "unknown":
        return CheckLook(
            check.text, t("not known"), "unknown", kind, since=_why(tag, snapshot, check.tag, model)
        )
    word, since = t("true"), ""
    if holds == "broken":
        word = t("false")
        when = since_us(snapshot, check.tag, tag.path, alarms)
        since = formats.clock(when, model.plant.timezone) if when > 0 else ""
    if kind == "uncertain":
        word = t("{word} ?", word=word)
    alarm = int(snapshot.alarm[check.tag]) if snapshot.alarm.size else 0
    return CheckLook(check.text, word, holds, kind, check.tag == first and holds == "broken", since, alarm)


def _why(tag: Tag, snapshot: Snapshot | None, at: int, model: Model) -> str:
    return values.reading(tag, snapshot, at, model.plant).quality


def is_apart(model: Model, snapshot: Snapshot | None, pair: Pair) -> bool:
    """The answer is not what was asked; False where either is not known."""
    kinds = (kind_at(snapshot, pair.command), kind_at(snapshot, pair.actual))
    if snapshot is None or any(kind not in _FRESH for kind in kinds):
        return False
    asked, came = float(snapshot.value[pair.command]), float(snapshot.value[pair.actual])
    tag = model.tags[pair.actual]
    if not values.has_range(tag) or tag.low is None or tag.high is None:
        is_state = tag.type == "bool" or bool(tag.states)
        return asked != came if is_state else abs(asked - came) > APART * max(abs(asked), abs(came))
    return abs(asked - came) > APART * (tag.high - tag.low)


def pair_look(model: Model, snapshot: Snapshot | None, pair: Pair, differs: bool = False) -> PairLook:
    """A command and its answer in words: ``demand 62 %, at 61.6 %``; with ``differs`` when apart for long."""
    kind = joined([Phrase("", kind_at(snapshot, each)) for each in (pair.command, pair.actual)]).kind
    tag = model.tags[pair.actual]
    asked, came = (_amount(model, snapshot, at) for at in (pair.command, pair.actual))
    is_state = tag.type == "bool" or bool(tag.states)
    words = t("asked {c}, is {a}", c=asked, a=came)
    if not is_state:
        words = t("demand {c}, at {a}", c=asked, a=came)
    if kind == "stale" and snapshot is not None:
        age_s = max(float(snapshot.age_s[at]) for at in (pair.command, pair.actual))
        words = t("{words}, {ago}", words=words, ago=formats.ago(age_s))
    alarm = 0 if snapshot is None or not snapshot.alarm.size else int(snapshot.alarm[pair.actual])
    return PairLook(pair.text, words, differs, kind, alarm)


def _amount(model: Model, snapshot: Snapshot | None, at: int) -> str:
    return word_at(model, snapshot, at) or t("not known")


def trend_title(model: Model, tags: Sequence[int]) -> str:
    """What the pens have in common, or their names: ``Weld current``, ``Pressure and oil temperature``."""
    own = [values.name_of(model.tags[at]) for at in tags]
    if len(set(own)) < 2:
        return names_of(model, tags)[0] if len(own) == 1 else own[0] if own else t("Trend")
    if len(own) > 2:
        return t("{one} and {n} more", one=own[0], n=len(own) - 1)
    second = own[1][:1].lower() + own[1][1:] if own[1][1:2].islower() else own[1]
    return t("{one} and {other}", one=own[0], other=second)
