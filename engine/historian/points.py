"""Curves as a table: what `minmax` draws, a row for each point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Literal

import msgspec

from engine.historian.export import Format, stamps
from engine.types import History, Tag, cell


class Point(msgspec.Struct, frozen=True):
    """A point of a curve: smallest and largest value from here to the next one; bad = a gap."""

    tag: str
    source_time: str
    low: float | None
    high: float | None
    unit: str
    quality: Literal["good", "uncertain", "bad"]


def copy_points(
    history: History,
    tags: Sequence[Tag],
    span: tuple[int, int],
    points: int,
    file: BinaryIO,
    format: Format,
    *,
    mark: bool = False,
) -> int:
    """The curves of tags over [start, end), at most two rows for each of ``points``; returns the rows.

    ``mark`` = begin a CSV with the mark of UTF-8.
    """
    found = [point for tag in tags for point in curve_points(history, tag, span, points)]
    if format == "parquet":
        from engine.historian.parquet import write_points  # a large library, for this alone

        write_points(file, found)
    elif format == "json":
        file.write(msgspec.json.Encoder().encode_lines(found))
    else:
        rows = [Point.__struct_fields__, *(map(_cell, msgspec.structs.astuple(point)) for point in found)]
        file.write("".join(",".join(row) + "\r\n" for row in rows).encode("utf-8-sig" if mark else "utf-8"))
    return len(found)


def curve_points(history: History, tag: Tag, span: tuple[int, int], points: int) -> Iterator[Point]:
    """The points of one curve that lie within the span."""
    start_us, end_us = span
    curve = history.minmax(tag.tag_id, start_us, end_us, points)
    columns = curve.time_us, stamps(curve.time_us), curve.low, curve.high, curve.uncertain
    for time_us, stamp, low, high, uncertain in zip(*columns, strict=True):
        if start_us <= time_us < end_us:
            if low != low:
                yield Point(tag.path, stamp, None, None, tag.unit, "bad")
            else:
                word = "uncertain" if uncertain else "good"
                yield Point(tag.path, stamp, float(low), float(high), tag.unit, word)


def _cell(each: str | float | None) -> str:
    if each is None:
        return ""
    return cell(each) if isinstance(each, str) else repr(each)
