"""Passwords of sources at rest: where they lie, what takes them out again, and what is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from engine.app.login_files import LONGEST, LoginFiles
from engine.app.logins import SourceLogins
from engine.clock import SystemClock
from engine.drivers.driver import NotReady, Refused
from engine.store import StoreError
from engine.store.sealed import Hardness
from engine.store.sealing import Passphrase
from engine.types import NotRecorded, RecordEntry, Source
from tests.engine.app.recorded import PHRASE, Ring

QUICK = Hardness(kib=64, passes=1, lanes=1)
PRESS = Source("press", "opcua", "opc.tcp://plc", user="hmi")
SECRET = "not-for-eyes-5"


def files_of(folder: Path, ring: Ring | None = None, phrase: Passphrase = PHRASE) -> LoginFiles:
    return LoginFiles(folder, lambda: ring, lambda: phrase, QUICK)


def logins_of(folder: Path, ring: Ring | None = None) -> SourceLogins:
    return SourceLogins(files_of(folder, ring), [PRESS], SystemClock())


def everything(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


@pytest.mark.parametrize("is_mute", [False, True, None])
def test_password_lies_in_the_keyring_or_sealed_beside_it_and_nowhere_else(
    tmp_path: Path, is_mute: bool | None
) -> None:
    ring = None if is_mute is None else Ring()
    if ring:
        ring.is_mute = bool(is_mute)
    files = files_of(tmp_path, ring)
    kept = files.keep(PRESS, SECRET, "ada", 1)
    assert SECRET.encode() not in everything(tmp_path)
    assert bool(kept.ring) == (is_mute is False)
    if ring:
        ring.is_mute = False
    assert files_of(tmp_path, ring).password(kept) == SECRET
    files.keep(PRESS, "another", "ada", 2)
    assert ring is None or SECRET not in ring.kept.values(), "the one before is forgotten"
    found = files.find(PRESS)
    assert found is not None and files.password(found) == "another"
    files.remove(found)
    assert files.find(PRESS) is None and not (ring and ring.kept)


def test_endpoint_with_its_port_spelled_out_is_the_same_and_another_user_is_not(tmp_path: Path) -> None:
    files_of(tmp_path).keep(PRESS, SECRET, "ada", 1)
    same = msgspec.structs.replace(PRESS, id="oven", endpoint="opc.tcp://plc:4840")
    other = msgspec.structs.replace(PRESS, user="boss")
    assert files_of(tmp_path).find(same) is not None
    assert files_of(tmp_path).find(other) is None


@pytest.mark.parametrize("password", ["", "x" * (LONGEST + 1), "ä" * LONGEST, "\udc80"])
def test_what_can_be_no_password_is_refused_without_telling_it(tmp_path: Path, password: str) -> None:
    with pytest.raises(StoreError) as refused:
        files_of(tmp_path).keep(PRESS, password, "ada", 1)
    assert not password or password not in str(refused.value)
    assert not list(tmp_path.iterdir())


async def test_what_cannot_be_opened_is_a_refusal_that_says_what_to_do(tmp_path: Path) -> None:
    files_of(tmp_path).keep(PRESS, SECRET, "ada", 1)
    other = SourceLogins(files_of(tmp_path, phrase=replace_phrase()), [PRESS], SystemClock())
    with pytest.raises(Refused, match="another passphrase.*watchroom secret set DIR press"):
        async with other.used(PRESS):
            raise AssertionError("nothing is sent")
    (file,) = (tmp_path / "keys" / "logins").iterdir()
    file.write_bytes(file.read_bytes()[:40])
    with pytest.raises(Refused, match="damaged"):
        await logins_of(tmp_path).check(PRESS)
    files_of(tmp_path).keep(PRESS, SECRET, "ada", 2)
    await logins_of(tmp_path).check(PRESS)


def replace_phrase() -> Passphrase:
    return msgspec.structs.replace(PHRASE, secret="of another machine")


async def test_try_that_nobody_looked_at_may_be_made_again_and_one_without_an_answer_may_not(
    tmp_path: Path,
) -> None:
    files_of(tmp_path).keep(PRESS, SECRET, "ada", 1)
    logins = logins_of(tmp_path)
    with pytest.raises(NotReady):
        async with logins.used(PRESS):
            raise NotReady("no session is left", busy=True)
    await logins.check(PRESS)
    with pytest.raises(NotReady):
        async with logins.used(PRESS):
            raise NotReady("the connection broke")
    with pytest.raises(Refused, match="the connection broke"):
        await logins_of(tmp_path).check(PRESS)


async def test_password_set_anew_during_a_try_is_not_charged_with_what_came_of_it(tmp_path: Path) -> None:
    files_of(tmp_path).keep(PRESS, SECRET, "ada", 1)
    logins = logins_of(tmp_path)
    with pytest.raises(Refused):
        async with logins.used(PRESS):
            await logins.keep(PRESS, "another", "ada")
            raise Refused("wrong")
    await logins.check(PRESS)
    told = logins.of(PRESS)
    assert told is not None and told.state == "new"


async def test_what_was_done_while_no_engine_ran_is_put_on_record_once(tmp_path: Path) -> None:
    told: list[RecordEntry] = []
    is_full = True

    async def record(entries: Sequence[RecordEntry]) -> None:
        if is_full:
            raise NotRecorded("the disk is full")
        told.extend(entries)

    files = files_of(tmp_path)
    kept = files.keep(PRESS, SECRET, "command line of ada", 1, told=False)
    with pytest.raises(NotRecorded):
        await logins_of(tmp_path).tell(record)
    is_full = False
    for _ in range(2):
        await logins_of(tmp_path).tell(record)
    files.remove(kept, untold_by="command line of bob")
    for _ in range(2):
        await logins_of(tmp_path).tell(record)
    assert [each.actor for each in told] == ["command line of ada", "command line of bob"]
    assert "set" in told[0].body["what"] and "removed" in told[1].body["what"]
    assert not list((tmp_path / "keys" / "logins").iterdir())
