"""Conditions over arrays say what the same ones say written plainly, whatever comes in whatever pieces."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.alarms import Changes, Conditions
from engine.types import Batch, Limit, LimitKind, Status, Tag
from tests.engine.alarms.plain import Change, PlainPlant, Says
from tests.engine.alarms.samples import S

TAGS = tuple(Tag(k, f"A/{k}", "plc", "x") for k in range(4))
PATHS = tuple(tag.path for tag in TAGS)
KINDS: tuple[LimitKind, ...] = (
    *("hh", "h", "l", "ll", "trip", "on", "off"),
    *("dev", "disc", "rate", "bad", "expr", "status"),
)
VALUES = [-3.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0]
"""Few, so that limits and deadbands are met exactly."""
STATUSES = [0, 0, 0, 0, 0, 0x00000480, Status.UNCERTAIN, Status.STALE, Status.BAD]
AHEAD_US = 7_000_000
"""The sources' clock is this far before ours, and that of odd tags another 3 s."""


def quotient(values: Sequence[float]) -> float | None:
    return None if values[1] == 0 else float(values[0] / values[1] > 1)


def guarded(values: Sequence[float]) -> float:
    return float(values[1] != 0 and values[0] / values[1] > 1)


EXPRESSIONS: Mapping[str, tuple[tuple[str, ...], Says]] = {
    "{A/0} > 1 and not {A/1} == 2": (("A/0", "A/1"), lambda v: float(v[0] > 1 and v[1] != 2)),
    "{A/0} / {A/1} > 1": (("A/0", "A/1"), quotient),
    "{A/1} != 0 and {A/0} / {A/1} > 1": (("A/0", "A/1"), guarded),
    "({A/0} > 0) + ({A/1} > 0) + ({A/2} > 0) >= 2": (
        ("A/0", "A/1", "A/2"),
        lambda v: float(sum(each > 0 for each in v) >= 2),
    ),
    "min({A/2}, {A/3}, 1) < -abs({A/0}) or {A/3} * 2 - 1 > 2": (
        ("A/2", "A/3", "A/0"),
        lambda v: float(min(v[0], v[1], 1) < -abs(v[2]) or v[1] * 2 - 1 > 2),
    ),
    "-1 < {A/3} <= 1": (("A/3",), lambda v: float(-1 < v[0] <= 1)),
}


@st.composite
def some_limits(draw: st.DrawFn, kinds: Sequence[LimitKind] = KINDS) -> list[Limit]:
    found: list[Limit] = []
    for _ in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(kinds))
        bare = kind in ("on", "off", "disc") and draw(st.booleans())
        tag = draw(st.integers(0, 3))
        found.append(
            Limit(
                path=f"A/{tag}",
                kind=kind,
                limit=None if bare else draw(st.sampled_from(VALUES)),
                deadband=draw(st.sampled_from([0.0, 0.5, 1.5])),
                on_delay_s=draw(st.sampled_from([0.0, 0.0, 1.0, 2.5])),
                off_delay_s=draw(st.sampled_from([0.0, 0.0, 1.0, 2.5])),
                quality=draw(st.sampled_from(["hold", "hold", "raise", "clear"])),
                other=f"A/{(tag + draw(st.integers(1, 3))) % 4}",
                expression=draw(st.sampled_from(sorted(EXPRESSIONS))),
                count=draw(st.sampled_from([0, 0, 2, 3])),
                window_s=draw(st.sampled_from([1.0, 2.5, 4.0])),
            )
        )
    return found


@st.composite
def some_batch(draw: st.DrawFn, start_us: int) -> tuple[Batch, np.ndarray]:
    """A batch after ``start_us``, and which of its samples are the newest. A few have many rows."""
    again = draw(st.sampled_from([1] * 9 + [30]))
    tags = draw(st.lists(st.integers(0, 3), min_size=1, max_size=4, unique=True))
    rows = draw(st.integers(1, 5))
    steps = draw(st.lists(st.integers(0, 2_000_000), min_size=rows, max_size=rows))
    times = start_us + AHEAD_US + np.cumsum(np.tile(np.array(steps, np.int64), again))
    shape, cells = (rows, len(tags)), rows * len(tags)

    def fill(strategy: st.SearchStrategy[float]) -> np.ndarray:
        part = np.array(draw(st.lists(strategy, min_size=cells, max_size=cells))).reshape(shape)
        return np.tile(part, (again, 1))

    quality = fill(st.sampled_from(STATUSES)).astype(np.uint32)
    odd = draw(st.sampled_from([math.nan, math.inf, 2.0]))
    value = np.where(quality >= 0x80000000, odd, fill(st.sampled_from(VALUES)))
    each = times[:, None] + 3_000_000 * (np.array(tags) % 2) if draw(st.booleans()) else times
    taken = fill(st.sampled_from([True, True, True, False])).astype(np.bool_)
    return Batch(0, np.array(tags, np.int32), each, times, value, quality), taken


