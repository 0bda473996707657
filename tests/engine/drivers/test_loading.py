"""A project that only looks loads no code that could write (stage "look")."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.system, pytest.mark.timeout(60)]
ROOT = Path(__file__).resolve().parents[3]
WRITING = ("engine.drivers.writing", "engine.drivers.raw")
PROGRAM = """
import sys
from engine.drivers import {name}
{name}.DRIVER.load()
before = sorted(set({modules}) & sys.modules.keys())
writes = {name}.DRIVER.load_writes()
after = sorted(set({modules}) & sys.modules.keys())
print(before, len(after), callable(writes.send) and callable(writes.read))
"""


@pytest.mark.parametrize("name", ["opcua", "modbus"])
def test_code_that_writes_is_loaded_only_when_it_is_asked_for(name: str) -> None:
    modules = [*WRITING, f"engine.drivers.{name}.write"]
    program = PROGRAM.format(name=name, modules=modules)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=50, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[0] == f"[] {len(modules)} True"
