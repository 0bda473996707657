"""How a trend paints the alarms of its pens: a row for each over the curves, light ground while active."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

from engine.types import What
from hmi import alarm_spells
from hmi.alarm_spells import Tick
from hmi.formats import t
from hmi.theme import colour, font
from hmi.widgets import trend_alarm_lanes as lanes
from hmi.widgets import trend_gaps as gaps
from hmi.widgets.alarm_badge import paint_alarm_badge
from hmi.widgets.trend_alarm_lanes import Band, Lane
from hmi.widgets.trend_gaps import Stretch
from hmi.widgets.trend_scene import LANE_PX, Scene

SHAPE_PX, BAR_PX, TICK_PX, TICKS_APART_PX = 14.0, 4.0, 8.0, 10.0
LEAST_WORDS_PX, PAD_PX = 46.0, 5.0
GROUND_ALPHA, GROUND_JOINED_PX, LABEL_ALPHA, RETURNS_APART_PX = 13, 12, 190, 12.0
REACH_PX, ABOVE_PX = 20.0, 24.0
"""So far beside a band, and so far over the first row, a finger still means it."""
_RARE: tuple[What, ...] = (
    *("shelved", "unshelved", "expired", "suppressed", "unsuppressed", "out_of_service", "in_service"),
    *("acknowledged", "reset", "realarmed", "note"),
)
"""Where there is no room for all ticks, the first of these go before."""
_Align = Qt.AlignmentFlag


def rows_of(scene: Scene) -> tuple[Lane, ...]:
    """The rows of a frame; none without a window of time."""
    if scene.span is None:
        return ()
    most = 1 if scene.is_lean else lanes.MOST_LANES
    return lanes.rows(scene.lanes, scene.span.start_us, min(scene.span.end_us, scene.now_us), most)


def bands_of(scene: Scene, lane: Lane, place: int) -> list[Band]:
    """The bands of a row, in pixels of the frame."""
    if scene.span is None:
        return []
    window = scene.span.start_us, scene.span.end_us
    return lanes.bands(lane, place, window, scene.plot.left(), scene.plot.width())


def band_at(scene: Scene, spot: QPointF) -> Band | None:
    """The band that a tap there means: the nearest in the nearest row."""
    found = [band for place, lane in enumerate(rows_of(scene)) for band in bands_of(scene, lane, place)]
    best: tuple[float, float] = (REACH_PX, REACH_PX)
    hit: Band | None = None
    for band in found:
        beside = max(band.x - spot.x(), spot.x() - max(band.end_x, band.x + SHAPE_PX), 0.0)
        row = row_box(scene, band.lane)
        top = row.top() - (ABOVE_PX if band.lane == 0 else 0.0)
        aside = max(top - spot.y(), spot.y() - row.bottom(), 0.0)
        if beside < REACH_PX and aside < LANE_PX and (aside, beside) < best:
            best, hit = (aside, beside), band
    return hit


def row_box(scene: Scene, place: int) -> QRectF:
    """Where a row is: the first over the curves, the others below it."""
    top = scene.plot.top() - LANE_PX + place * LANE_PX
    return QRectF(scene.plot.left(), top, scene.plot.width(), LANE_PX)


def paint_active_ground(painter: QPainter, scene: Scene) -> None:
    """Light neutral ground while an alarm of a pen is active and annunciated."""
    ink = colour(scene.theme.colour.text, GROUND_ALPHA)
    for first_us, last_us in _active(scene, rows_of(scene), is_aside=False, joined_px=GROUND_JOINED_PX):
        left, right = scene.x(first_us), scene.x(last_us)
        painter.fillRect(QRectF(left, scene.plot.top(), right - left, scene.plot.height()), ink)


def paint_alarms(painter: QPainter, scene: Scene) -> None:
    """The rows: a bar for each time, its priority where it came, and what was done meanwhile."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    found = rows_of(scene)
    for place, lane in enumerate(found):
        box = row_box(scene, place)
        painter.setClipRect(box.adjusted(-SHAPE_PX, -2, SHAPE_PX, 1))
        _paint_bars(painter, scene, lane, box)
        shown = _ticks(scene, lane) if not scene.is_lean else []
        made = bands_of(scene, lane, place)
        for at, band in enumerate(made):
            stop = made[at + 1].x if at + 1 < len(made) else scene.plot.right()
            ticks = [x for x, tick in shown if tick.what != "returned" and x > band.x + LEAST_WORDS_PX]
            _paint_band(painter, scene, band, box, min([stop, *ticks]))
        for x, tick in shown:
            _paint_tick(painter, scene, tick, QPointF(x, box.top() + SHAPE_PX / 2))
    painter.restore()
    if not scene.is_lean:
        _paint_unknown(painter, scene, bool(found))


