from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.security.ldap import LdapDirectory, escaped, roles_of
from engine.types.people import LdapSettings, RoleAt

SETTINGS = LdapSettings("ldap://127.0.0.1:1", "uid={name},dc=example,dc=com")


@given(st.text(max_size=20))
def test_an_escaped_name_has_no_sign_with_a_meaning_and_comes_back_whole(name: str) -> None:
    made = escaped(name, "\\")
    assert not set(made) & set(',+"<>;=#*()\0 ')
    back = bytearray()
    at = 0
    while at < len(made):
        step = 3 if made[at] == "\\" else 1
        back += bytes.fromhex(made[at + 1 : at + 3]) if step == 3 else made[at].encode()
        at += step
    assert back.decode() == name


def test_groups_give_roles_in_the_plant_and_at_areas_whatever_their_case() -> None:
    table = {"Shift A": ("operator at Line 1", "viewer"), "Admins": ("administrator",)}
    assert roles_of(table, ["shift a", "nothing"]) == (RoleAt("operator", "Line 1"), RoleAt("viewer"))
    assert roles_of(table, ["ADMINS", "Admins"]) == (RoleAt("administrator"),)
    assert roles_of(table, []) == ()


@pytest.mark.parametrize(("name", "secret"), [("lea", ""), ("", "secret"), ("  ", "secret"), ("lea", "\0")])
async def test_nobody_is_asked_for_without_a_name_and_a_password(name: str, secret: str) -> None:
    directory = LdapDirectory(SETTINGS)
    assert await directory.check(name, secret) is None
    directory.close()
