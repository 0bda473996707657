"""What may be done to the framing line: its commands, what its controllers ask first, and the setpoints."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.testing.demo_plant.framing.names import (
    COOLER_AUTO,
    OIL_COOLER,
    S50,
    UNIT_PATHS,
    WATER_PUMPS,
    under,
)
from engine.testing.demo_plant.framing.now import VALVE_PERCENT, VALVE_SETPOINT, Now
from engine.testing.demo_plant.plant import Group, Permit
from engine.testing.demo_plant.specs import MODES, analog, choice, pulse
from engine.testing.demo_plant.switches import pulses
from engine.types import WriteRule

UNIT = ("Start", "Stop", "Auto", "Manual", "Reset")
VALVE = ("Open", "Close")
PUMP = ("Start", "Stop")
CONTROLLER = (
    choice("Mode", MODES),
    analog("Manual position", "%", 0, 100, 1, writable=True),
    pulse("Auto"),
    pulse("Manual"),
)
AIR_SUPPLIES = under("Air supply")
HYDRAULICS = f"{S50}/Hydraulics"


def _commands(prefixes: tuple[str, ...], names: tuple[str, ...]) -> Callable[[Now], Mapping[str, object]]:
    """The function of a group that has nothing but commands."""
    return lambda now: {name: pulses(prefixes, name, now.conditions, now.time) for name in names}


def _group(prefixes: tuple[str, ...], names: tuple[str, ...]) -> Group:
    return Group(prefixes, tuple(map(pulse, names)), _commands(prefixes, names), flags="coil")


def cooler(now: Now) -> dict[str, object]:
    """The controller of the oil cooler's water valve."""
    given = {name: pulses((OIL_COOLER,), name, now.conditions, now.time) for name in ("Auto", "Manual")}
    mode = 1.0 + COOLER_AUTO.at(now.conditions, now.time)
    return {"Mode": mode, "Manual position": now.setpoint(VALVE_SETPOINT, VALVE_PERCENT), **given}


GROUPS = (
    _group(UNIT_PATHS, UNIT),
    _group(AIR_SUPPLIES, VALVE),
    _group((HYDRAULICS,), PUMP),
    _group(WATER_PUMPS, PUMP),
    Group((OIL_COOLER,), CONTROLLER, cooler, flags="coil"),
)


def _start(unit: str) -> tuple[Permit, ...]:
    locks = ["Guard closed", "Light curtain clear", "Emergency stop released", "Air pressure present"]
    more: list[Permit] = []
    if unit == S50:
        locks += ["Oil level above 40 %", "Oil temperature below 65 °C", "Pressure below 248 bar"]
        more = [Permit(f"{HYDRAULICS}/Pump running")]
    return (*(Permit(f"{unit}/Interlocks/{lock}") for lock in locks), Permit(f"{unit}/Mode", (2.0,)), *more)


PERMITS: dict[str, tuple[Permit, ...]] = {
    **{f"{unit}/Start": _start(unit) for unit in UNIT_PATHS},
    **{f"{unit}/Auto": (Permit(f"{unit}/Interlocks/Guard closed"),) for unit in UNIT_PATHS},
    **{f"{unit}/Reset": (Permit(f"{unit}/Interlocks/Guard closed"),) for unit in UNIT_PATHS},
    f"{HYDRAULICS}/Start": (Permit(f"{HYDRAULICS}/Level low", (0.0,)),),
    **{f"{pump}/Start": (Permit(f"{pump}/Ready"),) for pump in WATER_PUMPS},
    VALVE_SETPOINT: (Permit(f"{OIL_COOLER}/Mode", (1.0,)),),
}
_GUARD = "{{unit}/Interlocks/Guard closed}"
_QUALITY = ("quality", "change of product", "equipment trouble")
_SUPPLY = ("energy", "weather", "equipment trouble")
WRITES = (
    WriteRule(
        f"{HYDRAULICS}/Pressure setpoint",
        "critical",
        *(180, 235, 0.5, 20),
        interlock="{./Pump running} and not {./Level low}",
        tolerance=0.05,
        reasons=_QUALITY,
    ),
    WriteRule("*/*/Lift/Force setpoint", "normal", 6, 14, 0.1, 4, _GUARD, tolerance=0.05, reasons=_QUALITY),
    WriteRule("*/*/Clamps/Force setpoint", "normal", 8, 14, 0.1, 4, _GUARD, tolerance=0.05, reasons=_QUALITY),
    WriteRule(
        "*/*/*/Weld current setpoint", "critical", 7, 12, 0.1, 1, tolerance=0.05, reasons=("quality", "test")
    ),
    WriteRule(
        "*/*/*/Electrode force setpoint", "normal", 2, 5, 0.1, 1, tolerance=0.05, reasons=("quality", "test")
    ),
    WriteRule(
        "Utilities/Compressed air/Pressure setpoint",
        "normal",
        *(5.5, 7, 0.1, 1),
        tolerance=0.05,
        reasons=_SUPPLY,
    ),
    WriteRule(
        "Utilities/Cooling water/Temperature setpoint",
        "normal",
        *(14, 22, 0.5, 4),
        tolerance=0.05,
        reasons=_SUPPLY,
    ),
    WriteRule(
        "Utilities/Hydraulic oil/Temperature setpoint",
        "normal",
        *(38, 52, 0.5, 4),
        tolerance=0.05,
        reasons=_SUPPLY,
    ),
    WriteRule(
        VALVE_SETPOINT,
        "normal",
        *(0, 100, 1, None),
        interlock='{./Mode} == "manual"',
        tolerance=0.05,
        reasons=_SUPPLY,
    ),
)
