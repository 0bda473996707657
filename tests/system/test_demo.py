"""``watchroom demo``, ``screenshot`` and the window process: they open, show and leave nothing behind."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from PySide6.QtGui import QImage

from engine.cli.demo import plant
from engine.clock import SystemClock
from engine.testing.demo_plant.past import read_past
from engine.wire import PlantAnswer
from tests.running import PRESSURE, demo_plant, engine, eyes, facts, stop_detached, until, watchroom

pytestmark = pytest.mark.system
FILLED_S = 90.0
"""Room for a history that is filled, a plant and a window that start, on a machine that does much else."""


def offspring(pid: int) -> list[psutil.Process]:
    """Living children of a process, and the engine that its window detached."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def test_closing_the_demo_stops_all_of_its_processes(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    demo = subprocess.Popen(
        [sys.executable, "-m", "engine", "demo", "--dir", str(folder)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    try:
        until(lambda: facts(folder), 40, "the window started an engine")
        engine_pid = facts(folder).pid
        with eyes_soon(folder) as seen:
            until(seen.all_good, 30, "every tag is good")
        names = {" ".join(each.cmdline()) for each in offspring(demo.pid)}
        assert any("demo_plant" in name for name in names)
        assert any("-m hmi" in name for name in names)
        family = [*offspring(demo.pid), psutil.Process(engine_pid)]
        demo.send_signal(signal.SIGTERM)
        demo.wait(20)
        _, living = psutil.wait_procs(family, timeout=10)
        assert [each.cmdline() for each in living] == []
    finally:
        demo.kill()
        demo.wait()


@pytest.mark.timeout(180)
def test_demo_with_a_history_fills_it_once_and_goes_on_from_it(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    command = [sys.executable, "-m", "engine", "demo", "--plant", "press", "--dir", str(folder)]
    began_us = SystemClock().now_us()
    for said in ("20 min filled", "has a history already"):
        demo = subprocess.Popen(
            [*command, "--history", "20m"],
            stdout=subprocess.PIPE,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
            text=True,
        )
        try:
            with eyes_soon(folder, FILLED_S) as seen:
                until(seen.all_good, 40, "every tag is good")
            past = read_past(folder / "data" / "demo-plant" / "past.json")
            assert past is not None and abs(past.origin_us - (began_us - 1_200_000_000)) < 30e6
            plant_process = next(each for each in offspring(demo.pid) if "--watch-stdin" in each.cmdline())
            assert str(folder / "data" / "demo-plant" / "past.json") in plant_process.cmdline()
        finally:
            demo.send_signal(signal.SIGTERM)
            output, _ = demo.communicate(timeout=30)
            stop_detached(folder)
        assert said in output


def test_framing_line_is_all_good_soon_and_a_fault_set_meanwhile_shows(tmp_path: Path) -> None:
    """2,868 tags of two OPC UA and two Modbus servers through the engine; setpoint, states and faults."""
    folder, orders = tmp_path / "demo", tmp_path / "orders"
    with demo_plant(folder, name="framing", options=("--orders", str(orders))), engine(folder):
        with eyes(folder) as seen:
            assert len(seen.rows) == 2868
            until(seen.all_good, 20, "every tag is good")
            press = "Framing line 3/S50 Roof press"
            assert 205 < seen.value(PRESSURE) < 226
            assert seen.value(f"{press}/Mode") == 2
            assert seen.value(f"{press}/Body") > 4400
            assert 20 < seen.value("Framing line 3/S60 Respot/Robot 1/Axis 4 temperature") < 70
            assert 350 < seen.value("Utilities/Power/Total") < 470
            tags = {tag.path: tag for tag in seen.client.call("plant", None, PlantAnswer).project.tags}
            assert tags[f"{press}/Mode"].states == {0: "off", 1: "manual", 2: "auto"}
            assert tags["Utilities/Compressed air/Compressor 1/State"].states[2] == "loaded"
            assert (tags[PRESSURE].unit, tags[PRESSURE].low, tags[PRESSURE].high) == ("bar", 160, 260)
            orders.write_text('{"do": "set", "fault": "seal-leak:1"}\n')
            until(lambda: seen.value(PRESSURE) > 236, 10, "the leak shows")
            assert seen.all_good(), "a fault of the plant is no fault of its link"
            with orders.open("a") as more:
                more.write('{"do": "clear", "fault": ""}\n')
            until(lambda: seen.value(PRESSURE) < 226, 10, "the leak is repaired")


def test_fault_is_set_and_cleared_by_the_command_while_the_demo_runs(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    where = ("--dir", folder)
    none = watchroom("fault", "set", "air-leak", *where)
    assert none.returncode == 3 and "no demo runs" in none.stderr
    with plant(folder, "press", [], 1.0) as process, engine(folder), eyes(folder) as seen:
        until(seen.all_good, 20, "every tag is good")
        unknown = watchroom("fault", "set", "flood", *where)
        assert unknown.returncode == 2 and "seal-leak, air-leak" in unknown.stderr
        level = "Framing line 3/S50 Roof press/Hydraulics/Oil level"
        assert seen.value(level) > 75
        assert watchroom("fault", "set", "seal-leak:1", *where).returncode == 0
        until(lambda: seen.value(level) < 66, 10, "the oil leaks out")
        assert watchroom("fault", "clear", *where).returncode == 0
        until(lambda: seen.value(level) > 75, 10, "it is repaired")
        assert process.is_running()
    assert watchroom("fault", "clear", *where).returncode == 3


def test_demo_folder_of_one_plant_is_not_taken_for_another(tmp_path: Path) -> None:
    with plant(tmp_path / "demo", "press", [], 1.0):
        pass
    done = watchroom("demo", "--plant", "framing", "--dir", tmp_path / "demo", "--tour", tmp_path / "tour")
    assert done.returncode == 1 and 'holds the demo plant "press"' in done.stderr
    done = watchroom("demo", "--plant", "nowhere", "--dir", tmp_path / "other", "--tour", tmp_path / "tour")
    assert done.returncode == 1 and "there are: " in done.stderr and "framing" in done.stderr


def eyes_soon(folder: Path, seconds: float = 40) -> object:
    from engine.client import EngineAbsent

    def attach() -> object:
        try:
            context = eyes(folder)
            context.__enter__().client.close()
        except EngineAbsent:
            return None
        return True

    until(attach, seconds, "the engine answers")
    return eyes(folder)


def test_plant_ends_when_the_demo_is_killed(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    demo = subprocess.Popen(
        [sys.executable, "-m", "engine", "demo", "--dir", str(folder)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    try:
        plant = until(
            lambda: next((p for p in offspring(demo.pid) if "demo_plant" in " ".join(p.cmdline())), None), 30
        )
        until(lambda: facts(folder), 30, "the window started an engine")
        family = offspring(demo.pid)
        demo.kill()
        demo.wait()
        plant.wait(10)
    finally:
        demo.kill()
        demo.wait()
        for each in family:
            if each.is_running() and "hmi" in " ".join(each.cmdline()):
                each.terminate()
        psutil.wait_procs(family, timeout=10)
        stop_detached(folder)


def test_screenshot_shows_live_values_at_the_size_and_theme_asked_for(tmp_path: Path) -> None:
    with demo_plant(tmp_path / "demo") as plant, engine(plant.folder):
        for theme, size in (("light", (1366, 768)), ("dark", (1920, 1080))):
            file = tmp_path / f"{theme}.png"
            words = ["--display", "overview", "--out", file, "--size", "x".join(map(str, size))]
            done = watchroom("screenshot", plant.folder, *words, "--theme", theme)
            assert (done.returncode, done.stderr) == (0, "")
            image = QImage(str(file))
            assert (image.width(), image.height()) == size
            ground = image.pixelColor(image.width() - 3, image.height() // 2).lightness()
            assert (ground > 150) == (theme == "light")


@pytest.mark.skipif(not shutil.which("xvfb-run"), reason="xvfb-run is not installed (package xvfb)")
def test_window_shows_live_values_on_an_x11_screen(tmp_path: Path) -> None:
    """The real platform plugin with its system libraries, not the off-screen one."""
    file = tmp_path / "x11.png"
    with demo_plant(tmp_path / "demo") as plant, engine(plant.folder):
        words = [str(plant.folder), "--screenshot", str(file), "--size", "1366x768", "-platform", "xcb"]
        done = subprocess.run(
            ["xvfb-run", "-a", "-s", "-screen 0 1920x1080x24", sys.executable, "-m", "hmi", *words],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")
    image = QImage(str(file))
    colours = {image.pixel(x, y) for x in range(0, 1366, 3) for y in range(0, 768, 3)}
    assert (image.width(), image.height()) == (1366, 768)
    assert len(colours) > 50, "text and lines were drawn"


def test_screenshot_that_cannot_be_is_refused_in_words(tmp_path: Path) -> None:
    done = watchroom("screenshot", tmp_path, "--out", tmp_path / "x.png", "--size", "big")
    assert done.returncode == 2
    assert "1920x1080" in done.stderr
    done = watchroom("screenshot", tmp_path / "nowhere", "--out", tmp_path / "x.png")
    assert done.returncode == 1
    assert "nowhere" in done.stderr
