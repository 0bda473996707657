"""Events of the journal, as the journal itself gives them, counted by asset, class and bucket."""

from __future__ import annotations

from pathlib import Path

from engine.prediction.events import Counting, Happened, happened
from engine.store import Journal
from engine.types import Alarm, AlarmChange


def test_alarms_and_device_errors_of_a_real_journal_are_events(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db", lambda events: None, lambda text: None)
    for number, (kind, what) in enumerate((("hh", "active"), ("device", "active"), ("hh", "returned")), 1):
        path = "Line 1/P1/Vibration"
        change = AlarmChange(number, what, "B", 2, 10 * number, 10 * number, path, kind, name="E101")
        alarm = Alarm(path, kind, 2, what == "active", 10, 10, id=number, name="E101")
        journal.append(10 * number, "alarm", {"change": change, "alarm": alarm})
    journal.append(40, "engine_started", {"pid": 1})
    journal.close()
    again = Journal(tmp_path / "journal.db", lambda events: None, lambda text: None)
    found = [each for each in map(happened, again.after(0)) if each is not None]
    again.close()
    assert found == [
        Happened(10, "Line 1/P1/Vibration", ("alarm", "alarm:hh")),
        Happened(20, "Line 1/P1/Vibration", ("device", "device:E101")),
    ]


def test_an_event_counts_for_the_innermost_asset_and_its_own_bucket() -> None:
    counting = Counting(("Line 1", "Line 1/P1"), ("alarm", "device:E1"))
    events = [
        Happened(5, "Line 1/P1/Vibration", ("alarm", "alarm:hh")),
        Happened(9, "Line 1/P1/Vibration", ("alarm",)),
        Happened(10, "Line 1/P2/Vibration", ("device", "device:E1")),
        Happened(10, "Line 2/P1", ("alarm",)),
    ]
    counting.add(reversed(events))
    assert counting.spread(0, 10, 2)[:, 1, 0].tolist() == [2, 0]
    assert counting.close(0, 10).tolist() == [[0, 0], [2, 0]]
    assert counting.close(10, 20).tolist() == [[0, 1], [0, 0]]
    assert counting.close(20, 30).sum() == 0
