"""People, rights and keys in one sealed file that 24 words open: made by the engine, brought back without.

The words (BIP-39, 256 bits) are told once and kept nowhere here. argon2id makes the key of AES-256-GCM from
them; everything in front of the sealed part is bound to it, so that no byte of the file can be changed.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import filelock
import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine import paths
from engine.app.ledger_open import KEYS, ledger_file
from engine.app.login_files import FOLDER as LOGINS
from engine.app.login_files import Carried, LoginFiles
from engine.drivers.driver import Refused
from engine.drivers.opcua.identity import CERTIFICATE, KEY, encrypted, own_identity
from engine.ledger import KeyUnreadable, LedgerError, Reading, SigningKey, from_keyring, seal, unseal
from engine.store.database import StoreError
from engine.store.sealed import Hardness, stretched
from engine.store.sealing import Keyring, passphrase, system_keyring
from engine.store.snapshot import copy_database
from engine.typed import from_json, unpack

FORMAT = "watchroom-people/1"
PEOPLE, BEGUN, LEDGER_KEY = "security.db", "security.db.begun", "ledger.key"
WORDS = 24
MOST_BYTES = 256_000_000
RESTORED = "people.restored"
"""Left for the next engine, which puts it on record."""
OTHER = "the words do not belong to this file, or the file was changed; nothing was restored"


class KeepRefused(Exception):
    """Nothing was kept or restored; the text says why and what to do, and holds no word of the phrase."""


class Head(msgspec.Struct, frozen=True):
    """The open part of a file."""

    format: str
    plant: str
    made_us: int
    salt: str
    nonce: str
    hardness: Hardness


class Content(msgspec.Struct, frozen=True):
    """The sealed part: the file of people, the key of the ledger, our application certificate and its key,
    the passwords of sources.
    """

    people: bytes
    ledger_name: str = ""
    ledger_key: bytes = b""
    certificate: bytes = b""
    key: bytes = b""
    logins: tuple[Carried, ...] = ()

    def __repr__(self) -> str:
        return "Content(...)"


def new_phrase() -> str:
    """24 words of BIP-39 that nobody can guess."""
    from mnemonic import Mnemonic  # takes a moment, and only where a phrase is

    return Mnemonic("english").generate(strength=256)


def checked_phrase(typed: str) -> str:
    """A phrase as a person typed it, in its one form. Four letters of a word are enough.

    Raises:
        KeepRefused: it cannot be right; the text says which word, by number.
    """
    from mnemonic import Mnemonic

    known = Mnemonic("english")
    words = [known.expand_word(each) for each in typed.casefold().split()]
    wrong = [str(at) for at, each in enumerate(words, 1) if each not in known.wordlist]
    if len(words) != WORDS:
        raise KeepRefused(f"a recovery phrase has {WORDS} words, and these are {len(words)}")
    if wrong:
        which = f"word {wrong[0]} is" if len(wrong) == 1 else f"the words {', '.join(wrong)} are"
        raise KeepRefused(f"{which} none of a recovery phrase: look for a slip of the pen")
    if not known.check(" ".join(words)):
        raise KeepRefused("these words do not fit together: one is wrong, or two are in the wrong order")
    return " ".join(words)


def sealed(
    content: Content, phrase: str, plant: str, made_us: int, hardness: Hardness | None = None
) -> bytes:
    """The file's bytes. Slow: argon2id."""
    cost, salt, nonce = hardness or Hardness(), os.urandom(16), os.urandom(12)
    head = msgspec.json.encode(Head(FORMAT, plant, made_us, salt.hex(), nonce.hex(), cost)) + b"\n"
    box = AESGCM(stretched(phrase, salt, cost))
    return head + box.encrypt(nonce, msgspec.msgpack.encode(content), head)


def opened(file: Path, phrase: str) -> tuple[Head, Content]:
    """What a file holds.

    Raises:
        KeepRefused: it is no such file, or the phrase does not open it.
    """
    head, line, rest = _read(file)
    try:
        box = AESGCM(stretched(phrase, bytes.fromhex(head.salt), head.hardness))
        return head, unpack(box.decrypt(bytes.fromhex(head.nonce), rest, line), Content)
    except (InvalidTag, ValueError, msgspec.MsgspecError) as error:
        raise KeepRefused(OTHER) from error


