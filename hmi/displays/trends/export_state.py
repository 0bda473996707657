"""What of a trend goes into a file, as a person chose it. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from hmi import formats
from hmi.displays.trends import compare_state
from hmi.formats import t
from hmi.model import Model
from hmi.pens import Pen
from hmi.widgets.trend_selection import Stretch

Format = Literal["csv", "parquet", "png", "svg"]
FORMATS: tuple[tuple[Format, str, str], ...] = (
    ("csv", "CSV", "A table that every spreadsheet reads"),
    ("parquet", "Parquet", "A compact table for analysis"),
    ("png", "PNG", "A picture of the trend"),
    ("svg", "SVG", "A drawing of the trend that stays sharp at any size"),
)
STEPS: tuple[tuple[str, str, int], ...] = (
    ("all", "Every sample", 0),
    ("1s", "1 s", 1_000_000),
    ("1min", "1 min", 60_000_000),
    ("1h", "1 h", 3_600_000_000),
)
PICTURES = ("png", "svg")


def step_us(key: str) -> int:
    """The length of a step in microseconds; 0 = every sample."""
    return next(length for each, _, length in STEPS if each == key)


def stretch(start: str, end: str, zone: str) -> Stretch | str:
    """The stretch that a person typed, or what is wrong with it."""
    first, last = (compare_state.written(each, zone) for each in (start, end))
    if first is None or last is None:
        return t("Type start and end like this: 2026-11-21 13:02")
    return (first, last) if first < last else t("The end is not after the start.")


def body(
    model: Model, pens: Sequence[Pen], span: Stretch, path: Path, format: Format, step: int
) -> dict[str, Any]:
    """What the job ``export`` is asked."""
    return {
        "tags": [model.tags[pen.index].tag_id for pen in pens],
        "start_us": span[0],
        "end_us": span[1],
        "file": str(path),
        "format": format,
        "step_us": step,
    }


def file_name(plant: str, title: str, span: Stretch, zone: str, format: Format) -> str:
    """A name that says what is in the file: ``Body shop, Pressure, 2026-11-21 13.02.csv``."""
    when = f"{formats.local(span[0], zone):%Y-%m-%d %H.%M}"
    words = f"{plant}, {title}, {when}"
    return (
        "".join("-" if each in '/\\:*?"<>|' or not each.isprintable() else each for each in words)
        + f".{format}"
    )


def done(rows: Any, locale: str) -> str:
    """What became of it; the name of the file stands below. ``rows`` = how many, None = it is a picture."""
    if rows is None:
        return t("It is written:")
    return t("{n} rows are written:", n=formats.number(float(rows), 0, locale))
