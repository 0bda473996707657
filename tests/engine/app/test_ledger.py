"""The ledger of an engine: what is recorded is on disk and signed, and what cannot be is refused in words."""

from __future__ import annotations

import asyncio
import shutil
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from engine import paths
from engine.app import ledger as ledger_module
from engine.app.ledger_open import ledger_file
from engine.ledger import Draft, LedgerError, Reading, is_proven, verify_file
from engine.ledger.fork import read_evidence
from engine.store.sealing import Passphrase
from engine.types.control import NotRecorded, RecordEntry
from tests.engine.app.recorded import Ring, Station, lines, record, sent, station, types
from tests.running import until


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "TICK_S", 0.02)


def copy_of(folder: Path, to: Path) -> None:
    shutil.copytree(folder, to, ignore=shutil.ignore_patterns("*.lock"))


def put_back(old: Path, folder: Path) -> None:
    """Another ledger file in the place of that of a project."""
    for end in ("-wal", "-shm"):
        Path(f"{ledger_file(folder)}{end}").unlink(missing_ok=True)
    shutil.copy2(ledger_file(old), ledger_file(folder))


class Refusing:
    """A ledger whose disk refuses for as long as the test wants."""

    def __init__(self, made: Station, monkeypatch: pytest.MonkeyPatch) -> None:
        self.why = "the disk is full; free some space on the disk"
        self.refused = 0
        real = ledger_module.Ledger.append

        def append(ledger: Any, drafts: Sequence[Draft]) -> Any:
            if not self.why:
                return real(ledger, drafts)
            self.refused += 1
            raise LedgerError(self.why)

        monkeypatch.setattr(ledger_module.Ledger, "append", append)


def test_first_start_begins_a_ledger_that_is_named_after_the_plant(tmp_path: Path) -> None:
    with station(tmp_path / "mill") as made:
        assert made.scribe.trouble == ""
        record(made, sent(1))
        key = tmp_path / "mill/data/keys/ledger.key"
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert types(tmp_path / "mill") == ["ledger_begin", "write_sent"]
    assert lines(tmp_path / "mill")[0]["body"]["origin"].startswith("watchroom/mill-3/")
    assert verify_file(ledger_file(tmp_path / "mill")).findings == []


def test_record_returns_when_entries_are_on_disk_and_signed(tmp_path: Path) -> None:
    with station(tmp_path / "mill") as made:
        record(made, sent(1), sent(2))
        reading = Reading(made.scribe.file)
        try:
            assert reading.tail()[0] == 3, "the newest checkpoint covers both"
        finally:
            reading.close()


def test_many_callers_share_commits_and_each_gets_all_of_its_entries(tmp_path: Path) -> None:
    async def all_at_once(made: Station) -> None:
        await asyncio.gather(*(made.scribe.record([sent(k), sent(k)]) for k in range(200)))

    with station(tmp_path / "mill") as made:
        asyncio.run(all_at_once(made))
        reading = Reading(made.scribe.file)
        commits = len(reading.checkpoint_sizes())
        reading.close()
    assert commits < 100
    found = [each["body"]["tag"] for each in lines(tmp_path / "mill")[1:]]
    assert sorted(found) == sorted(f"Press/Pressure {k}" for k in range(200) for _ in range(2))
    assert all(a == b for a, b in zip(found[::2], found[1::2], strict=True)), (
        "those of one caller lie together"
    )


def test_entry_that_cannot_be_written_is_refused_alone(tmp_path: Path) -> None:
    wrong = RecordEntry("write_sent", "Ada", {"new": float("nan")})

    async def together(made: Station) -> list[Any]:
        tries = [
            made.scribe.record([each]) for each in (sent(1), wrong, sent(2), RecordEntry("gossip", "Bo"))
        ]
        return await asyncio.gather(*tries, return_exceptions=True)

    with station(tmp_path / "mill") as made:
        first, second, third, fourth = asyncio.run(together(made))
        assert (first, third, made.scribe.trouble) == (None, None, "")
    assert isinstance(second, NotRecorded) and isinstance(fourth, NotRecorded)
    assert "'gossip' is no type of entry" in str(fourth)
    assert types(tmp_path / "mill") == ["ledger_begin", "write_sent", "write_sent"]


