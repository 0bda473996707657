"""A demo plant with people, its engine and a window at which somebody logs in."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication

from engine.types import DEMO_PASSWORD
from hmi.bridge import Bridge
from hmi.displays.system.view import SystemView
from hmi.who import station_name
from tests.hmi.displays.system.page import view_of
from tests.hmi.looking import see, window
from tests.running import demo_plant, engine


@contextlib.contextmanager
def seated(application: QApplication, folder: Path, name: str) -> Iterator[tuple[SystemView, Bridge]]:
    """System of a real engine with a demo person of this name at it."""
    (folder / "data" / "demo-plant").mkdir(parents=True)
    (folder / "data" / "demo-plant" / "plant").write_text("press")
    with (
        demo_plant(folder) as plant,
        engine(plant.folder),
        window(application, plant.folder) as (shown, bridge),
    ):
        shown.show_display("system")
        see(lambda: bridge.seat.who.is_known and not bridge.seat.who.is_new, 30, "people of the demo")
        log_in(bridge, name)
        yield view_of(shown), bridge


def log_in(bridge: Bridge, name: str) -> None:
    """A demo person takes over the station."""
    said: list[Any] = []
    body = {"station": station_name(), "name": name, "secret": DEMO_PASSWORD, "kind": "password"}
    bridge.submit("login", body, said.append, said.append)
    see(
        lambda: bridge.seat.who.session is not None and bridge.seat.who.session.person == name,
        30,
        f"{name} logged in",
    )
