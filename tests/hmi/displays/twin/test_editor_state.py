"""Editing a scene: every step goes back exactly, snapping stays within reach, and words tell what changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.types import Motion, Part, Plan
from hmi.displays.twin import editor_draft as drafts
from hmi.displays.twin import editor_moves as moves
from hmi.displays.twin.editor_state import (
    Drawn,
    Editing,
    begin,
    changed,
    chosen,
    home_of,
    rebased,
    redo,
    saved,
    toggled,
    undo,
)
from hmi.displays.twin.editor_words import difference, name_of, parts_of, words_of

METRES = st.integers(-3000, 3000).map(lambda cm: cm / 100)
BASE = (
    Part("robot", asset="L/S1/Robot 1", at=(0.0, 0.0, 0.0), came_from="line.toml"),
    Part("press", asset="L/S2", at=(5.0, 0.0, 0.0), came_from="line.toml"),
    Part("tank", at=(9.0, 4.0, 0.0), came_from="utilities.toml", locked=True),
)
PLAN = Plan("hall.png", at=(-10.0, -5.0), width=40.0)


def start() -> Editing:
    return begin(BASE, PLAN)


def at(x: float, y: float, part: Part = BASE[0]) -> Part:
    return msgspec.structs.replace(part, at=(x, y, 0.0))


ACTS = st.one_of(
    st.tuples(st.just("choose"), st.lists(st.integers(0, 12), max_size=4)),
    st.tuples(st.just("toggle"), st.integers(0, 12)),
    st.tuples(st.just("move"), st.tuples(METRES, METRES)),
    st.tuples(st.just("drag"), st.tuples(st.integers(0, 12), METRES, METRES, st.sampled_from(moves.GRIDS))),
    st.tuples(st.just("add"), st.tuples(METRES, METRES)),
    st.tuples(st.just("turn"), st.sampled_from([-90.0, -15.0, 15.0, 90.0])),
    st.tuples(st.just("size"), st.tuples(st.integers(0, 2), METRES)),
    st.tuples(st.just("align"), st.tuples(st.sampled_from("xy"), st.sampled_from(["low", "middle", "high"]))),
    st.tuples(st.just("distribute"), st.sampled_from("xy")),
    st.tuples(st.just("measure"), st.tuples(METRES, METRES)),
    st.sampled_from([("double", None), ("delete", None), ("lock", True), ("lock", False), ("bind", "L/S9")]),
)


def acted(editing: Editing, act: tuple[str, Any]) -> Editing:
    kind, what = act
    does: dict[str, Any] = {
        "choose": lambda: chosen(editing, what),
        "toggle": lambda: toggled(editing, what),
        "move": lambda: moves.moved(editing, *what),
        "drag": lambda: moves.dragged(editing, *what),
        "add": lambda: moves.added(editing, [Part("box"), Part("pump", at=(2, 0, 0))], *what, "Place"),
        "turn": lambda: moves.turned(editing, what),
        "size": lambda: moves.set_size(editing, *what),
        "align": lambda: moves.aligned(editing, *what),
        "distribute": lambda: moves.distributed(editing, what),
        "measure": lambda: moves.measured(editing, (0.0, 0.0), what, 7.0),
        "double": lambda: moves.duplicated(editing, 0.5),
        "delete": lambda: moves.removed(editing),
        "lock": lambda: moves.locked(editing, what),
        "bind": lambda: moves.bound(editing, what),
    }
    return does[kind]()


@settings(max_examples=150, deadline=None)
@given(st.lists(ACTS, max_size=25))
def test_undoing_any_sequence_restores_exactly_and_redoing_it_too(acts: list[tuple[str, Any]]) -> None:
    editing = start()
    seen: list[Drawn] = [editing.drawn]
    for act in acts:
        before = len(editing.done)
        editing = acted(editing, act)
        if len(editing.done) > before:
            seen.append(editing.drawn)
    last = editing.drawn
    for drawn in reversed(seen[:-1]):
        editing = undo(editing)
        assert editing.drawn == drawn
    assert editing.drawn == start().drawn
    assert not editing.is_changed
    assert undo(editing) is editing
    while editing.undone:
        editing = redo(editing)
    assert editing.drawn == last
    assert redo(editing) is editing


@settings(max_examples=100, deadline=None)
@given(st.lists(ACTS, max_size=25))
def test_pieces_keep_their_own_ids_and_files_stand_one_behind_the_other(acts: list[tuple[str, Any]]) -> None:
    editing = start()
    for act in acts:
        editing = acted(editing, act)
        ids = [each.id for each in editing.drawn.pieces]
        assert len(set(ids)) == len(ids)
        assert set(editing.chosen) <= set(ids)
        files = [each.part.came_from for each in editing.drawn.pieces]
        assert files == sorted(files)
        for each in editing.drawn.pieces:
            assert all(round(value, 2) == value for value in each.part.at)
            assert 0 <= each.part.turn < 360


@settings(max_examples=100, deadline=None)
@given(METRES, METRES, st.sampled_from(moves.GRIDS), st.lists(st.tuples(METRES, METRES), max_size=5))
def test_snapping_goes_to_the_grid_or_to_an_edge_within_reach(
    x: float, y: float, grid: float, others: list[tuple[float, float]]
) -> None:
    part, around = BASE[0], [at(*each) for each in others]
    to_x, to_y = moves.snapped(part, x, y, grid, around)
    reach = max(grid / 2, moves.REACH_M) + 0.0051
    assert abs(to_x - x) <= reach and abs(to_y - y) <= reach
    foot = moves.foot_of(at(to_x, to_y))
    on_x = abs(to_x - round(to_x / grid) * grid) < 0.006
    edges = [edge for each in around for edge in (moves.foot_of(each).left, moves.foot_of(each).right)]
    assert on_x or any(abs(own - edge) < 0.006 for own in (foot.left, foot.right) for edge in edges)


def test_a_part_dragged_beside_another_stands_edge_to_edge() -> None:
    other = at(0.0, 0.0)
    foot = moves.foot_of(other)
    wide = foot.right - foot.left
    assert moves.snapped(BASE[0], wide + 0.13, 0.02, 0.5, [other]) == (wide, 0.0)


def test_what_is_locked_is_neither_moved_nor_deleted() -> None:
    editing = chosen(start(), [0, 2])
    editing = moves.removed(moves.moved(editing, 1.0, 1.0))
    assert [each.part.shape for each in editing.drawn.pieces] == ["press", "tank"]
    assert editing.drawn.pieces[1].part == BASE[2]
    freed = moves.locked(chosen(editing, [2]), False)
    assert moves.removed(freed).drawn.parts == (BASE[1],)


def test_the_others_keep_their_distance_when_one_of_them_is_dragged() -> None:
    editing = chosen(start(), [0, 1])
    editing = moves.dragged(editing, 0, 20.13, 0.04, 0.5)
    assert [each.at for each in editing.drawn.parts[:2]] == [(20.0, 0.0, 0.0), (25.0, 0.0, 0.0)]


def test_aligning_goes_by_the_one_chosen_last() -> None:
    editing = moves.aligned(chosen(start(), [0, 1]), "x", "middle")
    assert [each.at[0] for each in editing.drawn.parts[:2]] == [5.0, 5.0]
    editing = moves.aligned(chosen(start(), [1, 0]), "x", "low")
    robot, press = (moves.foot_of(each) for each in editing.drawn.parts[:2])
    assert press.left == pytest.approx(robot.left, abs=0.006)


def test_distributing_keeps_the_outermost() -> None:
    parts = [at(x, 0.0) for x in (0.0, 1.0, 10.0)]
    editing = moves.distributed(chosen(begin(parts, None), [2, 0, 1]), "x")
    assert [each.at[0] for each in editing.drawn.parts] == [0.0, 5.0, 10.0]


def test_words_say_what_changes_in_which_file() -> None:
    editing = moves.moved(chosen(start(), [0, 1]), 1.0, 0.0)
    editing = moves.added(editing, [Part("box")], 1.0, 1.0, "Place")
    editing = moves.bound(editing, "L/S3")
    assert words_of(difference(editing.base, editing.drawn)) == "2 parts moved, 1 added in line.toml"
    editing = moves.removed(moves.locked(chosen(editing, [2]), False))
    editing = changed(editing, "Plan", Drawn(editing.drawn.pieces, None))
    assert words_of(difference(editing.base, editing.drawn)) == (
        "2 parts moved, 1 added in line.toml; 1 part removed in utilities.toml; the floor plan in views.toml"
    )
    assert difference(start().base, start().drawn) == ()


def test_a_project_without_a_scene_begins_with_what_is_laid_out_and_has_it_to_save() -> None:
    editing = begin((), None, [at(0, 0), at(3, 0)])
    assert not editing.done
    assert words_of(difference(editing.base, editing.drawn)) == "2 parts added in line.toml"
    editing = saved(editing, "line.toml")
    assert not editing.is_changed


def test_saving_one_file_leaves_the_changes_of_another() -> None:
    editing = moves.moved(chosen(start(), [0]), 1.0, 0.0)
    editing = moves.locked(chosen(editing, [2]), False)
    editing = saved(editing, "line.toml")
    assert [each.file for each in difference(editing.base, editing.drawn)] == ["utilities.toml"]
    assert undo(undo(editing)).drawn == start().drawn
    assert undo(undo(editing)).is_changed


def test_theirs_can_be_taken_and_mine_come_back_by_undo() -> None:
    editing = moves.moved(chosen(start(), [0]), 1.0, 0.0)
    mine, theirs = editing.drawn, (BASE[1],)
    taken = rebased(editing, theirs, PLAN, "Take theirs", take=True)
    assert taken.drawn.parts == theirs
    assert not taken.is_changed
    assert undo(taken).drawn == mine
    assert undo(taken).is_changed
    kept = rebased(editing, theirs, PLAN, "", take=False)
    assert kept.drawn == mine
    assert parts_of(kept.drawn, "line.toml") == mine.parts[:2]


def test_new_parts_go_where_the_chosen_one_is_written() -> None:
    assert home_of(start()) == "line.toml"
    assert home_of(chosen(start(), [2])) == "utilities.toml"
    assert home_of(begin((), None)) == "line.toml"


def test_two_taps_and_a_distance_give_the_plan_its_width() -> None:
    editing = moves.measured(start(), (0.0, 0.0), (8.0, 0.0), 10.0)
    assert editing.drawn.plan == Plan("hall.png", at=(-12.5, -6.25), width=50.0)
    assert moves.measured(start(), (1.0, 1.0), (1.0, 1.0), 10.0) == start()


def test_motions_are_added_changed_and_taken_away() -> None:
    motion = Motion("Angle", "turn", "axis 1")
    editing = moves.with_motion(chosen(start(), [0]), 0, motion)
    other = msgspec.structs.replace(motion, joint="axis 2")
    editing = moves.with_motion(moves.with_motion(editing, 1, other), 0, None)
    assert editing.drawn.parts[0].motions == (other,)


def test_a_draft_comes_back_as_it_was(tmp_path: Path) -> None:
    editing = moves.moved(chosen(start(), [0]), 1.0, 0.0)
    file = tmp_path / "new" / "draft.json"
    assert drafts.kept(file) is None
    assert drafts.keep(file, drafts.content_of(drafts.draft_of(editing, {"line.toml": "a"}, 5))) == ""
    draft = drafts.kept(file)
    assert draft is not None and draft.marks == {"line.toml": "a"}
    again = drafts.editing_of(draft)
    assert (again.base, again.drawn) == (editing.base, editing.drawn)
    assert moves.duplicated(chosen(again, [0]), 0.5).next_id == editing.next_id + 1
    drafts.forget(file)
    assert drafts.kept(file) is None
    file.write_bytes(b"{ half")
    assert drafts.kept(file) is None
    assert "cannot be written" in drafts.keep(tmp_path / "new", b"x") or drafts.keep(file / "x", b"") != ""


def test_names_of_parts_are_short() -> None:
    assert name_of(BASE[0]) == "S1 · Robot 1"
    assert name_of(BASE[2]) == "Tank"
    assert name_of(Part("model", file="cell/press.glb")) == "press.glb"
