"""Finding a text by a few of its letters, among thousands, at the speed of typing. No Qt."""

from __future__ import annotations

import heapq
import re
from collections.abc import Sequence

_NO_MATCH = -1
_NAME_BONUS, _FIRST_BONUS = 6, 4
"""A word found in the last part of a path is more likely the one meant, at its beginning most of all."""
_SCORED = 60
"""So many of the likeliest texts are scored letter by letter; more would be felt under the fingers."""


def score(wanted: str, text: str) -> int:
    """How well every word of ``wanted`` fits into ``text``, a path; -1 = not at all.

    The letters of a word must come in order. Letters at the start of a word, letters side by side,
    and letters in the last part of the path count more.
    """
    total, name = 0, text.rsplit("/", 1)[-1]
    for word in wanted.split():
        best_of_word = _score_word(word, text)
        if best_of_word == _NO_MATCH:
            return _NO_MATCH
        in_name = _score_word(word, name)
        total += max(best_of_word, in_name + _NAME_BONUS if in_name != _NO_MATCH else 0)
        total += _FIRST_BONUS * _folded(name).startswith(_folded(word))
    return total


def _score_word(wanted: str, text: str) -> int:
    total, place, before = 0, 0, -2
    low = _folded(text)
    for letter in wanted.casefold():
        found = _best_place(low, text, letter, place, before)
        if found < 0:
            return _NO_MATCH
        total += 1 + 4 * (found == before + 1) + 3 * _starts_word(text, found)
        place, before = found + 1, found
    return total


def _folded(text: str) -> str:
    low = text.casefold()
    # Folding may lengthen a text (ß); its places would then not fit any more.
    return low if len(low) == len(text) else text.lower()


def _best_place(low: str, text: str, letter: str, place: int, before: int) -> int:
    # Next to the last letter first, else the start of a word, else anywhere.
    if place < len(low) and low[place] == letter and before == place - 1:
        return place
    found = low.find(letter, place)
    first = found
    while found >= 0:
        if _starts_word(text, found):
            return found
        found = low.find(letter, found + 1)
    return first


def _starts_word(text: str, place: int) -> bool:
    if place == 0:
        return True
    before, here = text[place - 1], text[place]
    return not before.isalnum() or (here.isupper() and before.islower())


class Index:
    """Texts made ready to be searched. What fits a few letters is remembered for when more are typed."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = tuple(texts)
        self._low = [_folded(text) for text in self._texts]
        self._names = [low.rsplit("/", 1)[-1] for low in self._low]
        self._all = list(range(len(self._texts)))
        self._wanted, self._whole, self._loose = "", self._all, self._all

    def best(self, wanted: str, most: int = 12) -> list[int]:
        """Positions of the best fitting texts, best first; shorter ones win a draw. The first for nothing."""
        words = wanted.casefold().split()
        if not words:
            return self._all[:most]
        if not self._wanted or not wanted.startswith(self._wanted):
            self._whole = self._loose = self._all
        self._wanted = wanted
        low, found = self._low, self._whole
        for word in words:
            found = [at for at in found if word in low[at]]
        self._whole = found
        if len(found) < most:
            # Few have the words whole: then letters with others between them do too.
            found = self._loose = self._scattered(words)
        likely = self._likely(words, found)
        scored = [(score(wanted, self._texts[at]), -len(low[at]), -at) for at in likely]
        return [-at for points, _, at in heapq.nlargest(most, scored) if points > _NO_MATCH]

    def _scattered(self, words: Sequence[str]) -> list[int]:
        found, low = self._loose, self._low
        for word in words:
            # Each letter is the first of its kind after the one before: no way back, so no slow pattern.
            fits = re.compile("".join(f"[^{re.escape(each)}]*{re.escape(each)}" for each in word)).match
            found = [at for at in found if fits(low[at])]
        return found

    def _likely(self, words: Sequence[str], found: list[int]) -> list[int]:
        if len(found) <= _SCORED:
            return found
        low, names = self._low, self._names
        ranks = [0] * len(found)
        for word in words:
            for place, at in enumerate(found):
                name = names[at]
                if word in name:
                    ranks[place] += 6 if name.startswith(word) else 2
        keyed = [(rank, -len(low[at]), -at) for rank, at in zip(ranks, found, strict=True)]
        return [-at for _, _, at in heapq.nlargest(_SCORED, keyed)]


def best(wanted: str, texts: Sequence[str], most: int = 12) -> list[int]:
    """Positions of the best fitting of a few texts, best first; see `Index`."""
    return Index(texts).best(wanted, most)
