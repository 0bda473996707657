"""What a document viewer shows: which page, what is wanted of it, and what was found. No Qt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

from hmi.documents import Draw, Find, Found, Hit, Open, Opened, Request
from hmi.documents.wire import MOST_PIXELS, WHOLE, Box
from hmi.formats import t

MOST_HITS, MOST_REMEMBERED = 2000, 200


def place_read(path: str) -> tuple[str, int]:
    """File and page of such a path."""
    page, _, file = path.partition(":")
    return (file, max(1, int(page))) if page.isdigit() else (path, 1)


class LastPages:
    """The last page of each document, by file, the ones read last at the end; so many and no more.

    ``kept`` = as they were kept; what is not of that form is left out.
    """

    def __init__(self, kept: object = None) -> None:
        given = cast("dict[object, object]", kept).items() if isinstance(kept, dict) else ()
        sound = [(file, page) for file, page in given if isinstance(file, str) and isinstance(page, int)]
        self.pages = {file: page for file, page in sound[-MOST_REMEMBERED:] if page > 0}

    def keep(self, file: str, page: int) -> None:
        """A document was left, or is being read, at this page."""
        self.pages.pop(file, None)
        self.pages[file] = page
        while len(self.pages) > MOST_REMEMBERED:
            del self.pages[next(iter(self.pages))]


@dataclass(slots=True)
class Search:
    """A text that is looked for, from a page on and round to it again."""

    text: str
    start: int
    pages: int
    hits: list[Hit] = field(default_factory=list[Hit])
    searched: int = 0
    at: int = -1
    """Which hit one is at; -1 = none yet."""

    def request(self, file: str) -> Find | None:
        """What to look through next; None when all pages are done."""
        if self.searched >= self.pages or len(self.hits) >= MOST_HITS:
            return None
        return Find(file, self.text, (self.start - 1 + self.searched) % self.pages + 1)

    def take(self, asked: Find, found: Found) -> None:
        """What came, in the order of the pages."""
        # One that runs over the page where the search began would find things twice.
        left = self.pages - self.searched
        done = min(max(1, found.until - asked.page + 1), left)
        last = asked.page + done - 1
        self.hits += [each for each in found.hits if each.page <= last]
        self.searched += done
        if self.at < 0 and self.hits:
            self.at = 0

    def step(self, by: int) -> None:
        """The next hit or the one before, round and round."""
        if self.hits:
            self.at = (self.at + by) % len(self.hits)

    @property
    def hit(self) -> Hit | None:
        """The one that one is at."""
        return self.hits[self.at] if 0 <= self.at < len(self.hits) else None

    def boxes(self, page: int) -> list[Box]:
        """All that was found on a page."""
        return [box for hit in self.hits if hit.page == page for box in hit.boxes]

    def told(self) -> str:
        """``3 of 17``; more are counted while the search goes on."""
        if not self.hits:
            return t("not found") if self.searched >= self.pages else t("searching\u2026")
        return t("{n} of {all}", n=self.at + 1, all=len(self.hits))


@dataclass(slots=True)
class Reading:
    """A document on show. ``title`` = what people call it; ``mark`` = the page it was opened for."""

    file: str
    title: str
    page: int
    mark: int
    opened: Opened | None = None
    search: Search | None = None

    @property
    def opened_pages(self) -> int:
        """How many pages it has; 1 while nobody knows."""
        return 1 if self.opened is None else self.opened.pages

    def go(self, page: int) -> bool:
        """Turn to a page, within what there is; False = it is on show already."""
        wanted = max(1, page if self.opened is None else min(page, self.opened.pages))
        changed, self.page = wanted != self.page, wanted
        return changed

    def chapter(self) -> int:
        """The line of the outline that the page belongs to; -1 = none."""
        lines: Sequence[int] = [] if self.opened is None else [each.page for each in self.opened.outline]
        return max((at for at, page in enumerate(lines) if page <= self.page), default=-1)

    def whole(self, scale: float) -> Draw:
        """The page as it is wanted now."""
        return Draw(self.file, self.page, scale)

    def part(self, scale: float, size: tuple[float, float], seen: Box) -> Draw | None:
        """What is seen of it, where the whole page would be too many pixels to be sharp."""
        is_coarse = size[0] * size[1] * scale * scale > MOST_PIXELS
        return Draw(self.file, self.page, scale, seen) if is_coarse and seen != WHOLE else None

    def wants(self, scale: float | None, size: tuple[float, float] | None, seen: Box) -> Iterator[Request]:
        """The most urgent first: the page, its sharp part, a step of the search, the pages beside it."""
        if self.opened is None or scale is None:
            yield Open(self.file)
            return
        yield self.whole(scale)
        part = self.part(scale, size, seen) if size is not None else None
        if part is not None:
            yield part
        finding = self.search.request(self.file) if self.search is not None else None
        if finding is not None:
            yield finding
        if part is None:
            for page in (self.page + 1, self.page - 1):
                if 1 <= page <= self.opened.pages:
                    yield Draw(self.file, page, scale)
