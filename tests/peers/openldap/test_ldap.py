"""Logging in with a real directory, OpenLDAP's slapd."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.clock import SystemClock
from engine.security.directory import DirectoryPerson
from engine.security.errors import DirectoryAbsent
from engine.security.ldap import LdapDirectory, ldap
from engine.testing.fault_proxy import FaultProxy
from engine.types.people import LdapSettings, RoleAt, SecuritySettings
from tests.engine.security.made import desk, why_denied
from tests.peers.openldap.slapd import (
    DOMAIN,
    GROUPS,
    ODD,
    PASSWORD,
    PEOPLE,
    SUFFIX,
    Slapd,
    add_to,
    as_active_directory,
    find_slapd,
    running,
    take_from,
    write_certificates,
)

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]
DAY_S = 86_400
OPERATOR = RoleAt("operator", "Line 1")


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    programs = find_slapd()
    if programs is None:
        pytest.skip("slapd is not installed here (Debian: slapd), so there is no directory to ask")
    with running(tmp_path_factory.mktemp("slapd"), programs) as started:
        yield started


@pytest.fixture
async def asked(server: Slapd) -> AsyncIterator[LdapDirectory]:
    directory = LdapDirectory(server.settings())
    yield directory
    directory.close()


async def why_absent(settings: LdapSettings, name: str = "lea", secret: str = PASSWORD) -> str:
    """What is said when it cannot be asked; it must not answer."""
    directory = LdapDirectory(settings)
    try:
        found = await directory.check(name, secret)
    except DirectoryAbsent as absent:
        assert secret not in str(absent)
        return str(absent)
    finally:
        directory.close()
    raise AssertionError(f"it answered {found}")


async def test_the_right_password_tells_who_it_is_and_what_the_groups_give(asked: LdapDirectory) -> None:
    lea = await asked.check("lea", PASSWORD)
    assert lea is not None
    assert (lea.name, lea.full_name, lea.is_disabled) == ("lea", "Lea Lang", False)
    assert set(lea.roles) == {OPERATOR, RoleAt("administrator"), RoleAt("engineer")}
    bob = await asked.check("bob", PASSWORD)
    assert bob is not None and bob.roles == (OPERATOR,)


async def test_the_name_is_as_the_directory_writes_it(asked: LdapDirectory) -> None:
    for typed in ("LEA", "ｌｅａ", " lea "):
        found = await asked.check(typed, PASSWORD)
        assert found is not None and found.name == "lea", typed


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("lea", "another one"),
        ("lea", ""),
        ("", PASSWORD),
        ("nobody", PASSWORD),
        ("lea", PASSWORD + "\0"),
        ("lea,ou=people", PASSWORD),
        ("*", PASSWORD),
        ("lea)(uid=*", PASSWORD),
        ("lea+cn=Lea Lang", PASSWORD),
        ("\0", PASSWORD),
    ],
)
async def test_who_does_not_show_both_is_nobody(asked: LdapDirectory, name: str, secret: str) -> None:
    assert await asked.check(name, secret) is None


async def test_a_server_that_takes_empty_passwords_lets_nobody_in_without_one(server: Slapd) -> None:
    name = f"uid=lea,{PEOPLE}".encode()
    asked = b"\x02\x01\x03\x04" + bytes([len(name)]) + name + b"\x80\x00"
    message = b"\x02\x01\x01\x60" + bytes([len(asked)]) + asked
    with socket.create_connection(("127.0.0.1", server.port), 5) as plain:
        plain.sendall(b"\x30" + bytes([len(message)]) + message)
        assert b"\x0a\x01\x00" in plain.recv(1000), "the trap is set: this server takes it"
    directory = LdapDirectory(server.settings())
    assert await directory.check("lea", "") is None
    directory.close()


async def test_a_name_full_of_signs_is_only_a_name(asked: LdapDirectory) -> None:
    odd = await asked.check(ODD, PASSWORD)
    assert odd is not None and odd.name == ODD
    assert set(odd.roles) == {RoleAt("administrator"), RoleAt("engineer")}


async def test_who_is_disabled_there_is_known_and_not_let_in(asked: LdapDirectory) -> None:
    gone = await asked.check("gone", PASSWORD)
    assert gone is not None and gone.is_disabled and gone.roles == ()
    assert await asked.check("gone", "wrong") is None


async def test_a_change_of_groups_counts_at_the_next_login(server: Slapd, asked: LdapDirectory) -> None:
    server.change(*take_from("admins", "lea"))
    server.change(*add_to("admins", "bob"))
    lea, bob = await asked.check("lea", PASSWORD), await asked.check("bob", PASSWORD)
    assert lea is not None and lea.roles == (OPERATOR,)
    assert bob is not None and RoleAt("administrator") in bob.roles


async def test_groups_within_groups_give_their_roles_also_where_they_are_in_each_other(
    server: Slapd, asked: LdapDirectory
) -> None:
    nel = await asked.check("nel", PASSWORD)
    assert nel is not None and nel.roles == (OPERATOR,)
    server.change(f"cn=admins,{GROUPS}", {"member": [(ldap.MODIFY_ADD, [f"cn=all shifts,{GROUPS}"])]})
    nel = await asked.check("nel", PASSWORD)
    assert nel is not None and RoleAt("administrator") in nel.roles
    server.change(f"cn=all shifts,{GROUPS}", {"member": [(ldap.MODIFY_REPLACE, [f"uid=bob,{PEOPLE}"])]})
    nel = await asked.check("nel", PASSWORD)
    assert nel is not None and nel.roles == (), "the way to both is cut"


@pytest.mark.parametrize("bound", ["DEEPEST", "MOST_GROUPS"])
async def test_groups_that_lie_too_deep_or_are_too_many_give_nothing_by_halves(
    server: Slapd, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(f"engine.security.ldap.{bound}", 2)
    assert "groups" in await why_absent(server.settings(), "nel")


async def test_a_person_of_an_active_directory_is_known_by_name_and_domain(server: Slapd) -> None:
    async with FaultProxy(server.port) as proxy:
        proxy.garble("up", 1_000_000, as_active_directory)

        async def checked(name: str, secret: str = PASSWORD) -> DirectoryPerson | None:
            directory = LdapDirectory(settings)
            try:
                return await directory.check(name, secret)
            finally:
                directory.close()

        settings = server.settings(
            url=f"ldap://127.0.0.1:{proxy.port}",
            person=f"{{name}}@{DOMAIN}",
            people=SUFFIX,
            start_tls=False,
        )
        nel = await checked("nel")
        assert nel is not None
        assert (nel.name, nel.full_name, nel.roles) == ("nel", "Nel Night", (OPERATOR,))
        assert await checked("nel", "another one") is None
        for name in ("uid=nel", f"nel@{DOMAIN}", "*", "nel,x", "corp\\nel"):
            assert await checked(name) is None
        elsewhere = msgspec.structs.replace(settings, people=GROUPS)
        assert "their own entry" in await why_absent(elsewhere, "nel"), "who is not found is not let in"


async def test_ldaps_and_the_open_link_of_this_machine_answer_too(server: Slapd) -> None:
    urls = (f"ldaps://127.0.0.1:{server.tls_port}", True), (f"ldap://127.0.0.1:{server.port}", False)
    for url, start_tls in urls:
        directory = LdapDirectory(server.settings(url=url, start_tls=start_tls))
        assert await directory.check("bob", PASSWORD) is not None
        directory.close()


@pytest.mark.parametrize("is_ldaps", [True, False])
async def test_a_directory_by_another_authority_is_not_asked(
    server: Slapd, is_ldaps: bool, tmp_path: Path
) -> None:
    write_certificates(tmp_path)
    url = f"ldaps://127.0.0.1:{server.tls_port}" if is_ldaps else f"ldap://127.0.0.1:{server.port}"
    for ca_file in (str(tmp_path / "ca.pem"), ""):
        assert "is not trusted" in await why_absent(server.settings(url=url, ca_file=ca_file))


async def test_a_certificate_for_another_host_is_not_trusted(server: Slapd) -> None:
    # The certificate is for 127.0.0.1 alone.
    assert "is not trusted" in await why_absent(server.settings(url=f"ldap://localhost:{server.port}"))


async def test_no_password_is_sent_where_encryption_is_taken_away(server: Slapd) -> None:
    """Somebody on the way answers "no" to StartTLS, in the place of the server."""
    seen: list[bytes] = []

    def refuse(chunk: bytes) -> bytes:
        seen.append(chunk)
        return chunk.replace(b"1.3.6.1.4.1.1466.20037", b"1.3.6.1.4.1.1466.20099")

    async with FaultProxy(server.port) as proxy:
        proxy.garble("up", 100, refuse)
        said = await why_absent(server.settings(url=f"ldap://127.0.0.1:{proxy.port}"))
    assert seen and PASSWORD.encode() not in b"".join(seen)
    assert "no answer" in said


async def test_a_server_that_hangs_is_given_up_in_time(server: Slapd) -> None:
    clock = SystemClock()
    async with FaultProxy(server.port) as proxy:
        proxy.stall()
        began_us = clock.mono_us()
        said = await why_absent(server.settings(url=f"ldap://127.0.0.1:{proxy.port}", timeout_s=0.5))
        assert "within 0.5 s" in said and clock.mono_us() - began_us < 10e6


async def test_a_server_that_ends_in_the_middle_is_absent(server: Slapd) -> None:
    async with FaultProxy(server.port) as proxy:
        proxy.truncate("down", 100)
        await why_absent(server.settings(url=f"ldap://127.0.0.1:{proxy.port}"))
        proxy.resume()
        proxy.garble("down", 100)
        await why_absent(server.settings(url=f"ldap://127.0.0.1:{proxy.port}"))


async def test_groups_that_are_not_there_give_no_roles_by_silence(server: Slapd) -> None:
    assert "does not show the groups" in await why_absent(server.settings(groups="ou=none,dc=example,dc=com"))


async def test_a_person_logs_in_without_the_directory_for_a_while(server: Slapd, tmp_path: Path) -> None:
    settings = server.settings()
    directory = LdapDirectory(settings)
    stated: dict[str, Any] = {"settings": SecuritySettings(ldap=settings)}
    async with desk(tmp_path, directory, **stated) as place:
        await place.admin()
        token = (await place.login("lea")).token
        assert place.security.may(token, "people", "") == ""
        server.stop()
        place.clock.go(6.9 * DAY_S)
        answer = await place.login("lea")
        assert "refused the connection" in answer.warning
        assert place.security.may(answer.token, "write", "Line 1/A") == ""
        assert "needs administrator" in place.security.may(answer.token, "people", "")
        assert "do not fit" in await why_denied(place.login("lea", "another one"))
        assert "do not fit" in await why_denied(place.login("bob")), "who never came is nobody here"
        place.clock.go(0.2 * DAY_S)
        assert "more than 7 days" in await why_denied(place.login("lea"))
        server.start()
        place.clock.go(60)
        assert (await place.login("lea")).warning == ""
    directory.close()
