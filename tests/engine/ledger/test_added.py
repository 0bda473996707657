"""What was added to a ledger is checked without looking at all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.ledger import Wanted, verify_added
from engine.ledger.reading import PAGE
from engine.store.database import sqlite3
from tests.engine.ledger.made import drafts, ledger, lived


def edited(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for table in ("entries", "nodes", "checkpoints"):
        connection.execute(f"DROP TRIGGER {table}_no_update")
        connection.execute(f"DROP TRIGGER {table}_no_delete")
    for each in statements:
        connection.execute(each)
    connection.commit()
    connection.close()


def test_sound_ledger_fits_from_every_size_on(tmp_path: Path) -> None:
    reading, _ = lived(tmp_path / "ledger.db")
    reading.close()
    for size in range(16):
        verdict = verify_added(tmp_path / "ledger.db", size)
        assert (verdict.findings, verdict.size) == ([], 15)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (
            "UPDATE entries SET line = replace(line, 'operator', 'operatar') WHERE seq = 12",
            "entry 12 was chan",
        ),
        ("DELETE FROM entries WHERE seq = 12", "entry 12 is gone"),
        ("DELETE FROM entries WHERE seq >= 12", "entry 12 and all after it are gone"),
        ("DELETE FROM checkpoints WHERE size > 5", "9 entries were checked before, but there are only 1"),
        (
            "UPDATE nodes SET hash = zeroblob(32) WHERE level = 3 AND position = 0",
            "not those that were signed",
        ),
        (
            "UPDATE checkpoints SET note = replace(note, substr(note, -9, 4), 'AAAA') WHERE size = 15",
            "not by that key",
        ),
    ],
)
def test_change_of_what_was_added_or_of_the_hash_over_what_was_before_is_found(
    tmp_path: Path, statement: str, found: str
) -> None:
    reading, _ = lived(tmp_path / "ledger.db")
    reading.close()
    edited(tmp_path / "ledger.db", statement)
    findings = verify_added(tmp_path / "ledger.db", 9).findings
    assert any(found in each for each in findings), findings


def test_check_can_be_ended_and_says_how_far_it_came(tmp_path: Path) -> None:
    opened = ledger(tmp_path / "ledger.db")
    opened.append(drafts(2 * PAGE))
    opened.close()
    verdict = verify_added(tmp_path / "ledger.db", 1, lambda share: False)
    assert (verdict.size, verdict.findings) == (PAGE + 1, [])


def test_newest_entries_are_found_by_what_they_say(tmp_path: Path) -> None:
    opened = ledger(tmp_path / "ledger.db")
    opened.append(drafts(9))
    found = opened.reading.newest(Wanted(actor="Operator 1", first=3), before=9)
    assert [each.seq for each in found] == [8, 5]
    assert opened.reading.newest(Wanted(text='a "quoted" 100%'), before=10) == []
    assert opened.reading.newest_of("tag") == "S50/Pressure 8"
    assert opened.reading.newest_of("nothing") is None
    opened.close()
