"""Which signals the demo plant offers, and where: one row a signal. The large plant is more rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

NAMESPACE = "urn:watchroom:demo"
ServerType = Literal["Double", "Float", "Int32", "UInt32", "Boolean"]


@dataclass(frozen=True, slots=True)
class ServerPoint:
    """A variable of the OPC UA server. ``code`` is the UNECE code of ``unit``; ``rate`` per second."""

    name: str
    type: ServerType
    unit: str
    code: str
    low: float
    high: float
    rate: float


@dataclass(frozen=True, slots=True)
class RegisterPoint:
    """A value of the Modbus server at its 0-based PDU address. ``swap`` = low word first."""

    name: str
    table: Literal["coil", "holding"]
    address: int
    type: Literal["bool", "uint16", "float32", "bit"]
    swap: bool = False
    bit: int = 0


SERVER_POINTS = (
    ServerPoint("S50.Pressure", "Double", "bar", "BAR", 0, 220, 10),
    ServerPoint("S50.PressureSetpoint", "Double", "bar", "BAR", 0, 220, 1),
    ServerPoint("S50.OilTemperature", "Float", "°C", "CEL", 0, 80, 1),
    ServerPoint("S50.OilLevel", "Float", "%", "P1", 0, 100, 1),
    ServerPoint("S50.PumpSpeed", "Int32", "rpm", "RPM", 0, 1800, 2),
    ServerPoint("S50.PumpCurrent", "Float", "A", "AMP", 0, 75, 5),
    ServerPoint("S50.Vibration", "Float", "mm/s", "C16", 0, 12, 10),
    ServerPoint("S50.RamPosition", "Double", "mm", "MMT", -10, 650, 10),
    ServerPoint("S50.Strokes", "UInt32", "", "", 0, 1_000_000, 1),
    ServerPoint("S50.Running", "Boolean", "", "", 0, 1, 1),
)

REGISTER_POINTS = (
    RegisterPoint("AIR.Pressure", "holding", 100, "float32", swap=True),
    RegisterPoint("WATER.Temperature", "holding", 102, "float32"),
    RegisterPoint("ENERGY.Power", "holding", 110, "uint16"),
    RegisterPoint("WATER.Flow", "holding", 111, "uint16"),
    RegisterPoint("AIR.Compressor", "holding", 112, "bit", bit=3),
    RegisterPoint("WATER.Pump", "coil", 0, "bool"),
)
