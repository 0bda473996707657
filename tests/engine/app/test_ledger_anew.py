"""The key is lost for good: the ledger is ended as it is, and a new one names it."""

from __future__ import annotations

import asyncio
import itertools
import shutil
from pathlib import Path
from typing import Any

import pytest

from engine.app import ledger_anew
from engine.app.ledger_anew import ended, file_of
from engine.ledger import NoLedger, Reading, verify_file
from engine.ledger.checkpoint import read_checkpoint
from engine.ledger.note import to_base64
from engine.store.sealing import Passphrase
from engine.types import NotRecorded
from tests.engine.app.recorded import Ring, Station, lines, record, sent, station, types
from tests.running import until

OTHER = Passphrase("another sentence, of another machine", "the tests")


@pytest.fixture
def lost(tmp_path: Path) -> Path:
    """A project whose ledger has entries, and whose keyring was lost with the computer."""
    with station(tmp_path / "mill", Ring()) as made:
        for k in range(3):
            made.happened("annotation_made", author="Ada", text=f"before {k}")
            record(made, sent(k))
        until(lambda: types(tmp_path / "mill").count("annotation") == 3, 10)
    return tmp_path / "mill"


def begin_anew(made: Station) -> None:
    asyncio.run(made.scribe.begin_anew("Ada", "the disk with the passphrase burnt"))


def test_new_ledger_names_the_last_checkpoint_of_the_old_one_which_stays_whole(lost: Path) -> None:
    reading = Reading(lost / "data" / "ledger.db")
    note, origin, size = reading.checkpoint(), reading.origin, reading.size
    reading.close()
    root = read_checkpoint(note)[1].root
    with station(lost, Ring()) as made:
        assert (made.scribe.may_begin, made.scribe.may_accept) == (True, False)
        assert "no key of" in made.scribe.trouble
        with pytest.raises(NotRecorded):
            record(made, sent(9))
        begin_anew(made)
        assert (made.scribe.trouble, made.scribe.may_begin) == ("", False)
        record(made, sent(10))
        with pytest.raises(NotRecorded, match="only where the key of this one is lost"):
            begin_anew(made)
    first = lines(lost)[0]
    assert (first["type"], first["actor"]) == ("ledger_begin", "Ada")
    assert first["body"]["reason"] == "the disk with the passphrase burnt"
    before = {"origin": origin, "size": size, "root": to_base64(root), "checkpoint": note}
    assert first["body"]["before"] == before
    assert first["body"]["origin"] != origin
    (old,) = ended(lost)
    assert (old.origin, old.size) == (origin, size)
    for file in (file_of(lost, ""), file_of(lost, old.name)):
        verdict = verify_file(file)
        assert verdict.findings == [], "both can be checked by themselves"
    assert verdict.root == before["root"]
    with pytest.raises(NoLedger):
        file_of(lost, "../../data")


def test_events_go_on_where_the_old_ledger_ended(lost: Path) -> None:
    with station(lost, Ring()) as made:
        made.happened("annotation_made", author="Ada", text="while nothing was taken")
        begin_anew(made)
        made.happened("annotation_made", author="Ada", text="after")
        until(lambda: types(lost).count("annotation") == 2, 10)
    texts = [each["body"]["text"] for each in lines(lost) if each["type"] == "annotation"]
    assert texts == ["while nothing was taken", "after"], "none twice, none lost"
    assert "gap" in types(lost), "that nothing was taken for a while is on record too"


def test_new_ledger_goes_on_after_a_new_start_and_the_old_key_is_kept(tmp_path: Path) -> None:
    lost = tmp_path / "mill"
    with station(lost) as made:  # a sealed file, whose passphrase is lost
        record(made, sent(1))
    old_key = (lost / "data" / "keys" / "ledger.key").read_bytes()
    with station(lost, phrase=OTHER) as made:
        assert "wrong passphrase" in made.scribe.trouble
        begin_anew(made)
    with station(lost, phrase=OTHER) as made:
        assert made.scribe.trouble == ""
        record(made, sent(1))
        assert list((lost / "data" / "checkpoints").glob("*.txt"))
    (home,) = (lost / "data" / "ledgers").iterdir()
    assert (home / "keys" / "ledger.key").read_bytes() == old_key
    assert list((home / "checkpoints").glob("*.txt")), "its own checkpoints stay with it"


@pytest.mark.fault
def test_change_of_ledgers_that_is_cut_short_anywhere_is_finished_or_never_was(
    lost: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every move of a file fails once, as if the power went there; then the engine starts again."""
    size = len(lines(lost))
    shutil.copytree(lost, tmp_path / "kept")
    real: Any = Path.replace
    was_finished = list[bool]()
    for stop_at in itertools.count():
        shutil.rmtree(lost)
        shutil.copytree(tmp_path / "kept", lost)
        moves = itertools.count()

        def cut_short(path: Path, to: Path, stop_at: int = stop_at, moves: Any = moves) -> Path:
            if lost in path.parents and next(moves) >= stop_at:
                raise OSError(5, "the power is gone")
            return real(path, to)

        ring = Ring()
        with station(lost, ring) as made:
            monkeypatch.setattr(ledger_anew.Path, "replace", cut_short)
            try:
                begin_anew(made)
                is_whole = True
            except NotRecorded:
                is_whole = False
            monkeypatch.setattr(ledger_anew.Path, "replace", real)
        with station(lost, ring) as made:
            was_finished.append(made.scribe.trouble == "")
            if not was_finished[-1]:
                assert made.scribe.may_begin
                assert len(lines(lost)) == size, "the old one is untouched"
                assert verify_file(lost / "data" / "ledger.db").findings == []
                begin_anew(made)
            (old,) = ended(lost)
            assert old.size == size
            assert verify_file(file_of(lost, old.name)).findings == []
            record(made, sent(1))
        assert lines(lost)[0]["body"]["before"]["size"] == size
        assert not (lost / "data" / "ledgers" / ".new").exists()
        if is_whole:
            break
    assert was_finished[0] is False and was_finished[-1] is True
    assert stop_at > 5, "it was cut in every place"
