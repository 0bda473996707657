"""Alarms of a running project: what windows see, what the journal keeps, what a restart finds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine.alarms import Alarms, past_alarms
from engine.alarms.alarms import MOST_SHOWN, RETURNED_US
from engine.live import LiveReader, LiveTable, plan
from engine.store import Journal
from engine.types import Alarm, Limit, Tag
from tests.engine.alarms.samples import GUARD, PRESSURE, STATE, TAGS, S, batch, high

HH = high(kind="hh", limit=110.0, priority=1, message="Pressure high-high", cause="seal leak", response="go")
LIMITS = (high(priority=2), HH, Limit(GUARD, "off", priority=3), Limit(STATE, "on", limit=5.0))


class StillClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.us = 5_000 * S

    def now_us(self) -> int:
        return self.us

    def mono_us(self) -> int:
        return self.us

    async def sleep(self, seconds: float) -> None:
        self.us += round(seconds * S)


class Rig:
    """Alarms over a real live table; what they wrote is in ``events``."""

    def __init__(
        self, folder: Path, limits: tuple[Limit, ...] = LIMITS, tags: tuple[Tag, ...] = TAGS
    ) -> None:
        self.clock = StillClock()
        layout = plan(len(tags), 1, 1 << 18)
        self.table = LiveTable(folder / "live.bin", layout, np.arange(len(tags), dtype=np.int32), 0)
        self.reader = LiveReader(folder / "live.bin", layout)
        self.tags = list(tags)
        self.alarms = Alarms(limits, self.tags, self.table, self.clock)
        self.events: list[Alarm] = []

    def begin(self, past: list[tuple[int, Alarm]] | None = None) -> None:
        def append(name: str, body: dict[str, object]) -> None:
            assert name == "alarm"
            self.events.append(msgspec.convert(body, Alarm))

        self.alarms.begin(append, past or [])

    def send(self, second: float, value: float, tag: int = 0) -> None:
        self.alarms.judge(batch(second, value, tags=(tag,)), None, self.clock.us)

    @property
    def column(self) -> list[int]:
        return self.reader.snapshot(self.clock.us).alarm.tolist()

    def close(self) -> None:
        self.reader.close()
        self.table.close()


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    yield made
    made.close()


def test_an_alarm_is_an_event_with_all_that_a_person_needs(rig: Rig) -> None:
    rig.begin()
    rig.send(10, 115)
    assert rig.events[1] == Alarm(
        path=PRESSURE,
        kind="hh",
        priority=1,
        state="active",
        since_us=10 * S,
        changed_us=10 * S,
        value=115.0,
        limit=110.0,
        message="Pressure high-high",
        cause="seal leak",
        response="go",
    )
    rig.send(20, 90)
    returned = rig.events[-1]
    assert (returned.state, returned.since_us, returned.changed_us, returned.value) == (
        "returned",
        10 * S,
        20 * S,
        90.0,
    )


def test_the_live_table_shows_the_worst_priority_of_each_tag(rig: Rig) -> None:
    rig.begin()
    before = rig.reader.snapshot(rig.clock.us).version
    rig.send(10, 105)
    rig.send(10, 0, tag=1)
    assert rig.column == [2, 3, 0]
    rig.send(11, 115)
    assert rig.column == [1, 3, 0]
    rig.send(12, 90)
    assert rig.column == [0, 3, 0]
    after = rig.reader.snapshot(rig.clock.us).version
    assert (after > before).tolist() == [True, True, False], "a window that draws only news sees these"


def test_a_limit_without_a_message_speaks_in_words(rig: Rig) -> None:
    rig.begin()
    rig.send(10, 105)
    rig.send(10, 0, tag=1)
    rig.send(10, 5, tag=2)
    assert [each.message for each in rig.events] == ["Pressure high", "Guard closed off", "State fault"]


def test_words_of_a_state_that_the_device_tells_later_are_used(tmp_path: Path) -> None:
    bare = (*TAGS[:2], msgspec.structs.replace(TAGS[2], states={}))
    rig = Rig(tmp_path, (Limit(STATE, "on", limit=5.0), Limit(STATE, "off", limit=1.0)), bare)
    rig.begin()
    rig.tags[2] = TAGS[2]
    rig.send(10, 5, tag=2)
    assert [each.message for each in rig.events] == ["State fault", "State not running"]
    rig.close()


def test_clients_get_active_alarms_first_then_by_priority_then_the_newest(rig: Rig) -> None:
    rig.begin()
    rig.send(10, 115)
    rig.send(11, 105)
    rig.send(12, 0, tag=1)
    rig.send(13, 5, tag=2)
    assert [(each.message, each.state) for each in rig.alarms.shown()] == [
        ("Pressure high", "active"),
        ("State fault", "active"),
        ("Guard closed off", "active"),
        ("Pressure high-high", "returned"),
    ]


def test_an_alarm_that_returned_is_shown_for_ten_minutes(rig: Rig) -> None:
    rig.begin()
    rig.send(10, 105)
    rig.send(11, 90)
    rig.clock.us += RETURNED_US
    assert [each.state for each in rig.alarms.shown()] == ["returned"]
    rig.clock.us += 1
    assert rig.alarms.shown() == ()


def test_of_a_flood_the_worst_are_shown_and_all_are_events(tmp_path: Path) -> None:
    tags = tuple(Tag(k, f"A/{k}", "plc", "x") for k in range(600))
    limits = tuple(Limit(f"A/{k}", "h", limit=0.0, priority=1 + k % 4) for k in range(600))
    rig = Rig(tmp_path, limits, tags)
    rig.begin()
    rig.alarms.judge(batch(1, [np.ones(600)], tags=range(600)), None, rig.clock.us)
    assert len(rig.events) == 600
    shown = rig.alarms.shown()
    assert len(shown) == MOST_SHOWN
    assert [each.priority for each in shown] == [1] * 150 + [2] * 50
    rig.close()


def test_what_was_active_before_a_restart_still_is_since_the_same_time(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db", lambda events: None, lambda text: None)
    first = Rig(tmp_path)
    first.alarms.begin(lambda name, body: journal.append(first.clock.us, name, body), [])
    first.send(10, 115)
    first.send(11, 105)
    journal.append(0, "source_state", {"source": "plc"})
    first.close()
    journal.close()

    journal = Journal(tmp_path / "journal.db", lambda events: None, lambda text: None)
    again = Rig(tmp_path)
    again.begin(past_alarms(journal))
    journal.close()
    assert [(each.kind, each.state, each.since_us) for each in again.alarms.shown()] == [
        ("h", "active", 10 * S),
        ("hh", "returned", 10 * S),
    ]
    assert again.column == [2, 0, 0]
    again.send(50, 105)
    assert again.events == [], "it still is: nothing happened"
    again.send(60, 90)
    assert [(each.state, each.since_us, each.changed_us) for each in again.events] == [
        ("returned", 10 * S, 60 * S)
    ]
    again.close()


def test_a_restart_uses_the_words_and_priority_of_today_and_forgets_limits_that_are_gone(rig: Rig) -> None:
    old = Alarm(PRESSURE, "hh", 4, "active", 10 * S, 10 * S, 115.0, 100.0, "old words")
    gone = Alarm("A/Press/Gone", "h", 1, "active", 10 * S, 10 * S)
    rig.begin([(0, old), (0, gone)])
    (shown,) = rig.alarms.shown()
    assert (shown.priority, shown.limit, shown.message, shown.value) == (
        1,
        110.0,
        "Pressure high-high",
        115.0,
    )


def test_alarms_of_another_version_in_the_journal_do_not_stop_the_start(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db", lambda events: None, lambda text: None)
    journal.append(1, "alarm", {"tag": "A", "level": 3})
    journal.append(2, "alarm", msgspec.to_builtins(Alarm(PRESSURE, "h", 2, "active", 1, 1)))
    journal.close()
    journal = Journal(tmp_path / "journal.db", lambda events: None, lambda text: None)
    assert [alarm.path for _, alarm in past_alarms(journal)] == [PRESSURE]
    journal.close()


def test_a_tag_that_turns_out_to_be_text_has_no_alarm(rig: Rig) -> None:
    rig.begin([(rig.clock.us, Alarm(PRESSURE, "h", 2, "active", 1, 1))])
    assert rig.column == [2, 0, 0]
    rig.alarms.leave(0)
    assert rig.column == [0, 0, 0]
    assert rig.alarms.shown() == ()
