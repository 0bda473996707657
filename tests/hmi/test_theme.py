"""Themes: readable text, alarm colours for alarms alone, no white at night."""

from __future__ import annotations

import itertools
import math
import re

import pytest

from engine.paths import resources
from hmi import theme
from hmi.theme import Colours, Theme

LEAST_CONTRAST = 4.5
LEAST_DISTANCE = 18.0
"""CIE76: colours further apart than this are not taken for each other side by side."""


def linear(text: str) -> tuple[float, float, float]:
    """#RRGGBB as linear light (IEC 61966-2-1)."""
    parts = (int(text[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return red, green, blue


def luminance(text: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    red, green, blue = linear(text)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio (WCAG 2.2)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def lab(text: str) -> tuple[float, float, float]:
    """CIE L*a*b* under D65."""
    r, g, b = linear(text)
    x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883
    fx, fy, fz = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@pytest.fixture(params=theme.NAMES)
def look(request: pytest.FixtureRequest) -> Theme:
    """Each theme in turn."""
    return theme.load_theme(request.param)


def test_every_text_can_be_read_on_every_ground_it_is_drawn_on(look: Theme) -> None:
    poor = {
        (ink, ground): round(ratio, 2)
        for ink, ground in theme.TEXT_PAIRS
        if (ratio := contrast(getattr(look.colour, ink), getattr(look.colour, ground))) < LEAST_CONTRAST
    }
    assert not poor


def test_axis_labels_in_the_colour_of_their_pen_can_be_read(look: Theme) -> None:
    assert {
        pen: contrast(pen, look.colour.panel) for pen in look.pens if contrast(pen, look.colour.panel) < 4.5
    } == {}


def test_no_pen_and_no_token_comes_near_an_alarm_colour(look: Theme) -> None:
    tokens = [getattr(look.colour, name) for name in Colours.__struct_fields__]
    near = [
        (used, alarm)
        for used, alarm in itertools.product((*look.pens, *tokens), look.alarms)
        if math.dist(lab(used), lab(alarm)) < LEAST_DISTANCE
    ]
    assert not near


def test_pens_differ_from_each_other(look: Theme) -> None:
    assert len(look.pens) == 8
    assert min(math.dist(lab(a), lab(b)) for a, b in itertools.combinations(look.pens, 2)) > 9


def test_number_inside_every_alarm_shape_can_be_read_in_black_or_white(look: Theme) -> None:
    best = [max(contrast(each, "#000000"), contrast(each, "#FFFFFF")) for each in look.alarms]
    assert min(best) >= LEAST_CONTRAST


def test_tinted_row_is_told_from_its_neighbours(look: Theme) -> None:
    assert math.dist(lab(look.colour.urgent), lab(look.colour.panel)) > 5


def test_alarm_colours_stand_in_no_rule_and_no_code(look: Theme) -> None:
    sheet = theme.style_sheet(look).upper()
    assert [alarm for alarm in look.alarms if alarm.upper() in sheet] == []


def test_no_code_writes_a_colour_of_its_own() -> None:
    folder = resources().parent / "hmi"
    literal = re.compile(r"#[0-9A-Fa-f]{6}\b")
    found = [path.name for path in folder.rglob("*.py") if literal.search(path.read_text(encoding="utf-8"))]
    assert found == []


def test_night_has_nothing_white() -> None:
    night = theme.load_theme("dark").colour
    grounds = ("background", "panel", "rail", "tile", "control", "bar", "selected", "urgent", "stalled")
    assert max(luminance(getattr(night, name)) for name in grounds) < 0.5
    assert max(luminance(getattr(night, name)) for name in grounds[:-1]) < 0.06


def test_theme_key_steps_through_all_and_comes_back() -> None:
    names = [theme.NAMES[0]]
    for _ in theme.NAMES:
        names.append(theme.next_name(names[-1]))
    assert set(names) == set(theme.NAMES) and names[0] == names[-1]


def test_larger_type_scales_every_size() -> None:
    look = theme.load_theme("light")
    larger = theme.scaled(look, 1.5)
    assert larger.size.body == round(look.size.body * 1.5)
    assert larger.size.target == 60
    assert larger.colour == look.colour


@pytest.mark.screen
def test_bundled_type_is_used_with_tabular_figures() -> None:
    from PySide6.QtGui import QFontInfo, QFontMetricsF

    assert "Inter" in theme.load_fonts()
    made = theme.font(theme.load_theme("light"), 15)
    assert QFontInfo(made).family() == "Inter"
    metrics = QFontMetricsF(made)
    assert len({round(metrics.horizontalAdvance(digit * 8), 2) for digit in "0123456789"}) == 1
