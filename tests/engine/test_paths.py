"""Folders of the project and of the run."""

import os
from pathlib import Path

import pytest

from engine import paths


def test_runtime_folder_is_private_and_the_same_for_the_same_project(tmp_path: Path) -> None:
    first = paths.runtime(tmp_path)
    assert paths.runtime(tmp_path / ".." / tmp_path.name) == first
    assert paths.runtime(tmp_path / "other") != first
    assert first.stat().st_mode & 0o777 == 0o700


def test_runtime_folder_open_to_others_is_refused(tmp_path: Path) -> None:
    paths.runtime(tmp_path).chmod(0o755)
    with pytest.raises(PermissionError, match="closed to others"):
        paths.runtime(tmp_path)


def test_runtime_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    made = paths.runtime(tmp_path)
    made.rmdir()
    made.symlink_to(tmp_path)
    with pytest.raises(PermissionError):
        paths.runtime(tmp_path)


def test_facts_are_replaced_whole_and_nonsense_reads_as_no_engine(tmp_path: Path) -> None:
    facts = paths.EngineFacts(os.getpid(), 1, 1, "unix:x", "y")
    paths.write_facts(tmp_path, facts)
    assert paths.read_facts(tmp_path) == facts
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["engine.json"]
    (tmp_path / "data" / "engine.json").write_text("{half")
    assert paths.read_facts(tmp_path) is None


def test_resources_are_found() -> None:
    assert (paths.resources() / "fonts" / "Inter-Regular.otf").is_file()
