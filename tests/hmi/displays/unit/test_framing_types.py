"""The asset types of the framing line fit its tags: every unit, utility and device looks like what it is."""

from __future__ import annotations

import pytest

from engine.types import quality_word
from hmi.displays.unit import state, words
from hmi.model import Model, build, main_of, tag_at
from tests.hmi import framing


@pytest.fixture(scope="module")
def line() -> Model:
    """The framing line as the window knows it."""
    return build(framing.project())


def test_the_line_has_eight_units_and_four_utilities(line: Model) -> None:
    assert [path.split("/")[1].split()[0] for path in line.units] == [f"S{n}0" for n in range(1, 9)]
    assert [path.split("/")[1] for path in line.utilities] == [
        "Compressed air",
        "Cooling water",
        "Power",
        "Hydraulic oil",
    ]


def test_every_asset_but_areas_and_folders_of_interlocks_has_a_type_with_a_main_value(line: Model) -> None:
    plain = [
        path
        for path, asset in line.assets.items()
        if asset.level != "area" and asset.name != "Interlocks" and asset.below
        if not asset.type.id or tag_at(line, asset, asset.type.main) is None
    ]
    assert plain == []


def test_every_unit_shows_six_interlocks_or_more_its_mode_step_body_and_trend(line: Model) -> None:
    now = framing.snapshot("normal")
    for path in line.units:
        shown = state.arrange(line, path)
        assert shown is not None
        assert len(shown.checks) == (9 if "S50" in path else 6), path
        assert words.headline(line, now, shown).text.startswith("auto · "), path
        assert len(shown.trend) >= 2, path


def test_robot_cells_show_four_robots_with_what_wears_out_first(line: Model) -> None:
    for unit in ("S30 Spot weld A", "S40 Spot weld B", "S60 Respot"):
        shown = state.arrange(line, f"Framing line 3/{unit}")
        assert shown is not None
        large = [each for each in shown.devices if not each.is_minor]
        assert [each.name for each in large] == [f"Robot {n}" for n in range(1, 5)]
        first = [line.tags[at].path.rpartition("/")[2] for at in large[0].lines[:3]]
        assert first == ["Tip wear", "Electrode force", "Axis 4 temperature"]


def test_every_symbol_of_types_and_drawings_is_one_that_is_drawn(line: Model) -> None:
    from hmi.widgets.equipment import EQUIPMENT

    named = {asset.type.symbol for asset in line.assets.values() if asset.type.symbol}
    named |= {each.symbol for mimic in line.mimics.values() for each in mimic.symbols}
    assert named <= set(EQUIPMENT)


def test_normal_band_lies_in_the_range_and_holds_what_the_calm_line_does(line: Model) -> None:
    now = framing.snapshot("normal")
    outside: list[str] = []
    for path, asset in line.assets.items():
        at = main_of(line, asset)
        if asset.type.nominal is None or at is None:
            continue
        low, high = asset.type.nominal
        tag, value = line.tags[at], float(now.value[at])
        assert tag.low is not None and tag.high is not None and tag.low <= low < high <= tag.high, path
        if quality_word(int(now.status[at])) == "good" and not low <= value <= high:
            outside.append(f"{path}: {value:.1f} is not in {low:g}…{high:g}")
    assert outside == []
