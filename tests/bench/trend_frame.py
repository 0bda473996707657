"""What one trend frame costs: our plot against pyqtgraph's, the same curves, in one run.

``python -m tests.bench.trend_frame``: 8 pens (and ours with 32), two points a pixel, all replaced in
each frame, off screen. Prints milliseconds a frame, p50 / p99 / max.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pyqtgraph
from PySide6 import QtCore
from PySide6.QtWidgets import QApplication, QWidget

from engine.types import Curve, LimitKind
from hmi import theme
from hmi.pens import MOST_PENS, Pen, look_of
from hmi.widgets.trend_plot import TrendPlot

WIDTH, HEIGHT, PENS, FRAMES = 1400, 420, 8, 120
UNITS = ("bar", "°C", "kA", "mm", "bar", "°C", "kA", "mm")


def curves(now_us: int, points: int, rng: np.random.Generator, pens: int = PENS) -> list[Curve]:
    """A slow wave with noise for each pen, one bucket a pixel with its smallest and largest value."""
    times = np.linspace(now_us - 600_000_000, now_us, points).astype(np.int64)
    made = []
    for k in range(pens):
        wave = 100 * (k + 1) + 10 * np.sin(times / 6e7 + k) + rng.normal(size=points)
        made.append(Curve(times, wave - 1, wave + 1, np.zeros(points, np.bool_)))
    return made


def frames(draw: Callable[[int], None], widget: QWidget, application: QApplication) -> list[float]:
    """Milliseconds of each frame: hand over the data and paint it."""
    spent = []
    for k in range(FRAMES):
        began = time.perf_counter()
        draw(k)
        widget.grab()
        spent.append((time.perf_counter() - began) * 1000)
        application.processEvents()
    return spent[10:]


def ours(application: QApplication, pens: int = PENS) -> list[float]:
    """The product's own plot, with limit lines."""
    chosen = theme.load_theme("light")
    plot = TrendPlot(chosen)
    plot.resize(WIDTH, HEIGHT)
    plot.set_pens([pen(k, chosen) for k in range(pens)])
    rng = np.random.default_rng(1)

    def draw(k: int) -> None:
        now_us = 1_790_000_000_000_000 + k * 2_000_000
        span = plot.due(now_us)
        if span is None:
            raise RuntimeError("the plot was asked for a frame and wanted none")
        plot.show_curves(span, dict(enumerate(curves(now_us, span.pixels, rng, pens))))

    return frames(draw, plot, application)


def pen(k: int, chosen: theme.Theme) -> Pen:
    """One pen of the benchmark."""
    colour, dash = look_of(k, chosen.pens)
    limits: tuple[tuple[float, LimitKind], ...] = ((100.0 * k + 115, "hh"), (100.0 * k + 112, "h"))
    return Pen(k, f"tag {k}", UNITS[k % len(UNITS)], colour, dash, decimals=1, limits=limits)


def theirs(application: QApplication, axes: int) -> list[float]:
    """pyqtgraph as it is meant to be used: a view box and an axis for each unit, linked in time."""
    plot = pyqtgraph.PlotWidget(axisItems={"bottom": pyqtgraph.DateAxisItem()})
    plot.resize(WIDTH, HEIGHT)
    main = plot.getPlotItem()
    boxes = [main.getViewBox()]
    for k in range(1, axes):
        axis, box = pyqtgraph.AxisItem("right"), pyqtgraph.ViewBox()
        main.layout.addItem(axis, 2, 2 + k)
        main.scene().addItem(box)
        axis.linkToView(box)
        box.setXLink(main)
        boxes.append(box)
    items = []
    for k in range(PENS):
        item = pyqtgraph.PlotCurveItem(pen=pyqtgraph.mkPen(theme.load_theme("light").pens[k], width=2))
        boxes[k % axes].addItem(item)
        items.append(item)
    plot.grab()
    for box in boxes[1:]:
        box.setGeometry(main.getViewBox().sceneBoundingRect())
    rng = np.random.default_rng(1)

    def draw(k: int) -> None:
        now_us = 1_790_000_000_000_000 + k * 600_000
        for item, curve in zip(items, curves(now_us, 1280, rng), strict=True):
            x = np.repeat(curve.time_us / 1e6, 2)
            y = np.stack((curve.low, curve.high), 1).ravel()
            item.setData(x, y)

    spent = frames(draw, plot, application)
    plot.close()
    return spent


def told(name: str, spent: Sequence[float]) -> None:
    """One line of the result."""
    p50, p99 = np.percentile(spent, [50, 99])
    print(f"{name:44s} {p50:6.1f} / {p99:6.1f} / {max(spent):6.1f} ms")


def main() -> None:
    """Run all three, twice, interleaved."""
    application = QApplication.instance() or QApplication([])
    theme.load_fonts()
    versions = f"PySide6 {QtCore.__version__}, pyqtgraph {pyqtgraph.__version__}"
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, {versions}")
    print(f"{PENS} pens at {WIDTH}×{HEIGHT}, {FRAMES - 10} frames each: p50 / p99 / max")
    for _ in range(2):
        told("Watchroom trend, axis for each of 4 units", ours(application))
        told("Watchroom trend, 32 pens", ours(application, MOST_PENS))
        told("pyqtgraph, 4 linked view boxes", theirs(application, 4))
        told("pyqtgraph, one axis for all", theirs(application, 1))


if __name__ == "__main__":
    main()
