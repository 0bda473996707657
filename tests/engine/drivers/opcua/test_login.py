"""Logging in to real servers that let nobody in without a user: safely, and never once too often."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.app.login_files import LoginFiles
from engine.app.logins import SourceLogins
from engine.clock import SystemClock
from engine.drivers.driver import Context, NotReady, Refused
from engine.drivers.opcua import DRIVER, rejected, trust
from engine.drivers.opcua.trust import pin
from engine.store.sealed import Hardness
from engine.types import Tag, WriteOrder
from tests.engine.app.recorded import PHRASE
from tests.engine.drivers.opcua.conftest import RealServer, begin_guarded, ready
from tests.engine.drivers.opcua.recording import context, running, tag, until

pytestmark = [pytest.mark.system, pytest.mark.timeout(60)]
QUICK = Hardness(kib=64, passes=1, lanes=1)
RIGHT, WRONG = "gR8§-right-secret", "x-wrong-secret-7"
T = "nsu=urn:test:a;s=T"
StartGuarded = Callable[..., RealServer]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, RealServer]]:
    """Two servers that take open and encrypted links, and one that has no certificate."""
    started: dict[str, RealServer] = {}
    for name in ("one", "other", "bare"):
        pki = tmp_path_factory.mktemp(name)
        started[name] = begin_guarded(None if name == "bare" else pki)
        SHOWN[name] = pki / "server.der"
    for server in started.values():
        ready(server)
    yield started
    for server in started.values():
        server.close()


SHOWN: dict[str, Path] = {}
"""Their certificates."""


@pytest.fixture
def guarded(servers: dict[str, RealServer]) -> StartGuarded:
    """A server that knows the user "hmi", as if it had just been started."""

    def begin(name: str = "one", **how: Any) -> RealServer:
        server = servers[name]
        server.order(do="begin", **how)
        server.order(do="password", user="hmi", password=RIGHT)
        return server

    return begin


def at(
    folder: Path, server: RealServer, security: str = "", password: str = RIGHT, user: str = "hmi"
) -> Context:
    """A source that logs in as "hmi"; the certificates of the servers are trusted."""
    made = context(folder / "pki", server.endpoint, tag(1, T), security=security)
    made = replace(made, source=msgspec.structs.replace(made.source, user=user))
    files_of(folder).keep(made.source, password, "ada", SystemClock().now_us())
    for source in ("press", "oven"):
        for shown in SHOWN.values():
            if shown.exists():
                pin(folder / "pki", source, shown.read_bytes())
    return replace(made, logins=logins_of(folder, made))


def files_of(folder: Path) -> LoginFiles:
    return LoginFiles(folder / "data", lambda: None, lambda: PHRASE, QUICK)


def logins_of(folder: Path, one: Context) -> SourceLogins:
    """As an engine that just started has them."""
    return SourceLogins(files_of(folder), [one.source], SystemClock())


def tries(server: RealServer) -> list[tuple[str, bool]]:
    return [(each["user"], each["ok"]) for each in server.order(do="tries")["tries"]]


async def refusal(one: Context) -> str:
    """Why a run is refused; it must be."""
    with pytest.raises(Refused) as refused:
        await asyncio.wait_for(DRIVER.run(one), 20)
    assert RIGHT not in str(refused.value) and WRONG not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    ("security", "token", "algorithm"),
    [
        ("Basic256Sha256", "", ""),  # asyncua's own choice: in the clear inside the encrypted link
        ("Aes256_Sha256_RsaPss", "Basic256Sha256", "xmlenc#rsa-oaep"),
        ("Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss", "rsa-oaep-sha2-256"),
        ("", "Basic128Rsa15", "xmlenc#rsa-1_5"),
    ],
)
async def test_right_password_lets_us_in_over_an_encrypted_link_whatever_the_policy_of_the_token(
    tmp_path: Path, guarded: StartGuarded, security: str, token: str, algorithm: str
) -> None:
    server = guarded(token=token)
    one = at(tmp_path, server, security)
    async with running(one) as (sink, task):
        await until(lambda: sink.last(1) is not None, 15, task)
        assert sink.facts["user"] == "hmi"
        assert "T" in [item.name for item in await DRIVER.browse(one, "")], "browsing shares the session"
        assert DRIVER.load_writes is not None
        sent = await DRIVER.load_writes().send(one, WriteOrder(1, 2.5))
        assert sent.outcome == "accepted", sent
        await until(lambda: (last := sink.last(1)) is not None and last.value == 2.5, 5, task)
    (only,) = server.order(do="tries")["tries"]
    assert only == {"user": "hmi", "ok": True, "algorithm": algorithm}


async def test_over_an_open_link_the_password_goes_out_encrypted_for_a_trusted_certificate_alone(
    tmp_path: Path, guarded: StartGuarded
) -> None:
    server = guarded()
    one = at(tmp_path, server, "none")
    for file in (tmp_path / "pki" / "trusted" / "press").iterdir():
        file.unlink()
    assert "server certificate not trusted" in await refusal(one)
    assert tries(server) == []
    trust(one.pki, "press", rejected(one.pki, "press")[0].thumbprint)
    async with running(one) as (sink, task):
        await until(lambda: sink.last(1) is not None, 15, task)
        assert sink.security == ["none"]
    (only,) = server.order(do="tries")["tries"]
    assert only["ok"] and only["algorithm"] == "xmlenc#rsa-oaep"


@pytest.mark.parametrize(
    ("name", "how", "said"),
    [
        ("one", {"token": "None"}, "so that others could read it; it was not sent"),
        ("one", {"token": "Basic256"}, "so that others could read it; it was not sent"),
        ("one", {"flips": True}, "so that others could read it; it was not sent"),
        ("bare", {}, "so that others could read it; it was not sent"),
        ("bare", {"token": "Basic256Sha256"}, "shows no certificate"),
        ("one", {"anonymous": True}, "takes no user with a password (it takes: Anonymous)"),
    ],
)
async def test_password_that_others_could_read_is_never_sent(
    tmp_path: Path, guarded: StartGuarded, name: str, how: dict[str, Any], said: str
) -> None:
    server = guarded(name, **how)
    assert said in await refusal(at(tmp_path, server, "none"))
    assert tries(server) == []


async def test_wrong_password_is_sent_once_through_retries_and_restarts_until_a_person_acts(
    tmp_path: Path, guarded: StartGuarded
) -> None:
    server = guarded()
    one = at(tmp_path, server, password=WRONG)
    assert "refused the login of user 'hmi' (BadUserAccessDenied)" in await refusal(one)
    for _ in range(3):
        again = await refusal(one)
        assert "BadUserAccessDenied" in again and "not sent again by itself" in again
        one = replace(one, logins=logins_of(tmp_path, one))  # as a new engine
    assert tries(server) == [("hmi", False)]
    logins = logins_of(tmp_path, one)
    assert logins.is_held(one.source) and (of := logins.of(one.source)) and of.state == "refused"
    await logins.release(one.source)
    assert "BadUserAccessDenied" in await refusal(replace(one, logins=logins))
    assert tries(server) == [("hmi", False)] * 2, "once for the person"
    await logins.keep(one.source, RIGHT, "ada")
    async with running(replace(one, logins=logins)) as (sink, task):
        await until(lambda: sink.last(1) is not None, 15, task)
    assert tries(server) == [("hmi", False)] * 2 + [("hmi", True)]


async def test_server_that_hangs_up_on_a_wrong_password_gets_it_once(
    tmp_path: Path, guarded: StartGuarded
) -> None:
    server = guarded()
    server.order(do="rude")
    one = at(tmp_path, server, password=WRONG)
    with pytest.raises(NotReady):
        await asyncio.wait_for(DRIVER.run(one), 20)
    assert "did not end well" in await refusal(one)
    assert "did not end well" in await refusal(replace(one, logins=logins_of(tmp_path, one)))
    assert tries(server) == [("hmi", False)]


async def test_sources_with_one_login_share_the_session_and_the_one_wrong_try(
    tmp_path: Path, guarded: StartGuarded
) -> None:
    server = guarded()
    press = at(tmp_path, server, password=WRONG)
    # Another security makes it another session; the account is the same.
    oven = replace(press, source=msgspec.structs.replace(press.source, id="oven", security="Basic256Sha256"))
    said = await asyncio.gather(refusal(press), refusal(oven), refusal(press))
    assert all("refused the login" in each for each in said)
    assert tries(server) == [("hmi", False)]


async def test_password_changed_at_the_server_ends_in_one_refused_try_and_reconnects_do_not(
    tmp_path: Path, guarded: StartGuarded
) -> None:
    server = guarded()
    one = at(tmp_path, server)
    for _ in range(2):  # a right one logs in as often as the link breaks
        async with running(one) as (sink, task):
            sink.samples.clear()
            await until(lambda: sink.last(1) is not None, 15, task)
            server.order(do="drop")
            await asyncio.wait([task], timeout=15)
            with pytest.raises(NotReady):
                task.result()
    assert tries(server) == [("hmi", True)] * 2
    server.order(do="password", user="hmi", password="another")
    assert "refused the login" in await refusal(one)
    assert "not sent again" in await refusal(one)
    assert tries(server) == [("hmi", True)] * 2 + [("hmi", False)]


async def test_password_goes_to_no_other_address_or_user_than_it_was_set_for(
    tmp_path: Path, guarded: StartGuarded
) -> None:
    server, other = guarded(), guarded("other")
    one = at(tmp_path, server)
    for change in ({"endpoint": other.endpoint}, {"user": "boss"}):
        moved = replace(one, source=msgspec.structs.replace(one.source, **change))
        assert "no password of user" in await refusal(moved)
    assert tries(server) == tries(other) == []


async def test_without_a_user_the_refusal_says_how_to_name_one(tmp_path: Path, guarded: StartGuarded) -> None:
    server = guarded()
    one = at(tmp_path, server, user="")
    assert 'write user = "…"' in await refusal(one)
    assert tries(server) == []


def test_every_file_that_holds_a_password_is_closed_to_others_and_shows_none_of_it(tmp_path: Path) -> None:
    made = replace(context(tmp_path, "opc.tcp://plc", Tag(1, "A/B", "press", T)))
    source = msgspec.structs.replace(made.source, user="hmi")
    kept = files_of(tmp_path).keep(source, RIGHT, "ada", 1)
    (file,) = (tmp_path / "data" / "keys" / "logins").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600 and file.parent.stat().st_mode & 0o777 == 0o700
    assert RIGHT.encode() not in file.read_bytes() and RIGHT not in repr(kept)
    assert files_of(tmp_path).password(kept) == RIGHT
    told: dict[str, Any] = json.loads(file.read_bytes())
    file.write_text(json.dumps({**told, "user": "boss"}))
    assert files_of(tmp_path).all() == [], "it is bound to its user and endpoint"
