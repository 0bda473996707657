"""Texts as numbers: batches hold floats only, so a text tag's value is the number of its text."""

from __future__ import annotations

MOST_TEXTS = 100_000


class Texts:
    """Numbers texts in the order they first came. One thread only.

    Overload: beyond ``MOST_TEXTS`` different texts all are forgotten and numbering goes on, so that a
    tag with ever new texts cannot fill the memory; a number is never given to another text.
    """

    def __init__(self) -> None:
        self._code: dict[str, float] = {}
        self._text: dict[float, str] = {}
        self._next = 0

    def code(self, text: str) -> float:
        """The number that stands for this text."""
        code = self._code.get(text)
        if code is None:
            if len(self._code) >= MOST_TEXTS:
                self._code.clear()
                self._text.clear()
            code = float(self._next)
            self._next += 1
            self._code[text], self._text[code] = code, text
        return code

    def text(self, code: float) -> str:
        """The text behind a number; "" when it is not known (any more)."""
        return self._text.get(code, "")
