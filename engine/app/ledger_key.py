"""The private key of a project's ledger: in the keyring of the system, else in a sealed file.

There are two places, *current* and *next*. A change of key first keeps the new one as next, then lets the
ledger change over, then makes next current. Wherever a crash falls between, the ledger itself says which of
the two signs it; the other one is thrown away.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from pathlib import Path

from engine.ledger import (
    KeyUnreadable,
    SigningKey,
    WrongKey,
    from_keyring,
    into_keyring,
    make_key,
    seal,
    unseal,
)
from engine.ledger.note import VerifierKey
from engine.store.database import StoreError
from engine.store.sealing import Keyring, Passphrase

log = logging.getLogger("watchroom.ledger")
FILE, NEXT = "ledger.key", "ledger.key.next"
BRING = (
    "bring back data/keys/ledger.key and the passphrase that sealed it, or start the engine as the user who "
    "has the key in the keyring"
)


class Keys:
    """The keys of one ledger in ``folder`` or in ``keyring`` (None = there is none). One thread; slow."""

    def __init__(self, folder: Path, keyring: Keyring | None, passphrase: Callable[[], Passphrase]) -> None:
        self._folder, self._keyring, self._passphrase = folder, keyring, passphrase

    def first(self, origin: str, used: Collection[str] = ()) -> SigningKey:
        """The key to begin a ledger with: made now, or by a start that ended before it could begin one.

        ``used`` = names of ledgers that were begun before: the key of one of them is put aside.

        Raises:
            KeyUnreadable: it cannot be kept, or the one that is there cannot be opened.
        """
        if self._file(FILE).exists():
            left = self._opened(FILE)
            if left.name not in used:
                return left
            mark = left.name.rpartition("/")[2]
            self._file(FILE).replace(self._file(f"{FILE}.before-{mark}"))
        key = make_key(origin)
        self._keep(key, FILE)
        return key

    def of(self, signer: VerifierKey) -> SigningKey:
        """The key that signs as ``signer``; the other one is gone afterwards.

        Raises:
            KeyUnreadable: no key can be read here. WrongKey: it is another one.
        """
        found, why = list[SigningKey](), list[str]()
        for place in (FILE, NEXT):
            try:
                key = self._read(place, signer.name)
            except KeyUnreadable as error:
                why.append(str(error))
                continue
            if key is None:
                continue
            if key.verifier() == signer:
                self._settle(key, place)
                return key
            found.append(key)
        if found:
            others = ", ".join(each.verifier().text for each in found)
            raise WrongKey(f"the ledger is signed with {signer.text}, and here is {others}; {BRING}")
        raise KeyUnreadable(f"{why[0] if why else f'no key of {signer.name} is here'}; {BRING}")

    def prepare(self, origin: str) -> SigningKey:
        """A new key, kept as the next one.

        Raises:
            KeyUnreadable: it cannot be kept.
        """
        key = make_key(origin)
        self._keep(key, NEXT)
        return key

    def settle(self, key: SigningKey) -> None:
        """The ledger changed over to the next key: it is the current one, and the old one is gone.

        Raises:
            KeyUnreadable: it stays next for now; `of` finds it there.
        """
        self._settle(key, NEXT)

    def _settle(self, key: SigningKey, place: str) -> None:
        try:
            if place == FILE:
                self._file(NEXT).unlink(missing_ok=True)
                if self._keyring is not None:
                    self._keyring.remove(_named(key.name, NEXT))
            elif self._file(NEXT).exists():
                self._file(NEXT).replace(self._file(FILE))
            elif self._keyring is not None:
                into_keyring(self._keyring.set, key)
                self._keyring.remove(_named(key.name, NEXT))
        except (OSError, StoreError) as error:
            if place == NEXT:
                raise KeyUnreadable(f"the new key of the ledger stays beside the old one: {error}") from error
            log.warning("a key that signs nothing any more could not be removed: %s", error)

    def _read(self, place: str, name: str) -> SigningKey | None:
        """The key at a place, None = there is none."""
        if self._file(place).exists():
            return self._opened(place)
        if self._keyring is None:
            return None
        ring = self._keyring
        try:
            if ring.get(_named(name, place)) is None:
                return None
            return from_keyring(lambda each: ring.get(_named(each, place)), name)
        except StoreError as error:
            raise KeyUnreadable(str(error)) from error

    def _opened(self, place: str) -> SigningKey:
        try:
            phrase = self._passphrase()
        except StoreError as error:
            raise KeyUnreadable(str(error)) from error
        try:
            return unseal(self._file(place), phrase.secret)
        except KeyUnreadable as error:
            raise KeyUnreadable(f"{error} (the passphrase is from {phrase.origin})") from error

    def _keep(self, key: SigningKey, place: str) -> None:
        """Beside the other one: a key in a sealed file is followed by one in a sealed file."""
        try:
            if self._keyring is not None and not self._file(FILE).exists():
                ring = self._keyring
                into_keyring(lambda name, secret: ring.set(_named(name, place), secret), key)
                return
        except StoreError as error:
            log.warning("%s; the key of the ledger goes to a sealed file", error)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            seal(self._file(place), key, self._passphrase().secret)
        except (OSError, StoreError) as error:
            raise KeyUnreadable(f"the key of the ledger cannot be kept: {error}") from error

    def _file(self, place: str) -> Path:
        return self._folder / place


def _named(name: str, place: str) -> str:
    return name if place == FILE else f"{name} next"
