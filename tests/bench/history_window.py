"""How long a person waits for the past: the first paint of eight pens over 72 h, and zooming into it.

``python -m tests.bench.history_window FOLDER [--shots DIR]``: FOLDER is a project with history whose
engine runs, such as that of ``watchroom demo --history 72h --dir FOLDER``. The window is a real one off
screen at 1366x768 on software graphics. "first" = from the wish to the end of the first paint in which
every pen has a curve of the whole span, however coarse; "all" = until all detail has come. Events are
CPU time of the GUI thread.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtWidgets import QApplication

from hmi.displays.display import Place
from hmi.shell.window import Window
from tests.bench.harness import machine
from tests.bench.smooth import Timed, told
from tests.hmi.looking import see, window

PENS = 8
SPAN_S = 72 * 3600
ZOOM = 2.0
LEAST_S = 0.1
WAIT_S = 60.0


def settled(shown: Window) -> bool:
    """All detail of what the trend shows has come."""
    plot = shown.deck.view.trend.plot  # type: ignore[attr-defined]
    indices = [pen.index for pen in plot.pens]
    detail = shown.deck.feed.past.detail(indices, plot.shown.pixels)
    return bool(detail.part >= 1 and not detail.missing and not detail.trouble)


def covers(shown: Window, part: float) -> bool:
    """Every pen has a curve over this part of the span on show."""
    plot = shown.deck.view.trend.plot  # type: ignore[attr-defined]
    if plot.shown is None or len(plot.curves) < len(plot.pens):
        return False
    start, end, reach = plot.shown.start_us, plot.shown.end_us, []
    for curve in plot.curves.values():
        finite = curve.time_us[np.isfinite(curve.low)]
        inside = finite[(finite >= start) & (finite <= end)]
        reach.append((inside[-1] - inside[0]) / (end - start) if len(inside) > 1 else 0.0)
    return min(reach, default=0.0) >= part


def wait(application: QApplication, shown: Window, began: float, part: float = 0.8) -> tuple[float, float]:
    """ms until the whole span was painted for every pen, and until all detail had come."""
    first = 0.0

    def done() -> bool:
        nonlocal first
        application.processEvents()
        if not first and (not part or covers(shown, part)):
            first = (time.perf_counter() - began) * 1000
        return bool(first) and settled(shown)

    see(done, WAIT_S, what="all detail of the trend")
    return first, (time.perf_counter() - began) * 1000


def main() -> None:
    """Open, look back, zoom in to 100 ms, pan back."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--shots", type=Path)
    asked = parser.parse_args()
    application = Timed()
    print(machine())
    with window(application, asked.folder.resolve()) as (shown, _):
        began = time.perf_counter()
        see(lambda: shown.snapshot is not None, 60, what="values")
        print(f"values on screen after {(time.perf_counter() - began) * 1000:.0f} ms")
        pens = [tag.path for tag in shown.tags if tag.type == "float32" and tag.criticality == "critical"]
        shown.go(Place("trends", "\n".join(pens[:: max(1, len(pens) // PENS)][:PENS])))
        trend = shown.deck.view.trend  # type: ignore[attr-defined]
        see(lambda: len(trend.plot.curves) == PENS, 20, what="the pens")
        application.took.clear()
        began = time.perf_counter()
        trend.keep_span()
        trend.plot.set_span(SPAN_S)
        first, whole = wait(application, shown, began)
        print(f"{PENS} pens over 72 h: first {first:.0f} ms, all {whole:.0f} ms")
        if asked.shots:
            asked.shots.mkdir(parents=True, exist_ok=True)
            shown.grab().save(str(asked.shots / "72h.png"))
        wholes, span = [], float(SPAN_S)
        while span > LEAST_S:
            began = time.perf_counter()
            trend.plot.zoom(ZOOM, trend.plot.plot_rect().center().x())
            span /= ZOOM
            wholes.append(wait(application, shown, began, 0.0)[1])
        print("   ", told("zoom steps to 100 ms, all detail", wholes), [round(each) for each in wholes])
        print("   ", told("events, GUI-thread CPU", [each[0] for each in application.took]))
        print("    slowest:", sorted(application.took, reverse=True)[:4])


if __name__ == "__main__":
    main()
