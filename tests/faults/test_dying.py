"""Both ways of dying: the engine under a window, and a window over the engine."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from engine.types import Status
from hmi.shell.window import Window
from tests.hmi.looking import see, window
from tests.running import (
    AIR,
    CLOCK,
    PRESSURE,
    Plant,
    alive,
    demo_plant,
    engine,
    eyes,
    facts,
    kill,
    stop_detached,
    until,
)

pytestmark = [pytest.mark.fault, pytest.mark.screen, pytest.mark.system]


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    with demo_plant(tmp_path / "demo") as running:
        yield running
        stop_detached(running.folder)


def shows_good(shown: Window) -> bool:
    snapshot = shown.snapshot
    return shown.stalled is None and snapshot is not None and bool((snapshot.status == Status.GOOD).all())


def test_killed_engine_is_said_restarted_and_live_again(qapp: QApplication, plant: Plant) -> None:
    with window(qapp, plant.folder) as (shown, _):
        see(lambda: shows_good(shown), 30, "live values, from an engine that the window started")
        first = facts(plant.folder)
        kill(first.pid)
        killed = CLOCK.mono_us()
        words = see(lambda: shown.stalled, 6, "DISPLAY STALLED")
        said_s = (CLOCK.mono_us() - killed) / 1e6
        assert "since" in words
        see(lambda: shows_good(shown), 20, "live values again")
        print(f"stalled said after {said_s:.2f} s, live again after {(CLOCK.mono_us() - killed) / 1e6:.2f} s")
        assert facts(plant.folder).boot != first.boot
        assert shown.stalled is None


def test_engine_that_dies_again_and_again_is_started_ever_more_slowly(
    qapp: QApplication, plant: Plant
) -> None:
    with window(qapp, plant.folder) as (shown, _):
        for attempt in (1, 2):
            see(lambda: shows_good(shown), 30, "live values")
            kill(facts(plant.folder).pid)
            words = see(lambda: shown.stalled and "(attempt" in shown.stalled and shown.stalled, 10)
            assert f"(attempt {attempt + 1})" in words or f"(attempt {attempt})" in words
        see(lambda: shows_good(shown), 30, "live values")
        kill(facts(plant.folder).pid)
        see(lambda: "(attempt 4)" in (shown.stalled or ""), 15, "the count goes on over each life")
        see(lambda: shows_good(shown), 30, "live values, so that closing the window ends this engine")


def test_frozen_engine_shows_no_value_as_good(qapp: QApplication, plant: Plant) -> None:
    import os
    import signal

    with engine(plant.folder) as process, window(qapp, plant.folder) as (shown, _):
        see(lambda: shows_good(shown), 30, "live values")
        os.kill(process.pid, signal.SIGSTOP)
        try:
            words = see(lambda: shown.stalled, 6, "DISPLAY STALLED")
            assert "does not answer" in words
        finally:
            os.kill(process.pid, signal.SIGCONT)
        see(lambda: shows_good(shown), 10, "live values again")


def test_killed_window_leaves_the_engine_running_and_the_next_one_attaches(
    qapp: QApplication, plant: Plant
) -> None:
    first = subprocess.Popen([sys.executable, "-m", "hmi", str(plant.folder), "-platform", "offscreen"])
    try:
        until(lambda: facts(plant.folder), 20, "the window started an engine")
        until(lambda: _attached(plant.folder), 20, "the engine answers")
        pid = facts(plant.folder).pid
        with eyes(plant.folder) as seen:
            until(seen.all_good, 20, "live values")
            first.kill()
            first.wait()
            before = seen.snapshot().version[seen.rows[PRESSURE]]
            until(
                lambda: seen.snapshot().version[seen.rows[PRESSURE]] > before + 20, 10, "the engine goes on"
            )
        with window(qapp, plant.folder) as (shown, _):
            see(lambda: shows_good(shown), 10, "the next window is live")
            assert facts(plant.folder).pid == pid, "on the same engine"
        until(lambda: not alive(pid), 8, "the last window's clean close stops the engine a window started")
    finally:
        first.kill()
        first.wait()


def test_engine_started_by_hand_outlives_its_windows(qapp: QApplication, plant: Plant) -> None:
    with engine(plant.folder) as process, eyes(plant.folder) as seen:
        with window(qapp, plant.folder) as (shown, _):
            see(lambda: shows_good(shown), 30, "live values")
        before = seen.snapshot().version[seen.rows[AIR]]
        until(lambda: seen.snapshot().version[seen.rows[AIR]] > before + 4, 10, "the engine goes on")
        assert process.poll() is None


def _attached(folder: Path) -> bool:
    from engine.client import Client, EngineAbsent

    try:
        Client(folder, "test").close()
    except EngineAbsent:
        return False
    return True
