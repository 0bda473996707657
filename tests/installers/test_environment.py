"""What is said of pip's failures, and what the stamp depends on."""

from __future__ import annotations

from pathlib import Path

import pytest

from installers.environment import brief, command_path, explain, stamp_text, venv_python

LOG = Path("setup.log")


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (
            "WARNING: Retrying (Retry(total=2)) after connection broken by 'NewConnectionError("
            "[Errno -3] Temporary failure in name resolution)': /simple/numpy/\n"
            "ERROR: No matching distribution found for numpy==2.4.6\n",
            "Check the network or proxy",
        ),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n", "not the one"),
        ("ERROR: No matching distribution found for vtk==9.7.2\n", "no ready-made build of vtk==9.7.2"),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n",
            "disk is full",
        ),
        ("ERROR: something new\n", "something new (all of pip's words: setup.log)"),
        ("", "pip gave no reason"),
    ],
    ids=["network", "hash", "platform", "disk", "other", "silent"],
)
def test_a_failure_of_pip_becomes_one_sentence(output: str, sentence: str) -> None:
    assert sentence in explain(output, LOG)


def test_only_big_downloads_and_trouble_are_shown() -> None:
    assert brief("Downloading vtk-9.7.2-cp311-cp311-manylinux.whl (139.6 MB)") == "downloading vtk (139.6 MB)"
    assert brief("Downloading six-1.0-py3-none-any.whl (11 kB)") == ""
    assert brief("Collecting vtk==9.7.2") == ""
    assert "trying again" in brief("WARNING: Retrying (Retry(total=2)) after connection broken")


def test_stamp_changes_with_lock_project_and_place(tmp_path: Path) -> None:
    (tmp_path / "requirements.lock").write_text("a")
    (tmp_path / "pyproject.toml").write_text("b")
    first = stamp_text(tmp_path)
    assert stamp_text(tmp_path) == first
    (tmp_path / "pyproject.toml").write_text("c")
    second = stamp_text(tmp_path)
    (tmp_path / "requirements.lock").write_text("d")
    assert len({first, second, stamp_text(tmp_path)}) == 3


def test_windows_keeps_its_programs_in_scripts() -> None:
    assert venv_python(Path("v"), windows=True) == Path("v/Scripts/python.exe")
    assert command_path(Path("v"), windows=True) == Path("v/Scripts/watchroom.exe")
    assert command_path(Path("v"), windows=False) == Path("v/bin/watchroom")
