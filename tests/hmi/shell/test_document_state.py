"""What a viewer wants of a document, and how a search goes round; no Qt, no process."""

from __future__ import annotations

from engine.types import Document
from hmi.document_words import place_path, words
from hmi.documents import Draw, Find, Found, Heading, Hit, Open, Opened
from hmi.documents.wire import WHOLE, Box
from hmi.shell.document_state import LastPages, Reading, Search, place_read

BOX: Box = (0.1, 0.1, 0.2, 0.2)


def hit(page: int) -> Hit:
    return Hit(page, (BOX,))


def test_document_is_called_with_its_page_and_what_is_there() -> None:
    assert words(Document("a", "HYD-5012: seal change", "m.pdf", 44)) == "HYD-5012, page 44: seal change"
    assert words(Document("a", "HYD-5012", "m.pdf", 44)) == "HYD-5012, page 44"
    assert words(Document("a", "HYD-5012: all of it", "m.pdf")) == "HYD-5012: all of it"


def test_place_of_a_document_keeps_file_and_page() -> None:
    assert place_read(place_path(Document("a", "", "b: c/1:2.pdf", 7))) == ("b: c/1:2.pdf", 7)
    assert place_read("manual.pdf") == ("manual.pdf", 1)
    assert place_read("0:manual.pdf") == ("manual.pdf", 1)


def test_page_comes_before_the_search_and_the_pages_beside_it() -> None:
    reading = Reading("m.pdf", "M", 5, 5)
    assert list(reading.wants(None, None, WHOLE)) == [Open("m.pdf")]
    reading.opened = Opened(9, (100.0, 100.0))
    reading.search = Search("oil", 5, 9)
    assert list(reading.wants(2.0, (100.0, 100.0), WHOLE)) == [
        Draw("m.pdf", 5, 2.0),
        Find("m.pdf", "oil", 5),
        Draw("m.pdf", 6, 2.0),
        Draw("m.pdf", 4, 2.0),
    ]


def test_page_too_large_to_be_sharp_is_wanted_in_the_part_that_is_seen() -> None:
    reading = Reading("m.pdf", "M", 1, 1, Opened(1, (5000.0, 5000.0)))
    wanted = list(reading.wants(2.0, (5000.0, 5000.0), (0.1, 0.1, 0.3, 0.3)))
    assert wanted == [Draw("m.pdf", 1, 2.0), Draw("m.pdf", 1, 2.0, (0.1, 0.1, 0.3, 0.3))]


def test_page_stays_within_the_document() -> None:
    reading = Reading("m.pdf", "M", 99, 99, Opened(9, (1.0, 1.0)))
    assert reading.go(99) and reading.page == 9
    assert not reading.go(10)
    assert reading.go(-4) and reading.page == 1


def test_chapter_is_the_last_one_that_began() -> None:
    outline = (Heading("One", 2, 0), Heading("Two", 5, 0), Heading("Below two", 5, 1))
    reading = Reading("m.pdf", "M", 1, 1, Opened(9, (1.0, 1.0), outline))
    assert reading.chapter() == -1
    reading.go(4)
    assert reading.chapter() == 0
    reading.go(8)
    assert reading.chapter() == 2


def test_search_goes_from_the_page_on_show_round_to_it_again() -> None:
    search = Search("oil", 7, 10)
    asked = search.request("m.pdf")
    assert asked == Find("m.pdf", "oil", 7)
    search.take(asked, Found(10, (hit(9),)))
    assert search.hit == hit(9) and search.told() == "1 of 1"
    again = search.request("m.pdf")
    assert again == Find("m.pdf", "oil", 1)
    search.take(again, Found(10, (hit(2), hit(8), hit(9))))
    assert search.request("m.pdf") is None
    assert [each.page for each in search.hits] == [9, 2], "what was searched first is not told twice"
    search.step(1)
    assert search.hit == hit(2) and search.told() == "2 of 2"
    search.step(1)
    assert search.hit == hit(9), "round and round"


def test_search_without_a_hit_says_so_once_all_is_searched() -> None:
    search = Search("x", 1, 4)
    asked = search.request("m.pdf")
    assert asked is not None and search.told() == "searching\u2026"
    search.take(asked, Found(4))
    assert search.told() == "not found"


def test_last_pages_are_bounded_and_survive_what_was_written_by_hand() -> None:
    assert LastPages({"a": 3, "b": "x", 5: 1, "c": 0, "d": 2}).pages == {"a": 3, "d": 2}
    assert LastPages(["no"]).pages == {}
    pages = LastPages()
    for at in range(300):
        pages.keep(f"{at}", at + 1)
    pages.keep("250", 9)
    assert len(pages.pages) == 200 and "0" not in pages.pages
    assert list(pages.pages)[-1] == "250" and pages.pages["250"] == 9
