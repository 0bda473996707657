"""A window on the line with types, limits and values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.hmi.booked import tell
from tests.hmi.line import LINE, VALUES
from tests.hmi.plant import snapshot

if TYPE_CHECKING:
    from hmi.shell.window import Window


@pytest.fixture
def line(window: Window, qapp: Any) -> Window:
    """A window on the line with types and limits, its values and no alarm."""
    window.set_plant(LINE)
    tell(window)
    window.on_numbers(snapshot(VALUES))
    qapp.processEvents()
    return window
