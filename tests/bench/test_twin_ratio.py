"""Half of what G13 promises holds on a busy computer too."""

from __future__ import annotations

from statistics import median
from typing import Any

import pytest

pytestmark = pytest.mark.screen


def test_new_states_reach_a_picture_much_faster_than_with_one_actor_per_asset(qapp: Any) -> None:
    from hmi.theme import load_theme
    from hmi.widgets.scene import looks
    from hmi.widgets.scene.asset_look import Sight
    from hmi.widgets.scene.stage import NoPicture, Stage
    from tests.bench.harness import in_turn
    from tests.bench.one_actor_each import OneActorEach
    from tests.bench.twin import FRAME, GOALS, hall, home_of, spent_ms, states

    count, triangles = 500, 120
    scene, theme = hall(count, triangles), load_theme("light")
    camera = home_of(scene)
    try:
        stage = Stage()
    except NoPicture:
        pytest.skip("no OpenGL here, not even in software")
    other = OneActorEach(scene, camera, FRAME)
    stage.show_scene(scene, theme)
    dresses = iter([looks.dressed(scene, states(scene, k), Sight(), theme) for k in range(12)])
    stage.dress(next(dresses))
    stage.picture(camera, FRAME, False)

    def ours() -> float:
        dress = next(dresses)

        def work() -> None:
            stage.dress(dress)
            stage.picture(camera, FRAME, False)

        return spent_ms(work, 1)[0]

    def theirs() -> float:
        dress = next(dresses)
        return spent_ms(lambda: other.recoloured(dress.colours[looks.TONES.index("body")]), 1)[0]

    theirs()
    found = in_turn({"ours": ours, "theirs": theirs}, 5)
    stage.close()
    other.close()
    assert median(found["theirs"]) / median(found["ours"]) > GOALS[count, triangles] / 2
