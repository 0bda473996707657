"""A disk that remembers every write, and what it would hold had the power been cut at any moment.

Writes that were not synced may be there, or not, each by itself and in any order; a synced one is
there. Only for test databases: SQLite is the copy that apsw brings, which also knows how to be told
of another file system.
"""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

SECTOR = 512


@dataclass(frozen=True)
class Write:
    """One thing that was asked of the disk."""

    name: str
    kind: str
    offset: int = 0
    content: bytes = b""
    other: str = ""


class Disk(apsw.VFS):
    """The real file system, with a list of all that was asked of it, in order."""

    def __init__(self, name: str) -> None:
        self.name, self.log = name, list[Write]()
        self._lock = threading.Lock()
        super().__init__(name, "")

    def note(self, write: Write) -> int:
        with self._lock:
            self.log.append(write)
            return len(self.log)

    def xOpen(self, name: Any, flags: Any) -> Any:  # noqa: N802
        return File(self, name, flags)

    def xDelete(self, name: str, sync: bool) -> None:  # noqa: N802
        self.note(Write(name, "delete"))
        super().xDelete(name, sync)

    def connect(self, path: Path) -> Connection:
        return Connection(apsw.Connection(str(path), vfs=self.name))

    def image(self, folder: Path, cut: int, seed: int) -> None:
        """The files as they may be found after a power cut at moment ``cut`` (a length of the log)."""
        rnd, log = random.Random(seed), self.log[:cut]
        synced = {write.name: k for k, write in enumerate(log) if write.kind == "sync"}
        files: dict[str, bytearray] = {}
        for k, write in enumerate(log):
            if write.kind == "rename":
                files[write.other] = files.pop(write.name, bytearray())
                synced[write.other] = max(synced.get(write.other, -1), k)
            elif write.kind == "delete":
                files.pop(write.name, None)
            elif write.kind == "create":
                files.setdefault(write.name, bytearray())
            elif k <= synced.get(write.name, -1) or rnd.random() < 0.5:
                apply(files.setdefault(write.name, bytearray()), write, rnd, k > synced.get(write.name, -1))
        for name, content in files.items():
            (folder / Path(name).name).write_bytes(content)


def apply(file: bytearray, write: Write, rnd: random.Random, torn: bool) -> None:
    if write.kind == "truncate":
        del file[write.offset :]
    if write.kind != "write":
        return
    content = write.content
    if torn and rnd.random() < 0.3:  # the power went in the middle of this one
        content = content[: rnd.randrange(0, len(content) + 1, SECTOR)]
    end = write.offset + len(content)
    file.extend(bytes(max(0, end - len(file))))
    file[write.offset : end] = content


class File(apsw.VFSFile):
    """One file of it."""

    def __init__(self, disk: Disk, name: Any, flags: Any) -> None:
        self.disk = disk
        self.name = name.filename() if hasattr(name, "filename") else str(name)
        super().__init__("", name, flags)
        disk.note(Write(self.name, "create"))

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self.disk.note(Write(self.name, "write", offset, bytes(data)))
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802
        super().xSync(flags)
        self.disk.note(Write(self.name, "sync"))

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self.disk.note(Write(self.name, "truncate", size))
        super().xTruncate(size)


class Connection:
    """What the store uses of a DB-API connection."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        for pragma in ("busy_timeout=500", "journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}").fetchall()

    def execute(self, sql: str, values: Any = ()) -> Any:
        return self._connection.execute(sql, values)

    def executemany(self, sql: str, rows: Any) -> Any:
        return self._connection.executemany(sql, [flat(row) for row in rows])

    def executescript(self, sql: str) -> None:
        self._connection.execute(sql).fetchall()

    def rollback(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def close(self) -> None:
        self._connection.close()


def flat(row: Any) -> tuple[Any, ...]:
    """apsw takes bytes, where the store hands over the arrays themselves."""
    return tuple(bytes(each) if isinstance(each, memoryview) else each for each in row)
