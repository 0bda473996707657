"""Private keys: sealed, opened, refused."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import pytest

from engine.ledger import KeyUnreadable, from_keyring, into_keyring, make_key, seal, unseal
from engine.store.sealed import Hardness
from engine.typed import from_json
from tests.engine.ledger.made import ORIGIN, key

QUICK = Hardness(kib=64, passes=1, lanes=1)
WORDS = "correct horse battery staple"


def test_sealed_key_comes_back_with_its_passphrase_only(tmp_path: Path) -> None:
    path = tmp_path / "ledger.key"
    seal(path, key(), WORDS, QUICK)
    assert unseal(path, WORDS).verifier() == key().verifier()
    assert key().private.private_bytes_raw() not in path.read_bytes()
    for wrong in (WORDS + " ", ""):
        with pytest.raises(KeyUnreadable, match="wrong passphrase"):
            unseal(path, wrong)


def test_own_hardness_is_that_of_the_rfc_and_works(tmp_path: Path) -> None:
    seal(tmp_path / "ledger.key", key(), WORDS)
    assert unseal(tmp_path / "ledger.key", WORDS).verifier() == key().verifier()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_sealed_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "ledger.key"
    seal(path, key(), WORDS, QUICK)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    with pytest.raises(KeyUnreadable, match="read by other users"):
        unseal(path, WORDS)


def test_every_change_of_a_sealed_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.key"
    seal(path, key(), WORDS, QUICK)
    fields = from_json(path.read_bytes(), dict[str, object])
    other = key(number=2).verifier()
    changes: list[tuple[str, object]] = [
        ("name", "somebody.example/else"),
        ("public", other.text.rpartition("+")[2]),
        ("format", "2"),
        ("salt", "AAAAAAAAAAAAAAAAAAAAAA=="),
        ("content", "AAAA"),
        ("nonce", "="),
        ("hardness", {"kib": 2**40, "passes": 1, "lanes": 1}),
        ("hardness", {"kib": 1, "passes": 1, "lanes": 1}),
    ]
    for name, value in changes:
        path.write_bytes(msgspec.json.encode(fields | {name: value}))
        with pytest.raises(KeyUnreadable):
            unseal(path, WORDS)
    path.write_bytes(b"{")
    with pytest.raises(KeyUnreadable, match="cannot be read"):
        unseal(path, WORDS)
    with pytest.raises(KeyUnreadable, match="cannot be read"):
        unseal(tmp_path / "no.key", WORDS)


def test_short_passphrase_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyUnreadable, match="at least 12"):
        seal(tmp_path / "ledger.key", key(), "short")
    assert not list(tmp_path.iterdir())


def test_keyring_gives_back_what_it_was_given() -> None:
    ring: dict[str, str] = {}
    into_keyring(ring.__setitem__, key())
    assert from_keyring(ring.get, ORIGIN).verifier() == key().verifier()
    with pytest.raises(KeyUnreadable, match="holds no key"):
        from_keyring(ring.get, "nobody")
    with pytest.raises(KeyUnreadable, match="is no key"):
        from_keyring(lambda name: "AAAA", ORIGIN)


def test_key_has_a_name_that_fits_a_note() -> None:
    assert make_key(ORIGIN).verifier() != make_key(ORIGIN).verifier()
    for wrong in ("", "a b", "a+b", "a\nb", "a\x1bb"):
        with pytest.raises(KeyUnreadable, match="no name for a key"):
            make_key(wrong)
    assert "private" not in repr(key())
