"""UNECE codes of units (Recommendation 20), which OPC UA servers send along with a unit's text."""

from __future__ import annotations

CODES = {
    "bar": "BAR", "mbar": "MBR", "°C": "CEL", "%": "P1", "rpm": "RPM", "A": "AMP", "kA": "B22", "mA": "4K",
    "V": "VLT", "kV": "KVT", "kW": "KWT", "kWh": "KWH", "kN": "B47", "N": "NEW", "Nm": "NU", "mm": "MMT",
    "mm/s": "C16", "m/min": "2X", "m³": "MTQ", "m³/h": "MQH", "l/min": "L2", "l": "LTR", "ms": "C26",
    "s": "SEC", "h": "HUR", "J": "JOU", "°": "DD", "°/s": "E96", "ppm": "59", "Hz": "HTZ", "µΩ": "B95",
}  # fmt: skip


def unit_code(unit: str) -> str:
    """The code of a unit, "" for one that has none here."""
    return CODES.get(unit, "")
