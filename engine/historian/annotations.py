"""Notes on stretches of time: what a person wrote is checked in words before it is kept."""

from __future__ import annotations

from engine.store.annotation_file import AnnotationFile
from engine.types import Annotation

LONGEST_TEXT = 2000
LONGEST_NAME = 200
LAST_US = 2**62


class NoteRefused(Exception):
    """A note cannot be kept or removed as asked; the text says why."""


def annotate(
    file: AnnotationFile, start_us: int, end_us: int, tag: str, author: str, text: str, now_us: int
) -> Annotation:
    """Keep a note on [start_us, end_us], an instant where both are one; a span given backwards is turned.

    ``tag`` = path, "" = of all tags. Returns it with its number.

    Raises:
        NoteRefused: it says nothing, is too long, or no one has written it.
        StoreError: the disk refuses.
    """
    clean, name = _clean(text, keep="\n"), _clean(author)
    if not clean:
        raise NoteRefused("a note needs some words")
    if len(clean) > LONGEST_TEXT:
        raise NoteRefused(f"a note has at most {LONGEST_TEXT} characters, this one has {len(clean)}")
    if not name or len(name) > LONGEST_NAME:
        raise NoteRefused(f"a note needs the name of who wrote it, of at most {LONGEST_NAME} characters")
    if len(tag) > LONGEST_TEXT or max(abs(start_us), abs(end_us)) > LAST_US:
        raise NoteRefused("a note needs a stretch of time and the path of a tag")
    first, last = sorted((start_us, end_us))
    return file.add(Annotation(0, first, last, tag, name, clean, now_us))


def remove(file: AnnotationFile, note_id: int, author: str, now_us: int) -> Annotation:
    """Take a note away and return what it said, for the event journal. It stays in the file.

    Raises:
        NoteRefused: there is none such any more, or nobody says who removes it.
        StoreError: the disk refuses.
    """
    name = _clean(author)
    if not name or len(name) > LONGEST_NAME:
        raise NoteRefused("say who removes the note")
    found = file.remove(note_id, name, now_us) if 0 <= note_id <= LAST_US else None
    if found is None:
        raise NoteRefused("this note was removed before")
    return found


def _clean(text: str, keep: str = "") -> str:
    """Text whose every character shows: no control characters, no half surrogates."""
    whole = text.encode("utf-8", "replace").decode()
    return "".join(each if each.isprintable() or each in keep else " " for each in whole).strip()
