"""A forecast in words, and why there is none. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from engine.typed import convert
from engine.types import Forecast, Snapshot
from hmi import formats, values
from hmi.formats import t
from hmi.pens import Pen
from hmi.widgets.trend_scene import LIMIT_WORDS

AHEAD_S = 48 * 3600.0
ASK_US, OLD_US = 60_000_000, 180_000_000
"""Asked for once a minute; an answer older than three is not drawn any more."""
ROOM = 1.15
SOON_US = 600_000_000
_BLANK: Mapping[str, str] = {
    "stale": "it is stale, so nobody knows where it stands now",
    "bad": "it is bad, so nobody knows where it stands now",
    "uncertain": "its device doubts it",
    "never": "no value of it has come yet",
}


class Answer(msgspec.Struct, frozen=True):
    """Answer to ``forecast`` (`engine.wire.prediction.ForecastAnswer`)."""

    forecasts: tuple[Forecast, ...]


def read(answer: Any, path: str) -> tuple[Forecast | None, bool]:
    """The forecast of a tag, None = there is none; and whether the answer could be read."""
    try:
        found = convert(answer, Answer).forecasts
    except msgspec.ValidationError:
        return None, False
    return next((each for each in found if each.path == path), None), True


def why_not(pen: Pen | None, snapshot: Snapshot | None, is_past: bool, is_stalled: bool) -> str:
    """Why nothing can be foreseen of a pen now, as the end of a sentence; "" = it can."""
    if is_past:
        return t("this is a replay, and a forecast is of now")
    if is_stalled:
        return t("the engine does not answer")
    if pen is None:
        return t("nothing is drawn")
    if pen.stepped or pen.states:
        return t("it has states, and a forecast is of a measured value")
    if snapshot is None:
        return t(_BLANK["never"])
    status, age_s = int(snapshot.status[pen.index]), float(snapshot.age_s[pen.index])
    kind = values.kind_of(status, age_s, bool(snapshot.stale[pen.index]))
    return t(_BLANK[kind]) if kind in _BLANK else ""


def reach_us(forecast: Forecast, now_us: int) -> int:
    """How far ahead is worth seeing: until the limit has surely been crossed, else all of it."""
    end_us = forecast.at_us[-1]
    if forecast.crosses_us is not None and forecast.latest_us is not None:
        end_us = min(end_us, now_us + round(ROOM * (forecast.latest_us - now_us)))
    return max(SOON_US, end_us - now_us)


def words(pen: Pen, forecast: Forecast | None, now_us: int, zone: str, locale: str) -> str:
    """What is ahead, in a sentence: ``Pressure: crosses HH 240.0 bar about 04:35, between …``."""
    if forecast is None or not forecast.at_us:
        return t(
            "{name}: no forecast. Its past does not tell more than “it stays as it is”, or too little of it "
            "is stored.",
            name=pen.name,
        )
    end = _at(forecast.at_us[-1], now_us, zone)
    if forecast.limit is None:
        middle = _value(pen, forecast.middle[-1], locale)
        low, high = (formats.number(each[-1], pen.decimals, locale) for each in (forecast.low, forecast.high))
        if low == high:
            return t("{name}: about {middle} at {time}.", name=pen.name, middle=middle, time=end)
        return t(
            "{name}: about {middle} at {time}, 8 in 10 times {low} to {high}.",
            name=pen.name, middle=middle, time=end, low=low, high=_value(pen, forecast.high[-1], locale),
        )  # fmt: skip
    limit = _limit(pen, forecast.limit, locale)
    if forecast.crosses_us is None:
        if forecast.earliest_us is None:
            return t("{name}: does not cross {limit} until {time}.", name=pen.name, limit=limit, time=end)
        first = _at(forecast.earliest_us, now_us, zone)
        return t(
            "{name}: may cross {limit} from {first} on, but more likely not until {time}.",
            name=pen.name, limit=limit, first=first, time=end,
        )  # fmt: skip
    return t(
        "{name}: crosses {limit} about {time}, {between}.",
        name=pen.name, limit=limit, time=_at(forecast.crosses_us, now_us, zone),
        between=_between(forecast, now_us, zone, end),
    )  # fmt: skip


def _between(forecast: Forecast, now_us: int, zone: str, end: str) -> str:
    first = None if forecast.earliest_us is None else _at(forecast.earliest_us, now_us, zone)
    last = None if forecast.latest_us is None else _at(forecast.latest_us, now_us, zone)
    if first is not None and last is not None:
        return t("8 in 10 times between {first} and {last}", first=first, last=last)
    if first is not None:
        return t("at the earliest {first}, and perhaps not until {end}", first=first, end=end)
    return t("when exactly is not known")


def _limit(pen: Pen, limit: float, locale: str) -> str:
    kind = next(
        (LIMIT_WORDS[kind] for value, kind in pen.limits if value == limit and kind in LIMIT_WORDS), ""
    )
    return f"{t(kind)} {_value(pen, limit, locale)}" if kind else _value(pen, limit, locale)


def _value(pen: Pen, value: float, locale: str) -> str:
    return formats.quantity(value, pen.decimals, pen.unit, locale)


def _at(time_us: int, now_us: int, zone: str) -> str:
    return formats.moment(time_us, now_us, zone, seconds=False)
