"""The history of a fleet of like assets as tables, put into the buckets that live would have made of it.

A folder has ``telemetry_3h.parquet`` (or .csv): machineID, ``t`` = when the row's means were known, and a
column for each role; ``errors.csv``: datetime, machineID, errorID; ``failures.csv``: datetime, machineID,
failure; and maybe ``repairs.csv``: machineID, since, datetime = a fault that was there, and when it was
repaired before it broke anything. Of maint.csv nothing is ever read, and of machines.csv only the type: a
model that knows the rest learns the calendar.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.prediction.buckets import Buckets

TELEMETRY = ("telemetry_3h.parquet", "telemetry_3h.csv")
LONGEST_BUCKETS = 200_000
"""Of one asset: a single row with a wrong year must not take all memory."""


class TablesRefused(ValueError):
    """The tables cannot be used; the text names file and column and says what to do."""


class Layout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which columns hold what: ``columns`` by role, ``events`` = codes that are counted, in this order.

    ``facts`` = columns of machines.csv by role, each a number, or a text that ends with one (model3).
    """

    columns: dict[str, str]
    events: tuple[str, ...]
    bucket_s: float
    facts: dict[str, str] = {}


@dataclass(frozen=True, slots=True, eq=False)
class Asset:
    """One asset's buckets, and UTC microseconds int64[k] of its failures, ascending, each instant once.

    ``repaired_us`` int64[m, 2] = from when to when there was a fault that was repaired in time: what would
    have followed is not known.
    """

    name: str
    buckets: Buckets
    failures_us: NDArray[np.int64]
    repaired_us: NDArray[np.int64] = field(default_factory=lambda: np.empty((0, 2), np.int64))

    def known_us(self) -> NDArray[np.int64]:
        """When each bucket was known: its end, int64[n]."""
        steps = np.arange(1, len(self.buckets.means) + 1, dtype=np.int64)
        return self.buckets.start_us + steps * self.buckets.bucket_us


@dataclass(frozen=True, slots=True, eq=False)
class Fleet:
    """All assets of the tables, and a sentence for each thing in them that could not be used."""

    assets: tuple[Asset, ...]
    notes: tuple[str, ...]


def read_tables(folder: Path, layout: Layout) -> Fleet:
    """The fleet in ``folder``. Odd rows are left out, and counted in the notes.

    Raises:
        TablesRefused: a table or a column is missing, or nothing in it can be used.
    """
    notes: list[str] = []
    names, time_us, values = _telemetry(folder, layout, notes)
    events = _instants(folder / "errors.csv", "errorID", notes)
    failures = _instants(folder / "failures.csv", "failure", notes)
    repairs = _repairs(folder / "repairs.csv", notes)
    unknown = sorted({code for each in events.values() for _, code in each} - set(layout.events))
    if unknown:
        notes.append(
            f"errors.csv has codes that the model does not know, not counted: {', '.join(unknown[:8])}"
        )
    values = np.column_stack([values, _facts(folder / "machines.csv", layout, names, notes)])
    order = np.lexsort((time_us, names))
    names, time_us, values = names[order], time_us[order], values[order]
    found, starts = np.unique(names, return_index=True)
    assets: list[Asset] = []
    for name, start, end in zip(found, starts, [*starts[1:], len(names)], strict=True):
        label = str(name)
        buckets = _buckets(label, time_us[start:end], values[start:end], events.get(label, ()), layout, notes)
        failed = np.unique(np.array([at for at, _ in failures.get(label, ())], np.int64))
        repaired = np.array(repairs.get(label, ()), np.int64).reshape(-1, 2)
        assets.append(Asset(label, buckets, failed, repaired))
    strange = sorted((set(events) | set(failures)) - set(map(str, found)))
    if strange:
        notes.append(f"{len(strange)} machines have errors or failures and no telemetry; they are left out")
    return Fleet(tuple(assets), tuple(notes))


