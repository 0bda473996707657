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

from tests.running import demo_plant, engine, eyes, facts, until, watchroom

pytestmark = pytest.mark.system


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


def eyes_soon(folder: Path) -> object:
    from engine.client import EngineAbsent

    def attach() -> object:
        try:
            context = eyes(folder)
            context.__enter__().client.close()
        except EngineAbsent:
            return None
        return True

    until(attach, 20, "the engine answers")
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
        from tests.running import stop_detached

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
