"""A limit that is tried on history: what can be turned, by how much, and what came of it in words. No Qt."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec

from engine.types import Backtest, Limit, Tag
from hmi import formats
from hmi.displays.alarms.rationalise.columns import title
from hmi.displays.alarms.rationalise.state import number
from hmi.formats import t

FIELDS = {
    "limit": "limit",
    "deadband": "deadband",
    "on_delay": "on_delay_s",
    "off_delay": "off_delay_s",
}
"""What can be turned, by column, and what a limit calls it."""
SPANS = (("3600", "1 h"), ("28800", "8 h"), ("86400", "24 h"), ("604800", "7 d"), ("2592000", "30 d"))
BY_ENGINE = ("link", "device", "flood")
NO_NUMBER = ("bad", "expr", "status", "on", "off")
PART, TENTH = 0.005, 0.1
"""Of the range, a step of limit and deadband; of the time to respond, what a delay may take."""


def turnable(limit: Limit) -> tuple[str, ...]:
    """The columns that can be turned for a limit of its kind."""
    return ("on_delay", "off_delay") if limit.kind in NO_NUMBER else tuple(FIELDS)


def value(limit: Limit, column: str) -> float:
    """What a limit says in a column."""
    return float(getattr(limit, FIELDS[column]) or 0.0)


def written(value: float) -> str:
    """A number as the file writes it."""
    return f"{round(value, 9):.12g}"


def stepped(column: str, tag: Tag | None, at: float, way: int) -> float:
    """One step up (1) or down (-1), onto a round number; a deadband and a delay end at 0."""
    step = _step_s(at, way) if column in ("on_delay", "off_delay") else _step(tag, at)
    made = (math.floor(at / step + 1e-9) + 1 if way > 0 else math.ceil(at / step - 1e-9) - 1) * step
    return made if column == "limit" else max(0.0, made)


def _step_s(at: float, way: int) -> float:
    for edge, step in ((10.0, 1.0), (60.0, 5.0), (300.0, 15.0)):
        if at < edge or (at == edge and way < 0):
            return step
    return 60.0


def _step(tag: Tag | None, at: float) -> float:
    """1, 2 or 5 times a power of ten: half a percent of the range or, without one, a percent of the value."""
    span = tag.high - tag.low if tag is not None and tag.low is not None and tag.high is not None else 0.0
    about = span * PART if span > 0 else abs(at) / 100 or 0.1
    power = 10.0 ** math.floor(math.log10(about))
    return next(each * power for each in (1.0, 2.0, 5.0, 10.0) if each * power >= about * 0.999)


def proposed(current: Limit, texts: Mapping[str, str]) -> Limit | str:
    """The limit with these numbers by column, or what is wrong with one of them."""
    values: dict[str, float] = {}
    for column, text in texts.items():
        found = number(text) if text.strip() else 0.0 if column != "limit" else None
        if found is None:
            return t("{column}: write a number, such as 12.5.", column=title(column))
        if found < 0 and column != "limit":
            return t("{column}: 0 or more.", column=title(column))
        values[FIELDS[column]] = found
    return msgspec.structs.replace(current, **values)


def is_other(current: Limit, tried: Limit) -> bool:
    """Whether there is anything to try."""
    return any(getattr(current, each) != getattr(tried, each) for each in FIELDS.values())


def taken(current: Limit, tried: Limit) -> dict[str, str]:
    """The cells of the row that the proposal changes."""
    return {
        column: written(value(tried, column))
        for column in turnable(current)
        if value(tried, column) != value(current, column)
    }


def of_row(limits: Sequence[Limit], line: int, key: tuple[str, str, str]) -> tuple[Limit, ...]:
    """The limits in force that come from a row: one for each tag that its path means."""
    return tuple(each for each in limits if each.line == line and (each.kind, each.name) == key[1:])


def told(result: Backtest, tried: Limit) -> tuple[str, ...]:
    """What came of it, sentence by sentence."""
    whole_s = (result.end_us - result.start_us) / 1e6
    if result.known_s <= 0:
        return (
            t("Nothing is stored of this value in that time, so nothing can be said. Choose a longer one."),
        )
    return tuple(
        each
        for each in (
            _counts(result),
            _removed(result),
            _added(result),
            _delayed(result, tried),
            _known(result, whole_s),
        )
        if each
    )


def _counts(result: Backtest) -> str:
    came = t("1 alarm") if result.came == 1 else t("{n} alarms", n=result.came)
    return t("As it is {came}, as proposed {n}.", came=came, n=result.would_come)


def _removed(result: Backtest) -> str:
    if not result.came:
        return ""
    count = len(result.removed)
    if not count:
        return t("It leaves out none.")
    return t("It leaves out {n} of them ({part} %).", n=count, part=round(100 * count / result.came))


def _added(result: Backtest) -> str:
    count = len(result.added)
    return t("It adds none.") if not count else t("It adds {n} that did not come before.", n=count)


def _delayed(result: Backtest, tried: Limit) -> str:
    late = [seconds for _, seconds in result.delayed]
    kept = result.came - len(result.removed)
    if not late:
        return t("The {n} that stay come as early as before.", n=kept) if kept else ""
    said = t(
        "Of the {kept} that stay, {n} come later: by {mean} on average, {most} at most.",
        kept=kept,
        n=len(late),
        mean=formats.span(sum(late) / len(late)),
        most=formats.span(max(late)),
    )
    if tried.respond_s > 0 and max(late) > TENTH * tried.respond_s:
        respond = formats.span(tried.respond_s)
        said += " " + t("That is more than a tenth of the {respond} there are to respond.", respond=respond)
    return said


def _known(result: Backtest, whole_s: float) -> str:
    if result.known_s >= 0.995 * whole_s:
        return t("The value was known for all of {span}.", span=formats.span(whole_s))
    return t(
        "The value was known for {known} of {span}; of the rest nothing can be said.",
        known=formats.span(result.known_s),
        span=formats.span(whole_s),
    )
