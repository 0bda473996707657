"""The two commands of the README, as a person on an unknown machine meets them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from installers import environment, verbs
from installers.bootstrap import too_old
from installers.environment import command_path
from installers.linux.libraries import Missing

ROOT = Path(__file__).resolve().parents[2]
# The discard port: nobody listens, so the connection is refused at once, without leaving the machine.
DEAD = "http://127.0.0.1:9"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout without an environment, as after a clone."""
    for name in ("installers", "engine", "hmi"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "resources" / "fonts").mkdir(parents=True)
    shutil.copy(ROOT / "resources" / "fonts" / "OFL.txt", tmp_path / "resources" / "fonts")
    for name in ("pyproject.toml", "requirements.lock", "LICENSE", "README.md"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def bootstrap(checkout: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run bootstrap.py there with nobody at the keyboard and no package source but the one given."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    clean |= {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1", "DISPLAY": "", "WAYLAND_DISPLAY": ""}
    return subprocess.run(
        [sys.executable, str(checkout / "installers" / "bootstrap.py"), *arguments],
        cwd=checkout,
        env=clean | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_old_python_is_told_what_is_needed() -> None:
    assert "needs Python 3.11 or newer; this is Python 3.9.2" in too_old((3, 9, 2))
    assert too_old((3, 11, 0)) == ""
    assert too_old((4, 0, 0)) == ""


@pytest.mark.system
def test_an_unknown_verb_prints_the_usage_and_fails(checkout: Path) -> None:
    said = bootstrap(checkout, "instal")
    assert said.returncode == 2
    assert said.stdout == "" and "usage:" in said.stderr


@pytest.mark.system
def test_without_network_a_person_reads_one_sentence_and_no_stamp_is_left(checkout: Path) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "watchroom.unfinished").touch()
    (checkout / ".venv" / "half-installed").touch()
    said = bootstrap(checkout, "setup", PIP_INDEX_URL=DEAD, PIP_RETRIES="0")
    assert said.returncode == 1
    assert "Could not download packages" in said.stderr
    assert "Check the network or proxy and run the same command again." in said.stderr
    assert "Traceback" not in said.stdout + said.stderr
    assert not (checkout / ".venv" / "half-installed").exists(), "an unfinished environment is made anew"
    assert not (checkout / ".venv" / "watchroom.stamp").exists()


@pytest.mark.system
def test_setup_installs_the_project_once_and_again_when_it_changes(checkout: Path) -> None:
    lend_this_environment(checkout)
    (checkout / "requirements.lock").write_text(
        "# nothing, so that nothing is downloaded\n", encoding="utf-8"
    )
    first = bootstrap(checkout, "setup")
    assert first.returncode == 0, first.stdout + first.stderr
    assert "[3/3] Watchroom itself" in first.stdout
    assert command_path(checkout / ".venv").exists()
    again = bootstrap(checkout, "setup")
    assert again.returncode == 0
    assert "[3/3]" not in again.stdout and "Ready:" in again.stdout
    with (checkout / "pyproject.toml").open("a", encoding="utf-8") as project:
        project.write("\n# changed\n")
    assert "[3/3] Watchroom itself" in bootstrap(checkout, "setup").stdout


def test_a_missing_library_stops_the_window_with_the_line_to_type(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(verbs.libraries, "missing", lambda *wanted: Missing(("libEGL.so.1",)))
    monkeypatch.setattr(verbs.libraries, "this_installer", lambda: "apt-get")
    monkeypatch.setattr(verbs.libraries, "is_root", lambda: False)
    monkeypatch.setattr(verbs.sys, "platform", "linux")
    assert verbs.main(["run"]) == 1
    assert "\n    sudo apt-get install -y --no-install-recommends libegl1\n" in capsys.readouterr().err


def test_a_missing_sound_library_is_named_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(verbs, "prepare", lambda root: None)
    monkeypatch.setattr(verbs, "supply", lambda groups: "")
    monkeypatch.setattr(verbs.libraries, "sound_missing", lambda: Missing(("libpulse-simple.so.0",)))
    monkeypatch.setattr(verbs.libraries, "this_installer", lambda: "apt-get")
    monkeypatch.setattr(verbs.libraries, "is_root", lambda: False)
    monkeypatch.setattr(verbs.sys, "platform", "linux")
    assert verbs.main(["setup"]) == 0
    said = capsys.readouterr().out
    assert "Alarms will be seen and not heard" in said and "libpulse0\n" in said and "Ready:" in said


def test_a_python_without_venv_names_the_debian_package(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(verbs.environment, "is_ready", lambda root: False)
    monkeypatch.setattr(verbs.environment, "lacks_venv", lambda: True)
    monkeypatch.setattr(verbs.libraries, "is_root", lambda: False)
    assert verbs.main(["setup"]) == 1
    package = "python{}.{}-venv".format(*sys.version_info[:2])
    assert f"sudo apt-get install -y {package}" in capsys.readouterr().err


@pytest.mark.system
def test_without_a_screen_the_tour_is_drawn_off_screen(checkout: Path) -> None:
    command = pretend_ready(checkout)
    said = bootstrap(checkout, "run")
    assert "No screen found" in said.stdout
    assert f"QT_QPA_PLATFORM=offscreen {command} demo --tour tour" in said.stdout
    assert said.stdout.splitlines()[-1] == "offscreen demo --tour tour"


@pytest.mark.system
def test_a_tour_asked_for_is_drawn_without_asking_back(checkout: Path) -> None:
    pretend_ready(checkout)
    said = bootstrap(checkout, "run", "--tour", "pictures")
    assert said.stdout.splitlines() == ["offscreen demo --tour pictures"]


def lend_this_environment(checkout: Path) -> None:
    """An environment that has pip and the build tools: it sees the packages of the one the tests run in."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(checkout / ".venv")], check=True)
    folder = next(
        (checkout / ".venv").glob("lib/python*/site-packages"), checkout / ".venv/Lib/site-packages"
    )
    here = next(path for path in sys.path if path.endswith("site-packages"))
    (folder / "lent.pth").write_text(here, encoding="utf-8")


def pretend_ready(checkout: Path) -> Path:
    """A stamped environment whose ``watchroom`` says how it was called."""
    command = environment.command_path(checkout / ".venv")
    command.parent.mkdir(parents=True)
    environment.venv_python(checkout / ".venv").symlink_to(sys.executable)
    command.write_text('#!/bin/sh\necho "$QT_QPA_PLATFORM $*"\n', encoding="utf-8")
    command.chmod(0o755)
    (checkout / ".venv" / environment.STAMP).write_text(environment.stamp_text(checkout), encoding="ascii")
    return command
