"""alarms.csv is written back with all that nobody changed as it stood."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.displays.alarms.rationalise import draft, file
from tests.hmi.displays.alarms.rationalise_feed import GUARD, OIL, PRESSURE, TEXT

WINDOWS = (
    "# kept by the shift\r\nPath,KIND,limit,Owner\r\n\r\nA/b,h,3,joe\r\n"
    '# why this one\r\nA/c, l ,4,"x, y"\r\nA/d,l,1,\r\n\r\n# end\r\n'
)


def lines(text: str) -> list[str]:
    return text.split("\n")


@pytest.mark.parametrize("text", [TEXT, WINDOWS, "path,kind\n", "path,kind\nA,h\n", "path,kind\rA,h\r"])
def test_list_that_nobody_changed_is_written_letter_for_letter(text: str) -> None:
    base = file.read(text)
    assert file.written(base, base.rows)[0] == text


def test_lines_that_are_told_are_those_of_the_written_file() -> None:
    base = file.read(WINDOWS)
    rows = draft.added(base.rows, base.rows[0].id, [file.new_row({"path": "A/new", "kind": "on"})])
    text, at = file.written(base, rows)
    for row in rows:
        assert text.split("\r\n")[at[row.id] - 1].startswith(row.cells["path"])


def test_one_edited_cell_changes_one_line_and_keeps_columns_nobody_knows() -> None:
    base = file.read(TEXT)
    oil = base.rows[3]
    text, _ = file.written(base, draft.set_cells(base.rows, {oil.id: {"limit": "60"}}))
    changed = [(a, b) for a, b in zip(lines(TEXT), lines(text), strict=True) if a != b]
    assert changed == [
        (
            f'{OIL},h,58,3,1,10,Oil temperature high,cooler,check the water,900,"Ben, night"',
            f'{OIL},h,60,3,1,10,Oil temperature high,cooler,check the water,900,"Ben, night"',
        )
    ]


def test_comments_blank_lines_and_line_ends_survive_edits_and_removals() -> None:
    base = file.read(WINDOWS)
    rows = draft.turned(base.rows, [base.rows[1].id], base)
    rows = draft.set_cells(rows, {base.rows[2].id: {"limit": "2"}})
    assert file.written(base, rows)[0] == (
        "# kept by the shift\r\nPath,KIND,limit,Owner\r\n\r\nA/b,h,3,joe\r\n"
        "# why this one\r\nA/d,l,2,\r\n\r\n# end\r\n"
    )


def test_cell_of_a_column_that_the_file_lacks_gets_its_column() -> None:
    base = file.read("path,kind,limit\nA,h,3\nB,l,1\n")
    text, _ = file.written(base, draft.set_cells(base.rows, {base.rows[0].id: {"response": "stop, look"}}))
    assert text == 'path,kind,limit,response\nA,h,3,"stop, look"\nB,l,1\n'


def test_row_behind_a_last_line_without_end_gets_a_line_of_its_own() -> None:
    base = file.read("path,kind\nA,h")
    text, _ = file.written(base, draft.added(base.rows, base.rows[0].id, [file.new_row({"path": "B"})]))
    assert text == "path,kind\nA,h\nB\n"


def test_row_without_any_cell_is_not_written() -> None:
    base = file.read("path,kind\nA,h\n")
    assert file.written(base, draft.added(base.rows, 0, [file.new_row()]))[0] == base.text


def test_broken_record_stays_where_it_stands() -> None:
    text = 'path,kind,message\nA,h,"one" two\nB,l,low\n'
    base = file.read(text)
    assert [row.cells["path"] for row in base.rows] == ["B"]
    assert file.written(base, base.rows)[0] == text


def test_rows_keep_their_ids_when_the_file_is_read_again() -> None:
    base = file.read(TEXT)
    again = file.read(TEXT.replace("58,", "59,"), file.keys(base.rows))
    assert [row.id for row in again.rows] == [row.id for row in base.rows]
    assert again.rows[3].cells["limit"] == "59"
    assert again.rows[4].key == (GUARD, "off", "")
    assert again.rows[0].key == (PRESSURE, "hh", "")


CELL = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp", "Zs")), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(file.KNOWN), CELL, min_size=1), max_size=6))
def test_whatever_is_typed_is_read_back_as_it_was_typed(cells: list[dict[str, str]]) -> None:
    typed = [{"path": "P", **each} for each in cells if not each.get("path", "P").startswith("#")]
    base = file.read("path,kind,Owner\nX,h,me\n")
    rows = draft.added(base.rows, base.rows[0].id, [file.new_row(each) for each in typed])
    again = file.read(file.written(base, rows)[0])
    assert [dict(row.cells) for row in again.rows[1:]] == [dict(row.cells) for row in rows[1:]]
    assert again.origins[again.rows[0].id].fields[:3] == ("X", "h", "me")
