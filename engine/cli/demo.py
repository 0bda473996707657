"""``watchroom demo``: the demo plant, its project and a window, as processes that end together."""

from __future__ import annotations

import argparse
import contextlib
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Sequence
from pathlib import Path

import msgspec
import psutil

from engine import config, paths
from engine.app.demo_models import add_models
from engine.cli.out import Exit, fail, say
from engine.cli.tour import TourFailed, stop_engine, tour
from engine.cli.watchdog import watch_window
from engine.client import Client, EngineAbsent
from engine.drivers.opcua.trust import pin
from engine.paths import SAFE_PATH
from engine.typed import from_json

PLANT_START_S = 30.0
STOP_S = 6.0
CANCEL_S = 30.0
"""How long the filling of a history may take to tidy up after Ctrl+C."""
GROWN = 0.9
"""How far the faults of a tour have grown: past their alarms, short of a breakdown."""
BROKEN = 3


class DemoFailed(Exception):
    """The demo cannot go on; the text says why."""


class PlantReady(msgspec.Struct, frozen=True):
    """The one line a demo plant prints once all its servers listen.

    ``endpoints`` by source id, ``certificates`` = files of those that have one; ``faults`` by name.
    """

    ready: bool
    endpoints: dict[str, str]
    certificates: dict[str, str]
    faults: tuple[str, ...] = ()


class Running(msgspec.Struct, frozen=True):
    """``data/demo-plant/running.json``: the plant that runs for a demo folder."""

    pid: int
    plant: str
    faults: tuple[str, ...]


def run_demo(arguments: argparse.Namespace) -> Exit:
    """Run the demo until its window closes or, with ``--tour``, until the pictures are taken."""
    folder = demo_folder(arguments)
    signal.signal(signal.SIGTERM, interrupt)
    try:
        if attach(folder) is not None:
            if arguments.tour is not None:
                return fail(f"the demo in {folder} is running; close it, or give another --dir")
            say(f"the demo in {folder} is already running; opening another window on it")
            return window(folder)
        if arguments.history is not None:
            _fill(folder, arguments.plant, arguments.history)
        with plant(folder, arguments.plant, arguments.fault, arguments.speed) as process:
            if arguments.tour is None:
                return window(folder)
            return tour(folder, process, arguments.tour.resolve(), lambda: _break(folder))
    except (DemoFailed, TourFailed) as error:
        return fail(str(error))
    finally:
        stop_engine(folder)


def _fill(folder: Path, name: str, hours: float) -> None:
    """Give the plant a past: its history of so many hours, which ends now. Once for a folder.

    Raises:
        DemoFailed: the history cannot be filled.
        KeyboardInterrupt: it was cancelled; there is no history then.
    """
    keys = _prepare(folder, name)
    history = paths.data(folder) / "history"
    if history.is_dir() and any(history.iterdir()):
        say(f"the demo in {folder} has a history already; it goes on (for a new one give another --dir)")
        return
    words = ["--plant", name, "--fill", str(folder), "--hours", str(hours), "--past", str(_past(keys))]
    process = psutil.Popen([sys.executable, *SAFE_PATH, "-m", "engine.testing.demo_plant", *words])
    try:
        done = process.wait()
    except KeyboardInterrupt:  # the terminal told the other process, too; a kill told only us
        process.terminate()
        with contextlib.suppress(psutil.TimeoutExpired):
            process.wait(CANCEL_S)
        raise
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    if done != 0:
        raise DemoFailed("the demo was not started: its history was not filled")


def demo_folder(arguments: argparse.Namespace) -> Path:
    """Where a demo's project is: ``--dir``, or a folder of its own in the user's data for each plant."""
    return (arguments.dir or paths.user_data() / "demo" / arguments.plant).resolve()


def fault(arguments: argparse.Namespace) -> Exit:
    """Let a fault begin in the demo plant that runs, or repair it."""
    folder = demo_folder(arguments)
    running = _running(folder)
    if running is None:
        return fail(f"no demo runs in {folder}; start one with: watchroom demo", Exit.NO_ENGINE)
    name = (arguments.name or "").partition(":")[0]
    if (name or arguments.do == "set") and name not in running.faults:
        known = ", ".join(running.faults) or "none"
        return fail(f'the plant "{running.plant}" has no fault "{name}"; it can have: {known}', Exit.USAGE)
    _order(folder, arguments.do, arguments.name or "")
    return Exit.DONE


