"""The process that reads documents: asked through its standard input, it answers through its output.

Whatever a file does to it ends here: the window starts it anew. It writes no file and opens no connection.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import time
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec
import pypdfium2 as pdfium
import pypdfium2.raw as raw

from hmi.documents import limits
from hmi.documents.fitting import fitted
from hmi.documents.places import PDF, Unreadable, place_of
from hmi.documents.wire import (
    Answer,
    Box,
    Draw,
    Drawn,
    Failed,
    Find,
    Found,
    Heading,
    Hit,
    Open,
    Opened,
    Request,
    read_request,
    send,
)
from hmi.formats import t

MOST_HEADINGS, DEEPEST, LONGEST = 5000, 8, 300
MOST_HITS = 200
"""On one page."""
MOMENT_S = 0.15
"""So long is searched at a time, so that a page that is turned to meanwhile comes soon."""
GRID = 100_000
LONGEST_PT, SHORTEST_PT = 200_000.0, 0.5


class Pages(Protocol):
    """A document that is open."""

    def opened(self) -> Opened: ...
    def draw(self, wanted: Draw) -> Drawn: ...
    def find(self, wanted: Find) -> Found: ...
    def close(self) -> None: ...


class Pdf:
    """A PDF. ``name`` is what people call it."""

    def __init__(self, path: Path, name: str) -> None:
        self._name = name
        try:
            self._document = pdfium.PdfDocument(path)
        except pdfium.PdfiumError as error:
            raise Unreadable(_why(error, name)) from error
        self.pages = len(self._document)

    def opened(self) -> Opened:
        """Pages and outline."""
        return Opened(pages=self.pages, size=self._size(1), outline=self._outline())

    def _size(self, page: int) -> tuple[float, float]:
        try:
            wide, high = self._document.get_page_size(page - 1)
        except pdfium.PdfiumError as error:
            raise Unreadable(self._bad_page(page)) from error
        return _sound(wide), _sound(high)

    def _outline(self) -> tuple[Heading, ...]:
        found: list[Heading] = []
        for mark in self._document.get_toc(max_depth=DEEPEST):
            to = mark.get_dest()
            index = to.get_index() if to is not None else None
            if index is not None and 0 <= index < self.pages:
                title = " ".join(mark.get_title()[:LONGEST].split())
                found.append(Heading(title, index + 1, mark.level))
            if len(found) >= MOST_HEADINGS:
                break
        return tuple(found)

    def draw(self, wanted: Draw) -> Drawn:
        """One page or a part of it, on white paper."""
        page = self._page(wanted.page)
        try:
            width, height, clip = fitted(_sound_size(page), wanted.scale, wanted.clip)
            left, top, right, bottom = clip
            across, down = round(width / (right - left)), round(height / (bottom - top))
            pixels = (ctypes.c_ubyte * (4 * width * height))()
            into = raw.FPDFBitmap_CreateEx(width, height, raw.FPDFBitmap_BGRx, pixels, 4 * width)
            if not into:
                raise MemoryError
            try:
                raw.FPDFBitmap_FillRect(into, 0, 0, width, height, 0xFFFFFFFF)
                at = -round(left * across), -round(top * down)
                raw.FPDF_RenderPageBitmap(into, page, *at, across, down, 0, raw.FPDF_ANNOT)
            finally:
                raw.FPDFBitmap_Destroy(into)
            return Drawn(wanted.page, _sound_size(page), clip, width, height, bytes(pixels))
        finally:
            page.close()

    def find(self, wanted: Find) -> Found:
        """The text on the pages from the one asked for on, until a moment has passed."""
        until, hits, ends = wanted.page - 1, list[Hit](), time.monotonic() + MOMENT_S
        while until < self.pages and time.monotonic() < ends:
            until += 1
            with contextlib.suppress(Unreadable, pdfium.PdfiumError):  # a bad page has no text
                hits += self._find_on(until, wanted.text)
        return Found(until, tuple(hits))

    def _find_on(self, number: int, wanted: str) -> list[Hit]:
        page = self._page(number)
        try:
            text = page.get_textpage()
            search = text.search(wanted)
            hits: list[Hit] = []
            while len(hits) < MOST_HITS and (found := search.get_next()) is not None:
                count = text.count_rects(*found)
                boxes = [_box(page, text.get_rect(each)) for each in range(count)]
                hits.append(Hit(number, _lines(boxes)))
            return hits
        finally:
            page.close()

    def _page(self, number: int) -> pdfium.PdfPage:
        if not 1 <= number <= self.pages:
            raise Unreadable(
                t("{file} has {pages} pages, and no page {n}.", file=self._name, pages=self.pages, n=number)
            )
        try:
            return self._document[number - 1]
        except pdfium.PdfiumError as error:
            raise Unreadable(self._bad_page(number)) from error

    def _bad_page(self, number: int) -> str:
        return t("Page {n} of {file} is damaged and cannot be shown.", n=number, file=self._name)

    def close(self) -> None:
        """Let go of the file."""
        self._document.close()


def _sound_size(page: pdfium.PdfPage) -> tuple[float, float]:
    wide, high = page.get_size()
    # Also what is no number at all, or a page of 0 by 0.
    return _sound(wide), _sound(high)


def _sound(length: float) -> float:
    return min(max(length, SHORTEST_PT), LONGEST_PT) if length > 0 else SHORTEST_PT


def _box(page: pdfium.PdfPage, rect: tuple[float, float, float, float]) -> Box:
    """A box of the page's own points in parts of the page as it is seen, turned or cut."""
    left, bottom, right, top = rect
    seen = [_seen(page, x, y) for x, y in ((left, top), (right, bottom))]
    across, down = sorted(x for x, _ in seen), sorted(y for _, y in seen)
    return across[0], down[0], across[1], down[1]


