"""A tag on its way to one of its limits, in words: the limit, when, and how sure that is. No Qt."""

from __future__ import annotations

from collections.abc import Mapping

from engine.types import Crossing
from hmi import formats, values
from hmi.formats import t
from hmi.model import Model

MOST = 4
"""So many stand on a faceplate; all of them stand behind the chip of the top bar."""
_EXACT_MIN, _HOURS_MIN = 15, 12 * 60


def of_asset(asset: str, crossings: Mapping[str, Crossing]) -> tuple[Crossing, ...]:
    """Those of the tags at and below an asset, in the order given; "" = of the whole plant."""
    return tuple(each for path, each in crossings.items() if not asset or path.startswith(f"{asset}/"))


def line(crossing: Crossing, model: Model, now_us: int, asset: str = "") -> str:
    """``Pump › Vibration: H 8.0 mm/s in about 3 h 10 min (2 h to 5 h)``; the path from ``asset`` on."""
    where = crossing.path.removeprefix(f"{asset}/").replace("/", " \u203a ")
    return f"{where}: {words(crossing, model, now_us)}"


def words(crossing: Crossing, model: Model, now_us: int) -> str:
    """``H 8.0 mm/s in about 3 h 10 min (2 h to 5 h)``: the brackets hold 8 of 10 cases."""
    limit = " ".join(each for each in (crossing.name, _limit(crossing, model)) if each)
    ahead_s = (crossing.crosses_us - now_us) / 1e6
    told = t("{limit} in about {span}", limit=limit, span=_span(ahead_s)) if ahead_s >= 60 else ""
    return f"{told or t('{limit} about now', limit=limit)} ({_between(crossing, now_us)})"


def _between(crossing: Crossing, now_us: int) -> str:
    first, last = (
        None if each is None else (each - now_us) / 1e6 for each in (crossing.earliest_us, crossing.latest_us)
    )
    soonest = t("now") if first is None or first < 60 else _span(first)
    if last is None:
        return t("{span} at the earliest", span=soonest)
    return t("{first} to {last}", first=soonest, last=_span(last)) if last >= 60 else t("any minute")


def _limit(crossing: Crossing, model: Model) -> str:
    at = model.index.get(crossing.path)
    if at is None:
        return formats.quantity(crossing.limit, None, crossing.unit, model.plant.locale)
    unit = f"{formats.THIN}{crossing.unit}" if crossing.unit else ""
    return f"{values.value_text(model.tags[at], crossing.limit, model.plant)}{unit}"


def _span(seconds: float) -> str:
    """No finer than a forecast is: ``12 min``, ``40 min``, ``3 h 10 min``, ``14 h``."""
    minutes = max(0, round(seconds / 60))
    if minutes >= _EXACT_MIN:
        step = 5 if minutes < 60 else 10 if minutes < _HOURS_MIN else 60
        minutes = round(minutes / step) * step
    hours, rest = divmod(minutes, 60)
    if not hours:
        return t("{n} min", n=rest)
    return t("{h} h {m} min", h=hours, m=rest) if rest else t("{n} h", n=hours)