class Both:
    """The same limits twice, and what the arrays said of each."""

    def __init__(self, limits: list[Limit]) -> None:
        self.arrays = Conditions(limits, TAGS)
        self.said: list[list[Change]] = [[] for _ in limits]
        self.plain = PlainPlant(limits, PATHS, EXPRESSIONS)

    def note(self, changes: Changes | None) -> None:
        if changes is not None:
            assert (np.diff(changes.time_us) >= 0).all(), "by time"
            limits: list[int] = changes.limits.tolist()
            active: list[bool] = changes.active.tolist()
            times: list[int] = changes.time_us.tolist()
            values: list[float] = changes.value.tolist()
            for limit, came, time_us, value in zip(limits, active, times, values, strict=True):
                self.said[limit].append((came, time_us, None if math.isnan(value) else round(value, 6)))

    def send(self, batch: Batch, taken: np.ndarray | None, mono_us: int) -> None:
        self.note(self.arrays.judge(batch, taken, mono_us))
        for row in range(len(batch.value)):
            found: dict[str, tuple[int, float, int]] = {}
            for column, tag in enumerate(batch.tags):
                if taken is None or taken[row, column]:
                    time_us = batch.source_time_us[row]
                    time_us = int(time_us if batch.source_time_us.ndim == 1 else time_us[column])
                    value, status = float(batch.value[row, column]), int(batch.quality[row, column])
                    found[PATHS[tag]] = time_us, value, status
            self.plain.row(found, mono_us)

    def check(self) -> None:
        plain = [
            [(came, time, None if value is None else round(value, 6)) for came, time, value in each.changes]
            for each in self.plain.alarms
        ]
        assert self.said == plain
        assert self.arrays.active.tolist() == [each.active for each in self.plain.alarms]


def live(both: Both, data: st.DataObject, steps: int) -> None:
    """Some batches, proofs, silences and ticks."""
    mono_us = 1_000 * S
    for _ in range(steps):
        what = data.draw(
            st.sampled_from(["batch", "batch", "batch", "proof", "stale", "lost", "bad", "tick"])
        )
        if what == "batch":
            sent, taken = data.draw(some_batch(mono_us))
            mono_us = max(mono_us, int(sent.receive_time_us.max()) - AHEAD_US)
            both.send(sent, data.draw(st.sampled_from([None, taken])), mono_us)
            continue
        tags = np.array(data.draw(st.lists(st.integers(0, 3), unique=True)), np.int32)
        paths = [PATHS[int(tag)] for tag in tags]
        mono_us += data.draw(st.integers(0, 3_000_000))
        if what == "tick":
            both.note(both.arrays.tick(mono_us, mono_us + AHEAD_US))
            both.plain.tick(mono_us, mono_us + AHEAD_US)
        elif what == "proof":
            both.note(both.arrays.proved(tags, mono_us))
            both.plain.proved(paths, mono_us)
        else:
            status = Status.CONFIGURATION_ERROR if what == "bad" else Status.STALE
            both.arrays.silent(tags, lost=what != "stale", status=status)
            both.plain.silent(paths, what != "stale", what == "bad")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_arrays_say_what_plain_code_says(data: st.DataObject) -> None:
    both = Both(data.draw(some_limits()))
    live(both, data, data.draw(st.integers(1, 10)))
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


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_storm_of_bad_values_raises_and_ends_nothing(data: st.DataObject) -> None:
    """T20: by the policy hold, from the first bad values on nothing changes until there are usable ones."""
    kinds: list[LimitKind] = [kind for kind in KINDS if kind != "bad"]
    limits = [msgspec.structs.replace(each, quality="hold") for each in data.draw(some_limits(kinds))]
    both, mono_us = Both(limits), 2_000 * S
    live(both, data, 4)
    said: list[list[Change]] = []
    for _ in range(data.draw(st.integers(2, 5))):
        sent, _ = data.draw(some_batch(mono_us))
        tags, shape = np.arange(4, dtype=np.int32), (len(sent.value), 4)
        odd = np.resize([math.nan, math.inf, -math.inf, 1e308], shape)
        quality = np.where(np.isfinite(odd), np.uint32(Status.BAD), np.uint32(0))
        times = sent.receive_time_us
        both.note(both.arrays.judge(Batch(0, tags, times, times, odd, quality), None, mono_us))
        mono_us += 10 * S
        both.note(both.arrays.tick(mono_us, mono_us + AHEAD_US))
        both.note(both.arrays.proved(tags, mono_us))
        said = said or [list(each) for each in both.said]
    assert both.said == said
