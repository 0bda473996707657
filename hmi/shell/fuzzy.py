"""Finding a tag by a few of its letters. No Qt."""

from __future__ import annotations

from collections.abc import Sequence

_NO_MATCH = -1


_NAME_BONUS = 6
"""A word found in the last part of a path is more likely the one meant."""


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
    return total


def _score_word(wanted: str, text: str) -> int:
    total, place, before = 0, 0, -2
    low = text.casefold()
    if len(low) != len(text):
        # Folding may lengthen a text (ß); its places would then not fit any more.
        low = text.lower()
    for letter in wanted.casefold():
        found = _best_place(low, text, letter, place, before)
        if found < 0:
            return _NO_MATCH
        total += 1 + 4 * (found == before + 1) + 3 * _starts_word(text, found)
        place, before = found + 1, found
    return total


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


def best(wanted: str, texts: Sequence[str], most: int = 12) -> list[int]:
    """Positions of the best fitting texts, best first; shorter texts win a draw. All of them for nothing."""
    if not wanted.strip():
        return list(range(min(most, len(texts))))
    scored = [(score(wanted, text), -len(text), -place) for place, text in enumerate(texts)]
    ranked = sorted((entry for entry in scored if entry[0] > _NO_MATCH), reverse=True)
    return [-place for _, _, place in ranked[:most]]
