"""When the alarms of tags were active and what people did meanwhile, by the journal and as of now. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from engine.types import Alarm, AlarmChange, LimitKind, What
from hmi import alarms as words
from hmi import formats
from hmi.formats import t
from hmi.known_alarms import AlarmPast

RECENT_US = 60_000_000
OPEN_US = 1 << 62
"""The end of a spell that is not over."""
TICKS: tuple[What, ...] = (
    *("acknowledged", "returned", "realarmed", "reset", "shelved", "unshelved", "expired"),
    *("suppressed", "unsuppressed", "out_of_service", "in_service", "note"),
)
"""What is marked on a band beside its beginning."""
_DID: dict[str, str] = {
    "acknowledged": "acknowledged",
    "returned": "returned",
    "realarmed": "annunciated again",
    "reset": "reset",
    "shelved": "shelved",
    "unshelved": "unshelved",
    "expired": "its shelf ran out",
    "suppressed": "suppressed",
    "unsuppressed": "no longer suppressed",
    "out_of_service": "out of service",
    "in_service": "back in service",
    "note": "note",
}
_ASIDE = ("E", "F", "G")


@dataclass(frozen=True, slots=True)
class Spell:
    """One time that an alarm was active, UTC microseconds; ``end_us`` = `OPEN_US` while it is.

    ``is_begun`` False = it came before anything that is known. ``is_aside`` = it was shelved, suppressed
    or out of service when it came, so it was never annunciated.
    """

    alarm: int
    path: str
    kind: LimitKind
    priority: int
    begin_us: int
    end_us: int = OPEN_US
    message: str = ""
    name: str = ""
    value: float | None = None
    limit: float | None = None
    acked_us: int = 0
    acked_by: str = ""
    is_begun: bool = True
    is_aside: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """Something that was done to an alarm, or that became of it."""

    alarm: int
    path: str
    what: What
    time_us: int
    by: str = ""
    text: str = ""
    until_us: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class AlarmHistory:
    """Spells by when they began, ticks by when they were; and how far back all of it is known.

    ``known_us`` = (first, last) of what was told of all tags; ``is_cut`` = before it there is more.
    ``trouble`` = why no more comes. ``later_us`` = the first change after the time that was asked for.
    """

    spells: tuple[Spell, ...] = ()
    ticks: tuple[Tick, ...] = ()
    known_us: tuple[int, int] = (0, 0)
    is_cut: bool = False
    trouble: str = ""
    later_us: int = OPEN_US


NO_HISTORY = AlarmHistory()


def history_of(past: Sequence[AlarmPast], live: Sequence[Alarm], until_us: int) -> AlarmHistory:
    """All spells and ticks of these tags until then; ``live`` = their alarms as they are at that time."""
    spells: list[Spell] = []
    ticks: list[Tick] = []
    for each in past:
        now = {alarm.id: alarm for alarm in live if alarm.path == each.path and 1 <= alarm.priority <= 4}
        made, marks = _of_tag(each, until_us)
        spells += _with_live(made, now)
        ticks += marks
    spells.sort(key=lambda spell: spell.begin_us)
    ticks.sort(key=lambda tick: tick.time_us)
    told = [each for each in past if each.to_us]
    known = (max(e.from_us for e in told), min(e.to_us for e in told)) if told else (0, 0)
    trouble = next((each.trouble for each in past if each.trouble), "")
    later = (at_us for each in past for change in each.changes if (at_us := time_of(change)) > until_us)
    return AlarmHistory(
        tuple(spells),
        tuple(ticks),
        known,
        any(each.is_cut for each in past),
        formats.sentence(trouble),
        min(later, default=OPEN_US),
    )


def _of_tag(past: AlarmPast, until_us: int) -> tuple[list[Spell], list[Tick]]:
    done: list[Spell] = []
    ticks: list[Tick] = []
    open_: dict[int, Spell] = {}
    last: dict[int, int] = {}
    """Place in ``done`` of the last spell of each alarm: it may be acknowledged after it returned."""
    for change in past.changes:
        at_us = time_of(change)
        if at_us > until_us or not 1 <= change.priority <= 4:
            continue
        number = change.alarm
        if change.what == "active":
            if number not in open_:
                open_[number] = _begun(change)
        elif change.what in ("returned", "removed"):
            spell = open_.pop(number, None) or replace(
                _begun(change), begin_us=min(past.from_us, at_us), is_begun=False, value=None
            )
            last[number] = len(done)
            done.append(replace(spell, end_us=max(at_us, spell.begin_us)))
        elif change.what == "acknowledged":
            if number in open_:
                open_[number] = _acked(open_[number], change)
            elif number in last:
                done[last[number]] = _acked(done[last[number]], change)
        if change.what in TICKS:
            ticks.append(_tick(change, at_us))
    return [*done, *open_.values()], ticks


def time_of(change: AlarmChange) -> int:
    """When it happened: by the clock of the source where that says it, as curves are drawn."""
    return change.source_us if change.what in ("active", "returned") and change.source_us else change.time_us


def _begun(change: AlarmChange) -> Spell:
    return Spell(
        change.alarm,
        change.path,
        change.kind,
        change.priority,
        time_of(change),
        message=change.message,
        name=change.name,
        value=change.value,
        limit=change.limit,
        is_aside=change.letter in _ASIDE,
    )


def _acked(spell: Spell, change: AlarmChange) -> Spell:
    return replace(spell, acked_us=change.time_us, acked_by=change.by) if not spell.acked_us else spell


def _tick(change: AlarmChange, at_us: int) -> Tick:
    return Tick(change.alarm, change.path, change.what, at_us, change.by, change.text, change.until_us)


def _with_live(spells: list[Spell], live: dict[int, Alarm]) -> list[Spell]:
    """What is so now goes before what the journal told a moment ago."""
    made: list[Spell] = []
    seen: set[int] = set()
    for spell in spells:
        now = live.get(spell.alarm)
        if spell.end_us == OPEN_US and now is not None:
            if now.since_us > spell.begin_us:
                # It went and came again since: both are on their way in the journal.
                spell = replace(spell, end_us=now.since_us)
            elif not now.active:
                spell = replace(spell, end_us=max(now.changed_us, spell.begin_us))
            if now.acked_us and not spell.acked_us:
                spell = replace(spell, acked_us=now.acked_us, acked_by=now.acked_by)
        if now is not None and spell.begin_us >= now.since_us:
            seen.add(spell.alarm)
        made.append(spell)
    missing = (each for number, each in live.items() if number not in seen)
    return [*made, *(_of_live(each) for each in missing if each.active or each.is_annunciated)]


def _of_live(alarm: Alarm) -> Spell:
    return Spell(
        alarm.id,
        alarm.path,
        alarm.kind,
        alarm.priority,
        alarm.since_us,
        OPEN_US if alarm.active else max(alarm.changed_us, alarm.since_us),
        alarm.message,
        alarm.name,
        alarm.value,
        alarm.limit,
        alarm.acked_us,
        alarm.acked_by,
        is_aside=alarm.letter in _ASIDE,
    )


def within(history: AlarmHistory, start_us: int, end_us: int) -> tuple[Spell, ...]:
    """The spells that touch a stretch of time, by when they began."""
    return tuple(each for each in history.spells if each.begin_us <= end_us and each.end_us >= start_us)


def about(history: AlarmHistory, spell: Spell) -> tuple[Tick, ...]:
    """What became of an alarm from when it came until it came again, oldest first."""
    after = (s.begin_us for s in history.spells if s.alarm == spell.alarm and s.begin_us > spell.begin_us)
    until_us = min(after, default=OPEN_US)
    return tuple(
        each
        for each in history.ticks
        if each.alarm == spell.alarm and spell.begin_us <= each.time_us < until_us
    )


# In words


def title(spell: Spell) -> str:
    """What it says."""
    return words.words_of(spell.path, spell.kind, spell.message)


def when(spell: Spell, now_us: int, zone: str) -> str:
    """From when until when it was active, and for how long."""
    if spell.is_begun:
        begun = t("came {time}", time=formats.moment(spell.begin_us, now_us, zone))
    else:
        begun = t("came before {time}", time=formats.moment(spell.begin_us, now_us, zone))
    lasted = formats.span(max(0, min(spell.end_us, now_us) - spell.begin_us) / 1e6)
    if spell.end_us == OPEN_US:
        return t("{begun}, active for {length}", begun=begun, length=lasted)
    ended = formats.moment(spell.end_us, now_us, zone)
    return t("{begun}, returned {time} after {length}", begun=begun, time=ended, length=lasted)


def who(spell: Spell, now_us: int, zone: str, known_us: int = 0) -> str:
    """Who acknowledged it and when; that nobody did, as far as it is known (``known_us``, 0 = until now)."""
    if not spell.acked_us:
        if spell.is_aside:
            return t("set aside when it came")
        if 0 < known_us < now_us - RECENT_US and spell.end_us < OPEN_US:
            return t("not acknowledged until {time}", time=formats.moment(known_us, now_us, zone))
        return t("not acknowledged")
    time = formats.moment(spell.acked_us, now_us, zone)
    if not spell.acked_by:
        return t("acknowledged {time}", time=time)
    return t("acknowledged {time} by {who}", time=time, who=spell.acked_by)


def did(tick: Tick, now_us: int, zone: str) -> str:
    """What was done, when and by whom, and why."""
    said = [t(_DID[tick.what]), formats.moment(tick.time_us, now_us, zone)]
    if tick.by:
        said.append(t("by {who}", who=tick.by))
    if tick.until_us and tick.what == "shelved":
        said.append(t("until {time}", time=formats.moment(tick.until_us, now_us, zone)))
    told = " ".join(said)
    return f"{told}: {formats.one_line(tick.text)}" if tick.text else told


def paths_of(spells: Iterable[Spell]) -> tuple[str, ...]:
    """The tags that any of them is of."""
    return tuple(dict.fromkeys(each.path for each in spells))
