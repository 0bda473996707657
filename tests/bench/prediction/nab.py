"""NAB machine temperature, replayed as live would see it: samples in, buckets closed, one score each.

Any folder with ``*.csv`` or ``*.csv.gz`` of ``timestamp,value`` and ``labels.json`` (``labels``, the last one
the failure; ``windows``). Learned from the first seven days; watched with the centre as learned and with the
centre re-baselined over 14 days.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.prediction import normal, onset
from engine.prediction.buckets import Filling, Intake
from engine.prediction.presets import SLOW, SLOW_FOLLOWING, Preset
from engine.types import Batch
from tests.bench.prediction.scored import Row, Scored

HOUR_US = 3_600_000_000
LEARNED_US = 7 * 24 * HOUR_US
TAG = 1
AHEAD_H = 48.0
"""An alarm is about the failure when it began at most so long before it."""


@dataclass(frozen=True, slots=True)
class Episode:
    """From the alarm to its end; ``since_us`` = the estimate of when it began to be abnormal."""

    found_us: int
    since_us: int
    ended_us: int


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """Ends of the buckets, score over limit of each, and the episodes."""

    time_us: NDArray[np.int64]
    ratios: NDArray[np.float64]
    episodes: tuple[Episode, ...]


def run(data: Path) -> Scored:
    """The replay with both presets; scores.csv holds that of the centre as learned."""
    paths = sorted([*data.glob("*.csv"), *data.glob("*.csv.gz")])
    if not paths or not (data / "labels.json").is_file():
        raise ValueError("a *.csv or *.csv.gz and labels.json are expected")
    labels = json.loads((data / "labels.json").read_text())
    failure_us = _us(labels["labels"][-1])
    windows = [(_us(first), _us(last)) for first, last in labels["windows"][:-1]]
    time_us, value = read(paths[0])
    buckets = tuple(replay(time_us, value, SLOW.row_s))
    fixed, followed = (watched(buckets, preset) for preset in (SLOW, SLOW_FOLLOWING))
    rows: list[Row] = [
        Row("machine", _text(int(at)), score=float(ratio))
        for at, ratio in zip(fixed.time_us, fixed.ratios, strict=True)
    ]
    return Scored(
        rows,
        [
            f"NAB machine temperature: {len(value)} samples, {len(buckets)} of {SLOW.row_s / 60:.0f} min",
            told("centre as learned", fixed, failure_us, windows),
            told("centre re-baselined over 14 d", followed, failure_us, windows),
            "an alarm that is always on has the failure too, at any lead: count the episodes",
        ],
    )


def read(path: Path) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """UTC microseconds and values in order of time; of samples with the same stamp the last one."""
    opened = gzip.open(path, "rt") if path.suffix == ".gz" else path.open()
    with opened as file:
        lines = csv.DictReader(file)
        if not {"timestamp", "value"} <= set(lines.fieldnames or ()):
            raise ValueError(f"{path.name} has no columns timestamp and value, separated by commas")
        found = {_us(line["timestamp"]): float(line["value"]) for line in lines}
    if not found:
        raise ValueError(f"{path.name} has no rows")
    time_us = np.array(sorted(found), np.int64)
    return time_us, np.array([found[int(at)] for at in time_us])


def replay(
    time_us: NDArray[np.int64], value: NDArray[np.float64], row_s: float
) -> Iterator[tuple[int, float]]:
    """End and mean of every bucket, each closed when live would have closed it: its last sample is in, and
    the time for late ones is over."""
    bucket_us = int(row_s * 1e6)
    intake = Intake(np.array([TAG], np.int32), int(time_us[0]))
    filling = Filling(np.array([0]), bucket_us, intake.slot_us)
    for at, sample in zip(time_us, value, strict=True):
        now_us = int(at)
        for start_us, means, _ in filling.add(intake.close(intake.due_us(now_us))):
            yield start_us + bucket_us, float(means[0])
        intake.append(_batch(now_us, float(sample)))


def _batch(at_us: int, value: float) -> Batch:
    time = np.array([at_us], np.int64)
    quality = np.zeros((1, 1), np.uint32)
    return Batch("nab", np.array([TAG], np.int32), time, time, np.array([[value]]), quality)


def watched(buckets: Sequence[tuple[int, float]], preset: Preset) -> Watched:
    """One score a bucket, one after another, once the first seven days are learned."""
    begin_us = buckets[0][0] + LEARNED_US
    learning = np.array([[mean] for end_us, mean in buckets if end_us < begin_us])
    learned = normal.learn(learning, ("temperature",), preset.settings)
    state, run_of, episodes = normal.begin(learned), onset.quiet(1), list[Episode]()
    ends, ratios, found_us, since_us = list[int](), list[float](), 0, 0
    for end_us, mean in (each for each in buckets if each[0] >= begin_us):
        found, state = normal.score(learned, state, [[mean]])
        ratio = found / learned.limit
        run_of = onset.after(run_of, ratio, end_us, preset.rule)
        now_since = int(run_of.since_us[0])
        if now_since and not since_us:
            found_us = end_us
        elif since_us and not now_since:
            episodes.append(Episode(found_us, since_us, end_us))
        since_us = now_since
        ends.append(end_us)
        ratios.append(float(ratio[0]))
    if since_us:
        episodes.append(Episode(found_us, since_us, ends[-1]))
    return Watched(np.array(ends, np.int64), np.array(ratios), tuple(episodes))


def of_failure(found: Watched, failure_us: int) -> Episode | None:
    """The episode that was open when the machine failed, if it began in the 48 h before."""
    for each in found.episodes:
        if each.found_us <= failure_us <= each.ended_us and failure_us - each.found_us <= AHEAD_H * HOUR_US:
            return each
    return None


def told(what: str, found: Watched, failure_us: int, windows: Sequence[tuple[int, int]]) -> str:
    """Lead on the failure, and the other episodes; those in a labelled window are named."""
    hit = of_failure(found, failure_us)
    others = [each for each in found.episodes if each is not hit]
    labelled = [each for each in others if _is_in(each, windows)]
    days = (found.time_us[-1] - found.time_us[0]) / (24 * HOUR_US)
    lead = (
        f"alarm {(failure_us - hit.found_us) / HOUR_US:.1f} h before the failure, dated back to "
        f"{(failure_us - hit.since_us) / HOUR_US:.1f} h before it"
        if hit
        else "the failure was NOT alarmed in the 48 h before it"
    )
    return (
        f"{what}: {lead}; {len(others)} other episodes in {days:.0f} days, {len(labelled)} of them labelled"
    )


def _is_in(each: Episode, windows: Sequence[tuple[int, int]]) -> bool:
    return any(each.found_us <= last and each.ended_us >= first for first, last in windows)


def _us(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1e6)


def _text(time_us: int) -> str:
    return datetime.fromtimestamp(time_us / 1e6, UTC).isoformat().replace("+00:00", "Z")
