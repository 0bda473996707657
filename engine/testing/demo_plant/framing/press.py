"""S50, the roof press: hydraulic supply, ram, guide columns and tool."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.testing.demo_plant.framing.names import HYDRAULIC_PUMP, S50
from engine.testing.demo_plant.framing.now import PRESSURE_BAR, PRESSURE_SETPOINT, Now
from engine.testing.demo_plant.framing.vibration import press_pump_mm_s
from engine.testing.demo_plant.plant import Group
from engine.testing.demo_plant.specs import analog, counter, fast, flag, setting, whole

HYDRAULICS = (
    # A transmitter with suppressed zero: 4 mA at 160 bar.
    fast("Pressure", "bar", 160, 260, 1, 0.25, wire="float64"),
    setting("Pressure setpoint", "bar", 160, 240, 1),
    fast("Pressure ripple", "bar", 0, 20, 2, 0.05),
    fast("Oil temperature", "°C", 20, 80, 1, 0.04),
    analog("Oil level", "%", 0, 100, 1, 0.05),
    fast("Pump speed", "rpm", 0, 1800, 0, 1.2),
    fast("Pump current", "A", 0, 120, 1, 0.2),
    fast("Pump vibration", "mm/s", 0, 12, 2, 0.04),
    analog("Pump pressure", "bar", 0, 315, 1, 0.4),
    analog("Pump case temperature", "°C", 0, 110, 1, 0.05),
    analog("Pump swivel angle", "%", 0, 100, 1, 0.2),
    flag("Pump running"),
    flag("Pump start"),
    fast("Valve demand", "%", 0, 100, 1),
    fast("Valve position", "%", 0, 100, 1, 0.08),
    analog("Valve current", "mA", 0, 40, 2, 0.02),
    analog("Servo valve temperature", "°C", 0, 110, 1, 0.05),
    analog("Accumulator gas pressure", "bar", 0, 250, 1, 0.1, drift=1.0),
    analog("Accumulator volume", "l", 0, 50, 1, 0.05),
    analog("Return pressure", "bar", 0, 16, 2, 0.02),
    analog("Leakage flow", "l/min", 0, 20, 2, 0.02),
    analog("Case drain flow", "l/min", 0, 20, 2, 0.02, drift=0.05),
    analog("Filter pressure drop", "bar", 0, 8, 2, 0.01, drift=0.1),
    analog("Oil cooler flow", "l/min", 0, 120, 1, 0.2),
    analog("Oil cooler inlet temperature", "°C", 0, 80, 1, 0.05),
    analog("Oil cooler outlet temperature", "°C", 0, 80, 1, 0.05),
    analog("Water in oil", "ppm", 0, 1000, 0, 1.5, drift=12),
    whole("Oil cleanliness", 30),
    flag("Filter clogged"),
    flag("Level low"),
    counter("Run hours", "h", 1),
    counter("Starts"),
)
RAM = (
    fast("Position", "mm", -10, 650, 1, 0.05, wire="float64"),
    fast("Force", "kN", 0, 2500, 0, 2.0),
    fast("Cylinder pressure", "bar", 0, 315, 1, 0.3),
    fast("Rod side pressure", "bar", 0, 160, 1, 0.2),
    fast("Speed", "mm/s", -400, 400, 0, 0.5),
    analog("Position demand", "mm", -10, 650, 1),
    analog("Parallelism", "mm", 0, 2, 3, 0.004),
    analog("Peak force", "kN", 0, 2500, 0),
    analog("Peak cylinder pressure", "bar", 0, 315, 1),
    analog("Hold time", "s", 0, 20, 2),
    analog("Rod seal temperature", "°C", 0, 120, 1, 0.05),
    flag("At top"),
    flag("At bottom"),
    flag("Safety latch locked"),
    counter("Strokes"),
)
COLUMN = (
    analog("Strain", "µm/m", -200, 1500, 0, 2.0),
    analog("Guide temperature", "°C", 0, 90, 1, 0.05, drift=0.5),
    analog("Lubricant flow", "ml/min", 0, 200, 0, 0.8),
    analog("Play", "mm", 0, 1, 3, 0.002),
    analog("Share of force", "%", 0, 50, 1, 0.05),
)
TOOL = (
    analog("Temperature", "°C", 0, 120, 1, 0.05),
    analog("Ejector pressure", "bar", 0, 10, 2, 0.01),
    flag("Tool locked"),
    flag("Ejector out"),
    whole("Tool number", 99),
    counter("Tool strokes"),
)
COLUMNS = tuple(f"{S50}/Guide column {number}" for number in range(1, 5))

UNIT = 4
STROKE_MM = 620.0
FORCE_KN = 1842.0
"""At ``PRESSURE_BAR``."""
TRAVEL = ((0.0, 0.12, 0.30, 0.40, 0.72, 0.92, 1.0), (0.0, 0.0, 560.0, STROKE_MM, STROKE_MM, 0.0, 0.0))
"""Ram position over the phase of the work."""
_COLUMN_SHARE = np.array([[0.252, 0.249, 0.246, 0.253]])


def hydraulics(now: Now) -> dict[str, object]:
    """Pump, valve, accumulator and oil. A leaking seal shows as ripple, warm oil and rising pressure; a worn
    bearing shakes and warms the pump; a full filter holds the oil up.
    """
    load, leak, line, bearing, clogged = now.pressing, now.leak, now.line, now.bearing, now.clogged
    turns = HYDRAULIC_PUMP.at(now.conditions, now.time, 0.7)
    demand = np.where(line.working[:, UNIT], 8.0 + 54.0 * load, 6.0)
    return {
        "Pressure": now.pressure + 1.1 * leak * np.sin(now.time * 2.9),
        "Pressure setpoint": now.setpoint(PRESSURE_SETPOINT, PRESSURE_BAR),
        "Pressure ripple": 1.3 + 0.35 * load + 6.2 * leak,
        "Oil temperature": now.oil,
        "Oil level": 71.4 - 1.1 * load - 9.0 * leak + 0.5 * now.weather[:, 1],
        "Pump speed": (1480.0 - 9.0 * load - 6.0 * leak) * turns,
        "Pump current": (38.0 + 41.0 * load + 9.0 * leak + 3.0 * bearing) * turns,
        "Pump vibration": press_pump_mm_s(now) * turns,
        "Pump pressure": (now.pressure + 6.5 + 2.0 * load) * turns,
        "Pump case temperature": now.oil + 9.0 + 10.0 * bearing,
        "Pump swivel angle": (22.0 + 58.0 * load + 11.0 * leak) * turns,
        "Pump running": HYDRAULIC_PUMP.at(now.conditions, now.time),
        "Pump start": replace(HYDRAULIC_PUMP, react_s=0.0).at(now.conditions, now.time),
        "Valve demand": demand,
        "Valve position": 0.994 * demand,
        "Valve current": 4.0 + 0.16 * demand,
        "Servo valve temperature": now.oil + 4.5,
        "Accumulator gas pressure": 148.0,
        "Accumulator volume": 21.5 - 6.0 * load + 3.0 * leak,
        "Return pressure": 2.4 + 1.6 * load + 1.2 * clogged,
        "Leakage flow": 0.35 + 0.2 * load + 5.5 * leak,
        "Case drain flow": 1.9 + 0.4 * load + 1.1 * leak,
        "Filter pressure drop": 1.35 + 0.25 * load + 3.4 * clogged,
        "Oil cooler flow": 64.0 + 9.0 * leak,
        "Oil cooler inlet temperature": now.oil + 0.8,
        "Oil cooler outlet temperature": now.oil - 5.6,
        "Water in oil": 128.0,
        "Oil cleanliness": 16.0 + np.floor(2.9 * np.maximum(leak, clogged)),
        "Filter clogged": clogged > 0.8,
        "Level low": False,
        "Run hours": 11_204.0 + HYDRAULIC_PUMP.on_s(now.conditions, now.time) / 3600.0,
        "Starts": 3181 + HYDRAULIC_PUMP.starts_until(now.conditions, now.time),
    }


def ram(now: Now) -> dict[str, object]:
    """The ram: down fast, press, hold, up. Where the seal leaks, the held pressure droops."""
    phase, load = now.line.phase[:, UNIT], now.pressing
    position = np.interp(phase, *TRAVEL)
    held = np.clip((phase - 0.40) / 0.30, 0.0, 1.0) * (load > 0.9)
    share = now.pressure / PRESSURE_BAR * (1.0 - 0.14 * now.leak * held)
    slope = np.interp(phase + 0.002, *TRAVEL) - np.interp(phase - 0.002, *TRAVEL)
    speed = slope / (0.004 * now.line.work_s[:, UNIT]) * now.line.working[:, UNIT]
    best = now.pressure / PRESSURE_BAR
    return {
        "Position": position,
        "Force": FORCE_KN * load * share,
        "Cylinder pressure": 11.0 + 196.0 * load * share,
        "Rod side pressure": 9.0 + 42.0 * (speed < -1.0) + 12.0 * load,
        "Speed": speed,
        "Position demand": position,
        "Parallelism": 0.11 + 0.09 * load,
        "Peak force": FORCE_KN * best,
        "Peak cylinder pressure": 11.0 + 196.0 * best,
        "Hold time": 15.5,
        "Rod seal temperature": now.oil + 3.0 + 12.0 * now.leak,
        "At top": position < 2.0,
        "At bottom": position > STROKE_MM - 2.0,
        "Safety latch locked": position < 2.0,
        "Strokes": 201_500 + now.line.index[:, UNIT] + (phase > 0.75),
    }


def columns(now: Now) -> dict[str, object]:
    """The four guide columns; the press is loaded a little unevenly."""
    load = now.pressing[:, np.newaxis] * _COLUMN_SHARE
    return {
        "Strain": 12.0 + 3900.0 * load * (now.pressure / PRESSURE_BAR)[:, np.newaxis],
        "Guide temperature": 31.0 + 12.0 * now.line.warmth[:, UNIT],
        "Lubricant flow": 84.0,
        "Play": 0.082 + 0.01 * _COLUMN_SHARE,
        "Share of force": 100.0 * _COLUMN_SHARE,
    }


def tool(now: Now) -> dict[str, object]:
    """The pressing tool."""
    phase = now.line.phase[:, UNIT]
    return {
        "Temperature": 29.0 + 9.0 * now.line.warmth[:, UNIT],
        "Ejector pressure": now.air - 0.25,
        "Tool locked": True,
        "Ejector out": (phase > 0.93) & (phase < 1.0),
        "Tool number": 12,
        "Tool strokes": 48_200 + now.line.index[:, UNIT] + (phase > 0.75),
    }


GROUPS = (
    Group((f"{S50}/Hydraulics",), HYDRAULICS, hydraulics),
    Group((f"{S50}/Ram",), RAM, ram),
    Group(COLUMNS, COLUMN, columns),
    Group((f"{S50}/Tool",), TOOL, tool),
)
