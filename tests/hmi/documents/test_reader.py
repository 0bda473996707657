"""Reading documents through the process that draws them: real files, broken ones, and a process that dies."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from engine.paths import resources
from hmi.documents import Answer, Draw, Drawn, Failed, Find, Found, Open, Opened, Reader, Request
from hmi.documents.wire import MOST_PIXELS
from tests.hmi.documents.made import LOCKED, ask, pdf, put, until

DEMO = resources() / "demo" / "framing"
MANUAL = "hyd-5012-manual.pdf"
pytestmark = pytest.mark.system


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    made = Reader(tmp_path)
    yield made
    made.close()


@pytest.fixture
def demo() -> Iterator[Reader]:
    made = Reader(DEMO)
    yield made
    made.close()


def ink(drawn: Drawn) -> float:
    """How dark a picture is, 0 to 1."""
    pixels = np.frombuffer(drawn.pixels, np.uint8).reshape(drawn.height, drawn.width, 4)[:, :, :3]
    return float(1 - pixels.mean() / 255)


def failure(answer: Answer) -> str:
    assert isinstance(answer, Failed), answer
    return answer.text


def test_manual_of_the_demo_has_its_seal_change_on_page_44(demo: Reader) -> None:
    opened = ask(demo, Open(MANUAL))
    assert isinstance(opened, Opened)
    assert opened.pages >= 48
    headings = [(each.title, each.page) for each in opened.outline]
    assert ("Changing the seal", 44) in headings
    found = ask(demo, Find(MANUAL, "Changing the seal", 44))
    assert isinstance(found, Found)
    assert found.hits[0].page == 44
    left, top, right, bottom = found.hits[0].boxes[0]
    assert 0 < left < right < 1 and 0 < top < bottom < 0.3, "the heading is at the top of the page"


def test_drawn_page_is_the_page_asked_for(reader: Reader, tmp_path: Path) -> None:
    name = put(tmp_path, "a.pdf", pdf(["I", "MMMMMMMMMMMMMMMM"]))
    light, dark = ask(reader, Draw(name, 1, 1.0)), ask(reader, Draw(name, 2, 1.0))
    assert isinstance(light, Drawn) and isinstance(dark, Drawn)
    assert (light.width, light.height, light.size) == (600, 800, (600.0, 800.0))
    assert 0 < ink(light) < ink(dark) / 5


def test_part_of_a_page_is_what_the_whole_page_shows_there(reader: Reader, tmp_path: Path) -> None:
    name = put(tmp_path, "a.pdf", pdf(["MMMMMMMMMM"]))
    whole, part = ask(reader, Draw(name, 1, 2.0)), ask(reader, Draw(name, 1, 2.0, (0.0, 0.0, 0.5, 0.25)))
    assert isinstance(whole, Drawn) and isinstance(part, Drawn)
    assert (part.width, part.height) == (600, 400)
    all_of_it = np.frombuffer(whole.pixels, np.uint8).reshape(1600, 1200, 4)
    corner = np.frombuffer(part.pixels, np.uint8).reshape(400, 600, 4)
    assert ink(part) > 0
    assert np.abs(all_of_it[:400, :600, :3].astype(int) - corner[:, :, :3]).mean() < 2


def test_huge_page_has_bounded_pixels(reader: Reader, tmp_path: Path) -> None:
    name = put(tmp_path, "wide.pdf", pdf(["A0"], box="0 0 14000 14000"))
    drawn = ask(reader, Draw(name, 1, 8.0))
    assert isinstance(drawn, Drawn)
    assert drawn.width * drawn.height <= MOST_PIXELS
    assert drawn.width == pytest.approx(drawn.height, abs=2)


def test_what_is_found_goes_on_over_all_pages(reader: Reader, tmp_path: Path) -> None:
    name = put(tmp_path, "a.pdf", pdf(["oil"] * 3 + ["seal"] * 2))
    found = ask(reader, Find(name, "SEAL", 2))
    assert isinstance(found, Found)
    assert [each.page for each in found.hits] == [4, 5], "capitals make no difference"
    assert found.until == 5


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "damaged"),
        (b"no PDF at all", "damaged"),
        (pdf(["a"] * 9)[:300], "damaged"),
        (pdf(["a"], LOCKED), "password"),
        (os.urandom(5000), "damaged"),
    ],
)
def test_broken_pdf_ends_in_a_sentence_with_its_name(
    reader: Reader, tmp_path: Path, content: bytes, said: str
) -> None:
    told = failure(ask(reader, Open(put(tmp_path, "bad.pdf", content))))
    assert told.startswith("bad.pdf ") and said in told and told.endswith(".")
    good = put(tmp_path, "good.pdf", pdf(["fine"]))
    assert isinstance(ask(reader, Open(good)), Opened), "the next document is read as if nothing had been"


def test_pdf_with_damaged_bytes_never_stops_the_reader(reader: Reader, tmp_path: Path) -> None:
    whole = bytearray(pdf(["word"] * 20))
    numbers = np.random.default_rng(7)
    for _ in range(30):
        broken = bytearray(whole)
        for at in numbers.integers(0, len(broken), 40):
            broken[at] = int(numbers.integers(0, 256))
        name = put(tmp_path, "torn.pdf", bytes(broken))
        reader.forget(name)
        answer = ask(reader, Draw(name, 7, 0.5))
        assert isinstance(answer, Drawn) or "torn.pdf" in failure(answer)


@pytest.mark.parametrize(
    "file", ["../plant.toml", "/etc/passwd", "a/../../x.pdf", "C:\\x.pdf", "..\\x.pdf", ""]
)
def test_files_outside_the_documents_of_a_project_are_not_read(reader: Reader, file: str) -> None:
    assert "not below the folder documents" in failure(ask(reader, Open(file)))


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_link_that_leads_out_is_not_followed(reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "secret.pdf").write_bytes(pdf(["secret"]))
    put(tmp_path, "inside.pdf", pdf(["inside"]))
    (tmp_path / "documents" / "out.pdf").symlink_to(tmp_path / "secret.pdf")
    (tmp_path / "documents" / "in.pdf").symlink_to(tmp_path / "documents" / "inside.pdf")
    assert "not below the folder documents" in failure(ask(reader, Open("out.pdf")))
    assert isinstance(ask(reader, Open("in.pdf")), Opened)


def test_missing_document_says_which_and_where_it_is_expected(reader: Reader, tmp_path: Path) -> None:
    told = failure(ask(reader, Open("pumps/p-501.pdf")))
    assert told.startswith("pumps/p-501.pdf is not there")
    assert str(tmp_path / "documents" / "pumps" / "p-501.pdf") in told


def test_page_that_is_not_there_says_how_many_there_are(reader: Reader, tmp_path: Path) -> None:
    name = put(tmp_path, "a.pdf", pdf(["one", "two"]))
    assert failure(ask(reader, Draw(name, 3, 1.0))) == "a.pdf has 2 pages, and no page 3."


def test_pictures_and_drawings_are_documents_of_one_page(
    reader: Reader, demo: Reader, tmp_path: Path
) -> None:
    opened = ask(demo, Open("s50-drawing.png"))
    assert opened == Opened(pages=1, size=(2000.0, 1414.0), has_text=False)
    drawn = ask(demo, Draw("s50-drawing.png", 1, 0.5))
    assert isinstance(drawn, Drawn) and (drawn.width, drawn.height) == (1000, 707)
    assert 0.005 < ink(drawn) < 0.5
    red = (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="80" height="40">'
        b'<rect width="40" height="40" fill="red"/></svg>'
    )
    vector = ask(reader, Draw(put(tmp_path, "v.svg", red), 1, 2.0))
    assert isinstance(vector, Drawn)
    pixels = np.frombuffer(vector.pixels, np.uint8).reshape(80, 160, 4)[:, :, :3]
    assert pixels[40, 40].tolist() == [0, 0, 255] and pixels[40, 120].tolist() == [255, 255, 255]


def test_drawing_that_shows_other_files_is_refused(reader: Reader, tmp_path: Path) -> None:
    text = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="/etc/x.png"/></svg>'
    assert "other files" in failure(ask(reader, Open(put(tmp_path, "v.svg", text))))


def test_process_killed_in_the_middle_is_started_again(reader: Reader, tmp_path: Path) -> None:
    name = put(tmp_path, "a.pdf", pdf(["one"] * 5))
    assert isinstance(ask(reader, Open(name)), Opened)
    first = reader.pid
    assert first is not None
    reader.want([Draw(name, 2, 3.0)])
    psutil.Process(first).kill()
    answer = ask(reader, Draw(name, 2, 3.0))
    assert isinstance(answer, Drawn) and reader.pid != first
    assert not psutil.pid_exists(first)


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal there")
def test_process_that_hangs_is_given_up_with_a_sentence(tmp_path: Path) -> None:
    name = put(tmp_path, "slow.pdf", pdf(["one"] * 2))
    reader = Reader(tmp_path, patience_s=0.3)
    try:
        reader.want([Open(name)])
        pid = reader.pid
        assert pid is not None
        psutil.Process(pid).suspend()
        told = failure(ask(reader, Open(name)))
        assert told.startswith("slow.pdf takes longer than")
        until(lambda: not psutil.pid_exists(pid), "the process that hung is still there")
    finally:
        reader.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
def test_process_runs_with_low_priority_and_few_rights(reader: Reader, tmp_path: Path) -> None:
    ask(reader, Open(put(tmp_path, "a.pdf", pdf(["one"]))))
    process = psutil.Process(reader.pid)
    assert process.nice() >= 10
    if sys.platform == "linux":
        assert process.rlimit(psutil.RLIMIT_FSIZE)[1] == 0
        assert process.rlimit(psutil.RLIMIT_AS)[1] <= 2 * 1024**3
        assert process.rlimit(psutil.RLIMIT_CPU)[0] < 120


def test_no_process_is_left_when_a_reader_is_closed(reader: Reader, tmp_path: Path) -> None:
    ask(reader, Open(put(tmp_path, "a.pdf", pdf(["one"]))))
    pid = reader.pid
    assert pid is not None
    reader.close()
    until(lambda: not psutil.pid_exists(pid), "the process is still there")


def test_document_that_is_replaced_is_read_anew(reader: Reader, tmp_path: Path) -> None:
    name = put(tmp_path, "a.pdf", pdf(["one"]))
    assert ask(reader, Open(name)) == Opened(1, (600.0, 800.0))
    put(tmp_path, "a.pdf", pdf(["one", "two", "three"]))
    reader.forget(name)
    assert ask(reader, Open(name)) == Opened(3, (600.0, 800.0))


def test_first_page_of_two_thousand(
    reader: Reader, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = put(tmp_path, "big.pdf", pdf([f"page {at}" for at in range(2000)]))
    began = time.monotonic()
    opened = ask(reader, Open(name))
    drawn = ask(reader, Draw(name, 1, 1.5))
    first_ms = 1000 * (time.monotonic() - began)
    began = time.monotonic()
    ask(reader, Draw(name, 1700, 1.5))
    later_ms = 1000 * (time.monotonic() - began)
    with capsys.disabled():
        print(f"\n2,000 pages: first page {first_ms:.0f} ms with the start, page 1,700 {later_ms:.0f} ms")
    assert isinstance(opened, Opened) and opened.pages == 2000
    assert isinstance(drawn, Drawn)


def test_requests_that_are_not_wanted_any_more_are_not_drawn(reader: Reader, tmp_path: Path) -> None:
    name = put(tmp_path, "a.pdf", pdf(["one"] * 50))
    ask(reader, Open(name))
    ahead: list[Request] = [Draw(name, page, 1.0) for page in range(1, 50)]
    reader.want(ahead)
    ask(reader, Draw(name, 50, 1.0))
    assert sum(reader.answer(each) is not None for each in ahead) <= 1, "only the one that was under way"
