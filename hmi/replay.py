"""A past instant in place of now: where it is, how it moves, and what the plant said then. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

import msgspec
import numpy as np

from engine.types import Alarm, Instant, Kpi, Snapshot, Status
from hmi.formats import local, moment, t, zone
from hmi.model import Model

SPEEDS = (1, 2, 5, 10, 30, 60)
BACK_US = 600_000_000
"""Where a replay begins when nobody said where: far enough back that something may be seen."""


@dataclass(frozen=True, slots=True)
class Replay:
    """``at_us`` is shown in place of now; it moves between ``first_us`` (the oldest sample) and ``last_us``.

    ``speed`` = plant seconds for each second of the clock while it plays.
    """

    at_us: int
    first_us: int
    last_us: int
    speed: int = 1
    is_playing: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """All live tags at a past instant, their texts by live position, and the alarms as they stood then.

    Of alarms nothing is known before ``alarms_since_us``; ``is_alarms_whole`` False = changes are missing.
    """

    at_us: int
    instant: Instant
    texts: Mapping[int, str] = field(default_factory=dict[int, str])
    alarms: Sequence[Alarm] = ()
    alarms_since_us: int = 0
    is_alarms_whole: bool = True


def begun(now_us: int, oldest_us: int | None, at_us: int | None = None) -> Replay:
    """A replay of the history up to now, at an instant in it or `BACK_US` before now."""
    first_us = min(now_us if oldest_us is None else oldest_us, now_us)
    return moved(Replay(now_us, first_us, now_us), now_us - BACK_US if at_us is None else at_us)


def moved(replay: Replay, at_us: int) -> Replay:
    """At another instant; never outside the history."""
    return replace(replay, at_us=min(max(at_us, replay.first_us), replay.last_us))


def played(replay: Replay, elapsed_us: int, now_us: int) -> Replay:
    """After so much time of the clock. At the present it stops: what comes then is live, not replay."""
    replay = replace(replay, last_us=max(replay.last_us, now_us))
    if not replay.is_playing:
        return replay
    replay = moved(replay, replay.at_us + elapsed_us * replay.speed)
    return replace(replay, is_playing=replay.at_us < replay.last_us)


def with_play(replay: Replay, is_playing: bool) -> Replay:
    """Going on, or held."""
    return replace(replay, is_playing=is_playing)


def with_speed(replay: Replay, speed: int) -> Replay:
    """At another of the `SPEEDS`."""
    return replace(replay, speed=speed)


def snapshot(model: Model, past: Past) -> Snapshot | None:
    """The values of then as displays know them; None where they are of another list of tags."""
    instant, count = past.instant, len(model.tags)
    if len(instant.value) != count:
        return None
    never = instant.time_us == 0
    quality = np.where(never, np.uint32(Status.WAITING_FOR_INITIAL_DATA), instant.quality).astype(np.uint32)
    stale = quality == np.uint32(Status.STALE)
    age_s = np.maximum(past.at_us - instant.time_us, 0) / 1e6
    alarm = np.zeros(count, np.uint8)
    for each in past.alarms:
        at = model.index.get(each.path)
        if at is not None and each.letter in ("B", "C"):
            alarm[at] = each.priority if not alarm[at] else min(int(alarm[at]), each.priority)
    return Snapshot(
        value=np.where(never, np.nan, instant.value),
        status=quality,
        source_time_us=instant.time_us,
        receive_time_us=instant.time_us,
        # A value that held was vouched for until a sample said otherwise: only a stale one has an age.
        age_s=np.where(never, np.nan, np.where(stale, age_s, 0.0)),
        stale=stale,
        version=instant.time_us.astype(np.uint64) ^ quality.astype(np.uint64),
        torn=0,
        text=past.texts,
        alarm=alarm,
    )


def no_instant(model: Model) -> Instant:
    """No value of any tag, for the moment until the engine has answered."""
    count = len(model.tags)
    return Instant(np.zeros(count, np.int64), np.full(count, np.nan), np.zeros(count, np.uint32))


def alarm_words(past: Past, zone_name: str) -> str:
    """What a person must know of the alarms of then; "" = they are all there."""
    if past.is_alarms_whole:
        return ""
    if past.at_us < past.alarms_since_us:
        since = moment(past.alarms_since_us, past.at_us, zone_name)
        return t("alarms of then are not on record, only those since {since}", since=since)
    return t("alarms of then are not all on record")


def past_kpis(kpis: Sequence[Kpi]) -> tuple[Kpi, ...]:
    """The figures without their values, which are counted live and not kept."""
    why = t("not replayed")
    waiting = int(Status.WAITING_FOR_INITIAL_DATA)
    return tuple(msgspec.structs.replace(each, value=None, status=waiting, reason=why) for each in kpis)


def parse_when(text: str, at_us: int, zone_name: str) -> int | None:
    """UTC microseconds of ``14:05``, ``14:05:30`` (on the day on show) or ``2026-11-22 14:05`` at the plant.

    None where it is not understood.
    """
    words = text.split()
    day = local(at_us, zone_name).date()
    try:
        if len(words) == 2:
            day = date.fromisoformat(words[0])
        if len(words) not in (1, 2) or ":" not in words[-1]:
            return None
        hour = time.fromisoformat(words[-1].rjust(5, "0") if words[-1].count(":") == 1 else words[-1])
    except ValueError:
        return None
    return round(datetime.combine(day, hour, zone(zone_name)).timestamp()) * 1_000_000
