"""The answers to clients' questions about the stored past."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from engine.app.jobs import Jobs, Kind, Work
from engine.app.queries import Queries
from engine.historian.annotations import NoteRefused, annotate, remove
from engine.historian.export import FORMATS, Format, Told, export
from engine.historian.similar import NotSearchable, similar
from engine.historian.statistics import statistics
from engine.server import Answer, RequestRefused
from engine.store import StoreError
from engine.store.annotation_file import AnnotationFile
from engine.typed import unpack
from engine.types import Annotation, Clock, Curve, Tag
from engine.wire import (
    AlarmsAtAnswer,
    AnnotateBody,
    AnnotationBody,
    AnnotationsAnswer,
    CurveArrays,
    CurvesAnswer,
    CurvesBody,
    ExportBody,
    GapsAnswer,
    InstantAnswer,
    InstantBody,
    JobAskBody,
    JobBody,
    JobState,
    ScoresAnswer,
    SimilarBody,
    SpanBody,
    StatisticsBody,
    array,
)

log = logging.getLogger("watchroom.history")
MOST_CURVES = 256
MOST_PIXELS = 20_000
LAST_US = 2**62
NOTE_MADE, NOTE_REMOVED = "annotation_made", "annotation_removed"
REFUSALS = (StoreError, NotSearchable, NoteRefused, OSError)
"""Failures whose text is for a person."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What the answers are made from. Everything but ``tags`` and ``journal`` is called in threads.

    ``tags`` in live order · ``stored_us`` = everything up to here is in ``history`` · ``alarms_at`` =
    the alarms as they stood at an instant · ``journal`` puts an event on record.
    """

    history: Told
    tags: Sequence[Tag]
    notes: AnnotationFile
    clock: Clock
    stored_us: Callable[[], int]
    alarms_at: Callable[[int], AlarmsAtAnswer]
    scores: Callable[[], ScoresAnswer]
    journal: Callable[[str, dict[str, Any]], None]


def history_answers(asked: Asked, queries: Queries, jobs: Jobs) -> dict[str, Answer]:
    """The coroutine that answers each op about the past. ``jobs`` must know `job_kinds`."""

    async def curves(body: msgspec.Raw) -> CurvesAnswer:
        wanted = unpack(body, CurvesBody)
        _require_times(wanted.start_us, wanted.end_us)
        if len(wanted.tags) > MOST_CURVES or not 0 < wanted.pixels <= MOST_PIXELS:
            raise RequestRefused(f"at most {MOST_CURVES} curves of {MOST_PIXELS} pixels can be asked for")
        return await queries.answer(lambda: _curves(asked, wanted))

    async def instant(body: msgspec.Raw) -> InstantAnswer:
        wanted = unpack(body, InstantBody)
        _require_times(wanted.time_us)
        return await queries.answer(lambda: _instant(asked, wanted.time_us))

    async def gaps(body: msgspec.Raw) -> GapsAnswer:
        wanted = unpack(body, SpanBody)
        _require_times(wanted.start_us, wanted.end_us)
        return await queries.answer(
            lambda: GapsAnswer(tuple(asked.history.gaps(wanted.start_us, wanted.end_us)))
        )

    async def scores(_: msgspec.Raw) -> ScoresAnswer:
        return await queries.answer(asked.scores)

    async def job(body: msgspec.Raw) -> JobState:
        wanted = unpack(body, JobBody)
        return jobs.start(wanted.kind, wanted.body)

    async def job_state(body: msgspec.Raw) -> JobState:
        return jobs.state(unpack(body, JobAskBody).job)

    async def job_cancel(body: msgspec.Raw) -> JobState:
        return jobs.cancel(unpack(body, JobAskBody).job)

    answers: dict[str, Answer] = {
        "curves": curves,
        "instant": instant,
        "gaps": gaps,
        "scores": scores,
        "job": job,
        "job_state": job_state,
        "job_cancel": job_cancel,
    }
    return {op: _in_words(answer) for op, answer in (answers | _of_notes(asked, queries)).items()}


def _of_notes(asked: Asked, queries: Queries) -> dict[str, Answer]:
    """The ops about what people noted. Notes made and removed are put on record for all windows."""

    async def annotations(body: msgspec.Raw) -> AnnotationsAnswer:
        wanted = unpack(body, SpanBody)
        _require_times(wanted.start_us, wanted.end_us)
        return await queries.answer(
            lambda: AnnotationsAnswer(asked.notes.over(wanted.start_us, wanted.end_us))
        )

    async def made(body: msgspec.Raw) -> Annotation:
        wanted = unpack(body, AnnotateBody)
        span = wanted.start_us, wanted.end_us
        words = wanted.tag, wanted.author, wanted.text
        now_us = asked.clock.now_us()
        note = await queries.answer(lambda: annotate(asked.notes, *span, *words, now_us))
        asked.journal(NOTE_MADE, msgspec.to_builtins(note))
        return note

    async def removed(body: msgspec.Raw) -> bool:
        wanted = unpack(body, AnnotationBody)
        now_us = asked.clock.now_us()
        note = await queries.answer(lambda: remove(asked.notes, wanted.note_id, wanted.author, now_us))
        asked.journal(NOTE_REMOVED, msgspec.to_builtins(note) | {"removed_by": wanted.author})
        return True

    return {"annotations": annotations, "annotate": made, "annotation_removed": removed}


def job_kinds(asked: Asked) -> dict[str, Kind]:
    """The work of each kind of job."""

    def exported(body: msgspec.Raw) -> Work:
        wanted = unpack(body, ExportBody)
        _require_times(wanted.start_us, wanted.end_us, wanted.step_us)
        path, known = Path(wanted.file), {tag.tag_id: tag for tag in asked.tags}
        if wanted.format not in FORMATS:
            raise RequestRefused(f"there is no format {wanted.format!r}; there are {', '.join(FORMATS)}")
        format: Format = wanted.format
        if not path.is_absolute():
            raise RequestRefused(f"say in full where {wanted.file!r} is to be")
        missing = [tag for tag in wanted.tags if tag not in known]
        if missing or not wanted.tags:
            raise RequestRefused(f"there is no tag {missing[0]}" if missing else "choose tags to export")
        tags = [known[tag] for tag in wanted.tags]
        span = wanted.start_us, wanted.end_us
        return lambda watch: export(asked.history, tags, *span, path, format, wanted.step_us, watch)

    def searched(body: msgspec.Raw) -> Work:
        wanted = unpack(body, SimilarBody)
        _require_times(wanted.start_us, wanted.end_us, wanted.search_start_us, wanted.search_end_us)
        return lambda watch: similar(asked.history, wanted, watch)

    def counted(body: msgspec.Raw) -> Work:
        wanted = unpack(body, StatisticsBody)
        _require_times(wanted.start_us, wanted.end_us)
        return lambda watch: statistics(asked.history, wanted, watch)

    return {"export": exported, "similar": searched, "statistics": counted}


def _curves(asked: Asked, wanted: CurvesBody) -> CurvesAnswer:
    stored_us = asked.stored_us()  # before the curves are read: they hold at least what was there then
    span = wanted.start_us, wanted.end_us
    curves = [asked.history.minmax(tag, *span, wanted.pixels) for tag in wanted.tags]
    return CurvesAnswer(tuple(map(_on_wire, curves)), stored_us)


def _on_wire(curve: Curve) -> CurveArrays:
    return CurveArrays(array(curve.time_us), array(curve.low), array(curve.high), array(curve.uncertain))


def _instant(asked: Asked, time_us: int) -> InstantAnswer:
    tags = tuple(asked.tags)
    found = asked.history.instant([tag.tag_id for tag in tags], time_us)
    texts = {
        row: asked.history.text(float(found.value[row]))
        for row, tag in enumerate(tags)
        if tag.type == "string" and np.isfinite(found.value[row])
    }
    stood = _stood(asked, time_us)
    arrays = array(found.time_us), array(found.value), array(found.quality)
    return InstantAnswer(*arrays, texts, stood.alarms, stood.since_us, stood.is_whole)


def _stood(asked: Asked, time_us: int) -> AlarmsAtAnswer:
    """The alarms of then; where the journal cannot be read the values are shown all the same."""
    try:
        return asked.alarms_at(time_us)
    except StoreError as error:
        log.error("the alarms of a past instant are not known: %s", error)
        return AlarmsAtAnswer(time_us, (), time_us, False)


def _require_times(*times_us: int) -> None:
    if any(abs(time_us) > LAST_US for time_us in times_us):
        raise RequestRefused("that time is outside of what a clock can show")


def _in_words(answer: Answer) -> Answer:
    """The same answer, refusing with the text of failures that a person can read."""

    async def answered(body: msgspec.Raw) -> object:
        try:
            return await answer(body)
        except REFUSALS as error:
            raise RequestRefused(str(error)) from error

    return answered
