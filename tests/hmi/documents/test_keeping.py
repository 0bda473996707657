"""What a reader keeps and asks for, against pages that answer from memory; no process."""

from __future__ import annotations

from pathlib import Path

from hmi.documents import Answer, Draw, Drawn, Failed, Open, Opened, Reader, Request
from hmi.documents import reader as reading
from hmi.documents.fitting import fitted
from hmi.documents.wire import MOST_PIXELS, WHOLE

PAGE_BYTES = 4 * 1000 * 1000


class Memory:
    """Answers at once; dies when told to."""

    def __init__(self, deaths: list[int]) -> None:
        self.pid, self._deaths = 1, deaths
        self._answer: Answer | None = None
        self.is_gone = self.is_closed = False

    def ask(self, request: Request) -> None:
        if self._deaths:
            self._deaths.pop()
            self.is_gone = True
        elif isinstance(request, Draw):
            self._answer = Drawn(request.page, (10.0, 10.0), WHOLE, 1000, 1000, bytes(PAGE_BYTES))
        else:
            self._answer = Opened(99, (10.0, 10.0))

    def take(self) -> Answer | None:
        answer, self._answer = self._answer, None
        return answer

    def close(self) -> None:
        self.is_closed = True


def run(reader: Reader) -> None:
    for _ in range(200):
        reader.look()


def test_pages_kept_stay_within_their_memory() -> None:
    reader = Reader(Path(), start=lambda _: Memory([]))
    for page in range(1, 60):
        reader.want([Draw("a", page, 1.0)])
        run(reader)
    assert reader.kept_bytes <= reading.KEPT_BYTES
    assert reader.answer(Draw("a", 59, 1.0)) is not None
    assert reader.answer(Draw("a", 1, 1.0)) is None, "the oldest went first"


def test_process_that_dies_once_is_not_the_fault_of_the_page() -> None:
    deaths = [1]
    reader = Reader(Path(), start=lambda _: Memory(deaths))
    reader.want([Draw("a", 1, 1.0)])
    run(reader)
    assert isinstance(reader.answer(Draw("a", 1, 1.0)), Drawn)
    assert reader.starts == 2


def test_page_that_kills_the_process_twice_is_given_up_and_the_next_one_is_drawn() -> None:
    deaths = [1, 1]
    reader = Reader(Path(), start=lambda _: Memory(deaths))
    reader.want([Draw("a", 1, 1.0), Draw("a", 2, 1.0)])
    run(reader)
    assert reader.answer(Draw("a", 1, 1.0)) == Failed("Page 1 of a cannot be shown: reading it failed.")
    assert isinstance(reader.answer(Draw("a", 2, 1.0)), Drawn)


def test_process_that_cannot_start_is_a_sentence() -> None:
    def refuse(_: Path) -> Memory:
        raise OSError(12, "Cannot allocate memory")

    reader = Reader(Path(), start=refuse)
    reader.want([Open("a")])
    run(reader)
    answer = reader.answer(Open("a"))
    assert isinstance(answer, Failed) and "Cannot allocate memory" in answer.text
    assert not reader.is_busy


def test_page_that_nobody_wants_any_more_gives_way_after_a_moment() -> None:
    class Silent(Memory):
        def ask(self, request: Request) -> None:
            if request != Draw("a", 1, 1.0):
                super().ask(request)

    now, made = [0.0], list[Silent]()

    def start(_: Path) -> Silent:
        made.append(Silent([]))
        return made[-1]

    reader = Reader(Path(), start=start, now_s=lambda: now[0])
    reader.want([Draw("a", 1, 1.0)])
    reader.want([Draw("a", 2, 1.0)])
    run(reader)
    assert reader.answer(Draw("a", 2, 1.0)) is None
    now[0] += 1.0
    run(reader)
    assert isinstance(reader.answer(Draw("a", 2, 1.0)), Drawn)
    assert made[0].is_closed and not made[1].is_closed


def test_pixels_of_any_page_are_bounded() -> None:
    for size in ((595.0, 842.0), (1.0, 200_000.0), (200_000.0, 0.5), (14_400.0, 14_400.0)):
        for scale in (0.0, 0.01, 1.0, 50.0):
            width, height, clip = fitted(size, scale, (-1.0, 0.2, 5.0, 0.1))
            assert 1 <= width * height <= MOST_PIXELS
            assert 0 <= clip[0] < clip[2] <= 1 and 0 <= clip[1] < clip[3] <= 1
