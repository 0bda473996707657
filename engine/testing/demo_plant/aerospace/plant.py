"""The aerospace cell as a plant."""

from __future__ import annotations

from engine.testing.demo_plant.aerospace import autoclave, drilling, facility
from engine.testing.demo_plant.aerospace.now import LINE, prepare
from engine.testing.demo_plant.plant import Plant, Server

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
    faults={"bag-leak": 7_200.0, "drill-wear": 14_400.0},
    namespace="urn:watchroom:demo:aerospace",
    timezone="Europe/Berlin",
)
