"""Whose trend the overview shows: what matters most now. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.types import Alarm
from hmi import alarms as alarm_words
from hmi import values
from hmi.formats import t
from hmi.model import Asset, Model, trend_of, unit_of

MOST_PENS = 4


@dataclass(frozen=True, slots=True)
class Focus:
    """Whose trend is on show, and why."""

    path: str
    title: str
    why: str
    tags: tuple[int, ...]
    alarm: tuple[str, str, int] | None = None


NO_FOCUS = Focus("", "", "", ())


def focus_of(model: Model, alarms: Sequence[Alarm], before: Focus = NO_FOCUS) -> Focus:
    """Whose trend to show: of the worst active alarm, else of the most critical unit.

    While the alarm on show is still among the worst it stays: a trend that jumps cannot be read.
    ``alarms`` are worst first.
    """
    active = [each for each in alarms if alarm_words.is_active(each) and each.path in model.index]
    if active:
        worst = [each for each in active if each.priority == active[0].priority]
        stays = [each for each in worst if (each.path, each.kind, each.since_us) == before.alarm]
        return _focus_on(model, (stays or worst)[0])
    unit = _most_critical(model)
    if unit is None:
        return NO_FOCUS
    why = t("no alarm · the most critical unit") if len(model.units) > 1 else t("no alarm")
    return Focus(unit.path, unit.name or model.plant.name, why, _pens(model, unit))


def _pens(model: Model, unit: Asset) -> tuple[int, ...]:
    """The tags that say most of a unit; where nobody said which, measured ones fill up the trend."""
    stated = trend_of(model, unit, MOST_PENS)
    if unit.type.trend:
        return stated
    measured = [at for at in unit.below if values.has_range(model.tags[at])]
    return tuple(dict.fromkeys((*stated, *measured)))[:MOST_PENS]


def _focus_on(model: Model, alarm: Alarm) -> Focus:
    at = model.index[alarm.path]
    unit = unit_of(model, alarm.path)
    others = _pens(model, unit) if unit is not None else ()
    first = (at,) if values.has_curve(model.tags[at]) else ()
    tags = tuple(dict.fromkeys((*first, *others)))[:MOST_PENS]
    title = (unit.name if unit is not None else "") or model.plant.name
    why = t("what matters most now · {message}", message=alarm_words.message(alarm))
    return Focus(alarm.path, title, why, tags, (alarm.path, alarm.kind, alarm.since_us))


def _most_critical(model: Model) -> Asset | None:
    """The unit with the most critical tags; the first of the line among equals."""
    best: Asset | None = None
    most = -1
    for path in (*model.units, *model.utilities):
        asset = model.assets[path]
        critical = sum(model.tags[at].criticality == "critical" for at in asset.below)
        if critical > most and trend_of(model, asset):
            best, most = asset, critical
    return best
