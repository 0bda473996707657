"""Short forms of ``Spec`` for the usual kinds of tags."""

from __future__ import annotations

from typing import Any

from engine.testing.demo_plant.plant import Spec

STATES = ("idle", "running", "blocked", "starved", "stopped", "fault")
MODES = ("off", "manual", "auto")
COUNTER_TOP = 10_000_000.0


def analog(
    name: str, unit: str, low: float, high: float, decimals: int = 1, noise: float = 0.0, **more: Any
) -> Spec:
    """A measured value over its sensor's range."""
    return Spec(name, unit, low, high, decimals, noise, **more)


def fast(
    name: str, unit: str, low: float, high: float, decimals: int = 1, noise: float = 0.0, **more: Any
) -> Spec:
    """A measured value that matters: ten times a second, critical."""
    return analog(name, unit, low, high, decimals, noise, rate=10.0, criticality="critical", **more)


def setting(name: str, unit: str, low: float, high: float, decimals: int = 1) -> Spec:
    """A setpoint that a client may write."""
    return Spec(name, unit, low, high, decimals, wire="float64", writable=True)


def pulse(name: str) -> Spec:
    """A command: a client sets it, and the controller resets it by itself."""
    return Spec(name, wire="bool", writable=True)


def counter(name: str, unit: str = "", decimals: int = 0, **more: Any) -> Spec:
    """A number that only grows; with ``decimals`` in double precision, so that it never loses a step."""
    wire = "float64" if decimals else "uint32"
    return Spec(name, unit, 0.0, COUNTER_TOP, decimals, wire=wire, criticality="low", **more)


def flag(name: str, **more: Any) -> Spec:
    """On or off."""
    return Spec(name, wire="bool", **more)


def choice(name: str, states: tuple[str, ...], **more: Any) -> Spec:
    """An enumeration."""
    return Spec(name, high=float(len(states) - 1), wire="small", states=states, **more)


def whole(name: str, high: float, unit: str = "", noise: float = 0.0, **more: Any) -> Spec:
    """A small whole number."""
    return Spec(name, unit, 0.0, high, noise=noise, wire="small", **more)
