"""The value of a pen at an instant in words. No Qt."""

from __future__ import annotations

from engine.types import Curve
from hmi import formats
from hmi.formats import t
from hmi.pens import Pen
from hmi.widgets import trend_lines as lines


def value_words(pen: Pen, curve: Curve, time_us: int, locale: str) -> str:
    """What a curve says at an instant; of a bucket its smallest and its largest value."""
    found = lines.value_at(curve, time_us)
    if found is None:
        return t("no data")
    low, high = found
    if pen.stepped:
        return formats.truth(high) if low == high else t("both")
    if pen.states:
        return formats.state(high, pen.states)
    text = formats.quantity(low, pen.decimals, pen.unit, locale)
    if low == high:
        return text
    return t(
        "{low} to {high}",
        low=formats.number(low, pen.decimals, locale),
        high=formats.quantity(high, pen.decimals, pen.unit, locale),
    )


def difference_words(
    pen: Pen, here: tuple[float, float] | None, there: tuple[float, float] | None, locale: str
) -> str:
    """How far one (low, high) is from another, with its sign; "" for a switch or a state."""
    if pen.stepped or pen.states:
        return ""
    if here is None or there is None:
        return formats.NO_VALUE
    # Of a bucket of several samples its middle is taken.
    by = (here[0] + here[1] - there[0] - there[1]) / 2
    text = formats.quantity(by, pen.decimals, pen.unit, locale)
    return f"+{text}" if by > 0 else text
