"""T08 and T20 for alarms: clocks set by an hour, on either side, and storms of values that are none."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from engine import paths
from engine.testing.small_plc import NAMESPACE
from engine.types import AlarmChange
from tests.faults.plants import ROOT, write_project
from tests.running import CLOCK, eyes, stop, until
from tests.shifted import set_clock
from tests.system.test_alarms import (
    FLOW,
    GUARD,
    LIMITS,
    NAMES,
    NORMAL,
    PRESSURE,
    Line,
    changes,
    done,
    listed,
    ran,
)

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]
HOUR_S = 3600.0
ALL = {"Guard open", "Pressure high", "Pressure high-high"}
BAD = f"{PRESSURE},bad,,3,,0,Pressure signal bad,cable,check\n"


@contextmanager
def line_with_clocks(folder: Path) -> Generator[tuple[Line, Path, Path]]:
    """A small PLC and a project in Berlin; the files that set the PLC's clock and the engine's."""
    folder.mkdir()
    plc_clock, our_clock = folder / "plc.clock", folder / "our.clock"
    set_clock(plc_clock, 0.0)
    set_clock(our_clock, 0.0)
    words = ["tests.shifted", str(plc_clock), "engine.testing.small_plc", "--tags", str(len(NAMES))]
    with subprocess.Popen(
        [sys.executable, "-m", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as plc:
        try:
            assert plc.stdout is not None
            endpoint = f"opc.tcp://127.0.0.1:{json.loads(plc.stdout.readline())['port']}/small-plc"
            source = {"id": "plc", "driver": "opcua", "endpoint": endpoint, "security": "none"}
            rows = [f"{path},plc,nsu={NAMESPACE};s={name},10" for path, name in NAMES.items()]
            made = Line(write_project(folder / "line", [source], rows), plc, NAMES)
            toml = made.folder / "plant.toml"
            toml.write_text(toml.read_text().replace("[plant]", '[plant]\ntimezone = "Europe/Berlin"'))
            (made.folder / "alarms.csv").write_text(LIMITS + BAD)
            for path, value in NORMAL.items():
                made.set(path, value)
            yield made, plc_clock, our_clock
        finally:
            plc.kill()


@contextmanager
def engine_with_clock(folder: Path, clock: Path) -> Generator[None]:
    """An engine whose clock a test sets."""
    with (paths.log(folder) / "test-engine.out").open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.shifted", str(clock), "engine", "engine", str(folder)],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=ROOT,
        )
    try:
        assert process.stdout is not None and process.stdout.readline(), "it did not start"
        with eyes(folder) as seen:
            until(seen.all_good, 30, "all tags are good")
        yield
    finally:
        stop(process)


def letters(folder: Path) -> dict[str, str]:
    return {
        each["message"]: each["letter"] for each in listed(folder) if each["kind"] not in ("link", "flood")
    }


def test_our_clock_set_by_an_hour_ends_no_shelf_and_brings_no_alarm_again(tmp_path: Path) -> None:
    with line_with_clocks(tmp_path / "plant") as (line, _, our_clock):
        folder = line.folder
        with engine_with_clock(folder, our_clock):
            line.set(GUARD, 0.0)
            line.set(PRESSURE, 235.0)
            until(lambda: letters(folder) == {"Guard open": "B", "Pressure high": "B"}, 10, "two alarms")
            done(ran("alarms", "ack", folder, GUARD, "--by", "Ann"))
            shelve = ("alarms", "shelve", folder, PRESSURE, "--for", "30m", "--reason", "gauge")
            done(ran(*shelve, "--by", "Bob"))
            stood = {"Guard open": "C", "Pressure high": "E"}
            for hours in (1.0, 0.0, -1.0):  # into summer, back again, and further back
                set_clock(our_clock, hours * HOUR_S)
                moved = until(partial(moves, folder, round(hours)), 10, "the step is on record")
                assert letters(folder) == stood, "a shelf of half an hour outlives an hour's step"
                assert moved is not None
                left_us = moved.until_us - round(hours * HOUR_S * 1e6) - CLOCK.now_us()
                assert 1500e6 < left_us < 1800e6, "and ends when it was to end, by the clock of then"
            line.set(FLOW, 0.0)
            until(lambda: "Water flow low" in letters(folder), 10, "an alarm comes as ever")
            line.set(GUARD, 1.0)
            until(lambda: "Guard open" not in letters(folder), 10, "and goes")
            before = listed(folder)
        with engine_with_clock(folder, our_clock):
            assert letters(folder) == {"Pressure high": "E", "Water flow low": "B"}
            assert [each["id"] for each in listed(folder)] == [each["id"] for each in before]
    noted = [each for each in changes(folder) if each.kind not in ("link", "flood")]
    assert [each.what for each in noted if each.path == GUARD] == ["active", "acknowledged", "returned"]
    assert [each.what for each in noted if each.path == PRESSURE][:2] == ["active", "shelved"]
    assert "expired" not in {each.what for each in noted}
    assert [each.seq for each in noted] == sorted(each.seq for each in noted), "in order though time was not"


def moves(folder: Path, hours: int) -> AlarmChange | None:
    """The record of the last step, once the shelf was moved by it to so many hours from the true time."""
    found = [each for each in changes(folder) if each.what == "edited" and "clock was set" in each.text]
    return found[-1] if found and round((found[-1].time_us - CLOCK.now_us()) / 3600e6) == hours else None


def test_a_plc_whose_clock_is_set_by_an_hour_still_raises_and_ends_its_alarms(tmp_path: Path) -> None:
    with line_with_clocks(tmp_path / "plant") as (line, plc_clock, our_clock):
        folder = line.folder
        with engine_with_clock(folder, our_clock):
            for hours in (1.0, 0.0, -1.0):
                set_clock(plc_clock, hours * HOUR_S)
                line.set(GUARD, 0.0)
                line.set(PRESSURE, 245.0)
                until(lambda: active(folder) >= ALL, 20, f"they came with the clock at {hours:+g} h")
                line.set(GUARD, 1.0)
                line.set(PRESSURE, 220.0)
                until(lambda: not active(folder), 20, f"they went with the clock at {hours:+g} h")
    noted = [each for each in changes(folder) if each.kind in ("h", "hh", "off")]
    for path, kind in ((GUARD, "off"), (PRESSURE, "h"), (PRESSURE, "hh")):
        own = [each.what for each in noted if (each.path, each.kind) == (path, kind)]
        assert own == ["active", "returned"] * 3, "each once"


def active(folder: Path) -> set[str]:
    return {each["message"] for each in listed(folder) if each["active"] and each["kind"] != "flood"}


@pytest.mark.parametrize(
    "seconds", [pytest.param(5, id="short"), pytest.param(600, marks=pytest.mark.slow, id="long")]
)
@pytest.mark.timeout(800)
def test_a_storm_of_values_that_are_no_numbers_neither_raises_nor_ends_a_process_alarm(
    tmp_path: Path, seconds: int
) -> None:
    with line_with_clocks(tmp_path / "plant") as (line, _, our_clock):
        folder = line.folder
        with engine_with_clock(folder, our_clock):
            line.set(PRESSURE, 235.0)
            until(lambda: letters(folder) == {"Pressure high": "B"}, 10, "one process alarm stands")
            end_us, sent = CLOCK.mono_us() + seconds * 1_000_000, 0
            while CLOCK.mono_us() < end_us:
                for path, value in ((PRESSURE, 236.0), (FLOW, 7.0)):
                    line.set(path, (math.nan, math.inf, -math.inf)[sent % 3] if sent % 2 else value)
                sent += 1
            line.set(PRESSURE, math.nan)
            line.set(FLOW, -math.inf)
            until(
                lambda: "Pressure signal bad" in active(folder), 10, "that it is bad is an alarm of its own"
            )
            assert {"Pressure high", "Pressure signal bad"} == active(folder)
            line.set(PRESSURE, 236.0)
            line.set(FLOW, 7.0)
            until(lambda: active(folder) == {"Pressure high"}, 10, "the storm is over")
    process = [each for each in changes(folder) if each.kind in ("h", "hh", "l", "ll", "off")]
    assert sent > 10
    assert [(each.path, each.what) for each in process] == [(PRESSURE, "active")], "it stood all the time"
