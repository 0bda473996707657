"""The same curves over a real history on disk: what a window shows is what `History.minmax` gives."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from engine.historian.history import StoredHistory
from engine.types import Curve, Status
from hmi.past import Ask
from tests.engine.historian.stored import chunk, cut, history, store
from tests.hmi.plant import NOW_US
from tests.hmi.stored import Engine, Line
from tests.hmi.test_past import DAY_US, HOUR_US, PIXELS, assert_true, noisy


class DiskEngine(Engine):
    """Answers from a history on disk."""

    def __init__(self, line: Line, stored: StoredHistory) -> None:
        super().__init__({1: line})
        self.stored = stored

    def minmax(self, tag: int, ask: Ask) -> Curve:
        """What the historian gives."""
        return self.stored.minmax(tag, ask.start_us, ask.end_us, ask.pixels)


@pytest.fixture(scope="module")
def line() -> Line:
    """Three days of one tag: no gaps but those that bad samples make."""
    return noisy(72.0, 8_000_000, seed=3)


@pytest.fixture(scope="module")
def folder(line: Line, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The line in day files."""
    made = tmp_path_factory.mktemp("history")
    quality = np.where(np.isnan(line.value), np.uint32(Status.SENSOR_FAILURE), np.uint32(0)).astype(np.uint32)
    parts = cut(line.time_us, (4096, 700, 3000))
    chunks = [
        chunk(1, line.time_us[part], line.value[part], quality[part] if quality[part].any() else None)
        for part in parts
    ]
    store(made, chunks)
    return made


walks = some.lists(some.tuples(some.floats(0, 1), some.sampled_from((0.01, 0.2, 0.5, 3.0, 20.0))), max_size=6)


@settings(max_examples=12, deadline=None)
@given(walks)
def test_any_walk_through_a_history_ends_at_what_is_on_disk(
    line: Line, folder: Path, walk: list[tuple[float, float]]
) -> None:
    with contextlib.closing(history(folder)) as stored:
        walk_through(DiskEngine(line, stored), line, walk)


def walk_through(engine: Engine, line: Line, walk: list[tuple[float, float]]) -> None:
    """Zoom and pan as told, and compare what is shown in the end with the samples."""
    span_us, end_us = 72 * HOUR_US, NOW_US
    for at, factor in walk:
        middle_us = end_us - round(span_us * at)
        span_us = min(30 * DAY_US, max(100_000, round(span_us * factor)))
        end_us = min(NOW_US, middle_us + span_us // 2)
        engine.curve(1, end_us - span_us, end_us, PIXELS)
        engine.tick()
        engine.answer()
    curve = engine.loaded(1, end_us - span_us, end_us, PIXELS)
    # One more column: the historian counts short stretches of samples at their first one.
    assert_true(curve, line, end_us - span_us, end_us, columns=3)
    inside = (line.time_us >= end_us - span_us) & (line.time_us < end_us) & np.isfinite(line.value)
    if inside.any():
        assert np.nanmin(curve.low) <= line.value[inside].min()
        assert np.nanmax(curve.high) >= line.value[inside].max()


def test_line_runs_to_the_edges_of_a_window_between_two_samples(line: Line, folder: Path) -> None:
    at = int(np.searchsorted(line.time_us, NOW_US - 10 * HOUR_US))
    start_us, end_us = int(line.time_us[at]) + 500_000, int(line.time_us[at]) + 600_000
    with contextlib.closing(history(folder)) as stored:
        curve = DiskEngine(line, stored).loaded(1, start_us, end_us, PIXELS)
    assert curve.time_us.tolist() == line.time_us[at : at + 2].tolist()
    assert curve.low.tolist() == line.value[at : at + 2].tolist()
