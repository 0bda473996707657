"""Lines of text painted by hand, in the type of the theme."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from hmi.theme import Theme, colour, font

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter


def paint_line(
    painter: QPainter,
    box: QRectF,
    text: str,
    theme: Theme,
    px: int,
    ink: str,
    bold: bool = False,
    align: Qt.AlignmentFlag = LEFT,
) -> float:
    """One line that ends in … where the box ends; gives the width it took. ``ink`` is a colour."""
    if not text or box.width() <= 0:
        return 0.0
    painter.setFont(font(theme, px, bold))
    painter.setPen(colour(ink))
    width = width_of(text, theme, px, bold)
    if width > box.width():
        metrics = QFontMetricsF(painter.font())
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        width = box.width()
    painter.drawText(box, align, text)
    return width


def paint_words(
    painter: QPainter,
    box: QRectF,
    text: str,
    theme: Theme,
    px: int,
    ink: str,
    bold: bool = False,
    align: Qt.AlignmentFlag = LEFT,
    more: float = 0.0,
) -> float:
    """A name or message whole: on one line, else in small type, else on two lines; gives the width it took.

    For the two lines the box may grow by ``more`` px at its top and at its bottom. What is too long even for
    them ends in ….
    """
    small, line = theme.size.small, theme.size.small + 4.0
    if width_of(text, theme, px, bold) <= box.width():
        return paint_line(painter, box, text, theme, px, ink, bold, align)
    is_low = box.height() + 2 * more < 2 * line
    if is_low or width_of(text, theme, small, bold) <= box.width():
        return paint_line(painter, box, text, theme, small, ink, bold, align)
    upper = QRectF(box.left(), box.center().y() - line, box.width(), line)
    first, second = _two_lines(text, theme, small, bold, box.width())
    return max(
        paint_line(painter, upper, first, theme, small, ink, bold, align),
        paint_line(painter, upper.translated(0, line), second, theme, small, ink, bold, align),
    )


def is_whole(text: str, theme: Theme, px: int, bold: bool, box: QRectF, more: float = 0.0) -> bool:
    """Whether `paint_words` shows all of it there."""
    small, room = theme.size.small, box.width()
    if min(width_of(text, theme, px, bold), width_of(text, theme, small, bold)) <= room:
        return True
    halves = _two_lines(text, theme, small, bold, room)
    has_two = box.height() + 2 * more >= 2 * (small + 4.0)
    return has_two and max(width_of(each, theme, small, bold) for each in halves) <= room


def _two_lines(text: str, theme: Theme, px: int, bold: bool, room: float) -> tuple[str, str]:
    """The words on two lines as even as can be; those that are too long for them fill the first."""
    words = text.replace(" · ", "\u00a0· ").split(" ")
    pairs = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    wide = [[width_of(each, theme, px, bold) for each in pair] for pair in pairs]
    even = min(range(len(pairs)), key=lambda at: max(wide[at]), default=None)
    if even is None:
        return text, ""
    if max(wide[even]) > room:
        even = max((at for at in range(len(pairs)) if wide[at][0] <= room), default=even)
    return pairs[even]


def paint_text(
    painter: QPainter, box: QRectF, text: str, theme: Theme, px: int, ink: str, align: Qt.AlignmentFlag = LEFT
) -> None:
    """A sentence over as many lines as the box holds; on one line it stands as `paint_line` draws it."""
    metrics = QFontMetricsF(font(theme, px))
    if metrics.horizontalAdvance(text) <= box.width() or box.height() < 2 * metrics.lineSpacing():
        paint_line(painter, box, text, theme, px, ink, False, align)
        return
    painter.setFont(font(theme, px))
    painter.setPen(colour(ink))
    wrap = int(Qt.TextFlag.TextWordWrap) | align.value
    # What does not fit at all loses its end, said by …, not the half of a line.
    while text and painter.boundingRect(box, wrap, text).height() > box.height() + 1:
        text = f"{text.rstrip('…').rsplit(' ', 1)[0].rstrip(' ,;')}…" if " " in text else ""
    painter.drawText(box, wrap, text)


def width_of(text: str, theme: Theme, px: int, bold: bool = False) -> float:
    """Width of a line in px."""
    # Labels are measured again and again, numbers nearly so.
    key = (text, theme.font.family, px, bold)
    found = _widths.get(key)
    if found is None:
        if len(_widths) >= _MOST_WIDTHS:
            _widths.clear()
        found = QFontMetricsF(font(theme, px, bold)).horizontalAdvance(text)
        _widths[key] = found
    return found


_MOST_WIDTHS = 8192
_widths: dict[tuple[str, str, int, bool], float] = {}
