"""Questions about the stored past over a real socket, to a real history on disk."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from engine.app.history_answers import REFUSALS, Asked, history_answers, job_kinds
from engine.app.jobs import Jobs
from engine.app.queries import Queries
from engine.client import Client, RequestFailed
from engine.clock import SystemClock
from engine.historian import Historian, StoredHistory
from engine.store.annotation_file import AnnotationFile
from engine.typed import unpack
from engine.types import Alarm, Annotation, Batch, Gap, Tag, TagScore
from engine.wire import (
    AlarmsAtAnswer,
    AnnotateBody,
    AnnotationBody,
    AnnotationsAnswer,
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
    SimilarAnswer,
    SimilarBody,
    SpanBody,
    StatisticsAnswer,
    StatisticsBody,
    encode,
    from_array,
)
from tests.engine.app.asked import attached

CLOCK = SystemClock()
SECOND_US = 1_000_000
SECONDS = 2_000
START_US = CLOCK.now_us() // SECOND_US * SECOND_US - (SECONDS + 100) * SECOND_US
END_US = START_US + SECONDS * SECOND_US
TAGS = (
    Tag(4, "Press/Pressure", "plc", "a"),
    Tag(9, "Press/Mode", "plc", "b", type="string"),
    Tag(2, "Press/Level", "plc", "c"),
)
WORDS = {0.0: "manual", 1.0: "automatic"}
ALARM = Alarm("Press/Pressure", "hh", 1, True, START_US, START_US)
SCORE = TagScore("Press/Pressure", 0.5, 0.5, 1.0, 1.0, 1.0, 1.0, "samples are missing")


def _values() -> np.ndarray[Any, np.dtype[np.float64]]:
    value = np.random.default_rng(1).normal(0, 0.05, (SECONDS, 3))
    for first in (300, 1_500):
        value[first : first + 200, 0] += np.sin(np.arange(200) / 15) * np.linspace(0, 3, 200)
    value[:, 1] = np.arange(SECONDS) % 2
    value[:, 2] = 7.0
    return value


VALUES = _values()


@dataclass
class Bench:
    """A client, and what the answers are made from."""

    client: Client
    asked: Asked
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list[tuple[str, dict[str, Any]]])

    def job(self, kind: str, body: object) -> JobState:
        """The state of a job once it is done."""
        begun = self.client.call("job", JobBody(kind, encode(body)), JobState)
        deadline, tick = CLOCK.mono_us() + 10e6, threading.Event()
        while not (state := self.client.call("job_state", JobAskBody(begun.job), JobState)).done:
            assert CLOCK.mono_us() < deadline
            tick.wait(0.01)
        return state


def _alarms_at(time_us: int) -> AlarmsAtAnswer:
    is_known = time_us >= START_US
    return AlarmsAtAnswer(time_us, (ALARM,) if is_known else (), START_US, is_known)


@contextmanager
def _recorded(folder: Path) -> Iterator[StoredHistory]:
    historian = Historian(
        folder, TAGS, CLOCK, failed=pytest.fail, healed=pytest.fail, texts=lambda code: WORDS[code]
    )
    try:
        history = StoredHistory(folder, historian.tail, text=lambda code: WORDS[code])
        time_us = START_US + SECOND_US * np.arange(SECONDS, dtype=np.int64)
        tags = np.array([tag.tag_id for tag in TAGS], np.int32)
        historian.append(Batch(0, tags, time_us, time_us, VALUES, np.zeros(3, np.uint32)))
        historian.gap(Gap(START_US, START_US + SECOND_US, "link", "plc"))
        assert historian.flush()
        yield history
        history.close()
    finally:
        historian.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    events: list[tuple[str, dict[str, Any]]] = []
    notes, queries = AnnotationFile(tmp_path / "annotations.db"), Queries()
    with _recorded(tmp_path / "history") as history:
        asked = Asked(
            history=history,
            tags=TAGS,
            notes=notes,
            clock=CLOCK,
            stored_us=lambda: END_US,
            alarms_at=_alarms_at,
            scores=lambda: ScoresAnswer((SCORE,), (), ()),
            journal=lambda name, body: events.append((name, body)),
        )
        jobs = Jobs(job_kinds(asked), CLOCK, REFUSALS)
        try:
            with attached(tmp_path, history_answers(asked, queries, jobs)) as client:
                yield Bench(client, asked, events)
        finally:
            jobs.close()
            queries.close()
            notes.close()


def test_curves_come_in_the_order_asked_and_say_up_to_when_they_hold_all(bench: Bench) -> None:
    body = CurvesBody((2, 4, 777), START_US, END_US, 100)
    answer = bench.client.call("curves", body, CurvesAnswer)
    assert answer.stored_us == END_US
    level, pressure, unknown = answer.curves
    assert set(from_array(level.low).tolist()) == {7.0}
    assert from_array(pressure.low).min() == VALUES[:, 0].min()
    assert from_array(pressure.high).max() == VALUES[:, 0].max()
    assert len(from_array(pressure.time_us)) <= 200
    assert len(from_array(unknown.time_us)) == 0


def test_instant_gives_all_tags_in_live_order_with_texts_and_alarms(bench: Bench) -> None:
    answer = bench.client.call("instant", InstantBody(START_US + 301 * SECOND_US + 5), InstantAnswer)
    assert from_array(answer.value).tolist() == [VALUES[301, 0], 1.0, 7.0]
    assert from_array(answer.time_us).tolist() == [START_US + 301 * SECOND_US] * 3
    assert from_array(answer.quality).tolist() == [0, 0, 0]
    assert answer.texts == {1: "automatic"}
    assert answer.alarms == (ALARM,)


def test_instant_before_all_history_has_no_values(bench: Bench) -> None:
    answer = bench.client.call("instant", InstantBody(START_US - 1), InstantAnswer)
    assert np.isnan(from_array(answer.value)).all()
    assert from_array(answer.time_us).tolist() == [0, 0, 0]
    assert (answer.texts, answer.alarms) == ({}, ())


def test_gaps_and_scores_are_those_of_the_history(bench: Bench) -> None:
    gaps = bench.client.call("gaps", SpanBody(START_US, END_US), GapsAnswer).gaps
    assert [(gap.start_us, gap.cause, gap.source) for gap in gaps] == [(START_US, "link", "plc")]
    assert bench.client.call("scores", None, ScoresAnswer).tags == (SCORE,)


def test_note_is_kept_shown_and_taken_away_on_record(bench: Bench) -> None:
    body = AnnotateBody(START_US, START_US + SECOND_US, "Press/Pressure", "Ada", "valve changed")
    note = bench.client.call("annotate", body, Annotation)
    span = SpanBody(START_US, END_US)
    assert bench.client.call("annotations", span, AnnotationsAnswer).annotations == (note,)
    assert bench.client.call("annotation_removed", AnnotationBody(note.note_id, "Bob"), bool)
    assert bench.client.call("annotations", span, AnnotationsAnswer).annotations == ()
    assert [name for name, _ in bench.events] == ["annotation_made", "annotation_removed"]
    assert bench.events[1][1]["text"] == "valve changed"
    assert bench.events[1][1]["removed_by"] == "Bob"
    with pytest.raises(RequestFailed, match="removed before"):
        bench.client.call("annotation_removed", AnnotationBody(note.note_id, "Bob"), bool)
    with pytest.raises(RequestFailed, match="some words"):
        bench.client.call("annotate", AnnotateBody(START_US, START_US, "", "Ada", " "), Annotation)


def test_search_job_finds_where_a_shape_was_before(bench: Bench) -> None:
    first, last = START_US + 1_500 * SECOND_US, START_US + 1_700 * SECOND_US
    state = bench.job("similar", SimilarBody(4, first, last, START_US, END_US))
    assert state.error == ""
    best = unpack(state.result, SimilarAnswer).matches[0]
    assert abs(best.start_us - START_US - 300 * SECOND_US) <= 2 * SECOND_US
    assert best.likeness > 0.8
    flat = bench.job("similar", SimilarBody(2, first, last, START_US, END_US))
    assert "does not change" in flat.error


def test_statistics_job_gives_each_tag_its_figures(bench: Bench) -> None:
    state = bench.job("statistics", StatisticsBody((4, 2), START_US, END_US))
    pressure, level = unpack(state.result, StatisticsAnswer).statistics
    assert pressure.mean == pytest.approx(VALUES[:, 0].mean())
    assert pressure.deviation == pytest.approx(VALUES[:, 0].std())
    assert (pressure.low, pressure.high) == (VALUES[:, 0].min(), VALUES[:, 0].max())
    assert (level.mean, level.deviation, level.samples, level.good) == (7.0, 0.0, SECONDS, 1.0)


def test_export_job_writes_a_file(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "level.csv"
    state = bench.job("export", ExportBody((2,), START_US, START_US + 10 * SECOND_US, str(file), "csv"))
    assert state.error == ""
    assert msgspec.msgpack.decode(state.result) == 10
    assert len(file.read_text("utf-8-sig").splitlines()) == 11


def test_export_to_where_nothing_can_be_written_fails_in_words(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "absent" / "level.csv"
    state = bench.job("export", ExportBody((2,), START_US, END_US, str(file), "csv"))
    assert "absent" in state.error
    assert state.done


@pytest.mark.parametrize(
    ("op", "body", "words"),
    [
        ("curves", CurvesBody((4,), 0, 2**63, 100), "outside"),
        ("curves", CurvesBody((4,), 0, 1, 0), "at most"),
        ("curves", CurvesBody(tuple(range(1000)), 0, 1, 9), "at most"),
        ("instant", InstantBody(-(2**63)), "outside"),
        ("gaps", SpanBody(0, 2**63), "outside"),
        ("job", JobBody("export", encode(ExportBody((2,), 0, 1, "level.csv", "csv"))), "in full"),
        ("job", JobBody("export", encode(ExportBody((2,), 0, 1, "/level.csv", "xls"))), "no format 'xls'"),
        ("job", JobBody("export", encode(ExportBody((3,), 0, 1, "/level.csv", "csv"))), "no tag 3"),
        ("job", JobBody("export", encode(ExportBody((), 0, 1, "/level.csv", "csv"))), "choose tags"),
        ("job", JobBody("similar", encode({"tag": 1})), "missing required field"),
        ("job", JobBody("dig", encode({})), "does not know"),
        ("job_cancel", JobAskBody(77), "no job 77"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(bench: Bench, op: str, body: object, words: str) -> None:
    with pytest.raises(RequestFailed, match=words):
        bench.client.call(op, body, msgspec.Raw)


def test_curves_of_a_slow_disk_do_not_hold_up_the_loop(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go = threading.Event(), threading.Event()

    def slow(*_: object) -> Sequence[Gap]:
        begun.set()
        assert go.wait(5)
        return ()

    monkeypatch.setattr(bench.asked.history, "gaps", slow)
    bench.client.request("gaps", SpanBody(START_US, END_US))
    assert begun.wait(5)
    with pytest.raises(RequestFailed, match="no job 1"):
        bench.client.call("job_state", JobAskBody(1), JobState)
    assert bench.client.call("scores", None, ScoresAnswer).tags == (SCORE,)
    go.set()