def _read(file: Path) -> tuple[Head, bytes, bytes]:
    if not file.is_file():
        raise KeepRefused(f"{file} is no file")
    if file.stat().st_size > MOST_BYTES:
        raise KeepRefused(f"{file} holds no people of Watchroom: it is too large")
    line, end, rest = file.read_bytes().partition(b"\n")
    try:
        head = from_json(line, Head)
    except msgspec.MsgspecError as error:
        raise KeepRefused(f"{file} holds no people of Watchroom, or is damaged") from error
    if head.format != FORMAT:
        raise KeepRefused(f"{file} is of another version of this program ({head.format[:40]!r})")
    if not head.hardness.is_known:
        raise KeepRefused(f"{file} is damaged: nothing was restored")
    return head, line + end, rest


def gathered(project: Path, now_us: int, keyring: Keyring | None = None) -> Content:
    """What is worth keeping of a project, whether or not its engine runs.

    Raises:
        KeepRefused: the people or a key cannot be read.
    """
    data = paths.data(project)
    try:
        with tempfile.TemporaryDirectory(prefix=".keep-", dir=data) as folder:
            copy = Path(folder) / PEOPLE
            copy_database(data / PEOPLE, copy, lambda _: None)
            people = copy.read_bytes()
        key = ledger_key(project, keyring)
        own = paths.pki(project) / "own" / CERTIFICATE
        identity = own_identity(paths.pki(project), now_us) if own.exists() else None
        logins = LoginFiles(data).carried()
    except (StoreError, LedgerError, Refused, OSError) as error:
        raise KeepRefused(f"nothing was kept: {error}") from error
    return Content(
        people,
        key.name if key else "",
        key.private.private_bytes_raw() if key else b"",
        identity.certificate if identity else b"",
        identity.key if identity else b"",
        logins,
    )


def ledger_key(project: Path, keyring: Keyring | None = None) -> SigningKey | None:
    """The key that signs the ledger of a project now, None = it has no ledger yet.

    Raises:
        LedgerError, StoreError: it cannot be read.
    """
    if not ledger_file(project).exists():
        return None
    reading = Reading(ledger_file(project))
    try:
        signer = reading.keys[-1].key
    finally:
        reading.close()
    for file in (project / "data" / KEYS / LEDGER_KEY, project / "data" / KEYS / f"{LEDGER_KEY}.next"):
        if file.exists():
            key = unseal(file, passphrase().secret)
            if key.verifier() == signer:
                return key
    ring = keyring or system_keyring()
    if ring is not None:
        for name in (signer.name, f"{signer.name} next"):
            if ring.get(name) is not None:
                key = from_keyring(lambda _, name=name: ring.get(name), signer.name)
                if key.verifier() == signer:
                    return key
    raise KeyUnreadable(f"the key of the ledger {signer.name} is not here")


def restore_people(file: Path, project: Path, typed: str, now_us: int) -> list[str]:
    """Bring people, rights and keys back: all or nothing. Returns what was done, in words.

    The people that were there stand afterwards in ``data/people-before-TIME``. Keys are brought back where
    there is none that works: a ledger that changed its key since, or a certificate that servers trust, stays.

    Raises:
        KeepRefused: nothing was changed.
    """
    if not (project / "plant.toml").is_file():
        raise KeepRefused(f"{project} is not a project folder, it holds no plant.toml")
    _read(file)
    phrase = checked_phrase(typed)
    lock = filelock.FileLock(paths.data(project) / "engine.lock")
    try:
        with lock.acquire(timeout=0):
            head, content = opened(file, phrase)
            return _put_back(project.resolve(), head, content, now_us)
    except filelock.Timeout:
        raise KeepRefused(f"an engine runs for {project}: stop it first") from None


