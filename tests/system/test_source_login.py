"""A source that lets nobody in without a user, from the first password to a restore, with a real engine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine import paths
from engine.client import Client, RequestFailed
from engine.types import RoleAt, SourceDetail
from engine.wire import (
    AlarmsAnswer,
    AlarmsBody,
    FirstBody,
    KeepAnswer,
    KeepBody,
    LoginAnswer,
    LoginBody,
    PasswordBody,
    PeopleAnswer,
    PeopleChangeBody,
    PersonEdit,
    SourceBody,
)
from tests.engine.app.recorded import lines
from tests.engine.drivers.opcua.conftest import RealServer, begin_guarded, ready
from tests.faults.plants import write_project
from tests.running import start_engine, stop, until, watchroom

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]
ADA, BOB = "blue gravel under nine bridges", "velvet onion cabinet storm"
RIGHT, WRONG, NEXT = "gR8§-right-secret", "x-wrong-secret-7", "n-next-secret-11"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RealServer]:
    made = ready(begin_guarded(tmp_path / "server"))
    made.order(do="begin")
    made.order(do="password", user="hmi", password=RIGHT)
    yield made
    made.close()


def typed(*words: str | Path, secrets: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """A verb with passwords from a pipe, a line each."""
    return subprocess.run(
        [sys.executable, "-m", "engine", *map(str, words)],
        input="".join(f"{each}\n" for each in secrets),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def oks(server: RealServer) -> list[bool]:
    return [each["ok"] for each in server.order(do="tries")["tries"]]


def detail(client: Client) -> SourceDetail:
    return client.call("source", SourceBody("press"), SourceDetail)


def alarms(client: Client) -> list[str]:
    """The messages of all device alarms that are active."""
    found = client.call("alarms", AlarmsBody(), AlarmsAnswer).alarms
    return [each.message for each in found if each.active and each.name == "login"]


def in_ledger(folder: Path) -> list[tuple[str, str]]:
    """Who did what to passwords, as it is on record."""
    told: list[Any] = [each for each in lines(folder) if each["type"] == "trust"]
    return [(each["actor"], each["body"]["what"]) for each in told if "password" in each["body"]["what"]]


def test_from_a_wrong_password_to_the_right_one_a_new_one_and_a_restore(
    tmp_path: Path, server: RealServer
) -> None:
    source = {"id": "press", "driver": "opcua", "endpoint": server.endpoint, "user": "hmi"}
    folder = write_project(tmp_path / "line", [source], ["Line/Press/T,press,nsu=urn:test:a;s=T,10"])
    pins = paths.pki(folder) / "trusted" / "press"
    pins.mkdir(parents=True)
    (pins / "server.der").write_bytes((tmp_path / "server" / "server.der").read_bytes())
    assert typed("secret", "set", folder, "press", secrets=("",)).returncode == 1
    assert typed("secret", "set", folder, "press", secrets=(WRONG,)).returncode == 0
    assert "not tried yet" in watchroom("secret", "list", folder).stdout
    process = start_engine(folder)
    client = Client(folder, "cli")
    try:
        until(lambda: detail(client).status.state == "refused", 30, "the server refuses")
        until(lambda: alarms(client) == ["Login refused at press"], 15, "an alarm tells it")
        told = watchroom("status", folder, "--source", "press").stdout
        assert "BadUserAccessDenied" in told and "not sent again by itself" in told
        _only_who_may_trust_acts(client, folder, server)
        set_right = typed(
            "secret", "set", folder, "press", "--as", "ada", "--password-stdin", secrets=(ADA, RIGHT)
        )
        assert set_right.returncode == 0, set_right.stderr
        until(lambda: detail(client).status.good == 1, 20, "the right one lets us in at once")
        until(lambda: not alarms(client), 15, "the alarm goes")
        assert oks(server) == [False, True]
        server.order(do="password", user="hmi", password=NEXT)
        client.session = client.call("login", LoginBody("desk", "ada", ADA), LoginAnswer, timeout_s=30).token
        client.call("password_set", PasswordBody("press", NEXT), object)
        until(lambda: oks(server) == [False, True, True], 20, "a new one is used at once")
        until(lambda: detail(client).status.good == 1, 20)
        kept = client.call("people_backup", KeepBody(str(tmp_path / "people.kept")), KeepAnswer, timeout_s=60)
        client.call("password_remove", SourceBody("press"), bool)
        until(lambda: "no password of user" in detail(client).status.what, 20, "without one nobody logs in")
    finally:
        client.close()
        stop(process)
    back = typed("restore-people", tmp_path / "people.kept", folder, secrets=(kept.phrase,))
    assert "restored: the password of user 'hmi'" in back.stdout, back.stderr
    (file,) = (paths.data(folder) / "keys" / "logins").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    process = start_engine(folder)
    try:
        until(lambda: oks(server) == [False, True, True, True], 30, "what was restored lets us in")
        until(lambda: len(in_ledger(folder)) == 4, 15, "who changed it is on record")
    finally:
        stop(process)
    acts = in_ledger(folder)
    assert acts[0][0].startswith("command line of ") and "while no engine ran" in acts[0][1]
    assert [who for who, _ in acts[1:]] == ["ada"] * 3
    assert not list(with_a_secret(tmp_path))


def _only_who_may_trust_acts(client: Client, folder: Path, server: RealServer) -> None:
    """An operator changes no password and does not have a refused one sent again."""
    first = FirstBody("office", "ada", "Ada Admin", ADA)
    until(lambda: _made(client, first), 30, "the ledger is open and there is a first person")
    bob = PersonEdit("bob", "Bob Bauer", (RoleAt("operator"),), password=BOB, must_change=False)
    client.call("people_change", PeopleChangeBody((bob,)), PeopleAnswer, timeout_s=30)
    client.session = client.call("login", LoginBody("desk", "bob", BOB), LoginAnswer, timeout_s=30).token
    asked: tuple[tuple[str, object], ...] = (
        ("password_set", PasswordBody("press", RIGHT)),
        ("password_remove", SourceBody("press")),
        ("retry", SourceBody("press")),
    )
    for op, body in asked:
        with pytest.raises(RequestFailed, match="needs") as refused:
            client.call(op, body, object)
        assert RIGHT not in str(refused.value)
    assert client.call("retry", None, bool), "trying all links again is for everybody, and sends no password"
    assert oks(server) == [False]
    client.session = ""


def _made(client: Client, first: FirstBody) -> bool:
    try:
        client.session = client.call("first_administrator", first, LoginAnswer, timeout_s=30).token
    except RequestFailed:
        return False
    return True


def with_a_secret(top: Path) -> Iterator[Path]:
    """Every file below that holds a password as it was typed."""
    marks = [each.encode(code) for each in (RIGHT, WRONG, NEXT) for code in ("utf-8", "utf-16-le")]
    for file in top.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            if any(mark in content for mark in marks):
                yield file
