"""A window with System on show and an engineer at it."""

from __future__ import annotations

import pytest

from tests.hmi.displays.system.models.shelf import ShelfFeed


@pytest.fixture
def feed() -> ShelfFeed:
    """A feed that answers for models."""
    return ShelfFeed()
