"""The tree of areas beside the list: how many alarms each holds, and the worst of them. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from operator import add

from engine.types import Alarm
from hmi.alarms import Badge, is_waiting
from hmi.model import Model, ancestors

_WAITING, _SIZE = 5, 6


@dataclass(frozen=True, slots=True)
class Row:
    """One asset. ``badge`` = its alarms that are not set aside; ``waiting`` = how many of them wait."""

    path: str
    name: str
    depth: int
    has_children: bool
    is_open: bool
    badge: Badge | None
    waiting: int = 0


class RollUp:
    """Counts of alarms for every path above them, kept by what comes and goes."""

    def __init__(self) -> None:
        self._known: dict[int, Alarm] = {}
        self._counts: dict[str, list[int]] = {}

    def update(self, alarms: Mapping[int, Alarm]) -> bool:
        """Bring it up to date; whether anything differs."""
        known, by_asset = self._known, dict[str, list[int]]()
        changed = [each for each in alarms.values() if known.get(each.id) is not each]
        for alarm in changed:
            before = known.get(alarm.id)
            if before is not None:
                _add(by_asset, before, -1)
            known[alarm.id] = alarm
            _add(by_asset, alarm, 1)
        gone = known.keys() - alarms.keys() if len(known) != len(alarms) else ()
        for alarm_id in gone:
            _add(by_asset, known.pop(alarm_id), -1)
        # Many alarms share an asset, and many assets what is above them: each is gone through once.
        while by_asset:
            above: dict[str, list[int]] = {}
            for path, counts in by_asset.items():
                _sum(self._counts, path, counts)
                if path:
                    _sum(above, path.rpartition("/")[0], counts)
            by_asset = above
        return bool(changed or gone)

    def badge(self, path: str) -> Badge | None:
        """The worst priority at or below a path ("" = everywhere), and how many alarms; None = none."""
        counts = self._counts.get(path)
        worst = next((each for each in range(1, 5) if counts[each]), 0) if counts else 0
        return Badge(worst, sum(counts[1:5])) if counts and worst else None

    def waiting(self, path: str) -> int:
        """How many at or below a path wait to be acknowledged."""
        counts = self._counts.get(path)
        return counts[_WAITING] if counts else 0


def _sum(totals: dict[str, list[int]], path: str, counts: list[int]) -> None:
    total = totals.get(path)
    if total is None:
        totals[path] = list(counts)
    else:
        total[:] = map(add, total, counts)


def _add(by_asset: dict[str, list[int]], alarm: Alarm, by: int) -> None:
    if alarm.is_annunciated:
        counts = by_asset.setdefault(alarm.path.rpartition("/")[0], [0] * _SIZE)
        counts[alarm.priority] += by
        counts[_WAITING] += by * is_waiting(alarm)


def rows(model: Model, opened: AbstractSet[str], roll_up: RollUp, everything: str) -> tuple[Row, ...]:
    """The rows from top to bottom, the whole plant first under the name ``everything``."""
    found = [Row("", everything, 0, False, True, roll_up.badge(""), roll_up.waiting(""))]

    def walk(path: str, depth: int) -> None:
        asset = model.assets[path]
        is_open = bool(asset.children) and path in opened
        badge, waiting = roll_up.badge(path), roll_up.waiting(path)
        found.append(Row(path, asset.name, depth, bool(asset.children), is_open, badge, waiting))
        for child in asset.children if is_open else ():
            walk(child, depth + 1)

    for root in model.roots:
        if root:
            walk(root, 0)
    return tuple(found)


def first_open(model: Model) -> frozenset[str]:
    """What is open at first: areas, so that every unit can be seen."""
    return frozenset(path for path, asset in model.assets.items() if asset.level == "area")


def opened_to(model: Model, opened: AbstractSet[str], path: str) -> frozenset[str]:
    """Open, so that an asset has a row."""
    return frozenset(opened | {each for each in ancestors(path) if each != path and each in model.assets})
