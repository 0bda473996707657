"""What is painted over the picture of a scene: labels with leader lines, in the look of all displays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from hmi.alarms import Badge
from hmi.theme import Theme, colour
from hmi.widgets.alarm_badge import paint_badge_of, room_of_badge
from hmi.widgets.quality_mark import paint_quality_mark
from hmi.widgets.scene.asset_look import SceneLabel
from hmi.widgets.scene.camera import Camera, Frame, projected
from hmi.widgets.scene.model import Scene
from hmi.widgets.scene.placing import FARTHEST, Box, Wanted, placed
from hmi.widgets.scene.shapes import known
from hmi.widgets.text_paint import FRESH, LEFT, RIGHT, paint_text, width_of

PAD, GAP, BADGE, MARK = 11.0, 16.0, 18.0, 18.0
EDGE = 8.0
UNIT_GAP = 4.0
_CORNER = 4.0
MANY, NEAR_PX = 40, 56.0
"""More labels than this stand near what they name or not at all; those of trouble stand in any case."""


def anchors(scene: Scene, paths: Sequence[str]) -> NDArray[np.float64]:
    """float64[n, 3]: the point that the label of each asset names; NaN for an asset without parts.

    That is the top of the part that says ``label`` (over ground: of what stands in its middle), else of
    all its machines but pipes.
    """
    found = np.full((len(paths), 3), np.nan)
    solid = scene.solid()
    # Of items: a bound node of a model is one of its own.
    items = [scene.parts[number] for number in scene.part_of]
    pipes = np.array([known(part.shape) == "pipe" for part in items], np.bool_)
    stated = np.array([part.label for part in items], np.bool_)
    for row, path in enumerate(paths):
        own = scene.of([path])
        choices = (own & stated, own & solid & ~pipes, own)
        mask = next((each for each in choices if each.any()), None)
        if mask is not None:
            found[row] = _top(scene, scene.bounds(mask), solid & ~pipes)
    return found


def _top(scene: Scene, bounds: NDArray[np.float32], solid: NDArray[np.bool_]) -> NDArray[np.float64]:
    middle = (bounds[0] + bounds[1]) / 2
    over = (scene.boxes[:, 0, :2] <= middle[:2]).all(axis=1) & (scene.boxes[:, 1, :2] >= middle[:2]).all(
        axis=1
    )
    tops = scene.boxes[over & solid, 1, 2]
    height = max(float(bounds[1][2]), float(tops.max()) if tops.size else 0.0)
    return np.array([middle[0], middle[1], height], np.float64)


def badge_of(label: SceneLabel) -> Badge | None:
    """The badge of a label: what it was given, else one for its priority."""
    return label.badge or (Badge(label.priority, 1) if label.priority else None)


def label_width(label: SceneLabel, theme: Theme) -> float:
    """How wide a label is; it does not change while its number does."""
    px = theme.size.body
    name = width_of(theme, label.name, px, True)
    widest = max(label.value, label.widest, key=len)
    amount = width_of(theme, widest, px, True) if widest else 0.0
    unit = UNIT_GAP + width_of(theme, label.unit, px, True) if label.unit else 0.0
    shown = badge_of(label)
    badge = 0.0 if shown is None else room_of_badge(shown, BADGE, theme) + 7
    mark = MARK + 6 if label.kind != "normal" else 0.0
    return round(2 * PAD + badge + name + (GAP + amount + unit if widest else 0.0) + mark)


def label_places(
    labels: Sequence[SceneLabel],
    points: NDArray[np.float64],
    camera: Camera,
    frame: Frame,
    theme: Theme,
    taken: Sequence[Box] = (),
) -> list[tuple[Box, QPointF] | None]:
    """The rectangle of each label and the foot of its leader line, in the pixels of ``frame``."""
    seen = projected(camera, np.nan_to_num(points), frame)
    height = float(theme.size.body + 19)
    wanted: list[Wanted] = []
    for label, point, spot in zip(labels, points, seen, strict=True):
        is_seen = not np.isnan(point[0]) and spot[2] > 0
        x, y = (float(spot[0]), float(spot[1])) if is_seen else (-1e6, -1e6)
        reach = FARTHEST if label.priority or len(labels) <= MANY else NEAR_PX
        wanted.append(Wanted(x, y, label_width(label, theme), height, label.priority or 9, reach))
    area = Box(EDGE, EDGE, frame.width - 2 * EDGE, frame.height - 2 * EDGE)
    return [
        None if box is None else (box, QPointF(each.x, each.y))
        for box, each in zip(placed(wanted, area, taken), wanted, strict=True)
    ]


def paint_leader(painter: QPainter, box: Box, foot: QPointF, theme: Theme) -> None:
    """The line from a label to what it names, with a dot where it ends."""
    if box.holds(foot.x(), foot.y()):
        return
    x = min(max(foot.x(), box.x + PAD), box.x + box.width - PAD)
    y = box.y + box.height if foot.y() > box.y else box.y
    painter.setPen(QPen(colour(theme.colour.outline), 1.2))
    painter.drawLine(QPointF(x, y), foot)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(theme.colour.outline))
    painter.drawEllipse(foot, 2.6, 2.6)


def paint_label(painter: QPainter, box: Box, label: SceneLabel, theme: Theme, is_selected: bool) -> None:
    """A label: badge, name, value, quality mark; outlined in the colour of its alarm."""
    tokens = theme.colour
    badge = badge_of(label)
    is_alarmed = badge is not None and not badge.is_over
    ink, wide = (theme.alarms[label.priority - 1], 2.5) if is_alarmed else (tokens.line, 1.0)
    if is_selected and not is_alarmed:
        ink, wide = tokens.text, 2.0
    rect = QRectF(box.x, box.y, box.width, box.height)
    inset = wide / 2
    painter.setPen(QPen(colour(ink), wide))
    painter.setBrush(colour(tokens.selected if is_selected else tokens.control))
    painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), _CORNER, _CORNER)
    left, right, middle = rect.left() + PAD, rect.right() - PAD, rect.center().y()
    if badge is not None:
        wide = room_of_badge(badge, BADGE, theme)
        paint_badge_of(painter, QRectF(left, middle - BADGE / 2, wide, BADGE), badge, theme)
        left += wide + 7
    px = theme.size.body
    line = QRectF(left, rect.top(), right - left, rect.height())
    paint_text(painter, line, label.name, theme, px, tokens.text, True, LEFT)
    if label.kind != "normal":
        mark = QRectF(right - MARK, middle - MARK / 2, MARK, MARK)
        paint_quality_mark(painter, mark, label.kind, theme)
        line.setRight(mark.left() - 6)
    if label.value:
        tint = tokens.live if label.kind in FRESH else tokens.muted
        if label.unit:
            paint_text(painter, line, label.unit, theme, px, tint, True, RIGHT)
            line.setRight(line.right() - width_of(theme, label.unit, px, True) - UNIT_GAP)
        paint_text(painter, line, label.value, theme, px, tint, True, RIGHT)
