"""What must work without Qt does, and the client stays light."""

from __future__ import annotations

import pytest

from tests.rules.sources import modules, name_of, tool

HEAVY = ("asyncua", "pymodbus", "onnxruntime", "scipy", "sqlite_utils")
BLOCK_QT = """
import sys
class NoQt:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("PySide6", "shiboken6", "pyqtgraph", "vtk", "vtkmodules"):
            raise ImportError("no Qt here: " + name)
sys.meta_path.insert(0, NoQt())
"""


def plain_modules() -> list[str]:
    """Modules that must not need Qt: the whole engine's client side, formats and every state."""
    state = [name_of(path) for path in modules("hmi") if path.stem == "state"]
    return ["engine.client", "hmi.formats", *state]


@pytest.mark.system
def test_state_formats_and_client_work_without_qt() -> None:
    for name in plain_modules():
        result = tool("-c", f"{BLOCK_QT}\nimport {name}")
        assert result.returncode == 0, f"{name}: {result.stderr}"


@pytest.mark.system
def test_the_block_on_qt_is_a_real_one() -> None:
    result = tool("-c", f"{BLOCK_QT}\nimport PySide6.QtCore")
    assert "no Qt here" in result.stderr


@pytest.mark.system
def test_the_client_loads_nothing_heavy() -> None:
    result = tool(
        "-c", f"import sys, engine.client; print([name for name in {HEAVY} if name in sys.modules])"
    )
    assert result.stdout.strip() == "[]", result.stdout + result.stderr
