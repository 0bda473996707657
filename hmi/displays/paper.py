"""Words and long tables as a PDF on A4, written in the thread of `hmi.displays.press`.

A page is painted and forgotten, so a hundred thousand rows need no more memory than one page.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from PySide6.QtCore import QFile, QIODevice, QMarginsF, QPointF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPageLayout, QPageSize, QPainter, QPdfWriter, QPen

from hmi.displays.press import Progress, Refused
from hmi.formats import t
from hmi.theme import colour, font, load_theme

DPI, LONG_PX, SHORT_PX, EDGE_PX = 1200, 1122.5, 793.7, 48.0
"""A4 in px at 96 dpi; fine enough that letters stand where they belong."""
ACROSS_FROM = 6
"""Tables of so many columns lie across."""
TITLE_PX, HEAD_PX, BODY_PX, SMALL_PX = 22, 15, 11, 10
GAP_PX, PAD_PX, LEADING = 12.0, 3.0, 1.28
MOST_LINES, WIDEST_PX, MEASURED = 12, 300.0, 400
"""A cell that is longer ends in "…"; a column is as wide as what some hundred of its rows need."""
COUNTING, PAINTING = 0.15, 0.97
"""So far the work is when the pages are counted, and when they are painted."""
REST_S, REST_ROWS = 0.002, 20
"""The window paints meanwhile: the interpreter is handed over often."""
Ink = Literal["text", "muted", "line"]
"""A token of the day theme: paper is always light."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, paragraphs, and a table below them; a table without heads has none drawn."""

    title: str
    words: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


class Type:
    """A size of type: its font, how high a line is, and how words are broken into lines."""

    def __init__(self, px: int, bold: bool = False) -> None:
        self.font = QFont(font(load_theme("light"), px, bold))
        # Places of letters are those of the paper, not of a screen.
        self.font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        self._metrics = QFontMetricsF(self.font)
        self.high, self.up = px * LEADING, px * 1.02
        self._wide: dict[str, float] = {}

    def width(self, text: str) -> float:
        """In px."""
        found = self._wide.get(text)
        if found is None:
            if len(self._wide) > 50_000:
                self._wide.clear()
            found = self._wide[text] = self._metrics.horizontalAdvance(text)
        return found

    def lines(self, text: str, room: float, most: int = MOST_LINES) -> list[str]:
        """The text in lines of at most ``room`` px; the last ends in "…" where it is too long."""
        if self.width(text) <= room and "\n" not in text:
            return [text]
        made: list[str] = []
        for paragraph in text.splitlines():
            made += self._broken(paragraph, room)
        if len(made) > most:
            made[most - 1 :] = [f"{made[most - 1].rstrip()[:-1]}…"]
        return made or [""]

    def _broken(self, text: str, room: float) -> Iterator[str]:
        line = ""
        for word in text.split(" "):
            longer = f"{line} {word}" if line else word
            if self.width(longer) <= room:
                line = longer
                continue
            if line:
                yield line
            line = word
            while self.width(line) > room and len(line) > 1:
                fits = self._fitting(line, room)
                yield line[:fits]
                line = line[fits:]
        yield line

    def _fitting(self, word: str, room: float) -> int:
        """How many letters of a long word there is room for; one at least."""
        low, high = 1, len(word)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (
                (middle, high)
                if self._metrics.horizontalAdvance(word[:middle]) <= room
                else (
                    low,
                    middle - 1,
                )
            )
        return low


class Mark(NamedTuple):
    """A line of text, or with no type a rule across, at (x, y) of a page; ``row`` = rows done so far."""

    page: int
    x: float
    y: float
    text: str
    type: Type | None
    row: int
    ink: Ink = "text"


