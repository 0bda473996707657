"""People, rights and keys in a sealed file, and back: with a real engine (issue "Safe hands")."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from mnemonic import Mnemonic

from engine.app.people_keep import KeepRefused, new_phrase, restore_people
from engine.client import Client, RequestFailed
from engine.types import RoleAt
from engine.wire import (
    FirstBody,
    KeepAnswer,
    KeepBody,
    LoginAnswer,
    LoginBody,
    PeopleAnswer,
    PeopleChangeBody,
    PersonEdit,
)
from tests.engine.app.recorded import lines
from tests.faults.plants import write_project
from tests.running import CLOCK, start_engine, stop, until

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]
ADA, BOB = "blue gravel under nine bridges", "velvet onion cabinet storm"


def restore(file: Path, folder: Path, words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "engine", "restore-people", str(file), str(folder)]
    return subprocess.run(command, input=words, capture_output=True, text=True, timeout=60, check=False)


def logged_in(folder: Path, name: str, password: str) -> Client:
    client = Client(folder, "cli")
    answer = client.call("login", LoginBody("desk", name, password), LoginAnswer, timeout_s=15)
    client.session = answer.token
    return client


def why_refused(client: Client, file: str) -> str:
    with pytest.raises(RequestFailed) as refused:
        client.call("people_backup", KeepBody(file), KeepAnswer, timeout_s=30)
    return str(refused.value)


def kept(client: Client, file: Path) -> str:
    """Keep the people; the phrase. The ledger may still be opening."""

    def tried() -> KeepAnswer | None:
        try:
            return client.call("people_backup", KeepBody(str(file)), KeepAnswer, timeout_s=30)
        except RequestFailed as error:
            assert "record" in str(error), error
            return None

    answer = until(tried, 60, "the people are kept")
    assert answer is not None
    assert "phrase" not in repr(answer) and answer.phrase not in repr(answer)
    return answer.phrase


def made(tmp_path: Path) -> Path:
    source = {"id": "plc", "driver": "modbus", "endpoint": "tcp://127.0.0.1:9", "security": "none"}
    return write_project(tmp_path / "line", [source], ["Line/Press/Pressure,plc,holding:0:uint16,10"])


def test_people_come_back_with_the_words_and_with_nothing_else(tmp_path: Path) -> None:
    folder, file = made(tmp_path), tmp_path / "people.kept"
    process = start_engine(folder)
    try:
        client = Client(folder, "cli")
        first = FirstBody("desk", "ada", "Ada Admin", ADA)
        client.session = client.call("first_administrator", first, LoginAnswer, timeout_s=15).token
        bob = PersonEdit("bob", "Bob Bauer", (RoleAt("operator"),), password=BOB, must_change=False)
        client.call("people_change", PeopleChangeBody((bob,)), PeopleAnswer, timeout_s=15)
        for wrong, said in (
            ("people.kept", "full path"),
            ("/dev/null", "there already"),
            (str(tmp_path), "there already"),
            (str(folder / "kept"), "in the project itself"),
            (str(tmp_path / "none" / "kept"), "there is no folder"),
        ):
            assert said in why_refused(client, wrong)
        phrase = kept(client, file)
        assert len(phrase.split()) == 24 and file.stat().st_mode & 0o777 == 0o600
        assert "there already" in why_refused(client, str(file))
        client.close()
        other = logged_in(folder, "bob", BOB)
        assert "needs administrator" in why_refused(other, str(tmp_path / "bobs"))
        other.close()
        assert "an engine runs" in restore(file, folder, phrase).stderr
    finally:
        stop(process)
    _nothing_is_changed_by_mistakes(file, folder, phrase)
    _everything_comes_back(file, folder, phrase)


def _nothing_is_changed_by_mistakes(file: Path, folder: Path, phrase: str) -> None:
    words, people = phrase.split(), folder / "data" / "security.db"
    before = people.read_bytes()
    # The last bits of a phrase are its check: the neighbour of the last word never fits.
    known = Mnemonic("english").wordlist
    last = known[known.index(words[-1]) ^ 1]
    tampered = file.with_name("tampered")
    content = bytearray(file.read_bytes())
    content[-100] ^= 1
    tampered.write_bytes(content)
    another = new_phrase()
    for path, typed, said in (
        (file, " ".join([*words[:-1], last]), "fit together"),
        (file, " ".join(["xyzzy", *words[1:]]), "word 1 is none"),
        (file, " ".join(words[1:]), "has 24 words, and these are 23"),
        (file, "", "these are 0"),
        (file, another, "do not belong to this file"),
        (tampered, phrase, "or the file was changed"),
        (folder / "plant.toml", phrase, "no people of Watchroom"),
        (file.with_name("none"), phrase, "is no file"),
    ):
        with pytest.raises(KeepRefused) as refused:
            restore_people(path, folder, typed, CLOCK.now_us())
        assert said in str(refused.value) and phrase not in str(refused.value)
    done = restore(tampered, folder, phrase)
    assert done.returncode == 1 and "or the file was changed" in done.stderr
    assert people.read_bytes() == before and not list((folder / "data").glob("people-before-*"))


def _everything_comes_back(file: Path, folder: Path, phrase: str) -> None:
    data = folder / "data"
    for each in ("security.db", "security.db.begun"):
        (data / each).unlink()
    key = data / "keys" / "ledger.key"
    assert key.exists(), "there is no keyring in a test"
    key.unlink()
    done = restore(file, folder, phrase.upper())
    assert done.returncode == 0, done.stderr
    assert "restored: the key of the ledger" in done.stdout
    for content in (*data.rglob("*"), file):
        if content.is_file():
            assert phrase.encode() not in content.read_bytes(), content
    process = start_engine(folder)
    try:
        client = logged_in(folder, "ada", ADA)
        people = client.call("people", None, PeopleAnswer)
        assert [each.name for each in people.people] == ["ada", "bob"]
        client.close()

        def told() -> list[dict[str, object]]:
            entries = lines(folder)
            return [each for each in entries if each["type"] == "restore"]

        (entry,) = until(told, 30, "the restore is on record")
        assert entry["actor"] == "command line" and not (data / "people.restored").exists()
    finally:
        stop(process)
