"""Notes on stretches of time: kept, listed, taken away with a trace, and there again after a restore."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.historian.annotations import NoteRefused, annotate, remove
from engine.store.annotation_file import AnnotationFile
from engine.store.backup import back_up
from engine.store.restore import restore
from engine.types import Annotation


@pytest.fixture
def file(tmp_path: Path) -> Iterator[AnnotationFile]:
    (tmp_path / "p" / "data").mkdir(parents=True)
    opened = AnnotationFile(tmp_path / "p" / "data" / "annotations.db")
    yield opened
    opened.close()


def test_note_is_kept_with_its_author_and_time(file: AnnotationFile) -> None:
    note = annotate(file, 100, 200, "A/x", " Anna ", "seal changed\nby night shift ", 500)
    assert note == Annotation(1, 100, 200, "A/x", "Anna", "seal changed\nby night shift", 500)
    assert file.over(0, 1000) == (note,)


def test_notes_of_a_span_are_those_that_touch_it_oldest_first(file: AnnotationFile) -> None:
    late = annotate(file, 300, 400, "", "B", "late", 1)
    early = annotate(file, 100, 200, "", "A", "early", 2)
    instant = annotate(file, 150, 150, "", "A", "instant", 3)
    assert file.over(0, 1000) == (early, instant, late)
    assert file.over(200, 300) == (early,)
    assert file.over(150, 151) == (early, instant)
    assert file.over(201, 300) == ()
    assert file.over(400, 401) == (late,)


def test_span_given_backwards_is_turned(file: AnnotationFile) -> None:
    note = annotate(file, 200, 100, "", "A", "x", 1)
    assert (note.start_us, note.end_us) == (100, 200)


def test_removed_note_is_shown_no_more_and_stays_with_who_and_when(file: AnnotationFile) -> None:
    note = annotate(file, 100, 200, "", "Anna", "wrong", 1)
    assert remove(file, note.note_id, "Bert", 77) == note
    assert file.over(0, 1000) == ()
    assert file.removed() == ((note, 77, "Bert"),)
    with pytest.raises(NoteRefused, match="was removed before"):
        remove(file, note.note_id, "Carl", 78)
    assert file.removed() == ((note, 77, "Bert"),)


def test_number_of_a_removed_note_is_not_given_again(file: AnnotationFile) -> None:
    first = annotate(file, 0, 1, "", "A", "x", 1)
    remove(file, first.note_id, "A", 2)
    assert annotate(file, 0, 1, "", "A", "y", 3).note_id == first.note_id + 1


@pytest.mark.parametrize(
    ("author", "text", "sentence"),
    [
        ("A", "  \n ", "needs some words"),
        ("A", "x" * 2001, "at most 2000 characters, this one has 2001"),
        (" ", "x", "needs the name of who wrote it"),
        ("A" * 201, "x", "needs the name of who wrote it"),
    ],
)
def test_note_that_says_nothing_or_too_much_is_refused_in_words(
    file: AnnotationFile, author: str, text: str, sentence: str
) -> None:
    with pytest.raises(NoteRefused, match=sentence):
        annotate(file, 0, 1, "", author, text, 1)
    assert file.over(-10, 10) == ()


def test_unknown_note_cannot_be_removed(file: AnnotationFile) -> None:
    for note_id in (1, -1, 2**70):
        with pytest.raises(NoteRefused):
            remove(file, note_id, "A", 1)
    with pytest.raises(NoteRefused, match="say who"):
        remove(file, 1, "", 1)


def test_characters_that_do_not_show_become_blanks(file: AnnotationFile) -> None:
    assert annotate(file, 0, 1, "", "A\u202eB", "a\x1b[2Jb\ud800", 1).text == "a [2Jb?"


def test_notes_survive_backup_and_restore(file: AnnotationFile, tmp_path: Path) -> None:
    kept = annotate(file, 0, 1, "", "Anna", "kept", 1)
    taken = annotate(file, 2, 3, "", "Anna", "taken", 1)
    remove(file, taken.note_id, "Bert", 9)
    (tmp_path / "p" / "plant.toml").write_text("")
    back_up(tmp_path / "p", tmp_path / "b.zip", 5)
    restore(tmp_path / "b.zip", tmp_path / "q")
    again = AnnotationFile(tmp_path / "q" / "data" / "annotations.db")
    assert again.over(0, 10) == (kept,)
    assert again.removed() == ((taken, 9, "Bert"),)
    assert annotate(again, 5, 6, "", "Anna", "new", 10).note_id == taken.note_id + 1
    again.close()
