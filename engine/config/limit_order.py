"""Whether the limits of one tag lie in the order in which a value passes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from engine.config.findings import Findings, shown
from engine.types import Limit

ORDER = ("ll", "l", "h", "hh")
Set = tuple[Limit, float]
"""A limit and the number it is set to."""
Told = set[tuple[int, int, str]]


def check_order(limits: Iterable[Limit], findings: Findings) -> None:
    """Report limits out of order, trips between the others, and deadbands that never let an alarm end.

    Limits of one tag that bear names are compared with those of the same name. Two rows whose patterns
    meet in many tags are told once, with one of them.
    """
    by_path: dict[tuple[str, str], dict[str, Set]] = {}
    for limit in limits:
        if limit.limit is not None:
            own = by_path.setdefault((limit.path, limit.name), {})
            own.setdefault(limit.kind, (limit, limit.limit))
    told: Told = set()
    for own in by_path.values():
        ordered = [own[kind] for kind in ORDER if kind in own]
        for below, above in pairwise(ordered):
            _check_pair(below, above, told, findings)
        if "trip" in own and ordered:
            _check_trip(own["trip"], ordered, told, findings)
        _check_deadbands(own, told, findings)


def _check_pair(below: Set, above: Set, told: Told, findings: Findings) -> None:
    (low, low_at), (high, high_at) = below, above
    if low_at >= high_at:
        later = max(low, high, key=lambda limit: limit.line)
        text = (
            f"{low.kind} {low_at:g} (line {low.line}) is not below {high.kind} {high_at:g} "
            f"(line {high.line}) of {shown(later.path)}"
        )
        _once(later, text, (low.line, high.line, "order"), told, findings)


def _check_trip(trip: Set, others: Sequence[Set], told: Told, findings: Findings) -> None:
    values = [value for _, value in others]
    limit, at = trip
    if min(values) < at < max(values):
        text = (
            f"trip {at:g} of {shown(limit.path)} lies between its other limits: "
            "it stands above all of them or below all"
        )
        _once(limit, text, (limit.line, others[0][0].line, "trip"), told, findings)


def _check_deadbands(own: dict[str, Set], told: Told, findings: Findings) -> None:
    """A value must be able to leave a limit without running into the opposite one."""
    low, high = own.get("l") or own.get("ll"), own.get("h") or own.get("hh")
    if low is None or high is None or low[1] >= high[1]:
        return
    span = high[1] - low[1]
    for limit, _ in own.values():
        if limit.kind in ORDER and limit.deadband >= span:
            text = (
                f"deadband {limit.deadband:g} is not smaller than the {span:g} between {low[0].kind} and "
                f"{high[0].kind} of {shown(limit.path)}: the alarm could not end"
            )
            _once(limit, text, (limit.line, limit.line, limit.kind), told, findings)


def _once(limit: Limit, text: str, key: tuple[int, int, str], told: Told, findings: Findings) -> None:
    if key not in told:
        told.add(key)
        findings.error(limit.line, text)
