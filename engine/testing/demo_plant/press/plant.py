"""The small plant's tags and what they do: one stroke of the press after the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.testing.demo_plant.conditions import (
    Conditions,
    Time,
    Values,
    followed,
    setpoint,
    severity,
)
from engine.testing.demo_plant.noise import channels, uniform
from engine.testing.demo_plant.plant import Group, Plant, Server, Spec
from engine.types import WriteRule

CYCLE_S = 12.0
"""One stroke: fast approach 0-2 s, pressing up 2-4 s, hold 4-8 s, return 8-11 s, wait 11-12 s."""
HOLD_BAR = 185.0
IDLE_BAR = 24.0
STROKE_MM = 620.0
_GOLDEN = 0.6180339887498949
_PRESS = "Framing line 3/S50 Roof press"
_SETPOINT = f"{_PRESS}/Hydraulics/Pressure setpoint"


@dataclass(frozen=True, slots=True, eq=False)
class Now:
    """The plant at some times: phase of the stroke in s, share of the load, faults' sizes."""

    time: Time
    seed: int
    phase: Values
    load: Values
    leak: Values
    air_leak: Values
    wanted: Values
    hold: Values

    def tremble(self, channel: int, fastest_hz: float) -> Values:
        """Smooth noise of about unit size: seven sines of unrelated frequency."""
        phase = 2 * np.pi * uniform(channels(self.seed, channel, 7), np.array(0))
        frequency = fastest_hz * _GOLDEN ** np.arange(7)
        waves = np.sin(2 * np.pi * np.multiply.outer(self.time, frequency) + phase)
        return waves.sum(axis=1) / np.sqrt(3.5)


def prepare(conditions: Conditions, time: Time) -> Now:
    """The plant at the given times."""
    phase = np.mod(time, CYCLE_S)
    return Now(
        time=time,
        seed=conditions.seed,
        phase=phase,
        load=np.interp(phase, [0, 2, 4, 8, 8.3, 11, 12], [0, 0.05, 1, 1, 0.1, 0.08, 0]),
        leak=severity(conditions, "seal-leak", time),
        air_leak=severity(conditions, "air-leak", time),
        wanted=setpoint(conditions, _SETPOINT, HOLD_BAR, time),
        hold=followed(conditions, _SETPOINT, HOLD_BAR, time, 2.0),
    )


def hydraulics(now: Now) -> dict[str, object]:
    """The pressure that each stroke builds up, and what makes it."""
    load, leak, phase = now.load, now.leak, now.phase
    drop = leak * 28.0 * np.clip((phase - 4.0) / 4.0, 0.0, 1.0) * (phase < 8.3)
    ripple = (0.6 + 5.0 * leak) * now.tremble(10, 2.3) * (0.3 + load)
    slow = 2.5 * np.sin(2 * np.pi * now.time / 5400.0) + 0.4 * now.tremble(20, 0.01)
    return {
        "Pressure": IDLE_BAR + (now.hold - IDLE_BAR) * load * (1.0 - 0.05 * leak) - drop + ripple,
        "Pressure setpoint": now.wanted,
        "Oil temperature": 46.0 + slow + 9.0 * leak,
        "Oil level": 78.0 - 1.2 * load - 14.0 * leak + 0.15 * now.tremble(30, 0.05),
        "Pump speed": 1480.0 - 22.0 * load + 2.0 * now.tremble(40, 0.4),
        "Pump current": 18.0 + 34.0 * load * (1.0 + 0.12 * leak) + 0.5 * now.tremble(50, 1.1),
        "Pump vibration": np.abs(1.8 + 0.9 * load + 2.4 * leak + 0.35 * now.tremble(60, 2.9)),
    }


def ram(now: Now) -> dict[str, object]:
    """The ram's strokes."""
    return {
        "Position": np.interp(now.phase, [0, 2, 4, 8, 11, 12], [0, 560, STROKE_MM, STROKE_MM, 0, 0]),
        "Strokes": np.floor(now.time / CYCLE_S),
        "Running": True,
    }


