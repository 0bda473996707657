"""A window on a real engine whose memory is young: what was stored before is in its trends."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from hmi.bridge import Bridge
from hmi.shell.window import Window
from tests.hmi.looking import see, window
from tests.running import CLOCK, PRESSURE, demo_plant, engine

pytestmark = [pytest.mark.screen, pytest.mark.system]
PIXELS = 400


def curve_of(bridge: Bridge, shown: Window, start_us: int) -> np.ndarray:
    """Times of the finite points of the pressure since then, as drawn now."""
    row = [tag.path for tag in shown.tags].index(PRESSURE)
    curve = bridge.curve(row, start_us, bridge.now_us(), PIXELS)
    return curve.time_us[np.isfinite(curve.low)]


def test_trend_of_a_new_engine_goes_back_to_before_it_was_started(qapp: QApplication, tmp_path: Path) -> None:
    with demo_plant(tmp_path / "demo") as plant:
        began_us = CLOCK.now_us()
        with engine(plant.folder) as first, window(qapp, plant.folder) as (shown, bridge):
            see(lambda: shown.tags and curve_of(bridge, shown, began_us).size > 40, 30, "samples")
            first.kill()
            first.wait()
        died_us = CLOCK.now_us()
        with engine(plant.folder), window(qapp, plant.folder) as (shown, bridge):
            before = see(
                lambda: (
                    shown.tags and (times := curve_of(bridge, shown, began_us))[times < died_us].size > 20
                ),
                30,
                "what was stored before",
            )
            assert before
            row = [tag.path for tag in shown.tags].index(PRESSURE)
            see(lambda: bridge.past.detail([row], PIXELS).part == 1, 15, "all of it")
            curve = bridge.curve(row, began_us, bridge.now_us(), PIXELS)
            see(lambda: curve_of(bridge, shown, died_us).size > 5, 15, "new samples")
            gaps = see(lambda: bridge.past.gaps([row], began_us, bridge.now_us()), 15, "the gap")
            assert any(gap.cause == "engine" for gap in gaps)
            curve = bridge.curve(row, began_us, bridge.now_us(), PIXELS)
            hole = np.flatnonzero(np.isnan(curve.low))
            assert hole.size, "no line is drawn over the time without an engine"
            assert (bridge.past.oldest_us() or died_us + 1) <= died_us
