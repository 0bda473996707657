"""The figures of the pens in words. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.types import Curve, Snapshot
from hmi import formats, values
from hmi.formats import t
from hmi.model import Model
from hmi.pens import Pen
from hmi.widgets import trend_lines as lines
from hmi.widgets.trend_lines import Figures, Span

SECONDS_US, MINUTES_US = 10_000_000, 600_000_000
"""The end of a shorter window is told to the millisecond, and to the second."""


def statistics(
    pens: Sequence[Pen], curves: Mapping[int, Curve], span: Span | None, now_us: int
) -> dict[int, Figures]:
    """The statistics of every pen in the window, as far as it is past, by live position."""
    if span is None:
        return {}
    found = {
        pen.index: lines.figures(curves[pen.index], span.start_us, min(span.end_us, now_us))
        for pen in pens
        if pen.index in curves
    }
    return {index: each for index, each in found.items() if each is not None}


def over(span: Span | None, now_us: int, zone: str, *, live_us: int | None) -> str:
    """The time that the statistics are of, in words: ``last 10 min``, ``1 h to 20 Nov 14:03``.

    ``live_us`` = how much of the past a live window shows, None = it is paused.
    """
    if span is None:
        return ""
    if live_us is not None:
        return t("last {length}", length=lines.length_text(live_us))
    length = lines.length_text(span.end_us - span.start_us)
    if span.end_us - span.start_us < SECONDS_US:
        return t("{length} to {time}", length=length, time=formats.clock(span.end_us, zone) + _part(span))
    then, now = (formats.local(each, zone).date() for each in (span.end_us, now_us))
    clock = formats.clock(span.end_us, zone, seconds=span.end_us - span.start_us < MINUTES_US)
    # Without the weekday: a narrow column has no room for more.
    day = "" if then == now else f"{formats.day(then).partition(' ')[2]} "
    return t("{length} to {time}", length=length, time=f"{day}{clock}")


def _part(span: Span) -> str:
    return f".{span.end_us // 1000 % 1000:03d}"


def words(
    pen: Pen,
    model: Model,
    snapshot: Snapshot | None,
    known: Mapping[int, Figures],
    at_cursor: str,
    difference: str,
) -> tuple[str, ...]:
    """One row of the table: name, now, at the cursor, difference, smallest, mean, largest, last."""
    reading = values.reading(model.tags[pen.index], snapshot, pen.index, model.plant)
    now = f"{reading.value}{formats.THIN}{reading.unit}" if reading.unit else reading.value
    if reading.kind != "normal":
        now = t("{value} · {quality}", value=now, quality=reading.quality.split(":")[0].split(" · ")[0])
    figures = known.get(pen.index)
    if figures is None:
        return (pen.name, now, at_cursor, difference, *(formats.NO_VALUE,) * 4)
    locale = model.plant.locale
    if pen.stepped or pen.states:
        least, most, last = (
            values.value_text(model.tags[pen.index], each, model.plant)
            for each in (figures.least, figures.most, figures.last)
        )
        # Of a switch the mean is the part of the time in which it was on; of states there is none.
        mean = formats.quantity(figures.mean * 100, 0, "%", locale) if pen.stepped else formats.NO_VALUE
        return (pen.name, now, at_cursor, difference, least, mean, most, last)
    told = (
        formats.quantity(each, pen.decimals, pen.unit, locale)
        for each in (figures.least, figures.mean, figures.most, figures.last)
    )
    return (pen.name, now, at_cursor, difference, *told)
