"""Changing the list of alarms: refused with file and line, written whole, on record with who and why."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.app.alarm_edit import AskedLimits, limits_answers, mark, reader
from engine.app.queries import Queries
from engine.server import RequestRefused
from engine.store import Catalogue, Journal
from engine.store.alarm_journal import AlarmJournal
from engine.typed import convert
from engine.types import AlarmChange, AlarmClass, AlarmSettings, Limit, Problem, Tag
from engine.wire import AlarmJournalBody, LimitsAnswer, LimitsChangeAnswer, LimitsChangeBody, encode
from tests.engine.store.told import Told

NOW_US = 1_750_000_000_000_000
TAGS = [Tag(k, f"Line/S1/{name}", "plc", "a") for k, name in enumerate(("Pressure", "Level", "Flow"))]
OLD = "path,kind,limit,priority,message\nLine/S1/Pressure,h,180,2,High\nLine/S1/Level,l,5,3,Low\n"
NEW = "path,kind,limit,priority,message\nLine/S1/Pressure,h,185,1,High\nLine/S1/Flow,h,9,3,Fast\n"
TO_NEW = {
    "added": ("Line/S1/Flow h",),
    "removed": ("Line/S1/Level l",),
    "edited": ("Line/S1/Pressure h",),
}


class Clock:
    def now_us(self) -> int:
        return NOW_US

    def mono_us(self) -> int:
        return 5

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError


class Plant:
    """A project folder, its journal and its catalogue, and the limits in force."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.told, self.queries = folder, Told(), Queries()
        self.file = folder / "alarms.csv"
        self.file.write_text(OLD)
        self.read = reader(TAGS, ())
        self.limits: Sequence[Limit] = self.read(OLD)[0] or ()
        self.reconfigured, self.others = 0, set[int]()
        self.edits: Mapping[int, tuple[str, str]] = {}
        (folder / "data").mkdir()
        self.catalogue = Catalogue(folder / "data" / "catalogue.db")
        self.journal = Journal(folder / "data" / "journal.db", self.told.committed, self.told.failed)
        asked = AskedLimits(
            folder,
            Clock(),
            self.read,
            lambda limits: [Problem("alarms.csv", 2, "warning", f"{len(limits)} without a response")],
            lambda: self.limits,
            lambda: (AlarmClass("process"),),
            lambda: AlarmSettings(kept_days=5),
            lambda keys: self.catalogue.number_alarms(keys, NOW_US),
            self.journal.append,
            lambda: self.others,
            self.reconfigure,
        )
        self.answers = limits_answers(asked, self.queries)

    def reconfigure(self, limits: Sequence[Limit], edits: Mapping[int, tuple[str, str]]) -> None:
        self.limits, self.reconfigured, self.edits = limits, self.reconfigured + 1, edits

    def change(self, text: str, **more: Any) -> LimitsChangeAnswer:
        said = {"text": text, "mark": mark(self.file.read_bytes()), "by": "Ann", "why": "too many"} | more
        body = msgspec.Raw(encode(convert(said, LimitsChangeBody)))
        answer = asyncio.run(self.answers["limits_change"](body))
        assert isinstance(answer, LimitsChangeAnswer)
        return answer

    def noted(self) -> list[AlarmChange]:
        read = AlarmJournal(self.folder / "data" / "journal.db")
        return read.changes(AlarmJournalBody(0, 2**62))[::-1]

    def close(self) -> None:
        self.journal.close()
        self.queries.close()
        self.catalogue.close()


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    made = Plant(tmp_path)
    yield made
    made.close()


def copies(plant: Plant) -> list[str]:
    return [each.read_text() for each in sorted((plant.folder / "data").glob("alarm-lists/*.csv"))]


def test_list_is_told_with_what_is_in_force_and_what_to_look_at(plant: Plant) -> None:
    answer = asyncio.run(plant.answers["limits"](msgspec.Raw(b"\xc0")))
    assert isinstance(answer, LimitsAnswer)
    assert (answer.text, answer.mark) == (OLD, hashlib.sha256(OLD.encode()).hexdigest())
    assert [limit.limit for limit in answer.limits] == [180.0, 5.0]
    assert (answer.classes[0].id, answer.settings.kept_days) == ("process", 5)
    assert answer.lint[0].message == "2 without a response"


