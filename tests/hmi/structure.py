"""What a designer would measure on any window: no text cut or covered, targets and type large enough."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFontMetrics, QFontMetricsF
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QScrollBar,
    QWidget,
)

from hmi.widgets.labels import ShortWords

LEAST_TARGET, LEAST_TYPE = 40, 13
SLACK_PX = 1


def problems(root: QWidget, over: tuple[type[QWidget], ...] = ()) -> list[str]:
    """Everything that is wrong with what can be seen under ``root``, in words; empty = all is well.

    ``over`` are the kinds of widget that lie over others on purpose (a drawer, a veil).
    """
    found: list[str] = []
    for widget in seen(root):
        found += clipped(widget)
        found += small(widget)
        found += outside(widget, root)
        found += overlapping(widget, over)
    return found


@contextmanager
def cut_text() -> Generator[list[str]]:
    """Painted text that ends in … since its room is too small, in the order in which it was painted.

    What gives way in its middle does so by design (`ShortWords`): all of it stands in a tool tip. A label in
    a trend has the room that its place in time gives it: a tap tells the rest.
    """
    found: list[str] = []
    kinds: tuple[Any, ...] = (QFontMetrics, QFontMetricsF)
    real = [each.elidedText for each in kinds]

    def told(elide: Callable[..., str]) -> Callable[..., str]:
        def elided(metrics: Any, text: str, mode: Qt.TextElideMode, *room: float) -> str:
            shown = elide(metrics, text, mode, *room)
            is_cut = shown != text and mode != Qt.TextElideMode.ElideMiddle
            asked_by = inspect.stack(0)[1].filename if is_cut else ""
            if is_cut and not Path(asked_by).name.startswith("trend_"):
                found.append(f"{text!r} is painted as {shown!r}")
            return shown

        return elided

    for kind, elide in zip(kinds, real, strict=True):
        kind.elidedText = told(elide)
    try:
        yield found
    finally:
        for kind, elide in zip(kinds, real, strict=True):
            kind.elidedText = elide


def seen(root: QWidget) -> Iterator[QWidget]:
    """Every visible widget under ``root`` that has any size, ``root`` first."""
    if root.isVisible() and root.width() > 0 and root.height() > 0:
        yield root
        for child in root.children():
            if isinstance(child, QWidget) and not child.isWindow():
                yield from seen(child)


def name(widget: QWidget) -> str:
    """A widget as a person would point at it."""
    text = widget.text() if isinstance(widget, QLabel | QAbstractButton) else widget.accessibleName()
    return f"{type(widget).__name__} {text!r}"


def clipped(widget: QWidget) -> list[str]:
    """Text that has less room than it needs. `ShortWords` end in … by design and say all in a tool tip."""
    if not isinstance(widget, QLabel | QPushButton) or isinstance(widget, ShortWords) or not widget.text():
        return []
    need = widget.sizeHint()
    if isinstance(widget, QLabel) and widget.wordWrap():
        high = widget.heightForWidth(widget.width())
        short = f"{name(widget)} is {widget.height()} px high and needs {high}"
        return [short] if widget.height() + SLACK_PX < high else []
    if widget.width() + SLACK_PX < need.width() or widget.height() + SLACK_PX < widget.fontMetrics().height():
        room = f"{widget.width()}x{widget.height()}"
        return [f"{name(widget)} is {room} px and needs {need.width()}x{need.height()}"]
    return []


def small(widget: QWidget) -> list[str]:
    """Type under 13 px, and what is to be tapped under 40 px."""
    found: list[str] = []
    is_text = isinstance(widget, QLabel | QPushButton | QLineEdit)
    px = widget.fontInfo().pixelSize()
    if is_text and px < LEAST_TYPE:
        found.append(f"{name(widget)} is set in {px} px")
    if isinstance(widget, QAbstractButton) and min(widget.width(), widget.height()) < LEAST_TARGET:
        found.append(f"{name(widget)} is {widget.width()}x{widget.height()} px to tap")
    return found


def outside(widget: QWidget, root: QWidget) -> list[str]:
    """A button that no hand can reach, for it lies beyond the window; in a scroll area it may."""
    if not isinstance(widget, QAbstractButton) or in_scroll_area(widget):
        return []
    place = QRect(widget.mapTo(root, QPoint(0, 0)), widget.size()) if widget is not root else root.rect()
    return (
        []
        if root.rect().contains(place)
        else [f"{name(widget)} lies at {place.getRect()}, beyond the window"]
    )


def overlapping(parent: QWidget, over: tuple[type[QWidget], ...]) -> list[str]:
    """Two parts of the same whole on the same ground."""
    if isinstance(parent, QAbstractScrollArea) and not isinstance(parent, QScrollArea):
        return []
    parts = [
        child
        for child in parent.children()
        if isinstance(child, QWidget)
        and child.isVisible()
        and not child.isWindow()
        and not isinstance(child, (QScrollBar, *over))
        and child.width() > 0
        and child.height() > 0
    ]
    found: list[str] = []
    for at, one in enumerate(parts):
        for other in parts[at + 1 :]:
            common = one.geometry().intersected(other.geometry())
            if common.width() > SLACK_PX and common.height() > SLACK_PX:
                found.append(f"{name(one)} and {name(other)} share {common.getRect()} of {name(parent)}")
    return found


def in_scroll_area(widget: QWidget) -> bool:
    """Somewhere above it there is a page that scrolls."""
    above = widget.parentWidget()
    while above is not None:
        if isinstance(above, QAbstractScrollArea):
            return True
        above = above.parentWidget()
    return False
