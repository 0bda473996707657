"""A picture of a window, taken once its values have arrived."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QApplication

from engine.types import Alarm, EngineStatus, HistoryStatus, Kpi, Project, Snapshot, SourceStatus
from hmi.alarm_book import AlarmBook
from hmi.bridge import Bridge
from hmi.control_book import ControlBook
from hmi.displays.display import Place
from hmi.outlook_book import OutlookBook
from hmi.shell.window import Window
from hmi.who import Who

SETTLE_US = 1_000_000
PATIENCE_US, SCENE_PATIENCE_US = 15_000_000, 45_000_000
"""A scene is drawn by the processor where there is no graphics card, and first of all its shapes are made."""


def parse_size(text: str) -> tuple[int, int]:
    """``1920x1080`` as width and height in pixels. Raises ArgumentTypeError for anything else."""
    found = re.fullmatch(r"(\d{3,4})x(\d{3,4})", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"wants WIDTHxHEIGHT in pixels, like 1920x1080; got {text!r}")
    return int(found[1]), int(found[2])


class Picture:
    """Stands between the bridge and a window, and saves the window when it shows all it can.

    That is a second after every tag has had a value, the alarms were told and a display with a scene has
    drawn it, or 15 s (a scene: 45 s) after the start whatever there is: a picture of a source that does
    not answer is a true picture too. ``place`` is gone to as soon as the plant is known.
    """

    def __init__(self, window: Window, bridge: Bridge, file: Path, place: Place | None = None) -> None:
        self._window, self._bridge, self._file, self._place = window, bridge, file, place or Place()
        self._has_alarms = False
        self._started_us = bridge.now_us()
        self._complete_us: int | None = None

    def set_plant(self, project: Project) -> None:
        """Pass on."""
        self._window.set_plant(project)
        if self._place.path:
            self._window.go(self._place)

    def set_sources(self, sources: Sequence[SourceStatus]) -> None:
        """Pass on."""
        self._window.set_sources(sources)

    def set_engine(self, status: EngineStatus) -> None:
        """Pass on."""
        self._window.set_engine(status)

    def set_alarms(self, alarms: Sequence[Alarm]) -> None:
        """Pass on."""
        self._window.set_alarms(alarms)

    def set_alarm_book(self, book: AlarmBook) -> None:
        """Pass on."""
        self._window.set_alarm_book(book)
        self._has_alarms = True

    def set_who(self, known: Who) -> None:
        """Pass on."""
        self._window.set_who(known)

    def set_control(self, book: ControlBook) -> None:
        """Pass on."""
        self._window.set_control(book)

    def set_outlooks(self, book: OutlookBook) -> None:
        """Pass on."""
        self._window.set_outlooks(book)

    def set_kpis(self, kpis: Sequence[Kpi]) -> None:
        """Pass on."""
        self._window.set_kpis(kpis)

    def set_history(self, status: HistoryStatus) -> None:
        """Pass on."""
        self._window.set_history(status)

    def set_stalled(self, text: str | None) -> None:
        """Pass on, and give up waiting after a while."""
        self._window.set_stalled(text)
        self._save_when_due()

    def on_numbers(self, snapshot: Snapshot) -> None:
        """Pass on; note when every tag has had a value."""
        self._window.on_numbers(snapshot)
        if self._complete_us is None and bool((snapshot.receive_time_us > 0).all()):
            self._complete_us = self._bridge.now_us()

    def on_trends(self, now_us: int) -> None:
        """Pass on."""
        self._window.on_trends(now_us)

    def wants(self) -> set[str]:
        """What the window wants, and the numbers: they tell when every tag has had a value."""
        return {*self._window.wants(), "numbers"}

    def _save_when_due(self) -> None:
        now = self._bridge.now_us()
        is_told = self._complete_us is not None and now - self._complete_us > SETTLE_US and self._has_alarms
        is_drawn = self._window.deck.is_ready()
        patience_us = PATIENCE_US if is_drawn else SCENE_PATIENCE_US
        if not (is_told and is_drawn) and now - self._started_us < patience_us:
            return
        saved = self._window.grab().save(str(self._file), "PNG")
        if not saved:
            print(f"{self._file} cannot be written; choose another place", file=sys.stderr)
        elif self._complete_us is None:
            print("the picture shows no live values: not every tag has had one", file=sys.stderr)
        QApplication.exit(0 if saved and self._bridge.live else 1)
