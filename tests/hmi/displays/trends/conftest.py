"""Trends with two pens over ten minutes, and an engine that answers by script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from engine import paths
from hmi.displays.display import Place
from tests.hmi.conftest import collect
from tests.hmi.displays.trends.plant import MODEL, OIL, PRESSURE
from tests.hmi.plant import curve

if TYPE_CHECKING:
    from hmi.displays.trends.view import TrendsView
    from tests.hmi.displays.trends.acting import ToldFeed


@pytest.fixture
def feed() -> ToldFeed:
    from tests.hmi.displays.trends.acting import ToldFeed

    return ToldFeed()


@pytest.fixture
def went() -> list[Place]:
    return []


@pytest.fixture
def view(
    qapp: Any, feed: ToldFeed, went: list[Place], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TrendsView]:
    """Pressure and oil temperature over ten minutes, at laptop size."""
    from shiboken6 import isValid

    from hmi.displays.trends.view import TrendsView
    from hmi.theme import apply_theme, load_fonts, load_theme
    from tests.hmi.displays.trends.acting import frame

    look = load_theme("light")
    monkeypatch.setattr(paths, "user_config", lambda: tmp_path)
    load_fonts()
    apply_theme(qapp, look)
    feed.made = lambda index: curve([-600.0 + 5 * k for k in range(120)], [200 + k % 7 for k in range(120)])
    made = TrendsView(look, feed, went.append)
    made.resize(1290, 640)
    made.set_plant(MODEL)
    made.show_place(f"{PRESSURE}\n{OIL}")
    made.show()
    made.trend.keep_span()
    made.trend.plot.set_span(600)
    qapp.processEvents()
    frame(made)
    yield made
    if isValid(made):
        made.close()
        made.deleteLater()
    collect()
