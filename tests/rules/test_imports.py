"""Who may import whom: the contracts of pyproject.toml, and proof that each of them bites."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.rules.sources import ROOT, functions, modules, name_of

CHECK = "from importlinter.cli import lint_imports_command; lint_imports_command(['--no-cache'])"

# One wrong import for every contract, by the module that gets it.
TRESPASSES = {
    "engine/tags/__init__.py": "import engine.drivers.driver, pcodec, pyarrow, rfc8785, basyx, lightgbm",
    "engine/config/__init__.py": "import PySide6.QtCore, requests, rfc3161_client",
    "engine/drivers/opcua/__init__.py": "import engine.drivers.modbus, pymodbus",
    "engine/drivers/modbus/__init__.py": "import asyncua, engine.testing",
    "engine/client.py": "import scipy, onnxruntime",
    "hmi/formats.py": "import engine.wire, pyqtgraph, vtkmodules, pypdfium2, trimesh, cascadio, tomlkit",
    "hmi/displays/one/__init__.py": "import hmi.displays.two",
    "hmi/displays/two/__init__.py": "",
}


def contracts() -> list[str]:
    """Names of all contracts."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return [contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]]


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the contracts on the packages in ``folder``."""
    environment = {"PYTHONPATH": str(folder), "PATH": "", "COLUMNS": "200", "PYTHONUTF8": "1"}
    command = [sys.executable, "-c", CHECK]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def copy_packages(folder: Path) -> None:
    """The packages and their contracts, to be spoilt."""
    for package in ("engine", "hmi"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)


@pytest.mark.system
def test_import_contracts_are_kept() -> None:
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout[result.stdout.find("Contracts") :] + result.stderr
    assert "0 broken" in result.stdout


@pytest.mark.system
def test_every_import_contract_bites(tmp_path: Path) -> None:
    copy_packages(tmp_path)
    for module, trespass in TRESPASSES.items():
        (tmp_path / module).parent.mkdir(parents=True, exist_ok=True)
        with (tmp_path / module).open("a", encoding="utf-8") as source:
            source.write(f"\n{trespass}\n")
    said = lint_imports(tmp_path).stdout
    kept = [name for name in contracts() if not re.search(f"^{re.escape(name)} BROKEN", said, re.MULTILINE)]
    assert not kept, said


@pytest.mark.system
def test_a_new_folder_of_the_engine_must_be_given_its_layer(tmp_path: Path) -> None:
    copy_packages(tmp_path)
    (tmp_path / "engine" / "newcomer").mkdir()
    (tmp_path / "engine" / "newcomer" / "__init__.py").touch()
    assert "newcomer" in lint_imports(tmp_path).stdout


def onnxruntime_importers() -> set[str]:
    """Modules that import onnxruntime, as a statement or by name."""
    found: set[str] = set()
    for path in modules("engine", "hmi"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            named: list[object] = []
            if isinstance(node, ast.Import):
                named = [each.name for each in node.names]
            elif isinstance(node, ast.ImportFrom):
                named = [node.module]
            elif isinstance(node, ast.Call):  # import_module("onnxruntime"), __import__("onnxruntime"), …
                named = [each.value for each in node.args if isinstance(each, ast.Constant)]
            if any(str(each).split(".")[0] == "onnxruntime" for each in named):
                found.add(name_of(path))
    return found


def test_onnxruntime_is_imported_in_one_place_alone_which_silences_it_first() -> None:
    assert onnxruntime_importers() == {"engine.prediction.session"}
    tree = ast.parse((ROOT / "engine/prediction/session.py").read_text("utf-8"))
    (runtime,) = (each for each in functions(tree) if each.name == "runtime")
    text = ast.unparse(runtime)
    assert 0 < text.index("ORT_DISABLE_TELEMETRY") < text.index("import_module('onnxruntime')")
    assert ast.unparse(tree).count("import_module(") == 1


def typed_readings(text: str) -> list[str]:
    """What of a module's source gives msgspec a type to read."""
    found: list[str] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            does = ast.unparse(node.func)
            is_typed = any(each.arg == "type" for each in node.keywords) or len(node.args) > 1
            reads = does.endswith("decode") and "msgspec." in does and is_typed
            if reads or does.startswith("msgspec.") and does.endswith((".convert", ".Decoder")):
                found.append(ast.unparse(node))
    return found


def test_types_are_read_in_one_place_alone_which_learns_them_one_by_one() -> None:
    found = {
        name_of(path): said
        for path in modules("engine", "hmi", "plugins", "tests")
        if (said := typed_readings(path.read_text("utf-8")))
    }
    assert set(found) == {"engine.typed"}, found
    spoilt = "msgspec.json.decode(b'1', type=int)\nmsgspec.convert(1, int)\nmsgspec.msgpack.Decoder(int)"
    assert len(typed_readings(spoilt)) == 3 and not typed_readings("msgspec.json.decode(b'1')")
