"""A ledger is looked after: checked, its checkpoints kept, its disk watched, and its alarms raised."""

from __future__ import annotations

import shutil
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.app import ledger_keeping
from engine.app.ledger_alarm import look_at_ledger
from engine.app.ledger_anchor import anchors
from engine.app.ledger_keeping import DAY_US, Checks
from engine.ledger.checkpoint import read_checkpoint
from engine.types import AlarmSettings
from tests.engine.app.recorded import Ring, Station, lines, record, sent, station
from tests.engine.app.test_ledger_answers import change_an_entry
from tests.running import until

Usage = namedtuple("Usage", ["total", "used", "free"])


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Station]:
    with station(tmp_path / "mill", Ring()) as opened:
        yield opened


def checked(made: Station) -> Any:
    return made.scribe.keeping.check(lambda share: True)


def test_all_is_checked_once_a_week_and_what_was_added_once_a_day(
    made: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = list[str]()
    for name in ("verify_file", "verify_added"):
        real = getattr(ledger_keeping, name)
        monkeypatch.setattr(
            ledger_keeping, name, lambda *words, real=real, name=name: (kinds.append(name), real(*words))[1]
        )
    for _ in range(9 * 4):  # nine days, asked every six hours
        record(made, sent(1))
        checked(made)
        made.clock.ahead_us += DAY_US // 4
    assert kinds == ["verify_file", *["verify_added"] * 6, "verify_file", "verify_added"]
    assert made.scribe.keeping.checks.evidence == ()
    assert made.scribe.keeping.checks.size > 30


def test_check_that_was_stopped_is_done_later(made: Station) -> None:
    assert made.scribe.keeping.check(lambda share: False) is None
    assert made.scribe.keeping.checks == Checks()
    assert checked(made).findings == []


def test_what_a_check_found_stays_until_all_is_right_again(made: Station, tmp_path: Path) -> None:
    for k in range(5):
        record(made, sent(k))
    assert checked(made).findings == []
    record(made, sent(6))
    good = tmp_path / "good.db"
    made.close()
    shutil.copy2(made.scribe.file, good)
    change_an_entry(made.scribe.file, 6)
    made.clock.ahead_us = DAY_US + 1
    assert "entry 6 was changed" in checked(made).findings[0]
    kept = ledger_keeping.Keeping(tmp_path / "mill", made.project, made.clock)
    assert "check of what was added: entry 6 was changed" in kept.checks.evidence[0]
    assert kept.checks.size == 6, "the next check looks at it again"
    shutil.copy2(good, made.scribe.file)
    made.clock.ahead_us += DAY_US
    assert kept.check(lambda share: True).findings == []  # pyright: ignore
    assert kept.checks.evidence, "a look at a part of it takes no evidence away"
    made.clock.ahead_us += 7 * DAY_US
    assert kept.check(lambda share: True).findings == []  # pyright: ignore
    assert kept.checks.evidence == ()


def test_newest_checkpoint_is_kept_outside_of_the_project(made: Station, tmp_path: Path) -> None:
    record(made, sent(1))
    made.close()
    (anchor,) = anchors()
    assert (anchor.project, anchor.checkpoint.size) == (str(tmp_path / "mill"), 2)
    assert anchor.note == made.scribe.keeping.trust().seen[0]


def test_checkpoint_of_the_day_is_a_text_file_that_fits_the_ledger(made: Station, tmp_path: Path) -> None:
    folder = tmp_path / "mill/data/checkpoints"
    until(lambda: list(folder.glob("checkpoint-*.txt")), 10)
    (file,) = folder.glob("checkpoint-*.txt")
    note, checkpoint = read_checkpoint(file.read_text("utf-8"))
    assert checkpoint.size == 1
    assert note.signatures
    assert checked(made).findings == []


def test_check_finds_a_ledger_that_does_not_go_on_from_a_checkpoint_that_was_kept(
    made: Station, tmp_path: Path
) -> None:
    record(made, sent(1), sent(2))
    kept = tmp_path / "mill/data/checkpoints/checkpoint-2026-01-01.txt"
    until(lambda: kept.parent.exists(), 10)
    kept.write_text(lines_of_another(tmp_path))
    assert any("FORK" in each or "not signed by this" in each for each in checked(made).findings)


def lines_of_another(tmp_path: Path) -> str:
    """A checkpoint of the same name and size, over other entries and by another key."""
    from engine.ledger import make_key
    from engine.ledger.checkpoint import Checkpoint, sign_checkpoint

    origin = lines(tmp_path / "mill")[0]["body"]["origin"]
    return str(sign_checkpoint(Checkpoint(origin, 3, bytes(32)), make_key(origin)))


@pytest.mark.parametrize(
    ("free", "words", "scarce"),
    [
        (50e9, "", False),
        (15e9, "over 80 % full", False),
        (5e9, "over 90 % full", False),
        (0.5e9, "90 %", True),
    ],
)
def test_disk_that_fills_up_is_told_before_it_is_full(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: float, words: str, scarce: bool
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(100e9, 100e9 - free, free))
    with station(tmp_path / "mill", Ring()) as made:
        until(lambda: made.scribe.keeping.warning or not words, 10)
        assert words in made.scribe.keeping.warning
        assert bool(words) == bool(made.scribe.keeping.warning)
        assert made.scribe.keeping.is_scarce == scarce


class Heard:
    """The alarms of an engine as far as the ledger's are concerned."""

    settings = AlarmSettings()

    def __init__(self) -> None:
        self.active: dict[str, str] = {}
        self.told = 0

    def reported(self, kind: str) -> list[Any]:
        names = [*self.active]
        return [namedtuple("Alarm", ["path", "name"])("Ledger", name) for name in names]

    def report(self, outside: Any, active: bool, time_us: int) -> None:
        self.told += 1
        if active:
            self.active[outside.name] = outside.cause
        else:
            self.active.pop(outside.name, None)


def test_alarm_comes_when_nothing_can_be_put_on_record_and_goes_when_it_can(tmp_path: Path) -> None:
    ring, heard = Ring(), Heard()
    with station(tmp_path / "mill", ring) as made:
        look_at_ledger(made.scribe, heard, made.clock)  # pyright: ignore
        assert (heard.active, heard.told) == ({}, 0), "a ledger that is well has no alarm"
    file = made.scribe.file
    file.rename(tmp_path / "away.db")
    with station(tmp_path / "mill", ring) as made:
        look_at_ledger(made.scribe, heard, made.clock)  # pyright: ignore
        assert "ledger.begun says that there was one" in heard.active["record"]
        (tmp_path / "away.db").rename(file)
    with station(tmp_path / "mill", ring) as made:
        look_at_ledger(made.scribe, heard, made.clock)  # pyright: ignore
        assert heard.active == {}, "also that of the run before"


def test_evidence_is_an_alarm(made: Station) -> None:
    heard = Heard()
    record(made, sent(1))
    change_an_entry(made.scribe.file, 1)
    checked(made)
    look_at_ledger(made.scribe, heard, made.clock)  # pyright: ignore
    assert heard.active == {"evidence": made.scribe.keeping.checks.evidence[0]}
    assert any("entry 1 was changed" in each for each in made.scribe.keeping.checks.evidence)
