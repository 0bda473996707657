"""Limits over arrays say what the same limits say written plainly, whatever comes in whatever pieces."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.alarms import Changes, Limits
from engine.types import Batch, Limit, LimitKind, Status, Tag
from tests.engine.alarms.plain import Change, PlainAlarm
from tests.engine.alarms.samples import S

TAGS = tuple(Tag(k, f"A/{k}", "plc", "x") for k in range(4))
KINDS: tuple[LimitKind, ...] = ("hh", "h", "l", "ll", "trip", "on", "off")
VALUES = [-3.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0]
"""Few, so that limits and deadbands are met exactly."""
STATUSES = [0, 0, 0, 0x00000480, Status.UNCERTAIN, Status.STALE, Status.BAD]
AHEAD_US = 7_000_000
"""The sources' clock is this far before ours."""


@st.composite
def some_limits(draw: st.DrawFn) -> list[Limit]:
    found: list[Limit] = []
    for _ in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(KINDS))
        bare = kind in ("on", "off") and draw(st.booleans())
        found.append(
            Limit(
                path=f"A/{draw(st.integers(0, 3))}",
                kind=kind,
                limit=None if bare else draw(st.sampled_from(VALUES)),
                deadband=draw(st.sampled_from([0.0, 0.5, 1.5])),
                on_delay_s=draw(st.sampled_from([0.0, 0.0, 1.0, 2.5])),
                off_delay_s=draw(st.sampled_from([0.0, 0.0, 1.0, 2.5])),
            )
        )
    return found


@st.composite
def some_batch(draw: st.DrawFn, start_us: int) -> tuple[Batch, np.ndarray]:
    """A batch after ``start_us``, and which of its samples are the newest."""
    tags = draw(st.lists(st.integers(0, 3), min_size=1, max_size=4, unique=True))
    rows = draw(st.integers(1, 5))
    steps = draw(st.lists(st.integers(0, 2_000_000), min_size=rows, max_size=rows))
    times = start_us + AHEAD_US + np.cumsum(np.array(steps, np.int64))
    shape, cells = (rows, len(tags)), rows * len(tags)

    def fill(strategy: st.SearchStrategy[float]) -> np.ndarray:
        return np.array(draw(st.lists(strategy, min_size=cells, max_size=cells))).reshape(shape)

    quality = fill(st.sampled_from(STATUSES)).astype(np.uint32)
    value = np.where(quality >= 0x80000000, np.nan, fill(st.sampled_from(VALUES)))
    each = np.repeat(times[:, None], len(tags), axis=1) if draw(st.booleans()) else times
    taken = fill(st.sampled_from([True, True, True, False])).astype(np.bool_)
    return Batch(0, np.array(tags, np.int32), each, times, value, quality), taken


class Both:
    """The same limits twice, and what the arrays said of each."""

    def __init__(self, limits: list[Limit]) -> None:
        self.arrays = Limits(limits, TAGS)
        self.said: list[list[Change]] = [[] for _ in limits]
        levels = {"h", "hh", "l", "ll"}
        self.plain = [
            PlainAlarm(
                limit,
                limit.kind == "trip"
                and limit.limit
                < min(
                    (x.limit for x in limits if x.path == limit.path and x.kind in levels), default=-np.inf
                ),
            )
            for limit in limits
        ]

    def note(self, changes: Changes | None) -> None:
        if changes is not None:
            columns = changes.limits, changes.active, changes.time_us, changes.value
            for limit, *change in zip(*(each.tolist() for each in columns), strict=True):
                self.said[limit].append((change[0], change[1], change[2]))

    def of(self, tags: np.ndarray) -> list[PlainAlarm]:
        return [each for each in self.plain if int(each.limit.path[2:]) in tags]

    def send(self, batch: Batch, taken: np.ndarray | None, mono_us: int) -> None:
        self.note(self.arrays.judge(batch, taken, mono_us))
        for column, tag in enumerate(batch.tags):
            for row in range(len(batch.value)):
                if taken is None or taken[row, column]:
                    time_us = batch.source_time_us[row]
                    time_us = int(time_us if batch.source_time_us.ndim == 1 else time_us[column])
                    for each in self.of(np.array([tag])):
                        each.sample(
                            time_us,
                            mono_us,
                            float(batch.value[row, column]),
                            int(batch.quality[row, column]),
                        )

    def check(self) -> None:
        assert self.said == [each.changes for each in self.plain]
        assert self.arrays.active.tolist() == [each.active for each in self.plain]


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_arrays_say_what_plain_code_says(data: st.DataObject) -> None:
    both, mono_us = Both(data.draw(some_limits())), 1_000 * S
    for _ in range(data.draw(st.integers(1, 10))):
        what = data.draw(st.sampled_from(["batch", "batch", "batch", "proof", "stale", "lost"]))
        if what == "batch":
            sent, taken = data.draw(some_batch(mono_us))
            mono_us = max(mono_us, int(sent.source_time_us.max()) - AHEAD_US)
            both.send(sent, data.draw(st.sampled_from([None, taken])), mono_us)
            continue
        tags = np.array(data.draw(st.lists(st.integers(0, 3), unique=True)), np.int32)
        mono_us += data.draw(st.integers(0, 3_000_000))
        if what == "proof":
            both.note(both.arrays.proved(tags, mono_us))
        else:
            both.arrays.silent(tags, lost=what == "lost")
        for each in both.of(tags):
            each.proved(mono_us) if what == "proof" else each.silent(what == "lost")
    both.check()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_where_a_batch_is_cut_changes_nothing(data: st.DataObject) -> None:
    limits = data.draw(some_limits())
    sent, _ = data.draw(some_batch(1_000 * S))
    whole, pieces = Both(limits), Both(limits)
    whole.send(sent, None, 0)
    for row in range(len(sent.value)):
        part = slice(row, row + 1)
        piece = replace(
            sent,
            source_time_us=sent.source_time_us[part],
            receive_time_us=sent.receive_time_us[part],
            value=sent.value[part],
            quality=sent.quality[part],
        )
        pieces.note(pieces.arrays.judge(piece, None, 0))
    assert whole.said == pieces.said