class _Pages:
    """Where everything stands. Each call goes through all of it anew and keeps nothing."""

    def __init__(self, title: str, under: str, sections: Sequence[Section]) -> None:
        self.is_across = any(len(each.heads) >= ACROSS_FROM for each in sections)
        wide, high = (LONG_PX, SHORT_PX) if self.is_across else (SHORT_PX, LONG_PX)
        self.room, self.bottom = wide - 2 * EDGE_PX, high - EDGE_PX - 24
        self.foot = high - EDGE_PX
        self.title, self.under, self._sections = title, under, sections
        self.small = Type(SMALL_PX)
        self._title, self._under = Type(TITLE_PX, True), Type(HEAD_PX - 2)
        self._head, self._body, self._bold = Type(HEAD_PX, True), Type(BODY_PX), Type(BODY_PX, True)
        self._page, self._y, self._row = 1, EDGE_PX, 0

    def marks(self) -> Iterator[Mark]:
        """Everything but the feet of the pages, from top to bottom."""
        self._page, self._y, self._row = 1, EDGE_PX, 0
        yield from self._text(self.title, self._title, 1)
        yield from self._text(self.under, self._under, 3, "muted")
        for section in self._sections:
            self._y += 14
            self._keep(self._head.high + 7 * self._body.high)
            yield from self._text(section.title, self._head, 2)
            for words in section.words:
                yield from self._text(words, self._body, 200)
                self._y += PAD_PX
            if section.heads or section.rows:
                self._y += PAD_PX
                yield from self._table(section)

    def _keep(self, high: float) -> bool:
        """Go on with the next page where there is no room for so much; True = it is a new one."""
        if self._y + high <= self.bottom:
            return False
        self._page, self._y = self._page + 1, EDGE_PX
        return True

    def _text(self, text: str, type: Type, most: int, ink: Ink = "text") -> Iterator[Mark]:
        for line in type.lines(text, self.room, most) if text else ():
            self._keep(type.high)
            yield self._mark(0.0, type.up, line, type, ink)
            self._y += type.high

    def _mark(self, x: float, y: float, text: str, type: Type | None, ink: Ink = "text") -> Mark:
        return Mark(self._page, EDGE_PX + x, self._y + y, text, type, self._row, ink)

    def _table(self, section: Section) -> Iterator[Mark]:
        widths = self._widths(section)
        # A head is never the last line of a page.
        self._keep(self._bold.high + 3 * self._body.high + 4 * PAD_PX)
        yield from self._heads(section.heads, widths)
        for row in section.rows:
            cells = [self._body.lines(text, wide) for text, wide in zip(row, widths, strict=False)]
            high = max(map(len, cells), default=1) * self._body.high + 2 * PAD_PX
            if self._keep(high):
                yield from self._heads(section.heads, widths)
            yield from self._cells(cells, widths, self._body)
            self._y += high
            self._row += 1
            yield self._mark(0.0, 0.0, "", None)

    def _heads(self, heads: Sequence[str], widths: Sequence[float]) -> Iterator[Mark]:
        if not any(heads):
            return
        cells = [self._bold.lines(text, wide) for text, wide in zip(heads, widths, strict=False)]
        yield from self._cells(cells, widths, self._bold)
        self._y += max(map(len, cells)) * self._bold.high + 2 * PAD_PX
        yield self._mark(0.0, 0.0, "", None)

    def _cells(self, cells: Sequence[list[str]], widths: Sequence[float], type: Type) -> Iterator[Mark]:
        x = 0.0
        for lines, wide in zip(cells, widths, strict=False):
            for place, line in enumerate(lines):
                if line:
                    yield self._mark(x, PAD_PX + place * type.high + type.up, line, type)
            x += wide + GAP_PX

    def _widths(self, section: Section) -> list[float]:
        """What the cells need; where that is too much the widest give way."""
        step = max(1, len(section.rows) // MEASURED)
        some = section.rows[::step]
        count = max([len(section.heads), *map(len, some)])
        wanted = [max(self._bold.width(text), 12.0) for text in section.heads]
        wanted += [12.0] * (count - len(wanted))
        for row in some:
            for place, text in enumerate(row):
                wanted[place] = max(wanted[place], min(self._body.width(text), 4 * WIDEST_PX))
        room = self.room - GAP_PX * (count - 1)
        most = 4 * WIDEST_PX
        while sum(min(each, most) for each in wanted) > room and most > 12.0:
            most *= 0.97
        return [min(each, most) for each in wanted]


def marks(title: str, under: str, sections: Sequence[Section]) -> Iterator[Mark]:
    """Where all lines of text and rules of such a paper stand, page by page; its feet apart."""
    return _Pages(title, under, sections).marks()


def write_pdf(file: Path, title: str, under: str, sections: Sequence[Section], progress: Progress) -> None:
    """Write it as A4, across where a table has many columns. ``under`` stands below the title: what it is of.

    Heads of a table are repeated on each page, and each page has its number. Touches no widget: any thread
    may do it. A file of that name stays as it is until the new one is whole. Raises: Refused, Stopped.
    """
    pages = _Pages(title, under, sections)
    rows, last = max(1, sum(len(each.rows) for each in sections)), 1
    for mark in pages.marks():
        last = mark.page
        _reach(progress, mark, COUNTING * mark.row / rows)
    with whole(file) as part:
        out = QFile(str(part))
        if not out.open(QIODevice.OpenModeFlag.WriteOnly | QIODevice.OpenModeFlag.NewOnly):
            number = errno.EACCES if file.parent.is_dir() else errno.ENOENT
            raise Refused(why_not(OSError(number, out.errorString()), file))
        try:
            _paint(out, pages, last, rows, progress)
            if out.error() != QFile.FileError.NoError:
                raise OSError(errno.ENOSPC, out.errorString())
            out.flush()
            os.fsync(out.handle())
        finally:
            out.close()
        progress.reach(1.0)


def _paint(out: QFile, pages: _Pages, last: int, rows: int, progress: Progress) -> None:
    writer = QPdfWriter(out)
    writer.setResolution(DPI)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    turns = QPageLayout.Orientation
    writer.setPageOrientation(turns.Landscape if pages.is_across else turns.Portrait)
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    writer.setTitle(pages.title)
    writer.setCreator("Watchroom")
    painter = QPainter()
    if not painter.begin(writer):
        raise OSError(errno.ENOSPC, out.errorString())
    try:
        painter.scale(DPI / 96, DPI / 96)
        page, type, ink = 1, None, ""
        rule = QPen(_ink("line"), 0.6)
        for mark in pages.marks():
            if mark.page != page:
                _foot(painter, pages, page, last)
                writer.newPage()
                page, type, ink = mark.page, None, ""
            if mark.type is None:
                painter.setPen(rule)
                painter.drawLine(QPointF(EDGE_PX, mark.y), QPointF(EDGE_PX + pages.room, mark.y))
                ink = ""
            else:
                if mark.type is not type:
                    painter.setFont(mark.type.font)
                    type = mark.type
                if mark.ink != ink:
                    painter.setPen(_ink(mark.ink))
                    ink = mark.ink
                painter.drawText(QPointF(mark.x, mark.y), mark.text)
            _reach(progress, mark, COUNTING + (PAINTING - COUNTING) * mark.row / rows)
        _foot(painter, pages, page, last)
    finally:
        painter.end()


def _ink(name: Ink) -> QColor:
    return colour(getattr(load_theme("light").colour, name))


def _foot(painter: QPainter, pages: _Pages, page: int, last: int) -> None:
    painter.setFont(pages.small.font)
    painter.setPen(_ink("muted"))
    number = t("{n} of {all}", n=page, all=last)
    room = pages.room - pages.small.width(number) - 20
    for text, x in (
        (pages.small.lines(f"{pages.title} · {pages.under}", room, 1)[0], EDGE_PX),
        (number, EDGE_PX + pages.room - pages.small.width(number)),
    ):
        painter.drawText(QPointF(x, pages.foot), text)


def _reach(progress: Progress, mark: Mark, part: float) -> None:
    if mark.type is None and mark.row % REST_ROWS == 0:
        progress.reach(part)
        time.sleep(REST_S)


@contextmanager
def whole(file: Path) -> Generator[Path]:
    """A name to write under that becomes ``file`` at the end, or leaves nothing behind. Raises: Refused."""
    # A name of its own each time: two windows must not write into each other's file.
    part = file.with_name(f".{file.name}.{secrets.randbits(62)}")
    if file.exists() and not file.is_file():
        raise Refused(t("{file} is no plain file. Choose another name.", file=file))
    try:
        yield part
        part.replace(file)
    except OSError as error:
        raise Refused(why_not(error, file)) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def why_not(error: OSError, file: Path) -> str:
    """Why it could not be written, and what to do."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return t("the disk is full. Free some space, or choose another place.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return t("{folder} may not be written to. Choose another folder.", folder=file.parent)
    if not file.parent.is_dir():
        return t("the folder {folder} is not there any more. Choose another one.", folder=file.parent)
    return t("{file} cannot be written: {why}.", file=file.name, why=error.strerror or error)
