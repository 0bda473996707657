"""How a trend paints what is not there: gaps with their reason, what is still on its way, the beginning."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QTransform

from engine.types import Curve
from hmi.theme import colour, font
from hmi.widgets import trend_gaps as gaps
from hmi.widgets import trend_lines as lines
from hmi.widgets.trend_gaps import Stretch
from hmi.widgets.trend_paint import label_places
from hmi.widgets.trend_scene import Scene

ROW_PX, PROGRESS_PX = 20, 2
LEAST_HOLE_PX = 3.0
LOADING_ALPHA, HATCH_ALPHA, EARLY_ALPHA = 60, 150, 45
FRESH_US = 3_000_000
"""Between two confirmations of a source nothing is missing yet; after this long a value is stale."""
_Align = Qt.AlignmentFlag


def paint_holes(painter: QPainter, scene: Scene, curves: Sequence[Curve]) -> None:
    """Where no pen has a value: hatched with the reason; plain before the first sample, or while it comes."""
    if scene.span is None or not curves:
        return
    until_us = min(scene.now_us, scene.span.end_us)
    unknown = lines.unknown(curves, scene.span.start_us, until_us)
    coming = scene.detail.missing if scene.detail.part < 1 else ()
    for first_us, last_us in coming:
        _fill(painter, scene, (first_us, min(last_us, until_us)), LOADING_ALPHA)
    reach_us = reach(curves)
    for hole in gaps.without(unknown, coming):
        is_fresh = hole[1] == until_us and hole[1] - hole[0] < FRESH_US
        box = _box(scene, hole)
        if is_fresh or box.width() < LEAST_HOLE_PX:
            continue
        words = gaps.hole_words(hole, scene.gaps, reach_us, scene.now_us, scene.zone)
        if reach_us is not None and hole[1] <= reach_us and gaps.worst_gap(scene.gaps, *hole) is None:
            _fill(painter, scene, hole, EARLY_ALPHA)
            painter.setPen(QPen(colour(scene.theme.colour.outline), 1))
            painter.drawLine(box.topRight(), box.bottomRight())
        else:
            _hatch(painter, scene, box)
        _paint_words(painter, box, words, scene)


def reach(curves: Sequence[Curve]) -> int | None:
    """UTC microseconds of the first point of any curve."""
    return min((int(curve.time_us[0]) for curve in curves if curve.time_us.size), default=None)


def reason_at(scene: Scene, curves: Sequence[Curve], time_us: int) -> str:
    """Why no pen has a value at an instant, in words; "" where one has, or nothing is known of it."""
    if any(lines.value_at(curve, time_us) is not None for curve in curves) or time_us > scene.now_us:
        return ""
    gap = gaps.worst_gap(scene.gaps, time_us, time_us + 1)
    if gap is not None:
        # The day stands before it already, where it is not today.
        when = ", ".join(gaps.when_words(gap.start_us, gap.end_us, time_us, scene.zone))
        return f"{gaps.cause_words(gap)} {when}"
    reach_us = reach(curves)
    if reach_us is not None and time_us < reach_us and scene.detail.part == 1:
        return " ".join(gaps.begins_words(reach_us, scene.now_us, scene.zone))
    return ""


def _box(scene: Scene, hole: Stretch) -> QRectF:
    left, right = scene.x(hole[0]), scene.x(hole[1])
    return QRectF(left, scene.plot.top(), right - left, scene.plot.height())


def _fill(painter: QPainter, scene: Scene, hole: Stretch, alpha: int) -> None:
    painter.fillRect(_box(scene, hole), colour(scene.theme.colour.line, alpha))


def _hatch(painter: QPainter, scene: Scene, box: QRectF) -> None:
    ink = colour(scene.theme.colour.hatch, HATCH_ALPHA)
    hatch = QBrush(ink, Qt.BrushStyle.BDiagPattern)
    # Anchored to the plot, so that the hatch does not crawl with the time.
    hatch.setTransform(QTransform().translate(scene.plot.left(), scene.plot.top()))
    painter.fillRect(box, hatch)
    painter.setPen(QPen(QColor(ink), 1))
    for x in (box.left(), box.right()):
        painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))


def _paint_words(painter: QPainter, box: QRectF, words: Sequence[str], scene: Scene) -> None:
    box = box.intersected(scene.plot)
    painter.setFont(font(scene.theme, scene.theme.size.small))
    metrics = painter.fontMetrics()
    width = max(metrics.horizontalAdvance(each) for each in words) + 20
    if width > box.width() - 8 or ROW_PX * len(words) + 12 > box.height():
        return
    label = _beside_names(QRectF(0, 0, width, ROW_PX * len(words) + 8), box, scene)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(scene.theme.colour.panel))
    painter.drawRoundedRect(label, 4, 4)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for place, text in enumerate(words):
        painter.setPen(colour(scene.theme.colour.muted if place else scene.theme.colour.text))
        row = QRectF(label.left(), label.top() + 4 + place * ROW_PX, width, ROW_PX)
        painter.drawText(row, _Align.AlignCenter, text)


def _beside_names(label: QRectF, box: QRectF, scene: Scene) -> QRectF:
    """In the middle of a gap; the names of limits stand at the left, and words give way to them."""
    label.moveCenter(box.center())
    names = [name for _, name in label_places(scene)]
    if any(name.intersects(label) for name in names):
        label.moveLeft(min(max(name.right() for name in names) + 8, box.right() - label.width() - 4))
    return label


def paint_progress(painter: QPainter, scene: Scene) -> None:
    """A thin line over the curves that grows while detail comes."""
    plot, part = scene.plot, max(0.02, scene.detail.part)
    painter.fillRect(QRectF(plot.left(), plot.top(), plot.width() * part, PROGRESS_PX), _progress_ink(scene))


def _progress_ink(scene: Scene) -> QColor:
    return colour(scene.theme.colour.muted)


def paint_empty(painter: QPainter, scene: Scene, has_pens: bool, hint: str) -> None:
    """Words where there is no curve: why, or what to do."""
    painter.setFont(font(scene.theme, scene.theme.size.body))
    painter.setPen(colour(scene.theme.colour.muted))
    text = hint
    if has_pens and scene.span is not None:
        span = scene.span.start_us, scene.span.end_us
        told = scene.detail, scene.gaps, span, scene.oldest_us, scene.now_us, scene.zone
        text = gaps.empty_words(*told)
    painter.drawText(scene.plot, _Align.AlignCenter | Qt.TextFlag.TextWordWrap, text)
