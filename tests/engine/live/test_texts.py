"""Texts as numbers in batches, and as texts again at the reader."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.live import LiveReader, LiveTable, Texts, plan, texts
from engine.live.texts import cut
from engine.types import Status
from tests.engine.live.tables import MONO_US, batch, ids

KEEP = np.ones((1, 1), np.bool_)


class Rig:
    """Three tags, of which number 1 is text."""

    def __init__(self, folder: Path) -> None:
        layout = plan(3, boot=7, ring_bytes=1 << 16)
        self.texts = Texts()
        self.table = LiveTable(folder / "live.bin", layout, ids(0, 1, 2), MONO_US, self.texts)
        self.table.set_text(1, True)
        self.reader = LiveReader(folder / "live.bin", layout)

    def say(self, text: str, time_us: int = 1) -> None:
        self.table.write(batch(ids(1), time_us, self.texts.code(text)), KEEP, MONO_US)

    def seen(self) -> dict[int, str]:
        return dict(self.reader.snapshot(MONO_US).text)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    yield made
    made.reader.close()
    made.table.close()


def test_text_is_shown_by_position_and_follows_its_tag(rig: Rig) -> None:
    assert rig.seen() == {}, "no value yet"
    rig.say("Ready")
    rig.table.write(batch(ids(0), 1, 0.0), KEEP, MONO_US)
    assert rig.seen() == {1: "Ready"}
    for text in ("", "läuft – 5 µm", "Ready"):
        rig.say(text)
        assert rig.seen() == {1: text}


def test_text_changes_its_version_and_a_repeated_one_keeps_its_value(rig: Rig) -> None:
    rig.say("a")
    first = rig.reader.snapshot(MONO_US)
    rig.say("b")
    second = rig.reader.snapshot(MONO_US)
    rig.say("a")
    third = rig.reader.snapshot(MONO_US)
    assert first.value[1] == third.value[1] != second.value[1]
    assert len({int(each.version[1]) for each in (first, second, third)}) == 3


def test_text_without_a_value_is_none_until_it_comes_back(rig: Rig) -> None:
    rig.say("Ready")
    rig.table.mark(ids(1), Status.CONFIGURATION_ERROR, MONO_US, 5)
    assert rig.seen() == {}
    rig.say("Ready")
    assert rig.seen() == {1: "Ready"}


def test_stale_text_stays_as_the_last_one(rig: Rig) -> None:
    rig.say("Ready")
    rig.table.mark(ids(1), Status.STALE, MONO_US, 5)
    assert rig.seen() == {1: "Ready"}


def test_text_has_no_curve(rig: Rig) -> None:
    rig.say("Ready")
    assert len(rig.reader.curve(1, 0, 100, 50).time_us) == 0


def test_tag_that_turns_out_to_be_a_number_has_no_text(rig: Rig) -> None:
    rig.say("Ready")
    assert rig.seen() == {1: "Ready"}
    rig.table.set_text(1, False)
    rig.table.write(batch(ids(1), 2, 5.0), KEEP, MONO_US)
    assert rig.seen() == {}
    assert rig.reader.curve(1, 0, 100, 50).low.tolist() == [0.0, 5.0]


def test_newest_of_several_texts_in_one_batch_is_shown(rig: Rig) -> None:
    codes = [[rig.texts.code(text)] for text in ("one", "two", "three")]
    sent = batch(ids(1), 1, 0.0)
    many = type(sent)(0, ids(1), np.arange(3), np.arange(3), np.array(codes), np.zeros(1, np.uint32))
    rig.table.write(many, np.ones((3, 1), np.bool_), MONO_US)
    assert rig.seen() == {1: "three"}


def test_row_left_half_written_keeps_its_last_whole_text(rig: Rig) -> None:
    rig.say("Ready")
    assert rig.seen() == {1: "Ready"}
    # What a writer killed in the middle of a row leaves behind.
    rig.table._sequence[1] += np.uint64(1)  # noqa: SLF001
    rig.table._text[1, :5] = np.frombuffer(b"Broke", np.uint8)  # noqa: SLF001
    assert rig.seen() == {1: "Ready"}
    assert rig.reader.torn == 1


@given(st.text(st.characters(codec="utf-8"), max_size=400))
def test_text_is_cut_at_a_whole_character_and_only_if_it_must_be(text: str) -> None:
    content = cut(text)
    assert len(content) <= 256
    shown = content.decode()
    if len(text.encode()) <= 256:
        assert shown == text
    else:
        assert shown.endswith("…")
        assert text.startswith(shown[:-1])
        assert len(content) > 256 - 4, "no more is lost than one character"


def test_text_that_is_not_utf_8_is_shown_as_far_as_it_goes() -> None:
    assert cut("broken \ud800 half") == b"broken ? half"


def test_equal_texts_have_equal_numbers_and_others_never_do() -> None:
    known = Texts()
    codes = {text: known.code(text) for text in ("a", "b", "", "a ")}
    assert len(set(codes.values())) == 4
    assert all(known.code(text) == code and known.text(code) == text for text, code in codes.items())


def test_ever_new_texts_cannot_fill_the_memory_nor_be_mistaken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "MOST_TEXTS", 10)
    known, given_out = Texts(), dict[float, str]()
    for k in range(100):
        code = known.code(f"text {k}")
        assert code not in given_out
        given_out[code] = f"text {k}"
        still = [known.text(old) for old in given_out]
        assert all(text in ("", said) for text, said in zip(still, given_out.values(), strict=True))
        assert sum(text != "" for text in still) <= 10
        assert all(still[-5:]), "the newest are known for long enough to be written"
    assert known.code("text 99") == max(given_out)


def test_texts_of_earlier_runs_keep_their_numbers_and_new_ones_are_told_first() -> None:
    first, told = Texts(), list[tuple[float, str]]()
    first.keep((), lambda code, text: told.append((code, text)))
    codes = {text: first.code(text) for text in ("a", "b", "a", "c")}
    assert told == [(codes["a"], "a"), (codes["b"], "b"), (codes["c"], "c")]
    second, news = Texts(), list[tuple[float, str]]()
    second.keep([(int(code), text) for code, text in told[:2]], lambda code, text: news.append((code, text)))
    assert second.code("b") == codes["b"]
    assert second.text(codes["a"]) == "a"
    assert news == []
    fresh = second.code("d")
    assert news == [(fresh, "d")]
    assert fresh > codes["b"]
