"""SKAB, a real rig with a pump and two valves: the first 400 rows of each run are normal, the rest is scored.

Any folder of the same layout: ``*/*.csv.gz`` or ``.csv``, separated by ``;``, a column ``datetime``, sensors,
``anomaly`` and maybe ``changepoint``. Settings: ``presets.WARMING``, margin chosen on other/* alone.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.prediction.normal import State, begin, learn, score
from engine.prediction.onset import runs
from engine.prediction.presets import WARMING
from engine.prediction.sound import NotLearned
from tests.bench.prediction.counts import Counts, counted, pooled
from tests.bench.prediction.scored import Row, Scored

TRAINING_ROWS = 400
LABELS = ("anomaly", "changepoint")


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """One file: time as text, sensors float64[n, tags], is it abnormal bool[n]."""

    name: str
    time: tuple[str, ...]
    tags: tuple[str, ...]
    values: NDArray[np.float64]
    truth: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What came of one run: counts, and rows (about seconds) to the first alarm; None = nothing to find,
    infinite = not found."""

    name: str
    counts: Counts
    delay: float | None


def run(data: Path) -> Scored:
    """Scores of every run below ``data``, and F1, FAR, MAR pooled."""
    rows: list[Row] = []
    told: list[Told] = []
    skipped: list[str] = []
    for path in _files(data):
        try:
            each = read(path, data)
            ratios, alarm = scored(each)
        except (NotLearned, ValueError, KeyError) as error:
            skipped.append(f"left out {path.relative_to(data)}: {error}")
            continue
        rows += [
            Row(each.name, time, score=float(ratio))
            for time, ratio in zip(each.time[TRAINING_ROWS:], ratios, strict=True)
        ]
        told.append(_told(each, alarm))
    if not told:
        raise ValueError("; ".join(skipped) or "folders with *.csv or *.csv.gz are expected")
    return Scored(rows, [*_summary(told), *skipped])


def _files(data: Path) -> list[Path]:
    """The runs with anomalies: SKAB's own split keeps the anomaly-free run apart."""
    found = [*data.rglob("*.csv"), *data.rglob("*.csv.gz")]
    return sorted(path for path in found if path.parent.name != "anomaly-free")


def read(path: Path, data: Path) -> Run:
    """One file; raises ValueError when it is no SKAB run."""
    opened = gzip.open(path, "rt") if path.suffix == ".gz" else path.open()
    with opened as file:
        lines = list(csv.DictReader(file, delimiter=";"))
    if not lines or "anomaly" not in lines[0] or "datetime" not in lines[0]:
        raise ValueError("no columns datetime and anomaly, separated by ;")
    tags = tuple(name for name in lines[0] if name not in {"datetime", *LABELS})
    values = np.array([[_number(line[tag]) for tag in tags] for line in lines])
    truth = np.array([_number(line["anomaly"]) > 0 for line in lines])
    name = f"{path.parent.name}/{path.name.split('.')[0]}"
    return Run(name, tuple(line["datetime"] for line in lines), tags, values, truth)


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return float("nan")


def scored(each: Run) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Score over limit of the rows after the training rows, and whether they alarm."""
    normal = learn(each.values[:TRAINING_ROWS], each.tags, WARMING.settings)
    # Smoothing goes on from the last normal row as live does; the centre from where learning left it.
    _, warm = score(normal, begin(normal), each.values[:TRAINING_ROWS])
    found, _ = score(normal, State(warm.smoothed, normal.start), each.values[TRAINING_ROWS:])
    ratios = found / normal.limit
    alarm, _ = runs(ratios, np.arange(1, len(ratios) + 1), WARMING.rule)
    return ratios, alarm


def _told(each: Run, alarm: NDArray[np.bool_]) -> Told:
    truth = each.truth[TRAINING_ROWS:]
    if not truth.any():
        return Told(each.name, counted(alarm, truth), None)
    first = int(np.argmax(truth))
    found = np.flatnonzero(alarm & truth)
    return Told(each.name, counted(alarm, truth), float(found[0] - first) if len(found) else np.inf)


def _summary(told: Sequence[Told]) -> list[str]:
    lines = [f"SKAB: {len(told)} runs, EWMA-Mahalanobis, limit held back, centre following over 100 rows"]
    groups = {
        "other (margin chosen here)": [each for each in told if each.name.startswith("other/")],
        "valve1 + valve2 (not used for choosing)": [each for each in told if each.name.startswith("valve")],
        "all": list(told),
    }
    return lines + [_line(name, group) for name, group in groups.items() if group]


def _line(name: str, group: Sequence[Told]) -> str:
    total = pooled([each.counts for each in group])
    delays = [each.delay for each in group if each.delay is not None]
    low, high = _interval([each.counts for each in group])
    missed = sum(1 for delay in delays if not np.isfinite(delay))
    median = f"{np.median(delays):.0f} rows" if delays else "none to find"
    return (
        f"{name}: F1 {total.f1:.3f} (95 % of resampled runs {low:.2f} to {high:.2f}; an alarm that is always "
        f"on scores F1 {total.always_on_f1:.2f}), FAR {total.far:.1f} %, MAR {total.mar:.1f} %, median delay "
        f"{median}, missed {missed} of {len(delays)}"
    )


def _interval(counts: Sequence[Counts]) -> tuple[float, float]:
    """F1 when the runs are drawn again: they, not their rows, are what is independent."""
    random = np.random.default_rng(9)
    drawn = random.integers(0, len(counts), (1000, len(counts)))
    found = [pooled([counts[at] for at in each]).f1 for each in drawn]
    low, high = np.quantile(found, (0.025, 0.975))
    return float(low), float(high)
