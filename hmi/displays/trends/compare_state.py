"""Another stretch of time laid over the one on show: which one, how far away, and in words. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from engine.types import Curve
from hmi import formats
from hmi.displays.trends import stretch_state
from hmi.formats import t
from hmi.history import part_of
from hmi.pens import Pen
from hmi.widgets import trend_lines as lines
from hmi.widgets.trend_lines import Span
from hmi.widgets.trend_selection import Stretch

SECOND_US, DAY_US = 1_000_000, 86_400_000_000
RUNS = 12
"""So many windows back the run before is looked for."""


@dataclass(frozen=True, slots=True)
class Compare:
    """Beside every instant of the window stands what was ``by_us`` before it.

    ``name`` = what the other period is. ``only`` = the stretch of the window in which it is drawn, None =
    all of it. ``path`` = the tag of the one pen that is compared, "" = all are.
    """

    by_us: int
    name: str
    only: Stretch | None = None
    path: str = ""


def days_before(time_us: int, days: int, zone: str) -> int:
    """How far back the same time of day was so many days before, over a change of the clock as well."""
    here = formats.local(time_us, zone)
    then = (here.replace(tzinfo=None) - timedelta(days=days)).replace(tzinfo=here.tzinfo)
    return time_us - _utc_us(then)


def _utc_us(when: datetime) -> int:
    return round(when.timestamp() * 1e6)


def written(text: str, zone: str) -> int | None:
    """A start as a person types it, ``2026-11-21 13:02`` or with seconds, at the plant; None = it is none."""
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"):
        try:
            found = datetime.strptime(" ".join(text.split()), form)
            return _utc_us(found.replace(tzinfo=formats.zone(zone)))
        except (ValueError, OverflowError, OSError):
            continue
    return None


def typed(time_us: int, zone: str) -> str:
    """An instant in the form that `written` reads."""
    return f"{formats.local(time_us, zone):%Y-%m-%d %H:%M:%S}"


def beside(curve: Curve, compare: Compare) -> Curve:
    """The curve of the other period, at the times of the window."""
    moved = Curve(curve.time_us + compare.by_us, curve.low, curve.high, curve.uncertain)
    if compare.only is None:
        return moved
    first, last = np.searchsorted(moved.time_us, compare.only).tolist()
    return part_of(moved, slice(max(0, first - 1), last + 1))


def legend(compare: Compare, span: Span, now_us: int, zone: str) -> tuple[str, str]:
    """When the window is, and when the other period is, in words."""
    here = compare.only or (span.start_us, min(span.end_us, max(now_us, span.start_us + 1)))
    there = here[0] - compare.by_us, here[1] - compare.by_us
    return (
        stretch_state.when(here, now_us, zone),
        t("{when} · {name}", when=stretch_state.when(there, now_us, zone), name=compare.name),
    )


def aligners(pens: Sequence[Pen]) -> tuple[Pen, ...]:
    """The pens whose rising edge can begin a run: switches and states."""
    return tuple(pen for pen in pens if pen.stepped or pen.states)


def rising(curve: Curve, least: float = 0.0) -> list[int]:
    """UTC microseconds at which a switch went on, or a state left its ``least`` number. A gap is no edge."""
    known = np.isfinite(curve.low)
    up = (curve.high > least + 0.5) & known
    # Of a column in which it was both, it rose there if it was not on at the end of the one before.
    on = up.copy()
    edge = on[1:] & known[:-1] & ((curve.low[:-1] <= least + 0.5) & ~_ends_on(curve, least)[:-1])
    return curve.time_us[1:][edge].tolist()


def _ends_on(curve: Curve, least: float) -> np.ndarray:
    """Of a column that held both: whether the next one goes on as on without an edge of its own."""
    both = (curve.low <= least + 0.5) & (curve.high > least + 0.5)
    after = np.append(curve.low[1:] > least + 0.5, False)
    return both & after


def run_before(edges: Sequence[int], at_us: int) -> int | None:
    """How far back the run before the one at an instant began; None = there are not two."""
    before = [each for each in edges if each <= at_us]
    return before[-1] - before[-2] if len(before) > 1 else None


def length(by_us: int) -> str:
    """How far back, in words."""
    return lines.length_text(by_us)
