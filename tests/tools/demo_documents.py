"""Makes the documents of the demo: ``python -m tests.tools.demo_documents FOLDER``; they are committed."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMarginsF, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QGuiApplication,
    QImage,
    QPageSize,
    QPainter,
    QPdfWriter,
    QPen,
    QPolygonF,
)

from tests.tools.manual_text import Page, read
from tests.tools.pdf import Chapter, add_outline

WIDE, HIGH, EDGE, DPI = 595.0, 842.0, 54.0, 300
INK, MUTED, LINE, WARN = QColor("#1E2328"), QColor("#5A626A"), QColor("#AEB5BB"), QColor("#B42318")
FACE = "Inter"


class Sheet:
    """One page being painted, in points, from the top."""

    def __init__(self, painter: QPainter) -> None:
        self.painter, self.y = painter, EDGE

    def text(self, text: str, px: float, bold: bool = False, left: float = 0.0, ink: QColor = INK) -> None:
        """A paragraph over the rest of the width; goes on below it."""
        painter = self.painter
        painter.setFont(_font(px, bold))
        painter.setPen(ink)
        box = QRectF(EDGE + left, self.y, WIDE - 2 * EDGE - left, HIGH)
        flags = int(Qt.TextFlag.TextWordWrap)
        used = painter.boundingRect(box, flags, text)
        painter.drawText(box, flags, text)
        self.y += used.height() + px * 0.35


def _font(px: float, bold: bool = False) -> QFont:
    made = QFont(FACE)
    made.setPixelSize(1)
    made.setPointSizeF(px)
    made.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made


def write(file: Path, name: str, pages: Sequence[Page]) -> None:
    """A manual: one sheet a page, with chapters in its outline."""
    writer = QPdfWriter(str(file))
    writer.setResolution(72)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    writer.setTitle(name)
    writer.setCreator("Watchroom")
    painter = QPainter(writer)
    for number, page in enumerate(pages, start=1):
        if number > 1:
            writer.newPage()
        _paint(painter, name, page, number, pages)
    painter.end()
    add_outline(file, outline(pages))


def outline(pages: Sequence[Page]) -> list[Chapter]:
    """Chapters, and below each its pages."""
    made: list[Chapter] = []
    chapter = ""
    for number, page in enumerate(pages, start=1):
        if not page.chapter:
            made.append((page.heading, number, 0))
            continue
        if page.chapter != chapter:
            chapter = page.chapter
            made.append((chapter, number, 0))
        made.append((page.heading, number, 1))
    return made


def _paint(painter: QPainter, name: str, page: Page, number: int, pages: Sequence[Page]) -> None:
    sheet = Sheet(painter)
    if number == 1:
        sheet.y = 150
        sheet.text(page.heading, 26, True)
        sheet.y += 10
        for words in page.words:
            sheet.text(words, 13, ink=MUTED)
    else:
        _head(sheet, name, page, number, len(pages))
        sheet.text(page.heading, 19, True)
        sheet.y += 6
        if page.warning:
            _warn(sheet, page.warning)
        for words in page.words:
            sheet.text(words, 10.5)
            sheet.y += 2
        for at, step in enumerate(page.steps, start=1):
            top = sheet.y
            sheet.text(f"{at}.", 10.5, True)
            sheet.y = top
            sheet.text(step, 10.5, left=22)
            sheet.y += 2
        if page.table:
            _table(sheet, page.rows)
    drawings = {"circuit": _circuit, "seal": _seal}
    if page.drawing == "contents":
        _contents(sheet, pages)
    elif page.drawing:
        drawings[page.drawing](painter, QRectF(EDGE, max(sheet.y + 14, 460), WIDE - 2 * EDGE, 270))


def _head(sheet: Sheet, name: str, page: Page, number: int, last: int) -> None:
    painter = sheet.painter
    painter.setFont(_font(8.5))
    painter.setPen(MUTED)
    row = QRectF(EDGE, 26, WIDE - 2 * EDGE, 16)
    painter.drawText(row, int(Qt.AlignmentFlag.AlignLeft), page.chapter)
    painter.drawText(row, int(Qt.AlignmentFlag.AlignRight), name)
    foot = QRectF(EDGE, HIGH - 40, WIDE - 2 * EDGE, 16)
    painter.drawText(foot, int(Qt.AlignmentFlag.AlignRight), f"{number} of {last}")
    painter.setPen(QPen(LINE, 0.6))
    painter.drawLine(QPointF(EDGE, 44), QPointF(WIDE - EDGE, 44))
    sheet.y = 62


def _warn(sheet: Sheet, text: str) -> None:
    top = sheet.y + 2
    sheet.y += 12
    sheet.text(text, 10.5, True, left=12, ink=WARN)
    box = QRectF(EDGE, top, WIDE - 2 * EDGE, sheet.y - top + 4)
    sheet.painter.setPen(QPen(WARN, 1))
    sheet.painter.setBrush(Qt.BrushStyle.NoBrush)
    sheet.painter.drawRect(box)
    sheet.y = box.bottom() + 12


def _table(sheet: Sheet, rows: Sequence[Sequence[str]]) -> None:
    painter, columns = sheet.painter, len(rows[0])
    share = [max(len(row[at]) if at < len(row) else 0 for row in rows) + 3 for at in range(columns)]
    wide = [(WIDE - 2 * EDGE) * each / sum(share) for each in share]
    sheet.y += 8
    for at, row in enumerate(rows):
        painter.setFont(_font(9.5, at == 0))
        x, high = EDGE, 14.0
        flags = int(Qt.TextFlag.TextWordWrap)
        for text, width in zip(row, wide, strict=True):
            box = QRectF(x, sheet.y + 3, width - 8, 200)
            painter.setPen(INK)
            high = max(high, painter.boundingRect(box, flags, text).height())
            painter.drawText(box, flags, text)
            x += width
        sheet.y += high + 7
        painter.setPen(QPen(INK if at == 0 else LINE, 0.8 if at == 0 else 0.5))
        painter.drawLine(QPointF(EDGE, sheet.y), QPointF(WIDE - EDGE, sheet.y))


def _contents(sheet: Sheet, pages: Sequence[Page]) -> None:
    for title, number, depth in outline(pages)[1:]:
        top = sheet.y
        size = 9.5 if depth == 0 else 8.2
        sheet.text(title, size, depth == 0, left=14.0 * depth)
        end = sheet.y - (2.2 if depth else 1.4)
        box = QRectF(EDGE, top, WIDE - 2 * EDGE, 20)
        sheet.painter.drawText(box, int(Qt.AlignmentFlag.AlignRight), str(number))
        sheet.y = end


def _label(painter: QPainter, x: float, y: float, text: str) -> None:
    painter.setFont(_font(8.5, True))
    painter.setPen(INK)
    painter.drawText(QPointF(x, y), text)


def _circuit(painter: QPainter, box: QRectF) -> None:
    """Tank, pump, filter, valve, ram, and the way back through the cooler."""
    x, y = box.left(), box.top()
    painter.setPen(QPen(INK, 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    way = [(60, 200), (60, 90), (150, 90), (230, 90), (310, 90), (420, 90), (420, 200), (180, 200)]
    painter.drawPolyline(QPolygonF([QPointF(x + a, y + b) for a, b in way]))
    painter.setBrush(QColor("white"))
    painter.drawRect(QRectF(x + 20, y + 185, 160, 60))
    painter.drawEllipse(QPointF(x + 60, y + 130), 20, 20)
    painter.drawPolygon(
        QPolygonF([QPointF(x + 60, y + 110), QPointF(x + 52, y + 124), QPointF(x + 68, y + 124)])
    )
    painter.drawRect(QRectF(x + 140, y + 76, 34, 28))
    painter.drawRect(QRectF(x + 280, y + 70, 66, 40))
    painter.drawRect(QRectF(x + 396, y + 40, 48, 96))
    painter.drawLine(QPointF(x + 396, y + 100), QPointF(x + 444, y + 100))
    painter.drawRect(QRectF(x + 290, y + 184, 50, 32))
    painter.drawEllipse(QRectF(x + 220, y + 34, 22, 40))
    painter.drawLine(QPointF(x + 231, y + 74), QPointF(x + 231, y + 90))
    for text, a, b in (
        ("oil tank 400 l", 62, 220),
        ("P-501", 86, 134),
        ("filter", 142, 120),
        ("AC-1, AC-2", 208, 28),
        ("V-502", 298, 94),
        ("ram", 410, 156),
        ("cooler", 298, 204),
    ):
        _label(painter, x + a, y + b, text)


def _seal(painter: QPainter, box: QRectF) -> None:
    """Shaft, cover, seal with its lip, O-ring: cut through the middle."""
    x, y = box.left() + 40, box.top() + 40
    painter.setPen(QPen(INK, 1.1))
    painter.setBrush(QColor("#E8EBEE"))
    painter.drawRect(QRectF(x, y + 90, 380, 44))
    painter.setBrush(QColor("#C9CFD5"))
    painter.drawRect(QRectF(x + 60, y + 10, 90, 80))
    painter.drawRect(QRectF(x + 150, y + 30, 40, 60))
    painter.setBrush(QColor("#41566B"))
    lip = [(152, 60), (188, 60), (188, 70), (166, 70), (160, 90), (152, 90)]
    painter.drawPolygon(QPolygonF([QPointF(x + a, y + b) for a, b in lip]))
    painter.setBrush(INK)
    painter.drawEllipse(QPointF(x + 150, y + 36), 4, 4)
    painter.setPen(QPen(LINE, 0.8, Qt.PenStyle.DashDotLine))
    painter.drawLine(QPointF(x - 16, y + 112), QPointF(x + 400, y + 112))
    for text, a, b in (
        ("pump case", 74, 4),
        ("seal 5012-118", 200, 72),
        ("O-ring 5012-119", 200, 36),
        ("cover, 4 x M10, 49 N m", 200, 54),
        ("shaft 50 mm", 270, 128),
        ("lip towards the pump", 20, 160),
    ):
        _label(painter, x + a, y + b, text)
    painter.setPen(QPen(INK, 0.7))
    painter.drawLine(QPointF(x + 110, y + 150), QPointF(x + 154, y + 88))


def draw_press(file: Path) -> None:
    """S50 from the front and from the side, with its measures, as a sheet of 2,000 by 1,414 pixels."""
    image = QImage(2000, 1414, QImage.Format.Format_Grayscale8)
    image.fill(Qt.GlobalColor.white)
    with QPainter(image) as painter:
        painter.scale(2, 2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(INK, 1.4))
        painter.drawRect(QRectF(16, 16, 968, 675))
        for left, wide, name in ((110, 380, "Front"), (620, 220, "Side")):
            _press(painter, left, wide)
            _label(painter, left, 100, name)
        _measure(painter, 110, 490, 590, "3,800")
        _measure(painter, 620, 840, 590, "2,200")
        painter.setPen(QPen(INK, 1.4))
        painter.drawRect(QRectF(680, 616, 304, 75))
        _label(painter, 694, 640, "S50 Roof press: arrangement")
        _label(painter, 694, 660, "Drawing S50-001, revision C, sheet 1 of 1")
        _label(painter, 694, 680, "Scale 1 : 25, measures in mm")
    small = image.convertToFormat(QImage.Format.Format_Indexed8)
    small.save(str(file), "PNG", 0)


def _press(painter: QPainter, left: float, wide: float) -> None:
    painter.setPen(QPen(INK, 1.2))
    painter.setBrush(QColor("white"))
    painter.drawRect(QRectF(left, 120, wide, 90))
    painter.drawRect(QRectF(left, 500, wide, 50))
    for x in (left + 14, left + wide - 44):
        painter.drawRect(QRectF(x, 210, 30, 290))
    middle = left + wide / 2
    painter.drawRect(QRectF(middle - 24, 210, 48, 90))
    painter.drawRect(QRectF(middle - wide * 0.3, 300, wide * 0.6, 50))
    painter.drawRect(QRectF(middle - wide * 0.3, 450, wide * 0.6, 50))
    _label(painter, middle - 22, 170, "ram 2,500 kN")
    _label(painter, middle - 22, 330, "upper tool")
    _label(painter, middle - 22, 480, "lower tool")


def _measure(painter: QPainter, left: float, right: float, y: float, text: str) -> None:
    painter.setPen(QPen(INK, 0.8))
    painter.drawLine(QPointF(left, y), QPointF(right, y))
    for x in (left, right):
        painter.drawLine(QPointF(x, y - 30), QPointF(x, y + 6))
    _label(painter, (left + right) / 2 - 14, y - 5, text)


def main(folder: Path) -> None:
    """Write all of them."""
    from hmi import theme

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QGuiApplication.instance() or QGuiApplication(["documents"])
    assert application is not None
    theme.load_fonts()
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "hyd-5012-manual.pdf", "HYD-5012", read("hyd-5012"))
    write(folder / "robot-manual.pdf", "R-210", read("robot"))
    draw_press(folder / "s50-drawing.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
