"""Reading the alarm journal: every filter against a plain walk through all changes."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine.store import Journal, alarm_journal, alarm_query, alarm_tables, database
from engine.store.alarm_journal import LETTERS, WHATS, AlarmJournal
from engine.typed import convert
from engine.types import AlarmChange
from engine.wire import AlarmJournalBody
from tests.engine.store.alarm_changes import HOUR_US, START_US, body, change
from tests.engine.store.told import Told

COUNT = 1500
ALL = AlarmJournalBody(-(2**62), 2**62, most=10_000)


def some_changes() -> list[AlarmChange]:
    """Of 30 alarms, some of them in the same path; the clock is set back by two hours in the middle."""
    dice, found = random.Random(7), list[AlarmChange]()
    for k in range(COUNT):
        alarm = dice.choice(range(1, 31)) if dice.random() < 0.5 else 3
        what = dice.choices(("active", "returned", "acknowledged", "shelved", "expired"), (9, 9, 8, 1, 1))[0]
        by = {"acknowledged": f"Zoë {alarm % 4}", "shelved": "Ann"}.get(what, "")
        step_back = 2 * HOUR_US if k > COUNT // 2 else 0
        found.append(
            change(
                alarm,
                what,
                dice.choice("ABCE"),
                START_US + k * 60_000_000 - step_back,
                path=f"Line {alarm % 3}/S{alarm % 5}/Tag {alarm}",
                kind=("h", "l")[alarm % 2],
                priority=dice.choices((1, 2, 3, 4), (1, 3, 10, 40))[0],
                message=f"Presión of {alarm} is HIGH",
                by=by,
                text="50% done_it" if what == "shelved" else "",
                value=dice.choice((None, float(k))),
                alarm_class="process",
                seq=k + 1,
            )
        )
    return found


CHANGES = some_changes()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, told = tmp_path_factory.mktemp("journal"), Told()
    journal = Journal(folder / "journal.db", told.committed, told.failed)
    for each in CHANGES:
        journal.append(each.time_us, "alarm", body(each))
    told.until(lambda: len(told.events) == COUNT)
    journal.close()
    return folder / "journal.db"


@pytest.fixture(params=["through indexes", "through all rows"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to the rows, and small blocks of them."""
    if request.param == "through all rows":
        monkeypatch.setattr(alarm_query, "RARE", -1)
    return str(request.param)


def fits(each: AlarmChange, wanted: AlarmJournalBody) -> bool:
    texts = "\n".join((each.path, each.message)), "\n".join((each.by, each.text))
    return (
        wanted.start_us <= each.time_us < wanted.end_us
        and (not wanted.under or each.path == wanted.under or each.path.startswith(wanted.under + "/"))
        and (not wanted.priorities or each.priority in wanted.priorities)
        and (not wanted.kinds or each.kind in wanted.kinds)
        and (not wanted.whats or each.what in wanted.whats)
        and (not wanted.alarms or each.alarm in wanted.alarms)
        and (not wanted.text or any(wanted.text.casefold() in text.casefold() for text in texts))
    )


FILTERS: dict[str, dict[str, object]] = {
    "nothing": {},
    "a span": {"start_us": START_US + 3 * HOUR_US, "end_us": START_US + 5 * HOUR_US},
    "a span that the clock went through twice": {
        "start_us": START_US + 11 * HOUR_US,
        "end_us": START_US + 12 * HOUR_US,
    },
    "a span before all": {"start_us": 0, "end_us": 5, "whats": ("shelved",), "priorities": (1,), "text": "a"},
    "the highest priority": {"priorities": (1,)},
    "two priorities": {"priorities": (1, 2)},
    "common priorities": {"priorities": (3, 4)},
    "rare events": {"whats": ("shelved", "expired")},
    "common events": {"whats": ("active", "shelved")},
    "a kind": {"kinds": ("l",)},
    "no such kind": {"kinds": ("flood",)},
    "some alarms": {"alarms": (4, 9, 77)},
    "an area": {"under": "Line 1"},
    "a tag": {"under": "Line 1/S4/Tag 4"},
    "a path that only begins alike": {"under": "Line 1/S"},
    "a text of the path": {"text": "s4/tag 1"},
    "a text in other letters": {"text": "presiÓN OF 7"},
    "a person": {"text": "ZOË 2"},
    "a reason with signs of its own": {"text": "50% Done_"},
    "no such text": {"text": "100%"},
    "all at once": {
        "start_us": START_US + HOUR_US,
        "end_us": START_US + 20 * HOUR_US,
        "under": "Line 0",
        "priorities": (2, 4),
        "kinds": ("l",),
        "whats": ("acknowledged",),
        "alarms": tuple(range(1, 20)),
        "text": "zoë",
    },
    "rare at once": {"under": "Line 0", "priorities": (1, 2), "whats": ("shelved",), "text": "ann"},
}


