"""The figures of a soak: a table for people, a file of JSON for comparison."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import psutil

from engine import paths
from engine.testing.soak.judge import Verdict
from engine.testing.soak.probe import Growth
from engine.testing.soak.schedule import NOT_STRUCK, Strike


class Machine(msgspec.Struct, frozen=True):
    """Where it ran."""

    system: str
    processor: str
    cores: int
    memory_gb: float
    python: str
    watchroom: str


class Spread(msgspec.Struct, frozen=True):
    """How something was spread over ``count`` times; None where it never happened."""

    count: int
    p50: float | None = None
    p99: float | None = None
    most: float | None = None


class Figures(msgspec.Struct, frozen=True):
    """All of a soak. Seconds, milliseconds and megabytes as the names say; ``broken`` in sentences."""

    seed: int
    plant: str
    started: str
    minutes: float
    every_s: float
    kill_every_s: float
    machine: Machine
    strikes: tuple[Strike, ...]
    availability: float
    data_availability: float
    calm_availability: float
    engine_recovery_s: Spread
    link_recovery_s: dict[str, Spread]
    verdict: Verdict
    looks: int
    held: int
    starved: int
    waiting_max: int
    lag_ms_max: float
    history_lost: int
    dropped: int
    samples_s: float
    engine: Growth
    window: Growth | None
    stall_ms: Spread | None
    stall_floor_ms: Spread
    questions_ms: dict[str, Spread]
    refused: int
    troubles: tuple[str, ...]
    broken: tuple[str, ...]
    not_struck: dict[str, str] = msgspec.field(default_factory=lambda: dict(NOT_STRUCK))


def machine() -> Machine:
    """This one."""
    return Machine(
        system=platform.platform(),
        processor=platform.processor() or platform.machine(),
        cores=os.cpu_count() or 0,
        memory_gb=round(psutil.virtual_memory().total / 1e9, 1),
        python=platform.python_version(),
        watchroom=paths.version(),
    )


def spread(values: Sequence[float]) -> Spread:
    """p50, p99 and the most of some values."""
    if not values:
        return Spread(0)
    p50, p99 = np.percentile(np.array(values), [50, 99]).tolist()
    return Spread(len(values), round(p50, 3), round(p99, 3), round(max(values), 3))


def merged(verdicts: Sequence[Verdict]) -> Verdict:
    """The sum of what was found in several stretches."""
    total = Verdict(window_ms=[], broken=[])
    for verdict in verdicts:
        for name in Verdict.__struct_fields__:
            setattr(total, name, getattr(total, name) + getattr(verdict, name))
    if verdicts:
        total.span = verdicts[0].span[0], verdicts[-1].span[1]
    return total


def table(found: Figures) -> list[str]:
    """The figures in lines."""
    rows = [*_of_truth(found), *_of_time(found), *_of_use(found)]
    lines = [f"  {name:<38}{text}" for name, text in rows]
    for trouble in found.troubles:
        lines.append(f"  noticed: {trouble}")
    for what, why in found.not_struck.items():
        lines.append(f"  not struck: {what} ({why})")
    return lines


def _of_truth(found: Figures) -> list[tuple[str, str]]:
    verdict = found.verdict
    bound = f", below {300 / verdict.offered:.2g} % at 95 %" if verdict.offered and not verdict.lost else ""
    windows = spread(verdict.window_ms)
    return [
        ("I1 samples offered / lost in silence", f"{verdict.offered} / {verdict.lost}{bound}"),
        (
            "   stored / thinned / in gaps / edge",
            f"{verdict.stored} / {verdict.thinned} / {verdict.explained} / {verdict.edge}",
        ),
        ("   wrong value / stored twice", f"{verdict.wrong} / {verdict.doubled}"),
        ("   shown live / of these lost", f"{verdict.seen} / {verdict.seen_lost}"),
        ("   not yet on disk at a kill", f"{verdict.unacknowledged}, before it: {_ms(windows)}"),
        ("I2 untold silences / known gaps", f"{verdict.silences} / {verdict.gaps}"),
        ("   by the engine's own accounting", f"{verdict.unaccounted} of {verdict.expected} unexplained"),
        ("I4 good values held to the truth", f"{found.held} in {found.looks} looks, starved {found.starved}"),
    ]


def _of_time(found: Figures) -> list[tuple[str, str]]:
    rows = [
        ("availability of view and alarms", f"{found.availability:.5%}"),
        (
            "good data / of sources left alone",
            f"{found.data_availability:.3%} / {found.calm_availability:.3%}",
        ),
        ("engine killed to all good again", _s(found.engine_recovery_s)),
    ]
    rows += [(f"good again after {kind}", _s(each)) for kind, each in sorted(found.link_recovery_s.items())]
    rows += [(f"{what} beside", _ms(each)) for what, each in sorted(found.questions_ms.items())]
    if found.stall_ms is not None:
        rows.append(("window: lateness of 20 ms ticks", _ms(found.stall_ms)))
    return [*rows, ("a bare thread's lateness, meanwhile", _ms(found.stall_floor_ms))]


def _of_use(found: Figures) -> list[tuple[str, str]]:
    rows = [
        ("history", f"{found.samples_s:.0f} samples/s, {found.history_lost} lost, {found.dropped} dropped"),
        ("   waiting for the disk at most", f"{found.waiting_max} samples, {found.lag_ms_max:.0f} ms"),
    ]
    processes: Mapping[str, Growth | None] = {"engine": found.engine, "window": found.window}
    for name, growth in processes.items():
        if growth is None:
            continue
        rows.append((f"{name} memory (USS)", f"{growth.rss_mb_max:.0f} MB at most; {_slope(growth)}"))
        fds = f"{growth.fds_max} at most, {growth.fds_more:+d} in a life"
        threads = f"{growth.threads_max} at most, {growth.threads_more:+d}"
        rows.append((f"{name} descriptors; threads", f"{fds}; {threads}"))
        rows.append((f"{name} processor", f"{growth.cpu_pct:.0f} % of one core, {growth.lives} lives"))
    return rows


def _slope(growth: Growth) -> str:
    if growth.mb_h is None or growth.mb_h_but_tail is None:
        return "no life was long enough for a slope"
    return (
        f"{growth.mb_h:+.1f} MB/h, {growth.mb_h_but_tail:+.1f} without samples to be packed "
        f"({growth.warm_s / 60:.0f} min)"
    )


def _s(found: Spread) -> str:
    return "-" if not found.count else f"p50 {found.p50:.1f}  max {found.most:.1f} s  (N = {found.count})"


def _ms(found: Spread) -> str:
    if not found.count:
        return "-"
    return f"p50 {found.p50:.0f}  p99 {found.p99:.0f}  max {found.most:.0f} ms  (N = {found.count})"
