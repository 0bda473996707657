"""Form and lint of the whole project."""

from __future__ import annotations

import pytest

from tests.rules.sources import tool


@pytest.mark.system
def test_code_is_formatted() -> None:
    result = tool("-m", "ruff", "format", "--check", "--no-cache", ".")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.system
def test_code_passes_the_linter() -> None:
    result = tool("-m", "ruff", "check", "--no-cache", "--output-format", "concise", ".")
    assert result.returncode == 0, result.stdout + result.stderr
