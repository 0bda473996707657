"""An import of a project's files is killed at any point, and the project is whole again at the next start."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.app import finish_import
from engine.config import half_import
from engine.config.half_import import HALF, READY
from engine.twin.import_apply import apply, plan
from engine.twin.import_rows import Imported, ImportProblem
from engine.types import AssetRow, NameplateEntry, Relation
from tests.engine.twin.exchange_plant import check, full_plant

pytestmark = pytest.mark.fault
NEWS = Imported(
    assets=(AssetRow("Hall/P 3/Valve", title="Valve"),),
    relations=(Relation("Hall/P 3/Valve", "feeds", "Hall/P 2"),),
    nameplates=(NameplateEntry("Hall/P 3/Valve", "Width", "3", "mm"),),
    files={"v.pdf": b"%PDF v"},
)
FILES, STAGED = 4, 5
"""What the import writes, and the calls before it: each file staged, and their list."""
KILLED = """
import os, signal, sys
from pathlib import Path
from engine import paths
from engine.config import half_import
from engine.twin import import_apply
from tests.faults.test_import_killed import NEWS, check

left, real = int(sys.argv[2]), paths.replace_file
def replace_file(path, content):
    global left
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    real(path, content)
half_import.replace_file = import_apply.replace_file = replace_file
folder = Path(sys.argv[1])
import_apply.apply(folder, import_apply.plan(folder, NEWS, replace=False), check)
"""


def contents(folder: Path) -> dict[str, bytes]:
    found = (each for each in folder.rglob("*") if each.is_file())
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in found}


def killed(folder: Path, after: int) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(folder), str(after)], check=False, timeout=50)
    assert done.returncode == -signal.SIGKILL


def told(folder: Path) -> list[str]:
    return [each.message for each in check(folder) if each.file == READY]


@pytest.mark.skipif(sys.platform == "win32", reason="kills with SIGKILL")
@pytest.mark.parametrize("after", range(STAGED + FILES))
def test_an_import_that_is_killed_is_made_whole_at_the_next_start(tmp_path: Path, after: int) -> None:
    folder, like = full_plant(tmp_path / "plant"), full_plant(tmp_path / "like")
    before = contents(folder)
    apply(like, plan(like, NEWS, replace=False), check)
    killed(folder, after)
    is_staged = after >= STAGED
    assert told(folder) == ([HALF] if is_staged else [])
    finish_import(folder)
    assert contents(folder) == (contents(like) if is_staged else before)
    assert not told(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="kills with SIGKILL")
def test_what_somebody_changed_after_the_kill_is_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = full_plant(tmp_path / "plant")
    killed(folder, STAGED + 1)
    with pytest.raises(ImportProblem, match="stopped before all of its files were written"):
        apply(folder, plan(folder, NEWS, replace=False), check)
    (folder / "nameplate.csv").write_text("asset,name,value\nHall/P 1,Mine,1\n")
    finish_import(folder)
    assert "Mine" in (folder / "nameplate.csv").read_text()
    assert "Hall/P 3/Valve" in (folder / "relations.csv").read_text()
    assert "nameplate.csv was changed since" in caplog.text


@pytest.mark.parametrize(
    "file", ["../../out.txt", "plant.toml", "documents/../plant.toml", "/tmp/x", "documents/l/x"]
)
def test_a_list_that_comes_with_a_project_writes_nowhere_else(
    tmp_path: Path, file: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = full_plant(tmp_path / "plant")
    (folder / "documents" / "l").symlink_to(tmp_path)
    half_import.stage(folder, {"assets.csv": b"evil"}, {"assets.csv": b""})
    listed = json.loads((folder / READY / "list.json").read_text())
    listed[0] |= {"file": file, "before": ""}
    (folder / READY / "list.json").write_text(json.dumps(listed))
    before = contents(tmp_path)
    finish_import(folder)
    assert contents(tmp_path) == before
    assert "is no import of ours" in caplog.text