def test_full_disk_refuses_in_words_and_the_gap_is_told_when_it_has_room_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with station(tmp_path / "mill") as made:
        disk = Refusing(made, monkeypatch)
        for k in range(3):
            with pytest.raises(NotRecorded, match="so it is not done: the disk is full; free some space"):
                record(made, sent(k))
        assert "the disk is full" in made.scribe.trouble
        disk.why = ""
        made.clock.ahead_us = 6_000_000
        until(lambda: not made.scribe.trouble, 5, "it is tried again by itself")
        record(made, sent(9))
    begun, gap, last = lines(tmp_path / "mill")
    assert (gap["type"], gap["body"]["event"], gap["body"]["refused"]) == ("gap", "ledger_not_written", 3)
    assert begun["time_us"] <= gap["body"]["since_us"] <= gap["time_us"]
    assert last["body"]["tag"] == "Press/Pressure 9"


def test_events_of_the_time_in_which_the_disk_refused_are_entered_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with station(tmp_path / "mill") as made:
        disk = Refusing(made, monkeypatch)
        for seconds in range(5):
            made.happened("clock_step", seconds=seconds)
        until(lambda: disk.refused, 5, "the disk refuses")
        disk.why = ""
        made.clock.ahead_us = 6_000_000
        until(lambda: len(lines(tmp_path / "mill")) >= 7, 5, "they are entered")
    found = lines(tmp_path / "mill")
    assert [each["body"]["seconds"] for each in found if each["type"] == "clock_step"] == [0, 1, 2, 3, 4]


def test_removed_ledger_is_noticed_while_the_engine_runs(tmp_path: Path) -> None:
    with station(tmp_path / "mill") as made:
        record(made, sent(1))
        made.scribe.file.rename(tmp_path / "stolen.db")
        with pytest.raises(NotRecorded, match="is gone, but ledger.begun says that there was one"):
            record(made, sent(2))
        assert not made.scribe.file.exists(), "it is not begun anew"
        (tmp_path / "stolen.db").rename(made.scribe.file)
        made.clock.ahead_us = 120_000_000
        until(lambda: not made.scribe.trouble, 5, "it was brought back")
        record(made, sent(3))
    assert types(tmp_path / "mill") == ["ledger_begin", "write_sent", "gap", "write_sent"]


def test_damaged_ledger_refuses_and_the_engine_goes_on(tmp_path: Path) -> None:
    with station(tmp_path / "mill") as made:
        record(made, sent(1))
    file = ledger_file(tmp_path / "mill")
    file.write_bytes(b"no database at all" * 500)
    with station(tmp_path / "mill") as made:
        assert "restore the ledger from a backup" in made.scribe.trouble
        with pytest.raises(NotRecorded, match="restore the ledger from a backup"):
            record(made, sent(2))
    assert file.read_bytes() == b"no database at all" * 500, "what is left of it stays as it is"


def test_copied_project_folder_cannot_sign_with_another_passphrase(tmp_path: Path) -> None:
    with station(tmp_path / "mill") as made:
        record(made, sent(1))
    thief = Passphrase("what another machine has", "another machine")
    with station(tmp_path / "mill", phrase=thief) as made:
        assert "wrong passphrase" in made.scribe.trouble
        assert "the passphrase is from another machine" in made.scribe.trouble
        assert thief.secret not in made.scribe.trouble
        with pytest.raises(NotRecorded):
            record(made, sent(2))
    assert types(tmp_path / "mill") == ["ledger_begin", "write_sent"]


def test_older_ledger_put_in_place_is_refused_until_a_person_accepts_it(tmp_path: Path) -> None:
    mill = tmp_path / "mill"
    with station(mill) as made:
        record(made, sent(1))
    copy_of(mill, tmp_path / "backup")
    with station(mill) as made:
        for k in range(2, 5):
            record(made, sent(k))
    put_back(tmp_path / "backup", mill)
    with station(mill) as made:
        assert "has 2 entries, but had 5 before on this computer" in made.scribe.trouble
        assert made.scribe.may_accept
        with pytest.raises(NotRecorded, match="older one was put in its place"):
            record(made, sent(9))
        asyncio.run(made.scribe.accept("Ada", "the disk died, backup of Monday"))
        assert (made.scribe.trouble, made.scribe.may_accept) == ("", False)
        record(made, sent(10))
        with pytest.raises(NotRecorded, match="there is nothing to accept"):
            asyncio.run(made.scribe.accept("Ada", "again"))
    found = lines(mill)
    restore = next(each for each in found if each["type"] == "restore")
    assert (restore["actor"], restore["body"]["reason"]) == ("Ada", "the disk died, backup of Monday")
    assert any("\n5\n" in note for note in restore["body"]["checkpoints"]), "what was lost stays provable"
    with station(mill) as made:
        assert made.scribe.trouble == "", "it goes on from there"


