"""A ledger listed, exported by time, and its time stamps carried by hand: without an engine and a network."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.cli.main import main
from engine.ledger import verify_bundle
from tests.engine.app.recorded import Ring, record, sent, station
from tests.engine.ledger.authority import Authority

PLANT = '[[sources]]\nid = "plc"\ndriver = "modbus"\nendpoint = "tcp://127.0.0.1:9"\n'
Said = pytest.CaptureFixture[str]


@pytest.fixture
def mill(tmp_path: Path) -> Path:
    """A project with a ledger: four entries of now, and two of an hour later."""
    folder = tmp_path / "mill"
    with station(folder, Ring()) as made:
        record(made, *map(sent, range(3)))
        made.clock.ahead_us += 3_600_000_000
        record(made, *map(sent, range(3, 5)))
    (folder / "plant.toml").write_text(PLANT)
    (folder / "tags.csv").write_text("path,source,address\nA/x,plc,holding:1\n")
    return folder


def numbers(said: str) -> list[int]:
    return [json.loads(line)["seq"] for line in said.splitlines()]


def test_entries_are_listed_by_time_and_words_newest_first(mill: Path, capsys: Said) -> None:
    assert main(["ledger", "list", str(mill), "--json"]) == 0
    assert numbers(capsys.readouterr().out) == [5, 4, 3, 2, 1, 0]
    assert main(["ledger", "list", str(mill), "--json", "--start", "-10m", "--end", "+10m"]) == 0
    assert numbers(capsys.readouterr().out) == [3, 2, 1, 0]
    assert main(["ledger", "list", str(mill), "--start", "+10m", "--text", "Pressure 4"]) == 0
    said = capsys.readouterr().out
    assert "#5  write_sent  Ada" in said and said.count("\n") == 1
    assert main(["ledger", "list", str(mill), "--start", "+2h"]) == 0
    assert "no entry is like that" in capsys.readouterr().out
    assert main(["ledger", "list", str(mill), "--start", "now", "--end", "-1h"]) == 1
    assert main(["ledger", "list", str(mill), "--ended", "gone"]) == 1
    assert "no ledger called 'gone' was ended here" in capsys.readouterr().err


def test_span_is_exported_with_a_proof_of_each_entry(mill: Path, tmp_path: Path, capsys: Said) -> None:
    words = ["ledger", "export", str(mill), str(tmp_path / "part.zip"), "--start", "+10m", "--end", "+2h"]
    assert main(words) == 0
    result = verify_bundle.verify(tmp_path / "part.zip", None, verify_bundle.installed_ed25519())
    assert (result.findings, result.kind, result.entries, result.size) == ([], "shared", 3, 6)
    assert main([*words[:3], str(tmp_path / "none.zip"), "--start", "+3h"]) == 1
    assert "no entry is of that time" in capsys.readouterr().err
    kept = (tmp_path / "part.zip").read_bytes()
    assert main(words[:4]) == 1
    assert "is there already, maybe as evidence" in capsys.readouterr().err
    assert (tmp_path / "part.zip").read_bytes() == kept
    assert main([*words[:3], str(tmp_path / "all.zip")]) == 0
    assert verify_bundle.verify(tmp_path / "all.zip", None, None).kind == "full"


def test_time_stamp_is_carried_by_hand(mill: Path, tmp_path: Path, capsys: Said) -> None:
    authority, other = Authority(tmp_path / "tsa"), Authority(tmp_path / "other")
    stamp, reply = ["ledger", "stamp", str(mill)], tmp_path / "day.tsr"
    reply.write_bytes(b"nothing yet")
    assert main([*stamp, "--reply", str(reply), "--ca", str(authority.ca)]) == 1
    assert "no time stamp was asked for with --request" in capsys.readouterr().err
    assert main([*stamp, "--request", str(tmp_path / "day.tsq")]) == 0
    reply.write_bytes(authority.reply((tmp_path / "day.tsq").read_bytes()))
    assert main([*stamp, "--reply", str(reply)]) == 2, "nobody says whom to trust"
    assert main([*stamp, "--reply", str(reply), "--ca", str(other.ca)]) == 1
    assert "was not kept: this is no time stamp" in capsys.readouterr().err
    assert main([*stamp, "--reply", str(reply), "--ca", str(authority.ca)]) == 0
    assert "says Time of the tests." in capsys.readouterr().out
    assert main([*stamp, "--request", str(tmp_path / "again.tsq")]) == 1
    assert main(["ledger", "verify", str(mill)]) == 0
    assert "1 time stamps were not checked" in capsys.readouterr().out
    assert main(["ledger", "verify", str(mill), "--stamp-ca", str(authority.ca)]) == 0
    assert main(["ledger", "verify", str(mill), "--stamp-ca", str(other.ca)]) == 1


def test_witness_says_what_it_lacks(tmp_path: Path, capsys: Said) -> None:
    words = ["ledger", "witness", str(tmp_path / "partner"), "--listen"]
    assert main([*words, "7380"]) == 2
    assert main([*words, "127.0.0.1:0"]) == 1
    assert "give the witness a name, once" in capsys.readouterr().err
