"""Where the key of a ledger is kept, and that a crash while it is changed leaves exactly one."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.app.ledger_key import FILE, NEXT, Keys
from engine.ledger import KeyUnreadable, SigningKey, WrongKey, make_key
from engine.store.database import StoreError
from engine.store.sealing import Passphrase
from tests.engine.app.recorded import PHRASE, Ring

ORIGIN = "watchroom/mill-3/0123456789ab"


def keys(folder: Path, ring: Ring | None = None) -> Keys:
    return Keys(folder, ring, lambda: PHRASE)


def kept(folder: Path, ring: Ring | None) -> list[str]:
    """Where there are keys now."""
    return sorted(ring.kept) if ring else sorted(each.name for each in folder.iterdir())


@pytest.mark.parametrize("with_ring", [False, True])
def test_key_that_the_ledger_names_is_found_after_a_crash_before_it_changed_over(
    tmp_path: Path, with_ring: bool
) -> None:
    ring = Ring() if with_ring else None
    old = keys(tmp_path, ring).first(ORIGIN)
    keys(tmp_path, ring).prepare(ORIGIN)
    assert len(kept(tmp_path, ring)) == 2
    again = keys(tmp_path, ring)
    assert again.of(old.verifier()).verifier() == old.verifier()
    assert kept(tmp_path, ring) == [ORIGIN if with_ring else FILE]


@pytest.mark.parametrize("with_ring", [False, True])
def test_new_key_is_found_after_a_crash_once_the_ledger_changed_over(tmp_path: Path, with_ring: bool) -> None:
    ring = Ring() if with_ring else None
    old = keys(tmp_path, ring).first(ORIGIN)
    new = keys(tmp_path, ring).prepare(ORIGIN)
    again = keys(tmp_path, ring)
    assert again.of(new.verifier()).verifier() == new.verifier()
    assert kept(tmp_path, ring) == [ORIGIN if with_ring else FILE]
    with pytest.raises(WrongKey, match="the ledger is signed with"):
        again.of(old.verifier())


def test_crash_before_the_first_entry_leaves_a_key_that_is_used(tmp_path: Path) -> None:
    made = keys(tmp_path).first(ORIGIN)
    assert keys(tmp_path).first("watchroom/other/1").verifier() == made.verifier()


def test_key_of_a_ledger_that_was_begun_before_is_not_used_for_another(tmp_path: Path) -> None:
    made = keys(tmp_path).first(ORIGIN)
    other = keys(tmp_path).first("watchroom/mill-3/ffff", {ORIGIN})
    assert (other.name, other.verifier() == made.verifier()) == ("watchroom/mill-3/ffff", False)
    assert kept(tmp_path, None) == [FILE, f"{FILE}.before-0123456789ab"], "the old one is not lost"


def test_mute_keyring_sends_the_first_key_to_a_sealed_file(tmp_path: Path) -> None:
    ring = Ring()
    ring.is_mute = True
    made = keys(tmp_path, ring).first(ORIGIN)
    ring.is_mute = False
    assert keys(tmp_path, ring).of(made.verifier()).verifier() == made.verifier()
    keys(tmp_path, ring).prepare(ORIGIN)
    assert kept(tmp_path, None) == [FILE, NEXT], "the next one stays beside it"


def test_missing_key_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(KeyUnreadable, match="no key of .* is here; bring back data/keys/ledger.key"):
        keys(tmp_path).of(make_key(ORIGIN).verifier())


def test_trouble_with_the_passphrase_is_told_without_it(tmp_path: Path) -> None:
    made: SigningKey = keys(tmp_path).first(ORIGIN)

    def missing() -> Passphrase:
        raise StoreError("the systemd credential /run/x cannot be read")

    with pytest.raises(KeyUnreadable, match="credential /run/x cannot be read"):
        Keys(tmp_path, None, missing).of(made.verifier())
    (tmp_path / FILE).chmod(0o644)
    with pytest.raises(KeyUnreadable) as refused:
        keys(tmp_path).of(made.verifier())
    assert "may be read by other users" in str(refused.value)
    assert PHRASE.secret not in str(refused.value) + repr(PHRASE)


def test_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file")
    with pytest.raises(KeyUnreadable, match="cannot be kept"):
        keys(tmp_path / "keys").first(ORIGIN)