def _active(
    scene: Scene, rows: Sequence[Lane], is_aside: bool, priority: int = 0, joined_px: int = 1
) -> list[Stretch]:
    """When any alarm of these rows was active, within the window; what is nearer than that is one."""
    if scene.span is None:
        return []
    window = scene.span.start_us, min(scene.span.end_us, scene.now_us)
    pixel_us = (scene.span.end_us - scene.span.start_us) // max(1, scene.span.pixels)
    return lanes.active(rows, window, pixel_us * joined_px, is_aside, priority)


def _paint_bars(painter: QPainter, scene: Scene, lane: Lane, box: QRectF) -> None:
    """Filled while annunciated; an outline for what was set aside, and while no engine looked.

    Where several alarms share a row the worst covers the others.
    """
    blind = [(gap.start_us, gap.end_us) for gap in scene.gaps if gap.cause == "engine"]
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for priority in sorted(set(lane.rank.tolist()), reverse=True):
        ink = colour(scene.theme.colour.hatch if scene.is_stalled else scene.theme.alarms[priority - 1])
        filled = _active(scene, [lane], is_aside=False, priority=priority)
        known = gaps.without(filled, blind)
        for stretch in known:
            painter.fillRect(_bar(scene, stretch, box), ink)
        painter.setPen(QPen(ink, 1))
        hollow = _active(scene, [lane], is_aside=True, priority=priority)
        for stretch in [*gaps.without(filled, known), *hollow]:
            painter.drawRect(_bar(scene, stretch, box).adjusted(0.5, 0.5, -0.5, -0.5))


def _bar(scene: Scene, stretch: Stretch, box: QRectF) -> QRectF:
    left, right = scene.x(stretch[0]), scene.x(stretch[1])
    return QRectF(left, box.bottom() - BAR_PX, max(2.0, right - left), BAR_PX)


def _paint_band(painter: QPainter, scene: Scene, band: Band, box: QRectF, stop: float) -> None:
    shape = QRectF(max(box.left(), band.x - 1), box.top() - 1, SHAPE_PX, SHAPE_PX)
    shape.moveRight(min(shape.right(), box.right() + SHAPE_PX))
    is_hollow = band.is_aside or scene.is_stalled
    first = band.spells[0]
    if scene.span is not None and first.begin_us < scene.span.start_us and len(band.spells) == 1:
        _paint_earlier(painter, scene, shape)
        shape.translate(TICK_PX, 0)
    count = len(band.spells)
    words = t("×{n}", n=count) if count > 1 else ""
    if not scene.is_lean:
        said = alarm_spells.title(first) if len({each.alarm for each in band.spells}) == 1 else ""
        words = "  ".join(each for each in (words, said) if each)
    left = shape.right() + PAD_PX
    room = stop - PAD_PX - left
    painter.setFont(font(scene.theme, scene.theme.size.small))
    metrics = painter.fontMetrics()
    wide = metrics.horizontalAdvance(words)
    if words and (room >= wide or room >= LEAST_WORDS_PX):
        text = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(room))
        label = QRectF(left, box.top() - 2, min(wide, room), SHAPE_PX + 2)
        painter.fillRect(label.adjusted(-PAD_PX, 1, 2, -1), colour(scene.theme.colour.panel, LABEL_ALPHA))
        painter.setPen(colour(scene.theme.colour.text))
        painter.drawText(label, _Align.AlignLeft | _Align.AlignVCenter | Qt.TextFlag.TextDontClip, text)
    paint_alarm_badge(painter, shape, band.priority, scene.theme, is_hollow=is_hollow)


def _paint_earlier(painter: QPainter, scene: Scene, shape: QRectF) -> None:
    """An arrow to the left: it came before the window."""
    x, y = shape.left(), shape.center().y()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(scene.theme.colour.text))
    painter.drawPolygon(QPolygonF([QPointF(x, y), QPointF(x + 6, y - 4), QPointF(x + 6, y + 4)]))


def _ticks(scene: Scene, lane: Lane) -> list[tuple[float, Tick]]:
    """(place, tick) of those that can be told apart, the rarest first where they cannot."""
    shown = [each for each in lane.ticks if scene.shows(each.time_us) and each.what != "returned"]
    found: list[tuple[float, Tick]] = []
    for tick in sorted(shown[-500:], key=lambda each: _RARE.index(each.what)):
        x = scene.x(tick.time_us)
        if all(abs(x - other) >= TICKS_APART_PX for other, _ in found):
            found.append((x, tick))
    return found + _returns(scene, lane)


def _returns(scene: Scene, lane: Lane) -> list[tuple[float, Tick]]:
    """The ends of bars, where they are far enough apart to be seen as such."""
    found: list[tuple[float, Tick]] = []
    for tick in lane.ticks:
        if tick.what == "returned" and scene.shows(tick.time_us):
            x = scene.x(tick.time_us)
            if not found or x - found[-1][0] >= RETURNS_APART_PX:
                found.append((x, tick))
    return found


