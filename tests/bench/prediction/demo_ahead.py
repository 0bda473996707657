"""How often a tag that was said to be on its way to a limit reached it, on lines of the demo plant.

    python -m tests.bench.prediction.demo_ahead --lines 6 --days 14

The engine's own forecast and its own rules, a look every ten minutes, over rows of ten minutes, at the tags
with limits of the assets that can fail. Without an alert = a row is beyond a limit that nothing was said of.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.app.foresight_crossings import AHEAD_US, ROW_US, SEEN, crossable, heading_of
from engine.app.project import load
from engine.paths import resources
from engine.prediction.crossings import HOUR_US, UP, Approach, Crossings, Key, Stand, key_of
from engine.types import Limit
from tests.bench.prediction.demo_fleet import KINDS, Line, lived, means_of

WARM = 3 * 144
"""Rows before the first look."""
ROWS = round(SEEN * AHEAD_US / ROW_US)


class Nowhere:
    """Keeps nothing: what there is stays in memory."""

    def approaches(self) -> list[Approach]:
        return []

    def keep_approaches(self, approaches: Iterable[Approach]) -> None:
        pass


def followed(
    path: str, rows: NDArray[np.float64], limits: Sequence[Limit]
) -> tuple[list[Approach], list[Key]]:
    """The alerts of one tag over its rows, and the limits it reached without one."""
    ended, missed = dict[int, Approach](), list[Key]()
    crossings = Crossings(Nowhere(), lambda body: None, 2100.0)
    was = frozenset[Key]()
    for at in range(WARM, len(rows)):
        now_us, value = (at + 1) * ROW_US, rows[at]
        active = frozenset(
            key_of(each)
            for each in limits
            if each.limit is not None and (value >= each.limit if each.kind in UP else value <= each.limit)
        )
        warned = crossings.limit_of(path)
        missed += [key for key in active - was if warned is None or key_of(warned) != key]
        was, stand = active, Stand(active=active)
        crossings.step(now_us, {path: stand})
        warned = crossings.limit_of(path)
        free = [each for each in limits if key_of(each) not in active]
        seen = rows[max(0, at + 1 - ROWS) : at + 1]
        padded = np.concatenate([np.full(ROWS - len(seen), np.nan), seen])
        heading = heading_of(path, now_us, padded, free if warned is None else [warned])
        crossings.looked(path, heading, stand, now_us)
        crossings.step(now_us, {path: stand})
        ended |= {each.id: each for each in crossings.newest()}
    return list(ended.values()), missed


def line_of(seed: int, days: float, limits: Mapping[str, Sequence[Limit]], *, is_healthy: bool) -> Line:
    """A line in rows of ten minutes, so long that all of them can be looked at."""
    conditions, failed = lived(seed, days, is_healthy=is_healthy)
    means = means_of(conditions, list(limits), days, ROW_US / 1e6)
    return Line(seed, conditions, means, failed)


def told(lines: int, days: float, *, is_healthy: bool) -> str:
    """What came of the alerts of so many lines, in a line."""
    project = load(resources() / "demo" / "framing")
    assets = tuple(f"{asset}/" for kind in KINDS for asset in kind.assets)
    limits = {path: own for path, own in crossable(project.limits).items() if path.startswith(assets)}
    found, missed = list[Approach](), 0
    for seed in range(500, 500 + lines):
        line = line_of(seed, days, limits, is_healthy=is_healthy)
        for path, rows in line.means.items():
            alerts, left = followed(path, rows.astype(np.float64), limits[path])
            found += alerts
            missed += len(left)
    reached = [each for each in found if each.outcome == "reached"]
    leads = [(each.ended_us - each.begun_us) / HOUR_US for each in reached]
    inside = [
        each.ended_us >= (each.earliest_us or 0) and each.ended_us <= (each.latest_us or 2**62)
        for each in reached
    ]
    wrong = sum(each.outcome == "not reached" for each in found)
    months = lines * (days - 3) / 30.4375
    what = "nothing fails" if is_healthy else "faults"
    return (
        f"{lines} lines of {days:g} days, {len(limits)} tags, {what}: {len(reached)} alerts reached their "
        f"limit, {wrong} did not ({wrong / months:.2g} a line and month), {missed} times without one; "
        f"lead median {np.median(leads) if leads else float('nan'):.1f} h; "
        f"inside the interval said first {np.mean(inside) if inside else float('nan'):.0%}"
    )


def main() -> None:
    """Print it, with faults and without."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--lines", type=int, default=6)
    words.add_argument("--days", type=float, default=14.0)
    given = words.parse_args()
    for is_healthy in (False, True):
        print(told(given.lines, given.days, is_healthy=is_healthy), flush=True)


if __name__ == "__main__":
    main()
