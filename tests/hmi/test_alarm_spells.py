"""When alarms were active, by the journal and as of now."""

from __future__ import annotations

from typing import Any

from engine.types import Alarm, AlarmChange
from hmi import alarm_spells as spells
from hmi.alarm_spells import OPEN_US, history_of
from hmi.known_alarms import AlarmPast

TAG = "Line/S50/Pressure"
T0 = 1_795_353_226_000_000
S = 1_000_000


def row(what: str, at: int, alarm: int = 1, letter: str = "B", **more: Any) -> AlarmChange:
    """What happened ``at`` seconds after `T0`."""
    time_us = T0 + at * S
    return AlarmChange(alarm, what, letter, 2, time_us, time_us, TAG, "h", message="Too much", **more)  # pyright: ignore[reportArgumentType]


def past(*changes: AlarmChange, from_s: int = 0, to_s: int = 100) -> AlarmPast:
    return AlarmPast(TAG, T0 + from_s * S, T0 + to_s * S, changes)


def live(since: int, active: bool = True, changed: int | None = None, **more: Any) -> Alarm:
    changed_us = T0 + (since if changed is None else changed) * S
    return Alarm(TAG, "h", 2, active, T0 + since * S, changed_us, id=1, **more)


def stretches(
    *given: AlarmPast, now: tuple[Alarm, ...] = (), until: int = 100
) -> list[tuple[int, int | None]]:
    found = history_of(given, now, T0 + until * S).spells
    ends = (None if each.end_us == OPEN_US else (each.end_us - T0) // S for each in found)
    return [((each.begin_us - T0) // S, end) for each, end in zip(found, ends, strict=True)]


def test_each_time_an_alarm_was_active_is_one_spell() -> None:
    given = past(row("active", 10), row("returned", 20, letter="D"), row("active", 30))
    assert stretches(given) == [(10, 20), (30, None)]
    assert stretches(past(row("active", 5), row("removed", 9))) == [(5, 9)]


def test_alarm_that_came_before_what_is_known_has_its_spell_all_the_same() -> None:
    assert stretches(past(row("active", -500), row("returned", 20))) == [(-500, 20)]
    found = history_of([past(row("returned", 20))], (), T0 + 100 * S).spells
    assert [(each.is_begun, each.begin_us) for each in found] == [(False, T0)]
    assert spells.when(found[0], T0 + 100 * S, "UTC").startswith("came before 13:13:46, returned 13:14:06")


def test_what_is_so_now_goes_before_what_the_journal_told_a_moment_ago() -> None:
    assert stretches(past(), now=(live(90),)) == [(90, None)]
    assert stretches(past(row("active", 90)), now=(live(90),)) == [(90, None)]
    assert stretches(past(row("active", 90)), now=(live(90, False, 95),)) == [(90, 95)]
    assert stretches(past(row("active", 10)), now=(live(60),)) == [(10, 60), (60, None)]
    shelved = live(90, False, letter="E")
    assert stretches(past(), now=(shelved,)) == [], "a shelf alone is no time in which it was active"


def test_replay_knows_nothing_of_what_came_later() -> None:
    given = past(row("active", 10), row("acknowledged", 20, letter="C", by="m.keller"), row("returned", 30))
    assert stretches(given, until=15) == [(10, None)]
    then = history_of([given], (), T0 + 15 * S)
    assert (then.ticks, then.spells[0].acked_us, then.later_us) == ((), 0, T0 + 20 * S)


def test_it_is_told_who_acknowledged_it_also_after_it_returned() -> None:
    given = past(
        row("active", 10), row("returned", 20, letter="D"), row("acknowledged", 40, letter="A", by="m.keller")
    )
    (spell,) = history_of([given], (), T0 + 100 * S).spells
    assert spells.who(spell, T0 + 100 * S, "UTC") == "acknowledged 13:14:26 by m.keller"
    assert spells.when(spell, T0 + 100 * S, "UTC") == "came 13:13:56, returned 13:14:06 after 10 s"
    assert spells.title(spell) == "Too much"


def test_what_was_done_meanwhile_is_told_with_person_and_reason() -> None:
    shelved = row("shelved", 12, letter="E", by="a.lang", text="part ordered", until_us=T0 + 3600 * S)
    given = past(row("active", 10), shelved, row("expired", 50), row("active", 70), row("shelved", 80))
    history = history_of([given], (), T0 + 100 * S)
    told = [spells.did(each, T0 + 100 * S, "UTC") for each in spells.about(history, history.spells[0])]
    assert told[0] == "shelved 13:13:58 by a.lang until 14:13:46: part ordered"
    assert told[1].startswith("its shelf ran out 13:14:36")
    assert len(told) == 3, "what never returned cannot come again: all of it is of one time"


def test_alarm_that_came_while_set_aside_was_never_annunciated() -> None:
    (spell,) = history_of(
        [past(row("active", 10, letter="F"), row("returned", 20, letter="F"))], (), T0 + 50 * S
    ).spells
    assert spell.is_aside
    assert spells.who(spell, T0 + 50 * S, "UTC") == "set aside when it came"


def test_nobody_is_said_to_have_left_it_who_may_have_acknowledged_it_later() -> None:
    (spell,) = history_of([past(row("active", 10), row("returned", 20))], (), T0 + 900 * S).spells
    assert spells.who(spell, T0 + 900 * S, "UTC", T0 + 100 * S) == "not acknowledged until 13:15:26"
    assert spells.who(spell, T0 + 110 * S, "UTC", T0 + 100 * S) == "not acknowledged"
