"""The alarm counters of the top bar."""

from __future__ import annotations

import msgspec
import pytest

from engine.types import Alarm
from hmi.shell.counters import Counter
from hmi.shell.window import Window
from tests.hmi.booked import Commands, tell
from tests.hmi.line import HIGH, LOW_AIR, PRESS, TIPS
from tests.hmi.plant import NOW_US
from tests.hmi.shell.parts import counts_of

pytestmark = pytest.mark.screen


@pytest.fixture
def feed() -> Commands:
    """System asks for the page of a source; it waits for ever."""
    return Commands()


def counter(window: Window, priority: int) -> Counter:
    """The counter of a priority."""
    return next(each for each in window.findChildren(Counter) if each.priority == priority)


def test_counters_count_what_is_in_the_list_and_lead_to_the_worst(line: Window) -> None:
    assert counts_of(line) == {1: 0, 2: 0, 3: 0}, "those that alarms.csv uses, each in its place"
    tell(line, HIGH, TIPS, LOW_AIR)
    assert counts_of(line) == {1: 1, 2: 2, 3: 0}
    assert counter(line, 1).accessibleName() == "priority 1: 1 in the list, 1 not acknowledged"
    counter(line, 1).click()
    assert line.place.path == PRESS


def test_returned_alarm_that_waits_is_counted_as_waiting(line: Window) -> None:
    acknowledged = msgspec.structs.replace(TIPS, id=77, letter="C", acked=True)
    tell(line, TIPS, LOW_AIR, acknowledged)
    assert counter(line, 2).figures == ("2", "of 3")
    assert counter(line, 2).accessibleName() == "priority 2: 3 in the list, 2 not acknowledged"


def test_acknowledged_alarms_are_counted_without_a_word_more(line: Window) -> None:
    tell(line, msgspec.structs.replace(HIGH, letter="C", acked=True))
    assert counter(line, 1).figures == ("1", "")
    assert counter(line, 1).accessibleName() == "priority 1: 1 in the list"


def test_shelved_alarm_is_not_counted_and_a_counter_without_alarms_leads_nowhere(line: Window) -> None:
    tell(line, msgspec.structs.replace(HIGH, letter="E"))
    assert counts_of(line)[1] == 0
    assert not counter(line, 1).isEnabled()


def test_counter_of_a_lost_link_leads_to_system(line: Window) -> None:
    tell(line, Alarm("press", "link", 2, True, NOW_US, NOW_US, id=9))
    counter(line, 2).click()
    assert line.place.display == "system"
