"""The aerospace cell as a plant."""

from __future__ import annotations

from engine.testing.demo_plant.aerospace import autoclave, drilling, facility
from engine.testing.demo_plant.aerospace.now import AUTOCLAVE, DRILLING, LINE, prepare
from engine.testing.demo_plant.plant import Plant, Server
from engine.types import WriteRule

WRITES = (
    WriteRule(f"{AUTOCLAVE}/Vessel/Temperature offset", "critical", -10, 10, 0.5, 5, tolerance=0.05),
    WriteRule(f"{AUTOCLAVE}/Vessel/Pressure setpoint", "critical", 0, 8, 0.1, 1, tolerance=0.05),
    WriteRule(
        f"{DRILLING}/*/Spindle speed setpoint",
        "normal",
        *(3000, 9000, 100, 3000),
        "{./Tool intact}",
        tolerance=0.5,
    ),
    WriteRule(
        f"{DRILLING}/*/Feed setpoint", "normal", *(100, 800, 10, 300), "{./Tool intact}", tolerance=0.5
    ),
)

PLANT = Plant(
    id="aerospace",
    name="Wing shop",
    line=LINE,
    servers=(
        Server("autoclave", "opcua", "Autoclave PLC"),
        Server("drilling", "opcua", "Drilling PLC"),
        Server("facility", "modbus", "Facility"),
    ),
    groups=(*autoclave.GROUPS, *drilling.GROUPS, *facility.GROUPS),
    prepare=prepare,
    writes=WRITES,
    faults={"bag-leak": 7_200.0, "drill-wear": 14_400.0},
    namespace="urn:watchroom:demo:aerospace",
    timezone="Europe/Berlin",
)
