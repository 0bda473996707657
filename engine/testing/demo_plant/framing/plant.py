"""The framing line as a plant: its servers, its equipment, its faults."""

from __future__ import annotations

from engine.testing.demo_plant.conditions import Stop
from engine.testing.demo_plant.framing import (
    air,
    axes,
    commands,
    handling,
    inspection,
    oil,
    power,
    press,
    robots,
    studs,
    units,
    vibration,
    water,
)
from engine.testing.demo_plant.framing.line import REASONS
from engine.testing.demo_plant.framing.names import LINE, S50, source_of
from engine.testing.demo_plant.framing.now import prepare
from engine.testing.demo_plant.plant import Liar, Plant, Server

PLANT = Plant(
    id="framing",
    name="Body shop",
    line=LINE,
    servers=(
        Server("plc-1", "opcua", "Framing PLC 1"),
        Server("plc-2", "opcua", "Framing PLC 2"),
        Server("utilities", "modbus", "Utilities"),
        Server("drives", "modbus", "Drives"),
    ),
    groups=(
        *units.GROUPS,
        *handling.GROUPS_S10,
        *handling.GROUPS_S20,
        *robots.GROUPS,
        *axes.GROUPS,
        *press.GROUPS,
        *studs.GROUPS,
        *inspection.GROUPS,
        *handling.FIXTURES,
        *units.SUPPLIES,
        *air.GROUPS,
        *water.GROUPS,
        *power.GROUPS,
        *oil.GROUPS,
        *vibration.GROUPS,
        *commands.GROUPS,
    ),
    prepare=prepare,
    writes=commands.WRITES,
    permits=commands.PERMITS,
    faults={
        "seal-leak": 14_400.0,
        "tip-wear": 10_800.0,
        "air-leak": 9_000.0,
        "pump-cavitation": 10_800.0,
        "bearing-wear": 14_400.0,
        "clogged-filter": 12_600.0,
        "cooling-loss": 10_800.0,
        "sensor-drift": 10_800.0,
        "stuck-sensor": 9_000.0,
    },
    liars={
        "sensor-drift": Liar(f"{S50}/Hydraulics/Oil temperature", shift=18.0),
        "stuck-sensor": Liar(f"{S50}/Hydraulics/Valve position", stuck_at=7.9),
    },
    slow={"bearing-wear": 72 * 3600.0},
    source_of=source_of,
    repairs={
        "seal-leak": Stop(4, REASONS.index("press fault"), 2_700.0),
        "tip-wear": Stop(2, REASONS.index("operator stop"), 900.0),
    },
    stoppages=(
        Stop(5, REASONS.index("robot fault"), 1_560.0),
        Stop(0, REASONS.index("material missing"), 1_020.0),
    ),
)
