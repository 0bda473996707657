"""The alarm of a link: one for a source that is not connected, however many tags it has."""

from __future__ import annotations

from engine.alarms import Outside
from engine.drivers.link import Link
from engine.types import Clock, Source

FIRST_US = 10_000_000
"""So long after the start a source that was never connected is not missed yet."""


def link_alarm(source: Source, priority: int) -> Outside:
    """What is said of a source that is not connected."""
    return Outside(
        path=source.id,
        kind="link",
        priority=priority,
        message=f"No connection to {source.id}",
        cause=f"{source.endpoint} does not answer, or refuses",
        consequence="its values are stale and its alarms are held as they are",
        response=f"look at the source {source.id} in System: it says what is the matter and what to do",
        display="system",
    )


def is_down(link: Link, clock: Clock, started_mono_us: int) -> bool | None:
    """Whether the link is lost; None = it was never there, and it is too early to say."""
    mono_us = clock.mono_us()
    if link.state_at(mono_us) == "connected":
        return False
    return True if link.connects or mono_us - started_mono_us >= FIRST_US else None
