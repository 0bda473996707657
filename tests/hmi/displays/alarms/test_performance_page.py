"""The Performance page before an engine that answers by script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from hmi.displays.display import Place
from tests.hmi.conftest import collect
from tests.hmi.displays.alarms.performance_hands import key, shown, tap, wait
from tests.hmi.displays.alarms.performing import DAY, HOUR, MODEL, TAGS, Engine
from tests.hmi.plant import NOW_US

if TYPE_CHECKING:
    from hmi.displays.alarms.performance.page import PerformancePage

pytestmark = pytest.mark.screen


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def went() -> list[Place]:
    return []


@pytest.fixture
def page(qapp: Any, engine: Engine, went: list[Place]) -> Iterator[PerformancePage]:
    with shown(qapp, engine, went) as made:
        yield made


def test_a_hidden_page_asks_for_nothing(qapp: Any, engine: Engine, went: list[Place]) -> None:
    from PySide6.QtWidgets import QWidget

    from hmi.displays.alarms.performance.page import PerformancePage
    from hmi.theme import load_theme

    window = QWidget()
    made = PerformancePage(load_theme("light"), engine, went.append, window)
    made.set_plant(MODEL)
    made.set_stalled(True)
    made.set_stalled(False)
    made.show_path("Body shop")
    made.set_past(NOW_US - DAY)
    assert engine.asked_of == []
    window.deleteLater()
    collect()


def test_the_figures_come_when_the_page_is_shown_and_again_by_refresh(
    page: PerformancePage, engine: Engine
) -> None:
    assert len(engine.asked_of) == 1
    assert engine.asked_of[0]["end_us"] == NOW_US
    assert 30 * DAY <= NOW_US - engine.asked_of[0]["start_us"] < 31 * DAY, "the shortest time that is judged"
    assert page.summary.text().startswith("30.6 days of data: ")
    engine.now = NOW_US + HOUR
    tap(page.bar.refresh)
    assert engine.asked_of[1]["end_us"] == NOW_US + HOUR
    assert page.bar.since.text() == "As of 15:13:46"
    page.hide()
    page.show()
    assert len(engine.asked_of) == 3


def test_f5_refreshes(page: PerformancePage, engine: Engine) -> None:
    key(page.bar.span.buttons["30d"], "F5")
    assert len(engine.asked_of) == 2


def test_every_span_asks_for_its_own_time(page: PerformancePage, engine: Engine) -> None:
    for name, days in (("24h", 1), ("7d", 7), ("90d", 90)):
        tap(page.bar.span.buttons[name])
        assert days * DAY <= NOW_US - engine.asked_of[-1]["start_us"] < (days + 1) * DAY + HOUR
        assert page.bar.span.picked == name
    assert page.judged.text().startswith("EEMUA 191")
    tap(page.bar.span.buttons["24h"])
    assert page.judged.text() == "Choose 30 days or more to have them judged."


def test_a_time_of_ones_own_is_asked_on_a_sheet(page: PerformancePage, engine: Engine) -> None:
    tap(page.bar.span.buttons["own"])
    assert page.sheet.isVisible()
    page.sheet.start.setText("tomorrow")
    tap(page.sheet.show_button)
    assert page.sheet.isVisible()
    assert "2026-11-21 13:02" in page.sheet.said.text()
    page.sheet.start.setText("2026-11-01 00:00")
    page.sheet.end.setText("2026-11-08 00:00")
    key(page.sheet.end, "Return")
    assert not page.sheet.isVisible()
    assert engine.asked_of[-1]["end_us"] - engine.asked_of[-1]["start_us"] == 7 * DAY
    assert page.bar.span.picked == "own"


def test_a_time_that_was_given_up_leaves_the_choice_as_it_was(page: PerformancePage, engine: Engine) -> None:
    tap(page.bar.span.buttons["own"])
    key(page.sheet.start, "Escape")
    assert not page.sheet.isVisible()
    assert page.bar.span.picked == "30d"
    assert len(engine.asked_of) == 1


def test_an_area_is_chosen_from_its_menu_or_by_the_display(page: PerformancePage, engine: Engine) -> None:
    menus = [action.text() for action in page.bar.area.menu().actions()]
    assert menus == ["Whole plant", "Body shop", "Utilities"]
    under = page.bar.area.menu().actions()[1].menu()
    assert [action.text() for action in under.actions()] == ["All of Body shop", "S10", "S50"]
    under.actions()[2].trigger()
    assert engine.asked_of[-1]["under"] == "Body shop/S50"
    assert page.bar.area.text() == "S50"
    page.show_path("Body shop/S10/Press")
    assert engine.asked_of[-1]["under"] == "Body shop/S10/Press"
    page.bar.area.menu().actions()[0].trigger()
    assert (engine.asked_of[-1]["under"], page.bar.area.text()) == ("", "Whole plant")


def test_below_thirty_days_of_data_nothing_is_called_good_or_bad(
    page: PerformancePage, engine: Engine
) -> None:
    engine.began_us = NOW_US - 12 * DAY
    tap(page.bar.refresh)
    assert page.summary.text() == "12 days of data: below 30 days no figure is called good or bad."
    assert page.judged.text() == "They will be judged from 10 Dec 2026 on, if the engine runs until then."
    for name in ("rates", "split"):
        texts = page.blocks.tables[name].table.texts.rows
        assert {row[-1] for row in texts} <= {"not judged yet", "not known"}
        assert all(row[1] for row in texts), "the figures are shown all the same"


def test_a_long_question_says_that_it_is_at_work_and_the_newest_answer_counts(
    page: PerformancePage, engine: Engine
) -> None:
    engine.waits = True
    tap(page.bar.refresh)
    assert page.bar.since.text() == "Working the figures out… As of 14:13:46."
    assert not page.bar.refresh.isEnabled()
    tap(page.bar.span.buttons["7d"])
    tap(page.bar.span.buttons["90d"])
    engine.tell()
    engine.tell()
    assert page.asking.is_busy, "those two are of no interest any more"
    engine.tell()
    assert not page.asking.is_busy
    assert page.figures is not None
    assert page.figures.metrics.end_us - page.figures.metrics.start_us > 89 * DAY
    assert page.bar.refresh.isEnabled()


def test_figures_of_another_question_do_not_stay_for_long(page: PerformancePage, engine: Engine) -> None:
    engine.waits = True
    tap(page.bar.span.buttons["7d"])
    assert page.figures is not None
    assert page.blocks.strip.is_old, "grey until the answer is there"
    wait(5, lambda: page.figures is None)
    assert not page.blocks.isVisible()
    assert page.news.text() == "Working out how the alarms of this time performed…"
    engine.tell()
    assert page.blocks.isVisible()
    assert not page.news.isVisible()
    assert not page.blocks.strip.is_old


def test_a_refusal_is_told_and_the_figures_stay_with_their_time(
    page: PerformancePage, engine: Engine
) -> None:
    engine.refusal = "the journal cannot be read"
    engine.now = NOW_US + 7 * 60_000_000
    tap(page.bar.refresh)
    assert page.news.text() == "The figures did not come: The journal cannot be read."
    assert page.bar.since.text() == "As of 14:13:46, 7 min ago"
    assert not page.asking.is_other, "these are still what was asked for"
    engine.refusal = ""
    tap(page.bar.refresh)
    assert not page.news.isVisible()


def test_a_refusal_of_another_question_leaves_no_figures_of_the_old_one(
    page: PerformancePage, engine: Engine
) -> None:
    engine.refusal = "the journal cannot be read"
    tap(page.bar.span.buttons["7d"])
    assert page.figures is None
    assert not page.blocks.isVisible()
    assert not page.bar.save.isEnabled()
    assert page.news.isVisible()


def test_a_stalled_engine_leaves_the_figures_grey_with_their_time(
    page: PerformancePage, engine: Engine
) -> None:
    page.set_stalled(True)
    assert page.bar.since.text() == "The engine does not answer. As of 14:13:46."
    assert not page.bar.refresh.isEnabled()
    assert page.blocks.strip.is_old
    assert page.summary.property("look") == "muted"
    key(page, "F5")
    assert len(engine.asked_of) == 1
    page.set_stalled(False)
    assert len(engine.asked_of) == 2
    assert page.summary.property("look") == ""


def test_an_answer_that_never_came_does_not_block_the_page(page: PerformancePage, engine: Engine) -> None:
    engine.waits = True
    tap(page.bar.refresh)
    page.set_stalled(True)
    assert not page.asking.is_busy
    engine.waits = False
    page.set_stalled(False)
    assert page.bar.since.text() == "As of 14:13:46"
    assert len(engine.waiting) == 1, "the lost one"


def test_a_replay_shows_the_figures_of_then(page: PerformancePage, engine: Engine) -> None:
    page.set_past(NOW_US - 3 * DAY)
    assert engine.asked_of[-1]["end_us"] == NOW_US - 3 * DAY
    page.set_past(None)
    assert engine.asked_of[-1]["end_us"] == NOW_US


def test_another_plant_takes_the_figures_away_and_an_unknown_area_with_them(
    page: PerformancePage, engine: Engine
) -> None:
    from engine.types import Plant, Project
    from hmi.model import build

    page.show_path("Utilities/Air")
    page.set_plant(build(Project("", Plant(name="Other", timezone="UTC"), (), TAGS[:1])))
    assert engine.asked_of[-1]["under"] == ""
    assert page.figures is not None
    assert page.figures.zone == "UTC"
