"""Quality: the 32-bit OPC UA StatusCode (OPC 10000-4, 7.38), everywhere."""

from __future__ import annotations

from enum import IntEnum
from typing import Literal

QualityWord = Literal["good", "uncertain", "bad"]


class Status(IntEnum):
    """The OPC UA status codes the engine itself sets; a device may send any other."""

    GOOD = 0x00000000
    UNCERTAIN = 0x40000000
    STALE = 0x408F0000
    """UncertainNoCommunicationLastUsableValue: the last value is kept, nobody has confirmed it."""
    LAST_USABLE = 0x40900000
    BAD = 0x80000000
    COMMUNICATION_ERROR = 0x80050000
    NO_COMMUNICATION = 0x80310000
    WAITING_FOR_INITIAL_DATA = 0x80320000
    CONFIGURATION_ERROR = 0x80890000
    NOT_CONNECTED = 0x808A0000
    DEVICE_FAILURE = 0x808B0000
    SENSOR_FAILURE = 0x808C0000


SEVERITY_MASK = 0xC0000000
REASONS: dict[int, str] = {
    Status.STALE: "no news from the source; this is the last value",
    Status.LAST_USABLE: "last usable value",
    Status.UNCERTAIN: "the device marks it uncertain, or its time or size cannot be right",
    0x40910000: "substitute value",
    0x40920000: "initial value, not measured yet",
    0x40930000: "sensor not accurate",
    0x40940000: "outside the sensor's range",
    0x40950000: "fewer sources than needed",
    0x42090000: "simulated value",
    Status.BAD: "the device marks it bad, or sends what is no number",
    Status.COMMUNICATION_ERROR: "communication error",
    Status.NO_COMMUNICATION: "no communication with the device",
    Status.WAITING_FOR_INITIAL_DATA: "no value received yet",
    Status.CONFIGURATION_ERROR: "address or type does not fit the device",
    Status.NOT_CONNECTED: "sensor not connected",
    Status.DEVICE_FAILURE: "device failure",
    Status.SENSOR_FAILURE: "sensor failure",
    0x808D0000: "out of service",
    0x800A0000: "timeout",
    0x803A0000: "not readable",
    0x80340000: "node does not exist on the server",
}


def quality_word(status: int) -> QualityWord:
    """The severity of a StatusCode (bits 31-30) in one word."""
    if status & 0x80000000:
        return "bad"
    return "uncertain" if status & 0x40000000 else "good"


def reason(status: int) -> str:
    """What a StatusCode means, for a person; empty when plainly good."""
    if status & 0xFFFF0000 == 0:
        return ""
    text = REASONS.get(status & 0xFFFF0000)
    return text or f"{quality_word(status)}, code 0x{status:08X}"
