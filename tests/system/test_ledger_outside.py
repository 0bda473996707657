"""A real engine with an authority and a witness in a process of its own; and a key that is lost for good."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine import paths
from engine.app.ledger_http import HttpAnswer
from engine.app.ledger_outside import post_checkpoint
from engine.cli.main import main
from engine.client import Client, RequestFailed
from engine.ledger import submission
from engine.ledger.note import parse_key
from engine.store.sealing import passphrase
from engine.types import LedgerAnchor, LedgerAnswer
from engine.wire import FirstBody, LedgerBeginBody, LedgerBody, LoginAnswer
from tests.engine.app.recorded import lines, station
from tests.engine.ledger.authority import Authority
from tests.engine.ledger.made import drafts, ledger
from tests.faults.plants import write_project
from tests.running import engine, kill, stop, until, watchroom

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]
ADA = "blue gravel under nine bridges"
SOURCE = {"id": "plc", "driver": "modbus", "endpoint": "tcp://127.0.0.1:9", "security": "none"}
ROWS = ["Line/Press/Pressure,plc,holding:0:uint16,10"]


@pytest.fixture
def mill(tmp_path: Path) -> Iterator[Path]:
    folder = write_project(tmp_path / "mill", [SOURCE], ROWS)
    yield folder
    shutil.rmtree(paths.runtime(folder), ignore_errors=True)


@contextlib.contextmanager
def witness(folder: Path) -> Iterator[dict[str, Any]]:
    """``watchroom ledger witness`` in a process of its own: its url, key and pid."""
    words = ["ledger", "witness", str(folder), "--listen", "127.0.0.1:0", "--name", "partner.example/audit"]
    process = subprocess.Popen([sys.executable, "-m", "engine", *words], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield {**json.loads(process.stdout.readline()), "pid": process.pid}
    finally:
        stop(process)


def test_engine_is_vouched_for_from_outside_and_a_stranger_can_check_it(
    mill: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    authority, plant = Authority(tmp_path / "tsa"), mill / "plant.toml"
    with station(mill, phrase=passphrase()):
        pass  # there is a ledger to tell the witness of
    assert main(["ledger", "keys", str(mill)]) == 0
    keys = capsys.readouterr().out
    with authority.served() as url, witness(tmp_path / "partner") as partner:
        (tmp_path / "partner" / "ledgers" / "mill.json").write_text(keys)
        plant.write_text(
            f'{plant.read_text()}\n[ledger]\nstamp_url = "{url}"\nstamp_ca = "{authority.ca}"\n'
            f'[[ledger.witnesses]]\nurl = "{partner["url"]}"\nkey = "{partner["key"]}"\n'
        )
        assert main(["check", str(mill)]) == 0
        with engine(mill):
            client = Client(mill, "test")
            try:
                anchors = until(lambda: vouched(client), 30, "both vouch for it")
            finally:
                client.close()
        assert [(each.kind, each.by, each.trouble) for each in anchors] == [
            ("time stamp", "Time of the tests", ""),
            ("cosignature", "partner.example/audit", ""),
        ]
    (tmp_path / "keys.json").write_text(json.dumps(json.loads(keys) | {"cosigners": [partner["key"]]}))
    assert main(["ledger", "export", str(mill), str(tmp_path / "b.zip")]) == 0
    known = ["--trust", str(tmp_path / "keys.json"), "--stamp-ca", str(authority.ca)]
    for what in (mill, tmp_path / "b.zip"):
        capsys.readouterr()
        assert main(["ledger", "verify", str(what), *known]) == 0
        said = capsys.readouterr().out
        assert "cosigned it up to" in said and "says Time of the tests." in said


def vouched(client: Client) -> tuple[LedgerAnchor, ...]:
    """Who vouches, once both do."""
    found = client.call("ledger", LedgerBody(limit=1), LedgerAnswer).anchors
    return found if len(found) == 2 and all(each.size for each in found) else ()


def test_witness_that_was_killed_knows_what_it_cosigned_and_refuses_another_past(tmp_path: Path) -> None:
    opened, forged = ledger(tmp_path / "a.db"), ledger(tmp_path / "b.db")
    opened.append(drafts(5))
    forged.append(drafts(5, 1))

    def offer(which: Any, old: int) -> HttpAnswer:
        return post_checkpoint(partner["url"], which.reading, which.checkpoint, old)

    with witness(tmp_path / "partner") as partner:
        trust = {"origin": opened.origin, "keys": [{"vkey": opened.reading.keys[0].key.text}]}
        (tmp_path / "partner" / "ledgers" / "a.json").write_text(json.dumps(trust))
        assert offer(opened, 0).status == 200
        kill(partner["pid"])
    key = partner["key"]
    with witness(tmp_path / "partner") as partner:
        assert partner["key"] == key, "it is the same witness"
        assert offer(opened, 0).content == b"6\n"
        assert (offer(forged, 6).status, offer(forged, 6).content) == (409, b"6\n")
        forged.append(drafts(3, 7))
        assert offer(forged, 6).status == 422
        opened.append(drafts(2, 5))
        answer = offer(opened, 6)
        assert answer.status == 200
        submission.cosigned(opened.checkpoint, answer.content.decode(), parse_key(key))
    for each in (opened, forged):
        each.reading.close()
        each.close()


def test_administrator_begins_a_new_ledger_when_the_key_is_lost(
    mill: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHROOM_PASSPHRASE", "the passphrase that will be lost")
    with engine(mill):
        client = Client(mill, "test")
        try:
            first = FirstBody("desk", "ada", "Ada Admin", ADA)
            until(lambda: _is_first(client, first), 20, "the ledger is open and takes it")
        finally:
            client.close()
    size, origin = len(lines(mill)), lines(mill)[0]["body"]["origin"]
    monkeypatch.setenv("WATCHROOM_PASSPHRASE", "another one, on another computer")
    with engine(mill):
        client = Client(mill, "test")
        try:
            with pytest.raises(RequestFailed, match="Log in first"):
                client.call("ledger_begin", LedgerBeginBody("I like new ones", "Ada"), str)
        finally:
            client.close()
        command = [sys.executable, "-m", "engine", "ledger", "new", str(mill), "--as", "ada"]
        done = subprocess.run(
            [*command, "--reason", "the computer with the passphrase burnt", "--password-stdin"],
            input=f"{ADA}\n",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    begun = lines(mill)[0]
    assert (begun["actor"], begun["body"]["before"]["origin"]) == ("Ada Admin", origin)
    assert begun["body"]["before"]["size"] == size
    kinds = [each["type"] for each in lines(mill)]
    assert {"gap", "login", "engine_start", "engine_stop"} <= set(kinds), "what waited came into the new one"
    verified = watchroom("ledger", "verify", mill)
    assert verified.returncode == 0, verified.stderr
    assert f"{size} entries of '{origin}' fit" in verified.stdout, "the old one is checked beside the new one"


def _is_first(client: Client, body: FirstBody) -> bool:
    try:
        return bool(client.call("first_administrator", body, LoginAnswer, timeout_s=15).token)
    except RequestFailed:
        return False  # the ledger is being opened
