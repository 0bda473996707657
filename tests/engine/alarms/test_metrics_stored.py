"""The performance worked out from the alarm journal on disk: floods, restarts in them, odd values."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from hypothesis import given, settings

from engine.alarms.metrics import Name, metrics
from engine.app.alarm_journal_answers import AskedAlarms, performance
from engine.historian.reading import Watch
from engine.store import Journal
from engine.store.alarm_journal import AlarmJournal
from engine.types import AlarmChange, AlarmMetrics, AlarmSettings, Backtest
from engine.wire import AlarmMetricsBody, BacktestBody
from tests.engine.alarms.plain_metrics import T0, Row, S
from tests.engine.alarms.test_metrics import HOUR, came, record, value, went
from tests.engine.alarms.test_metrics_answer import Answer, journals
from tests.engine.store.alarm_changes import body, change
from tests.engine.store.told import Told


class Clock:
    """A day after the span."""

    def now_us(self) -> int:
        return T0 + 48 * HOUR

    def mono_us(self) -> int:
        return 0

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError


def no_trial(wanted: BacktestBody, watch: Watch) -> Backtest:
    raise NotImplementedError


def noted(row: Row) -> AlarmChange:
    second, alarm, what, letter, priority = row
    return change(alarm, what, letter, T0 + round(second * S), priority=priority)


def write(file: Path, rows: Sequence[Row], events: Sequence[tuple[float, str]]) -> None:
    """Changes and starts and stops of the engine, in the order of their times."""
    told = Told()
    journal = Journal(file, told.committed, told.failed)
    all_of = [(second, name, None) for second, name in events] + [(row[0], "alarm", row) for row in rows]
    for second, name, row in sorted(all_of, key=lambda each: each[0]):
        journal.append(T0 + round(second * S), name, {} if row is None else body(noted(row)))
    journal.close()
    assert told.failures == []


def stored(file: Path, hours: float, under: str = "") -> AlarmMetrics:
    asked = AskedAlarms(AlarmJournal(file), Clock(), lambda start, end: (), AlarmSettings, no_trial)
    return performance(asked, AlarmMetricsBody(T0, T0 + round(hours * HOUR), under))


@settings(max_examples=8, deadline=None)
@given(made=journals())
def test_the_figures_of_a_journal_on_disk_are_those_it_was_made_for(made: tuple[list[Row], Answer]) -> None:
    rows, answer = made
    hours = max(len(answer.hourly), 1)
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "journal.db", rows, [(-3600.0, "engine_started")])
        found = stored(Path(folder) / "journal.db", hours)
    span = T0, T0 + hours * HOUR
    # In the order in which they were noted; how alarms are called does not matter here.
    expected = metrics(
        record(sorted(rows, key=lambda row: row[0]), [False] * len(rows)),
        np.array([span], np.int64),
        *span,
        AlarmSettings(),
        lambda alarm: Name(f"Line 1/S{alarm}/Pressure", "h", "", "Pressure is high"),
    )
    assert list(found.hourly[: len(answer.hourly)]) == answer.hourly
    assert found == expected


def test_ten_thousand_alarms_in_ten_seconds_are_one_flood_of_all_of_them(tmp_path: Path) -> None:
    rows = [came(1800 + k / 1000, alarm=1 + k % 400, priority=1 + k % 4) for k in range(10_000)]
    write(tmp_path / "journal.db", rows, [(-60.0, "engine_started")])
    found = stored(tmp_path / "journal.db", 2)
    assert (found.count, found.hourly) == (10_000, (10_000, 0))
    assert [flood[2] for flood in found.floods] == [10_000]
    assert found.flood_peaks == (10_000,)
    assert found.peaks == ((T0 + 1800 * S, 10_000),)
    assert found.upset == "definitely excessive"
    assert found.split == (0.25,) * 4
    assert len(found.chattering) == 400


def test_a_restart_in_a_flood_leaves_one_flood_and_the_time_between_is_not_known(tmp_path: Path) -> None:
    rows = [came(1000.0 + 10 * k, alarm=1 + k) for k in range(15)]
    rows += [came(1300.0 + 10 * k, alarm=50 + k) for k in range(15)]
    events = [(-60.0, "engine_started"), (1145.0, "engine_stopped"), (1295.0, "engine_started")]
    write(tmp_path / "journal.db", rows, events)
    found = stored(tmp_path / "journal.db", 1)
    assert [flood[2] for flood in found.floods] == [30]
    assert found.flood_peaks == (30,)
    assert found.known_s == (3450,)
    begin_us, end_us, _ = found.floods[0]
    lasted = (end_us - begin_us) / S - 150
    assert abs((value(found, "time in flood") or 0) - 100 * lasted / 3450) < 1e-9


def test_alarms_without_a_number_count_like_all_others(tmp_path: Path) -> None:
    told = Told()
    journal = Journal(tmp_path / "journal.db", told.committed, told.failed)
    journal.append(T0 - S, "engine_started", {})
    for k in range(20):
        said = msgspec.structs.replace(noted(came(60.0 * k, alarm=1 + k % 3)), value=None, limit=None)
        journal.append(said.time_us, "alarm", body(said))
    journal.close()
    found = stored(tmp_path / "journal.db", 1)
    assert found.count == 20
    assert [actor.count for actor in found.actors] == [7, 7, 6]


def test_a_journal_written_while_the_clock_was_set_back_counts_every_hour_as_it_shows_it(
    tmp_path: Path,
) -> None:
    told = Told()
    journal = Journal(tmp_path / "journal.db", told.committed, told.failed)
    journal.append(T0 - S, "engine_started", {})
    seconds = [*range(0, 7200, 300), *range(3600, 10_800, 300)]
    for k, second in enumerate(seconds):
        journal.append(T0 + second * S, "alarm", body(noted(came(second, alarm=1 + k))))
    journal.append(T0 + 10_800 * S, "alarm", body(noted(went(10_800, alarm=1))))
    journal.close()
    found = stored(tmp_path / "journal.db", 3)
    assert found.hourly == (12, 24, 12)
    assert found.floods == ()
    area = stored(tmp_path / "journal.db", 3, "Line 1/S1")
    assert (area.count, area.hourly) == (1, (1, 0, 0))
