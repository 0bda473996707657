from __future__ import annotations

import argon2
import pytest

from engine.security.passwords import Hasher, password_problem, pin_problem
from tests.engine.security.made import CHEAP


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery wagon", "velvet onion cabinet storm", "gKx7vQ2mWp9z", "пароль-из-слов-река",
        "8402753916284", "four words do not belong together",
    ],
)  # fmt: skip
def test_a_long_password_of_any_characters_is_good(password: str) -> None:
    assert password_problem(password, ("ada", "Ada Lovelace", "Demo plant")) == ""


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword", "Password123456", "P@ssw0rd2026!", "welcome12345", "qwertyuiop123",
        "123456789012",
        "aaaaaaaaaaaaaa", "abcdefghijklmnop", "adaLovelace1!", "lovelace-lovelace", "Pressing line 1",
        "PRESSINGLINE12", "admin admin admin", "correct horse battery staple", "zyxwvutsrqponm",
    ],
)  # fmt: skip
def test_what_others_guess_first_is_refused(password: str) -> None:
    own = ("ada", "Ada Lovelace", "Pressing line 1")
    assert "easily guessed" in password_problem(password, own)


def test_a_short_password_is_refused_with_what_to_do() -> None:
    assert "at least 12" in password_problem("gKx7vQ2mWp9")


def test_no_kind_of_character_is_asked_for() -> None:
    assert password_problem("onlylowerlettershere") == ""


def test_a_refusal_never_quotes_the_password() -> None:
    for password in ("hunter2", "password12345"):
        assert password not in password_problem(password)


@pytest.mark.parametrize(
    "pin", ["123456", "654321", "000000", "890123", "121212", "123123", "112233", "135791"]
)
def test_a_pin_in_order_is_refused(pin: str) -> None:
    assert "first that others try" in pin_problem(pin)


@pytest.mark.parametrize("pin", ["12345", "", "12a456", "1234567890123", "１２３９４５"])
def test_a_pin_is_six_to_twelve_plain_digits(pin: str) -> None:
    assert "6 to 12 digits" in pin_problem(pin)


@pytest.mark.parametrize("pin", ["493027", "20461985", "700413"])
def test_a_pin_without_an_order_is_good(pin: str) -> None:
    assert pin_problem(pin) == ""


async def test_a_hash_fits_its_password_only_and_is_never_the_same() -> None:
    hasher = Hasher(CHEAP)
    one, two = await hasher.make("velvet onion"), await hasher.make("velvet onion")
    assert one != two and "velvet" not in one and one.startswith("$argon2id$")
    assert await hasher.fits("velvet onion", one) and not await hasher.fits("velvet onions", one)


async def test_the_same_password_typed_in_another_form_of_unicode_fits() -> None:
    hasher = Hasher(CHEAP)
    assert await hasher.fits("Zu\u0308rich am See", await hasher.make("Z\u00fcrich am See"))


async def test_nothing_fits_a_name_that_nobody_has_and_it_costs_a_whole_hash(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_at: list[str] = []
    verify = argon2.PasswordHasher.verify

    def watched(self: argon2.PasswordHasher, kept: str, secret: str) -> bool:
        looked_at.append(kept)
        return verify(self, kept, secret)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", watched)
    hasher = Hasher(CHEAP)
    assert not await hasher.fits("anything", "") and not await hasher.fits("", "")
    assert [kept.split("$")[3] for kept in looked_at] == ["m=8,t=1,p=1"] * 2


async def test_todays_costs_are_those_of_the_library() -> None:
    hasher = Hasher()
    assert not hasher.is_old(argon2.PasswordHasher().hash("x")) and hasher.is_old(CHEAP.hash("x"))


async def test_a_badge_is_found_by_a_digest_that_needs_the_salt() -> None:
    hasher = Hasher(CHEAP)
    one = await hasher.digest("04A2B7", b"1" * 16)
    assert one == await hasher.digest(" 04A2B7\n", b"1" * 16) != await hasher.digest("04A2B7", b"2" * 16)
    assert "04A2B7" not in one
