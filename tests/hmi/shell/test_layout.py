"""The layout of a station on disk, and where windows go when a monitor is gone."""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec
import pytest

from hmi.shell import layout
from hmi.shell.layout import Kept, Layout, WindowLayout

SCREENS = {"left": (0, 0, 1920, 1080), "right": (1920, 0, 1920, 1080)}
ONE = WindowLayout(
    (1930, 40, 1280, 700),
    "right",
    display="trends",
    path="A/B",
    faceplate="A/B/c",
    views={"trends": {"pens": ["A/B/c"]}},
)


def test_what_was_kept_comes_back_exactly(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "layout.json"
    kept = Kept(
        Layout((ONE, WindowLayout((0, 0, 900, 600))), "auto", 60), {"Night": Layout((ONE,), "dark", 40)}
    )
    layout.save(file, msgspec.json.encode(kept))
    assert layout.load(file) == kept


def test_first_start_has_no_layout(tmp_path: Path) -> None:
    assert layout.load(tmp_path / "none.json") is None


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"last": 5}', b"\xff\xfe", b'{"last":{"windows":[{"box":[1,2]}]}}']
)
def test_damaged_file_is_said_in_the_log_and_starts_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    file = tmp_path / "layout.json"
    file.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert layout.load(file) is None
    assert str(file) in caplog.text


def test_unknown_theme_and_brightness_become_sound_and_the_rest_stays(tmp_path: Path) -> None:
    file = tmp_path / "layout.json"
    layout.save(file, msgspec.json.encode(Kept(Layout((ONE,), "neon", 3))))
    found = layout.load(file)
    assert found is not None
    assert (found.last.theme, found.last.brightness, found.last.windows) == ("light", 20, (ONE,))


def test_disk_that_cannot_be_written_is_said_and_nothing_more(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    with caplog.at_level(logging.WARNING):
        layout.save(tmp_path / "file" / "layout.json", b"{}")
    assert "not remembered" in caplog.text


def test_two_projects_have_two_files(tmp_path: Path) -> None:
    assert layout.file_of(tmp_path / "a") != layout.file_of(tmp_path / "b")
    assert layout.file_of(tmp_path / "a") == layout.file_of(tmp_path / "b" / ".." / "a")


def test_window_on_a_screen_stays_where_it_was() -> None:
    assert layout.box_on(ONE.box, SCREENS, "right") == ONE.box


def test_window_of_a_monitor_that_is_gone_comes_to_one_that_is_there() -> None:
    only = {"left": SCREENS["left"]}
    assert layout.box_on(ONE.box, only, "right") == (320, 190, 1280, 700)
    left, top, width, height = layout.box_on((5000, 3000, 3840, 2160), only, "wall")
    assert (left, top, width, height) == (0, 0, 1920, 1080)


def test_window_whose_title_is_above_the_screen_is_brought_back() -> None:
    assert layout.box_on((100, -400, 800, 600), SCREENS, "left")[1] >= 0
