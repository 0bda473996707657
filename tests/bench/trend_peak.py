"""G12: a trend frame over long histories, our plot and its min/max curves against pyqtgraph's peak mode.

``python -m tests.bench.trend_peak``: 8 pens of 100,000 and of 10,000,000 samples each, every sample of
them in the span, all replaced in each frame, off screen. pyqtgraph gets all samples and thins them
itself (``setDownsampling(auto=True, mode='peak')`` with clip to view), as it is meant to be used. Ours
keeps the smallest and largest of buckets, made once as the ring and the segments do, and makes the curve
of every pen anew in each frame; its plot also has the four axes and the limit lines of the product.
Median milliseconds a frame, three times in turns.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pyqtgraph
from PySide6.QtWidgets import QApplication, QWidget

from engine.live.curve import Entries, envelope
from engine.types import Curve
from hmi import theme
from hmi.widgets.trend_plot import TrendPlot
from tests.bench.harness import Goal, machine, told
from tests.bench.trend_frame import HEIGHT, PENS, WIDTH, pen

SIZES = ((100_000, 30, 2.5), (10_000_000, 4, 50.0))
"""Samples a pen, frames measured, goal."""
SPAN_US = 600_000_000
BUCKET = 4096


def samples(count: int) -> NDArray[np.float64]:
    """One long noisy signal; every pen shows it shifted."""
    rng = np.random.default_rng(1)
    return np.cumsum(rng.normal(size=count)) / 100 + rng.normal(size=count)


def history(value: NDArray[np.float64], start_us: int) -> Entries:
    """What is kept of a long history: the smallest and largest of buckets, or the samples if they are few."""
    size = max(1, min(BUCKET, len(value) // 8192))
    first = np.arange(0, len(value), size)
    low, high = np.minimum.reduceat(value, first), np.maximum.reduceat(value, first)
    times = start_us + np.linspace(0, SPAN_US, len(first), endpoint=False).astype(np.int64)
    none = np.zeros(len(first), np.bool_)
    return Entries(times, low, high, none, none)


def check(value: NDArray[np.float64], curve: Curve) -> None:
    """Raises RuntimeError where the curve does not hold the extremes of the samples."""
    if (np.nanmin(curve.low), np.nanmax(curve.high)) != (value.min(), value.max()):
        raise RuntimeError("a spike is not on the curve")


def measured(draw: Callable[[int], None], widget: QWidget, frames: int) -> list[float]:
    """Milliseconds of each frame after the first two: hand over the data and paint it."""
    spent = []
    for k in range(frames + 2):
        began = time.perf_counter()
        draw(k)
        widget.grab()
        spent.append((time.perf_counter() - began) * 1000)
        QApplication.processEvents()
    return spent[2:]


def ours(value: NDArray[np.float64], frames: int) -> list[float]:
    """The product's plot with curves made anew for every pen and frame."""
    chosen = theme.load_theme("light")
    plot = TrendPlot(chosen)
    plot.resize(WIDTH, HEIGHT)
    plot.set_pens([pen(k, chosen) for k in range(PENS)])
    start_us = 1_790_000_000_000_000
    kept = history(value, start_us)
    check(value, envelope(kept, start_us, start_us + SPAN_US, WIDTH))

    def draw(k: int) -> None:
        now_us = start_us + SPAN_US + k * 2_000_000
        span = plot.due(now_us)
        if span is None:
            raise RuntimeError("the plot was asked for a frame and wanted none")
        moved = Entries(kept.time_us + k * 2_000_000, kept.low, kept.high, kept.gap, kept.uncertain)
        found = {n: envelope(moved, span.start_us, span.end_us, span.pixels) for n in range(PENS)}
        plot.show_curves(span, found)

    return measured(draw, plot, frames)


def theirs(value: NDArray[np.float64], frames: int) -> list[float]:
    """pyqtgraph with all samples, thinning them by itself."""
    plot = pyqtgraph.PlotWidget()
    plot.resize(WIDTH, HEIGHT)
    plot.getPlotItem().disableAutoRange()
    plot.setXRange(0, len(value))
    plot.setYRange(float(value.min()), float(value.max()) + PENS)
    x = np.arange(len(value), dtype=np.float64)
    items = []
    for k in range(PENS):
        item = plot.plot(pen=pyqtgraph.mkPen(theme.load_theme("light").pens[k], width=2))
        item.setDownsampling(auto=True, method="peak")
        item.setClipToView(True)
        items.append(item)
    shifted = value + 0.0

    def draw(k: int) -> None:
        shifted[k] += 0.001
        for item in items:
            item.setData(x, shifted, skipFiniteCheck=True)

    spent = measured(draw, plot, frames)
    plot.close()
    return spent


def main() -> None:
    """Both sizes, both sides in turn, three times."""
    application = QApplication.instance() or QApplication([])
    theme.load_fonts()
    print(machine(("numpy", "pyqtgraph", "PySide6-Essentials")))
    for count, frames, goal in SIZES:
        value = samples(count)
        found: dict[str, list[float]] = {"Watchroom trend": [], "pyqtgraph, peak mode": []}
        for _ in range(3):
            found["Watchroom trend"].append(float(np.median(ours(value, 30))))
            found["pyqtgraph, peak mode"].append(float(np.median(theirs(value, frames))))
        what = f"one frame of {PENS} pens × {count:,} samples at {WIDTH}×{HEIGHT}"
        told(what, "ms", found, [Goal("pyqtgraph, peak mode", goal)], less_is_better=True)
    application.processEvents()


if __name__ == "__main__":
    main()
