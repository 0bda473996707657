"""A window with System on show: two sources, both well."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.hmi.conftest import collect
from tests.hmi.plant import PLANT, PROJECT
from tests.hmi.sources import LINE, SourceFeed, detail, engine, secured

if TYPE_CHECKING:
    from hmi.shell.window import Window


@pytest.fixture
def feed() -> SourceFeed:
    """A feed that answers for sources."""
    made = SourceFeed()
    for each in (detail(secured()), detail(LINE)):
        made.details[each.status.id] = each
    return made


@pytest.fixture
def window(qapp: Any, feed: SourceFeed) -> Iterator[Window]:
    """A window with System on show; two sources, both well."""
    from hmi import theme
    from hmi.shell.window import Window

    theme.load_fonts()
    look = theme.load_theme("light")
    theme.apply_theme(qapp, look)
    made = Window(look, feed, PLANT)
    made.resize(1920, 1080)
    made.show()
    made.show_display("system")
    made.set_plant(PROJECT)
    made.set_sources([LINE, secured()])
    made.set_engine(engine())
    qapp.processEvents()
    yield made
    made.close()
    made.deleteLater()
    collect()