def _telemetry(
    folder: Path, layout: Layout, notes: list[str]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    file = next((folder / each for each in TELEMETRY if (folder / each).is_file()), None)
    if file is None:
        raise TablesRefused(
            f"{folder} has no {TELEMETRY[0]} (nor .csv); give the folder that holds the tables"
        )
    table = _parquet(file) if file.suffix == ".parquet" else _csv_columns(file)
    for column in ("machineID", "t", *layout.columns.values()):
        if column not in table:
            raise TablesRefused(f"{file} has no column {column!r}; it has {', '.join(sorted(table))}")
    names, time = _numbers(table["machineID"]), _times(table["t"])
    values = np.stack([_numbers(table[each]) for each in layout.columns.values()], axis=1)
    usable = np.isfinite(names) & ~np.isnat(time)
    if not usable.all():
        notes.append(f"{file.name}: {int((~usable).sum())} rows without a machine or a time are left out")
    if not usable.any():
        raise TablesRefused(f"{file} has no row with a machine and a time; check how it was written")
    kept = values[usable]
    kept[~np.isfinite(kept)] = np.nan
    return names[usable].astype(np.int64), time[usable].astype(np.int64), kept.astype(np.float32)


def _facts(file: Path, layout: Layout, names: NDArray[np.int64], notes: list[str]) -> NDArray[np.float32]:
    """float32[rows, facts], NaN where the table does not tell."""
    found = np.full((len(names), len(layout.facts)), np.nan, np.float32)
    if not layout.facts:
        return found
    table: Mapping[str, NDArray[np.object_]] = _csv_columns(file) if file.is_file() else {}
    missing = [each for each in ("machineID", *layout.facts.values()) if each not in table]
    if missing:
        notes.append(f"{file.name} does not tell {', '.join(missing)}; it is taken as missing")
        return found
    of = {name: row for row, name in enumerate(_numbers(table["machineID"]).tolist())}
    place = np.array([of.get(float(name), -1) for name in names.tolist()])
    for column, each in enumerate(layout.facts.values()):
        numbers = np.array([_number(re.sub(r"^\D+", "", str(text))) for text in table[each].tolist()])
        found[:, column] = np.where(place >= 0, numbers[place], np.nan)
    return found


def _buckets(
    name: str,
    time_us: NDArray[np.int64],
    values: NDArray[np.float32],
    events: Sequence[tuple[int, str]],
    layout: Layout,
    notes: list[str],
) -> Buckets:
    """Rows of one asset, ascending in time, on a grid that starts with the first.

    A row between two steps counts for the later one: nothing is known before it was.
    """
    bucket_us = round(layout.bucket_s * 1e6)
    start_us = int(time_us[0]) - bucket_us
    at = -(-(time_us - time_us[0]) // bucket_us)
    inside = at < LONGEST_BUCKETS
    fresh = np.concatenate([[True], at[1:] != at[:-1]]) & inside
    if not fresh.all():
        notes.append(
            f"machine {name}: {int((~fresh).sum())} rows of a step that has one already are left out"
        )
    at = at[fresh]
    means = np.full((int(at[-1]) + 1, values.shape[1]), np.nan, np.float32)
    means[at] = values[fresh]
    counts = np.zeros((len(means), len(layout.events)), np.int32)
    place = {code: column for column, code in enumerate(layout.events)}
    for instant, code in events:
        row = (instant - start_us) // bucket_us
        if code in place and 0 <= row < len(counts):
            counts[row, place[code]] += 1
    coverage = np.isfinite(means).astype(np.float32)
    return Buckets(
        start_us, bucket_us, means, coverage, counts, (*layout.columns, *layout.facts), layout.events
    )


def _instants(file: Path, column: str, notes: list[str]) -> dict[str, list[tuple[int, str]]]:
    """Time and code of each row, by machine."""
    if not file.is_file():
        raise TablesRefused(
            f"{file} is missing; the journal is an input, and without it nothing is predicted"
        )
    table = _csv_columns(file)
    for each in ("datetime", "machineID", column):
        if each not in table:
            raise TablesRefused(f"{file} has no column {each!r}; it has {', '.join(sorted(table))}")
    time, names = _times(table["datetime"]), _numbers(table["machineID"])
    usable = np.isfinite(names) & ~np.isnat(time)
    if not usable.all():
        notes.append(f"{file.name}: {int((~usable).sum())} rows without a machine or a time are left out")
    found: dict[str, list[tuple[int, str]]] = {}
    for row in np.flatnonzero(usable):
        entry = (int(time[row].astype(np.int64)), str(table[column][row]))
        found.setdefault(str(int(names[row])), []).append(entry)
    return found


def _repairs(file: Path, notes: list[str]) -> dict[str, list[tuple[int, int]]]:
    """Since when, and until when, by machine; none where there is no such table."""
    if not file.is_file():
        return {}
    begun = _instants(file, "since", notes)
    found: dict[str, list[tuple[int, int]]] = {}
    for name, rows in begun.items():
        spans = [(int(_time(since).astype(np.int64)), until_us) for until_us, since in rows]
        found[name] = sorted(each for each in spans if 0 < each[0] < each[1])
        if len(found[name]) < len(rows):
            notes.append(
                f"{file.name}: {len(rows) - len(found[name])} repairs of machine {name} have no beginning "
                "before their end; they are left out"
            )
    return found


def _csv_columns(file: Path) -> Mapping[str, NDArray[np.object_]]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        reader = csv.DictReader(text)
        names = list(reader.fieldnames or ())  # a table may have no row: nothing was repaired yet
        rows = list(reader)
    if not names:
        raise TablesRefused(f"{file} is empty; write the table again, with a line of column names first")
    return {name: np.array([row.get(name) for row in rows], object) for name in names}


def _parquet(file: Path) -> Mapping[str, NDArray[np.generic]]:
    from pyarrow import parquet  # pyright: ignore[reportMissingTypeStubs] - a large library, for this alone

    try:
        table = parquet.read_table(file)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        return {name: table[name].to_numpy() for name in table.column_names}  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    except (OSError, ValueError) as error:
        raise TablesRefused(
            f"{file} cannot be read as Parquet ({str(error)[:200]}); write it again"
        ) from error


def _numbers(column: NDArray[np.generic]) -> NDArray[np.float64]:
    if column.dtype != object:
        return column.astype(np.float64)
    return np.array([_number(each) for each in column.tolist()], np.float64)


def _number(text: object) -> float:
    try:
        return float(str(text))
    except ValueError:
        return float("nan")


def _times(column: NDArray[np.generic]) -> NDArray[np.datetime64]:
    if column.dtype.kind == "M":
        return column.astype("datetime64[us]")
    return np.array([_time(each) for each in column.tolist()], "datetime64[us]")


def _time(text: object) -> np.datetime64:
    try:
        return np.datetime64(str(text).strip().removesuffix("Z"), "us")
    except ValueError:
        return np.datetime64("NaT", "us")
