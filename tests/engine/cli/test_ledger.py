"""``watchroom ledger verify``, and the verifier as a stranger runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli.main import main
from engine.ledger import Reading, verify_bundle, write_bundle, write_shared
from engine.store.database import sqlite3
from tests.engine.ledger.made import lived, trust


@pytest.fixture
def plant(tmp_path: Path) -> Path:
    """A project with a ledger, two bundles of it, and a trust file beside."""
    (tmp_path / "data").mkdir()
    reading, seen = lived(tmp_path / "data" / "ledger.db")
    write_bundle(reading, tmp_path / "full.zip")
    write_shared(
        reading, tmp_path / "shared.zip", topic="orders", shown=lambda seq, field: field == "body.tag"
    )
    reading.close()
    (tmp_path / "keys.json").write_text(json.dumps(trust([seen])))
    return tmp_path


def test_sound_ledger_is_said_to_fit(plant: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "verify", str(plant), "--trust", str(plant / "keys.json")]) == 0
    said = capsys.readouterr().out
    assert "15 entries of 'plant.example/line-4' fit 6 checkpoints, signed with trusted keys." in said
    assert "cosigned it up to 9 entries" in said
    assert main(["ledger", "verify", str(plant)]) == 0
    assert "Without --trust nobody can tell whose key that is." in capsys.readouterr().out


def test_changed_ledger_is_told_in_words(plant: Path, capsys: pytest.CaptureFixture[str]) -> None:
    connection = sqlite3.connect(plant / "data" / "ledger.db")
    connection.execute("DROP TRIGGER entries_no_update")
    connection.execute("UPDATE entries SET line = replace(line, '\"old\":2', '\"old\":3') WHERE seq = 3")
    connection.commit()
    connection.close()
    assert main(["ledger", "verify", str(plant)]) == 1
    said = capsys.readouterr().err
    assert "entry 3 was changed: it does not fit its hash" in said
    assert "the first 6 entries are not those that were signed: changed" in said
    assert "DOES NOT FIT what was signed" in said
    assert main(["ledger", "verify", str(plant), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["fits"] is False


def test_bundles_are_checked_by_the_product_and_by_strangers(
    plant: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = ["--trust", str(plant / "keys.json")]
    for name, said in (("full.zip", "all 15 entries"), ("shared.zip", "6 of 15 entries")):
        assert main(["ledger", "verify", str(plant / name), *keys]) == 0
        assert said in capsys.readouterr().out
        assert verify_bundle.main([str(plant / name), *keys, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["cosigned_size"] == 9
        assert verify_bundle.main([str(plant / name)]) == 3
        assert "anybody could have made this bundle" in capsys.readouterr().out


def test_partner_sees_of_a_shared_topic_what_was_revealed(plant: Path) -> None:
    known = json.loads((plant / "keys.json").read_text())
    result = verify_bundle.verify(plant / "shared.zip", known, verify_bundle.installed_ed25519())
    assert [(each["seq"], each["name"]) for each in result.revealed] == [(k, "body.tag") for k in (6, 7, 8)]
    reading = Reading(plant / "data" / "ledger.db")
    write_shared(reading, plant / "later.zip", topic="orders", shown=lambda seq, field: True)
    reading.close()
    later = verify_bundle.verify(plant / "later.zip", known, verify_bundle.installed_ed25519())
    assert (len(later.revealed), later.findings) == (12, [])


def test_without_the_package_signatures_are_said_to_be_unchecked(plant: Path) -> None:
    known = json.loads((plant / "keys.json").read_text())
    result = verify_bundle.verify(plant / "full.zip", known, None)
    assert (result.code, result.findings) == (3, [])
    assert any("SIGNATURES WERE NOT CHECKED" in line for line in verify_bundle.sentences(result))


@pytest.mark.system
def test_verifier_is_one_file_that_needs_nothing_of_ours(plant: Path) -> None:
    """``-I -S``: no packages but those of Python itself, and no folder of ours."""
    alone = plant / "verify_bundle.py"
    alone.write_bytes(Path(verify_bundle.__file__).read_bytes())
    command = [
        sys.executable,
        "-I",
        "-S",
        str(alone),
        str(plant / "full.zip"),
        "--trust",
        str(plant / "keys.json"),
    ]
    found = subprocess.run(command, cwd=plant, capture_output=True, text=True, check=False)
    assert found.returncode == 3, found.stderr
    assert "hashes and proofs fit" in found.stdout
    assert "SIGNATURES WERE NOT CHECKED" in found.stdout


def test_what_is_no_ledger_is_said_to_be_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "verify", str(tmp_path)]) == 1
    assert "there is no ledger at" in capsys.readouterr().err
    (tmp_path / "x.zip").write_bytes(b"no archive")
    assert main(["ledger", "verify", str(tmp_path / "x.zip")]) == 1
    assert "no whole zip archive" in capsys.readouterr().err
    assert main(["ledger", "verify", str(tmp_path / "gone.zip")]) == 1
    assert "No such file" in capsys.readouterr().err
    (tmp_path / "keys.json").write_text("[]")
    assert main(["ledger", "verify", str(tmp_path / "x.zip"), "--trust", str(tmp_path / "keys.json")]) == 1
    assert "is no trust file" in capsys.readouterr().err
    assert verify_bundle.main([str(tmp_path / "gone.zip")]) == 2
