"""Changes of alarms as the engine puts them into the journal."""

from __future__ import annotations

from typing import Any

import msgspec

from engine.types import Alarm, AlarmChange, Letter, What

START_US = 1_750_000_000_000_000
HOUR_US = 3_600_000_000


def change(
    alarm: int, what: What = "active", letter: Letter = "B", time_us: int = START_US, **more: Any
) -> AlarmChange:
    """A change of an alarm at ``Line 1/S<alarm>/Pressure``."""
    said: dict[str, Any] = {
        "alarm": alarm,
        "what": what,
        "letter": letter,
        "priority": 2,
        "time_us": time_us,
        "source_us": time_us - 1000,
        "path": f"Line 1/S{alarm}/Pressure",
        "kind": "h",
        "message": "Pressure is high",
        "value": 187.5,
        "limit": 180.0,
    }
    return AlarmChange(**(said | more))


def after(noted: AlarmChange, **more: Any) -> Alarm:
    """What the alarm is after a change."""
    said: dict[str, Any] = {
        "path": noted.path,
        "kind": noted.kind,
        "name": noted.name,
        "message": noted.message,
        "alarm_class": noted.alarm_class,
        "priority": noted.priority,
        "active": noted.letter in ("B", "C"),
        "since_us": noted.source_us,
        "changed_us": noted.source_us,
        "value": noted.value,
        "limit": noted.limit,
        "id": noted.alarm,
        "letter": noted.letter,
        "cause": "The relief valve is stuck",
        "response": "Reduce the load",
        "consequence": "The pump trips",
        "respond_s": 300.0,
    }
    return Alarm(**(said | more))


def body(noted: AlarmChange, **more: Any) -> dict[str, Any]:
    """The body of the event ``alarm``; ``more`` is of the alarm."""
    return {"change": msgspec.to_builtins(noted), "alarm": msgspec.to_builtins(after(noted, **more))}
