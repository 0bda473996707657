"""What the registry keeps: ``models/registry.json`` and ``models/packages/ID/VERSION/`` with the two files.

``registry.json`` is replaced whole, so at any moment the old or the new state is there. A folder that it
does not name was not imported: it is never looked at, and the next import of that version takes its place.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import msgspec

from engine import paths
from engine.prediction.features import FEATURES
from engine.prediction.files import MODEL, read_files, require_hash, write_files
from engine.prediction.package import Checked, PackageRefused, check
from engine.typed import from_json
from engine.types import ModelCard, ModelRole

STATE, PACKAGES, COMING, DAMAGED = "registry.json", "packages", ".coming", ".damaged"
FORMAT = 1


class Entry(msgspec.Struct, frozen=True):
    """One version that was imported. ``card`` as it was then; ``since_us`` in ``role``, by whom and why.

    ``shadow_us`` = when it began to run in shadow. ``approved`` = the hash that a named engineer promoted.
    """

    card: ModelCard
    role: ModelRole
    since_us: int
    shadow_us: int
    by: str
    why: str
    approved: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Id and version."""
        return self.card.id, self.card.version

    @property
    def place(self) -> str:
        """What it competes for: kind and class of assets."""
        return f"{self.card.kind}:{self.card.asset_class}"


class State(msgspec.Struct, frozen=True):
    """The whole registry. ``before`` = the champion before this one, by kind and class: for one step back."""

    format: int = FORMAT
    entries: tuple[Entry, ...] = ()
    before: dict[str, tuple[str, str]] = {}


class Shelf:
    """The files of a registry in ``folder``, made on first use. One process writes."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.trouble = folder, ""
        self._kept: bytes | None = None
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.rmtree(folder / COMING, ignore_errors=True)

    def load(self) -> State:
        """What was kept last. One that cannot be read is put aside and told in ``trouble``."""
        file = self.folder / STATE
        try:
            content = file.read_bytes()
            found = from_json(content, State)
            if found.format == FORMAT:
                self._kept = content
                return found
            why = f"of a newer version of Watchroom (format {found.format})"
        except FileNotFoundError:
            if any((self.folder / PACKAGES).glob("*/*")):
                self.trouble = (
                    f"{file} is missing: no model predicts; put it back, or import and promote again"
                )
            return State()
        except (msgspec.MsgspecError, RecursionError, OSError) as error:
            why = f"damaged ({error})"
        aside = file.with_name(STATE + DAMAGED)
        file.replace(aside)
        self.trouble = f"{file} is {why}: it is now {aside.name}, no model predicts; import and promote again"
        return State()

    def save(self, state: State) -> None:
        """Keep ``state``: on disk, whole, before this returns."""
        content = msgspec.json.encode(state)
        paths.replace_file(self.folder / STATE, content)
        self._kept, self.trouble = content, ""

    @property
    def changed(self) -> str:
        """Why the file is not what was kept there last, "" = it is. The state in memory goes on."""
        file = self.folder / STATE
        try:
            if self._kept is None or file.read_bytes() == self._kept:
                return ""
        except OSError:
            pass
        return (
            f"{file} was changed or taken away while the engine runs: the models go on as they are, and the "
            "next change of one writes it anew; before that do not stop the engine"
        )

    def place_of(self, card: ModelCard) -> Path:
        """Where a version's files are; id and version have been checked to be plain names."""
        return self.folder / PACKAGES / card.id / card.version

    def bring_in(self, checked: Checked) -> None:
        """Copy a package here: written beside and renamed, so that no half of it is ever in its place."""
        if self._kept is None:
            self.save(State())  # killed after this, there is a registry that knows of no package
        coming = self.folder / COMING
        shutil.rmtree(coming, ignore_errors=True)
        write_files(coming, checked.card, checked.model)
        place = self.place_of(checked.card)
        place.parent.mkdir(parents=True, exist_ok=True)
        _remove(place)  # left by an import that was never finished
        coming.rename(place)
        _settle(place.parent)

    def verify(self, entry: Entry) -> bytes:
        """The version's model file, the same as was imported.

        Raises:
            PackageRefused: card or model is damaged, gone, or another.
        """
        place = self.place_of(entry.card)
        if place.is_symlink() or place.parent.is_symlink():
            raise PackageRefused(f"{place} is a link, and a registry has none; import the package again")
        card, model = read_files(place, FEATURES)
        if card != entry.card:
            raise PackageRefused(f"{place} holds another card than was imported; import the package again")
        require_hash(card, model, place / MODEL)
        return model

    def read(self, entry: Entry) -> Checked:
        """The version's package, looked at as on its import.

        Raises:
            PackageRefused: as `verify`.
        """
        return check(entry.card, self.verify(entry), str(self.place_of(entry.card) / MODEL))


def _remove(place: Path) -> None:
    if place.is_symlink():
        place.unlink()
    else:
        shutil.rmtree(place, ignore_errors=True)


def _settle(folder: Path) -> None:
    if os.name != "posix":
        return
    place = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(place)
    finally:
        os.close(place)