def _lines(boxes: list[Box]) -> tuple[Box, ...]:
    """One box a line: a text is often written a few letters at a time."""
    made: list[Box] = []
    for box in boxes:
        left, top, right, bottom = made[-1] if made else box
        same = min(bottom, box[3]) - max(top, box[1]) > 0.5 * min(bottom - top, box[3] - box[1])
        if made and same:
            made[-1] = min(left, box[0]), min(top, box[1]), max(right, box[2]), max(bottom, box[3])
        else:
            made.append(box)
    return tuple(made)


def _seen(page: pdfium.PdfPage, x: float, y: float) -> tuple[float, float]:
    right, down = ctypes.c_int(), ctypes.c_int()
    raw.FPDF_PageToDevice(page, 0, 0, GRID, GRID, 0, x, y, right, down)
    return right.value / GRID, down.value / GRID


def _why(error: pdfium.PdfiumError, name: str) -> str:
    if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
        return t("{file} is locked with a password. Put a copy without a password in its place.", file=name)
    return t("{file} is damaged, cut short or no PDF. Put a whole copy in its place.", file=name)


class Shelf:
    """The document that was asked for last stays open until another one is wanted, or it changed."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._mark = folder, ("", 0, 0)
        self._open: Pages | None = None

    def answer(self, request: Request) -> Answer:
        """Never raises for what a file does."""
        try:
            pages = self._pages(request.file)
            if isinstance(request, Open):
                return pages.opened()
            return pages.draw(request) if isinstance(request, Draw) else pages.find(request)
        except Unreadable as error:
            return Failed(str(error))
        except MemoryError:
            return Failed(t("{file} needs too much memory to be shown.", file=request.file))
        except OSError as error:
            return Failed(
                t("{file} cannot be read: {why}.", file=request.file, why=error.strerror or str(error))
            )
        except (pdfium.PdfiumError, ValueError, ctypes.ArgumentError) as error:
            return Failed(t("{file} cannot be shown: {why}.", file=request.file, why=error))

    def _pages(self, file: str) -> Pages:
        path = place_of(self._folder, file)
        facts = path.stat()
        mark = (str(path), facts.st_size, facts.st_mtime_ns)
        if self._open is None or mark != self._mark:
            if self._open is not None:
                self._open.close()
                self._open = None
            self._open, self._mark = _opened(path, file), mark
        return self._open


def _opened(path: Path, name: str) -> Pages:
    if path.suffix.lower() == PDF:
        return Pdf(path, name)
    from hmi.documents.pictures import Picture

    return Picture(path, name)


def main(folder: Path, asked: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the window closes the pipe."""
    shelf = Shelf(folder)
    while (request := read_request(asked)) is not None:
        limits.allow_one_request()
        send(answers, shelf.answer(request))


if __name__ == "__main__":
    limits.restrict()
    # What a library prints must not come between two answers.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with contextlib.suppress(EOFError, OSError, msgspec.MsgspecError, KeyboardInterrupt):
        main(Path(sys.argv[1]), sys.stdin.buffer, out)
