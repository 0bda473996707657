from __future__ import annotations

import msgspec
import numpy as np
import pytest

from engine.drivers.opcua.describe import Found
from engine.drivers.opcua.memory import SourceMemory
from engine.drivers.opcua.wanted import Wanted
from engine.types import Status, TagInfo, TypeName
from tests.engine.drivers.opcua.recording import RecordingSink, tag


def found(type_name: TypeName = "float64", unit: str = "bar") -> Found:
    return Found(True, True, TagInfo(type_name, unit), data_type=type_name)


def table(memory: SourceMemory, type_name: TypeName = "", unit: str = "") -> tuple[Wanted, RecordingSink]:
    sink = RecordingSink()
    one = msgspec.structs.replace(tag(1, "ns=2;s=P"), type=type_name, unit=unit)
    return Wanted([one], memory, sink, "plc:4840"), sink


def test_unit_that_changed_is_followed_and_noted_where_tags_csv_leaves_it_open() -> None:
    memory = SourceMemory()
    first, sink = table(memory)
    assert first.accepts(first.rows[0], found(unit="bar"))
    first.tell(np.array([1.0]))
    assert sink.notes == {}
    again, sink = table(memory)
    assert again.accepts(again.rows[0], found(unit="kPa"))
    again.tell(np.array([1.0]))
    assert "'Line/Press/T1' was in bar and is in kPa" in sink.notes["changed tags"][0]
    assert sink.infos[1].unit == "kPa"


def test_unit_that_changed_against_tags_csv_turns_the_tag_bad_until_it_is_back() -> None:
    memory = SourceMemory()
    first, _ = table(memory, unit="bar")
    assert first.accepts(first.rows[0], found(unit="bar"))
    again, sink = table(memory, unit="bar")
    assert not again.accepts(again.rows[0], found(unit="kPa"))
    assert sink.marks == {1: Status.CONFIGURATION_ERROR}
    assert sink.whys[1].startswith("its unit on the server was bar and is now kPa, but tags.csv says bar")
    assert 1 not in sink.infos
    assert again.accepts(again.rows[0], found(unit="bar"))


def test_number_that_became_text_is_never_read_as_a_number() -> None:
    memory = SourceMemory()
    first, _ = table(memory)
    assert first.accepts(first.rows[0], found())
    again, sink = table(memory)
    assert not again.accepts(again.rows[0], found("string"))
    assert "was float64 and is now string" in sink.whys[1]


def test_wider_number_is_followed_and_noted() -> None:
    memory = SourceMemory()
    first, _ = table(memory)
    assert first.accepts(first.rows[0], found("int16"))
    again, sink = table(memory)
    assert again.accepts(again.rows[0], found("float32"))
    again.tell(np.array([1.0]))
    assert "was int16 and is float32" in sink.notes["changed tags"][0]


@pytest.mark.parametrize(("written", "served"), [("float32", "string"), ("string", "bool")])
def test_type_in_tags_csv_that_does_not_fit_the_server_is_said(written: TypeName, served: TypeName) -> None:
    one, sink = table(SourceMemory(), type_name=written)
    assert not one.accepts(one.rows[0], found(served))
    assert f"tags.csv says it is {written}, the server says {served}" in sink.whys[1]


def test_same_reason_is_marked_once() -> None:
    one, sink = table(SourceMemory())
    one.refuse(one.rows[0], "gone")
    sink.marks.clear()
    one.refuse(one.rows[0], "gone")
    assert sink.marks == {}
    one.refuse(one.rows[0], "other")
    assert sink.whys[1] == "other"


def test_number_larger_than_is_held_exactly_is_told_for_64_bit_tags_only() -> None:
    for type_name, told in (("int64", True), ("uint64", True), ("float64", False)):
        wanted, sink = table(SourceMemory())
        assert wanted.accepts(wanted.rows[0], found(type_name))
        wanted.tell(np.array([1e18]))
        assert ("64-bit" in sink.notes) == told
        wanted.tell(np.array([1000.0]))
        assert "64-bit" not in sink.notes
