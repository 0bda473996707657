"""What secrets at rest are sealed with: where the passphrase comes from, and the keyring of the system.

The passphrase is, in this order, the systemd credential ``watchroom``, the environment variable
WATCHROOM_PASSPHRASE, or a random secret of this machine in the user's settings folder, outside of every
project. With the last one a project folder that is copied away opens nothing; whoever can read the files
of this user opens all of it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from engine import paths
from engine.store.database import StoreError

CREDENTIAL, VARIABLE = "watchroom", "WATCHROOM_PASSPHRASE"
SHORTEST = 12
"""Characters of a passphrase."""
SECRET_BYTES = 32
SERVICE = "watchroom"
KEYRING_S = 5.0
"""A keyring that does not answer by then waits for a person, or for nobody; it is not used."""
Answer = TypeVar("Answer")


class Passphrase(msgspec.Struct, frozen=True):
    """A passphrase, and in words where it is from."""

    secret: str
    origin: str

    def __repr__(self) -> str:
        """Without the secret."""
        return f"Passphrase(from {self.origin})"


class Keyring(Protocol):
    """What keeps secret texts under names: the keyring of the system, or another."""

    def get(self, name: str) -> str | None:
        """The text kept under a name, None = there is none. Raises StoreError where it does not answer."""
        ...

    def set(self, name: str, secret: str) -> None:
        """Keep a text. Raises StoreError where it does not answer."""
        ...

    def remove(self, name: str) -> None:
        """Forget a text; nothing happens where there is none."""
        ...


def passphrase(environment: Mapping[str, str] = os.environ) -> Passphrase:
    """The passphrase that this machine seals secrets with; the machine's own is made on first use.

    Raises:
        StoreError: it is too short, others may read it, or it can neither be read nor made.
    """
    stated = given_passphrase(environment)
    if stated is not None:
        return stated
    file = paths.user_config() / "machine.secret"
    try:
        return _checked(_machine_secret(file), f"the secret of this machine, {file}")
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"the secret of this machine, {file}, cannot be used: {error}") from error


def given_passphrase(environment: Mapping[str, str] = os.environ) -> Passphrase | None:
    """The passphrase that a person set up for this machine, None = there is only the machine's own.

    Raises:
        StoreError: it is too short, or cannot be read.
    """
    folder = environment.get("CREDENTIALS_DIRECTORY", "")
    given = Path(folder) / CREDENTIAL
    if folder and given.is_file():
        try:
            return _checked(given.read_text("utf-8").strip(), f"the systemd credential {given}")
        except (OSError, UnicodeDecodeError) as error:
            raise StoreError(f"the systemd credential {given} cannot be read: {error}") from error
    if environment.get(VARIABLE):
        return _checked(environment[VARIABLE], f"the environment variable {VARIABLE}")
    return None


def _checked(secret: str, origin: str) -> Passphrase:
    if len(secret) < SHORTEST:
        raise StoreError(f"{origin} is too short: a passphrase needs at least {SHORTEST} characters")
    return Passphrase(secret, origin)


def _machine_secret(file: Path) -> str:
    """Made whole or not at all, and by one of several programs that start at once."""
    if not file.exists():
        beside = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
        opened = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(opened, "w") as made:
                made.write(secrets.token_urlsafe(SECRET_BYTES))
                made.flush()
                os.fsync(made.fileno())
            with contextlib.suppress(FileExistsError):
                _put_in_place(beside, file)
        finally:
            beside.unlink(missing_ok=True)
    if sys.platform != "win32" and file.stat().st_mode & 0o077:
        raise PermissionError(f"other users may read it; make it 0600 (chmod 600 {file})")
    return file.read_text("utf-8").strip()


def _put_in_place(beside: Path, file: Path) -> None:
    """Never over one that another program made meanwhile."""
    if sys.platform == "win32":
        beside.rename(file)
    else:
        os.link(beside, file)


class SystemKeyring:
    """The keyring of this computer and user (DPAPI, Keychain, Secret Service). Calls may block for 5 s."""

    def get(self, name: str) -> str | None:
        """The text kept under a name."""
        import keyring  # takes a moment, and only where secrets are

        return _answered(lambda: keyring.get_password(SERVICE, name))

    def set(self, name: str, secret: str) -> None:
        """Keep a text."""
        import keyring

        _answered(lambda: keyring.set_password(SERVICE, name, secret))

    def remove(self, name: str) -> None:
        """Forget a text."""
        import keyring

        if self.get(name) is not None:
            _answered(lambda: keyring.delete_password(SERVICE, name))


def system_keyring() -> Keyring | None:
    """The keyring of the system where a real one answers, else None: then secrets go to sealed files."""
    import keyring

    try:
        if float(keyring.get_keyring().priority) < 1:  # "fail", "null" and plain files are no keyrings
            return None
        ring, name, probe = SystemKeyring(), f"probe {secrets.token_hex(4)}", secrets.token_hex(4)
        ring.set(name, probe)
        kept = ring.get(name) == probe
        ring.remove(name)
    except Exception:  # whatever it is made of
        return None
    return ring if kept else None


def _answered(ask: Callable[[], Answer]) -> Answer:
    """What the keyring says. It may wait for a person, so it is asked in a thread that is left behind."""
    found: list[Answer] = []
    wrong: list[Exception] = []

    def work() -> None:
        try:
            found.append(ask())
        except Exception as error:
            wrong.append(error)

    thread = threading.Thread(target=work, name="keyring", daemon=True)
    thread.start()
    thread.join(KEYRING_S)
    if found:
        return found[0]
    # What a backend says may hold what it was given: only its kind is told.
    why = type(wrong[0]).__name__ if wrong else f"no answer within {KEYRING_S:g} s"
    raise StoreError(f"the keyring of this computer does not answer ({why}); unlock it and try again")
