"""Figures in words: value, target, deviation, reason; never a plain number from bad inputs."""

from __future__ import annotations

from typing import Any

import pytest

from engine.types import Kpi, KpiRule
from hmi.figure import Figure, as_silent, awaited, figure_of
from hmi.formats import MINUS, NO_VALUE
from tests.hmi.plant import BAD, STALE, UNCERTAIN


def oee(value: float | None = 78.4, status: int = 0, **more: Any) -> Figure:
    """An OEE with a target of 82."""
    facts: dict[str, Any] = {
        "target": 82.0,
        "reason": "S50 stops 14 min",
        "age_s": 0.3,
        "decimals": 1,
        **more,
    }
    made = Kpi(id="oee", title="OEE", unit="%", value=value, status=status, since_us=0, **facts)
    return figure_of(made, "en")


def test_deviation_has_a_sign_and_the_digits_of_the_value() -> None:
    assert oee().deviation == f"{MINUS}3.6"
    assert oee(82.5).deviation == "+0.5"
    assert oee(4.82, target=4.6, decimals=2).deviation == "+0.22"
    assert oee(82.0).deviation == "0.0"


def test_target_shows_digits_only_where_it_has_them() -> None:
    assert oee().target == "target 82"
    assert oee(target=53.1).target == "target 53.1"
    assert oee(target=None).target == "" and oee(target=None).deviation == ""


def test_unknown_value_is_a_dash_with_the_reason() -> None:
    figure = oee(None, reason="no body was counted in the last hour")
    assert (figure.value, figure.deviation) == (NO_VALUE, "")
    assert figure.reason == "no body was counted in the last hour"
    assert figure.kind == "never"


def test_bad_inputs_never_give_a_number() -> None:
    figure = oee(78.4, BAD)
    assert figure.value == NO_VALUE and figure.deviation == "" and figure.kind == "bad"
    assert "78" not in figure.spoken


def test_bad_inputs_without_a_reason_are_still_explained() -> None:
    assert oee(None, BAD, reason="").reason == "bad: sensor failure"
    assert oee(None, reason="").reason == "not known"


@pytest.mark.parametrize(("status", "kind"), [(STALE, "stale"), (UNCERTAIN, "uncertain")])
def test_poor_inputs_are_said_beside_the_number(status: int, kind: str) -> None:
    figure = oee(78.4, status, age_s=185.0)
    assert figure.value == "78.4" and figure.kind == kind and figure.quality.startswith(kind)


def test_figure_of_a_silent_engine_is_old() -> None:
    assert as_silent(oee()).kind == "stale"
    assert "silent" in as_silent(oee()).quality
    assert as_silent(oee(78.4, BAD)).kind == "bad"


def test_figure_not_worked_out_yet_says_so() -> None:
    figure = awaited(KpiRule(id="oee", kind="oee", title="OEE", unit="%"))
    assert (figure.title, figure.value, figure.kind) == ("OEE", NO_VALUE, "never")
    assert figure.reason == "not worked out yet"


def test_whole_figure_is_read_aloud() -> None:
    assert oee().spoken == f"OEE 78.4 %, target 82, {MINUS}3.6, S50 stops 14 min"


def test_number_is_written_as_the_plant_writes_it() -> None:
    assert figure_of(Kpi("e", "E", "kWh", 2, 4.82, 0, 4.6, "", 0, None), "de").value == "4,82"
