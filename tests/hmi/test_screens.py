"""Every display of the framing line, in every size, theme and state, measured as a designer would."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.hmi import framing
from tests.hmi.conftest import collect
from tests.hmi.plant import PLANT, source

if TYPE_CHECKING:
    from hmi.shell.window import Window

pytestmark = [pytest.mark.screen, pytest.mark.timeout(300)]

SIZES = ((1366, 768), (1920, 1080), (3840, 2160))
THEMES = ("light", "dark")
SEEN = [
    pytest.param(each, marks=[] if each[0][0] == 1366 or each[1] == "dark" else pytest.mark.slow)
    for each in itertools.product(SIZES, THEMES)
]
"""Four times the pixels take four times as long, so the largest is drawn in one theme, once a kind."""
LARGE = ("overview", "twin", "trends")
"""What is looked at on the largest screen; the rest is made of the same parts."""
WHOLE = ("overview", "unit", "twin", "alarms")
"""Displays that operate the plant: no name and no message that is painted there loses its end."""
STATES = ("normal", "alarm", "stale")
PRESS, WELD = "Framing line 3/S50 Roof press", "Framing line 3/S30 Spot weld A"
SHOTS = (
    ("overview", ""),
    ("unit", PRESS),
    ("unit", WELD),
    ("unit", f"{WELD}/Robot 1"),
    ("unit", "Utilities/Compressed air"),
    ("twin", f"{PRESS}/Hydraulics"),
    ("trends", PRESS),
    ("alarms", ""),
    ("system", ""),
)
LEAST_GREY = 0.4
"""Mean difference in grey levels (0 to 255) by which two states of a display must differ at least."""


@pytest.fixture(params=SEEN, ids=lambda each: f"{each[0][0]}x{each[0][1]}-{each[1]}")
def shown(qapp: Any, request: pytest.FixtureRequest) -> Iterator[tuple[Window, framing.LineFeed]]:
    """A window on the framing line."""
    from hmi import theme
    from hmi.shell.window import Window

    size, name = request.param
    theme.load_fonts()
    look = theme.load_theme(name)
    theme.apply_theme(qapp, look)
    feed = framing.LineFeed("normal")
    made = Window(look, feed, PLANT)
    made.resize(*size)
    made.set_plant(framing.project())
    made.show()
    qapp.processEvents()
    yield made, feed
    made.close()
    made.deleteLater()
    collect()


def tell(window: Window, feed: framing.LineFeed, state: str) -> None:
    """What the bridge would say in that state."""
    feed.state = state
    names = [each.id for each in framing.project().sources]
    link = "stale" if state == "stale" else "connected"
    window.set_sources(
        [source(name, link, age_s=framing.STALE_S if link == "stale" else 0.2) for name in names]
    )
    window.set_alarms(framing.alarms(state == "alarm"))
    window.set_alarm_book(framing.book(state))
    window.set_kpis(framing.kpis(state))
    window.on_numbers(framing.snapshot(state))


def settle(window: Window, seconds: float = 60.0) -> None:
    """Until layouts are done and a display that draws in another thread has its picture."""
    from PySide6.QtTest import QTest

    from tests.hmi.looking import see

    QTest.qWait(60)
    window.on_trends(framing.NOW_US)
    see(window.deck.is_ready, seconds, "a display that is ready")
    QTest.qWait(30)


def grey(window: Window) -> np.ndarray:
    """The window as grey levels."""
    from PySide6.QtGui import QImage

    image = window.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width()].astype(np.int16)


def test_nothing_is_cut_covered_or_too_small_and_every_state_shows_without_colour(
    shown: tuple[Window, framing.LineFeed],
) -> None:
    from hmi.displays.display import Place
    from hmi.shell.faceplate import Faceplate
    from tests.hmi.structure import cut_text, problems

    window, feed = shown
    album = os.environ.get("WATCHROOM_ALBUM")
    wrong: list[str] = []
    for display, place in SHOTS:
        if window.width() > 1920 and display not in LARGE and not album:
            continue
        pictures: dict[str, np.ndarray] = {}
        window.go(Place(display, place))
        for state in STATES:
            tell(window, feed, state)
            settle(window)
            wrong += [f"{display} {place} {state}: {each}" for each in problems(window, (Faceplate,))]
            with cut_text() as cut:
                pictures[state] = grey(window)
            if display in WHOLE:
                wrong += [f"{display} {place} {state}: {each}" for each in dict.fromkeys(cut)]
            if album:
                words = (display, place.rpartition("/")[2], state, window.theme.name, str(window.width()))
                window.grab().save(str(Path(album) / f"{'-'.join(words).replace(' ', '_')}.png"))
        for one, other in itertools.combinations(STATES, 2):
            differ = float(np.abs(pictures[one] - pictures[other]).mean())
            # An empty list tells by its words alone, which are no larger on a larger screen.
            rest = 1366 * 768 / (window.width() * window.height()) if display == "alarms" else 1.0
            if differ < LEAST_GREY * rest:
                wrong.append(f"{display} {place}: {one} and {other} differ by {differ:.2f} grey levels only")
    assert wrong == []