def test_what_was_changed_by_hand_and_is_not_in_force_is_said_at_its_line(plant: Plant) -> None:
    def told() -> list[tuple[int, str]]:
        answer = asyncio.run(plant.answers["limits"](msgspec.Raw(b"\xc0")))
        assert isinstance(answer, LimitsAnswer)
        return [(each.line, each.message.partition(";")[0]) for each in answer.lint[:-1]]

    assert told() == []
    plant.file.write_text(NEW)
    assert told() == [
        (2, "not in force: limit 180 -> 185, priority 2 -> 1"),
        (3, "not in force: this row is new"),
        (1, "still in force, though its row is gone: Line/S1/Level l"),
    ]
    plant.file.write_text(OLD.replace(",180,", ",high,"))
    ((line, said),) = told()
    assert line == 2 and said.startswith("not in force: alarms.csv was changed and cannot be used: limit")


def test_file_in_another_encoding_is_refused_by_line_before_its_letters_are_lost(plant: Plant) -> None:
    plant.file.write_bytes(OLD.encode() + "Line/S1/Flow,h,9,3,Öl\n".encode("latin-1"))
    with pytest.raises(RequestRefused, match=r"alarms\.csv:4 is not UTF-8: save it as UTF-8"):
        asyncio.run(plant.answers["limits"](msgspec.Raw(b"\xc0")))


def test_changed_list_is_written_in_force_and_on_record(plant: Plant) -> None:
    plant.file.chmod(0o640)
    answer = plant.change(NEW)
    assert answer == LimitsChangeAnswer(True, hashlib.sha256(NEW.encode()).hexdigest(), (), **TO_NEW)
    assert plant.file.read_text() == NEW
    assert plant.file.stat().st_mode & 0o777 == 0o640
    assert copies(plant) == [OLD]
    assert [(limit.path, limit.limit) for limit in plant.limits] == [
        ("Line/S1/Pressure", 185.0),
        ("Line/S1/Flow", 9.0),
    ]
    plant.told.until(lambda: "limits_changed" in plant.told.names)
    assert plant.told.events[-1].body == {"by": "Ann", "why": "too many"} | {
        name: list(each) for name, each in TO_NEW.items()
    }
    flow, level, pressure = plant.noted()
    assert (flow.path, flow.what, flow.text) == ("Line/S1/Flow", "edited", "too many (added)")
    assert (level.path, level.what, level.by) == ("Line/S1/Level", "removed", "Ann")
    assert pressure.text == "too many (limit 180 -> 185, priority 2 -> 1)"
    assert (pressure.limit, pressure.priority, pressure.time_us) == (185.0, 1, NOW_US)
    assert [pressure.alarm] == plant.catalogue.number_alarms([("Line/S1/Pressure", "h", "", "")], 1)
    assert AlarmJournal(plant.folder / "data" / "journal.db").states() == []


def test_list_with_mistakes_is_refused_with_file_and_line(plant: Plant) -> None:
    answer = plant.change(NEW + "Line/S1/Nothing,h,5,1,What\nLine/S1/Flow,h,9,77,Fast\n")
    assert not answer.is_changed
    assert {(each.file, each.line, each.severity) for each in answer.problems} >= {
        ("alarms.csv", 4, "error"),
        ("alarms.csv", 5, "error"),
    }
    assert plant.file.read_text() == OLD
    assert (plant.reconfigured, copies(plant)) == (0, [])


def test_text_that_is_no_list_is_refused_in_words(plant: Plant) -> None:
    for text in ("", "path;kind\n", "path,kind\n\0"):
        answer = plant.change(text)
        assert not answer.is_changed
        assert answer.problems[0].severity == "error"
    assert plant.file.read_text() == OLD


def test_list_that_somebody_changed_meanwhile_is_not_overwritten(plant: Plant) -> None:
    seen = mark(plant.file.read_bytes())
    plant.file.write_text(OLD + "Line/S1/Flow,h,4,4,Fast\n")
    for trial in (False, True):
        with pytest.raises(RequestRefused, match=r"somebody changed alarms\.csv since"):
            plant.change(NEW, mark=seen, is_trial=trial)
    assert plant.file.read_text().endswith("4,4,Fast\n")
    assert plant.reconfigured == 0


