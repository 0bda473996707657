"""A trend on paper or in a picture: black on white, with title, span, legend, plant and time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter, QPen
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtSvg import QSvgGenerator

from engine.types import Alarm, Curve
from hmi.formats import t
from hmi.pens import Pen
from hmi.theme import Theme, colour, font, load_theme
from hmi.widgets.trend_beside import paint_beside
from hmi.widgets.trend_lines import Span
from hmi.widgets.trend_paint import paint_ground
from hmi.widgets.trend_pen import LINE_PX, paint_sample
from hmi.widgets.trend_plot import TrendPlot

PAGE = QSize(1280, 880)
"""Of a page in px at 96 dpi, about the shape of A4 across."""
EDGE_PX, HEAD_PX, FOOT_PX, ROW_PX = 36, 66, 26, 24
PNG_SCALE, PRINT_DPI = 2, 600
WHITE = QColor("white")
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Page:
    """All that stands on it. ``pens`` in colours for white; ``beside`` = the curves of another period.

    ``legend`` = what the dashed lines are, "" = there are none.
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
    beside: Mapping[int, Curve] | None = None
    legend: str = ""


def paper() -> Theme:
    """The day look on white paper, in black."""
    day = load_theme("light")
    ink = msgspec.structs.replace(
        day.colour, background="white", panel="white", control="white", text="black", muted="dimgray"
    )
    return msgspec.structs.replace(day, name="paper", colour=ink)


def paint_page(painter: QPainter, page: Page) -> None:
    """Paint it in an area of `PAGE`."""
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
    _paint_plot(painter, look, page, inner.adjusted(0, HEAD_PX + legend_px, 0, -FOOT_PX - 4))
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
    if page.legend:
        y += ROW_PX
        painter.drawText(
            QRectF(box.left(), y, box.width(), ROW_PX), _LEFT, t("Dashed: {when}", when=page.legend)
        )
    return y - box.top() + ROW_PX + 8


def _paint_plot(painter: QPainter, look: Theme, page: Page, box: QRectF) -> None:
    plot = TrendPlot(look)
    try:
        plot.resize(round(box.width()), round(box.height()))
        plot.set_place(page.zone, page.locale)
        plot.set_pens(page.pens)
        plot.beside = page.beside or {}
        plot.over.append(lambda of, scene: paint_beside(of, plot, plot.beside, scene))
        plot.due(page.now_us)
        plot.set_alarms(page.alarms)
        plot.show_curves(page.span, page.curves)
        painter.save()
        painter.translate(box.topLeft())
        scene = plot.scene()
        paint_ground(painter, scene)
        plot.paint_curves(painter, scene)
        painter.restore()
    finally:
        plot.deleteLater()


def save_png(page: Page, path: Path) -> bool:
    """Write a picture; False = the file cannot be written."""
    image = QImage(PAGE * PNG_SCALE, QImage.Format.Format_RGB32)
    image.fill(WHITE)
    with QPainter(image) as painter:
        painter.scale(PNG_SCALE, PNG_SCALE)
        paint_page(painter, page)
    return QImageWriter(str(path), b"png").write(image)


def save_svg(page: Page, path: Path) -> bool:
    """Write a drawing; False = the file cannot be written."""
    made = QSvgGenerator()
    made.setFileName(str(path))
    made.setSize(PAGE)
    made.setViewBox(QRect(0, 0, PAGE.width(), PAGE.height()))
    made.setTitle(page.title)
    made.setDescription(page.over)
    painter = QPainter()
    if not painter.begin(made):
        return False
    paint_page(painter, page)
    return painter.end()


def printer() -> QPrinter:
    """A printer whose page lies across."""
    made = QPrinter(QPrinter.PrinterMode.HighResolution)
    made.setPageOrientation(made.pageLayout().orientation().Landscape)
    return made


def print_page(page: Page, to: QPrinter) -> bool:
    """Print it, as large as the paper lets it be; False = the printer refuses."""
    painter = QPainter()
    if not painter.begin(to):
        return False
    area = to.pageRect(QPrinter.Unit.DevicePixel)
    scale = min(area.width() / PAGE.width(), area.height() / PAGE.height())
    painter.scale(scale, scale)
    paint_page(painter, page)
    return painter.end()
