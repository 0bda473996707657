"""Cards are read strictly: whatever is missing, unknown or wrong is refused with a sentence that names it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.prediction.card import PackageRefused, is_name, mark_of, read_card
from engine.prediction.features import FEATURES
from engine.typed import from_json
from engine.types import ModelCard
from tests.engine.prediction.packages import card_of

WHERE = Path("models/pump/card.json")


def as_dict(card: ModelCard) -> dict[str, Any]:
    return json.loads(msgspec.json.encode(card))


def refusal(changed: dict[str, Any]) -> str:
    with pytest.raises(PackageRefused) as refused:
        read_card(json.dumps(changed).encode(), WHERE, FEATURES)
    told = str(refused.value)
    assert str(WHERE) in told
    return told


def test_a_whole_card_is_read() -> None:
    card = card_of()
    assert read_card(msgspec.json.encode(card), WHERE, FEATURES) == card


REQUIRED = [field.name for field in msgspec.structs.fields(ModelCard) if field.required]


@pytest.mark.parametrize("name", REQUIRED)
def test_every_field_without_a_default_must_be_there(name: str) -> None:
    changed = as_dict(card_of())
    del changed[name]
    assert f"no field {name!r}" in refusal(changed)


def test_unknown_fields_are_named_also_inside_an_input() -> None:
    assert "a field 'licence'" in refusal({**as_dict(card_of()), "licence": "MIT"})
    inputs = [{"role": "pressure", "unit": "bar", "scale": 2}]
    assert "a field 'scale' in inputs" in refusal({**as_dict(card_of()), "inputs": inputs})


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"features": "windows/9"}, "'features' says 'windows/9'"),
    ({"sha256": "abc"}, "'sha256'"),
    ({"id": "../../etc/cron.d/x"}, "'id' is '../../etc/cron.d/x'"),
    ({"version": "1/2"}, "'version' is '1/2'"),
    ({"version": "con"}, "'version' is 'con'"),
    ({"title": "  "}, "'title' is empty"),
    ({"horizon_h": []}, "'horizon_h'"),
    ({"horizon_h": [48, 24]}, "'horizon_h'"),
    ({"bucket_s": 0}, "'bucket_s'"),
    ({"failures": -1}, "'failures'"),
    ({"tiers": {"watch": 0.8, "act": 0.2}}, "out of order"),
    ({"tiers": {"watch": 0.2}}, "needs 'act'"),
    ({"tiers": {"watch": 0.2, "act": 0.8, "panic": 0.9}}, "'panic'"),
    ({"tiers": {"watch": 0.2, "act": 1.5}}, "needs 'act'"),
    ({"extra": {"tiers": {"early": "often"}}}, "'extra' has 'tiers'"),
    ({"extra": {"tiers": {"late": 0.5}}}, "'extra' has 'tiers'"),
    ({"data": {"origin": "x"}}, "does not say 'licence'"),
    ({"limits": []}, "'limits' is empty"),
    ({"calibration": [[0.2, 0.3], [0.1, 0.4]]}, "'calibration' is out of order"),
    ({"calibration": [[0.2, 1.3]]}, "both are probabilities"),
    ({"normal": {"pressure": [1.0, -1.0]}}, "the second is a spread"),
    ({"ambient": ["outdoor"]}, "'outdoor'"),
    ({"inputs": []}, "'inputs' is empty"),
    ({"inputs": [{"role": "a", "unit": "bar"}, {"role": "a", "unit": "K"}]}, "'a' twice"),
    ({"inputs": [{"role": "a", "unit": "bar\n"}]}, "not written as a unit is"),
    ({"inputs": [{"role": "a", "unit": "bar", "low": 5, "high": 1}]}, "range 5.0 to 1.0"),
    ({"inputs": [{"role": "a", "unit": "bar", "required": False}]}, "none that is required"),
]


@pytest.mark.parametrize(("change", "told"), WRONG, ids=[str(change)[:50] for change, _ in WRONG])
def test_what_a_card_says_wrong_is_named(change: dict[str, Any], told: str) -> None:
    assert told in refusal({**as_dict(card_of()), **change})


def test_golden_rows_must_be_three_and_whole() -> None:
    whole = as_dict(card_of())
    rows = whole["golden"]
    assert "has 2 rows" in refusal({**whole, "golden": rows[:2]})
    short = {"features": rows[0]["features"][:-1], "outputs": [0.5]}
    assert "row 1" in refusal({**whole, "golden": [short, *rows[1:]]})
    for outputs in ([], [None], ["0.5"], [True], "0.5"):
        odd = {"features": rows[0]["features"], "outputs": outputs}
        assert "row 2" in refusal({**whole, "golden": [rows[0], odd, rows[2]]}), outputs


def test_quantiles_must_be_in_order_and_as_many_for_each() -> None:
    whole = as_dict(card_of())
    first, *others = whole["reference"]
    for quantiles, told in (([0.0, 1.0], "same number"), ([1.0, 0.0, 2.0], "not in order")):
        changed = {first: quantiles, **{name: whole["reference"][name] for name in others}}
        assert told in refusal({**whole, "reference": changed})


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b"\xff\xfe", b'{"id": 3}', b"[" * 100_000, b'{"id": NaN}']
)
def test_what_is_no_card_is_refused_whatever_it_is(content: bytes) -> None:
    with pytest.raises(PackageRefused, match=r"card\.json"):
        read_card(content, WHERE, FEATURES)


def test_the_mark_is_of_the_content_and_not_of_how_it_is_written() -> None:
    card = card_of()
    again = from_json(json.dumps(as_dict(card), indent=7), ModelCard)
    assert mark_of(again) == mark_of(card)
    signed = msgspec.structs.replace(card, sha256="1" * 64, approver="A. Engineer")
    assert mark_of(signed) == mark_of(card)
    assert mark_of(msgspec.structs.replace(card, tiers={"watch": 0.2, "act": 0.79})) != mark_of(card)


def test_names_that_lead_out_of_a_folder_are_none() -> None:
    assert is_name("azure-48h") and is_name("2026.11")
    for name in ("", ".", "..", "a/b", "a\\b", "C:x", "A", "nul", "com1.x", "x" * 65, "a.", "ü"):
        assert not is_name(name), name
