"""The parent of a window: a frozen or crashed window is opened again, a closed one is not."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from tests.running import Plant, demo_plant, engine, until

pytestmark = pytest.mark.system
PARENT = """
import sys
from engine.cli.watchdog import watch_window
sys.exit(watch_window([sys.argv[1]], frozen_s=2, start_s=8))
"""


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    with demo_plant(tmp_path_factory.mktemp("w") / "demo") as running, engine(running.folder):
        yield running


@pytest.fixture
def parent(plant: Plant) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(plant.folder)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.kill()
        process.wait()
        for each in family:
            each.kill()
        assert process.stdout is not None
        process.stdout.close()
        psutil.wait_procs(family, timeout=5)


def window_of(parent: subprocess.Popen[str], other_than: int = 0) -> int:
    """The window's process once it attached to the engine (it holds the engine's live file open)."""

    def found() -> int:
        for child in psutil.Process(parent.pid).children():
            with_file = child.pid != other_than and any(
                "live-" in each.path for each in child.memory_maps(grouped=True)
            )
            if with_file:
                return child.pid
        return 0

    return until(found, 20, "a window that is attached")


def test_frozen_window_is_opened_again(parent: subprocess.Popen[str]) -> None:
    first = window_of(parent)
    os.kill(first, signal.SIGSTOP)
    assert parent.stdout is not None
    said = parent.stdout.readline()
    assert re.fullmatch(r"the window did not answer for [28] s; opening it again\n", said)
    assert window_of(parent, first) != first


def test_crashed_window_is_opened_again(parent: subprocess.Popen[str]) -> None:
    first = window_of(parent)
    os.kill(first, signal.SIGSEGV)
    assert parent.stdout is not None
    assert parent.stdout.readline() == "the window crashed (signal 11); opening it again\n"
    assert window_of(parent, first) != first


def test_closed_window_stays_closed(parent: subprocess.Popen[str]) -> None:
    os.kill(window_of(parent), signal.SIGTERM)
    assert parent.wait(10) == 0