@pytest.mark.parametrize("name", FILTERS)
def test_filter_finds_what_a_walk_through_all_changes_finds(file: Path, way: str, name: str) -> None:
    wanted = convert(msgspec.to_builtins(ALL) | FILTERS[name], AlarmJournalBody)
    expected = [each for each in reversed(CHANGES) if fits(each, wanted)]
    read = AlarmJournal(file)
    assert read.changes(wanted) == expected
    assert read.page(wanted) == (expected, len(expected))
    few = msgspec.structs.replace(wanted, most=7)
    assert read.page(few) == (expected[:7], len(expected))
    assert list(paged(read, few)) == expected
    parts = list(read.portions(few, 40))
    assert [each for _, part in parts for each in part] == expected
    assert [done for done, _ in parts] == sorted(done for done, _ in parts)
    assert all(0 <= done <= 1 for done, _ in parts)


def paged(read: AlarmJournal, wanted: AlarmJournalBody) -> Iterator[AlarmChange]:
    """Every page, as a window turns them."""
    while found := read.changes(wanted):
        yield from found
        wanted = msgspec.structs.replace(wanted, before=found[-1].seq)


def test_filters_above_have_something_to_find() -> None:
    empty = {"a span before all", "no such kind", "no such text", "a path that only begins alike"}
    for name, said in FILTERS.items():
        wanted = convert(msgspec.to_builtins(ALL) | said, AlarmJournalBody)
        assert any(fits(each, wanted) for each in CHANGES) == (name not in empty), name


