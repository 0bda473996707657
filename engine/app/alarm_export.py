"""The alarm journal as a file or a stream: CSV, JSON lines or Parquet, the newest change first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import msgspec

from engine.clock import rfc3339
from engine.historian.export import Format, written
from engine.historian.reading import Cancelled, Watch
from engine.store.alarm_journal import AlarmJournal
from engine.store.alarm_query import Wanted
from engine.types import AlarmChange, cell

AT_ONCE = 2000
Portions = Iterable[tuple[float, Sequence[AlarmChange]]]


class Line(msgspec.Struct, frozen=True):
    """A change as a row of a file; times are RFC 3339 UTC, ``state`` the letter of ISA-18.2 after it."""

    time: str
    source_time: str
    what: str
    state: str
    priority: int
    path: str
    kind: str
    name: str
    message: str
    alarm_class: str
    value: float | None
    limit: float | None
    by: str
    text: str
    until: str | None
    alarm: int
    seq: int


COLUMNS = Line.__struct_fields__


class Writer(Protocol):
    """Puts changes into a file that somebody else opens and closes."""

    def put(self, changes: Sequence[AlarmChange]) -> None:
        """Add changes."""
        ...

    def end(self) -> None:
        """All changes were put."""
        ...


def export(
    journal: AlarmJournal, wanted: Wanted, path: Path, format: Format, watch: Watch | None = None
) -> int:
    """Write all changes that are wanted to a file; returns how many. It is there whole or not at all.

    Raises:
        Cancelled: ``watch`` said so.
        OSError: the file cannot be written.
        StoreError: the journal cannot be read.
    """
    with written(path) as file:
        return copy(journal.portions(wanted, AT_ONCE), writer(file, format, mark=True), watch)


def copy(portions: Portions, to: Writer, watch: Watch | None = None) -> int:
    """Every change to a writer; returns how many. Raises Cancelled where ``watch`` says so."""
    try:
        count = _put_all(portions, to, watch)
    except BaseException:
        with suppress(Exception):  # what went wrong before is what counts
            to.end()
        raise
    to.end()
    return count


def _put_all(portions: Portions, to: Writer, watch: Watch | None) -> int:
    count = 0
    for done, changes in portions:
        to.put(changes)
        count += len(changes)
        if watch is not None and not watch(min(done, 1.0)):
            raise Cancelled("the export was stopped")
    return count


def writer(file: BinaryIO, format: Format, *, mark: bool = False) -> Writer:
    """What puts changes into a file of this format. ``mark`` = begin a CSV with the mark of UTF-8."""
    if format == "parquet":
        return ParquetWriter(file)
    if format == "json":
        encode = msgspec.json.Encoder().encode_lines
        return LineWriter(file, lambda lines: encode(lines))
    head = ",".join(COLUMNS) + "\r\n"
    file.write(head.encode("utf-8-sig" if mark else "utf-8"))
    return LineWriter(file, _csv)


class LineWriter:
    """One line a change."""

    def __init__(self, file: BinaryIO, encode: Callable[[Sequence[Line]], bytes]) -> None:
        self._file, self._encode = file, encode

    def put(self, changes: Sequence[AlarmChange]) -> None:
        """Add changes."""
        self._file.write(self._encode([line(each) for each in changes]))

    def end(self) -> None:
        """Nothing is left to do."""


class ParquetWriter:
    """One table with real times and numbers; a text is kept as it is, for it is no cell of a sheet."""

    def __init__(self, file: BinaryIO) -> None:
        from engine.historian.parquet import UTC_US, WORD, arrow, files  # a large library, for this alone

        kinds: dict[str, Any] = {
            **dict.fromkeys(("time", "source_time", "until"), UTC_US),
            **dict.fromkeys(("value", "limit"), arrow.float64()),
            **dict.fromkeys(("message", "text"), arrow.string()),
            **dict.fromkeys(("priority", "alarm", "seq"), arrow.int64()),
        }
        self._arrow = arrow
        self._schema = arrow.schema([(name, kinds.get(name, WORD)) for name in COLUMNS])
        self._out: Any = files.ParquetWriter(file, self._schema, compression="zstd")

    def put(self, changes: Sequence[AlarmChange]) -> None:
        """Add changes."""
        columns = zip(*map(_typed, changes), strict=True)
        arrays = [
            self._arrow.array(each, kind) for each, kind in zip(columns, self._schema.types, strict=True)
        ]
        if arrays:
            self._out.write_batch(self._arrow.record_batch(arrays, schema=self._schema))

    def end(self) -> None:
        """Write the end of the file."""
        self._out.close()


def line(change: AlarmChange) -> Line:
    """A change as a row."""
    c = change
    until = rfc3339(c.until_us) if c.until_us else None
    return Line(
        *(rfc3339(c.time_us), rfc3339(c.source_us), c.what, c.letter, c.priority, c.path, c.kind, c.name),
        *(c.message, c.alarm_class, c.value, c.limit, c.by, c.text, until, c.alarm, c.seq),
    )


def _typed(change: AlarmChange) -> tuple[Any, ...]:
    """The same with times in microseconds."""
    times = change.time_us, change.source_us
    fields = msgspec.structs.astuple(line(change))
    return (*times, *fields[2:14], change.until_us or None, *fields[15:])


def _csv(lines: Sequence[Line]) -> bytes:
    return "".join(",".join(map(_cell, msgspec.structs.astuple(each))) + "\r\n" for each in lines).encode()


def _cell(value: object) -> str:
    if value is None:
        return ""
    return cell(value) if isinstance(value, str) else repr(value)
