"""Passwords of sources at rest: one sealed file a login, its password in there or in the keyring.

A login is a user at one endpoint, so that a password never goes to another address than the one it was set
for, and all sources of one server share it. What became of its last try stands beside it, so that a
restart does not send again what was refused. Slow: call it in a thread where a loop runs.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from engine.drivers.opcua.address import dialled
from engine.store.database import StoreError
from engine.store.sealed import Box, Hardness, closed, opened, write_private
from engine.store.sealing import Keyring, Passphrase, passphrase, system_keyring
from engine.typed import from_json
from engine.types import Source

log = logging.getLogger("watchroom.logins")
FORMAT, SUFFIX = "watchroom-login/1", ".login"
FOLDER = "keys/logins"
"""Below data/."""
LONGEST = 96
"""Bytes of a password: what RSA-OAEP takes at once with a key of 2048 bits, beside a server's nonce."""
State = Literal["new", "sent", "accepted", "refused"]


class Kept(msgspec.Struct, frozen=True):
    """One login. ``state`` "sent" = its first try is under way, or its answer never came.

    ``why`` = what the server said when it refused. The password lies in the keyring under ``ring``, else in
    ``box``; without both it was removed. ``told`` = the ledger knows who did that.
    """

    format: str
    user: str
    endpoint: str
    set_us: int
    by: str
    state: State = "new"
    why: str = ""
    ring: str = ""
    box: Box | None = None
    told: bool = True

    @property
    def has_password(self) -> bool:
        """Whether it was not removed."""
        return bool(self.ring) or self.box is not None

    @property
    def bound(self) -> bytes:
        """What the sealed password is only good for."""
        return f"{self.format}\n{self.user}\n{self.endpoint}\n{self.set_us}\n".encode()


class Carried(msgspec.Struct, frozen=True):
    """A login on its way into the sealed file of people and keys, or out of it."""

    user: str
    endpoint: str
    set_us: int
    by: str
    password: str

    def __repr__(self) -> str:
        return "Carried(...)"


