"""A trend on paper or in a picture: black on white, with title, span, legend, plant and time."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QIODevice, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter, QPen, QPolygonF
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtSvg import QSvgGenerator

from engine.types import Alarm, Curve, Gap
from hmi.alarm_spells import NO_HISTORY, AlarmHistory
from hmi.displays.paper import whole
from hmi.displays.press import Progress, Refused, Stopped
from hmi.formats import t
from hmi.pens import Pen
from hmi.theme import Theme, colour, font, load_theme
from hmi.widgets import trend_alarms as strip
from hmi.widgets import trend_holes as holes
from hmi.widgets import trend_marks as marks
from hmi.widgets import trend_scene as scenes
from hmi.widgets.trend_alarm_lanes import lanes_of
from hmi.widgets.trend_beside import paint_beside
from hmi.widgets.trend_curves import Draw, Pieces, paint_pens
from hmi.widgets.trend_forecast import Ahead, paint_ahead
from hmi.widgets.trend_lines import Span
from hmi.widgets.trend_paint import paint_ground, paint_limit_names, paint_times
from hmi.widgets.trend_pen import LINE_PX, paint_sample
from hmi.widgets.trend_plot import Strokes
from hmi.widgets.trend_scene import Scene

PAGE = QSize(1280, 880)
"""Of a page in px at 96 dpi, about the shape of A4 across."""
EDGE_PX, HEAD_PX, FOOT_PX, ROW_PX = 36, 66, 26, 24
PNG_SCALE, TENTHS = 2, 10
WRITING = 0.8
"""So much of the work is done when the page is painted."""
WHITE = QColor("white")
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Page:
    """All that stands on it. ``pens`` in colours for white; ``beside`` = the curves of another period.

    ``legend`` = what the dashed lines are, "" = there are none. ``ahead`` = where a pen is heading, and
    ``foreseen`` what is told of that. ``history`` = what alarms of the pens did.
    """

    title: str
    over: str
    plant: str
    made: str
    zone: str
    locale: str
    pens: tuple[Pen, ...]
    curves: Mapping[int, Curve]
    span: Span
    now_us: int
    alarms: Sequence[Alarm] = ()
    beside: Mapping[int, Curve] = field(default_factory=dict[int, Curve])
    legend: str = ""
    ahead: Ahead | None = None
    foreseen: str = ""
    gaps: Sequence[Gap] = ()
    history: AlarmHistory = NO_HISTORY
    moment: tuple[int, str] | None = None


def paper() -> Theme:
    """The day look on white paper, in black."""
    day = load_theme("light")
    ink = msgspec.structs.replace(
        day.colour, background="white", panel="white", control="white", text="black", muted="dimgray"
    )
    return msgspec.structs.replace(day, name="paper", colour=ink)


def paint_page(painter: QPainter, page: Page, progress: Progress, strokes: Draw | None = None) -> None:
    """Paint it in an area of `PAGE`. No widget is touched: any thread may do it. Raises: Stopped.

    ``strokes`` = how pieces of lines are drawn, None = as on a screen.
    """
    strokes, drawn = strokes or Strokes(), 0

    def draw(to: QPainter, pieces: NDArray[np.float64]) -> None:
        nonlocal drawn
        drawn += 1
        progress.reach(WRITING * drawn / (drawn + len(page.pens)))
        strokes(to, pieces)

    look, whole = paper(), QRectF(0, 0, PAGE.width(), PAGE.height())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(whole, WHITE)
    inner = whole.adjusted(EDGE_PX, EDGE_PX - 8, -EDGE_PX, -EDGE_PX + 12)
    painter.setPen(colour(look.colour.text))
    painter.setFont(font(look, 24, True))
    painter.drawText(QRectF(inner.left(), inner.top(), inner.width(), 34), _LEFT, page.title)
    painter.setFont(font(look, 15))
    painter.drawText(QRectF(inner.left(), inner.top() + 34, inner.width(), 24), _LEFT, page.over)
    legend_px = _paint_legend(painter, look, page, inner.adjusted(0, HEAD_PX, 0, 0))
    _paint_plot(painter, look, page, inner.adjusted(0, HEAD_PX + legend_px, 0, -FOOT_PX - 4), draw)
    foot = QRectF(inner.left(), inner.bottom() - FOOT_PX, inner.width(), FOOT_PX)
    painter.setPen(QPen(colour(look.colour.outline), 1))
    painter.drawLine(foot.topLeft(), foot.topRight())
    painter.setPen(colour(look.colour.text))
    painter.setFont(font(look, 13))
    painter.drawText(foot, _LEFT, page.plant)
    painter.drawText(foot, _RIGHT, page.made)


def _paint_legend(painter: QPainter, look: Theme, page: Page, box: QRectF) -> float:
    """The pens in as many rows as they need; how high they are."""
    painter.setFont(font(look, 14))
    x, y = box.left(), box.top()
    for pen in page.pens:
        words = f"{pen.name} ({pen.unit})" if pen.unit else pen.name
        width = LINE_PX + 10 + painter.fontMetrics().horizontalAdvance(words) + 26
        if x > box.left() and x + width > box.right():
            x, y = box.left(), y + ROW_PX
        paint_sample(painter, QPointF(x, y + ROW_PX / 2), pen)
        painter.setPen(colour(look.colour.text))
        painter.drawText(QRectF(x + LINE_PX + 10, y, width, ROW_PX), _LEFT, words)
        x += width
    told = t("Dashed: {when}", when=page.legend) if page.legend else ""
    for words in filter(None, (told, page.foreseen)):
        y += ROW_PX
        painter.drawText(QRectF(box.left(), y, box.width(), ROW_PX), _LEFT, words)
    return y - box.top() + ROW_PX + 8


def _paint_plot(painter: QPainter, look: Theme, page: Page, box: QRectF, draw: Draw) -> None:
    scene = _scene(look, page, QRectF(0, 0, round(box.width()), round(box.height())))
    painter.save()
    try:
        painter.translate(box.topLeft())
        paint_ground(painter, scene)
        paint_times(painter, scene)
        painter.setClipRect(scene.plot.adjusted(0, -2, 0, 2))
        holes.paint_holes(painter, scene, scene.drawn())
        strip.paint_active_ground(painter, scene)
        marks.paint_crossed(painter, scene)
        paint_pens(painter, scene, draw)
        paint_beside(painter, scene, page.beside, draw)
        if page.ahead is not None:
            paint_ahead(painter, scene, page.ahead)
        painter.setClipping(False)
        paint_limit_names(painter, scene)
        strip.paint_alarms(painter, scene)
        marks.paint_now(painter, scene)
        marks.paint_moment(painter, scene)
    finally:
        # Also when nobody wants it any more.
        painter.restore()


def _scene(look: Theme, page: Page, whole: QRectF) -> Scene:
    axes = scenes.axes_of(page.pens, ())
    ahead = {} if page.ahead is None else {page.ahead.pen.index: page.ahead.until(page.span.end_us)}
    scenes.fit_axes(axes, (page.curves, page.beside, ahead), look, page.locale)
    shown = scenes.axes_to_show(whole, axes)
    return Scene(
        theme=look,
        whole=whole,
        plot=scenes.plot_area(whole, axes),
        span=page.span,
        now_us=page.now_us,
        zone=page.zone,
        locale=page.locale,
        axes=shown,
        cursor_us=None,
        is_stalled=False,
        hidden_axes=len(axes) - len(shown),
        limits=scenes.limit_lines(axes, page.alarms, page.locale),
        alarms=tuple(page.alarms),
        gaps=tuple(page.gaps),
        pens=page.pens,
        curves=page.curves,
        axis_of=scenes.by_pen(axes),
        history=page.history,
        lanes=lanes_of(page.history),
        moment=page.moment,
    )


def save_png(page: Page, path: Path, progress: Progress) -> None:
    """Write a picture. Raises: Refused, Stopped."""
    image = QImage(PAGE * PNG_SCALE, QImage.Format.Format_RGB32)
    if image.isNull():
        raise Refused(t("there is not enough memory for the picture. Close other programs."))
    image.fill(WHITE)
    with QPainter(image) as painter:
        painter.scale(PNG_SCALE, PNG_SCALE)
        paint_page(painter, page, progress)
    made = QBuffer()
    made.open(QIODevice.OpenModeFlag.WriteOnly)
    if not QImageWriter(made, b"png").write(image):
        raise Refused(t("the picture cannot be made."))
    _write(path, bytes(made.data().data()), progress)


def save_svg(page: Page, path: Path, progress: Progress) -> None:
    """Write a drawing. Raises: Refused, Stopped."""
    kept, made = QBuffer(), QSvgGenerator()
    made.setOutputDevice(kept)
    made.setSize(PAGE)
    made.setViewBox(QRect(0, 0, PAGE.width(), PAGE.height()))
    made.setTitle(page.title)
    made.setDescription(page.over)
    with QPainter(made) as painter:
        paint_page(painter, page, progress)
    _write(path, bytes(kept.data().data()), progress)


def _write(path: Path, content: bytes, progress: Progress) -> None:
    """Whole or not at all: a file of that name stays as it is until the new one is on the disk."""
    progress.reach(WRITING)
    with whole(path) as part:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        progress.reach(1.0)


def printer() -> QPrinter:
    """A printer whose page lies across."""
    made = QPrinter(QPrinter.PrinterMode.HighResolution)
    made.setPageOrientation(made.pageLayout().orientation().Landscape)
    return made


def print_pieces(painter: QPainter, pieces: Pieces) -> None:
    """Joined, and in whole tenths of a px: a quarter of the text for the printer to pack.

    It is packed in one go at the end, and all threads wait for that. Strokes of a see-through pen stand
    upright side by side (`hmi.widgets.trend_lines.band`): they become one area.
    """
    if not len(pieces):
        return
    tenths, pen = np.round(pieces * TENTHS), QPen(painter.pen())
    painter.save()
    painter.scale(1 / TENTHS, 1 / TENTHS)
    if pen.color().alpha() < 255:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(pen.color())
        apart = np.flatnonzero(np.diff(tenths[:, 0]) > 1.5 * TENTHS) + 1
        for part in np.split(tenths, apart):
            painter.drawPolygon(_shape(np.concatenate((part[:, :2], part[::-1, 2:]))))
    else:
        pen.setWidthF(pen.widthF() * TENTHS)
        painter.setPen(pen)
        apart = np.flatnonzero((tenths[1:, :2] != tenths[:-1, 2:]).any(axis=1)) + 1
        for part in np.split(tenths, apart):
            painter.drawPolyline(_shape(np.concatenate((part[:1, :2], part[:, 2:]))))
    painter.restore()


def _shape(corners: NDArray[np.float64]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in corners.tolist()])


def print_page(page: Page, to: QPrinter, progress: Progress) -> None:
    """Print it, as large as the paper lets it be. Raises: Refused, Stopped."""
    painter = QPainter()
    if not painter.begin(to):
        raise Refused(t("the printer does not take it. Choose another one."))
    try:
        area = to.pageRect(QPrinter.Unit.DevicePixel)
        scale = min(area.width() / PAGE.width(), area.height() / PAGE.height())
        painter.scale(scale, scale)
        paint_page(painter, page, progress, print_pieces)
        progress.reach(WRITING)
    except Stopped:
        to.abort()
        raise
    finally:
        is_taken = painter.end()
    if not is_taken or to.printerState() == QPrinter.PrinterState.Error:
        raise Refused(t("the printer does not take it. Choose another one."))
