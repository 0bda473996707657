"""What a trend draws as CSV. The file is written in a thread of its own; no Qt."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from engine import paths
from engine.types import Curve, cell
from hmi.formats import t
from hmi.pens import Pen
from hmi.widgets.trend_lines import Span

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def stamp(time_us: int) -> str:
    """UTC microseconds as RFC 3339 with milliseconds, and finer where it is."""
    text = (_EPOCH + timedelta(microseconds=time_us)).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return f"{text if time_us % 1000 else text[:-3]}Z"


def rows(pens: Sequence[Pen], curves: Mapping[int, Curve], span: Span) -> Iterator[str]:
    """The lines of the file: a head, then one row for every instant at which a pen has a point.

    A pen has one column, or two (smallest and largest) where points stand for several samples, and one
    for its quality: good, uncertain, or no data. A pen without a point at an instant has empty cells.
    Times are UTC.
    """
    drawn = [(pen, _inside(curves[pen.index], span)) for pen in pens if pen.index in curves]
    wide = [
        bool(np.any(curve.low[np.isfinite(curve.low)] != curve.high[np.isfinite(curve.low)]))
        for _, curve in drawn
    ]
    head = ["time_utc"]
    for (pen, _), is_wide in zip(drawn, wide, strict=True):
        path = pen.path or pen.name
        name = f"{path} [{pen.unit}]" if pen.unit else path
        head += [f"{name} min", f"{name} max"] if is_wide else [name]
        head.append(f"{path} quality")
    yield ",".join(map(cell, head))
    table: dict[int, list[str]] = {}
    at = 0
    for (_, curve), is_wide in zip(drawn, wide, strict=True):
        for time_us, cells in _points(curve, is_wide):
            row = table.setdefault(time_us, [""] * (len(head) - 1))
            # Of two points at one instant the one with a value counts.
            if cells[0] or not row[at]:
                row[at : at + len(cells)] = cells
        at += 3 if is_wide else 2
    for time_us in sorted(table):
        yield ",".join((stamp(time_us), *table[time_us]))


def _points(curve: Curve, is_wide: bool) -> Iterator[tuple[int, list[str]]]:
    points = zip(
        curve.time_us.tolist(),
        curve.low.tolist(),
        curve.high.tolist(),
        curve.uncertain.tolist(),
        strict=True,
    )
    for time_us, low, high, uncertain in points:
        is_known = low == low
        values = [repr(low), repr(high)] if is_known else ["", ""]
        quality = t("no data") if not is_known else t("uncertain") if uncertain else t("good")
        yield time_us, [*values[: 1 + is_wide], quality]


def _inside(curve: Curve, span: Span) -> Curve:
    kept = (curve.time_us >= span.start_us) & (curve.time_us <= span.end_us)
    return Curve(curve.time_us[kept], curve.low[kept], curve.high[kept], curve.uncertain[kept])


class Export:
    """One file on its way. ``note`` says how it went once `is_done`."""

    def __init__(self, path: Path, pens: Sequence[Pen], curves: Mapping[int, Curve], span: Span) -> None:
        self.note = ""
        self._path, self._what = path, (tuple(pens), dict(curves), span)
        self._thread = threading.Thread(target=self._write, name="trend export", daemon=True)
        self._thread.start()

    @property
    def is_done(self) -> bool:
        """The file is there, or will not be."""
        return not self._thread.is_alive()

    def wait(self) -> None:
        """Until it is done."""
        self._thread.join()

    def _write(self) -> None:
        lines = list(rows(*self._what))
        try:
            # With a mark of its encoding: spreadsheets take °C for something else without it.
            paths.replace_file(self._path, "\r\n".join((*lines, "")).encode("utf-8-sig"))
        except OSError as error:
            why = error.strerror or str(error)
            self.note = t("Nothing was exported: {why}. Choose another folder.", why=why)
            return
        self.note = t("{n} rows are in {file}.", n=len(lines) - 1, file=self._path)
