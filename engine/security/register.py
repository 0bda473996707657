"""Everybody, the table of rights and the sealed codes: in memory as they are on disk."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from engine.security.break_glass import Seal
from engine.security.delays import Tries
from engine.security.errors import Denied
from engine.security.people import Kept, key_of
from engine.security.rights import PRESETS
from engine.security.store import Row, SecurityFile, people_rows
from engine.store.database import StoreError
from engine.types.people import Right

T = TypeVar("T")


class Register:
    """The file, read once; every change is on disk before it shows. One loop.

    A file that cannot be used keeps nobody from seeing: ``trouble`` says what is wrong, there is nobody, and
    nothing can be changed.
    """

    def __init__(self, path: Path) -> None:
        self.people: dict[str, Kept] = {}
        self.rights: tuple[Right, ...] = PRESETS
        self.seals: list[Seal] = []
        self.salt = os.urandom(16)
        self.trouble = ""
        self.tries: dict[str, Tries] = {}
        self.version = 1
        """Changes with every change, so that what is made of people may be kept until then."""
        self.changing = asyncio.Lock()
        """Held from looking at what is there until the change is on disk."""
        self._saving: set[asyncio.Task[None]] = set()
        self._file: SecurityFile | None = None
        try:
            self._file = SecurityFile(path)
            self.people, self.seals = self._file.people(), self._file.seals()
            self.rights = self._file.rights() or PRESETS
            self.tries, self.salt = self._file.tries(), self._file.salt(self.salt)
        except StoreError as error:
            self.close()
            self.people, self.trouble = {}, str(error)

    @property
    def is_new(self) -> bool:
        """Whether nobody was ever made here."""
        return not self.people and not self.trouble

    def find(self, name: str) -> Kept | None:
        """Somebody by login name, in any case."""
        return self.people.get(key_of(name))

    def fact(self, name: str, kind: type[T]) -> T | None:
        """Something small that is kept beside the people, None = it never was, or cannot be read."""
        try:
            return None if self._file is None else self._file.fact(name, kind)
        except StoreError:
            return None

    def save_rows(self, rows: Iterable[Row]) -> None:
        """Put rows on disk; blocks.

        Raises:
            StoreError: they are not.
        """
        if self._file is None:
            raise StoreError(self.trouble or "the file of people is closed")
        self._file.save(rows)

    async def keep(
        self,
        people: Sequence[Kept] = (),
        rights: tuple[Right, ...] | None = None,
        seals: Sequence[Seal] = (),
    ) -> None:
        """Change people, the table or seals, all of it or nothing; also when the caller is cancelled.

        Raises:
            Denied: the file cannot be written.
        """
        task = asyncio.create_task(self._keep(people, rights, seals), name="security-save")
        self._saving.add(task)
        task.add_done_callback(self._saving.discard)
        await asyncio.shield(task)

    async def _keep(
        self, people: Sequence[Kept], rights: tuple[Right, ...] | None, seals: Sequence[Seal]
    ) -> None:
        rows: list[Row] = [*people_rows(people), *(("seals", seal.number, seal) for seal in seals)]
        if rights is not None:
            rows.append(("facts", "rights", rights))
        try:
            await asyncio.to_thread(self.save_rows, rows)
        except StoreError as error:
            raise Denied(f"Not done: {error}") from error
        self.people.update({key_of(kept.person.name): kept for kept in people})
        self.rights = self.rights if rights is None else rights
        fresh = {seal.number: seal for seal in seals}
        by_number = {seal.number: seal for seal in self.seals} | fresh
        self.seals = [by_number[number] for number in sorted(by_number)]
        self.version += 1

    def close(self) -> None:
        """Give the file back."""
        if self._file:
            self._file.close()
        self._file = None