def _order(folder: Path, do: str, name: str) -> None:
    """Tell the demo plant of a folder to let a fault begin or end."""
    with _orders(folder).open("ab") as file:
        file.write(msgspec.json.encode({"do": do, "fault": name}) + b"\n")


def _break(folder: Path) -> None:
    """The first faults of the demo plant that runs, nearly grown: with all of them nothing would be well."""
    running = _running(folder)
    for name in running.faults[:BROKEN] if running else ():
        _order(folder, "set", f"{name}:{GROWN}")


def _running(folder: Path) -> Running | None:
    try:
        found = from_json((_keys(folder) / "running.json").read_bytes(), Running)
    except (OSError, msgspec.MsgspecError):
        return None
    return found if psutil.pid_exists(found.pid) else None


def _keys(folder: Path) -> Path:
    """Where the demo plant of a project keeps its own: keys, which plant it is, its orders."""
    return folder / "data" / "demo-plant"


def _orders(folder: Path) -> Path:
    return _keys(folder) / "orders.jsonl"


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
def plant(folder: Path, name: str, faults: Sequence[str], speed: float) -> Generator[psutil.Popen]:
    """The project copied and the demo plant running; the plant ends with this block, or with us.

    Raises:
        DemoFailed: the folder holds something else, or the plant does not start.
    """
    keys = _prepare(folder, name)
    words = ["--plant", name, "--watch-stdin", "--pki", str(keys), "--orders", str(_orders(folder))]
    words += [
        "--past",
        str(_past(keys)),
        "--speed",
        str(speed),
        *(word for each in faults for word in ("--fault", each)),
    ]
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
        facts = Running(process.pid, name, ready.faults)
        paths.replace_file(keys / "running.json", msgspec.json.encode(facts))
        yield process
    finally:
        _end(process)
        (keys / "running.json").unlink(missing_ok=True)


def _prepare(folder: Path, name: str) -> Path:
    """Copy a plant's project into the folder; gives the plant's own folder in there."""
    source, keys = paths.resources() / "demo" / name, _keys(folder)
    if not (source / "plant.toml").exists():
        known = sorted(found.parent.name for found in source.parent.glob("*/plant.toml"))
        raise DemoFailed(f'there is no demo plant "{name}"; there are: {", ".join(known)}')
    if (folder / "plant.toml").exists():
        if not keys.is_dir():
            raise DemoFailed(f"{folder} holds a project of its own; give an empty folder with --dir")
        if (keys / "plant").exists() and (before := (keys / "plant").read_text("utf-8")) != name:
            raise DemoFailed(f'{folder} holds the demo plant "{before}"; give another folder with --dir')
    shutil.copytree(source, folder, dirs_exist_ok=True)
    paths.data(folder)
    keys.mkdir(exist_ok=True)
    if _past(keys).with_suffix(".part").exists():  # the filling was killed: what it left is no history
        shutil.rmtree(folder / "data" / "history", ignore_errors=True)
        _past(keys).with_suffix(".part").unlink()
    (keys / "plant").write_text(name, "utf-8")
    _orders(folder).unlink(missing_ok=True)
    add_models(folder)
    return keys


def _past(keys: Path) -> Path:
    """Where the plant remembers what has happened to it."""
    return keys / "past.json"


def _ready(process: psutil.Popen, log: Path) -> PlantReady:
    """Wait for the plant's line. A timer ends a plant that never says it, so that we never hang."""
    timer = threading.Timer(PLANT_START_S, process.kill)
    timer.start()
    try:
        return from_json(process.stdout.readline(), PlantReady)
    except msgspec.MsgspecError:
        said = log.read_text(errors="replace").strip().splitlines()
        why = said[-1] if said else f"see {log}"
        raise DemoFailed(f"the demo plant did not start: {why}") from None
    finally:
        timer.cancel()
        timer.join()


def place(folder: Path, ready: PlantReady) -> None:
    """Write the plant's endpoints into plant.toml and trust its certificates."""
    file = folder / "plant.toml"
    text = file.read_text("utf-8")
    for source, endpoint in ready.endpoints.items():
        text = config.write_endpoint(text, source, endpoint)
    paths.replace_file(file, text.encode())
    for source, certificate in ready.certificates.items():
        pin(paths.pki(folder), source, Path(certificate).read_bytes())


def window(folder: Path) -> Exit:
    """A window on the demo; returns when it closes."""
    return Exit.DONE if watch_window([str(folder)]) == 0 else Exit.NOT_DONE


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