def test_trial_says_what_would_change_and_changes_nothing(plant: Plant) -> None:
    answer = plant.change(NEW, is_trial=True, by="", why="")
    looked_at = (Problem("alarms.csv", 2, "warning", "2 without a response"),)
    assert answer == LimitsChangeAnswer(False, mark(OLD.encode()), (), **TO_NEW, lint=looked_at)
    assert plant.file.read_text() == OLD
    assert (plant.reconfigured, copies(plant), plant.told.events) == (0, [], [])


@pytest.mark.parametrize("said", [{"by": "  "}, {"why": ""}, {"by": "x" * 101}, {"why": "x" * 501}])
def test_change_without_a_name_and_a_reason_is_refused(plant: Plant, said: dict[str, str]) -> None:
    with pytest.raises(RequestRefused, match=r"who changes|at most"):
        plant.change(NEW, **said)
    assert plant.file.read_text() == OLD


def test_list_that_cannot_be_written_stays_and_stays_in_force(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> None:
        raise OSError(28, f"{path} cannot be written (No space left on device)")

    monkeypatch.setattr("engine.paths.replace_file", full)
    with pytest.raises(RequestRefused, match=r"cannot be written .No space left on device"):
        plant.change(NEW)
    assert plant.file.read_text() == OLD
    assert (plant.reconfigured, plant.noted()) == (0, [])


def test_first_list_of_a_project_is_written(plant: Plant) -> None:
    plant.file.unlink()
    plant.limits = ()
    body = msgspec.Raw(encode(LimitsChangeBody(NEW, "", "Ann", "a new plant")))
    answer = asyncio.run(plant.answers["limits_change"](body))
    assert isinstance(answer, LimitsChangeAnswer)
    assert answer.is_changed
    assert answer.added == ("Line/S1/Pressure h", "Line/S1/Flow h")
    assert plant.file.read_text() == NEW
    assert copies(plant) == []


def test_alarm_that_stands_is_told_who_changed_it_instead_of_a_second_record(plant: Plant) -> None:
    (number,) = plant.catalogue.number_alarms([("Line/S1/Pressure", "h", "", "")], NOW_US)
    plant.others.add(number)
    plant.change(NEW)
    plant.told.until(lambda: "limits_changed" in plant.told.names)
    assert plant.edits == {number: ("Ann", "too many (limit 180 -> 185, priority 2 -> 1)")}
    assert [each.path for each in plant.noted()] == ["Line/S1/Flow", "Line/S1/Level"]


def test_same_limits_in_another_order_are_no_change_but_for_the_file(plant: Plant) -> None:
    answer = plant.change(OLD + "\n\n")
    assert (answer.is_changed, answer.added, answer.removed, answer.edited) == (True, (), (), ())
    assert plant.noted() == []
    plant.told.until(lambda: "limits_changed" in plant.told.names)


def test_mark_of_the_encoding_stays(plant: Plant) -> None:
    plant.file.write_bytes(b"\xef\xbb\xbf" + OLD.encode())
    assert plant.change(NEW).is_changed
    assert plant.file.read_bytes() == b"\xef\xbb\xbf" + NEW.encode()
    assert plant.change(OLD).is_changed


def test_two_changes_at_once_do_not_overwrite_each_other(plant: Plant) -> None:
    seen = mark(plant.file.read_bytes())

    async def both() -> list[object]:
        bodies = [
            msgspec.Raw(encode(LimitsChangeBody(text, seen, who, "why")))
            for text, who in ((NEW, "Ann"), (OLD.replace("180", "190"), "Bob"))
        ]
        return await asyncio.gather(*map(plant.answers["limits_change"], bodies), return_exceptions=True)

    first, second = asyncio.run(both())
    assert isinstance(first, LimitsChangeAnswer)
    assert isinstance(second, RequestRefused)
    assert (plant.file.read_text(), plant.reconfigured) == (NEW, 1)
