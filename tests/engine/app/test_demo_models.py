"""A demo comes with the shipped models of its assets; what a person decided about them stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import paths
from engine.app.demo_models import add_models
from engine.app.model_record import PRODUCT, Approvals, of_the_product, open_registry
from engine.clock import SystemClock
from engine.prediction.package import Package, read_package
from engine.prediction.registry import Registry

SHIPPED = paths.resources() / "models" / "azure-pdm-48h"


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    (tmp_path / "types").mkdir()
    name = read_package(SHIPPED).card.asset_class
    (tmp_path / "types" / f"{name}.toml").write_text('title = "Machine"\n')
    return tmp_path


def registry(folder: Path) -> Registry:
    return open_registry(folder, SystemClock(), Approvals(folder / "no ledger"))


def test_the_shipped_model_speaks_as_good_as_the_products_own_code(demo: Path) -> None:
    assert any(each.startswith("azure-pdm-48h ") for each in add_models(demo))
    state = next(each for each in registry(demo).states() if each.card.id == "azure-pdm-48h")
    assert (state.role, state.by, state.signed) == ("champion", PRODUCT, True)
    model = registry(demo).open(state.card.id, state.card.version)
    assert isinstance(model, Package)
    told = of_the_product(registry(demo), Approvals(demo / "no ledger"), 7)
    assert {each.sha256 for each in told} == {each.card.sha256 for each in registry(demo).states()}


def test_what_a_person_decided_stays(demo: Path) -> None:
    add_models(demo)
    before = registry(demo)
    state = before.states()[0]
    before.carry_out(before.moving(state.card.id, state.card.version, "retired", "Ada", "too many warnings"))
    assert add_models(demo) == ()
    after = {(each.card.id, each.card.version): each.role for each in registry(demo).states()}
    assert after[state.card.id, state.card.version] == "retired"


def test_a_demo_without_such_assets_gets_none(tmp_path: Path) -> None:
    assert add_models(tmp_path) == () and registry(tmp_path).states() == ()


def test_one_changed_by_a_bit_is_not_the_shipped_one(demo: Path) -> None:
    add_models(demo)
    state = registry(demo).states()[0]
    file = demo / "data" / "models" / "packages" / state.card.id / state.card.version / "model.onnx"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    refused = next(each for each in registry(demo).states() if each.card.id == state.card.id)
    assert refused.role == "refused" and "not the file" in refused.why
