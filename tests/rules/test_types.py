"""Types: strict in the engine, standard in the HMI."""

from __future__ import annotations

import pytest

from tests.rules.sources import tool


@pytest.mark.system
@pytest.mark.timeout(300)
def test_engine_and_hmi_pass_the_type_checker() -> None:
    result = tool("-m", "basedpyright", "--level", "error")
    assert result.returncode == 0, result.stdout + result.stderr
