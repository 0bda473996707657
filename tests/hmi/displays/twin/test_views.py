"""Saved views: kept in the project by who may, else on this station, and told so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from engine.typed import convert
from engine.types import Cut, SavedView
from engine.wire import SceneChangeBody
from hmi.displays.twin.views import Listed, SavedViews, free_name, renamed, with_view, without

PRESS = SavedView("Press", (1.0, 2.0, 3.0), 20.0, -90.0, 30.0, cut=Cut("x", 2.0))
LINE = SavedView("Line", (0.0, 0.0, 1.0), 40.0, -100.0, 25.0)
NO_RIGHT = "Your role has not the right “configure”."


class Engine:
    """scene/views.toml of an engine; answers at once or when told to."""

    def __init__(self, *views: SavedView) -> None:
        self.views, self.mark, self.problems = views, 1, list[dict[str, Any]]()
        self.bodies: list[dict[str, Any]] = []
        self.silent = ""

    def submit(
        self, name: str, body: dict[str, Any], on_done: Callable[[Any], None], on_error: Callable[[str], None]
    ) -> None:
        if self.silent:
            on_error(self.silent)
        elif name == "scene":
            on_done({"views": msgspec.to_builtins(self.views), "views_mark": str(self.mark), "plan": None})
        else:
            asked = convert(body, SceneChangeBody)
            assert name == "scene_change" and asked.mark == str(self.mark)
            assert asked.by and asked.reason, "else the engine refuses: it goes on record"
            self.bodies.append(body)
            if not self.problems:
                self.views = convert(body["views"], tuple[SavedView, ...])
                self.mark += 1
            on_done({"mark": str(self.mark), "problems": self.problems})


def test_a_view_of_the_same_name_takes_the_place_of_the_other() -> None:
    again = msgspec.structs.replace(PRESS, distance=5.0)
    assert with_view((PRESS, LINE), again) == (again, LINE)
    assert without((PRESS, LINE), "Press") == (LINE,)
    assert [each.name for each in renamed((PRESS, LINE), "Press", "Line")] == ["Line"]
    assert renamed((PRESS, LINE), "Press", "Press") == (PRESS, LINE)


def test_a_free_name_is_one_that_nobody_has() -> None:
    assert free_name(()) == "View 1"
    assert free_name([Listed(msgspec.structs.replace(LINE, name="View 1"), True)]) == "View 2"


def test_who_may_configure_saves_into_the_project() -> None:
    engine = Engine(LINE)
    views = SavedViews(engine)
    views.take_project((LINE,))
    views.keep(PRESS)
    assert engine.views == (LINE, PRESS) and views.project == (LINE, PRESS) and views.own == ()
    assert engine.bodies[0]["file"] == "views.toml" and "saved in the project" in views.told


def test_what_others_saved_meanwhile_stays() -> None:
    engine = Engine(LINE)
    views = SavedViews(engine)
    views.keep(PRESS)
    assert engine.views == (LINE, PRESS), "the station had not heard of Line"


def test_who_may_not_keeps_it_on_this_station_and_is_told() -> None:
    engine = Engine(LINE)
    views = SavedViews(engine)
    views.take_project((LINE,))
    views.why_not = NO_RIGHT
    views.keep(PRESS)
    assert engine.bodies == [] and views.own == (PRESS,)
    assert [(each.view.name, each.is_own) for each in views.listed] == [("Line", False), ("Press", True)]
    assert "this station only" in views.told and NO_RIGHT in views.told
    assert views.may_change(views.listed[0]) == NO_RIGHT and views.may_change(views.listed[1]) == ""


def test_rename_and_remove_are_taken_back_by_undo() -> None:
    engine = Engine(PRESS, LINE)
    views = SavedViews(engine)
    views.take_project((PRESS, LINE))
    views.rename(views.listed[0], "Roof press")
    assert [each.name for each in engine.views] == ["Roof press", "Line"] and views.can_undo
    views.undo()
    assert engine.views == (PRESS, LINE) and not views.can_undo
    views.remove(views.listed[0])
    assert engine.views == (LINE,)
    views.undo()
    assert engine.views == (PRESS, LINE)


def test_what_the_engine_refuses_is_said_and_changes_nothing() -> None:
    engine = Engine(LINE)
    views = SavedViews(engine)
    views.take_project((LINE,))
    engine.problems = [{"severity": "error", "message": "scene/views.toml changed meanwhile"}]
    views.keep(PRESS)
    assert views.project == (LINE,) and "changed meanwhile" in views.told and not views.can_undo
    engine.silent = "the engine does not answer"
    views.keep(PRESS)
    assert views.told == "Not saved in the project: The engine does not answer." and not views.is_asking


def test_an_answer_that_makes_no_sense_is_said() -> None:
    class Odd(Engine):
        def submit(self, name: str, body: Any, on_done: Callable[[Any], None], on_error: Any) -> None:
            on_done({"views": 7})

    views = SavedViews(Odd())
    views.keep(PRESS)
    assert "not understood" in views.told and views.project == ()


def test_a_station_remembers_its_own_views() -> None:
    views = SavedViews(Engine())
    views.why_not = NO_RIGHT
    views.keep(PRESS)
    again = SavedViews(Engine())
    again.remember(views.remembered())
    assert again.own == (PRESS,)
    with pytest.raises(ValueError, match="Expected"):
        again.remember([{"name": 3}])


def test_listeners_hear_of_every_change() -> None:
    views, heard = SavedViews(Engine()), list[str]()
    views.listeners.append(lambda: heard.append(views.told))
    views.keep(LINE)
    assert heard == ["Saving…", "“Line” is saved in the project."]
