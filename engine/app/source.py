"""What is known of one source: its status, and all of it for its own page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.app.plant import Running
from engine.drivers.driver import Context, Driver
from engine.drivers.link import Link
from engine.types import (
    SEVERITY_MASK,
    Certificate,
    SourceDetail,
    SourceStatus,
    TagTrouble,
    reason,
)

MOST_TROUBLED = 200
"""Tags listed one by one; the others are only counted."""
SAID_OF_SILENCE = ("gateway", "busy", "server state")
"""Notes of a driver that explain why a link that is up brings no news."""


def source_status(
    running: Running, quality: NDArray[np.uint32], context: Context, driver: Driver, link: Link
) -> SourceStatus:
    """One source now; quality uint32[n] of all tags in live order."""
    mono_us = running.clock.mono_us()
    state, age_s = link.state_at(mono_us), link.age_s(mono_us)
    what, do = link.what, link.do
    if state == "stale" and not what:
        what, do = _silence(context.source.endpoint, age_s or 0.0, link)
    offset_s = link.clock_offset_s
    return SourceStatus(
        id=context.source.id,
        driver=driver.name,
        endpoint=context.source.endpoint,
        state=state,
        security=link.security,
        tags=len(context.tags),
        good=int(np.count_nonzero((quality[_rows(running, context)] & np.uint32(SEVERITY_MASK)) == 0)),
        rate_in=round(link.rate_in(mono_us), 2),
        dropped=link.dropped,
        reconnects=link.reconnects,
        last_error=link.last_error,
        age_s=age_s,
        what=what,
        do=do,
        clock_offset_s=None if offset_s is None else round(offset_s, 3),
        notes=len(link.notes),
    )


def _silence(endpoint: str, age_s: float, link: Link) -> tuple[str, str]:
    """Words for a link that is up and says nothing."""
    host = endpoint.partition("://")[2].partition("/")[0].partition("?")[0] or endpoint
    told = [link.notes[about] for about in SAID_OF_SILENCE if about in link.notes]
    what = "; ".join([f"no news from {host} for {age_s:.0f} s", *(note.what for note in told)])
    return what, told[0].do if told else "check the network and that the PLC runs"


def source_detail(
    running: Running,
    certificates: Sequence[Certificate],
    context: Context,
    driver: Driver,
    link: Link,
) -> SourceDetail:
    """Everything about one source for a person who wants to know what is wrong with it."""
    quality = running.table.quality()
    rows = _rows(running, context)
    severity = quality[rows] & np.uint32(SEVERITY_MASK)
    troubled = np.flatnonzero(severity)
    worst_first = troubled[np.argsort(-severity[troubled].astype(np.int64), kind="stable")]
    return SourceDetail(
        status=source_status(running, quality, context, driver, link),
        notes=tuple(sorted(link.notes.values(), key=lambda note: note.since_us)),
        facts=tuple(link.facts.items()),
        events=tuple(link.events),
        troubled=tuple(_trouble(running, quality, int(row)) for row in rows[worst_first[:MOST_TROUBLED]]),
        troubled_count=len(troubled),
        certificates=tuple(certificates),
    )


def _trouble(running: Running, quality: NDArray[np.uint32], row: int) -> TagTrouble:
    tag, status = running.project.tags[row], int(quality[row])
    marked, why = running.reasons.get(tag.tag_id, (status, ""))
    return TagTrouble(tag.path, tag.address, status, (why if marked == status else "") or reason(status))


def _rows(running: Running, context: Context) -> NDArray[np.intp]:
    return running.table.rows(np.array([tag.tag_id for tag in context.tags], np.int32))
