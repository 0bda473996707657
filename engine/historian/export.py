"""Stored samples as a file or a stream: CSV, JSON lines or Parquet, a bounded number of rows at a time."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, Protocol, cast, get_args

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.clock import FIRST_US, LAST_US
from engine.historian.line import rebuild
from engine.historian.reading import Cancelled, Watch
from engine.historian.rolling import reaching
from engine.types import History, Origin, Samples, Tag, cell, quality_word, reason

Format = Literal["csv", "parquet", "json"]
FORMATS: tuple[Format, ...] = get_args(Format)
COLUMNS = ("tag", "source_time", "receive_time", "value", "unit", "quality", "status", "reason", "origin")
MOST_ROWS = 50_000
"""Rows in memory at once; somewhat more where a single chunk or step has more."""
LEAST_SPAN_US, FIRST_SPAN_US, LONGEST_SPAN_US = 1_000_000, 60_000_000, 3_650 * 86_400_000_000
_BAD = np.uint32(0x80000000)
Value = float | int | bool | str | None


class Told(History, Protocol):
    """A history that also knows how much there is, and what the codes of text tags stand for."""

    def count(self, tag_id: int, start_us: int, end_us: int) -> int:
        """About how many samples of the span are stored."""
        ...

    def text(self, code: float) -> str:
        """The text behind a text tag's value, "" where nobody knows."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Some rows of one tag. ``receive_us`` and ``origin`` None = the rows are instants, no stored samples."""

    tag: Tag
    source_us: NDArray[np.int64]
    value: list[Value]
    quality: NDArray[np.uint32]
    receive_us: NDArray[np.int64] | None = None
    origin: NDArray[np.uint8] | None = None


class Writer(Protocol):
    """Puts rows into a file that somebody else opens and closes."""

    def put(self, rows: Rows) -> None:
        """Add rows."""
        ...

    def end(self) -> None:
        """All rows were put."""
        ...


def export(
    history: Told,
    tags: Sequence[Tag],
    start_us: int,
    end_us: int,
    path: Path,
    format: Format,
    step_us: int = 0,
    watch: Watch | None = None,
) -> int:
    """Write tags over [start_us, end_us) to a file; returns the number of rows.

    ``step_us`` 0 = every stored sample, else the value at each step. The file is there whole, or not at
    all: until it is done it grows under another name beside its place.

    Raises:
        Cancelled: ``watch`` said so.
        OSError: the file cannot be written.
    """
    with written(path) as file:
        # With a mark of its encoding: spreadsheets take °C for something else without it.
        return copy(history, tags, start_us, end_us, writer(file, format, mark=True), step_us, watch)


def copy(
    history: Told,
    tags: Sequence[Tag],
    start_us: int,
    end_us: int,
    to: Writer,
    step_us: int = 0,
    watch: Watch | None = None,
) -> int:
    """Every row of the tags to a writer; returns how many. Raises Cancelled where ``watch`` says so."""
    try:
        count = _put_all(history, tags, start_us, end_us, to, step_us, watch)
    except BaseException:
        with suppress(Exception):  # what went wrong before is what counts
            to.end()
        raise
    to.end()
    return count


def _put_all(
    history: Told,
    tags: Sequence[Tag],
    start_us: int,
    end_us: int,
    to: Writer,
    step_us: int,
    watch: Watch | None,
) -> int:
    count = 0
    for k, tag in enumerate(tags):
        for upto_us, samples in portions(history, tag.tag_id, start_us, end_us, step_us):
            rows = _rows(history, tag, samples, is_stored=step_us == 0)
            to.put(rows)
            count += len(rows.value)
            done = (k + (upto_us - start_us) / (end_us - start_us)) / len(tags)
            if watch is not None and not watch(min(done, 1.0)):
                raise Cancelled("the export was stopped")
    return count


