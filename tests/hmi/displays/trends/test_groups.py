"""Saved groups: kept, replaced, deleted, and what happens to a damaged file."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import paths
from hmi.displays.trends import groups
from hmi.displays.trends.groups import Group

WARM_UP = Group("Warm-up", "Line 3", ("a/Pressure", "a/Oil"))


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A settings folder of the test's own."""
    monkeypatch.setattr(paths, "user_config", lambda: tmp_path)
    return tmp_path


def test_groups_come_back_as_they_were_saved() -> None:
    assert groups.load() == ((), "")
    assert groups.save([WARM_UP]) == ""
    assert groups.load() == ((WARM_UP,), "")


def test_same_name_replaces_within_one_plant_only() -> None:
    other = Group("Warm-up", "Line 4", ("b",))
    again = Group("Warm-up", "Line 3", ("c",))
    kept = groups.with_group(groups.with_group((WARM_UP,), other), again)
    assert set(kept) == {other, again}
    assert groups.of_plant(kept, "Line 4") == (other,)
    assert groups.without(kept, "Line 3", "Warm-up") == (other,)


@pytest.mark.parametrize("content", [b"", b"{", b'{"groups": [{"name": 7}]}', b"\xff\xfe"])
def test_damaged_file_is_kept_aside_and_told(config: Path, content: bytes) -> None:
    groups.file().write_bytes(content)
    found, words = groups.load()
    assert found == () and "damaged" in words
    assert (config / "trend-groups.damaged").read_bytes() == content
    assert groups.save([WARM_UP]) == ""
    assert groups.load() == ((WARM_UP,), "")


def test_group_that_cannot_be_saved_says_why(config: Path) -> None:
    groups.file().mkdir()
    (groups.file() / "in the way").touch()
    assert "not saved" in groups.save([WARM_UP])


def test_name_is_one_line_and_not_too_long() -> None:
    assert groups.good_name("  press \n warm-up ") == "press warm-up"
    assert len(groups.good_name("x" * 500)) == groups.LONGEST_NAME
