"""The wheel: both packages, the resources, the command and the drivers, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def wheel(tmp_path: Path) -> zipfile.Path:
    """The wheel of this checkout, built without network."""
    source = tmp_path / "source"
    ignore = shutil.ignore_patterns(".*", "__pycache__", "tests")
    shutil.copytree(ROOT, source, ignore=ignore)
    shutil.copy(ROOT / ".gitignore", source)
    (source / "resources" / "demo" / "press" / "data").mkdir(parents=True, exist_ok=True)
    (source / "resources" / "demo" / "press" / "data" / "engine.lock").touch()
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")],
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return zipfile.Path(next((tmp_path / "dist").glob("*.whl")))


@pytest.mark.system
def test_wheel_holds_the_packages_the_resources_and_nothing_else(wheel: zipfile.Path) -> None:
    names = wheel.root.namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops == {"engine", "hmi", "watchroom_resources", "watchroom-0.1.0.dist-info"}
    assert "watchroom_resources/fonts/Inter-Regular.otf" in names
    assert "watchroom-0.1.0.dist-info/licenses/resources/fonts/OFL.txt" in names
    assert not [name for name in names if "/data/" in name]
    entry_points = wheel.joinpath("watchroom-0.1.0.dist-info", "entry_points.txt").read_text(encoding="utf-8")
    assert "watchroom = engine.cli:main" in entry_points
    assert "opcua = engine.drivers.opcua:DRIVER" in entry_points
    wheel.root.close()
