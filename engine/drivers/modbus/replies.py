"""What a device that refuses means: quality and words for each Modbus exception (V1.1b3, chapter 7)."""

from __future__ import annotations

from engine.types import Status

STATUS_OF_EXCEPTION: dict[int, Status] = {
    1: Status.CONFIGURATION_ERROR,
    2: Status.CONFIGURATION_ERROR,
    3: Status.CONFIGURATION_ERROR,
    4: Status.DEVICE_FAILURE,
    5: Status.NO_COMMUNICATION,
    6: Status.NO_COMMUNICATION,
    8: Status.DEVICE_FAILURE,
    10: Status.NO_COMMUNICATION,
    11: Status.NO_COMMUNICATION,
}
WORDS: dict[int, str] = {
    1: "illegal function: it has no such table",
    2: "illegal address",
    3: "illegal value: not so many registers at once",
    4: "device failure",
    5: "busy with a long command",
    6: "busy",
    8: "memory parity error",
    10: "gateway path unavailable",
    11: "gateway target does not answer",
}
NOT_THERE = frozenset({1, 2, 3})
"""The unit itself refuses the question: it is there, though what was asked for is not."""
BUSY = frozenset({5, 6})
NO_TARGET = frozenset({10, 11})
"""A gateway answers in the place of a unit that it cannot reach."""


def in_words(code: int) -> str:
    """An exception code for a person: ``exception 2 (illegal address)``."""
    words = WORDS.get(code)
    return f"exception {code} ({words})" if words else f"exception {code}"
