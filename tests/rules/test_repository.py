"""The repository: what lies at its top, what the lock says, and nothing of anybody's machine."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.rules.sources import ROOT

TOP = {
    "LICENSE",
    "README.md",
    "engine",
    "hmi",
    "installers",
    "plugins",
    "pyproject.toml",
    "requirements.lock",
    "resources",
    "tests",
}
TEXT = {".py", ".md", ".toml", ".txt", ".csv", ".json", ".lock", ".cfg", ".ini", ".sh", ".qss", ".svg", ""}
# Folders of a machine, never of a project; written apart so that this file does not find itself.
MACHINE_PATH = re.compile("(?<![\\w.])/(?:" + "work|root|home/[a-z]+" + ")/" + "[\\w.]+")
ADDRESS = re.compile(r"https?://|file:|--index-url|--extra-index-url|--find-links| @ ")


def tracked() -> list[Path]:
    """Files of the repository: tracked, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout: the list of files comes from git")
    return [path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


def locked() -> dict[str, list[str]]:
    """Every package of the lock with the versions it gives (one per range of Python versions)."""
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==(\S+)", lock_text(), re.MULTILINE):
        found.setdefault(canonicalize_name(name), []).append(version)
    return found


def lock_text() -> str:
    """requirements.lock."""
    return (ROOT / "requirements.lock").read_text(encoding="utf-8")


def test_top_level_holds_what_belongs_there_and_nothing_else() -> None:
    names = {path.relative_to(ROOT).parts[0] for path in tracked()}
    assert {name for name in names if not name.startswith(".")} - TOP == set()
    assert {name for name in TOP if not (ROOT / name).exists()} == set()


def test_lock_names_no_address() -> None:
    assert ADDRESS.findall(lock_text()) == []


def test_every_locked_package_has_hashes() -> None:
    entries = re.split(r"^(?=[\w.-]+==)", lock_text(), flags=re.MULTILINE)[1:]
    assert len(entries) > 50
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_lock_fits_pyproject() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    lock = locked()
    unfit = [
        text
        for text in wanted
        if not (versions := lock.get(canonicalize_name((need := Requirement(text)).name)))
        or not all(need.specifier.contains(version) for version in versions)
    ]
    assert not unfit, f"run python installers/lock.py: {unfit}"


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked()
        if path.suffix in TEXT
        for match in MACHINE_PATH.finditer(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert not found, found
