"""The ledger of real engines: it follows what happens, survives, and is checked with and without them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine import paths
from engine.client import Client, RequestFailed
from engine.ledger import LedgerError
from engine.typed import unpack
from engine.types import Annotation, LedgerAnswer, LedgerProof, LedgerVerdict
from engine.wire import (
    AnnotateBody,
    JobAskBody,
    JobBody,
    JobState,
    LedgerAcceptBody,
    LedgerBody,
    LedgerBundleBody,
    LedgerProofBody,
    LedgerRotateBody,
    LedgerVerifyBody,
    encode,
)
from tests.engine.app.recorded import lines
from tests.running import CLOCK, engine, kill, start_engine, until, watchroom

pytestmark = pytest.mark.system
PLANT = (
    '[plant]\nname = "Mill 3"\n[[sources]]\nid = "plc"\ndriver = "modbus"\nendpoint = "tcp://127.0.0.1:1"\n'
)


@pytest.fixture
def mill(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "mill"
    folder.mkdir()
    (folder / "plant.toml").write_text(PLANT)
    (folder / "tags.csv").write_text("path,source,address\nA/x,plc,holding:1\nA/y,plc,holding:2\n")
    yield folder
    shutil.rmtree(paths.runtime(folder), ignore_errors=True)


def note(client: Client, text: str) -> None:
    now_us = CLOCK.now_us()
    client.call("annotate", AnnotateBody(now_us, now_us + 1, "", "Ada", text), Annotation)


def asked(client: Client, **wanted: object) -> LedgerAnswer:
    return client.call("ledger", LedgerBody(**wanted), LedgerAnswer)  # pyright: ignore


def notes(folder: Path) -> list[str]:
    return [each["body"]["text"] for each in entered(folder) if each["type"] == "annotation"]


def entered(folder: Path) -> list[dict[str, Any]]:
    """All entries, none before the ledger is begun."""
    try:
        return lines(folder)
    except LedgerError:
        return []


def job(client: Client, kind: str, body: object) -> JobState:
    state = client.call("job", JobBody(kind, encode(body)), JobState)  # pyright: ignore
    return until(
        lambda: found if (found := client.call("job_state", JobAskBody(state.job), JobState)).done else None
    )


def test_ledger_follows_the_engine_and_is_checked_while_it_runs_and_without_it(
    mill: Path, tmp_path: Path
) -> None:
    with engine(mill):
        client = Client(mill, "test")
        try:
            note(client, "cleaning")
            until(lambda: asked(client, types=("annotation",)).entries, 10, "it is in the ledger")
            (entry,) = asked(client, types=("annotation",)).entries
            assert (entry.actor, entry.body["text"]) == ("Ada", "cleaning")
            proof = client.call("ledger_proof", LedgerProofBody(entry.seq), LedgerProof)
            assert proof.is_proven
            name = client.call("ledger_rotate", LedgerRotateBody("every year", "Ada"), str)
            told = asked(client)
            assert (told.trouble, told.key_name) == ("", name)
            verdict = json.loads(watchroom("ledger", "verify", mill, "--json").stdout)
            assert (verdict["fits"], verdict["size"] >= 4) == (True, True)
            file = tmp_path / "bundle.zip"
            assert job(client, "ledger_bundle", LedgerBundleBody(str(file))).error == ""
            state = job(client, "ledger_verify", LedgerVerifyBody())
            assert state.error == ""
            found = unpack(state.result, LedgerVerdict)
            assert (found.is_right, found.entries) == (True, asked(client).size)
            assert asked(client).verified_size == found.entries
        finally:
            client.close()
    assert watchroom("ledger", "verify", mill).returncode == 0
    assert watchroom("ledger", "verify", file).returncode == 0
    kinds = [each["type"] for each in lines(mill)]
    assert kinds == ["ledger_begin", "engine_start", "annotation", "key_rotation", "engine_stop"]


@pytest.mark.timeout(180)
def test_engine_killed_with_minus_nine_loses_and_doubles_no_entry(mill: Path) -> None:
    for k in range(4):
        process = start_engine(mill)
        client = Client(mill, "test")
        try:
            note(client, f"note {k}")
            journalled = client.call("ledger", LedgerBody(), LedgerAnswer)
            assert journalled.size or journalled.trouble
            # Once it is in the journal it is promised; the ledger may or may not have it yet.
            until(lambda text=b"note %d" % k: text in wal_and_file(mill), 10, "the journal has it")
            kill(process.pid)
        finally:
            client.close()
            process.wait(10)
            assert process.stdout is not None
            process.stdout.close()
    with engine(mill):
        until(lambda: len(notes(mill)) == 4, 10, "all are entered")
    assert notes(mill) == [f"note {k}" for k in range(4)]
    assert [each["type"] for each in lines(mill)].count("engine_start") == 5
    assert watchroom("ledger", "verify", mill).returncode == 0


def wal_and_file(folder: Path) -> bytes:
    return b"".join(each.read_bytes() for each in (folder / "data").glob("journal.db*"))


def test_of_engines_that_start_at_once_one_has_the_ledger(mill: Path) -> None:
    command = [sys.executable, "-m", "engine", "engine", str(mill)]
    pipe = subprocess.PIPE
    started = [subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) for _ in range(3)]
    try:
        until(lambda: sum(each.poll() is not None for each in started) == 2, 30, "two give way")
        (winner,) = [each for each in started if each.poll() is None]
        assert [each.returncode for each in started if each is not winner] == [4, 4]
        assert winner.stdout is not None
        assert json.loads(winner.stdout.readline())["pid"] == winner.pid
        until(lambda: len(entered(mill)) == 2, 10)
    finally:
        for each in started:
            each.terminate()
            each.communicate(timeout=10)
    assert [each["type"] for each in lines(mill)] == ["ledger_begin", "engine_start", "engine_stop"]
    assert watchroom("ledger", "verify", mill).returncode == 0


@pytest.mark.timeout(180)
def test_restored_older_ledger_refuses_with_an_alarm_until_a_person_accepts_it(
    mill: Path, tmp_path: Path
) -> None:
    new = tmp_path / "new"
    with engine(mill):
        until(lambda: len(entered(mill)) == 2, 10)
        assert watchroom("backup", mill, tmp_path / "mill.zip").returncode == 0
    assert watchroom("restore", tmp_path / "mill.zip", new).returncode == 0
    try:
        with engine(new):
            client = Client(new, "test")
            try:
                until(lambda: asked(client).may_accept, 10, "it is found")
                assert "had 3 before on this computer" in asked(client).trouble
                until(lambda: "Nothing can be put on record" in watchroom("alarms", new).stdout, 20)
                with pytest.raises(RequestFailed, match="older one was put in its place"):
                    client.call("ledger_rotate", LedgerRotateBody("no", "Ada"), str)
                assert client.call("ledger_accept", LedgerAcceptBody("disk died", "Ada"), bool)
                assert asked(client).trouble == ""
            finally:
                client.close()
        kinds = [each["type"] for each in lines(new)]
        assert kinds[:2] == ["ledger_begin", "engine_start"]
        assert {"restore", "engine_start", "engine_stop"} <= set(kinds[2:])
        restore = next(each for each in lines(new) if each["type"] == "restore")
        assert any("\n3\n" in each for each in restore["body"]["checkpoints"]), "what it contradicts is kept"
        numbers = [each["body"]["journal_seq"] for each in lines(new) if "journal_seq" in each["body"]]
        assert numbers == sorted(set(numbers)), "the journal of the backup goes on where the ledger ended"
        assert watchroom("ledger", "verify", new).returncode == 0
    finally:
        shutil.rmtree(paths.runtime(new), ignore_errors=True)
