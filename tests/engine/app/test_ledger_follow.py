"""Events of the journal come into the ledger, each exactly once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from engine.app import ledger as ledger_module
from engine.app import ledger_follow
from engine.app.ledger_events import KINDS, drafts, is_followed
from engine.app.ledger_open import ledger_file
from engine.ledger import TYPES, Draft
from engine.store import Journal, StoredEvent
from tests.engine.app.recorded import Ring, Station, lines, station
from tests.running import until


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "TICK_S", 0.02)


def followed(folder: Path) -> list[int]:
    return [each["body"]["journal_seq"] for each in lines(folder) if "journal_seq" in each["body"]]


def change(what: str, by: str = "", **more: Any) -> dict[str, Any]:
    said = {"what": what, "by": by, "path": "Press/Hydraulics/Pressure", "kind": "hh", "priority": 1}
    return {"change": said | {"letter": "C"} | more, "alarm": {"id": 7}}


def test_every_kind_of_event_becomes_a_type_that_there_is() -> None:
    assert set(KINDS.values()) <= TYPES


def test_what_people_do_to_alarms_is_entered_and_what_alarms_do_is_not() -> None:
    mine = StoredEvent(4, 1000, "alarm", change("acknowledged", "Ada", text="seen it"))
    (draft,) = drafts([mine, StoredEvent(5, 1001, "alarm", change("active"))])
    assert (draft.type, draft.actor, draft.topic) == ("alarm_action", "Ada", "Press")
    assert draft.body == {
        "event": "alarm", "journal_seq": 4, "event_us": 1000, "what": "acknowledged", "letter": "C",
        "path": "Press/Hydraulics/Pressure", "kind": "hh", "priority": 1, "text": "seen it",
    }  # fmt: skip


def test_changes_of_the_list_of_alarms_are_configuration_also_where_an_alarm_stands() -> None:
    (standing,) = drafts([StoredEvent(4, 1, "alarm", change("edited", "Ada", text="limit 80 -> 85"))])
    (quiet,) = drafts([StoredEvent(5, 1, "alarm_edited", {"change": change("removed", "Ada")["change"]})])
    assert (standing.type, quiet.type) == ("configuration", "configuration")


def test_people_are_named_in_every_body() -> None:
    told = [
        StoredEvent(1, 1, "limits_changed", {"by": "Ada", "why": "test"}),
        StoredEvent(2, 1, "annotation_made", {"author": "Bo", "text": "cleaning"}),
        StoredEvent(3, 1, "annotation_removed", {"author": "Bo", "removed_by": "Cy"}),
        StoredEvent(4, 1, "certificate_trusted", {"source": "plc", "thumbprint": "ab"}),
    ]
    assert [each.actor for each in drafts(told)] == ["Ada", "Bo", "Cy", "engine"]


def test_event_that_has_no_canonical_form_is_entered_as_text() -> None:
    (draft,) = drafts([StoredEvent(9, 1, "backup", {"bytes": 2**60, "to": "/share"})])
    assert draft.body["journal_seq"] == 9
    assert str(2**60) in draft.body["text"]


def test_events_come_once_over_many_runs(tmp_path: Path) -> None:
    mill, ring = tmp_path / "mill", Ring()
    for run in range(3):
        with station(mill, ring) as made:
            for k in range(4):
                made.happened("clock_step", seconds=run * 10 + k)
                made.happened("source_state", source="plc")
    seconds = [each["body"]["seconds"] for each in lines(mill) if each["type"] == "clock_step"]
    assert seconds == [0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23]
    assert followed(mill) == sorted(set(followed(mill)))


def test_what_was_committed_without_a_ledger_is_caught_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_follow, "PAGE", 3)
    mill, ring = tmp_path / "mill", Ring()
    with station(mill, ring) as made:
        made.happened("clock_step", seconds=0)
    journal = Journal(mill / "data/journal.db", lambda events: None, failed=lambda text: None)
    for k in range(1, 11):
        journal.append(k, "clock_step", {"seconds": k})
        journal.append(k, "source_state", {"k": k})
    journal.close()
    with station(mill, ring) as made:
        made.happened("clock_step", seconds=11)
        until(lambda: len(followed(mill)) == 12, 5)
    assert [each["body"]["seconds"] for each in lines(mill)[1:]] == list(range(12))


@pytest.mark.parametrize("after", [False, True])
def test_end_before_or_after_the_commit_of_the_ledger_loses_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    """It ends at the worst moment: what it was told of is in one file and not, or also, in the other."""
    mill, ring = tmp_path / "mill", Ring()
    real = ledger_module.Ledger.append

    class Died(BaseException):
        pass

    def append(ledger: Any, wanted: Sequence[Draft]) -> Any:
        if after:
            real(ledger, wanted)
        raise Died

    made = Station(mill, ring)
    until(lambda: not made.scribe.is_starting, 10)
    monkeypatch.setattr(ledger_module.Ledger, "append", append)
    monkeypatch.setattr("threading.excepthook", lambda died: None)
    for k in range(5):
        made.happened("clock_step", seconds=k)
    until(lambda: not made.scribe._thread.is_alive(), 5, "it dies")  # noqa: SLF001
    monkeypatch.setattr(ledger_module.Ledger, "append", real)
    assert made.scribe._ledger is not None  # noqa: SLF001
    made.scribe._ledger.close()  # noqa: SLF001
    made.close()
    with station(mill, ring):
        until(lambda: len(followed(mill)) >= 5, 5)
    assert [each["body"]["seconds"] for each in lines(mill)[1:]] == [0, 1, 2, 3, 4]


def test_flood_of_alarms_that_nobody_touched_leaves_the_ledger_alone(tmp_path: Path) -> None:
    event = StoredEvent(1, 1, "alarm", change("active"))
    assert not is_followed(event)
    with station(tmp_path / "mill", Ring()) as made:
        for _ in range(2000):
            made.happened("alarm_noise", change=1)
    assert len(lines(tmp_path / "mill")) == 1


def test_more_events_than_are_kept_in_memory_are_read_from_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_follow, "MOST_HEARD", 10)
    with station(tmp_path / "mill", Ring()) as made:
        for k in range(500):
            made.happened("clock_step", seconds=k)
        until(lambda: len(followed(tmp_path / "mill")) == 500, 10)
    assert [each["body"]["seconds"] for each in lines(tmp_path / "mill")[1:]] == list(range(500))


def test_journal_that_was_begun_anew_is_followed_from_there_and_the_break_is_told(tmp_path: Path) -> None:
    mill, ring = tmp_path / "mill", Ring()
    with station(mill, ring) as made:
        for k in range(5):
            made.happened("clock_step", seconds=k)
    for each in (mill / "data").glob("journal.db*"):
        each.unlink()
    journal = Journal(mill / "data/journal.db", lambda events: None, failed=lambda text: None)
    journal.append(1, "source_state", {})
    journal.close()
    with station(mill, ring) as made:
        made.happened("clock_step", seconds=99)
        until(lambda: followed(mill)[-1] == 2, 5)
    gap, last = lines(mill)[-2:]
    assert (gap["type"], gap["body"]["event"], last["body"]["seconds"]) == ("gap", "journal_went_back", 99)
    assert ledger_file(mill).exists()
