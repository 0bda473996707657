"""Texts as numbers: batches hold floats only, so a text tag's value is the number of its text."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.live.layout import TEXT_BYTES

MOST_TEXTS = 100_000
ELLIPSIS = "…".encode()


class Texts:
    """Numbers texts in the order they first came. One thread only.

    Overload: beyond ``MOST_TEXTS`` different texts the older half of them is forgotten and numbering
    goes on, so that a tag with ever new texts cannot fill the memory; a number is never given to
    another text, in no later run either once ``keep`` was called.
    """

    def __init__(self) -> None:
        self._code: dict[str, float] = {}
        self._text: dict[float, str] = {}
        self._older_code: dict[str, float] = {}
        self._older_text: dict[float, str] = {}
        self._next = 0
        self._told: Callable[[float, str], None] | None = None

    def keep(self, known: Iterable[tuple[int, str]], told: Callable[[float, str], None]) -> None:
        """Go on from the numbers of earlier runs, and tell of each new one before anybody gets it.

        Call it before the first ``code``. ``known`` = numbers and texts in ascending order, the newest last.
        """
        self._told = told
        for number, text in known:
            self._next = max(self._next, number + 1)
            self._remember(text, float(number))

    def code(self, text: str) -> float:
        """The number that stands for this text."""
        code = self._code.get(text)
        if code is None:
            code = self._older_code.get(text)
            if code is None:
                code = float(self._next)
                self._next += 1
                if self._told is not None:
                    self._told(code, text)
            self._remember(text, code)
        return code

    def text(self, code: float) -> str:
        """The text behind a number; "" when it is not known (any more)."""
        text = self._text.get(code)
        return self._older_text.get(code, "") if text is None else text

    def _remember(self, text: str, code: float) -> None:
        if len(self._code) >= MOST_TEXTS // 2:
            self._older_code, self._older_text = self._code, self._text
            self._code, self._text = {}, {}
        self._code[text], self._text[code] = code, text


def cut(text: str) -> bytes:
    """A text in at most ``TEXT_BYTES`` of UTF-8; a longer one ends in "…", never in half a character."""
    content = text.encode("utf-8", "replace")
    if len(content) <= TEXT_BYTES:
        return content
    return content[: TEXT_BYTES - len(ELLIPSIS)].decode("utf-8", "ignore").encode() + ELLIPSIS
