"""The answers to questions about what alarms did: the journal, its figures, and work that takes longer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.alarms.metrics import Name, metrics
from engine.alarms.spells import Record
from engine.app.alarm_export import export
from engine.app.jobs import Kind, Work
from engine.app.queries import Queries
from engine.historian.availability import STARTED, downtime
from engine.historian.export import FORMATS, Format
from engine.historian.reading import Watch
from engine.server import Answer, RequestRefused
from engine.store import StoreError
from engine.store.alarm_journal import AlarmJournal
from engine.typed import unpack
from engine.types import AlarmMetrics, AlarmSettings, Backtest, Clock, Gap
from engine.wire import (
    AlarmExportBody,
    AlarmJournalAnswer,
    AlarmJournalBody,
    AlarmMetricsBody,
    AlarmsAtAnswer,
    AlarmsAtBody,
    BacktestBody,
)

MOST_CHANGES = 5000
LONGEST_US = 800 * 86_400_000_000
MOST_ALARMS = 10_000
LAST_US = 2**62
Found = TypeVar("Found")
Tried = Callable[[BacktestBody, Watch], Backtest]
"""Judges a proposed limit on history (`engine.app.alarm_trial`)."""


@dataclass(frozen=True, slots=True, eq=False)
class AskedAlarms:
    """What the answers are made from; everything is called in threads.

    ``gaps`` = those of the history that touch a span · ``settings`` = as they are now · ``backtest`` refuses
    with RequestRefused, or an error whose text is for a person.
    """

    journal: AlarmJournal
    clock: Clock
    gaps: Callable[[int, int], Sequence[Gap]]
    settings: Callable[[], AlarmSettings]
    backtest: Tried


def alarm_journal_answers(asked: AskedAlarms, queries: Queries) -> dict[str, Answer]:
    """The coroutine that answers each op about the alarm journal."""

    async def alarm_journal(body: msgspec.Raw) -> AlarmJournalAnswer:
        wanted = _bounded(unpack(body, AlarmJournalBody))
        if not 0 < wanted.most <= MOST_CHANGES:
            raise RequestRefused(f"1 to {MOST_CHANGES} changes can be asked for at once")
        return await _in_words(queries, lambda: _page(asked, wanted))

    async def alarm_metrics(body: msgspec.Raw) -> AlarmMetrics:
        wanted = unpack(body, AlarmMetricsBody)
        _require_span(wanted.start_us, wanted.end_us)
        if wanted.end_us - wanted.start_us > LONGEST_US:
            raise RequestRefused(f"at most {LONGEST_US // 86_400_000_000} days can be looked at")
        return await _in_words(queries, lambda: performance(asked, wanted))

    async def then(body: msgspec.Raw) -> AlarmsAtAnswer:
        wanted = unpack(body, AlarmsAtBody)
        if abs(wanted.at_us) > LAST_US:
            raise RequestRefused("that time is outside of what a clock can show")
        return await _in_words(queries, lambda: alarms_at(asked, wanted.at_us))

    return {"alarm_journal": alarm_journal, "alarm_metrics": alarm_metrics, "alarms_at": then}


def alarm_job_kinds(asked: AskedAlarms) -> dict[str, Kind]:
    """The work of each kind of job about alarms, for `engine.app.jobs.Jobs`."""

    def exported(body: msgspec.Raw) -> Work:
        wanted = unpack(body, AlarmExportBody)
        path, rows = Path(wanted.file), _bounded(wanted.wanted)
        if wanted.format not in FORMATS:
            raise RequestRefused(f"there is no format {wanted.format!r}; there are {', '.join(FORMATS)}")
        if not path.is_absolute():
            raise RequestRefused(f"say in full where {wanted.file!r} is to be")
        format: Format = wanted.format
        return lambda watch: export(asked.journal, rows, path, format, watch)

    def tried(body: msgspec.Raw) -> Work:
        wanted = unpack(body, BacktestBody)
        _require_span(wanted.start_us, wanted.end_us)
        return lambda watch: asked.backtest(wanted, watch)

    return {"alarm_export": exported, "backtest": tried}


def performance(asked: AskedAlarms, wanted: AlarmMetricsBody) -> AlarmMetrics:
    """The figures of a span; a time in which no engine ran counts in none of them."""
    now_us = asked.clock.now_us()
    end_us = min(wanted.end_us, max(now_us, wanted.start_us + 1))
    found = asked.journal.arrays(wanted.start_us, end_us, wanted.under)
    record = Record(found.time_us, found.alarm, found.what, found.priority, found.letter, found.by_person)
    names = asked.journal.names()
    known_us = watched(asked, wanted.start_us, end_us)

    def name(alarm: int) -> Name:
        return Name(*names[alarm]) if alarm in names else Name("", "h")

    return metrics(record, known_us, wanted.start_us, end_us, asked.settings(), name)


def alarms_at(asked: AskedAlarms, at_us: int) -> AlarmsAtAnswer:
    """The alarms as they stood at an instant; not whole where no engine ran then."""
    found = asked.journal.at(at_us)
    is_whole = found.is_whole and bool(len(watched(asked, at_us, at_us + 1)))
    return AlarmsAtAnswer(at_us, found.alarms, found.since_us, is_whole)


def watched(asked: AskedAlarms, start_us: int, end_us: int) -> NDArray[np.int64]:
    """The stretches of a span in which an engine ran, int64[m×2], as its journal and the history tell."""
    runs = asked.journal.runs()
    begun = min((time_us for time_us, name in runs if name == STARTED), default=end_us)
    down, _ = downtime(runs, asked.gaps(start_us, end_us))
    edges, at = list[tuple[int, int]](), max(start_us, begun)
    for from_us, to_us in down:
        if from_us > at:
            edges.append((at, min(from_us, end_us)))
        at = max(at, to_us)
        if at >= end_us:
            break
    if at < end_us:
        edges.append((at, end_us))
    return np.array(edges, np.int64).reshape(-1, 2)


def _page(asked: AskedAlarms, wanted: AlarmJournalBody) -> AlarmJournalAnswer:
    changes, count = asked.journal.page(wanted)
    standing = asked.journal.standing(wanted.start_us, wanted.under) if wanted.standing else []
    before = asked.journal.letters_before(changes) if wanted.letters else []
    return AlarmJournalAnswer(tuple(changes), count, tuple(standing), tuple(before))


async def _in_words(queries: Queries, work: Callable[[], Found]) -> Found:
    try:
        return await queries.answer(work)
    except StoreError as error:
        raise RequestRefused(str(error)) from error


def _bounded(wanted: AlarmJournalBody) -> AlarmJournalBody:
    """With numbers that the journal can have."""
    if len(wanted.alarms) > MOST_ALARMS:
        raise RequestRefused(f"at most {MOST_ALARMS} alarms can be chosen; choose the area that they are in")
    return msgspec.structs.replace(
        wanted,
        start_us=max(min(wanted.start_us, LAST_US), -LAST_US),
        end_us=max(min(wanted.end_us, LAST_US), -LAST_US),
        before=max(min(wanted.before, LAST_US), 0),
        alarms=tuple(max(min(each, LAST_US), 0) for each in wanted.alarms),
        priorities=tuple({max(min(each, 9), 0) for each in wanted.priorities}),
    )


def _require_span(start_us: int, end_us: int) -> None:
    if not -LAST_US <= start_us < end_us <= LAST_US:
        raise RequestRefused("the start must come before the end")
