"""Appending, reading, rotating keys, and a file that is not what it must be."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from engine.ledger import (
    Draft,
    EntryRefused,
    Ledger,
    LedgerDamaged,
    LedgerError,
    NoLedger,
    ProofRefused,
    Reading,
    WrongKey,
    begin,
    merkle,
    reveal,
    verify_file,
    write_bundle,
)
from engine.ledger import ledger as ledger_module
from engine.ledger.checkpoint import read_checkpoint
from engine.ledger.note import COSIGNATURE, is_signed
from engine.ledger.tables import open_ledger
from engine.ledger.trust import Trust
from engine.ledger.verify_bundle import installed_ed25519, verify
from engine.ledger.witness import cosign
from engine.store.database import sqlite3
from engine.typed import convert
from tests.engine.ledger.made import (
    ORIGIN,
    PARTNER,
    Clock,
    cosigned,
    drafts,
    key,
    ledger,
    lived,
    trust,
    witness,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def test_receipt_proves_the_entry_to_its_caller(path: Path) -> None:
    opened = ledger(path)
    receipts = opened.append(drafts(20))
    note, checkpoint = read_checkpoint(receipts[7].checkpoint)
    assert is_signed(note, key().verifier())
    proof = opened.reading.inclusion(receipts[7].seq, checkpoint.size)
    leaf = merkle.leaf_hash(opened.reading.entry(receipts[7].seq).line)
    assert leaf == receipts[7].leaf_hash
    assert merkle.is_included(leaf, receipts[7].seq, checkpoint.size, proof, checkpoint.root)
    opened.close()


def test_entry_says_what_was_done_by_whom_and_when(path: Path) -> None:
    opened = ledger(path)
    opened.append([Draft("login", "Ada", {"station": "desk 2"}, topic="people")])
    assert opened.reading.entry(1).line == (
        b'{"actor":"Ada","body":{"station":"desk 2"},"mono_us":0,"seq":1,"time_us":1795000000000000,'
        b'"topic":"people","type":"login","v":1}'
    )
    assert [each.seq for each in opened.reading.entries(types=("login",))] == [1]
    assert [each.seq for each in opened.reading.entries(topic="people")] == [1]
    opened.close()


def test_hidden_fields_stay_with_us_until_they_are_revealed(path: Path) -> None:
    opened = ledger(path)
    opened.append([Draft("erp_sent", "Ada", {"price": 9.5, "order": "A 17"}, topic="orders", hidden=True)])
    entry = opened.reading.entry(1)
    assert b"Ada" not in entry.line
    assert b"A 17" not in entry.line
    assert reveal(entry.content, entry.disclosures) == {
        "actor": "Ada",
        "body.price": 9.5,
        "body.order": "A 17",
    }
    opened.close()


def test_ledger_goes_on_where_it_ended(path: Path) -> None:
    for k in range(5):
        opened = ledger(path)
        assert opened.size == 1 + 3 * k
        opened.append(drafts(3))
        opened.close()
    verdict = verify_file(path)
    assert (verdict.findings, verdict.size, verdict.checkpoints) == ([], 16, 6)


def test_callers_of_many_threads_share_commits_and_get_their_own_receipts(path: Path) -> None:
    opened, found = ledger(path), dict[int, tuple[int, ...]]()

    def call(number: int) -> None:
        mine = [Draft("alarm_action", f"{number}", {"k": k}) for k in range(3)]
        found[number] = tuple(each.seq for _ in range(10) for each in opened.append(mine))

    threads = [threading.Thread(target=call, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seq for seqs in found.values() for seq in seqs) == list(range(1, 241))
    for number, seqs in found.items():
        assert all(opened.reading.entry(seq).content["actor"] == str(number) for seq in seqs)
    opened.close()
    assert verify_file(path).findings == []


def test_what_cannot_be_said_exactly_is_refused_and_nothing_of_it_is_kept(path: Path) -> None:
    opened = ledger(path)
    for wrong in (
        Draft("login", "Ada", {"big": 2**60}),
        Draft("no such type", "Ada"),  # type: ignore[arg-type]
        Draft("login", "Ada", {"text": "x" * 300_000}),
        Draft("key_rotation", "Ada"),
    ):
        with pytest.raises(EntryRefused):
            opened.append([Draft("login", "Bob"), wrong])
    assert opened.size == 1
    assert opened.append([]) == ()
    opened.close()
    with pytest.raises(LedgerError, match="closed"):
        opened.append(drafts(1))


def test_new_key_signs_from_the_rotation_on(path: Path) -> None:
    reading, _ = lived(path)
    old, new = reading.keys
    assert (old.revoked_at, new.since) == (9, 10)
    reading.close()
    with pytest.raises(WrongKey, match="rotate with both"):
        Ledger(path, key(), Clock())
    opened = Ledger(path, key(number=2), Clock())
    opened.append(drafts(1))
    opened.close()
    assert verify_file(path).findings == []


def test_checkpoint_of_a_revoked_key_is_found(path: Path) -> None:
    lived(path)[0].close()
    connection = sqlite3.connect(path)
    size, text = connection.execute("SELECT size, note FROM checkpoints ORDER BY size DESC").fetchone()
    note, _ = read_checkpoint(text)
    forged = type(note)(note.text, (key().signature(1, note.text.encode()),))
    connection.execute("DROP TRIGGER checkpoints_no_update")
    connection.execute("UPDATE checkpoints SET note = ? WHERE size = ?", (str(forged), size))
    connection.commit()
    connection.close()
    assert any("not signed by the key of that time" in each for each in verify_file(path).findings)
    with pytest.raises(LedgerDamaged, match="not signed"):
        Ledger(path, key(number=2), Clock())


def test_stolen_key_hands_over_to_nobody(path: Path) -> None:
    """Whoever stole the first key after entry 5 wrote a past of their own, and a key of their own into it."""
    reading, _ = lived(path)
    write_bundle(reading, path.with_name("full.zip"))
    reading.close()
    known = trust(cosigned=False)
    known["keys"][0]["revoked_at"] = 6
    found = verify_file(path, convert(known, Trust)).findings
    assert any("hands over" in each for each in found)
    result = verify(path.with_name("full.zip"), known, installed_ed25519())
    assert any("15 entries is not signed by a key that may" in each for each in result.findings)


def test_only_a_right_cosignature_on_our_own_checkpoint_is_kept(path: Path, tmp_path: Path) -> None:
    opened, vkey = ledger(path), PARTNER.verifier(COSIGNATURE).text
    note = cosigned(opened, witness(tmp_path / "witness.note"))
    assert opened.reading.checkpoint(1) == note
    with pytest.raises(ProofRefused, match="no cosignature"):
        opened.add_cosignature(opened.checkpoint, vkey)
    other = ledger(tmp_path / "other.db", number=3)
    foreign = cosign(read_checkpoint(other.checkpoint)[0], PARTNER, 1)
    other.close()
    with pytest.raises(ProofRefused, match="no cosignature"):
        opened.add_cosignature(str(foreign), vkey)
    opened.close()


def test_rows_cannot_be_changed_or_removed_by_mistake(path: Path) -> None:
    lived(path)[0].close()
    connection = sqlite3.connect(path)
    columns = {"entries": "seq", "nodes": "level", "checkpoints": "size", "cosignatures": "size"}
    for table, column in (columns | {"disclosures": "seq"}).items():
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET {column} = 1"):
            with pytest.raises(sqlite3.Error, match="only grows"):
                connection.execute(statement)
    connection.close()


def test_ledger_is_never_begun_a_second_time(path: Path) -> None:
    ledger(path).close()
    with pytest.raises(LedgerError, match="begun at"):
        begin(path, ORIGIN, key(), Clock())
    for each in path.parent.glob("ledger.db*"):
        each.unlink()
    with pytest.raises(NoLedger):
        Ledger(path, key(), Clock())
    with pytest.raises(LedgerError, match="restore the ledger from a backup"):
        begin(path, ORIGIN, key(), Clock())
    path.with_name("ledger.begun").unlink()
    path.write_bytes(b"")
    with pytest.raises(LedgerDamaged, match="is empty"):
        Ledger(path, key(), Clock())


def test_another_file_is_never_taken_for_a_ledger_or_written_over(path: Path) -> None:
    path.write_bytes(b"this is no database, but it is somebody's work " * 100)
    before = path.read_bytes()
    for attempt in (lambda: Ledger(path, key(), Clock()), lambda: begin(path, ORIGIN, key(), Clock())):
        with pytest.raises(LedgerDamaged, match="not begun anew"):
            attempt()
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE other (a)")
    connection.close()
    with pytest.raises(LedgerDamaged, match="is no ledger"):
        Ledger(path, key(), Clock())
    assert before


def test_ledger_whose_end_was_cut_is_not_continued(path: Path) -> None:
    lived(path)[0].close()
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER entries_no_delete")
    connection.execute("DELETE FROM entries WHERE seq = 14")
    connection.commit()
    connection.close()
    with pytest.raises(LedgerDamaged, match="changed or cut"):
        Ledger(path, key(number=2), Clock())


def test_full_disk_refuses_and_heals(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Any] = []

    def opening(*arguments: Any, **more: Any) -> Any:
        kept.append(open_ledger(*arguments, **more))
        return kept[-1]

    ledger(path).close()
    monkeypatch.setattr(ledger_module, "open_ledger", opening)
    opened = ledger(path)
    opened.append(drafts(3))
    pages = kept[0].execute("PRAGMA page_count").fetchone()[0]
    kept[0].execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(LedgerError, match="free some space"):
        opened.append([Draft("login", "Ada", {"text": "x" * 60_000})])
    assert opened.size == 4
    kept[0].execute("PRAGMA max_page_count=100000")
    assert opened.append(drafts(1))[0].seq == 4
    opened.close()
    assert verify_file(path).findings == []


class Refusing:
    """A connection whose disk fails at one statement, after doing it or before."""

    def __init__(self, connection: Any, statement: str, *, done: bool) -> None:
        self._connection, self._statement, self._done = connection, statement, done

    def execute(self, sql: str, values: Any = ()) -> Any:
        failing = sql.startswith(self._statement)
        found = self._connection.execute(sql, values) if self._done or not failing else None
        if failing:
            raise OSError("the disk reports a fault")
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


@pytest.mark.parametrize("done", [False, True])
def test_fault_of_the_disk_is_told_and_the_file_opened_afresh(
    path: Path, monkeypatch: pytest.MonkeyPatch, done: bool
) -> None:
    """Written or not, what the file holds afterwards is what is gone on from."""
    ledger(path).close()
    first = [True]

    def opening(*arguments: Any, **more: Any) -> Any:
        connection = open_ledger(*arguments, **more)
        return Refusing(connection, "COMMIT", done=done) if first and first.pop() else connection

    monkeypatch.setattr(ledger_module, "open_ledger", opening)
    opened = ledger(path)
    with pytest.raises(LedgerError, match="reports a fault"):
        opened.append(drafts(2))
    assert opened.append(drafts(1))[0].seq == (3 if done else 1)
    opened.close()
    assert verify_file(path).findings == []


def test_two_programs_cannot_both_write(path: Path) -> None:
    one, other = ledger(path), ledger(path)
    one.append(drafts(1))
    with pytest.raises(LedgerError, match="another program"):
        other.append(drafts(1))
    one.close()
    other.close()
    assert verify_file(path).findings == []


def test_reading_goes_on_while_the_ledger_grows(path: Path) -> None:
    opened, reading = ledger(path), Reading(path)
    for k in range(20):
        opened.append(drafts(1, k))
        assert reading.size == k + 2
        assert reading.root(k + 2) == read_checkpoint(opened.checkpoint)[1].root
    reading.close()
    opened.close()
