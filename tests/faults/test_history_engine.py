"""The engine killed while it writes: the history keeps all that was on disk, and says what is missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.client import Client
from engine.historian import StoredHistory, load_tail
from engine.paths import history
from engine.store.catalogue import known_tags
from engine.types import Origin, Samples
from engine.wire import (
    CurvesAnswer,
    CurvesBody,
    GapsAnswer,
    InstantAnswer,
    InstantBody,
    PlantAnswer,
    SpanBody,
    StatusAnswer,
    from_array,
)
from tests.running import CLOCK, PRESSURE, demo_plant, engine, kill, start_engine, stop, until, watchroom

pytestmark = [pytest.mark.fault, pytest.mark.timeout(180)]


def ids(client: Client) -> dict[str, int]:
    return {tag.path: tag.tag_id for tag in client.call("plant", None, PlantAnswer).project.tags}


def test_killed_engine_loses_nothing_that_was_on_disk_and_marks_the_gap(tmp_path: Path) -> None:
    with demo_plant(tmp_path / "p") as plant:
        first = start_engine(plant.folder)
        until(lambda: _samples(plant.folder) > 60, 30, "no samples came to disk")
        known = _read(plant.folder)
        kill(first.pid)
        first.wait(10)
        assert first.stdout is not None
        first.stdout.close()
        killed_us = CLOCK.now_us()
        with engine(plant.folder):
            client = Client(plant.folder, "test")
            try:
                tag = ids(client)[PRESSURE]
                until(lambda: client.call("status", None, StatusAnswer).history is not None, 10)
                found = _read(plant.folder)
                before = found.time_us < killed_us
                # Every sample that was read from the disk before is there again, once.
                assert set(known.time_us.tolist()) <= set(found.time_us[before].tolist())
                assert len(set(found.time_us.tolist())) == len(found.time_us)
                gaps = client.call("gaps", SpanBody(killed_us - 10**9, CLOCK.now_us()), GapsAnswer).gaps
                (gap,) = [each for each in gaps if each.cause == "engine"]
                assert known.time_us[-1] <= gap.start_us <= killed_us <= gap.end_us
                assert Origin.ENGINE in found.origin
                live = found.time_us[before & (found.origin != Origin.ENGINE)]
                assert gap.start_us - live[-1] < 3_000_000
                span = int(found.time_us[0]), CLOCK.now_us() + 1
                (curve,) = client.call("curves", CurvesBody((tag,), *span, 4000), CurvesAnswer).curves
                low, time_us = from_array(curve.low), from_array(curve.time_us)
                assert np.isnan(low[time_us >= gap.start_us]).any()
                _goes_on(client, tag, gap.end_us)
                at = client.call("instant", InstantBody(int(known.time_us[-1])), InstantAnswer)
                assert np.isfinite(from_array(at.value)).any()
            finally:
                client.close()


def _goes_on(client: Client, tag: int, since_us: int) -> None:
    """New samples come to disk after the gap."""

    def fresh() -> bool:
        body = CurvesBody((tag,), since_us, CLOCK.now_us() + 1, 500)
        (curve,) = client.call("curves", body, CurvesAnswer).curves
        return bool(np.isfinite(from_array(curve.low)).sum() > 3)

    until(fresh, 30, "nothing new after the restart")


def _read(folder: Path) -> Samples:
    stored = StoredHistory(history(folder), load_tail(history(folder)))
    try:
        tag = known_tags(folder / "data" / "catalogue.db")[PRESSURE]
        return stored.raw(tag, 0, CLOCK.now_us() + 1)
    finally:
        stored.close()


def _samples(folder: Path) -> int:
    return len(_read(folder).time_us)


def test_history_is_read_without_an_engine_after_a_clean_stop(tmp_path: Path) -> None:
    with demo_plant(tmp_path / "p") as plant:
        running = start_engine(plant.folder)
        until(lambda: _samples(plant.folder) > 20, 30, "no samples came to disk")
        stop(running)
        done = watchroom("history", plant.folder, PRESSURE, "--start", "-10m", "--format", "json")
        assert done.returncode == 0, done.stderr
        assert len(done.stdout.splitlines()) > 20