def _filling(now: Now) -> tuple[NDArray[np.bool_], Values]:
    """Whether the compressor fills the receiver, and how full it is, 0 to 1."""
    filling_s, emptying_s = 40.0 * (1.0 + 0.8 * now.air_leak), 80.0 / (1.0 + 2.0 * now.air_leak)
    phase = np.mod(now.time, filling_s + emptying_s)
    filling = phase < filling_s
    return filling, np.where(filling, phase / filling_s, 1.0 - (phase - filling_s) / emptying_s)


def air(now: Now) -> dict[str, object]:
    """Compressed air."""
    filling, full = _filling(now)
    pressure = 6.4 + 0.8 * full - 0.5 * now.air_leak + 0.01 * now.tremble(70, 0.7)
    return {"Pressure": pressure, "Compressor running": filling}


def water(now: Now) -> dict[str, object]:
    """Cooling water."""
    swing = 1.2 * np.sin(2 * np.pi * now.time / 3600.0)
    return {
        "Temperature": 21.5 + swing + 0.1 * now.tremble(80, 0.02),
        "Flow": 142.0 + 3.0 * now.tremble(90, 0.1),
        "Pump running": True,
    }


def energy(now: Now) -> dict[str, object]:
    """Electrical power."""
    return {"Power": 96.0 + 42.0 * _filling(now)[0] + 6.0 * now.tremble(100, 0.3)}


_HYDRAULICS = (
    Spec("Pressure", "bar", 0, 220, 1, wire="float64", rate=10, deadband=0.2, criticality="critical"),
    Spec("Pressure setpoint", "bar", 0, 220, 1, wire="float64", writable=True),
    Spec("Oil temperature", "°C", 0, 80, 1, deadband=0.05, criticality="critical"),
    Spec("Oil level", "%", 0, 100, 1, deadband=0.05),
    Spec("Pump speed", "rpm", 0, 1800, wire="int32", rate=2, deadband=1),
    Spec("Pump current", "A", 0, 75, 1, rate=5, deadband=0.1),
    Spec("Pump vibration", "mm/s", 0, 12, 2, rate=10, deadband=0.02, criticality="critical"),
)
_RAM = (
    Spec("Position", "mm", -10, 650, 1, wire="float64", rate=10, deadband=0.5),
    Spec("Strokes", "", 0, 1_000_000, wire="uint32", criticality="low"),
    Spec("Running", wire="bool"),
)
_AIR = (
    Spec("Pressure", "bar", 5, 8, 2, rate=2, deadband=0.01, criticality="critical"),
    Spec("Compressor running", wire="bool"),
)
_WATER = (
    Spec("Temperature", "°C", 5, 40, 1, deadband=0.02),
    Spec("Flow", "l/min", 0, 250, wire="uint16", deadband=1),
    Spec("Pump running", wire="bool"),
)
_ENERGY = (Spec("Power", "kW", 0, 250, wire="uint16", rate=2, deadband=1),)
NODES = {
    "Hydraulics/Pressure": "Pressure",
    "Hydraulics/Pressure setpoint": "PressureSetpoint",
    "Hydraulics/Oil temperature": "OilTemperature",
    "Hydraulics/Oil level": "OilLevel",
    "Hydraulics/Pump speed": "PumpSpeed",
    "Hydraulics/Pump current": "PumpCurrent",
    "Hydraulics/Pump vibration": "Vibration",
    "Ram/Position": "RamPosition",
    "Ram/Strokes": "Strokes",
    "Ram/Running": "Running",
}
PLANT = Plant(
    id="press",
    name="Demo plant",
    line="Framing line 3",
    servers=(Server("press", "opcua", "Roof press"), Server("utilities", "modbus", "Utilities")),
    groups=(
        Group((f"{_PRESS}/Hydraulics",), _HYDRAULICS, hydraulics, "press"),
        Group((f"{_PRESS}/Ram",), _RAM, ram, "press"),
        Group(("Utilities/Compressed air",), _AIR, air, "utilities", order="swap"),
        Group(("Utilities/Cooling water",), _WATER, water, "utilities", flags="coil"),
        Group(("Utilities/Energy",), _ENERGY, energy, "utilities"),
    ),
    prepare=prepare,
    faults={"seal-leak": 5400.0, "air-leak": 5400.0},
    writes=(WriteRule(_SETPOINT, "normal", 120, 200, 0.5, 30, tolerance=0.05),),
    fixed={f"{_PRESS}/{path}": f"S50.{node}" for path, node in NODES.items()},
)
