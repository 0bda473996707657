"""``watchroom demo --tour``: a picture of every display, working, in alarm and with dead sources."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import psutil

from engine import paths
from engine.cli.out import Exit, say
from engine.client import Client, EngineAbsent, RequestFailed, start_engine
from engine.paths import SAFE_PATH
from engine.wire import PlantAnswer, StatusAnswer

START_S = 60.0
CHANGE_S = 60.0
FILL_S = 60.0
STOP_S = 6.0
POLL_S = 0.2
AT_ONCE = 2
"""Windows that draw at the same time."""

Look = tuple[str, str]
LOOKS: tuple[Look, ...] = (
    ("1920x1080", "light"),
    ("1920x1080", "dark"),
    ("1920x1080", "sunlight"),
    ("1366x768", "light"),
    ("1366x768", "dark"),
)
FEW_LOOKS: tuple[Look, ...] = (("1920x1080", "light"), ("1920x1080", "dark"), ("1366x768", "light"))


class Shot(msgspec.Struct, frozen=True):
    """One thing to photograph: a display and what it shows."""

    name: str
    display: str
    place: str = ""


class TourFailed(Exception):
    """The tour cannot go on; the text says why."""


def tour(folder: Path, process: psutil.Popen, out: Path, break_it: Callable[[], None]) -> Exit:
    """Pictures of every display: working, then with the plant's faults, then with dead sources.

    ``break_it`` lets the demo's faults begin, grown.

    Raises:
        TourFailed: the engine does not start, gets no good values, or a picture cannot be taken.
    """
    out.mkdir(parents=True, exist_ok=True)
    engine = start_engine(folder, "demo")
    try:
        _wait(folder, lambda status: status.engine.good == status.engine.tags, START_S, "no good values came")
        say("letting the trends fill for a minute …")
        time.sleep(FILL_S)
        shots = _shots(folder)
        _shoot(folder, out, "normal", shots, LOOKS)
        break_it()
        say("waiting for the alarms …")
        _wait(folder, lambda status: bool(status.alarms), CHANGE_S, "no alarm came")
        time.sleep(FILL_S / 4)
        _shoot(folder, out, "alarm", shots, FEW_LOOKS)
        process.suspend()
        _wait(folder, lambda status: status.engine.good == 0, CHANGE_S, "the values did not go stale")
        _shoot(folder, out, "stale", shots, FEW_LOOKS)
        process.resume()
    finally:
        stop_engine(folder)
        engine.wait(STOP_S)
    say(f"the pictures are in {out}")
    return Exit.DONE


def _shots(folder: Path) -> Sequence[Shot]:
    """Every display; Unit once with a drawing of its own and once without, where the plant has both."""
    client = Client(folder, "cli")
    try:
        project = client.call("plant", None, PlantAnswer).project
    finally:
        client.close()
    drawn = [mimic.asset for mimic in project.mimics]
    units = list(dict.fromkeys("/".join(tag.path.split("/")[:2]) for tag in project.tags))
    plain = [unit for unit in units if unit not in drawn]
    shots = [Shot("overview", "overview"), Shot("twin", "twin"), Shot("system", "system")]
    places = [*drawn[:1], *plain[len(plain) // 4 : len(plain) // 4 + 1]]
    shots += [Shot(f"unit-{number}", "unit", place) for number, place in enumerate(places, start=1)]
    shots += [Shot("trends", "trends", project.tags[0].path if not places else places[0])]
    return shots


def _shoot(folder: Path, out: Path, state: str, shots: Iterable[Shot], looks: Sequence[Look]) -> None:
    jobs = [
        (shot, look, out / f"{shot.name}-{state}-{look[1]}-{look[0]}.png") for shot in shots for look in looks
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        done = [pool.submit(_picture, folder, *job) for job in jobs]
    for (_, _, file), taken in zip(jobs, done, strict=True):
        if not taken.result():
            raise TourFailed(f"the picture {file} could not be taken")
        say(str(file))


def _picture(folder: Path, shot: Shot, look: Look, file: Path) -> bool:
    words = ["--screenshot", str(file), "--display", shot.display, "--size", look[0], "--theme", look[1]]
    return picture([str(folder), *words, *(["--place", shot.place] if shot.place else [])])


def picture(words: Sequence[str]) -> bool:
    """Run a window off screen that saves a picture and ends; whether it did."""
    command = [sys.executable, *SAFE_PATH, "-m", "hmi", *words, "-platform", "offscreen"]
    return subprocess.run(command, check=False).returncode == 0


def _wait(folder: Path, holds: Callable[[StatusAnswer], bool], seconds: float, trouble: str) -> None:
    """Until the engine's status is as wanted."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        status = _status(folder)
        if status is not None and holds(status):
            return
        time.sleep(POLL_S)
    raise TourFailed(f"{trouble} within {seconds:.0f} s; see {paths.log(folder)}")


def _status(folder: Path) -> StatusAnswer | None:
    try:
        client = Client(folder, "cli")
    except EngineAbsent:
        return None
    try:
        return client.call("status", None, StatusAnswer)
    except (EngineAbsent, RequestFailed):
        return None
    finally:
        client.close()


def stop_engine(folder: Path) -> None:
    """Ask the project's engine to stop, if it still runs: a closed demo leaves nothing behind."""
    try:
        client = Client(folder, "cli")
    except EngineAbsent:
        return
    try:
        client.call("stop", None, bool)
    except (EngineAbsent, RequestFailed):
        pass  # it is going already
    finally:
        client.close()
