"""A running project saved, brought back as on a blank machine, and started there."""

import json
import shutil
from pathlib import Path

import pytest

from engine import paths
from tests.running import engine, until, watchroom

pytestmark = pytest.mark.system
PLANT = '[[sources]]\nid = "plc"\ndriver = "modbus"\nendpoint = "tcp://127.0.0.1:1"\n'


@pytest.mark.parametrize("to", ["mill.zip", "share"])
def test_project_saved_while_its_engine_runs_starts_where_it_is_restored(tmp_path: Path, to: str) -> None:
    folder, new = tmp_path / "mill", tmp_path / "new"
    folder.mkdir()
    (folder / "plant.toml").write_text(PLANT)
    (folder / "tags.csv").write_text("path,source,address\nA/x,plc,holding:1\nA/y,plc,holding:2\n")
    if to == "share":
        (tmp_path / to).mkdir()
    try:
        with engine(folder):
            saved = watchroom("backup", folder, tmp_path / to)
            assert (saved.returncode, saved.stderr) == (0, "")
        restored = watchroom("restore", tmp_path / to, new)
        assert (restored.returncode, restored.stderr) == (0, "")
        assert not (new / "data" / "engine.json").exists()
        with engine(new):
            until(lambda: watchroom("status", new, "--json").returncode == 0, 20)
            first = json.loads(watchroom("status", new, "--json").stdout.splitlines()[0])
            assert first["tags"] == 2
        again = watchroom("restore", tmp_path / to, new)
        assert again.returncode == 1
        assert "is not empty, and nothing in it is replaced" in again.stderr
    finally:
        for each in (folder, new):
            shutil.rmtree(paths.runtime(each), ignore_errors=True)
