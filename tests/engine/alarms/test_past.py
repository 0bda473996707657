"""The alarms of earlier runs, as the journal tells them after a restart."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from engine.alarms import Noted, alarms_among, past_alarms
from engine.store import Journal, StoredEvent
from engine.types import Alarm, AlarmChange, Letter, What
from tests.engine.alarms.samples import PRESSURE, S


def noted(second: float, what: What, letter: Letter, number: int = 1, priority: int = 2) -> Noted:
    time_us, active = round(second * S), letter in "BC"
    alarm = Alarm(PRESSURE, "h", priority, active, time_us, time_us, id=number, letter=letter)
    change = AlarmChange(number, what, letter, priority, time_us, time_us, PRESSURE, "h")
    return Noted(change, alarm)


def test_the_journal_tells_after_a_restart_what_happened_and_when(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db", lambda events: None, lambda text: None)
    journal.append(5 * S, "alarm", {"tag": "A", "level": 3})
    for each in (noted(10, "active", "B"), noted(20, "returned", "D")):
        journal.append(each.change.time_us, "alarm", msgspec.to_builtins(each))
    journal.append(30 * S, "clock_step", {"seconds": -10.0})
    journal.close()
    journal = Journal(tmp_path / "journal.db", lambda events: None, lambda text: None)
    known = past_alarms(journal)
    journal.close()
    assert [each.change.what for each in known.changes] == ["active", "returned"]
    assert known.came == [(1, 10 * S)]
    assert known.noted_us == 30 * S


def test_events_of_another_version_are_left_out_and_told_once(caplog: pytest.LogCaptureFixture) -> None:
    old = [StoredEvent(k, k, "alarm", {"path": "A", "state": "active"}) for k in range(3)]
    assert alarms_among(old) == []
    assert [each.message for each in caplog.records] == [
        "3 alarms in the journal are of another version and left out"
    ]
