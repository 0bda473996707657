"""Questions about what alarms did, over a real socket, to a real journal on disk."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from engine.app.alarm_export import AT_ONCE, copy, export
from engine.app.alarm_journal_answers import (
    AskedAlarms,
    alarm_job_kinds,
    alarm_journal_answers,
    watched,
)
from engine.app.jobs import Jobs
from engine.app.queries import Queries
from engine.client import Client, RequestFailed
from engine.historian.reading import Cancelled, Watch
from engine.server import Answer
from engine.store import Journal
from engine.store.alarm_journal import AlarmJournal
from engine.typed import unpack
from engine.types import AlarmChange, AlarmMetrics, AlarmSettings, Backtest, Gap, Limit
from engine.wire import (
    AlarmExportBody,
    AlarmJournalAnswer,
    AlarmJournalBody,
    AlarmMetricsBody,
    BacktestBody,
    JobAskBody,
    JobBody,
    JobState,
    encode,
)
from tests.engine.app.asked import attached
from tests.engine.store.alarm_changes import HOUR_US, START_US, body, change
from tests.engine.store.told import Told
from tests.running import until

END_US = START_US + 40 * 24 * HOUR_US
ALL = AlarmJournalBody(0, 2**62)
LIMIT = Limit("Line 1/S1/Pressure", "h", 190.0)


class Clock:
    """It is the end of the span; a job is never forgotten."""

    def now_us(self) -> int:
        return END_US

    def mono_us(self) -> int:
        return 0

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError


def tried(wanted: BacktestBody, watch: Watch) -> Backtest:
    assert watch(0.5)
    return Backtest(wanted.start_us, wanted.end_us, 1.0, 3, int(wanted.proposed.limit or 0))


@pytest.fixture
def asked(tmp_path: Path) -> AskedAlarms:
    """Forty days with an alarm an hour, but for ten days without an engine."""
    told, file = Told(), tmp_path / "journal.db"
    journal = Journal(file, told.committed, told.failed)
    journal.append(START_US, "engine_started", {})
    noted = list[AlarmChange]()
    for k in range(40 * 24):
        day = k // 24
        if day == 10 and k % 24 == 0:
            journal.append(START_US + k * HOUR_US, "engine_stopped", {})
        if day == 20 and k % 24 == 0:
            journal.append(START_US + k * HOUR_US, "engine_started", {})
        if not 10 <= day < 20:
            time_us = START_US + k * HOUR_US
            noted.append(change(1 + k % 3, time_us=time_us))
            noted.append(change(1 + k % 3, "acknowledged", "C", time_us + 60_000_000, by="Ann"))
            noted.append(change(1 + k % 3, "returned", "A", time_us + 600_000_000))
    for each in noted:
        journal.append(each.time_us, "alarm", body(each))
    # To close gives up after 2 s: a disk that others use is waited for before.
    told.until(lambda: len(told.events) == len(noted) + 3)
    journal.close()
    return AskedAlarms(AlarmJournal(file), Clock(), lambda start, end: (), AlarmSettings, tried)


@contextmanager
def client(asked: AskedAlarms, folder: Path) -> Iterator[Client]:
    queries, jobs = Queries(), Jobs(alarm_job_kinds(asked), Clock())

    async def job(raw: msgspec.Raw) -> JobState:
        wanted = unpack(raw, JobBody)
        return jobs.start(wanted.kind, wanted.body)

    async def job_state(raw: msgspec.Raw) -> JobState:
        return jobs.state(unpack(raw, JobAskBody).job)

    answers: dict[str, Answer] = {"job": job, "job_state": job_state, **alarm_journal_answers(asked, queries)}
    try:
        with attached(folder, answers) as found:
            yield found
    finally:
        jobs.close()
        queries.close()


def done(found: Client, kind: str, wanted: object) -> JobState:
    job = found.call("job", JobBody(kind, msgspec.Raw(encode(wanted))), JobState).job

    def ended() -> JobState | None:
        state = found.call("job_state", JobAskBody(job), JobState)
        return state if state.done else None

    state = until(ended)
    assert state is not None
    return state


def test_journal_answers_pages_and_counts(asked: AskedAlarms, tmp_path: Path) -> None:
    with client(asked, tmp_path) as found:
        first = found.call("alarm_journal", msgspec.structs.replace(ALL, most=2), AlarmJournalAnswer)
        assert ([each.what for each in first.changes], first.count) == (["returned", "acknowledged"], 2160)
        before = first.changes[-1].seq
        wanted = msgspec.structs.replace(ALL, most=2, before=before, under="Line 1", alarms=(3, 2**63))
        more = found.call("alarm_journal", wanted, AlarmJournalAnswer)
        assert more.changes[0].seq < before
        assert {each.alarm for each in more.changes} == {3}


def test_letters_before_are_told_where_they_are_asked_for(asked: AskedAlarms, tmp_path: Path) -> None:
    with client(asked, tmp_path) as found:
        wanted = msgspec.structs.replace(ALL, most=3, letters=True)
        told = found.call("alarm_journal", wanted, AlarmJournalAnswer)
        assert [(before, each.letter) for before, each in zip(told.before, told.changes, strict=True)] == [
            ("C", "A"),
            ("B", "C"),
            ("A", "B"),
        ]
        plain = found.call("alarm_journal", msgspec.structs.replace(ALL, most=3), AlarmJournalAnswer)
        assert plain.before == ()


@pytest.mark.parametrize("said", [{"most": 0}, {"most": 10**6}, {"alarms": tuple(range(20_000))}])
def test_too_much_is_refused_in_words(asked: AskedAlarms, tmp_path: Path, said: dict[str, Any]) -> None:
    with client(asked, tmp_path) as found, pytest.raises(RequestFailed, match="changes can be|alarms can be"):
        found.call("alarm_journal", msgspec.structs.replace(ALL, **said), AlarmJournalAnswer)


def test_damaged_journal_is_a_refusal_that_names_the_file(asked: AskedAlarms, tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"\x93random" * 3000)
    with client(asked, tmp_path) as found, pytest.raises(RequestFailed, match=r"journal\.db cannot be used"):
        found.call("alarm_journal", ALL, AlarmJournalAnswer)


def test_figures_count_only_the_time_in_which_the_engine_ran(asked: AskedAlarms, tmp_path: Path) -> None:
    with client(asked, tmp_path) as found:
        wanted = AlarmMetricsBody(START_US, END_US)
        figures = found.call("alarm_metrics", wanted, AlarmMetrics)
        assert (figures.days, figures.is_judged, figures.count) == (30.0, True, 30 * 24)
        assert {rate.name: rate.value for rate in figures.rates}["average in an hour"] == 1.0
        assert figures.actors[0].path == "Line 1/S1/Pressure"
        one = found.call("alarm_metrics", AlarmMetricsBody(START_US, END_US, "Line 1/S2"), AlarmMetrics)
        assert one.count == 10 * 24
        with pytest.raises(RequestFailed, match="start must come before the end"):
            found.call("alarm_metrics", AlarmMetricsBody(END_US, START_US), AlarmMetrics)
        with pytest.raises(RequestFailed, match="at most 800 days"):
            found.call("alarm_metrics", AlarmMetricsBody(0, END_US), AlarmMetrics)


def test_what_lies_in_the_future_is_not_known(asked: AskedAlarms, tmp_path: Path) -> None:
    with client(asked, tmp_path) as found:
        wanted = AlarmMetricsBody(START_US + 30 * 24 * HOUR_US, END_US + 30 * 24 * HOUR_US)
        assert found.call("alarm_metrics", wanted, AlarmMetrics).days == 10.0


def test_engine_ran_between_its_starts_its_stops_and_the_gaps_of_the_history(asked: AskedAlarms) -> None:
    hours = [(10, 12), (30 * 24, 30 * 24 + 5)]
    gaps: Sequence[Gap] = [Gap(START_US + a * HOUR_US, START_US + b * HOUR_US, "engine") for a, b in hours]
    with_gaps = dataclasses.replace(asked, gaps=lambda start, end: gaps)
    found = (watched(with_gaps, START_US - 5 * HOUR_US, END_US) - START_US) / HOUR_US
    expected = [[0, 10], [12, 240], [480, 720], [725, 960]]
    assert np.array_equal(found, expected)
    assert watched(with_gaps, START_US + 245 * HOUR_US, START_US + 250 * HOUR_US).shape == (0, 2)


def test_trial_of_a_limit_and_export_are_jobs(asked: AskedAlarms, tmp_path: Path) -> None:
    with client(asked, tmp_path) as found:
        state = done(found, "backtest", BacktestBody(LIMIT, START_US, END_US))
        assert unpack(state.result, Backtest).would_come == 190
        file = tmp_path / "out.csv"
        wanted = msgspec.structs.replace(ALL, whats=("acknowledged",), most=1)
        state = done(found, "alarm_export", AlarmExportBody(wanted, str(file), "csv"))
        assert (state.error, msgspec.msgpack.decode(state.result)) == ("", 720)
        rows = list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))
        assert [len(rows), rows[0]["by"], rows[0]["alarm"]] == [720, "Ann", "3"]
        for body_, text in (
            (AlarmExportBody(ALL, "out.csv", "csv"), "say in full where"),
            (AlarmExportBody(ALL, str(file), "pdf"), "no format 'pdf'"),
        ):
            with pytest.raises(RequestFailed, match=text):
                done(found, "alarm_export", body_)


def test_export_that_is_cancelled_leaves_nothing(asked: AskedAlarms, tmp_path: Path) -> None:
    parts = list[float]()

    def watch(part: float) -> bool:
        parts.append(part)
        return len(parts) < 2

    portions = list(asked.journal.portions(ALL, 100))
    assert len(portions) == 22
    file = tmp_path / "out.parquet"
    with pytest.raises(Cancelled):
        export(asked.journal, ALL, file, "parquet", lambda part: False)
    assert not list(tmp_path.glob("*out.parquet*"))
    taken = list[int]()

    class Counted:
        def put(self, changes: Sequence[AlarmChange]) -> None:
            taken.append(len(changes))

        def end(self) -> None:
            taken.append(-1)

    with pytest.raises(Cancelled):
        copy(iter(portions), Counted(), watch)
    assert (taken, parts == sorted(parts)) == ([100, 100, -1], True)
    assert AT_ONCE < 2160
