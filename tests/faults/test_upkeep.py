"""The engine's own files lost, foreign or in the way: said, mended or refused, never two engines."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import paths
from tests.running import alive, eyes, facts, start_engine, stop, until, watchroom

pytestmark = [pytest.mark.fault, pytest.mark.system]
PLANT = '[[sources]]\nid = "plc"\ndriver = "modbus"\nendpoint = "tcp://127.0.0.1:1"\n'


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "p"
    folder.mkdir()
    (folder / "plant.toml").write_text(PLANT)
    (folder / "tags.csv").write_text("path,source,address\nA/x,plc,holding:1\n")
    yield folder
    shutil.rmtree(paths.runtime(folder), ignore_errors=True)


def log_of(folder: Path) -> str:
    return (folder / "data" / "log" / "engine.log").read_text()


def test_lost_or_foreign_facts_are_written_again(project: Path) -> None:
    process = start_engine(project)
    try:
        file = project / "data" / "engine.json"
        for spoil in (file.unlink, lambda: file.write_text("{half"), lambda: file.write_text("{}")):
            spoil()
            until(lambda: facts(project) is not None and facts(project).pid == process.pid, 5)
        with eyes(project):
            pass
    finally:
        stop(process)


def test_engine_leaves_a_project_whose_lock_was_taken_away(project: Path) -> None:
    process = start_engine(project)
    try:
        (project / "data" / "engine.lock").unlink()
        until(lambda: process.poll() is not None, 10, "the engine stops")
        assert "engine.lock was removed or replaced" in log_of(project)
    finally:
        stop(process)


def test_clean_stop_leaves_nothing_in_memory(project: Path) -> None:
    process = start_engine(project)
    runtime = Path(facts(project).live).parent
    assert sorted(file.suffix for file in runtime.iterdir()) == [".bin", ".sock"]
    process.send_signal(signal.SIGHUP)
    assert process.wait(5) == 0, "a closed terminal is a clean stop"
    stop(process)
    assert not runtime.exists()


def test_full_disk_does_not_hide_the_engine(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    made = paths.EngineFacts(1, 2, 1, "unix:x", "y")
    data = paths.data(project)
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(OSError, match=r"engine\.json cannot be written \(No space left"):
            paths.write_facts(project, made)
        assert list(data.iterdir()) == [], "no half file is left"
        real = paths.replace_file
        patch.undo()
        patch.setattr(paths, "replace_file", lambda p, c: full() if p.parent == data else real(p, c))
        paths.write_facts(project, made)
    assert not (data / "engine.json").exists()
    assert paths.read_facts(project) == made


def test_engine_goes_on_when_nobody_reads_its_output(project: Path) -> None:
    with open("/dev/full", "w") as full:
        process = subprocess.Popen([sys.executable, "-m", "engine", "engine", str(project)], stdout=full)
        try:
            until(lambda: facts(project), 15, "it is ready all the same")
            until(lambda: watchroom("status", project).returncode == 0, 15)
            assert process.poll() is None
        finally:
            process.terminate()
            assert process.wait(10) == 0


def test_engine_a_window_started_and_forgot_stops_by_itself(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        "import sys; from engine.app import watch; watch.LONELY_S = 1.0; from engine.cli import main; main()"
    )
    words = [sys.executable, "-c", code, "engine", str(project), "--started-by", "hmi"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    try:
        assert process.wait(20) == 0
        assert "never came" in log_of(project)
    finally:
        process.kill()
        process.wait()


def test_window_closed_before_it_attached_leaves_no_engine(project: Path) -> None:
    from hmi.bridge import Attaching

    attaching = Attaching(project)
    until(lambda: not attaching.found.empty(), 20, "it found the engine it started")
    pid = facts(project).pid
    attaching.stop()
    until(lambda: not alive(pid), 10, "the engine stops with the window that never showed")
    assert attaching.process is not None
    attaching.process.wait()


def test_demo_never_touches_a_project_of_a_person(project: Path, tmp_path: Path) -> None:
    before = {file.name: file.read_bytes() for file in project.iterdir()}
    done = watchroom("demo", "--dir", project, "--tour", tmp_path / "tour")
    assert done.returncode == 1
    assert "holds a project of its own" in done.stderr
    assert {file.name: file.read_bytes() for file in project.iterdir()} == before


def test_files_of_the_current_folder_never_run_as_our_code(project: Path) -> None:
    """A project folder is data from somewhere else; `python -m` would put it first on the path."""
    trap = 'import pathlib; pathlib.Path("ran").touch()\n'
    for name in ("secrets.py", "msgspec.py", "hmi/__init__.py", "hmi/__main__.py", "engine/__init__.py"):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(trap)
    command = Path(sys.executable).with_name("watchroom")
    picture = ["screenshot", ".", "--out", "out.png", "--size", "800x600"]
    for words in (["check", "."], picture):
        subprocess.run(
            [command, *words], cwd=project, capture_output=True, timeout=60, check=False, env=os.environ
        )
    assert (project / "out.png").exists()
    assert not (project / "ran").exists()


def test_every_program_we_start_keeps_the_current_folder_out() -> None:
    root = Path(__file__).resolve().parents[2]
    for file in [*root.glob("engine/**/*.py"), *root.glob("hmi/**/*.py")]:
        for line in file.read_text("utf-8").splitlines():
            if '"-m",' in line and "sys.executable" in line:
                assert "*SAFE_PATH" in line, f"{file}: {line.strip()}"


def test_places_that_cannot_be_written_are_named_without_a_traceback(project: Path) -> None:
    for words in (
        ("screenshot", project, "--out", "/proc/nope/x.png"),
        ("demo", "--dir", "/proc/x", "--tour", "/tmp/x"),
    ):
        done = watchroom(*words)
        assert done.returncode == 1
        assert "/proc/" in done.stderr
        assert "Traceback" not in done.stderr


def test_odd_facts_read_as_no_engine(project: Path) -> None:
    data = paths.data(project)
    for socket in ("tcp:127.0.0.1:x", "tcp:127.0.0.1:99999999", "unix:", "nonsense"):
        content = {"pid": 1, "boot": 1, "protocol": 1, "socket": socket, "live": "x"}
        (data / "engine.json").write_text(json.dumps(content))
        done = watchroom("status", project)
        assert done.returncode == 3
        assert "Traceback" not in done.stderr