def test_spans_are_found_in_blocks_although_the_clock_was_set_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarm_tables, "BLOCK", 4)
    monkeypatch.setattr(alarm_query, "BLOCK", 4)
    told = Told()
    journal = Journal(tmp_path / "journal.db", told.committed, told.failed)
    for each in CHANGES[: COUNT // 2 + 400]:
        journal.append(each.time_us, "alarm", body(each))
    told.until(lambda: len(told.events) == COUNT // 2 + 400)
    journal.close()
    read = AlarmJournal(tmp_path / "journal.db")
    for hour in range(24):
        wanted = msgspec.structs.replace(
            ALL, start_us=START_US + hour * HOUR_US, end_us=START_US + (hour + 1) * HOUR_US
        )
        expected = [each for each in reversed(CHANGES[: COUNT // 2 + 400]) if fits(each, wanted)]
        assert read.changes(wanted) == expected


def test_count_ends_where_nobody_counts_further(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarm_journal, "MOST_COUNTED", 100)
    found, count = AlarmJournal(file).page(msgspec.structs.replace(ALL, most=10, before=50))
    assert ([each.seq for each in found], count) == (list(range(49, 39, -1)), None)


def columns(changes: Sequence[AlarmChange]) -> list[tuple[object, ...]]:
    return [(c.time_us, c.alarm, c.what, c.priority, c.letter, c.by != "") for c in changes]


@pytest.mark.parametrize("path", ["", "Line 1", "Line 0/S3/Tag 3"])
def test_arrays_begin_with_what_was_there_and_go_on_with_what_happened(file: Path, path: str) -> None:
    start_us, end_us = START_US + 3 * HOUR_US, START_US + 5 * HOUR_US
    mine = [each for each in CHANGES if fits(each, msgspec.structs.replace(ALL, under=path))]
    stood = dict[tuple[int, str], AlarmChange]()
    for each in mine:
        if each.time_us < start_us:
            if each.what in ("active", "shelved"):
                stood[each.alarm, each.what] = each
            elif each.what in ("returned", "expired"):
                stood.pop((each.alarm, {"returned": "active", "expired": "shelved"}[each.what]), None)
    before = sorted(stood.values(), key=lambda each: each.time_us)
    within = [each for each in mine if start_us <= each.time_us < end_us]
    found = AlarmJournal(file).arrays(start_us, end_us, path)
    rows = zip(
        *(found.time_us.tolist(), found.alarm.tolist(), [WHATS[k] for k in found.what]),
        *(found.priority.tolist(), [LETTERS[k] for k in found.letter], found.by_person.tolist()),
        strict=True,
    )
    assert list(rows) == columns([*before, *within])
    assert before
    assert within


@pytest.mark.parametrize("path", ["", "Line 1", "Line 0/S3/Tag 3"])
def test_standing_tells_how_what_was_active_came_who_acknowledged_it_and_each_shelf(
    file: Path, path: str
) -> None:
    start_us = START_US + 3 * HOUR_US
    stood = dict[tuple[int, str], AlarmChange]()
    for each in CHANGES:
        if each.time_us >= start_us or not fits(each, msgspec.structs.replace(ALL, under=path)):
            continue
        if each.what in ("active", "shelved"):
            stood[each.alarm, each.what] = each
        if each.what in ("active", "returned"):
            stood.pop((each.alarm, "acknowledged"), None)
        if each.what in ("returned", "expired"):
            stood.pop((each.alarm, {"returned": "active", "expired": "shelved"}[each.what]), None)
        elif each.what == "acknowledged" and (each.alarm, "active") in stood:
            stood[each.alarm, "acknowledged"] = each
    found = AlarmJournal(file).standing(start_us, path)
    assert [each.seq for each in found] == sorted(each.seq for each in stood.values())
    assert {each.what for each in found} <= {"active", "acknowledged", "shelved"}
    assert found
    assert AlarmJournal(file.parent / "none.db").standing(start_us, path) == []


def test_arrays_of_nothing_are_empty(tmp_path: Path, file: Path) -> None:
    for read in (AlarmJournal(tmp_path / "none.db"), AlarmJournal(file)):
        found = read.arrays(0, 5)
        assert found.time_us.shape == (0,)
        assert (found.alarm.dtype, found.what.dtype, found.by_person.dtype) == (np.int32, np.uint8, np.bool_)


def test_what_this_version_does_not_know_is_left_out_and_the_log_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told = Told()
    journal = Journal(tmp_path / "journal.db", told.committed, told.failed)
    for k in (1, 2):
        journal.append(START_US, "alarm", body(change(k)))
    journal.close()
    other = database.open_database(tmp_path / "journal.db")
    other.execute("UPDATE alarm_changes SET what = 'evaporated' WHERE seq = 1")
    other.execute("UPDATE alarm_states SET body = '{' WHERE alarm = 2")
    other.close()
    read = AlarmJournal(tmp_path / "journal.db")
    assert [each.seq for each in read.changes(ALL)] == [2]
    assert "change 1 of the alarm journal is none of this version" in caplog.text
    assert [alarm.id for alarm in read.states()] == [1]
    assert "what alarm 2 was is not known" in caplog.text
    assert read.arrays(0, 2**62).alarm.tolist() == [2]


def test_names_are_those_that_were_used_last_and_runs_those_of_the_engine(tmp_path: Path) -> None:
    told = Told()
    journal = Journal(tmp_path / "journal.db", told.committed, told.failed)
    journal.append(5, "engine_started", {})
    journal.append(START_US, "alarm", body(change(1)))
    journal.append(START_US, "alarm", body(change(1, message="Pressure is much too high")))
    journal.append(9, "engine_stopped", {})
    journal.close()
    read = AlarmJournal(tmp_path / "journal.db")
    assert read.names() == {1: ("Line 1/S1/Pressure", "h", "", "Pressure is much too high")}
    assert read.runs() == [(5, "engine_started"), (9, "engine_stopped")]
    assert AlarmJournal(tmp_path / "none.db").runs() == []


def test_letter_before_a_change_is_that_of_the_change_before_of_the_same_alarm(file: Path) -> None:
    read = AlarmJournal(file)
    wanted = msgspec.structs.replace(ALL, priorities=(1, 2))
    changes = read.changes(wanted)
    expected = list[str]()
    for each in changes:
        earlier = [other for other in CHANGES if other.alarm == each.alarm and other.seq < each.seq]
        expected.append(earlier[-1].letter if earlier else "")
    assert read.letters_before(changes) == expected
    assert len({*expected}) > 3


def test_letter_before_is_known_over_another_message_of_the_alarm(tmp_path: Path) -> None:
    told = Told()
    journal = Journal(tmp_path / "journal.db", told.committed, told.failed)
    for letter, message in (("B", "High"), ("C", "High"), ("A", "Too high")):
        noted = change(5, letter=letter, message=message)
        journal.append(noted.time_us, "alarm", body(noted))
    told.until(lambda: len(told.events) == 3)
    journal.close()
    read = AlarmJournal(tmp_path / "journal.db")
    assert read.letters_before(read.changes(ALL)) == ["C", "B", ""]


def test_journal_that_is_not_there_has_neither_letters_nor_an_oldest_change(tmp_path: Path) -> None:
    read = AlarmJournal(tmp_path / "journal.db")
    assert read.letters_before(CHANGES[:2]) == ["", ""]
    assert read.oldest_us() is None


def test_oldest_change_is_one_that_may_be_forgotten(tmp_path: Path) -> None:
    told = Told()
    journal = Journal(tmp_path / "journal.db", told.committed, told.failed)
    for alarm, letter, hour in ((1, "E", 0), (2, "C", 2), (3, "A", 1), (4, "B", 0)):
        noted = change(alarm, letter=letter, time_us=START_US + hour * HOUR_US)
        journal.append(noted.time_us, "alarm", body(noted))
    told.until(lambda: len(told.events) == 4)
    journal.close()
    assert AlarmJournal(tmp_path / "journal.db").oldest_us() == START_US + HOUR_US
