"""S70, stud welding: four guns and the feeders that load them."""

from __future__ import annotations

import numpy as np

from engine.testing.demo_plant.framing.line import FIRST_BODY
from engine.testing.demo_plant.framing.names import S70
from engine.testing.demo_plant.framing.now import Now
from engine.testing.demo_plant.noise import channels, normal
from engine.testing.demo_plant.plant import Group
from engine.testing.demo_plant.specs import analog, choice, counter, fast, flag, setting, whole

STUD_GUN = (
    choice("State", ("idle", "loading", "welding", "waiting", "fault")),
    whole("Program", 99),
    whole("Stud kind", 20),
    fast("Weld current", "kA", 4, 14, 2),
    setting("Weld current setpoint", "kA", 4, 14, 1),
    fast("Weld voltage", "V", 0, 60, 1),
    analog("Weld time", "ms", 0, 200, 1),
    analog("Weld energy", "J", 0, 20000, 0),
    analog("Lift height", "mm", 0, 4, 2),
    analog("Plunge depth", "mm", 0, 4, 2),
    analog("Plunge speed", "mm/s", 0, 400, 0),
    analog("Stud length", "mm", 0, 60, 2),
    analog("Coil temperature", "°C", 0, 120, 1, 0.05),
    analog("Rectifier temperature", "°C", 0, 120, 1, 0.05),
    analog("Chuck wear", "%", 0, 100, 1),
    counter("Studs"),
    counter("Bad studs"),
    analog("Air pressure", "bar", 0, 10, 2, 0.01),
    flag("Stud loaded"),
    flag("Weld active"),
    flag("Ground clamp closed"),
    flag("Head in position"),
)
FEEDER = (
    analog("Fill", "%", 0, 100, 0),
    analog("Vibrator amplitude", "%", 0, 100, 1, 0.3),
    analog("Feed time", "ms", 0, 2000, 0, 5),
    flag("Running"),
    flag("Stud at exit"),
    counter("Studs fed"),
    counter("Jams"),
)
UNIT = 6
STUDS = np.array([[11, 10, 12, 10]])
"""Studs that each gun welds on a body."""
CURRENT_KA = 8.8
GUNS = tuple(f"{S70}/Stud gun {number}" for number in range(1, 5))
FEEDERS = tuple(f"{S70}/Feeder {number}" for number in range(1, 5))
_CHANNEL = 4000


def guns(now: Now) -> dict[str, object]:
    """The guns; values of a weld are those of the last one."""
    line = now.line
    phase, working = line.phase[:, [UNIT]], line.working[:, [UNIT]]
    at = np.clip((phase - 0.06) / 0.88, 0.0, 1.0) * STUDS
    stud = np.minimum(np.floor(at), STUDS - 1)
    within = at - stud
    index = line.index[:, [UNIT]]
    total = index * STUDS + stud + (within > 0.8)
    active = working & (within > 0.7) & (within < 0.8)
    keys = channels(now.conditions.seed, _CHANNEL, 3 * len(GUNS)).reshape(3, -1)
    chance = [normal(key, total.astype(np.int64)) for key in keys]
    wanted = np.stack([now.setpoint(f"{gun}/Weld current setpoint", CURRENT_KA) for gun in GUNS], axis=1)
    current, voltage, time_ms = wanted + 0.03 * chance[0], 26.5 + 0.3 * chance[1], 48.0 + 0.4 * chance[2]
    return {
        "State": np.where(line.stopped[:, [UNIT]], 3, np.where(active, 2, np.where(working, 1, 0))),
        "Program": 4 + (FIRST_BODY + index) % 3,
        "Stud kind": np.arange(1, 5)[np.newaxis],
        "Weld current": current,
        "Weld current setpoint": wanted,
        "Weld voltage": voltage,
        "Weld time": time_ms,
        "Weld energy": current * voltage * time_ms,
        "Lift height": 1.5 + 0.02 * chance[1],
        "Plunge depth": 1.8 + 0.03 * chance[2],
        "Plunge speed": 120.0 + 3.0 * chance[0],
        "Stud length": 24.0 + 0.03 * chance[2],
        "Coil temperature": 33.0 + 22.0 * line.warmth[:, UNIT],
        "Rectifier temperature": 35.0 + 24.0 * line.warmth[:, UNIT],
        "Chuck wear": 12.0 + (total % 2400) / 60.0,
        "Studs": 410_000 + total,
        "Bad studs": 180 + np.floor(total * 0.0011),
        "Air pressure": now.air - 0.2,
        "Stud loaded": within < 0.8,
        "Weld active": active,
        "Ground clamp closed": line.in_place[:, UNIT],
        "Head in position": (within > 0.4) & working,
    }


def feeders(now: Now) -> dict[str, object]:
    """The feeders; somebody fills them up when they run low."""
    index = now.line.index[:, [UNIT]]
    total = index * STUDS
    running = now.line.working[:, [UNIT]]
    return {
        "Fill": 92.0 - (total + 700 * np.arange(4)) % 4000 / 50.0,
        "Vibrator amplitude": 48.0 * running,
        "Feed time": 640.0 + 120.0 * now.air_leak,
        "Running": running,
        "Stud at exit": True,
        "Studs fed": 412_000 + total,
        "Jams": np.floor(total / 1900.0),
    }


GROUPS = (Group(GUNS, STUD_GUN, guns), Group(FEEDERS, FEEDER, feeders))
