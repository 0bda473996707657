"""What two commands switch on and off: an edge is enough, what is switched stays so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.testing.demo_plant.conditions import Conditions, Time, Values

PULSE_S = 0.5
"""So long a command stays set before the controller resets it."""


@dataclass(frozen=True, slots=True)
class Switch:
    """Paths of the commands that switch something on and off; it ``starts`` on or off, and reacts after
    ``react_s``.
    """

    on: tuple[str, ...]
    off: tuple[str, ...]
    starts: bool = True
    react_s: float = 0.8

    def edges(self, conditions: Conditions) -> list[tuple[float, bool]]:
        """When it changed, and to what, in order of time; commands that change nothing are left out."""
        given = sorted(
            (each.time_s + self.react_s, each.path in self.on)
            for each in conditions.settings
            if each.path in self.on or each.path in self.off
        )
        found: list[tuple[float, bool]] = []
        state = self.starts
        for time_s, on in given:
            if on != state:
                found.append((time_s, on))
                state = on
        return found

    def at(self, conditions: Conditions, time: Time, lag_s: float = 0.0) -> Values:
        """0 or 1 at each time; with ``lag_s`` how far it has come there, as a first-order lag."""
        value = np.full_like(time, float(self.starts))
        for time_s, on in self.edges(conditions):
            part = 1.0 - np.exp(-np.maximum(time - time_s, 0.0) / lag_s) if lag_s else 1.0
            value += np.where(time >= time_s, (1.0 if on else -1.0) * part, 0.0)
        return value

    def on_s(self, conditions: Conditions, time: Time) -> Values:
        """For how long it has been on since model time 0."""
        total = time * self.starts
        for time_s, on in self.edges(conditions):
            total = total + (1.0 if on else -1.0) * np.maximum(time - time_s, 0.0)
        return total

    def starts_until(self, conditions: Conditions, time: Time) -> Values:
        """How often it was switched on."""
        return sum(
            ((time >= time_s).astype(np.float64) for time_s, on in self.edges(conditions) if on),
            np.zeros_like(time),
        )


def pulsed(conditions: Conditions, path: str, time: Time) -> Values:
    """A command as it stands in the controller: set by a client, reset by itself."""
    value = np.zeros_like(time)
    for each in conditions.settings:
        if each.path == path:
            value = np.maximum(value, (time >= each.time_s) & (time < each.time_s + PULSE_S))
    return value


def switched(switches: Sequence[Switch], conditions: Conditions, time: Time, lag_s: float = 0.0) -> Values:
    """Each switch at each time, [k, switches]."""
    return np.stack([each.at(conditions, time, lag_s) for each in switches], axis=1)


def pulses(prefixes: Sequence[str], name: str, conditions: Conditions, time: Time) -> Values:
    """The command of that name of each prefix, [k, prefixes]."""
    return np.stack([pulsed(conditions, f"{prefix}/{name}", time) for prefix in prefixes], axis=1)
