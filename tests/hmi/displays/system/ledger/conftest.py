"""A window with System on show and an administrator at it."""

from __future__ import annotations

import pytest

from tests.hmi.displays.system.office import OfficeFeed


@pytest.fixture
def feed() -> OfficeFeed:
    """A feed that answers for people and the ledger."""
    return OfficeFeed()
