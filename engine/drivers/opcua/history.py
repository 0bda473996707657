"""The past a server kept while the link was down: raw history, read in small portions beside live data."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from asyncua import ua

from engine.drivers.opcua.decode import to_samples
from engine.drivers.opcua.failures import SESSION_LOST
from engine.drivers.opcua.feed import Feed
from engine.drivers.opcua.groups import Group
from engine.drivers.opcua.link import Link, fitted
from engine.drivers.opcua.reading import in_parts, read_all
from engine.drivers.opcua.trust import EPOCH
from engine.types import Clock

MOST_SAMPLES = 10_000
"""Samples read back for one tag at most; the newest of a longer past are missing then."""
PORTION = 1_000
"""Samples of one tag in one answer: small, so that live data is not held up."""
TAGS_AT_ONCE = 10
DEADLINE_S = 60.0
HISTORY_READ = 0x04
"""The bit of UserAccessLevel that allows it (OPC 10000-3, 8.57)."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """Between two delivered samples of a tag (source times in our own time, both exclusive)."""

    group: Group
    handle: int
    node: ua.NodeId
    from_us: int
    to_us: int


@dataclass(slots=True, eq=False)
class Filled:
    """What was read back: samples, of how many tags, and of how many of them there was more."""

    samples: int = 0
    tags: int = 0
    cut: int = 0
    got: dict[int, int] = field(default_factory=dict[int, int])


async def backfill(link: Link, feed: Feed, spans: Sequence[Span], clock: Clock) -> Filled:
    """Read and deliver the past of these spans where the server keeps any; gives up after ``DEADLINE_S``."""
    filled = Filled()
    deadline_us = clock.mono_us() + int(DEADLINE_S * 1e6)
    try:
        kept = await _with_history(link, spans)
        most = min(TAGS_AT_ONCE, link.capabilities.history or TAGS_AT_ONCE)
        for part in in_parts(sorted(kept, key=lambda span: span.from_us), most):
            if clock.mono_us() > deadline_us:
                filled.cut += len(part)
                continue
            await _fill(link, feed, part, filled)
    except (ua.UaStatusCodeError, TimeoutError) as error:
        if isinstance(error, ua.UaStatusCodeError) and error.code in SESSION_LOST:
            raise
        log.warning("%s does not give its history back: %s", link.where, error or "no answer in time")
    filled.tags = len(filled.got)
    filled.samples = sum(filled.got.values())
    return filled


async def _with_history(link: Link, spans: Sequence[Span]) -> list[Span]:
    """The spans whose nodes let us read history."""
    asked = [(span.node, ua.AttributeIds.UserAccessLevel) for span in spans]
    answers = await fitted(link, lambda limits: read_all(link.client, limits, asked))
    levels = [answer.Value.Value if answer.Value is not None else 0 for answer in answers]
    return [
        s for s, level in zip(spans, levels, strict=True) if isinstance(level, int) and level & HISTORY_READ
    ]


async def _fill(link: Link, feed: Feed, spans: Sequence[Span], filled: Filled) -> None:
    """Page through the past of a few tags; they share one stretch of time in the requests."""
    shift_us = link.clock.offset_us if link.clock.wrong else 0
    details = ua.ReadRawModifiedDetails(
        IsReadModified=False,
        StartTime=_time(min(span.from_us for span in spans) + shift_us),
        EndTime=_time(max(span.to_us for span in spans) + shift_us),
        NumValuesPerNode=PORTION,
        ReturnBounds=False,
    )
    open_spans: list[tuple[Span, bytes | None]] = [(span, None) for span in spans]
    read = dict.fromkeys((span.handle for span in spans), 0)
    while open_spans:
        results = await _ask(link, details, open_spans)
        further: list[tuple[Span, bytes | None]] = []
        for (span, _), result in zip(open_spans, results, strict=True):
            values = _values(result)
            read[span.handle] += len(values)
            if count := _deliver(feed, span, values, shift_us):
                filled.got[span.handle] = filled.got.get(span.handle, 0) + count
            if result.ContinuationPoint and values:
                further.append((span, result.ContinuationPoint))
        over = [(span, point) for span, point in further if read[span.handle] >= MOST_SAMPLES]
        if over:
            filled.cut += len(over)
            await _ask(link, details, over, release=True)
        open_spans = [one for one in further if one not in over]
        await asyncio.sleep(0)


async def _ask(
    link: Link,
    details: ua.ReadRawModifiedDetails,
    spans: Sequence[tuple[Span, bytes | None]],
    release: bool = False,
) -> list[ua.HistoryReadResult]:
    parameters = ua.HistoryReadParameters()
    parameters.HistoryReadDetails = details
    parameters.TimestampsToReturn = ua.TimestampsToReturn.Both
    parameters.ReleaseContinuationPoints = release
    parameters.NodesToRead = [
        ua.HistoryReadValueId(NodeId=span.node, ContinuationPoint=point) for span, point in spans
    ]
    return await link.client.uaclient.history_read(parameters)


def _values(result: ua.HistoryReadResult) -> list[ua.DataValue]:
    data = result.HistoryData
    good = result.StatusCode.is_good() and isinstance(data, ua.HistoryData)
    return list(data.DataValues or []) if good else []


def _deliver(feed: Feed, span: Span, values: Sequence[ua.DataValue], shift_us: int) -> int:
    """Hand over what lies inside the span; gives the number of samples."""
    samples = to_samples([span.handle] * len(values), values, span.group.readers)
    samples.source_us[:] -= shift_us
    inside = (samples.source_us > span.from_us) & (samples.source_us < span.to_us)
    return feed.take_history(span.group, span.handle, samples.pick(inside))


def _time(time_us: int) -> datetime:
    return EPOCH + timedelta(microseconds=time_us)
