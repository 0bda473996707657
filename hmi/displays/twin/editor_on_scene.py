"""What hands on the scene do while it is edited: choose, drag, place, and keys. What is seen stands in
`editor_panel`, pages and saving in `editor`.
"""

from __future__ import annotations

from collections.abc import Callable

from hmi.displays.twin import editor_moves as moves
from hmi.displays.twin import editor_state as state
from hmi.displays.twin.editor_palette import Entry
from hmi.displays.twin.editor_panel import EditorPanel
from hmi.displays.twin.editor_state import Editing
from hmi.formats import t

PAGES = ("add", "part", "motion", "plan")


class EditorOnScene(EditorPanel):
    """The panel with hands: what is pressed, dragged and typed on the scene becomes steps of the session."""

    @property
    def grid_m(self) -> float:
        """What places snap to, in metres."""
        return float(self.grid.picked)

    # Hands on the scene

    def _pressed(self, number: int) -> None:
        """A part of the scene was pressed; -1 = the floor was tapped."""
        self._held, self._grip = -1, None
        if not self.session.is_ready or self._is_aiming:
            return
        editing, pieces = self.session.editing, self.session.editing.drawn.pieces
        is_more = self.several.isChecked() or self.keys.has_several
        if not 0 <= number < len(pieces):
            if number < 0 and not is_more:
                self.session.do(state.chosen(editing, ()))
            return
        self._held = pieces[number].id
        if is_more:
            self.session.do(state.toggled(editing, self._held))
        elif self._held not in editing.chosen:
            self.session.do(state.chosen(editing, [self._held]))
        self._show_part()

    @property
    def _is_aiming(self) -> bool:
        """The next tap is a spot on the floor, whatever stands there."""
        return self._armed is not None or self.plan_page.measure.isChecked()

    def _tapped(self, x: float, y: float) -> None:
        spot = self._scene.ground_at(x, y)
        if spot is None or not self.session.is_ready:
            return
        if self._armed is not None:
            self._place_armed(*spot)
        elif self.plan_page.measure.isChecked():
            self.plan_page.tap(spot)

    def _show_part(self) -> None:
        """What is chosen is on show, unless its motions are."""
        if self.pages.picked in ("add", "plan"):
            self.pages.pick("part")
            self._turn("part")

    def _drag_to(self, x: float, y: float, is_last: bool) -> None:
        """A hand that holds a part is over this spot of the floor; it let go if ``is_last``."""
        editing = self.session.editing
        piece = editing.piece(self._held) if self._held in editing.chosen else None
        if piece is None:
            return
        if self._grip is None:
            # A part is rarely held in its middle: it does not jump there.
            self._grip = piece.part.at[0] - x, piece.part.at[1] - y
        made = moves.dragged(editing, self._held, x + self._grip[0], y + self._grip[1], self.grid_m)
        if is_last:
            self._held, self._grip = -1, None
            self.session.do(made)
            return
        for each in made.chosen_pieces:
            self._scene.move_part(made.number(each.id), each.part.at, each.part.turn)
        self.part_page.show_editing(made)

    def _place_armed(self, x: float, y: float) -> None:
        entry, grid = self._armed, self.grid_m
        if entry is None or not self.session.is_ready:
            return
        parts, editing = entry.parts, self.session.editing
        around = [each.part for each in editing.drawn.pieces]
        solid = [each for each in around if each.shape not in ("floor", "zone", "pipe")]
        spot = (
            moves.snapped(parts[0], x, y, grid, solid)
            if len(parts) == 1
            else (moves.on_grid(x, grid), moves.on_grid(y, grid))
        )
        self.session.do(moves.added(editing, parts, *spot, t("Place")))
        if not self.several.isChecked():
            self._disarm()
            self._show_part()

    def _arm(self, entry: Entry) -> None:
        self._armed = entry
        self._scene.setFocus()
        self._show_words()

    def _disarm(self) -> None:
        self._armed = None
        self.palette_page.disarm()
        self._show_words()

    def _dropped(self, asset: str, number: int) -> None:
        pieces = self.session.editing.drawn.pieces
        if 0 <= number < len(pieces) and asset in self._model.assets:
            chosen = state.chosen(self.session.editing, [pieces[number].id])
            self.session.do(moves.bound(chosen, asset))

    def _nudge(self, x: float, y: float) -> None:
        grid = self.grid_m
        self._act(lambda editing: moves.moved(editing, x * grid, y * grid))

    def _step(self, step: str) -> None:
        if step == "escape":
            self._escape()
        elif step == "enter":
            self._place_ahead()
        elif step in ("next", "previous"):
            self._choose_beside(1 if step == "next" else -1)
        else:
            acts: dict[str, Callable[[Editing], Editing]] = {
                "delete": moves.removed,
                "left": lambda editing: moves.turned(editing, 15.0),
                "right": lambda editing: moves.turned(editing, -15.0),
            }
            self._act(acts[step])

    def _escape(self) -> None:
        if self._armed is not None:
            self._disarm()
        elif self.plan_page.measure.isChecked():
            self.plan_page.measure.setChecked(False)
        else:
            self.session.do(state.chosen(self.session.editing, ()))

    def _place_ahead(self) -> None:
        """By keys: what is armed comes to the middle of what is seen, from where the arrows move it."""
        self._tapped(self._scene.width() / 2, self._scene.height() / 2)

    def _choose_beside(self, by: int) -> None:
        editing = self.session.editing
        pieces = editing.drawn.pieces
        if not pieces:
            return
        last = editing.number(editing.chosen[-1]) if editing.chosen else (-1 if by > 0 else 0)
        self.session.do(state.chosen(editing, [pieces[(last + by) % len(pieces)].id]))
        self._show_part()

    def _choose_all(self) -> None:
        self.session.do(state.chosen(self.session.editing, (x.id for x in self.session.editing.drawn.pieces)))

    # Steps

    def _act(self, act: Callable[[Editing], Editing]) -> None:
        self.session.do(act(self.session.editing))

    def _turn(self, page: str) -> None:
        self.stack.setCurrentIndex(PAGES.index(page))
        if page != "add" and self._armed is not None:
            self._disarm()
        if page != "plan" and self.plan_page.measure.isChecked():
            self.plan_page.measure.setChecked(False)