def test_ledger_written_anew_with_the_right_key_is_a_fork_that_anybody_can_check(tmp_path: Path) -> None:
    mill, other = tmp_path / "mill", tmp_path / "other"
    with station(mill) as made:
        record(made, sent(1))
    copy_of(mill, other)
    with station(mill) as made:
        record(made, sent(2))
    anchors = tmp_path / "anchors"
    settings = paths.user_config() / "ledgers"
    settings.rename(anchors)  # another computer, where nobody knows of it
    with station(other) as made:
        record(made, sent(99))
    shutil.rmtree(settings)
    anchors.rename(settings)
    put_back(other, mill)
    with station(mill) as made:
        assert "are not those that were signed before; the proof is" in made.scribe.trouble
        with pytest.raises(NotRecorded):
            record(made, sent(3))
    (proof,) = (mill / "data/checkpoints").glob("fork-*.json")
    reading = Reading(ledger_file(mill))
    keys = reading.keys
    reading.close()
    assert is_proven(read_evidence(proof), keys)


def test_project_whose_whole_ledger_was_deleted_does_not_begin_another_one(tmp_path: Path) -> None:
    mill = tmp_path / "mill"
    with station(mill) as made:
        made.happened("clock_step", seconds=1)
        record(made, sent(1))
    for each in ("ledger.db", "ledger.begun"):
        (mill / "data" / each).unlink()
    with station(mill) as made:
        assert "that this project had is gone" in made.scribe.trouble
        with pytest.raises(NotRecorded):
            record(made, sent(2))
        asyncio.run(made.scribe.accept("Ada", "the disk died"))
        record(made, sent(3))
    found = lines(mill)
    assert [each["type"] for each in found][:2] == ["ledger_begin", "gap"]
    assert found[1]["body"]["event"] == "ledger_gone"
    assert found[0]["body"]["origin"] != found[1]["body"]["origin"], "another ledger, with another key"


def test_new_project_at_the_place_of_an_old_one_begins_and_says_what_was_there(tmp_path: Path) -> None:
    mill = tmp_path / "mill"
    with station(mill) as made:
        made.happened("clock_step", seconds=1)
        record(made, sent(1))
    shutil.rmtree(mill)
    with station(mill) as made:
        assert made.scribe.trouble == ""
    assert types(mill) == ["ledger_begin", "gap"]


def test_key_changes_while_the_engine_runs(tmp_path: Path) -> None:
    mill = tmp_path / "mill"
    with station(mill) as made:
        record(made, sent(1))
        asyncio.run(made.scribe.rotate("Ada", "every year"))
        record(made, sent(2))
    with station(mill) as made:
        assert made.scribe.trouble == ""
        record(made, sent(3))
    assert types(mill) == ["ledger_begin", "write_sent", "key_rotation", "write_sent", "write_sent"]
    assert [each.name for each in (mill / "data/keys").iterdir()] == ["ledger.key"]
    assert verify_file(ledger_file(mill)).findings == []


def test_key_is_in_the_keyring_where_one_answers(tmp_path: Path) -> None:
    ring, mill = Ring(), tmp_path / "mill"
    with station(mill, ring) as made:
        record(made, sent(1))
        asyncio.run(made.scribe.rotate("Ada", "every year"))
    assert len(ring.kept) == 1
    assert not (mill / "data/keys").exists()
    with station(mill, ring) as made:
        record(made, sent(2))
    ring.is_mute = True
    with station(mill, ring) as made:
        assert "the keyring of this computer does not answer" in made.scribe.trouble
        ring.is_mute = False
        made.clock.ahead_us = 120_000_000
        until(lambda: not made.scribe.trouble, 5, "somebody unlocked it")


def test_what_waits_is_refused_when_the_engine_stops(tmp_path: Path) -> None:
    with station(tmp_path / "mill") as made:
        pass
    with pytest.raises(NotRecorded, match="the engine stops"):
        record(made, sent(1))