def _put_back(project: Path, head: Head, content: Content, now_us: int) -> list[str]:
    data = paths.data(project)
    told = [f"people and rights of {head.plant!r}"]
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=data) as made:
        stage = Path(made)
        new = {PEOPLE: stage / PEOPLE, BEGUN: stage / BEGUN, RESTORED: stage / RESTORED}
        try:
            _write(new[PEOPLE], content.people)
            _write(new[BEGUN], b"people were made here\n")
            told += _stage_ledger_key(project, content, stage, new)
            told += _stage_identity(project, content, stage, new, now_us)
            told += _stage_logins(project, content, stage, new)
            note = {"plant": head.plant, "made_us": head.made_us, "restored_us": now_us, "what": told}
            _write(new[RESTORED], json.dumps(note).encode())
            _swap(data, new, now_us)
        except (OSError, StoreError, LedgerError, Refused) as error:
            raise KeepRefused(f"nothing was restored: {error}") from error
    return told


def _stage_ledger_key(project: Path, content: Content, stage: Path, new: dict[str, Path]) -> list[str]:
    if not content.ledger_key:
        return []
    if not ledger_file(project).exists():
        # With the key and without the entries a second ledger of the same name would begin: a fork.
        return ["not the key of the ledger: there is no ledger here; restore the backup of the project first"]
    try:
        ledger_key(project)
        return ["not the key of the ledger: the one that is here works"]
    except (LedgerError, StoreError):
        pass
    key = SigningKey(content.ledger_name, Ed25519PrivateKey.from_private_bytes(content.ledger_key))
    reading = Reading(ledger_file(project))
    try:
        if reading.keys[-1].key != key.verifier():
            return ["not the key of the ledger: the ledger here is signed with another one since"]
    finally:
        reading.close()
    place = f"{KEYS}/{LEDGER_KEY}"
    new[place] = stage / LEDGER_KEY
    seal(new[place], key, passphrase().secret)
    return ["the key of the ledger"]


def _stage_identity(
    project: Path, content: Content, stage: Path, new: dict[str, Path], now_us: int
) -> list[str]:
    if not content.certificate:
        return []
    own = paths.pki(project) / "own"
    if (own / CERTIFICATE).exists():
        try:
            own_identity(paths.pki(project), now_us)
            return ["not our certificate: the one that is here works"]
        except (OSError, Refused, ValueError):
            pass
    for name, text in ((CERTIFICATE, content.certificate), (KEY, encrypted(content.key))):
        new[f"pki/own/{name}"] = stage / name
        _write(stage / name, text)
    return ["our certificate and its key"]


def _stage_logins(project: Path, content: Content, stage: Path, new: dict[str, Path]) -> list[str]:
    """Passwords of sources that are not here, or cannot be opened; one that works stays."""
    here, beside = LoginFiles(paths.data(project)), LoginFiles(stage)
    missing = [each for each in content.logins if not here.opens(each)]
    for each in missing:
        name = beside.take(each)
        new[f"{LOGINS}/{name}"] = beside.folder / name
    return [f"the password of user '{each.user}' at {each.endpoint}" for each in missing]


def _swap(data: Path, new: Mapping[str, Path], now_us: int) -> None:
    """Put new files in place of old ones; an error puts all of the old ones back."""
    before = data / f"people-before-{now_us // 1_000_000}"
    before.mkdir(mode=0o700)
    moved = list[tuple[Path, Path]]()
    made = list[Path]()
    try:
        for name in (*new, f"{PEOPLE}-wal", f"{PEOPLE}-shm", f"{KEYS}/{LEDGER_KEY}.next"):
            old = data / name
            if old.exists() and (name in new or name.startswith(PEOPLE) or f"{KEYS}/{LEDGER_KEY}" in new):
                kept = before / name
                kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                old.replace(kept)
                moved.append((kept, old))
        for name, file in new.items():
            place = data / name
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file.replace(place)
            made.append(place)
    except OSError:
        for place in made:
            place.unlink(missing_ok=True)
        for kept, old in reversed(moved):
            kept.replace(old)
        shutil.rmtree(before, ignore_errors=True)
        raise
    if not moved:
        before.rmdir()


def restored_note(data: Path) -> dict[str, Any] | None:
    """What a restore left for the ledger, None = there is nothing."""
    try:
        return json.loads((data / RESTORED).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        return {"what": ["people were restored"], "note": f"unreadable: {type(error).__name__}"}


def _write(path: Path, content: bytes) -> None:
    """On disk, and for this user alone."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
