"""Models as widgets: what is shown, what an act sends, what is refused, and what it costs unseen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from engine.types import ClassHistory, Person, RoleAt
from engine.wire import ModelsAnswer
from hmi.author import author
from hmi.displays.display import Place
from hmi.displays.system.models.page import ModelsPage
from hmi.displays.system.state import PAGES
from hmi.shell.window import Window
from hmi.who import Who
from tests.hmi.displays.system.models.shelf import (
    CHAMPION,
    OPEN,
    PRESS,
    ShelfFeed,
    card,
)
from tests.hmi.displays.system.office import OPERATOR, logged_in
from tests.hmi.displays.system.page import view_of
from tests.hmi.looking import see
from tests.hmi.plant import PROJECT
from tests.hmi.structure import problems

pytestmark = pytest.mark.screen
MODELS = PAGES.index("models")
ENGINEER = logged_in(Person("ines", "Ines Costa", (RoleAt("engineer"),)), "configure", "annotate")


@pytest.fixture
def page(window: Window, feed: ShelfFeed) -> ModelsPage:
    """The page with an engineer at it."""
    window.set_who(ENGINEER)
    view = view_of(window)
    view.show_page(MODELS)
    return view.models


def choose(page: ModelsPage, row: int) -> None:
    page.list.table.selectRow(row)


def agree(page: ModelsPage, reason: str) -> None:
    """Type a reason and press the button of the sheet."""
    sheet = page.acts.sheet
    assert sheet.isVisible() and not sheet.button.isEnabled(), "nothing is done without a reason"
    sheet.field.setText(reason)
    sheet.button.click()


@pytest.mark.parametrize(("size", "look"), [((1920, 1080), "dark"), ((1366, 768), "sunlight")])
def test_every_part_of_the_page_has_room(
    window: Window, page: ModelsPage, qapp: Any, size: tuple[int, int], look: str
) -> None:
    window.set_theme(look)
    window.resize(*size)
    for tab in ("models", "warnings", "classes"):
        page.turn(tab)
        for _ in range(4):
            qapp.processEvents()
        assert problems(window) == []


def test_chosen_version_is_shown_whole(page: ModelsPage) -> None:
    detail = page.list.detail
    assert "Champion: it alone warns" in detail.role.text() and "Better on every count" in detail.role.text()
    assert detail.record.texts.rowCount() == 5 and detail.inputs.texts.rowCount() == 2
    assert [name for name, _ in detail.drift.rows] == [
        "pressure:mean_24h",
        "oil:mean_24h",
        "pressure:mean_3h",
    ]
    assert "3.4\u202f% of the values are outside" in detail.drift_said.text()
    assert "Never seen in a plant." in detail.limits.text()
    assert detail.data.texts["Data"].startswith("SIMULATED")
    choose(page, 1)
    assert "Challenger" in detail.role.text() and not detail.drift.isVisible()


def test_promotion_is_tried_told_and_done_with_a_reason(page: ModelsPage, feed: ShelfFeed) -> None:
    assert not page.list.buttons["promote"].isEnabled(), "a champion is champion"
    choose(page, 1)
    feed.told = "press-48h 1.1.0 becomes champion"
    page.list.buttons["promote"].click()
    assert "press-48h 1.1.0 becomes champion" in page.acts.sheet.said.text()
    assert page.list.table.texts.rows[1][2] == "challenger", "a trial changes nothing here either"
    agree(page, "better on every count")
    tried, sent = feed.bodies("model_change")
    assert tried["is_trial"] and not sent.get("is_trial") and not sent.get("is_override")
    assert (sent["what"], sent["id"], sent["version"]) == ("promote", "press-48h", "1.1.0")
    assert sent["reason"] == "better on every count" and sent["by"]
    assert not page.acts.sheet.isVisible() and page.list.table.texts.rows[1][2] == "champion"


def test_promotion_against_the_rule_says_what_speaks_against_it(page: ModelsPage, feed: ShelfFeed) -> None:
    choose(page, 1)
    feed.rule = "press-48h 1.1.0 is not promoted: it ran in shadow for 3.0 days, and 14 are asked for"
    page.list.buttons["promote"].click()
    sheet = page.acts.sheet
    assert "3.0 days" in sheet.said.text() and sheet.button.text() == "Promote against the rule"
    agree(page, "the old one is broken")
    assert feed.bodies("model_change")[-1]["is_override"] is True
    assert page.list.table.texts.rows[1][2] == "champion"


def test_act_that_is_refused_says_why_before_and_after_the_reason(page: ModelsPage, feed: ShelfFeed) -> None:
    feed.refusals["model_change"] = "there is no earlier champion for press to go back to"
    page.list.buttons["rollback"].click()
    assert "no earlier champion" in page.said.text() and not page.acts.sheet.isVisible()
    del feed.refusals["model_change"]
    page.list.buttons["retire"].click()
    feed.refusals["model_change"] = "it is not on record, so it is not done"
    agree(page, "worn out")
    assert "It is not on record" in page.acts.sheet.trouble.text() and page.acts.sheet.isVisible()


def test_every_other_act_is_sent_with_its_reason(page: ModelsPage, feed: ShelfFeed) -> None:
    for act in ("rollback", "shadow", "retire"):
        choose(page, 0)
        page.list.buttons[act].click()
        agree(page, "because")
        tried, sent = feed.bodies("model_change")[-2:]
        assert tried["is_trial"] and tried["what"] == sent["what"] == act and sent["reason"] == "because"
        assert not sent.get("is_trial") and sent["asset"] == ""
    assert page.said.text() == "press-48h 1.0.0: in shadow → retired. Done, and on record."


def test_import_is_tried_first_and_told_before_it_is_done(
    page: ModelsPage, feed: ShelfFeed, tmp_path: Path
) -> None:
    page.acts.bring_in(tmp_path)
    assert [body.get("is_trial") for body in feed.bodies("model_change")] == [True]
    told = page.acts.sheet.said.text()
    assert "press-48h 2.0.0 comes in, challenger." in told and "1.1.0: challenger → in shadow." in told
    assert page.list.table.texts.rowCount() == 2, "a trial changes nothing here either"
    agree(page, "from the vendor")
    assert feed.bodies("model_change")[-1]["folder"] == str(tmp_path)
    assert not feed.bodies("model_change")[-1].get("is_trial")
    assert page.list.table.texts.rowCount() == 3


def test_package_that_is_refused_says_why_and_opens_nothing(
    page: ModelsPage, feed: ShelfFeed, tmp_path: Path
) -> None:
    feed.refusals["model_change"] = "model.onnx has another hash than card.json says: export it again"
    page.acts.bring_in(tmp_path)
    assert page.said.text().startswith("Nothing was changed.") and "another hash" in page.said.text()
    assert not page.acts.sheet.isVisible()


def test_training_shows_progress_is_cancelled_and_tells_its_result(page: ModelsPage, feed: ShelfFeed) -> None:
    feed.job_states = [{"job": 5, "done": False, "progress": 0.6, "result": None, "error": ""}] * 50
    page.list.buttons["retrain"].click()
    assert page.list.progress.isVisible() and not page.list.buttons["retrain"].isEnabled()
    assert (
        feed.bodies("job")[0]["kind"] == "retrain" and feed.bodies("job")[0]["body"]["asset_class"] == "press"
    )
    page.list.stop.click()
    assert feed.bodies("job_cancel") and not page.list.progress.isVisible()
    assert "Nothing was trained. Cancelled." in page.said.text()
    feed.job_states = []
    feed.result = {"id": "press-48h", "version": "3.0.0", "failures": 31, "text": "it finds 28 of 31"}
    page.list.buttons["retrain"].click()
    see(lambda: "3.0.0" in page.said.text(), 10, "the result")
    assert "from 31 failures. It finds 28 of 31." in page.said.text()


def test_warning_is_judged_with_a_reason_and_opens_its_asset(
    window: Window, page: ModelsPage, feed: ShelfFeed
) -> None:
    page.turn("warnings")
    tab = page.warnings
    assert [row[0] for row in tab.table.texts.rows] == ["12", "11", "13"]
    assert not tab.right.isEnabled(), "nothing is chosen"
    tab.table.selectRow(2)
    assert not tab.wrong.isEnabled() and "it was right, whatever is said" in tab.told.text()
    tab.table.selectRow(0)
    tab.wrong.click()
    sheet = page.acts.verdict
    assert sheet is not None and sheet.about.text() == tab.told.text()
    sheet.reason.setText("the seal was new")
    sheet.button.click()
    assert page.acts.verdict is None
    assert feed.bodies("verdict") == [
        {"episode": OPEN.id, "is_right": False, "reason": "the seal was new", "by": author()}
    ]
    assert {row[0]: row[6] for row in tab.table.texts.rows}["12"] == "wrong, says a person"
    tab.go.click()
    assert window.place == Place("unit", PRESS.rpartition("/")[0]) or window.place == Place("unit", PRESS)


def test_operator_sees_all_of_it_and_changes_nothing(window: Window, page: ModelsPage) -> None:
    window.set_who(OPERATOR)
    assert page.list.table.texts.rowCount() == 2
    assert not any(button.isEnabled() for button in page.list.buttons.values())
    assert "You see this and change nothing: Your role has not the right" in page.news.text()
    window.set_who(Who(True, True))
    assert page.list.buttons["import"].isEnabled(), "before there are people everybody may"


def test_in_replay_and_while_the_engine_is_silent_nothing_is_changed(
    window: Window, page: ModelsPage
) -> None:
    page.list.buttons["retire"].click()
    page.set_past(True)
    assert not page.acts.sheet.isVisible()
    assert "This is a replay" in page.news.text() and not page.list.buttons["import"].isEnabled()
    page.set_past(False)
    assert not page.news.isVisible() and page.list.buttons["import"].isEnabled()
    window.set_stalled("since 14:13:46: the engine is gone")
    assert page.news.text().startswith("NOT CURRENT") and not page.list.buttons["import"].isEnabled()


def test_first_model_is_taught_and_trouble_is_said(window: Window, page: ModelsPage, feed: ShelfFeed) -> None:
    feed.shelf, feed.episodes = ModelsAnswer(()), ()
    window.set_plant(PROJECT)
    QTest.qWait(1)
    assert "Mark as normal" in page.list.none.text() and page.list.none.isVisible()
    assert not page.list.detail.isVisible() and page.list.buttons["import"].isEnabled()
    page.turn("warnings")
    assert "maintenance list" in page.warnings.none.text() and page.warnings.none.isVisible()
    feed.refusals["models"] = "the registry cannot be read: models.json is damaged"
    page.asking.forget()
    page.asking.ask()
    assert page.waits.isVisible() and "models.json is damaged" in page.waits.text()


def test_rubbish_of_the_engine_is_said_in_words(page: ModelsPage, feed: ShelfFeed) -> None:
    broken: Any = {"models": [{"role": "king"}]}
    feed.shelf = broken
    page.asking.ask()
    assert "another version" in page.waits.text() and page.list.table.texts.rowCount() == 2


def test_nothing_is_asked_while_it_cannot_be_seen(window: Window, page: ModelsPage, feed: ShelfFeed) -> None:
    view_of(window).show_page(0)
    feed.sent.clear()
    page.timer.timeout.emit()
    window.set_plant(PROJECT)
    assert not feed.bodies("models") and not feed.bodies("episodes")
    assert not page.timer.isActive()
    view_of(window).show_page(MODELS)
    assert len(feed.bodies("models")) == len(feed.bodies("episodes")) == 1


def test_words_of_a_hostile_card_are_words(page: ModelsPage, feed: ShelfFeed) -> None:
    nasty = replace(CHAMPION.card, title="<img src=x>", limits=("<b>none</b>",))
    feed.shelf = ModelsAnswer((replace(CHAMPION, card=nasty),))
    page.asking.ask()
    assert "<b>none</b>" in page.list.detail.limits.text()
    tip = page.list.table.texts.data(page.list.table.texts.index(0, 1), Qt.ItemDataRole.ToolTipRole)
    assert "<img" not in tip


CLASSES = (
    ClassHistory("press", 1, 31, 30, has_model=True),
    ClassHistory("pump", 4, 34, 30),
    ClassHistory("motor", 6, 12, 30),
    ClassHistory("robot", 2, 3, 30, has_model=True),
)


def learn(page: ModelsPage, feed: ShelfFeed, **more: Any) -> None:
    """The engine tells of its classes."""
    feed.shelf = replace(feed.shelf, classes=CLASSES, **more)
    page.timer.timeout.emit()
    page.turn("classes")


def test_classes_say_what_there_is_to_learn_from(page: ModelsPage, feed: ShelfFeed) -> None:
    learn(page, feed)
    tab = page.classes
    assert [row[0] for row in tab.table.texts.rows] == ["pump", "motor", "press", "robot"]
    assert tab.table.texts.rows[1] == ("motor", "6", "12 of 30", "not enough history: 12 of 30")
    tab.table.selectRow(1)
    assert "not enough history: 12 of 30" in tab.said.text() and not tab.train.isEnabled()
    tab.table.selectRow(3)
    assert tab.said.text().startswith("robot: has a model.") and "3 are on record" in tab.said.text()


def test_class_without_a_model_is_trained_where_there_is_enough(page: ModelsPage, feed: ShelfFeed) -> None:
    learn(page, feed)
    page.classes.table.selectRow(0)
    page.classes.train.click()
    (body,) = [body for name, body in feed.sent if name == "job"]
    assert body["kind"] == "retrain" and body["body"]["asset_class"] == "pump" and body["body"]["by"]
    assert page.list.progress.isVisible() and not page.classes.train.isEnabled(), "one at a time"


def test_training_is_refused_in_words_where_it_is_not_installed_or_not_allowed(
    window: Window, page: ModelsPage, feed: ShelfFeed
) -> None:
    learn(page, feed, can_train=False)
    page.classes.table.selectRow(0)
    assert "watchroom[train]" in page.classes.said.text() and not page.classes.train.isEnabled()
    learn(page, feed, can_train=True)
    assert page.classes.train.isEnabled()
    window.set_who(OPERATOR)
    assert not page.classes.train.isEnabled()


@pytest.mark.parametrize(("line", "back"), [(0, ""), (1, "14d"), (2, "72h")])
def test_asset_is_held_against_the_normal_that_was_picked(
    page: ModelsPage, feed: ShelfFeed, line: int, back: str
) -> None:
    page.list.buttons["baseline"].click()
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    words = ("the model's own normal", "its own normal of 14 days", "its own normal of 72 h")
    assert [each.text() for each in menu.actions()] == [f"{PRESS} – {word}" for word in words]
    picked = menu.actions()[line]
    menu.close()
    picked.trigger()
    told = page.acts.sheet.said.text()
    assert ("over the last 72 h" in told) == (back == "72h")
    agree(page, "the pump is new")
    tried, sent = feed.bodies("model_change")[-2:]
    assert tried["is_trial"] and not sent.get("is_trial") and sent["reason"] == "the pump is new"
    assert (sent["what"], sent["asset"], sent["window"]) == ("baseline", PRESS, back)


def test_model_of_a_life_shows_nothing_that_only_a_warning_has(page: ModelsPage, feed: ShelfFeed) -> None:
    life = card(id="life", kind="rul", horizon_h=(), tiers={}, evidence={}, what="remaining life in hours")
    feed.shelf = ModelsAnswer((replace(CHAMPION, card=life, rates=(), baselines=()),))
    page.timer.timeout.emit()
    detail = page.list.detail
    assert detail.claims.texts["Kind"] == "Remaining useful life" and "Looks ahead" not in detail.claims.texts
    assert not detail.tiers.isVisible() and "warns nobody" in detail.record_said.text()
