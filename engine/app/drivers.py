"""The installed drivers, found by entry point, so that a plugin adds one without a change here."""

from __future__ import annotations

import importlib.metadata

from engine.drivers.driver import Driver

GROUP = "watchroom.drivers"


def drivers() -> dict[str, Driver]:
    """Drivers by the name that plant.toml uses. Loading them imports no protocol library."""
    found: dict[str, Driver] = {}
    for entry in importlib.metadata.entry_points(group=GROUP):
        driver = entry.load()
        if not isinstance(driver, Driver):
            raise TypeError(f"entry point {entry.value!r} in group {GROUP} is not a Driver; fix that plugin")
        found[entry.name] = driver
    return found
