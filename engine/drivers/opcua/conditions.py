"""From the fields of an event to what a condition says now (OPC 10000-9, 5.5 to 5.8). Pure, no asyncua.

Whatever a server leaves out or sends in a wrong type is taken as not said: a malformed event is read as far
as it goes, and one that names no condition is none of ours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import msgspec

from engine.drivers.opcua.address import address_text
from engine.drivers.opcua.event_bytes import Code, Field, Node, Time
from engine.types import ConditionReport

BASE, CONDITION, ACKNOWLEDGEABLE, ALARM = 2041, 2782, 2881, 2915
"""BaseEventType, ConditionType, AcknowledgeableConditionType, AlarmConditionType."""

FIELDS: tuple[tuple[int, str], ...] = (
    (BASE, "EventId"),
    (BASE, "EventType"),
    (BASE, "SourceNode"),
    (BASE, "SourceName"),
    (BASE, "Time"),
    (BASE, "Message"),
    (BASE, "Severity"),
    (CONDITION, ""),
    (CONDITION, "BranchId"),
    (CONDITION, "ConditionName"),
    (CONDITION, "Retain"),
    (CONDITION, "EnabledState/Id"),
    (CONDITION, "Quality"),
    (CONDITION, "Comment"),
    (CONDITION, "ClientUserId"),
    (ACKNOWLEDGEABLE, "AckedState/Id"),
    (ACKNOWLEDGEABLE, "ConfirmedState/Id"),
    (ALARM, "ActiveState/Id"),
    (ALARM, "ActiveState/TransitionTime"),
    (ALARM, "InputNode"),
    (ALARM, "SuppressedState/Id"),
    (ALARM, "OutOfServiceState/Id"),
    (ALARM, "LatchedState/Id"),
    (ALARM, "ShelvingState/CurrentState/Id"),
    (ALARM, "ShelvingState/UnshelveTime"),
    (ALARM, "MaxTimeShelved"),
)
"""What is asked of every event: the type that has the field and its browse path. "" = the node itself, which
for a condition is its ConditionId (5.5.2)."""
NAMES = tuple(path or "ConditionId" for _, path in FIELDS)

REFRESH_START, REFRESH_END, REFRESH_REQUIRED, OVERFLOW = 2787, 2788, 2789, 3035
"""Event types that say something of the list itself (5.11, OPC 10000-5 6.4.34)."""
_TIMED, _ONE_SHOT = 2932, 2933
LONGEST_TEXT = 1000
DEEPEST = 8

Signal = Literal["start", "end", "required", "overflow"]
_SIGNALS: dict[int, Signal] = {
    REFRESH_START: "start",
    REFRESH_END: "end",
    REFRESH_REQUIRED: "required",
    OVERFLOW: "overflow",
}
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Reading:
    """What it takes to read an event of one source.

    ``uris`` = its namespaces; ``tags`` = tag path by address of the node, as ``Namespaces.text`` gives it;
    ``severities`` as in ``Source``; ``offset_us`` = the server's clock minus ours where it is wrong.
    """

    source: str
    uris: tuple[str, ...]
    tags: Mapping[str, str]
    severities: tuple[int, int, int]
    offset_us: int = 0


def signal_of(fields: tuple[Field, ...]) -> Signal | None:
    """What an event says of the list of conditions, None = nothing."""
    kind = fields[1] if len(fields) > 1 else None
    if not isinstance(kind, Node) or kind.space or not isinstance(kind.identifier, int):
        return None
    return _SIGNALS.get(kind.identifier)


def report_of(fields: tuple[Field, ...], reading: Reading, now_us: int) -> ConditionReport | None:
    """The state that an event tells of a condition, None = it is about none."""
    said = dict(zip(NAMES, fields, strict=False))
    condition = _node(said, "ConditionId", reading)
    if not condition:
        return None
    retain = _said(said, "Retain", bool, True) and _said(said, "EnabledState/Id", bool, True)
    severity = _number(said.get("Severity"))
    severity = round(min(1000, max(1, severity))) if math.isfinite(severity) else 1
    time_us = _time(said, "Time", reading, now_us) or now_us
    acked, confirmed = said.get("AckedState/Id"), said.get("ConfirmedState/Id")
    return ConditionReport(
        id=condition,
        branch=_node(said, "BranchId", reading),
        event_id=_said(said, "EventId", bytes, b""),
        path=_path(said, reading),
        name=_text(said, "ConditionName") or condition,
        type=_node(said, "EventType", reading),
        message=_text(said, "Message"),
        severity=severity,
        priority=priority(severity, reading.severities),
        active=_said(said, "ActiveState/Id", bool, retain) and retain,
        acked=acked is not False,
        confirmed=confirmed is not False,
        suppressed=_said(said, "SuppressedState/Id", bool, False),
        out_of_service=_said(said, "OutOfServiceState/Id", bool, False),
        latched=_said(said, "LatchedState/Id", bool, False),
        since_us=_time(said, "ActiveState/TransitionTime", reading, now_us),
        time_us=time_us,
        receive_us=now_us,
        quality=int(_said(said, "Quality", Code, Code())),
        comment=_text(said, "Comment"),
        comment_by=_text(said, "ClientUserId"),
        retain=retain,
        may_acknowledge=acked is False,
        # Confirming comes after acknowledging (5.7.2); some servers leave ConfirmedState false until then.
        may_confirm=confirmed is False and acked is not False,
        **_shelf(said, now_us),
    )


def since(report: ConditionReport, before: ConditionReport | None) -> ConditionReport:
    """The report with the time at which it became active, as far as that is known."""
    if report.since_us:
        return report
    known_us = before.since_us if before is not None and before.active and report.active else 0
    return msgspec.structs.replace(report, since_us=known_us or report.time_us)


def priority(severity: int, severities: tuple[int, int, int]) -> int:
    """1 (highest) to 4 of a severity; ``severities`` = the least one of priorities 3, 2 and 1."""
    return 4 - sum(severity >= least for least in severities)


def _shelf(said: Mapping[str, Field], now_us: int) -> dict[str, Any]:
    state = said.get("ShelvingState/CurrentState/Id")
    if not isinstance(state, Node):
        return {}
    shelved = {_TIMED: "timed", _ONE_SHOT: "one_shot"}.get(_standard(state), "")
    rest_ms = _milliseconds(said, "ShelvingState/UnshelveTime")
    return {
        "shelved": shelved,
        # A one-shot shelf without a limit states the longest time there is.
        "shelved_until_us": now_us + round(rest_ms * 1000) if shelved and 0 < rest_ms < 1e11 else 0,
        "may_shelve": True,
        "longest_shelf_s": _milliseconds(said, "MaxTimeShelved") / 1000,
    }


def _standard(node: Node) -> int:
    """The number of a node of the OPC UA namespace itself, else 0."""
    return node.identifier if node.space == 0 and isinstance(node.identifier, int) else 0


def _milliseconds(said: Mapping[str, Field], name: str) -> float:
    value = _number(said.get(name))
    return value if 0 <= value < 1e15 else 0.0


def _number(value: Field) -> float:
    """NaN for what is no plain number."""
    if isinstance(value, bool | Time | Code) or not isinstance(value, int | float):
        return math.nan
    return float(value)


def _said(said: Mapping[str, Field], name: str, kind: type[_T], otherwise: _T) -> _T:
    value = said.get(name)
    return value if isinstance(value, kind) else otherwise


def _text(said: Mapping[str, Field], name: str) -> str:
    """A text on one line, without what a screen or a file would choke on."""
    text = _said(said, name, str, "")[:LONGEST_TEXT]
    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _time(said: Mapping[str, Field], name: str, reading: Reading, now_us: int) -> int:
    """A time in our clock and never ahead of it, 0 = none."""
    told_us = int(_said(said, name, Time, Time()))
    return min(told_us - reading.offset_us, now_us) if told_us else 0


def _node(said: Mapping[str, Field], name: str, reading: Reading) -> str:
    """A node id as an address, "" = none."""
    node = said.get(name)
    if not isinstance(node, Node) or (not node.space and node.identifier in (0, "", b"")):
        return ""
    uri = reading.uris[node.space] if 0 < node.space < len(reading.uris) else ""
    text = address_text(uri, node.kind, node.identifier)
    return text if uri or not node.space else f"ns={node.space};{text}"


def _path(said: Mapping[str, Field], reading: Reading) -> str:
    """The tag that the condition watches, else the source with what it calls the place."""
    for name in ("InputNode", "SourceNode"):
        if path := reading.tags.get(_node(said, name, reading)):
            return path
    place = [part.strip() for part in _text(said, "SourceName").split("/") if part.strip()]
    return "/".join([reading.source, *place][:DEEPEST])