def _paint_tick(painter: QPainter, scene: Scene, tick: Tick, at: QPointF) -> None:
    ink, half = colour(scene.theme.colour.text), TICK_PX / 2
    if tick.what == "returned":
        painter.setPen(QPen(ink, 1.6))
        bottom = at.y() - SHAPE_PX / 2 + LANE_PX
        painter.drawLine(QPointF(at.x(), bottom - BAR_PX - 3), QPointF(at.x(), bottom))
        return
    painter.fillRect(
        QRectF(at.x() - half - 1.5, at.y() - half - 1.5, TICK_PX + 3, TICK_PX + 3),
        colour(scene.theme.colour.panel, LABEL_ALPHA),
    )
    painter.setPen(QPen(ink, 1.7))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _GLYPHS[tick.what](painter, at, half, ink)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _check(painter: QPainter, at: QPointF, half: float, ink: QColor) -> None:
    points = ((-half, 0.0), (-half * 0.25, half * 0.8), (half, -half * 0.9))
    painter.drawPolyline(QPolygonF([at + QPointF(x, y) for x, y in points]))


def _down(painter: QPainter, at: QPointF, half: float, ink: QColor) -> None:
    _chevron(painter, at, half, 1.0)


def _up(painter: QPainter, at: QPointF, half: float, ink: QColor) -> None:
    _chevron(painter, at, half, -1.0)


def _chevron(painter: QPainter, at: QPointF, half: float, way: float) -> None:
    points = ((-half, -half * 0.5 * way), (0.0, half * 0.5 * way), (half, -half * 0.5 * way))
    painter.drawPolyline(QPolygonF([at + QPointF(x, y) for x, y in points]))
    y = at.y() + way * (half * 0.5 + 2.5)
    painter.drawLine(QPointF(at.x() - half, y), QPointF(at.x() + half, y))


def _slashed(painter: QPainter, at: QPointF, half: float, ink: QColor) -> None:
    painter.drawEllipse(at, half, half)
    painter.drawLine(at + QPointF(-half * 0.7, half * 0.7), at + QPointF(half * 0.7, -half * 0.7))


def _ring(painter: QPainter, at: QPointF, half: float, ink: QColor) -> None:
    painter.drawEllipse(at, half, half)


def _cross(painter: QPainter, at: QPointF, half: float, ink: QColor) -> None:
    for way in (1, -1):
        painter.drawLine(at + QPointF(-half, -half * way), at + QPointF(half, half * way))


def _plus(painter: QPainter, at: QPointF, half: float, ink: QColor) -> None:
    painter.drawLine(at - QPointF(half, 0), at + QPointF(half, 0))
    painter.drawLine(at - QPointF(0, half), at + QPointF(0, half))


def _dot(painter: QPainter, at: QPointF, half: float, ink: QColor) -> None:
    painter.setBrush(ink)
    painter.drawEllipse(at, half * 0.5, half * 0.5)


_GLYPHS = {
    "acknowledged": _check,
    "reset": _check,
    "realarmed": _dot,
    "note": _dot,
    "shelved": _down,
    "unshelved": _up,
    "expired": _up,
    "suppressed": _slashed,
    "unsuppressed": _ring,
    "out_of_service": _cross,
    "in_service": _plus,
}


def _paint_unknown(painter: QPainter, scene: Scene, has_rows: bool) -> None:
    """Where older alarms were too many to be told, and where none can be read."""
    if scene.span is None:
        return
    known_us, box = scene.history.known_us, row_box(scene, 0)
    if scene.history.is_cut and known_us[0] > scene.span.start_us:
        right = min(scene.x(known_us[0]), scene.plot.right())
        _paint_words(
            painter,
            scene,
            QRectF(box.left(), box.top(), right - box.left(), LANE_PX),
            t("more alarms before: zoom in"),
            is_hatched=True,
        )
    elif scene.history.trouble and not has_rows:
        words = t("Past alarms cannot be read: {why}", why=scene.history.trouble)
        _paint_words(painter, scene, box, words, is_hatched=False)


def _paint_words(painter: QPainter, scene: Scene, box: QRectF, words: str, is_hatched: bool) -> None:
    if is_hatched:
        hatch = QBrush(colour(scene.theme.colour.hatch), Qt.BrushStyle.BDiagPattern)
        painter.fillRect(QRectF(box.left(), box.bottom() - BAR_PX, box.width(), BAR_PX), hatch)
    painter.setFont(font(scene.theme, scene.theme.size.small))
    text = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(box.width()))
    painter.setPen(colour(scene.theme.colour.muted))
    painter.drawText(box.adjusted(0, -2, 0, -BAR_PX), _Align.AlignLeft | _Align.AlignVCenter, text)
