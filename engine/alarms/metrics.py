"""How well the alarm system performs, by ISA-18.2-2016 Table 7 and EEMUA 191, from the alarm journal.

All figures are those of one operator console. A time in which the engine was down is not calm but unknown:
it counts in no figure, and below 30 days of data nothing is called good or bad. What was shelved,
suppressed or out of service when it came called for nobody and is not counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.alarms.calls import HOUR_US, Calls, calls_of, peaks, peaks_of
from engine.alarms.flood import WINDOW_US, floods
from engine.alarms.spells import Record, Spells, active, by_alarm, known_within, shelved
from engine.types import Actor, AlarmMetrics, AlarmSettings, LimitKind, Rate, Stood

DAYS_TO_JUDGE = 30.0
MINUTE_US, DAY_US = 60_000_000, 86_400_000_000
MOST_IN_10_MIN, MOST_IN_HOUR = 10, 30
MOST_PEAKS, MOST_ACTORS, MOST_LISTED = 10, 10, 1000
FLEETING_US = MINUTE_US
"""An alarm that is gone again in less, with nobody having acknowledged it, leaves no time to act."""

TARGETS: Mapping[str, tuple[float, float, str]] = {
    "average in an hour": (6, 12, ""),
    "most in an hour": (MOST_IN_HOUR, MOST_IN_HOUR, ""),
    "average in 10 minutes": (1, 2, ""),
    "most in 10 minutes": (MOST_IN_10_MIN, MOST_IN_10_MIN, ""),
    "average in a day": (144, 288, ""),
    "10-minute periods above 10": (1, 1, "%"),
    "hours above 30": (1, 1, "%"),
    "time in flood": (1, 1, "%"),
    "share of the ten most frequent": (1, 5, "%"),
    "chattering alarms": (0, 0, ""),
    "fleeting alarms": (0, 0, ""),
    "stale alarms on the worst day": (4, 4, ""),
    "standing alarms on average": (10, 10, ""),
    "shelved alarms on average": (30, 30, ""),
    "share of priority 1": (1, 1, "%"),
    "share of priority 2": (5, 5, "%"),
    "share of priority 3": (15, 15, "%"),
    "share of priority 4": (80, 100, "%"),
    "unauthorised suppressions": (0, 0, ""),
    "unauthorised changes of alarms": (0, 0, ""),
}
"""Of each figure its target, what is bearable at most, and its unit. ISA-18.2-2016 Table 7; alarms in a day:
IEC 62682:2014; standing and shelved alarms: EEMUA 191."""
OF_THREE = {
    "share of priority 1": (5, 5, "%"),
    "share of priority 2": (15, 15, "%"),
    "share of priority 3": (80, 100, "%"),
}
"""The same where no alarm of priority 4 came: the plant uses three."""
EEMUA = ((1.0, "very likely acceptable"), (2.0, "manageable"), (10.0, "likely to be over-demanding"))
UPSETS = ((10, "should be manageable"), (100, "hard to cope with"))
Values = dict[str, float | None]


class Name(NamedTuple):
    """What an alarm is called."""

    path: str
    kind: LimitKind
    name: str = ""
    message: str = ""


def metrics(
    record: Record,
    known_us: NDArray[np.int64],
    start_us: int,
    end_us: int,
    settings: AlarmSettings,
    name: Callable[[int], Name],
) -> AlarmMetrics:
    """The performance from ``start_us`` to ``end_us``.

    ``record`` = the changes of that span, and what stood when it began (`Record`); ``known_us`` int64[m×2] =
    the stretches in which the engine ran; ``name`` = what an alarm is called.
    """
    span = calls_of(record, known_us, start_us, end_us)
    flooded = floods(span.time_us, settings)
    flooded[:, :2] = np.clip(flooded[:, :2], start_us, end_us)
    listed = _worst_floods(flooded)
    lasting = active(record, end_us)
    lasting = lasting.where(span.called[lasting.row])
    stale = _stale(lasting, span, settings)
    counts = np.bincount(span.alarm)
    chatter = _chattering(span, settings.chatter_per_min)
    frequent = [each for each in _by_count(counts) if counts[each]]
    most, worst = peaks(span.time_us, WINDOW_US, MOST_PEAKS)
    values: Values = {
        **_pace(span, flooded, most),
        **_standing(record, lasting, span),
        "share of the ten most frequent": _percent(counts[frequent].sum(), len(span.alarm)),
        "chattering alarms": len(chatter),
        "fleeting alarms": _fleeting(lasting, span, chatter),
        "stale alarms on the worst day": stale.on_worst_day,
        **{f"share of priority {k}": _percent((span.priority == k).sum(), len(span.alarm)) for k in _1_TO_4},
        **_unauthorised(record, start_us),
    }
    actors = _Actors(name, counts, chatter)
    return AlarmMetrics(
        start_us=start_us,
        end_us=end_us,
        days=span.known_us / DAY_US,
        is_judged=span.known_us >= DAYS_TO_JUDGE * DAY_US,
        count=len(span.alarm),
        rates=_rates(values, span),
        split=_split(span.priority),
        actors=actors.of(frequent),
        chattering=actors.of(sorted(chatter, key=lambda each: -chatter[each])[:MOST_LISTED]),
        stale=stale.alarms[:MOST_LISTED],
        floods=tuple((begin, end, count) for begin, end, count in listed.tolist()),
        hourly=tuple(span.counts(HOUR_US).tolist()),
        peaks=worst,
        eemua=eemua(values["average in 10 minutes"]),
        upset=upset(most) if len(flooded) else "",
        known_s=tuple((span.known_in(HOUR_US) // 1_000_000).tolist()),
        flood_peaks=peaks_of(span.time_us, listed, WINDOW_US),
        stood=tuple(_stood(lasting, row, name) for row in stale.rows[:MOST_LISTED]),
    )


def eemua(in_10_minutes: float | None) -> str:
    """What EEMUA 191 calls so many alarms in 10 minutes on average; "" = not known."""
    if in_10_minutes is None:
        return ""
    first, manageable, over = EEMUA
    if in_10_minutes < first[0]:
        return first[1]
    if in_10_minutes <= manageable[0]:
        return manageable[1]
    return over[1] if in_10_minutes <= over[0] else "very likely unacceptable"


def upset(in_10_minutes: int) -> str:
    """What EEMUA 191 calls so many alarms in the 10 minutes after an upset.

    It has no word for 10 to 20; the stricter one is taken.
    """
    (few, easy), (many, hard) = UPSETS
    if in_10_minutes < few:
        return easy
    return hard if in_10_minutes <= many else "definitely excessive"


def _pace(span: Calls, flooded: NDArray[np.int64], most: int) -> Values:
    """How fast they came, on average and at worst."""
    hours = span.known_us / HOUR_US
    average = len(span.alarm) / hours if hours else None
    in_flood = known_within(span.known, flooded[:, 0], flooded[:, 1]).sum()
    return {
        "average in an hour": average,
        "average in 10 minutes": None if average is None else average / 6,
        "average in a day": None if average is None else average * 24,
        "most in 10 minutes": most,
        "most in an hour": peaks(span.time_us, HOUR_US, 0)[0],
        "10-minute periods above 10": _in_percent(span.part_above(WINDOW_US, MOST_IN_10_MIN)),
        "hours above 30": _in_percent(span.part_above(HOUR_US, MOST_IN_HOUR)),
        "time in flood": _percent(in_flood, span.known_us),
    }


def _standing(record: Record, lasting: Spells, span: Calls) -> Values:
    """How many stood, and were shelved, on average over the known time."""

    def average(of: Spells) -> float | None:
        there = known_within(span.known, np.maximum(of.begin_us, span.start_us), of.end_us)
        return float(there.sum()) / span.known_us if span.known_us else None

    return {
        "standing alarms on average": average(lasting),
        "shelved alarms on average": average(shelved(record, span.end_us)),
    }


def _fleeting(lasting: Spells, span: Calls, chatter: Mapping[int, int]) -> int:
    """How many alarms were gone again before anybody could act; those that chatter are told by themselves."""
    short = (lasting.end_us - lasting.begin_us < FLEETING_US) & ~lasting.is_open & ~lasting.marked
    short &= lasting.begin_us >= span.start_us
    return len(set(np.unique(lasting.alarm[short]).tolist()) - chatter.keys())


@dataclass(frozen=True, slots=True)
class _Stale:
    """``rows`` = the longest spell of each of ``alarms``."""

    alarms: tuple[int, ...]
    rows: tuple[int, ...]
    on_worst_day: int


def _stale(lasting: Spells, span: Calls, settings: AlarmSettings) -> _Stale:
    """Alarms that stood longer than ``stale_s``, the longest first, and how many at once on a day."""
    since = np.maximum(lasting.begin_us + round(settings.stale_s * 1e6), span.start_us)
    old = np.flatnonzero(lasting.end_us > since)
    old = old[np.argsort(lasting.begin_us[old] - lasting.end_us[old], kind="stable")]
    days = np.zeros(-(-(span.end_us - span.start_us) // DAY_US) + 1, np.int64)
    np.add.at(days, (since[old] - span.start_us) // DAY_US, 1)
    np.add.at(days, (lasting.end_us[old] - 1 - span.start_us) // DAY_US + 1, -1)
    longest: dict[int, int] = {}
    for alarm, row in zip(lasting.alarm[old].tolist(), old.tolist(), strict=True):
        longest.setdefault(alarm, row)
    return _Stale(tuple(longest), tuple(longest.values()), int(np.cumsum(days).max(initial=0)))


def _stood(lasting: Spells, row: int, name: Callable[[int], Name]) -> Stood:
    alarm = int(lasting.alarm[row])
    begin_us, end_us = int(lasting.begin_us[row]), int(lasting.end_us[row])
    return Stood(alarm, *name(alarm), begin_us, end_us, bool(lasting.is_open[row]))


def _chattering(span: Calls, often: int) -> dict[int, int]:
    """Alarms that came ``often`` times within a minute, and how many of their comings were of that sort."""
    alarm, time = span.alarm[span.came], span.time_us[span.came]
    order = by_alarm(alarm)
    alarm, time, width = alarm[order], time[order], max(often, 2) - 1
    if len(alarm) <= width:
        return {}
    close = (alarm[width:] == alarm[:-width]) & (time[width:] - time[:-width] < MINUTE_US)
    part = np.zeros(len(alarm), np.bool_)
    for k in range(width + 1):
        part[k : len(alarm) - width + k] |= close
    found, counts = np.unique(alarm[part], return_counts=True)
    return dict(zip(found.tolist(), counts.tolist(), strict=True))


def _unauthorised(record: Record, start_us: int) -> Values:
    """What was done without a person; None where nobody can know."""
    if record.by_person is None:
        return {}
    alone = ~record.by_person & (record.time_us >= start_us)
    return {
        "unauthorised suppressions": int((alone & record.rows(("shelved", "out_of_service"))).sum()),
        "unauthorised changes of alarms": int((alone & record.rows(("edited", "removed"))).sum()),
    }


@dataclass(frozen=True, slots=True, eq=False)
class _Actors:
    name: Callable[[int], Name]
    counts: NDArray[np.int64]
    chatter: Mapping[int, int]

    def of(self, alarms: list[int]) -> tuple[Actor, ...]:
        return tuple(self._one(each) for each in alarms)

    def _one(self, alarm: int) -> Actor:
        count = int(self.counts[alarm])
        share = count / int(self.counts.sum())
        return Actor(alarm, *self.name(alarm), count, share, self.chatter.get(alarm, 0))


_1_TO_4 = (1, 2, 3, 4)


def _split(priority: NDArray[np.uint8]) -> tuple[float, float, float, float]:
    one, two, three, four = (float((priority == k).sum()) / max(len(priority), 1) for k in _1_TO_4)
    return one, two, three, four


def _by_count(counts: NDArray[np.int64]) -> list[int]:
    return np.argsort(-counts, kind="stable")[:MOST_ACTORS].tolist()


def _worst_floods(flooded: NDArray[np.int64]) -> NDArray[np.int64]:
    return flooded[np.sort(np.argsort(-flooded[:, 2], kind="stable")[:MOST_LISTED])]


def _rates(values: Values, span: Calls) -> tuple[Rate, ...]:
    """All figures in the order of ``TARGETS``; nothing is known of a time in which the engine never ran."""
    found = values if span.known_us else Values()
    targets = dict(TARGETS)
    if len(span.priority) and not (span.priority == 4).any():
        targets = {**targets, **OF_THREE}
        del targets["share of priority 4"]
    return tuple(
        Rate(name, None if (value := found.get(name)) is None else float(value), *target)
        for name, target in targets.items()
    )


def _in_percent(part: float | None) -> float | None:
    return None if part is None else 100.0 * part


def _percent(part: float, whole: float) -> float | None:
    return 100.0 * float(part) / float(whole) if whole else None