def portions(
    history: Told, tag_id: int, start_us: int, end_us: int, step_us: int = 0
) -> Iterator[tuple[int, Samples]]:
    """(how far it is, samples) of [start_us, end_us), about `MOST_ROWS` at a time."""
    span_us, at = FIRST_SPAN_US, start_us
    while at < end_us:
        span_us = _bearable(history, tag_id, at, min(span_us * 8, LONGEST_SPAN_US))
        if step_us:
            count = min(max(min(span_us // step_us, MOST_ROWS), 1), -((at - end_us) // step_us))
            instants = at + step_us * np.arange(count, dtype=np.int64)
            upto = min(at + count * step_us, end_us)
            # Far apart: only the sample that stands there, not all in between.
            last = at + 1 if count == 1 else upto
            yield upto, _at(reaching(history, tag_id, at, last), instants)
        else:
            upto = min(at + span_us, end_us)
            found = history.raw(tag_id, at, upto)
            yield upto, _cut(found, int(found.time_us.searchsorted(at)))
        at = upto


def _bearable(history: Told, tag_id: int, at: int, span_us: int) -> int:
    """So much of a span, halved until it is not too much at once."""
    while span_us > LEAST_SPAN_US and history.count(tag_id, at, at + span_us) > MOST_ROWS:
        span_us //= 2
    return span_us


def _at(samples: Samples, instants: NDArray[np.int64]) -> Samples:
    """What stands at each instant, as samples; none where nothing is known that early."""
    places = samples.time_us.searchsorted(instants, "right") - 1
    known = places >= 0
    instants, places = instants[known], places[known]
    value = rebuild(samples, instants)
    held = samples.value[places]
    value = np.where(np.isfinite(value), value, held)
    quality = samples.quality[places]
    return Samples(instants, instants, value, quality, samples.origin[places], samples.dropped[places])


def _cut(samples: Samples, first: int) -> Samples:
    return Samples(
        *(samples.time_us[first:], samples.receive_us[first:], samples.value[first:]),
        *(samples.quality[first:], samples.origin[first:], samples.dropped[first:]),
    )


def _rows(history: Told, tag: Tag, samples: Samples, *, is_stored: bool) -> Rows:
    usable = np.isfinite(samples.value) & ((samples.quality & _BAD) == 0)
    value = _values(history, tag, samples.value, usable)
    if not is_stored:
        return Rows(tag, samples.time_us, value, samples.quality)
    return Rows(tag, samples.time_us, value, samples.quality, samples.receive_us, samples.origin)


def _values(history: Told, tag: Tag, value: NDArray[np.float64], usable: NDArray[np.bool_]) -> list[Value]:
    """As a person knows them: a text, a truth, a whole number or a number; None = none."""
    kind: Callable[[float], Value] = float
    if tag.type == "string":
        kind = history.text
    elif tag.type == "bool":
        kind = bool
    elif "int" in tag.type:
        kind = int
    return [kind(v) if u else None for v, u in zip(value.tolist(), usable.tolist(), strict=True)]


def writer(file: BinaryIO, format: Format, *, mark: bool = False) -> Writer:
    """What puts rows into a file of this format. ``mark`` = begin a CSV with the mark of UTF-8."""
    if format == "parquet":
        from engine.historian.parquet import ParquetWriter  # a large library, for this alone

        return ParquetWriter(file)
    return CsvWriter(file, mark=mark) if format == "csv" else JsonWriter(file)


class Unwritable(OSError):
    """A file that cannot be written; the text says why and what to do."""

    def __str__(self) -> str:
        return str(self.strerror)


@contextmanager
def written(path: Path) -> Generator[BinaryIO]:
    """A file that comes to its place whole, or leaves nothing.

    Raises:
        Unwritable: and why.
    """
    if path.exists() and not path.is_file():
        # A device of that name would be replaced like any file.
        what = "a folder" if path.is_dir() else "no plain file"
        raise Unwritable(errno.EINVAL, f"{path} is {what}: choose another name", str(path))
    # A name of its own each time: two exports to the same place must not write into each other's file.
    beside = path.with_name(f".{path.name}.{secrets.randbits(62)}")
    try:
        with beside.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException as error:
        beside.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise Unwritable(error.errno, _in_words(error, path), str(path)) from error
        raise


def _in_words(error: OSError, path: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk of {path} is full: free some space, or choose another place"
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}: make it, or choose another"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{path.parent} may not be written to: choose another folder"
    return f"{path} cannot be written: {error.strerror or error}"


class CsvWriter:
    """CSV (RFC 4180): a head, then a line for each row; text never is a formula."""

    def __init__(self, file: BinaryIO, *, mark: bool = False) -> None:
        self._file = file
        head = ",".join(COLUMNS) + "\r\n"
        file.write(head.encode("utf-8-sig" if mark else "utf-8"))

    def put(self, rows: Rows) -> None:
        """Add rows."""
        tag, unit = cell(rows.tag.path), cell(rows.tag.unit)
        said = {status: _csv_quality(status) for status in np.unique(rows.quality).tolist()}
        lines = [
            f"{tag},{source},{receive},{_csv_value(value)},{unit},{said[status]},{origin}\r\n"
            for source, receive, value, status, origin in zip(
                stamps(rows.source_us), _receive(rows, ""), rows.value, rows.quality.tolist(), _origins(rows),
                strict=True,
            )
        ]  # fmt: skip
        self._file.write("".join(lines).encode())

    def end(self) -> None:
        """Nothing is left to do."""


def _csv_value(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return cell(value)
    return repr(int(value)) if isinstance(value, bool) else repr(value)


def _csv_quality(status: int) -> str:
    return f"{quality_word(status)},0x{status:08X},{cell(reason(status))}"


class Line(msgspec.Struct, frozen=True):
    """A stored sample, or what stood at an instant, as one line of JSON; times are RFC 3339 UTC."""

    tag: str
    source_time: str
    receive_time: str | None
    value: float | int | bool | str | None
    unit: str
    quality: str
    status: str
    reason: str
    origin: str | None


class JsonWriter:
    """One JSON object a line."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def put(self, rows: Rows) -> None:
        """Add rows."""
        tag, unit = rows.tag.path, rows.tag.unit
        said = {
            status: (quality_word(status), f"0x{status:08X}", reason(status))
            for status in np.unique(rows.quality).tolist()
        }
        receives = _receive(rows, None)
        columns = stamps(rows.source_us), receives, rows.value, rows.quality.tolist(), _origins(rows)
        lines = (
            Line(tag, source, receive, value, unit, *said[status], origin or None)
            for source, receive, value, status, origin in zip(*columns, strict=True)
        )
        self._file.write(msgspec.json.Encoder().encode_lines(lines))

    def end(self) -> None:
        """Nothing is left to do."""


def stamps(time_us: NDArray[np.int64]) -> list[str]:
    """RFC 3339 in UTC, with microseconds."""
    inside = np.clip(time_us, FIRST_US, LAST_US).view("datetime64[us]")
    return cast(list[str], np.strings.add(np.datetime_as_string(inside, "us"), "Z").tolist())


def _receive(rows: Rows, none: str | None) -> Sequence[str | None]:
    return [none] * len(rows.value) if rows.receive_us is None else stamps(rows.receive_us)


def _origins(rows: Rows) -> list[str]:
    names = [origin.name.lower() for origin in Origin]
    return [""] * len(rows.value) if rows.origin is None else [names[k] for k in rows.origin.tolist()]
