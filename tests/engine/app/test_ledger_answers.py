"""What clients are told of the ledger: entries, proofs, checks and bundles."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.app import ledger_answers as answers_module
from engine.app.jobs import Work
from engine.app.ledger_answers import ledger_answers, ledger_kinds
from engine.app.ledger_key import Keys
from engine.app.queries import Queries
from engine.historian.reading import Cancelled
from engine.ledger import Draft, Ledger, Reading
from engine.ledger.merkle import is_included
from engine.ledger.verify_bundle import installed_ed25519, verify
from engine.server import RequestRefused
from engine.store.database import sqlite3
from engine.types import LedgerAnswer, LedgerProof, LedgerVerdict
from engine.types.control import RecordEntry
from tests.engine.app.recorded import PHRASE, Ring, Station, record, sent, station


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Station]:
    with station(tmp_path / "mill", Ring()) as opened:
        yield opened


async def asked(made: Station, op: str, **body: Any) -> Any:
    queries = Queries()
    try:
        return await ledger_answers(made.scribe, queries)[op](msgspec.Raw(msgspec.msgpack.encode(body)))
    finally:
        queries.close()


async def entries(made: Station, **body: Any) -> list[int]:
    answer: LedgerAnswer = await asked(made, "ledger", **body)
    return [each.seq for each in answer.entries]


def work(made: Station, kind: str, **body: Any) -> Work:
    return ledger_kinds(made.scribe)[kind](msgspec.Raw(msgspec.msgpack.encode(body)))


def ten(made: Station) -> None:
    """Entries 1 to 10 after the one that begins it."""
    for k in range(1, 11):
        who = "Ada" if k % 2 else "Bo"
        kind = "login" if k % 5 == 0 else "write_sent"
        record(made, RecordEntry(kind, who, {"tag": f"Press/Öl_{k}%", "k": k}, "Press"))


def test_entries_come_newest_first_and_in_pages(made: Station) -> None:
    ten(made)

    async def pages() -> None:
        first: LedgerAnswer = await asked(made, "ledger", limit=4)
        assert [each.seq for each in first.entries] == [10, 9, 8, 7]
        assert (first.size, first.trouble, first.before) == (11, "", 7)
        assert first.key_name.startswith(first.origin + "+")
        entry = first.entries[0]
        assert (entry.actor, entry.topic, entry.body["tag"]) == ("Bo", "Press", "Press/Öl_10%")
        second: LedgerAnswer = await asked(made, "ledger", limit=4, before=first.before)
        assert [each.seq for each in second.entries] == [6, 5, 4, 3]
        last: LedgerAnswer = await asked(made, "ledger", limit=4, before=second.before)
        assert ([each.seq for each in last.entries], last.before) == ([2, 1, 0], 0)

    asyncio.run(pages())


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"types": ["login"]}, [10, 5]),
        ({"types": ["login", "ledger_begin"]}, [10, 5, 0]),
        ({"actor": "ada"}, [9, 7, 5, 3, 1]),
        ({"text": "öl_1"}, []),
        ({"text": "Öl_1"}, [10, 1]),
        ({"text": "l_3%"}, [3]),
        ({"text": "%"}, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]),
        (
            {"actor": "Bo", "types": ["login"], "text": '"k":10'},
            [],
        ),  # a quotation mark of a text, not of JSON
        ({"actor": "Bo", "types": ["login"], "text": "Öl_10"}, [10]),
        ({"text": "' OR 1=1 --"}, []),
    ],
)
async def test_filters_let_through_what_they_say(
    tmp_path: Path, filters: dict[str, Any], found: list[int]
) -> None:
    with station(tmp_path / "mill", Ring()) as made:
        await asyncio.to_thread(ten, made)
        assert await entries(made, **filters) == found


def test_span_of_time_is_found_also_where_the_clock_was_set_back(made: Station) -> None:
    record(made, sent(1))
    made.clock.ahead_us = 3_600_000_000
    record(made, sent(2))
    late_us = made.clock.now_us()
    made.clock.ahead_us = 1_800_000_000
    record(made, sent(3))
    found = asyncio.run(entries(made, start_us=late_us - 10_000_000, end_us=late_us + 10_000_000))
    assert found == [2]
    assert asyncio.run(entries(made, start_us=late_us - 3_000_000_000)) == [3, 2]
    assert asyncio.run(entries(made, end_us=1)) == []


def test_long_search_gives_what_it_has_and_goes_on_with_the_next_page(
    made: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    ten(made)
    monkeypatch.setattr(answers_module, "FIRST_PIECE", 3)
    monkeypatch.setattr(answers_module, "PIECE", 3)
    monkeypatch.setattr(answers_module, "SEARCH_US", -1)
    found, before, pages = list[int](), 0, 0
    while True:
        answer: LedgerAnswer = asyncio.run(asked(made, "ledger", text="l_2", before=before))
        found += [each.seq for each in answer.entries]
        before, pages = answer.before, pages + 1
        if not before:
            break
    assert (found, pages) == ([2], 4)


def test_question_that_makes_no_sense_is_refused_in_words(made: Station) -> None:
    for wrong in ({"limit": 0}, {"limit": 10_000}, {"text": "x" * 500}, {"before": -1}):
        with pytest.raises(RequestRefused, match="ask for 1 to 1000 entries"):
            asyncio.run(asked(made, "ledger", **wrong))


def test_owner_sees_hidden_fields_of_entries(made: Station) -> None:
    asyncio.run(made.scribe.record([]))
    made.close()
    path = made.scribe.file
    reading = Reading(path)
    signer = reading.keys[-1].key
    reading.close()
    ledger = Ledger(path, Keys(path.parent / "keys", made.ring, lambda: PHRASE).of(signer), made.clock)
    ledger.append([Draft("erp_sent", "Ada", {"order": "4711"}, "orders", hidden=True)])
    ledger.close()
    answer: LedgerAnswer = asyncio.run(asked(made, "ledger", limit=1))
    assert (answer.entries[0].actor, answer.entries[0].body) == ("Ada", {"order": "4711"})
    assert "4711" not in answer.entries[0].line


def test_every_entry_is_proven_against_the_signed_checkpoint(made: Station) -> None:
    ten(made)
    for seq in range(11):
        answer: LedgerProof = asyncio.run(asked(made, "ledger_proof", seq=seq))
        assert (answer.is_proven, answer.why, answer.size) == (True, "", 11)
        path = [bytes.fromhex(each) for each in answer.path]
        leaf, root = bytes.fromhex(answer.leaf_hash), bytes.fromhex(answer.root)
        assert is_included(leaf, seq, 11, path, root), "whoever has it can compute it again"
    with pytest.raises(RequestRefused, match="the ledger has no entry 11"):
        asyncio.run(asked(made, "ledger_proof", seq=11))


def change_an_entry(path: Path, seq: int) -> None:
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER entries_no_update")
    connection.execute("UPDATE entries SET line = replace(line, 'Press', 'Dress') WHERE seq = ?", (seq,))
    connection.commit()
    connection.close()


def test_changed_entry_is_not_proven_and_the_check_keeps_it_as_evidence(made: Station) -> None:
    ten(made)
    change_an_entry(made.scribe.file, 4)
    answer: LedgerProof = asyncio.run(asked(made, "ledger_proof", seq=4))
    assert (answer.is_proven, "it or a hash over it was changed" in answer.why) == (False, True)
    verdict = work(made, "ledger_verify")(lambda share: True)
    assert isinstance(verdict, LedgerVerdict)
    assert (verdict.is_right, verdict.entries) == (False, 11)
    assert any("entry 4 was changed" in each for each in verdict.findings)
    told: LedgerAnswer = asyncio.run(asked(made, "ledger"))
    assert any("entry 4 was changed" in each for each in told.evidence)


def test_check_tells_how_far_it_is_and_can_be_stopped(made: Station) -> None:
    ten(made)
    seen = list[float]()
    verdict = work(made, "ledger_verify")(lambda share: bool(seen.append(share)) or True)
    assert verdict == LedgerVerdict(True, 11, 11)
    assert seen[-1] == 1.0
    with pytest.raises(Cancelled):
        work(made, "ledger_verify")(lambda share: False)


def test_bundle_can_be_checked_by_strangers(made: Station, tmp_path: Path) -> None:
    ten(made)
    file = tmp_path / "bundle.zip"
    assert work(made, "ledger_bundle", file=str(file))(lambda share: True) == str(file)
    result = verify(file, None, installed_ed25519())
    assert (result.findings, result.size) == ([], 11)


def test_bundle_goes_to_a_plain_file_or_nowhere(made: Station, tmp_path: Path) -> None:
    ten(made)
    with pytest.raises(RequestRefused, match="say in full where"):
        work(made, "ledger_bundle", file="bundle.zip")
    pipe, folder = tmp_path / "pipe", tmp_path / "folder"
    os.mkfifo(pipe)
    folder.mkdir()
    for place, why in ((pipe, "no plain file"), (folder, "a folder"), (Path("/dev/null"), "no plain file")):
        with pytest.raises(OSError, match=why):
            work(made, "ledger_bundle", file=str(place))(lambda share: True)
    file = tmp_path / "bundle.zip"
    with pytest.raises(Cancelled):
        work(made, "ledger_bundle", file=str(file))(lambda share: False)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["folder", "mill", "pipe"]


def test_key_is_changed_and_an_old_ledger_accepted_only_with_a_name_and_a_reason(made: Station) -> None:
    with pytest.raises(RequestRefused, match="say who does this, and why"):
        asyncio.run(asked(made, "ledger_rotate", reason="", by="Ada"))
    before: LedgerAnswer = asyncio.run(asked(made, "ledger"))
    name = asyncio.run(asked(made, "ledger_rotate", reason="every year", by="Ada"))
    after: LedgerAnswer = asyncio.run(asked(made, "ledger"))
    assert name == after.key_name != before.key_name
    with pytest.raises(RequestRefused, match="there is nothing to accept"):
        asyncio.run(asked(made, "ledger_accept", reason="restored", by="Ada"))


def test_ledger_that_cannot_be_read_is_told_and_refuses_no_question(made: Station) -> None:
    made.close()
    made.scribe.file.write_bytes(b"nothing of use")
    answer: LedgerAnswer = asyncio.run(asked(made, "ledger"))
    assert (answer.entries, answer.size) == ((), 0)
    assert "restore the ledger from a backup" in answer.trouble
