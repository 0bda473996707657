"""The tables of the Performance page, the same on screen and on paper. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from engine.types import Actor, Alarm, Stood
from hmi import alarms, formats
from hmi.displays.alarms.page import Subject
from hmi.displays.alarms.performance import state
from hmi.displays.alarms.performance.hours import day_rows, hour_rows
from hmi.displays.alarms.performance.state import Figures
from hmi.formats import t
from hmi.model import Model

Name = Literal["rates", "split", "actors", "chattering", "stale", "floods", "peaks"]
Cells = tuple[str, ...]
SHARES = tuple(f"share of priority {k}" for k in (1, 2, 3, 4))
TENTH_US = 600_000_000
MOST_HOURS = 200


@dataclass(frozen=True, slots=True)
class Listing:
    """A table: its title, what stands under it, heads, and how a row is made of the ``k``-th of ``count``.

    ``calm`` = what is said where there is no row. ``subject`` says what a row is about.
    """

    title: str
    words: str
    heads: Cells
    count: int
    row: Callable[[int], Cells]
    subject: Callable[[int], Subject] | None = None
    calm: str = ""

    def rows(self, most: int | None = None) -> tuple[Cells, ...]:
        """The first ``most`` rows, None = all."""
        return tuple(self.row(k) for k in range(self.count if most is None else min(most, self.count)))


def listing(name: Name, figures: Figures, model: Model) -> Listing:
    """One of the tables."""
    return _MAKERS[name](figures, model)


def rates_of(figures: Figures, name: Name) -> list[Any]:
    """The figures in ``rates`` or in ``split``, in their order."""
    wanted = name == "split"
    return [rate for rate in figures.metrics.rates if (rate.name in SHARES) == wanted]


def _rates(figures: Figures, model: Model) -> Listing:
    rates = rates_of(figures, "rates")
    return Listing(
        t("Figures and targets"),
        t("Targets of ISA-18.2-2016, IEC 62682 and EEMUA 191, for one operator"),
        (t("Figure"), t("Value"), t("Target"), t("Maximum"), t("Where it stands")),
        len(rates),
        lambda k: _rate_row(figures, rates[k]),
    )


def _split(figures: Figures, model: Model) -> Listing:
    rates = rates_of(figures, "split")
    return Listing(
        t("Priorities of the alarms that came"),
        t("Target: 80, 15, 5 and under 1 %") if len(rates) > 3 else t("Target: 80, 15 and 5 %"),
        (t("Priority"), t("Share"), t("Target"), t("Where it stands")),
        len(rates),
        lambda k: (lambda row: (*row[:3], row[4]))(_rate_row(figures, rates[k])),
    )


def _rate_row(figures: Figures, rate: Any) -> Cells:
    verdict = state.verdict(rate, figures.metrics.is_judged)
    return (
        t(state.NAMES.get(rate.name, rate.name)),
        state.value_text(rate, figures.locale),
        state.limit_text(rate, rate.target, figures.locale),
        state.limit_text(rate, rate.most, figures.locale),
        t(state.VERDICTS[verdict]),
    )


def _actors(figures: Figures, model: Model) -> Listing:
    actors = figures.metrics.actors
    return Listing(
        t("Most frequent alarms"),
        t("How much of all alarms the ten most frequent are, and how often they came in bursts"),
        (t("#"), t("Alarm"), t("Where"), t("Came"), t("Share"), t("Together"), t("In bursts")),
        len(actors),
        lambda k: (
            *_head(k, actors[k], model),
            _whole(actors[k].count, figures),
            _percent(actors[k].share, figures),
            _percent(sum(each.share for each in actors[: k + 1]), figures),
            _whole(actors[k].chattering, figures),
        ),
        lambda k: _of_alarm(actors[k], figures),
        t("No alarm called for the operator in this time."),
    )


def _chattering(figures: Figures, model: Model) -> Listing:
    actors = figures.metrics.chattering
    often = model.alarm_settings.chatter_per_min
    return Listing(
        t("Chattering alarms"),
        t("Came at least {n} times within a minute", n=often),
        (t("#"), t("Alarm"), t("Where"), t("Came"), t("In bursts")),
        len(actors),
        lambda k: (
            *_head(k, actors[k], model),
            _whole(actors[k].count, figures),
            _whole(actors[k].chattering, figures),
        ),
        lambda k: _of_alarm(actors[k], figures),
        t("No alarm chattered."),
    )


def _stale(figures: Figures, model: Model) -> Listing:
    stood = figures.metrics.stood
    length = formats.span(model.alarm_settings.stale_s)
    return Listing(
        t("Stale alarms"),
        t("Stood for more than {span} at a time, the longest first", span=length),
        (t("#"), t("Alarm"), t("Where"), t("Since"), t("Stood for"), t("Ended")),
        len(stood),
        lambda k: (*_head(k, stood[k], model), *_stood_cells(stood[k], figures)),
        lambda k: _of_alarm(stood[k], figures),
        t("No alarm stood that long."),
    )


def _stood_cells(stood: Stood, figures: Figures) -> Cells:
    ended = t("still stood") if stood.is_open else state.when(stood.end_us, figures.zone)
    return state.when(stood.begin_us, figures.zone), _length(stood.end_us - stood.begin_us), ended


def _floods(figures: Figures, model: Model) -> Listing:
    found = figures.metrics
    # The newest first: that is the one people remember.
    rows = list(zip(found.floods, (*found.flood_peaks, *[0] * len(found.floods)), strict=False))[::-1]
    starts, ends = model.alarm_settings.flood_starts, model.alarm_settings.flood_ends
    return Listing(
        t("Floods"),
        t("From more than {n} alarms in 10 minutes until fewer than {m}", n=starts, m=ends),
        (t("#"), t("Began"), t("Lasted"), t("Alarms"), t("Worst 10 min")),
        len(rows),
        lambda k: (
            str(k + 1),
            state.when(rows[k][0][0], figures.zone),
            _length(rows[k][0][1] - rows[k][0][0]),
            _whole(rows[k][0][2], figures),
            _whole(rows[k][1], figures),
        ),
        # What led to it lies in the 10 minutes before it was called one.
        lambda k: Subject(start_us=rows[k][0][0] - TENTH_US, end_us=rows[k][0][1]),
        t("There was no flood."),
    )


def _peaks(figures: Figures, model: Model) -> Listing:
    peaks = figures.metrics.peaks
    return Listing(
        t("Worst 10 minutes"),
        t("The ten worst that do not overlap"),
        (t("#"), t("Began"), t("Alarms")),
        len(peaks),
        lambda k: (str(k + 1), state.when(peaks[k][0], figures.zone), _whole(peaks[k][1], figures)),
        lambda k: Subject(start_us=peaks[k][0], end_us=peaks[k][0] + TENTH_US),
        t("No alarm called for the operator in this time."),
    )


_MAKERS: dict[Name, Callable[[Figures, Model], Listing]] = {
    "rates": _rates,
    "split": _split,
    "actors": _actors,
    "chattering": _chattering,
    "stale": _stale,
    "floods": _floods,
    "peaks": _peaks,
}
ORDER: tuple[Name, ...] = tuple(_MAKERS)


def _head(place: int, each: Actor | Stood, model: Model) -> Cells:
    alarm = Alarm(each.path, each.kind, 4, False, 0, 0, message=each.message)
    words = alarms.message(alarm) if each.path or each.message else t("alarm {n}", n=each.alarm)
    return str(place + 1), words, alarms.where(model, alarm)


def _of_alarm(each: Actor | Stood, figures: Figures) -> Subject:
    span = figures.metrics.start_us, figures.metrics.end_us
    if isinstance(each, Stood):
        span = min(span[0], each.begin_us), span[1]
    return Subject(each.alarm, each.path, each.kind, each.name, *span, message=each.message)


def _whole(count: int, figures: Figures) -> str:
    return formats.number(count, 0, figures.locale)


def _percent(share: float, figures: Figures) -> str:
    return formats.quantity(100 * share, 1, "%", figures.locale)


def _length(length_us: int) -> str:
    """A length of time of two units where one is too coarse: ``3 days 4 h``, ``12 min``."""
    minutes = length_us // 60_000_000
    if minutes < 60:
        return formats.span(length_us / 1e6)
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return t("{h} h {m} min", h=hours, m=minutes) if minutes else t("{h} h", h=hours)
    days, hours = divmod(hours, 24)
    return t("{d} days {h} h", d=days, h=hours) if hours else t("{d} days", d=days)


def hours(figures: Figures) -> Listing:
    """The strip as a table: every hour as a row, of a long time every day."""
    if len(figures.metrics.hourly) <= MOST_HOURS:
        return Listing(
            t("Alarms in each hour"),
            "",
            (t("Hour"), t("Alarms"), t("Engine ran")),
            len(figures.metrics.hourly),
            lambda k: hour_rows(figures, k, k + 1)[0],
        )
    rows = day_rows(figures)
    return Listing(
        t("Alarms in each day"),
        t("The hours are in the CSV file"),
        (t("Day"), t("Alarms"), t("Most in an hour"), t("Engine ran")),
        len(rows),
        lambda k: rows[k],
    )
