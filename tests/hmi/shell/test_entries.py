"""What the command palette finds."""

from __future__ import annotations

import msgspec
import pytest

from engine.types import Document
from hmi.displays import DISPLAYS
from hmi.displays.display import DOCUMENT, Place
from hmi.model import build
from hmi.shell.commands import commands, next_step
from hmi.shell.entries import Catalogue, Entry, place_of
from tests.hmi.line import HIGH, LINE, PRESS, PRESSURE, TIPS


@pytest.fixture
def catalogue() -> Catalogue:
    made = Catalogue(build(LINE), DISPLAYS, commands(("Night",)))
    made.show_alarms([TIPS, HIGH])
    return made


def first(catalogue: Catalogue, typed: str) -> Entry:
    return catalogue.find(typed)[0].entries[0]


@pytest.mark.parametrize(
    ("typed", "kind", "target"),
    [
        ("s50 pres", "tag", PRESSURE),
        ("roof", "asset", PRESS),
        ("weld current high", "alarm", TIPS.path),
        ("trends", "display", "trends"),
        ("full sc", "command", "full screen"),
        ("night", "command", "theme dark"),
        ("layout: n", "command", "layout Night"),
    ],
)
def test_a_few_letters_find_any_kind_of_thing(
    catalogue: Catalogue, typed: str, kind: str, target: str
) -> None:
    found = [entry for group in catalogue.find(typed) for entry in group.entries]
    assert (kind, target) in [(entry.kind, entry.target) for entry in found]


def test_display_meant_comes_before_tags_that_merely_fit(catalogue: Catalogue) -> None:
    assert (first(catalogue, "trends").kind, first(catalogue, "roof press").kind) == ("display", "asset")


def test_groups_have_a_title_and_hold_one_kind(catalogue: Catalogue) -> None:
    groups = catalogue.find("s")
    assert len({group.title for group in groups}) == len(groups)
    assert all(len({entry.kind for entry in group.entries}) == 1 for group in groups)


def test_nothing_typed_offers_the_alarms_first_worst_on_top(catalogue: Catalogue) -> None:
    groups = catalogue.find("")
    assert [group.title for group in groups] == ["Alarms", "Displays", "Commands"]
    assert groups[0].entries[0].badge is not None and groups[0].entries[0].badge.priority == 1


def test_asset_and_tag_carry_the_badge_of_their_alarm(catalogue: Catalogue) -> None:
    found = {
        entry.target: entry
        for group in catalogue.find("press")
        for entry in group.entries
        if entry.kind != "alarm"
    }
    assert found[PRESS].badge is not None and found[PRESS].badge.priority == 1
    assert found[PRESSURE].badge is not None


def test_letters_that_fit_nothing_find_nothing(catalogue: Catalogue) -> None:
    assert catalogue.find("qqzzxx") == ()


def test_every_key_stands_for_one_command() -> None:
    keys = [each.keys for each in commands(()) if each.keys]
    assert len(keys) == len(set(keys))


def test_brightness_goes_in_steps_and_never_to_black() -> None:
    assert [next_step(100, "down"), next_step(20, "down"), next_step(100, "up"), next_step(60, "up")] == [
        80,
        20,
        100,
        80,
    ]
    assert [next_step(80, "40"), next_step(80, "5")] == [40, 20]


def test_document_is_found_by_its_title_once_and_opens_at_its_page() -> None:
    documents = tuple(Document(path, "HYD-5012: seal change", "m.pdf", 44) for path in (PRESS, PRESSURE))
    model = build(msgspec.structs.replace(LINE, documents=documents))
    made = Catalogue(model, DISPLAYS, commands(()))
    found = [entry for group in made.find("seal chan") for entry in group.entries]
    assert [each.title for each in found if each.kind == "document"] == ["HYD-5012, page 44: seal change"]
    assert place_of(model, found[0]) == Place(DOCUMENT, "44:m.pdf")
