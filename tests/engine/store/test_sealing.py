"""Where the passphrase is from that seals secrets at rest."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from engine import paths
from engine.store.database import StoreError
from engine.store.sealing import SystemKeyring, passphrase, system_keyring


class Backend(KeyringBackend):
    """A keyring of this test alone."""

    priority = 5  # pyright: ignore

    def __init__(self, wrong: Exception | None = None) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.wrong = wrong

    def get_password(self, service: str, username: str) -> str | None:
        if self.wrong:
            raise self.wrong
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.wrong:
            raise self.wrong
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Backend:
    made = Backend()
    monkeypatch.setattr(keyring, "get_keyring", lambda: made)
    for name in ("get_password", "set_password", "delete_password"):
        monkeypatch.setattr(keyring, name, getattr(made, name))
    return made


def test_credential_comes_before_the_environment_and_that_before_the_machine(tmp_path: Path) -> None:
    (tmp_path / "watchroom").write_text("of the service manager\n")
    given = {"CREDENTIALS_DIRECTORY": str(tmp_path), "WATCHROOM_PASSPHRASE": "of the environment"}
    assert passphrase(given).secret == "of the service manager"
    (tmp_path / "watchroom").unlink()
    assert passphrase(given).secret == "of the environment"
    assert not (paths.user_config() / "machine.secret").exists()
    own = passphrase({})
    assert len(own.secret) >= 43
    assert passphrase({}) == own
    assert own.secret not in repr(own)


def test_secret_of_the_machine_is_closed_to_others_and_refused_when_it_is_not() -> None:
    passphrase({})
    file = paths.user_config() / "machine.secret"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o640)
    with pytest.raises(StoreError, match="other users may read it; make it 0600"):
        passphrase({})


def test_programs_that_start_at_once_agree_on_one_secret() -> None:
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(lambda _: passphrase({}).secret, range(64)))
    assert len(found) == 1
    assert [each.name for each in paths.user_config().iterdir()] == ["machine.secret"]


def test_short_passphrase_is_refused_without_being_told() -> None:
    with pytest.raises(StoreError, match="at least 12 characters") as refused:
        passphrase({"WATCHROOM_PASSPHRASE": "xyzzy"})
    assert "xyzzy" not in str(refused.value)


def test_keyring_that_answers_is_used_and_left_clean(backend: Backend) -> None:
    ring = system_keyring()
    assert ring is not None
    assert backend.kept == {}, "the probe is taken away"
    ring.set("key", "secret")
    assert (ring.get("key"), ring.get("other")) == ("secret", None)
    ring.remove("key")
    ring.remove("key")
    assert backend.kept == {}


def test_keyring_that_fails_is_not_used_and_tells_no_secret(backend: Backend) -> None:
    backend.wrong = RuntimeError("could not store 'hunter2hunter2'")
    assert system_keyring() is None
    with pytest.raises(StoreError) as refused:
        SystemKeyring().set("key", "hunter2hunter2")
    assert "does not answer (RuntimeError)" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_plain_file_or_no_keyring_counts_as_none(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Backend, "priority", 0.5)
    assert system_keyring() is None