class LoginFiles:
    """The logins of one project below its folder ``data``; ``keyring`` gives the one to use, if any."""

    def __init__(
        self,
        data: Path,
        keyring: Callable[[], Keyring | None] = system_keyring,
        phrase: Callable[[], Passphrase] = passphrase,
        hardness: Hardness | None = None,
    ) -> None:
        self.folder = data / FOLDER
        self._keyring, self._phrase, self._hardness = keyring, phrase, hardness

    def find(self, source: Source) -> Kept | None:
        """The login of a source as it names it now, None = no password was set for that.

        Raises:
            StoreError: its file cannot be read.
        """
        kept = self._read(self.folder / file_name(source.user, dialled(source.endpoint)))
        return kept if kept is not None and kept.has_password else None

    def all(self) -> list[Kept]:
        """Every login that is kept, whether or not a source still uses it."""
        found: list[Kept] = []
        for file in sorted(self.folder.glob(f"*{SUFFIX}")):
            try:
                kept = self._read(file)
            except StoreError as error:
                log.warning("%s", error)
                continue
            found += [] if kept is None else [kept]
        return found

    def keep(self, source: Source, password: str, by: str, now_us: int, *, told: bool = True) -> Kept:
        """Keep a password in the place of the one before.

        Raises:
            StoreError: it can be no password, or it cannot be kept.
        """
        if why := unfit(password):
            raise StoreError(why)
        kept = Kept(FORMAT, source.user, dialled(source.endpoint), now_us, by, told=told)
        try:
            before = self.find(source)
        except StoreError:
            before = None  # it is of no use to anybody, and is replaced
        kept = self._with_password(kept, password, self._keyring())
        self.put(kept)
        if before is not None:
            self._forget(before)
        return kept

    def carried(self) -> tuple[Carried, ...]:
        """All logins with their passwords. Raises StoreError where one cannot be opened."""
        return tuple(
            Carried(each.user, each.endpoint, each.set_us, each.by, self.password(each))
            for each in self.all()
            if each.has_password
        )

    def opens(self, carried: Carried) -> bool:
        """Whether the login of this user there is kept here and can be opened."""
        try:
            kept = self._read(self.folder / file_name(carried.user, carried.endpoint))
            return kept is not None and kept.has_password and bool(self.password(kept))
        except StoreError:
            return False

    def take(self, carried: Carried) -> str:
        """Keep a login that was brought back, in a sealed file; its name. Raises StoreError."""
        kept = Kept(FORMAT, carried.user, carried.endpoint, carried.set_us, carried.by)
        self.put(self._with_password(kept, carried.password, None))
        return file_name(carried.user, carried.endpoint)

    def put(self, kept: Kept) -> None:
        """Write one login. Raises StoreError."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(self.folder / file_name(kept.user, kept.endpoint), msgspec.json.encode(kept))
        except OSError as error:
            raise StoreError(f"the login of '{kept.user}' cannot be kept: {error}") from error

    def password(self, kept: Kept) -> str:
        """The password itself. Raises StoreError where it cannot be had."""
        if kept.ring:
            ring = self._keyring()
            found = None if ring is None else ring.get(kept.ring)
            if found is None:
                raise StoreError(f"the keyring of this computer does not give the password of '{kept.user}'")
            return found
        if kept.box is None:
            raise StoreError(f"the file of the login of '{kept.user}' holds no password")
        phrase = self._phrase()
        try:
            return opened(kept.box, kept.bound, phrase.secret).decode()
        except StoreError as error:
            raise StoreError(
                f"the password of '{kept.user}' cannot be opened: {error} (the passphrase is from "
                f"{phrase.origin})"
            ) from error

    def remove(self, kept: Kept, untold_by: str = "") -> None:
        """Forget a login; ``untold_by`` = who did it while no engine told the ledger. Raises StoreError."""
        if untold_by:
            self.put(Kept(FORMAT, kept.user, kept.endpoint, kept.set_us, untold_by, told=False))
            self._forget(kept)
            return
        try:
            (self.folder / file_name(kept.user, kept.endpoint)).unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"the login of '{kept.user}' cannot be removed: {error}") from error
        self._forget(kept)

    def _with_password(self, kept: Kept, password: str, ring: Keyring | None) -> Kept:
        name = f"source login {secrets.token_hex(8)}"
        try:
            if ring is not None:
                ring.set(name, password)
                return msgspec.structs.replace(kept, ring=name)
        except StoreError as error:
            log.warning("%s; the password goes to a sealed file", error)
        box = closed(password.encode(), kept.bound, self._phrase().secret, self._hardness)
        return msgspec.structs.replace(kept, box=box)

    def _forget(self, kept: Kept) -> None:
        if not kept.ring:
            return
        try:
            if ring := self._keyring():
                ring.remove(kept.ring)
        except StoreError as error:
            log.warning("an old password stays in the keyring: %s", error)

    def _read(self, file: Path) -> Kept | None:
        try:
            kept = from_json(file.read_bytes(), Kept)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is damaged"
            raise StoreError(
                f"the login file {file} cannot be read ({why}); set the password anew"
            ) from error
        if kept.format != FORMAT or file.name != file_name(kept.user, kept.endpoint):
            raise StoreError(f"the login file {file} is of another kind or login: set it anew")
        return kept


def file_name(user: str, endpoint: str) -> str:
    """The name of a login's file; ``endpoint`` as it is dialled."""
    return hashlib.sha256(f"{user}\n{endpoint}".encode()).hexdigest()[:24] + SUFFIX


def unfit(password: str) -> str:
    """Why this can be no password, "" = it can. Never with a part of it."""
    try:
        length = len(password.encode())
    except UnicodeEncodeError:
        return "the password holds something that is no text"
    if not password:
        return "the password is empty"
    return f"the password is longer than {LONGEST} bytes" if length > LONGEST else ""
