"""``watchroom demo``: the demo plant, its project and a window, as processes that end together."""

from __future__ import annotations

import argparse
import contextlib
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Sequence
from pathlib import Path

import msgspec
import psutil

from engine import config, paths
from engine.cli.out import Exit, fail, say
from engine.cli.watchdog import watch_window
from engine.client import Client, EngineAbsent, RequestFailed, start_engine
from engine.drivers.opcua.trust import pin
from engine.paths import SAFE_PATH
from engine.wire import StatusAnswer

PLANT_START_S = 30.0
ENGINE_START_S = 15.0
GOOD_S = 20.0
FILL_S = 60.0
STOP_S = 6.0
POLL_S = 0.1


class DemoFailed(Exception):
    """The demo cannot go on; the text says why."""


class PlantReady(msgspec.Struct, frozen=True):
    """The one line the demo plant prints once both of its servers listen."""

    ready: bool
    opcua: int
    modbus: int
    certificate: str


def run_demo(arguments: argparse.Namespace) -> Exit:
    """Run the demo until its window closes or, with ``--tour``, until the pictures are taken."""
    folder: Path = (arguments.dir or paths.user_data() / "demo").resolve()
    signal.signal(signal.SIGTERM, interrupt)
    try:
        if attach(folder) is not None:
            if arguments.tour is not None:
                return fail(f"the demo in {folder} is running; close it, or give another --dir")
            say(f"the demo in {folder} is already running; opening another window on it")
            return window(folder)
        with plant(folder, arguments.fault, arguments.speed) as process:
            if arguments.tour is None:
                return window(folder)
            return tour(folder, process, arguments.tour.resolve())
    except DemoFailed as error:
        return fail(str(error))
    finally:
        stop_engine(folder)


def interrupt(number: int, frame: object) -> None:
    """End as Ctrl+C does, so that every process we started is ended too."""
    raise KeyboardInterrupt


def attach(folder: Path) -> Client | None:
    """A connection to the project's engine if one runs; closed at once, it was only a question."""
    try:
        client = Client(folder, "cli")
    except EngineAbsent:
        return None
    client.close()
    return client


@contextlib.contextmanager
def plant(folder: Path, fault: str, speed: float) -> Generator[psutil.Popen]:
    """The project copied and the demo plant running; the plant ends with this block, or with us.

    Raises:
        DemoFailed: the plant does not start.
    """
    keys = folder / "data" / "demo-plant"
    if (folder / "plant.toml").exists() and not keys.is_dir():
        raise DemoFailed(f"{folder} holds a project of its own; give an empty folder with --dir")
    shutil.copytree(paths.resources() / "demo", folder, dirs_exist_ok=True)
    paths.data(folder)
    keys.mkdir(exist_ok=True)
    words = ["--opcua-port", "0", "--modbus-port", "0", "--watch-stdin", "--pki", str(keys)]
    words += ["--speed", str(speed), *(["--fault", fault] if fault else [])]
    log = paths.log(folder) / "demo-plant.out"
    with log.open("ab") as errors:
        process = psutil.Popen(
            [sys.executable, *SAFE_PATH, "-m", "engine.testing.demo_plant", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    try:
        ready = _ready(process, log)
        place(folder, ready)
        yield process
    finally:
        _end(process)


def _ready(process: psutil.Popen, log: Path) -> PlantReady:
    """Wait for the plant's line. A timer ends a plant that never says it, so that we never hang."""
    timer = threading.Timer(PLANT_START_S, process.kill)
    timer.start()
    try:
        return msgspec.json.decode(process.stdout.readline(), type=PlantReady)
    except msgspec.MsgspecError:
        said = log.read_text(errors="replace").strip().splitlines()
        why = said[-1] if said else f"see {log}"
        raise DemoFailed(f"the demo plant did not start: {why}") from None
    finally:
        timer.cancel()
        timer.join()


def place(folder: Path, ready: PlantReady) -> None:
    """Write the plant's ports into plant.toml and trust its certificate."""
    file = folder / "plant.toml"
    text = file.read_text("utf-8")
    text = config.write_endpoint(text, "press", f"opc.tcp://127.0.0.1:{ready.opcua}")
    text = config.write_endpoint(text, "utilities", f"tcp://127.0.0.1:{ready.modbus}")
    paths.replace_file(file, text.encode())
    pin(paths.pki(folder), "press", Path(ready.certificate).read_bytes())


def window(folder: Path) -> Exit:
    """A window on the demo; returns when it closes."""
    return Exit.DONE if watch_window([str(folder)]) == 0 else Exit.NOT_DONE


def picture(words: Sequence[str]) -> bool:
    """Run a window off screen that saves a picture and ends; whether it did."""
    command = [sys.executable, *SAFE_PATH, "-m", "hmi", *words, "-platform", "offscreen"]
    return subprocess.run(command, check=False).returncode == 0


def tour(folder: Path, process: psutil.Popen, out: Path) -> Exit:
    """Pictures of the displays: live in every theme, on a laptop's screen, and with a dead source.

    Raises:
        DemoFailed: the engine does not start or gets no good values.
    """
    out.mkdir(parents=True, exist_ok=True)
    engine = start_engine(folder, "demo")
    try:
        _wait_good(folder)
        say("letting the trends fill for a minute …")
        time.sleep(FILL_S)
        looks = [("1920x1080", theme) for theme in ("light", "dark", "sunlight")] + [("1366x768", "light")]
        for display in ("overview", "system"):
            for size, theme in looks:
                _shoot(folder, out / f"{display}-{theme}-{size}.png", display, size, theme)
        process.suspend()
        _wait_stale(folder)
        for display in ("overview", "system"):
            for theme in ("light", "dark"):
                _shoot(folder, out / f"{display}-stale-{theme}-1920x1080.png", display, "1920x1080", theme)
        process.resume()
    finally:
        stop_engine(folder)
        engine.wait(STOP_S)
    say(f"the pictures are in {out}")
    return Exit.DONE


def _shoot(folder: Path, file: Path, display: str, size: str, theme: str) -> None:
    words = [str(folder), "--screenshot", str(file), "--display", display, "--size", size, "--theme", theme]
    if not picture(words):
        raise DemoFailed(f"the picture {file} could not be taken")
    say(str(file))


def _wait_good(folder: Path) -> None:
    """Until every tag of the project is good."""
    deadline = time.monotonic() + ENGINE_START_S + GOOD_S
    while time.monotonic() < deadline:
        status = _status(folder)
        if status is not None and status.engine.good == status.engine.tags:
            return
        time.sleep(POLL_S)
    raise DemoFailed(f"the demo plant's values did not arrive; see {paths.log(folder)}")


def _wait_stale(folder: Path) -> None:
    """Until no value of the project is good any more."""
    deadline = time.monotonic() + GOOD_S
    while time.monotonic() < deadline:
        status = _status(folder)
        if status is not None and status.engine.good == 0:
            return
        time.sleep(POLL_S)
    raise DemoFailed("the frozen plant's values did not go stale; please report this")


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
    with contextlib.suppress(EngineAbsent, RequestFailed):
        client = Client(folder, "cli")
        try:
            client.call("stop", None, bool)
        finally:
            client.close()


def _end(process: psutil.Popen) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.resume()
    process.stdin.close()  # the plant ends when its input does
    try:
        process.wait(STOP_S)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()
